"""A weekly report as a workbook: one sheet for each table, with every row, and numbers as numbers.

    workbook(content(week, about, Words.of("zh")))      # bytes of an XLSX file

The first sheet has the figures and says of which state of the ledger this is a picture. Text stays text, whatever it
begins with.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from ledger.custody.authoring import CHINA
from ledger.exchange.report.parts import Cell, Degrees, Minutes, Moment, Report, Table
from ledger.exchange.xlsx_text import cell_of

_WIDEST = 40
_LOOKED_AT = 50
"""Rows that the width of a column is made for."""
_NAME = 31
"""Characters that the name of a sheet may have."""


def workbook(report: Report) -> bytes:
    """The file."""
    book = Workbook(write_only=True)
    _summary(book, report)
    for section in report.sections:
        for table in section.tables:
            _sheet(book, report, table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _summary(book: Workbook, report: Report) -> None:
    _ = report.words
    sheet: Any = book.create_sheet(_("Summary")[:_NAME])  # openpyxl's write-only sheet has no public type
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 24
    sheet.column_dimensions["C"].width = 40
    sheet.append([_head(sheet, report.title)])
    sheet.append([cell_of(sheet, report.subtitle)])
    sheet.append([])
    for one in report.figures:
        sheet.append([_head(sheet, one.name), cell_of(sheet, one.value), cell_of(sheet, one.note)])
    sheet.append([])
    for section in report.sections:
        sheet.append([_head(sheet, section.title), cell_of(sheet, section.lead)])
    sheet.append([])
    for line in report.footer:
        sheet.append([cell_of(sheet, line)])


def _sheet(book: Workbook, report: Report, table: Table) -> None:
    sheet: Any = book.create_sheet(table.title[:_NAME])
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    for number, column in enumerate(table.columns):
        texts = [column.name, *(report.shown(row[number]) for row in table.rows[:_LOOKED_AT])]
        width = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in text) for text in texts)
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(width, _WIDEST) + 3
    sheet.append([_head(sheet, column.name) for column in table.columns])
    for row in table.rows:
        sheet.append([_value(sheet, cell) for cell in row])
    if table.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"


def _head(sheet: Any, text: str) -> Any:
    cell = cell_of(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", start_color="DDE6F0")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _value(sheet: Any, cell: Cell) -> Any:
    """What a spreadsheet program is to hold: times of China, degrees, minutes."""
    match cell:
        case Moment(seconds):
            at = datetime.fromtimestamp(seconds, CHINA).replace(tzinfo=None)
            return _formatted(sheet, at, "yyyy-mm-dd hh:mm")
        case Degrees(hundredths):
            return None if hundredths is None else _formatted(sheet, hundredths / 100, '0.0# "℃"')
        case Minutes(minutes):
            return None if minutes is None else _formatted(sheet, minutes, '0 "min"')
        case str():
            return cell_of(sheet, cell)
    return cell


def _formatted(sheet: Any, value: datetime | float, number_format: str) -> Any:
    made = WriteOnlyCell(sheet, value=value)
    made.number_format = number_format
    return made
