"""What a row of a spreadsheet file is, whatever the kind of file, and the checks all kinds share.

Reading is done by `sheet_text` and `sheet_xlsx`; `sheets` is the door to both and says what can be relied
upon.

>>> cell_text(Row(2, None, (datetime(2022, 3, 2), "12.5")).cells[0])
'2022-03-02'
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ledger.errors import SheetError
from ledger.messages import Message, either


class BadCell(NamedTuple):
    """A cell whose content cannot be trusted; `reason` says why and what to do."""

    text: str
    reason: Message


Cell: TypeAlias = str | datetime | BadCell


class Row(NamedTuple):
    """One row below the headings, with one cell for each heading unless `fault` is set.

    `number` is the row as a spreadsheet program counts, `line` the line of a text file on which it begins
    (None for XLSX). `fault` says why the row as a whole cannot be read; the cells are then as far as they
    could be read.
    """

    number: int
    line: int | None
    cells: tuple[Cell, ...]
    fault: Message | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened sheet. `encoding` and `delimiter` are None for XLSX, `name` (of the sheet) for text."""

    path: Path
    header: tuple[str, ...]
    header_row: int
    encoding: str | None
    delimiter: str | None
    name: str | None
    notes: tuple[Message, ...]
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows below the headings, not the blank ones. Reads the file anew. Raises SheetError."""
        return self.read()


def cell_text(cell: Cell) -> str:
    """A cell as words. Dates are ISO 8601, without the time at midnight.

    >>> cell_text(datetime(2022, 3, 2)), cell_text(datetime(2022, 3, 2, 8, 15)), cell_text("12.5")
    ('2022-03-02', '2022-03-02 08:15:00', '12.5')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        midnight = not (cell.hour or cell.minute or cell.second)
        return cell.date().isoformat() if midnight else cell.replace(microsecond=0).isoformat(" ")
    return cell.text


def blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell, or only white space."""
    return isinstance(cell, str) and not cell.strip()


def plain_heading(text: str) -> str:
    """A heading without white space around it; line breaks and repeated spaces inside become one space."""
    return " ".join(text.split())


def check_header(cells: Sequence[Cell], number: int, name: str) -> tuple[str, ...]:
    """The headings. An empty one is allowed, as long as its column is empty too. Raises SheetError."""
    header = tuple(plain_heading(cell_text(cell)) for cell in cells)
    for cell in cells:
        if isinstance(cell, BadCell):
            raise SheetError(
                "this heading cannot be read: {reason}", reason=cell.reason, row=number, field=cell.text
            )
    if not any(header):
        raise SheetError(
            "this row of {table} has no headings: state the row that has them as header_row in the mapping",
            table=name,
            row=number,
        )
    seen: set[str] = set()
    for heading in header:
        if heading and heading in seen:
            raise SheetError("two columns have this heading: rename one of them", row=number, field=heading)
        seen.add(heading)
    return header


def unheaded_value(header: Sequence[str], cells: Sequence[Cell]) -> Message | None:
    """What is wrong with a row that has a value where there is no heading, or None."""
    for column, cell in enumerate(cells, 1):
        if (column > len(header) or not header[column - 1]) and not blank(cell):
            return Message(
                "column {column} has no heading, but {value!r} stands in it: give it one",
                column=column,
                value=cell_text(cell)[:60],
            )
    return None


def without_unheaded(header: Sequence[str], cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells that have a heading."""
    return tuple(cell for heading, cell in zip(header, cells, strict=False) if heading)


def near(word: str, words: Iterable[str]) -> list[str]:
    """Up to three of the words that look most like one that was not found.

    >>> near("品 名", ["品名", "品牌", "数量"]), near("Vendr", ["Vendor", "Country"])
    (['品名'], ['Vendor'])
    """
    plain = {_folded(one): one for one in words}
    close = difflib.get_close_matches(_folded(word), plain, n=3, cutoff=0.6)
    return [plain[one] for one in close]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """`“Vendr” (is it “Vendor”?)`, or the word alone when none is near."""
    close = near(word, words)
    if not close:
        return f"“{word}”"
    return Message("“{word}” (is it {near}?)", word=word, near=either([f"“{one}”" for one in close]))


def _folded(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())
