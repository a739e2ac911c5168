"""Rejected rows, written down so that a person can mend them and bring them in again.

    write_rejects(Path("rejects.csv"), run.header, rejects, run.rejected_rows)

The file has four columns in front (row, column, reason, value) and then the row as it stood in the source.
Mend the cells and import the file itself with the same mapping: the four columns, the encoding and the
delimiter of this file are recognised. Cells that could be taken for formulas are made safe (`csv_safe`) and
read back as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ledger.exchange.csv_safe import bare, write_csv
from ledger.exchange.sheet_rows import Row, cell_text

REJECT_COLUMNS: Final = ("行号 row", "列 column", "原因 reason", "值 value")

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?")

T = TypeVar("T")


class Reject(NamedTuple):
    """A row that was not taken in. `column` is None where the fault is in no single one."""

    row: int
    column: str | None
    reason: str
    value: str


def write_rejects(
    path: Path, header: Sequence[str], rejects: Iterable[Reject], rows: Mapping[int, Sequence[str]]
) -> int:
    """Write rejects in the order of their rows; answers how many. Raises SheetError.

    `header` and `rows` (row number to cells as words) are `SheetImport.header` and
    `SheetImport.rejected_rows`.
    """
    lines = [
        (str(one.row), one.column or "", one.reason, one.value, *rows.get(one.row, ()))
        for one in sorted(rejects, key=lambda one: one.row)
    ]
    return write_csv(path, [(*REJECT_COLUMNS, *header), *lines])


def is_reject_file(path: Path) -> bool:
    """Whether a text file begins like one written here, be it saved again in a Chinese encoding."""
    try:
        with path.open("rb") as file:
            start = file.read(64).removeprefix(b"\xef\xbb\xbf").removeprefix(b'"')
    except OSError:
        return False  # whoever opens it says why
    return any(start.startswith(REJECT_COLUMNS[0].encode(one)) for one in ("utf-8", "gb18030"))


def is_reject_header(header: Sequence[str]) -> bool:
    return tuple(header[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS


def without_reject_columns(cells: tuple[T, ...]) -> tuple[T, ...]:
    return cells[len(REJECT_COLUMNS) :]


def unwrapped(row: Row) -> Row:
    """The row of the source out of a row of such a file: as it stood, dates being dates again.

    A date cell of a workbook is written as ISO 8601, which the date formats of the mapping need not have.
    """
    cells = without_reject_columns(row.cells)
    return row._replace(cells=tuple(_dated(bare(cell)) if isinstance(cell, str) else cell for cell in cells))


def _dated(text: str) -> str | datetime:
    if _ISO.fullmatch(text) is None:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if cell_text(moment) == text else text  # so that a text of this shape stays the same text
