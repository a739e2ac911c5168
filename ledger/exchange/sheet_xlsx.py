"""XLSX workbooks: cells as words, exact decimals or dates. Called by `sheets.open_sheet`.

Spreadsheet programs store every number as a binary fraction and show at most 15 digits of it. What they
show is what a person meant, so 0.30000000000000004 is read as 0.3. A number of more than 15 digits before
the point (a customs declaration number typed into a number cell) has lost its last digits already and is
given out as a `BadCell`.

A formula counts by its stored result. Where none is stored (files written by programs that do not
calculate), the cell is a `BadCell`, because an empty cell would be a lie.

    sheet = open_xlsx(path, sheet="台账", header_row=2)
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from ledger.errors import SheetError
from ledger.exchange.sheet_rows import (
    BadCell,
    Cell,
    Row,
    Sheet,
    blank,
    check_header,
    did_you_mean,
    unheaded_value,
    without_unheaded,
)
from ledger.messages import Message

MAX_UNPACKED: Final = 512 << 20
"""Bytes all parts of a workbook may unpack to: some 5 million cells. More is a mistake or an attack."""
MAX_WORDS: Final = 128 << 20
"""Bytes its list of words may unpack to, which is held in memory."""
MAX_ROWS: Final = 1_048_576
"""Rows a sheet can have in the program the format comes from."""

_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_OVERLAP: Final = 64
_LOST: Final = Message(
    "a number of more than 15 digits, of which spreadsheet programs keep 15: "
    "format the column as text and type the number again"
)
_NO_RESULT: Final = Message(
    "a formula without a stored result: open the file in a spreadsheet program and save it again"
)
_BROKEN: Final = (
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
)
"""What openpyxl lets through on damaged files."""


def open_xlsx(path: Path, *, sheet: str | None, header_row: int) -> Sheet:
    """Open a workbook; see `sheets.open_sheet`. Raises SheetError."""
    formulas = _check_archive(path)
    name, notes = _sheet_name(path, sheet)
    first = next(islice(_records(path, name, formulas=formulas), header_row - 1, None), None)
    if first is None:
        raise SheetError(
            "sheet {sheet} has no row {header_row}: see header_row in the mapping",
            sheet=name,
            header_row=header_row,
            row=header_row,
        )
    header = check_header(first.cells, header_row, Message("sheet {sheet}", sheet=name))

    def read() -> Iterator[Row]:
        for row in islice(_records(path, name, formulas=formulas), header_row, None):
            if all(map(blank, row.cells)):
                continue
            cells = row.cells + ("",) * (len(header) - len(row.cells))
            fault = unheaded_value(header, cells)
            yield row._replace(cells=without_unheaded(header, cells) if fault is None else cells, fault=fault)

    return Sheet(path, tuple(one for one in header if one), header_row, None, None, name, notes, read)


def number_text(value: float) -> str | BadCell:
    """A stored number as the decimal a person meant.

    >>> number_text(12.5), number_text(0.1 + 0.2), number_text(1e-07), number_text(300)
    ('12.5', '0.3', '0.0000001', '300')
    """
    if not abs(value) < 1e15:  # so written, it also catches what is not a number
        return BadCell(str(value), _LOST)
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(format(value, ".15g")), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _check_archive(path: Path) -> bool:
    """Refuse workbooks that unpack to absurd sizes. Answers whether there are formulas in any sheet.

    Sizes are those in the archive's directory; unpacking stops at them, so they cannot lie downwards.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            words = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
            if sum(part.file_size for part in parts) > MAX_UNPACKED or words > MAX_WORDS:
                raise SheetError(
                    "{path_name} unpacks to more than {max_unpacked} MB, or its words to more than "
                    "{max_words} MB: split it into several files, or save it as CSV",
                    path_name=path.name,
                    max_unpacked=MAX_UNPACKED >> 20,
                    max_words=MAX_WORDS >> 20,
                )
            sheets = [
                part for part in parts if "worksheets/" in part.filename and part.filename.endswith(".xml")
            ]
            return any(_has_formula(archive, part) for part in sheets)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise SheetError(
            "{path_name} is not a readable XLSX workbook: {error}", path_name=path.name, error=error
        ) from error


def _has_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if _FORMULA.search(tail + chunk):
                return True
            tail = chunk[-_OVERLAP:]
    return False


@contextmanager
def _opened(path: Path, *, results: bool) -> Iterator[Any]:  # openpyxl's workbooks have no common type
    with path.open("rb") as file:  # by its content: openpyxl refuses names with another ending
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts of the workbook that are not read here
            try:
                book = load_workbook(file, read_only=True, data_only=results, keep_links=False)
            except (*_BROKEN, OSError) as error:  # openpyxl's own word for a part that is not there
                raise SheetError(
                    "{path_name} is not a readable XLSX workbook: {error}", path_name=path.name, error=error
                ) from error
        try:
            yield book
        finally:
            book.close()


def _sheet_name(path: Path, wanted: str | None) -> tuple[str, tuple[Message, ...]]:
    with _opened(path, results=True) as book:
        names = [one.title for one in book.worksheets]
    if not names:
        raise SheetError("{path_name} has no sheet", path_name=path.name)
    if wanted is not None and wanted not in names:
        raise SheetError(
            "there is no sheet {wanted}: {file} has {sheets}",
            wanted=did_you_mean(wanted, names),
            file=path.name,
            sheets=", ".join(names),
            field="source.sheet",
        )
    if wanted is None and len(names) > 1:
        return names[0], (
            Message("sheet not stated: read {sheet}, the first of {count}", sheet=names[0], count=len(names)),
        )
    return wanted or names[0], ()


def _records(path: Path, name: str, *, formulas: bool) -> Iterator[Row]:
    """All rows from the top, missing ones included, numbered from 1, without empty cells at their ends."""
    as_formulas = _raw(path, name, results=False) if formulas else None
    for number, cells in enumerate(_raw(path, name, results=True), 1):
        if number > MAX_ROWS:
            raise SheetError(
                "more than {max_rows:,} rows: the workbook is damaged", max_rows=MAX_ROWS, row=number
            )
        stated = next(as_formulas, ()) if as_formulas is not None else ()
        read = [_cell(cell) for cell in cells]
        for place, cell in enumerate(stated):
            # A formula whose result is the empty text keeps the type "str" and is a result.
            if cell.data_type == "f" and cells[place].value is None and cells[place].data_type != "str":
                read[place] = BadCell(_formula_text(cell.value), _NO_RESULT)
        while read and read[-1] == "":
            read.pop()
        yield Row(number, None, tuple(read))


def _raw(path: Path, name: str, *, results: bool) -> Iterator[tuple[Any, ...]]:
    with _opened(path, results=results) as book:
        sheet = book[name]
        sheet.reset_dimensions()  # the stated size may be wrong and would cut rows off
        rows = iter(sheet.iter_rows())
        for number in count(1):
            with warnings.catch_warnings():
                # A date out of range becomes an error cell, which is reported as such.
                warnings.simplefilter("ignore")
                try:
                    row = next(rows, None)
                except _BROKEN as error:
                    raise SheetError(
                        "sheet {sheet} is damaged here: {error}", sheet=name, error=error, row=number
                    ) from error
            if row is None:
                return
            yield row


def _cell(cell: Any) -> Cell:  # noqa: PLR0911 - one answer for each type
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            error = cell.data_type == "e"
            return (
                BadCell(value, Message("the cell shows the error {value}", value=value))
                if error
                else _words(value)
            )
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return number_text(value)
        case datetime():
            # Times are stored as fractions of a day: the nearest second is what was typed.
            return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        case date():
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a spreadsheet's date has no zone
        case time() | timedelta():
            return str(value)
    return str(value)


def _words(text: str) -> str | BadCell:
    """Text of a cell with its escapes resolved (``_x000D_``: ECMA-376 part 1, ST_Xstring)."""
    plain = unescape(text)
    if any("\ud800" <= one <= "\udfff" for one in plain):
        return BadCell(text, Message("half a character stands here: type the text again"))
    return plain.replace("\r\n", "\n")


def _formula_text(value: object) -> str:
    text = getattr(value, "text", value)
    return text if isinstance(text, str) else "=?"
