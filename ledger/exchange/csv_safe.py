"""CSV cells that no spreadsheet program takes for a formula, and back.

A cell that begins with ``=``, ``+``, ``-``, ``@`` (or their full-width forms, which programs in Chinese and
Japanese take for the same), a tab or an end of line may be run as a formula when the file is opened: someone
who can write a product name could so make the reader's computer fetch or send
things. Such a cell gets an apostrophe in front, which spreadsheet programs take for "this is text". Plain
numbers such as -2.5 stay as they are. So that nothing is ambiguous, an apostrophe that stands before one of
these signs, or before another apostrophe, is itself given one: `bare(safe(text)) == text` for every text.

>>> safe("=1+1"), safe("-2.5"), safe("-2.5 kg"), bare("'=1+1")
("'=1+1", '-2.5', "'-2.5 kg", '=1+1')
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ledger.errors import SheetError

_RISKY: Final = "=+-@＝＋－＠\t\r\n"
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def safe(text: str) -> str:
    """The text with an apostrophe in front if it could be taken for a formula."""
    if not text:
        return text
    doubled = text[0] == "'" and text[1:2] != "" and text[1] in _RISKY + "'"
    formula = text[0] in _RISKY and _NUMBER.fullmatch(text) is None
    return f"'{text}" if formula or doubled else text


def bare(text: str) -> str:
    """The text that `safe` was given."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _RISKY + "'" else text


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> int:
    """Write rows as RFC 4180 in UTF-8 with byte order mark, by which spreadsheet programs know the encoding.

    The first row is that of the headings. Answers with the number of rows below it. The file appears under
    its name only once it is complete. Raises SheetError.
    """
    count = -1
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for row in rows:
                writer.writerow([safe(cell) for cell in row])
                count += 1
        part.replace(path)
    except OSError as error:
        raise SheetError(
            "cannot write {path}: {reason}", path=path, reason=error.strerror or error
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return max(count, 0)
