"""The QR code of a label: error correction H, a quiet zone of 4 modules, modules of at least 0.4 mm.

    qr = symbol("https://custody.example/b/B1", side=43.0)
    qr.modules, round(qr.module, 2)         # (33, 1.05)

H repairs about 30 % of the symbol (ISO/IEC 18004). Phones of every sort read modules of 0.4 mm at arm's length;
printers of 203 dpi draw one with three dots.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import segno
from segno import DataOverflowError

from ledger.errors import UsageError

QUIET = 4
"""Modules that stay white around the symbol (ISO/IEC 18004 section 5.3.8)."""
SMALLEST = 0.4
"""mm of a module."""
SHARE = 0.48
"""Of the width of a label, at most, for the code with its quiet zone."""


class Symbol(NamedTuple):
    """Rows of dark (1) and light (0) modules, without the quiet zone; the side of a module in mm."""

    rows: tuple[bytes, ...]
    module: float

    @property
    def modules(self) -> int:
        return len(self.rows)


def symbol(text: str, *, side: float) -> Symbol:
    """The QR code of a text in a white square of `side` mm. Raises: UsageError when its modules become too small."""
    try:
        made = segno.make_qr(text, error="h", boost_error=False)
    except DataOverflowError as error:
        raise UsageError(
            "an address of {count} characters is too long for a QR code: shorten --base",
            count=len(text),
            field="--base",
        ) from error
    rows = tuple(bytes(row) for row in made.matrix)
    across = len(rows) + 2 * QUIET
    module = side / across
    if module < SMALLEST:
        needed = ceil(across * SMALLEST)
        raise UsageError(
            "the QR code of {text} has {across} modules across with its quiet zone, which on {side:.1f} mm are "
            "{module:.2f} mm each, and phones need {smallest}: make the label at least "
            "{needed}x{needed_2} mm with --size, or shorten --base",
            text=text,
            across=across,
            side=side,
            module=module,
            smallest=SMALLEST,
            needed=ceil(needed / SHARE),
            needed_2=needed + 2,
            field="--size",
        )
    return Symbol(rows, module)
