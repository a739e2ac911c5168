"""Reading workbooks: what a person sees in a cell is what is read, and what cannot be trusted is said to be so."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ledger.errors import SheetError
from ledger.exchange import sheet_xlsx
from ledger.exchange.sheet_xlsx import number_text
from ledger.exchange.sheets import BadCell, Sheet, cell_text, open_sheet
from ledger.exchange.values import trimmed
from ledger.messages import Message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sheet"


def rows(sheet: Sheet) -> list[tuple[object, ...]]:
    return [row.cells for row in sheet.rows()]


def workbook(path: Path, table: list[list[object]], **sheets: list[list[object]]) -> Path:
    book = Workbook()
    first = book.worksheets[0]
    for row in table:
        first.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(path)
    return path


def patched(path: Path, pattern: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> None:
    """Change the XML of a workbook, as another program might have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(pattern, new, parts[part].decode())
    assert changed != parts[part].decode()
    parts[part] = changed.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_cells_of_a_workbook_become_words_exact_decimals_and_dates(file: Path) -> None:
    moment = datetime.fromisoformat("2022-03-02T08:15:00")
    workbook(file, [["A", "B", "C", "D"], [12.5, 300, "文", moment], [0.1 + 0.2, True, None, moment.date()]])
    sheet = open_sheet(file)
    assert sheet.notes == ()
    assert rows(sheet) == [
        ("12.5", "300", "文", moment),
        ("0.3", "TRUE", "", datetime.fromisoformat("2022-03-02")),
    ]
    assert cell_text(datetime.fromisoformat("2022-03-02")) == "2022-03-02"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**8), max_value=10**8))
def test_a_number_a_person_typed_comes_out_as_typed(number: Decimal) -> None:
    assert number_text(float(number)) == trimmed(number)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (12.499999999999998, "12.5"),
        (0.1 + 0.7, "0.8"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (123456789012.123, "123456789012.123"),
        (999999999999999, "999999999999999"),
    ],
)
def test_float_noise_is_beyond_what_a_spreadsheet_shows(stored: float, read: str) -> None:
    assert number_text(stored) == read


@pytest.mark.parametrize("number", [420120221000000011, 1e15, float("inf"), float("nan")])
def test_a_number_that_has_lost_digits_is_not_trusted(number: float) -> None:
    found = number_text(number)
    assert isinstance(found, BadCell)
    assert "15 digits" in found.reason


def test_a_formula_without_a_result_is_not_an_empty_cell(file: Path) -> None:
    workbook(file, [["A", "B"], ["x", "=1+1"], ["y", None]])
    first, second = open_sheet(file).rows()
    assert isinstance(first.cells[1], BadCell)
    assert "formula" in first.cells[1].reason
    assert first.cells[1].text == "=1+1"
    assert second.cells == ("y", "")


def test_a_formula_counts_by_its_stored_result(file: Path) -> None:
    workbook(file, [["A", "B", "C"], ["x", "=1+1", '=IF(A2="","","")']])
    patched(file, r'(<c r="B2"[^>]*><f>[^<]*</f>)<v ?/?>(?:</v>)?', r"\1<v>2</v>")
    patched(file, r'<c r="C2"[^>]*>(<f>[^<]*</f>)<v ?/?>(?:</v>)?', r'<c r="C2" t="str">\1<v></v>')
    assert rows(open_sheet(file)) == [("x", "2", "")]


def test_cells_that_show_an_error_are_not_trusted(file: Path) -> None:
    workbook(file, [["A", "B"], ["x", "#REF!"]])
    (row,) = open_sheet(file).rows()
    assert row.cells[1] == BadCell("#REF!", Message("the cell shows the error #REF!"))


def test_a_date_out_of_range_is_not_trusted(file: Path) -> None:
    workbook(file, [["A", "B"], ["x", datetime.fromisoformat("2022-03-02")]])
    patched(file, r"<v>44622</v>", "<v>99999999</v>")
    (row,) = open_sheet(file).rows()
    assert isinstance(row.cells[1], BadCell)


def test_rows_left_out_of_the_file_still_count(file: Path) -> None:
    book = Workbook()
    book.worksheets[0]["A2"] = "A"
    book.worksheets[0]["B2"] = "B"
    book.worksheets[0]["A5"] = "1"
    book.worksheets[0]["B9"] = "2"
    book.save(file)
    sheet = open_sheet(file, header_row=2)
    assert [(row.number, row.cells) for row in sheet.rows()] == [(5, ("1", "")), (9, ("", "2"))]


def test_a_wrong_stated_size_does_not_cut_rows_off(file: Path) -> None:
    workbook(file, [["A", "B"], ["1", "x"], ["2", "y"]])
    patched(file, r'<dimension ref="[^"]*" ?/>', '<dimension ref="A1:A1"/>')
    assert rows(open_sheet(file)) == [("1", "x"), ("2", "y")]


def test_a_value_beyond_the_headings_is_a_fault(file: Path) -> None:
    workbook(file, [["A", "B"], ["1", "x", None], ["2", "y", "stray"]])
    good, bad = open_sheet(file).rows()
    assert good.fault is None
    assert "stray" in str(bad.fault)


def test_sheets_are_chosen_by_name_or_the_first_with_a_note(file: Path) -> None:
    workbook(file, [["A"], ["1"]], 台账=[["B"], ["2"]])
    assert open_sheet(file, sheet="台账").header == ("B",)
    first = open_sheet(file)
    assert (first.name, first.header) == ("Sheet", ("A",))
    assert first.notes == ("sheet not stated: read Sheet, the first of 2",)
    with pytest.raises(SheetError, match="Sheet, 台账"):
        open_sheet(file, sheet="台帐")


def test_escapes_of_the_format_are_resolved(file: Path) -> None:
    workbook(file, [["A", "B", "C"], ["a_x000D_\nb", "_x005F_x0041_", "_xD800_"]])
    (row,) = open_sheet(file).rows()
    assert row.cells[:2] == ("a\nb", "_x0041_")
    assert isinstance(row.cells[2], BadCell)


def test_a_workbook_that_unpacks_too_far_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(file, [["A"], ["1"]])
    monkeypatch.setattr(sheet_xlsx, "MAX_UNPACKED", 1000)
    with pytest.raises(SheetError, match="unpacks to more"):
        open_sheet(file)


def test_a_row_number_beyond_the_format_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_xlsx, "MAX_ROWS", 1000)
    workbook(file, [["A"], ["1"]])
    patched(file, r'<row r="2"[^>]*><c r="A2"', '<row r="9999999999"><c r="A9999999999"')
    with pytest.raises(SheetError, match="damaged"):
        list(open_sheet(file).rows())


def test_a_damaged_sheet_is_our_error(file: Path) -> None:
    workbook(file, [["A"], ["1"], ["2"]])
    patched(file, r"</sheetData>.*", "")
    with pytest.raises(SheetError, match="damaged"):
        list(open_sheet(file).rows())
