"""Compiles catalogues: a ``.po`` takes 130 ms to read, its ``.mo`` less than one.

    python -m ledger.language.compiling FILE.po …       # writes FILE.mo beside each

A compiled catalogue carries the SHA-256 of its source, so that one that has been left behind is never used
(`ledger.language`). Only Babel is needed here: the build of the package runs this file before the package is there.
"""

from __future__ import annotations

import hashlib
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE: Final = "(SHA-256 of the source)"
"""Stands among the texts of a compiled catalogue; its translation is the digest."""


def digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def compiled(source: bytes) -> bytes:
    """The bytes of the ``.mo`` for those of a ``.po``."""
    catalogue, out = read_po(BytesIO(source)), BytesIO()
    catalogue.add(SOURCE, digest(source))
    write_mo(out, catalogue)
    return out.getvalue()


def compile_file(path: Path) -> Path:
    """Write the ``.mo`` beside a ``.po``."""
    target = path.with_suffix(".mo")
    target.write_bytes(compiled(path.read_bytes()))
    return target


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_file(Path(name))
