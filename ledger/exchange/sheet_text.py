"""CSV and its kin: encoding, delimiter, quoted fields, row numbers. Called by `sheets.open_sheet`.

The encoding is, in this order: that of a byte order mark; the one stated; UTF-8 if every byte of the file
fits; GB18030 if every byte fits and nearly all of what is not ASCII is common Chinese; what
charset-normalizer thinks. The last three are guesses and are said to be.

Quoting is that of RFC 4180: a field may stand in double quotes, may then hold delimiters and line breaks,
and a double quote inside is doubled.

    sheet = open_text(path, encoding=None, delimiter=None, header_row=1)
    sheet.notes      # ('encoding not stated: read as gb18030', "delimiter not stated: read as ','")
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from charset_normalizer import from_bytes

from ledger.errors import SheetError
from ledger.exchange.sheet_rows import (
    Cell,
    Row,
    Sheet,
    blank,
    check_header,
    plain_heading,
    unheaded_value,
    without_unheaded,
)
from ledger.messages import Message

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}

_MARKS: Final = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CHUNK: Final = 1 << 16
_SAMPLE: Final = 1 << 18
_SAMPLE_ROWS: Final = 50
_COMMON_CHINESE: Final = 0.9
"""Share of non-ASCII characters that must be in GB 2312. Western text read as GB18030 gives rare ones."""


def open_text(path: Path, *, encoding: str | None, delimiter: str | None, header_row: int) -> Sheet:
    """Open a text table; see `sheets.open_sheet`. Raises SheetError."""
    notes: list[Message] = []
    encoding = _encoding(path, encoding, notes)
    delimiter = _delimiter(path, encoding, delimiter, header_row, notes)
    records = _records(path, encoding, delimiter, header_row)
    first = next(islice(records, header_row - 1, None), None)
    if first is None:
        raise SheetError(
            "{path_name} has no row {header_row}: see header_row in the mapping",
            path_name=path.name,
            header_row=header_row,
            row=header_row,
        )
    if first.fault:
        raise SheetError(first.fault, row=header_row)
    header = check_header(first.cells, header_row, path.name)

    def read() -> Iterator[Row]:
        return _below(path, encoding, delimiter, header, header_row)

    named = tuple(heading for heading in header if heading)
    return Sheet(path, named, header_row, encoding, delimiter, None, tuple(notes), read)


def _below(
    path: Path, encoding: str, delimiter: str, header: tuple[str, ...], header_row: int
) -> Iterator[Row]:
    for row in islice(_records(path, encoding, delimiter, header_row), header_row, None):
        if row.fault is None and all(map(blank, row.cells)):
            continue
        fault = row.fault or _width_fault(header, row) or unheaded_value(header, row.cells)
        if fault is None:
            yield row._replace(cells=without_unheaded(header, row.cells))
        else:
            yield row._replace(fault=fault)


def _width_fault(header: tuple[str, ...], row: Row) -> Message | None:
    found, wanted = len(row.cells), len(header)
    if found == wanted:
        return None
    lines = sum(str(cell).count("\n") for cell in row.cells)
    fault = Message(
        "{found} columns instead of {wanted}: look for a delimiter inside a value that is not in quotes, "
        "or a value cut off.",
        found=found,
        wanted=wanted,
    )
    if not lines:
        return fault
    return Message(
        "{problem} It spreads over {lines} lines: is a quote left open?", problem=fault, lines=lines + 1
    )


def _records(path: Path, encoding: str, delimiter: str, header_row: int) -> Iterator[Row]:
    """All records from the top of the file, blank ones included, numbered from 1."""
    with path.open("r", encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            line = reader.line_num + 1
            try:
                cells: tuple[Cell, ...] = tuple(next(reader))
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                raise _undecodable(path, encoding, delimiter, header_row) from error
            except csv.Error as error:
                yield Row(number, line, (), _quoting(str(error), number, line))
                continue
            if number == 1 and cells and isinstance(cells[0], str):
                cells = (cells[0].removeprefix("\ufeff"), *cells[1:])
            yield Row(number, line, cells)


def _quoting(problem: str, number: int, line: int) -> Message:
    """What is wrong with the quoting. A quote left open has swallowed other rows: the file is refused."""
    if "unexpected end of data" in problem or "field larger" in problem:
        raise SheetError(
            "a quote is opened on line {line} or after it and never closed", line=line, row=number
        )
    return Message(
        "bad quoting ({problem}): double the quotes inside a value and put the value in quotes",
        problem=problem,
    )


# ---------------------------------------------------------------------- encoding


def _encoding(path: Path, stated: str | None, notes: list[Message]) -> str:
    if stated is not None:
        try:
            stated = codecs.lookup(stated).name
        except LookupError as error:
            raise SheetError(
                "no encoding is called {stated!r}", stated=stated, field="source.encoding"
            ) from error
    with path.open("rb") as file:
        start = file.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            if stated is not None and encoding.removesuffix("-sig") not in stated:
                notes.append(
                    Message(
                        "the byte order mark says {encoding}, the mapping {stated}: read as {encoding}",
                        encoding=encoding,
                        stated=stated,
                    )
                )
            return encoding
    if stated is not None:
        return stated
    detected = _detected(path)
    notes.append(Message("encoding not stated: read as {encoding}", encoding=detected))
    return detected


def _detected(path: Path) -> str:
    if _decodes(path, "utf-8"):
        return "utf-8"
    share = _share_of_common_chinese(path)
    if share is not None and share >= _COMMON_CHINESE:
        return "gb18030"
    with path.open("rb") as file:
        found = from_bytes(file.read(_SAMPLE))
    best = found.best()
    if best is None:
        raise SheetError(
            "the encoding of {path_name} cannot be told: state it in the mapping",
            path_name=path.name,
            field="source.encoding",
        )
    # Western European code pages differ in a few letters only; among equals the most common one is meant.
    western = (one for one in found if "cp1252" in one.could_be_from_charset and one.chaos <= best.chaos)
    return "cp1252" if next(western, None) else codecs.lookup(best.encoding).name


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _share_of_common_chinese(path: Path) -> float | None:
    """Share in GB 2312 of the characters beyond ASCII when read as GB18030; None if it cannot be so read."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    every = common = 0
    with path.open("rb") as file:
        try:
            while True:
                chunk = file.read(_CHUNK)
                beyond = "".join(one for one in decoder.decode(chunk, final=not chunk) if one > "\x7f")
                every += len(beyond)
                common += len(beyond.encode("gb2312", "ignore")) // 2
                if not chunk:
                    return common / every if every else None
        except UnicodeDecodeError:
            return None


def _undecodable(path: Path, encoding: str, delimiter: str, header_row: int | None) -> SheetError:
    """The error for bytes the encoding does not know, with row, column and place (byte, from 0).

    Reads the whole file at once: simple, and only done when the import stops anyway.
    """
    data = path.read_bytes()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start
        row, column = _place(data[:start].decode(encoding, "ignore"), delimiter, header_row)
        return SheetError(
            "byte {start} of the file (0x{data:02x}) is not {encoding}: state the right encoding in the "
            "mapping, or save the file as UTF-8",
            start=start,
            data=data[start],
            encoding=encoding,
            row=row,
            field=column,
        )
    return SheetError("{path_name} changed while it was read: start again", path_name=path.name)


def _place(before: str, delimiter: str, header_row: int | None) -> tuple[int, str | None]:
    """Row and column heading of what comes after the text `before`; None where there is no heading yet."""
    # The mark makes a record of what stands last, even where that is nothing.
    records = csv.reader(io.StringIO(f"{before}x", newline=""), delimiter=delimiter)
    row, width = 0, 1
    header: list[str] = []
    last: list[str] = []
    with suppress(csv.Error):  # a quote left open: the row where it was opened will do
        for record in records:
            if row == header_row:
                header = last
            row, width, last = row + 1, len(record), record
    return row, plain_heading(header[width - 1]) if width <= len(header) else None


# ---------------------------------------------------------------------- delimiter


def _delimiter(path: Path, encoding: str, stated: str | None, header_row: int, notes: list[Message]) -> str:
    if stated is not None:
        delimiter = DELIMITERS.get(stated, stated)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise SheetError(
                "{stated!r} is no delimiter: give one character, or one of {delimiters}",
                stated=stated,
                delimiters=", ".join(DELIMITERS),
                field="source.delimiter",
            )
        return delimiter
    try:
        with path.open("r", encoding=encoding, newline="") as file:
            lines = io.StringIO(file.read(_SAMPLE), newline="").readlines()
    except UnicodeDecodeError as error:
        raise _undecodable(path, encoding, ",", None) from error
    if len(lines) > 1 and not lines[-1].endswith(("\n", "\r")):
        lines.pop()  # cut off by the end of the sample, or the last line: one row less to judge by
    delimiter = max(DELIMITERS.values(), key=lambda one: _fit(lines, one, header_row))
    notes.append(Message("delimiter not stated: read as {delimiter!r}", delimiter=delimiter))
    return delimiter


def _fit(lines: list[str], delimiter: str, header_row: int) -> tuple[bool, float, int]:
    """How well a delimiter fits: more than one column, share of rows as wide as the headings, columns."""
    reader: Any = csv.reader(lines, delimiter=delimiter)  # the type has no public name
    widths: list[int] = []
    try:
        widths.extend(
            len(record) for record in islice(reader, header_row - 1, header_row - 1 + _SAMPLE_ROWS) if record
        )
    except csv.Error:
        return False, 0.0, 0
    if not widths:
        return False, 0.0, 0
    return widths[0] > 1, widths.count(widths[0]) / len(widths), widths[0]
