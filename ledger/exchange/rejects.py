"""Rejected rows, written down so that a person can mend them and bring them in again.

    write_rejects(Path("rejects.csv"), run.header, rejects, run.rejected_rows)

The file has four columns in front (row, column, reason, value) and then the row as it stood in the source.
Mend the cells and import the file itself with the same mapping: the four columns, the encoding and the
delimiter of this file are recognised. Cells that could be taken for formulas are made safe (`csv_safe`) and
read back as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ledger.exchange.csv_safe import write_csv

REJECT_COLUMNS: Final = ("行号 row", "列 column", "原因 reason", "值 value")

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
