"""Rows of a spreadsheet file: CSV, TSV and the like in any common encoding, or XLSX.

`open_sheet` reads the headings, `Sheet.rows` streams what stands below them. What a column means is decided
elsewhere (`mapping`, `importing`).

    sheet = open_sheet(Path("taizhang.csv"), encoding="gb18030", header_row=2)
    sheet.header                    # ('序号', '进货日期', '品名', …)
    for row in sheet.rows():        # Row(number=3, line=3, cells=('1', '2022-03-02', '冻虾', …), fault=None)
        ...

**Row numbers** are those a spreadsheet program shows: the first row of the file is 1, blank rows count, and
a record whose quoted fields hold line breaks is one row. For text files `Row.line` is the line of the file,
counted by line breaks, on which the record begins; it is what a text editor shows.

**Nothing is guessed in silence.** A byte order mark wins, then what the caller states; otherwise encoding
and delimiter are detected, and `Sheet.notes` says so in words. Bytes that the encoding does not know are an
error with row and byte.

**Nothing is mended in silence.** A row with too many or too few columns, or with bad quoting, is given out
with `fault` set. A cell that cannot be trusted (formula without a stored result, `#REF!`, a number with
more digits than spreadsheet programs keep) is a `BadCell`.
"""

from __future__ import annotations

from pathlib import Path

from ledger.errors import SheetError
from ledger.exchange.sheet_rows import BadCell, Cell, Row, Sheet, cell_text
from ledger.exchange.sheet_text import open_text
from ledger.exchange.sheet_xlsx import open_xlsx

__all__ = ["BadCell", "Cell", "Row", "Sheet", "cell_text", "open_sheet"]


def open_sheet(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_row: int = 1,
) -> Sheet:
    """Open a text table or XLSX workbook, told apart by content, and read its headings.

    `delimiter` is one character or one of the names comma, semicolon, tab, pipe. `sheet` names the sheet of
    a workbook (the first one otherwise). `header_row` counts from 1. Raises SheetError.
    """
    if header_row < 1:
        raise SheetError("rows are counted from 1", field="source.header_row")
    # A table is read several times, which a pipe or a device cannot be.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise SheetError("{path} is no file: save the table as one", path=path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise SheetError("cannot read {path}: {reason}", path=path, reason=error.strerror or error) from error
    if start.startswith(b"PK\x03\x04"):
        return open_xlsx(path, sheet=sheet, header_row=header_row)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise SheetError(
            "{path_name} is an old .xls file or protected by a password: save it as .xlsx without one",
            path_name=path.name,
        )
    if not start:
        raise SheetError("{path_name} is empty", path_name=path.name)
    return open_text(path, encoding=encoding, delimiter=delimiter, header_row=header_row)
