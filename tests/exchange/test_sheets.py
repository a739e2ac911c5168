"""Reading rows: encodings, delimiters, quoting, row numbers and workbooks, each with the ways they go wrong."""

from __future__ import annotations

import codecs
import csv
import io
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
from ledger.exchange.sheets import BadCell, Row, Sheet, cell_text, open_sheet
from ledger.exchange.values import trimmed

CHINESE = "序号,品名,数量\n1,冻虾仁,120.5\n2,冻鳕鱼块,80\n"
TABLE = ("A,B", "1,x", "2,y")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sheet"


def rows(sheet: Sheet) -> list[tuple[object, ...]]:
    return [row.cells for row in sheet.rows()]


def opened(file: Path, text: str, **how: object) -> Sheet:
    file.write_bytes(text.encode())
    return open_sheet(file, **how)  # type: ignore[arg-type]  # options of one call


# ---------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_a_byte_order_mark_decides_and_is_no_part_of_the_first_heading(
    file: Path, mark: bytes, encoding: str
) -> None:
    file.write_bytes(mark + CHINESE.encode(encoding))
    sheet = open_sheet(file, delimiter="comma")
    assert sheet.header == ("序号", "品名", "数量")
    assert rows(sheet) == [("1", "冻虾仁", "120.5"), ("2", "冻鳕鱼块", "80")]
    assert sheet.notes == ()  # a mark is a statement, not a guess


def test_a_mark_goes_before_what_is_stated_and_says_so(file: Path) -> None:
    file.write_bytes(codecs.BOM_UTF8 + CHINESE.encode())
    sheet = open_sheet(file, encoding="gb18030", delimiter=",")
    assert sheet.header[1] == "品名"
    assert len(sheet.notes) == 1
    assert "utf-8" in sheet.notes[0]
    assert "gb18030" in sheet.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_text_is_recognised_and_the_guess_is_reported(file: Path, encoding: str) -> None:
    file.write_bytes(CHINESE.encode(encoding))
    sheet = open_sheet(file, delimiter=",")
    assert sheet.encoding == encoding
    assert sheet.notes == (f"encoding not stated: read as {encoding}",)
    assert rows(sheet)[0] == ("1", "冻虾仁", "120.5")


def test_a_rare_character_does_not_keep_chinese_from_being_recognised(file: Path) -> None:
    file.write_bytes(("品名\n" + "冻虾仁青岛水产有限公司\n" * 3 + "䶮𠮷\n").encode("gb18030"))
    assert open_sheet(file).encoding == "gb18030"


def test_western_text_is_not_taken_for_chinese(file: Path) -> None:
    text = "Country,Vendor\nCôte d'Ivoire,Société générale\nNorway,Grønland AS\n"
    file.write_bytes(text.encode("latin-1"))
    sheet = open_sheet(file, delimiter=",")
    assert rows(sheet)[0] == ("Côte d'Ivoire", "Société générale")
    assert any("encoding not stated" in note for note in sheet.notes)


def test_what_is_stated_is_used_without_a_note(file: Path) -> None:
    file.write_bytes("A,B\né,1\n".encode("cp1250"))
    sheet = open_sheet(file, encoding="windows-1250", delimiter=",")
    assert rows(sheet) == [("é", "1")]
    assert sheet.notes == ()


@pytest.mark.parametrize(
    ("lines", "row", "field"),
    [
        ([b"A,B", b"1,x", b"2,\xff", b"3,z"], 3, "B"),
        ([b"A,B", b"\xff,x"], 2, "A"),
        (
            [b"A,B", b'1,"a\nb"', b"", b"3,x\xff"],
            4,
            "B",
        ),  # a quoted line break is one row, a blank row counts
        ([b"A,B", b'1,"a\nb\xff"'], 2, "B"),
        ([b"A,B\xff"], 1, None),
        ([b"A,B", b"1,\xe5\x86"], 2, "B"),  # cut off inside a character
    ],
)
def test_bytes_of_another_encoding_are_named_by_row_and_place(
    file: Path, lines: list[bytes], row: int, field: str | None
) -> None:
    data = b"\n".join(lines)
    file.write_bytes(data)
    with pytest.raises(SheetError) as caught:
        list(open_sheet(file, encoding="utf-8", delimiter=",").rows())
    bad = data.index(b"\xff") if b"\xff" in data else data.index(b"\xe5")
    assert f"byte {bad} " in caught.value.message
    assert f"0x{data[bad]:02x}" in caught.value.message
    assert caught.value.row == row
    assert caught.value.field == field


def test_a_bad_byte_far_into_a_long_file_is_found(file: Path) -> None:
    good = "".join(f"{number},品\n" for number in range(2, 40_002)).encode("gb18030")
    file.write_bytes(b"A,B\n" + good + b"x,\xff\xff\n")
    with pytest.raises(SheetError, match=f"byte {4 + len(good) + 2} ") as caught:
        list(open_sheet(file, encoding="gb18030", delimiter=",").rows())
    assert caught.value.row == 40_002


def test_an_unknown_encoding_is_refused_by_name(file: Path) -> None:
    with pytest.raises(SheetError, match="klingon") as caught:
        opened(file, CHINESE, encoding="klingon")
    assert caught.value.field == "source.encoding"


# ---------------------------------------------------------------------- delimiters and quoting


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised_and_the_guess_is_reported(file: Path, delimiter: str) -> None:
    others = ",;\t|".replace(delimiter, "")
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(
        [["A", "B", "C"], ["1", f"a{others}b", "x"], ["2", f"{others}{others}", "y"]]
    )
    sheet = opened(file, buffer.getvalue(), encoding="utf-8")
    assert sheet.delimiter == delimiter
    assert sheet.notes == (f"delimiter not stated: read as {delimiter!r}",)
    assert rows(sheet)[1] == ("2", others + others, "y")


def test_a_delimiter_can_be_stated_by_name_or_sign(file: Path) -> None:
    assert opened(file, "A\tB,C\n1\t2\n", encoding="utf-8", delimiter="tab").header == ("A", "B,C")
    assert opened(file, "A\tB,C\n1,2\n", encoding="utf-8", delimiter=",").header == ("A B", "C")
    with pytest.raises(SheetError, match="delimiter"):
        opened(file, "A,B\n", delimiter="comma-ish")


def test_rows_are_counted_as_in_a_spreadsheet_and_lines_as_in_an_editor(file: Path) -> None:
    text = 'A,B\r\n1,"two\r\nlines"\r\n\r\n2,"say ""hi"""\r\n,\r\n3,c\r\n'
    found = list(opened(file, text, encoding="utf-8", delimiter=",").rows())
    assert found == [
        Row(2, 2, ("1", "two\r\nlines")),
        Row(4, 5, ("2", 'say "hi"')),
        Row(6, 7, ("3", "c")),
    ]


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_feeds_and_carriage_returns_end_a_row(file: Path, odd: str) -> None:
    assert rows(opened(file, f"A,B\n1,a{odd}b\n", encoding="utf-8", delimiter=",")) == [("1", f"a{odd}b")]


def test_rows_of_another_width_are_given_out_as_faults_and_the_rest_goes_on(file: Path) -> None:
    text = "A,B\n1,x\n2\n3,Smith, Ltd\n4,y,\n5,z\n"
    found = list(opened(file, text, encoding="utf-8", delimiter=",").rows())
    assert [(row.number, row.fault is None) for row in found] == [
        (2, True),
        (3, False),
        (4, False),
        (5, False),
        (6, True),
    ]
    assert "1 columns instead of 2" in str(found[1].fault)
    assert "3 columns instead of 2" in str(found[2].fault)
    assert found[2].cells == ("3", "Smith", " Ltd")


def test_bad_quoting_is_a_fault_of_its_row_alone(file: Path) -> None:
    found = list(opened(file, 'A,B\n1,"x"y\n2,z\n', encoding="utf-8", delimiter=",").rows())
    assert "quot" in str(found[0].fault)
    assert (found[0].number, found[1].number, found[1].cells) == (2, 3, ("2", "z"))


@pytest.mark.parametrize("tail", ["2,y\n3,z\n", "2,y\n" * 40_000])
def test_a_quote_left_open_stops_the_reading(file: Path, tail: str) -> None:
    with pytest.raises(SheetError, match="never closed") as caught:
        list(opened(file, 'A,B\n0,w\n1,"x\n' + tail, encoding="utf-8", delimiter=",").rows())
    assert caught.value.row == 3


_CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(['"', '""', "\r\n", "\n", "\r", ",", "'", "=1+1", "\u2028", "，"])


@given(st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_writes_is_read_back_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("round") / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([("A", "B", "C"), *table])
    found = list(open_sheet(path, encoding="utf-8", delimiter=delimiter).rows())
    wanted = [(number, cells) for number, cells in enumerate(table, 2) if any(cell.strip() for cell in cells)]
    assert [(row.number, row.cells) for row in found] == wanted


# ---------------------------------------------------------------------- headings


def test_headings_lose_the_white_space_of_their_layout(file: Path) -> None:
    assert opened(file, '" 报关\n单号 ",品名\n1,2\n', encoding="utf-8", delimiter=",").header == (
        "报关 单号",
        "品名",
    )


def test_headings_may_stand_lower_down(file: Path) -> None:
    sheet = opened(file, "进货台账,\n\nA,B\n1,2\n", encoding="utf-8", delimiter=",", header_row=3)
    assert sheet.header == ("A", "B")
    assert [row.number for row in sheet.rows()] == [4]


@pytest.mark.parametrize(
    ("text", "header_row", "message"),
    [
        ("A,A\n", 1, "two columns"),
        (",\n1,2\n", 1, "no headings"),
        ("A,B\n", 9, "no row 9"),
        ("A,B\n", 0, "counted from 1"),
        ("", 1, "empty"),
    ],
)
def test_headings_that_cannot_serve_are_errors(file: Path, text: str, header_row: int, message: str) -> None:
    with pytest.raises(SheetError, match=message):
        opened(file, text, encoding="utf-8", delimiter=",", header_row=header_row)


def test_a_column_without_a_heading_must_be_empty(file: Path) -> None:
    sheet = opened(file, "A,,B,\n1,,2,\n3,x,4,\n", encoding="utf-8", delimiter=",")
    assert sheet.header == ("A", "B")
    good, bad = sheet.rows()
    assert (good.cells, good.fault) == (("1", "2"), None)
    assert "column 2 has no heading" in str(bad.fault)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "xls"),
        (b"PK\x03\x04 but no archive", "not a readable XLSX"),
    ],
)
def test_files_of_other_kinds_are_refused(file: Path, data: bytes, message: str) -> None:
    file.write_bytes(data)
    with pytest.raises(SheetError, match=message):
        open_sheet(file)


def test_a_file_that_is_not_there_is_our_error(file: Path) -> None:
    with pytest.raises(SheetError, match="cannot read"):
        open_sheet(file)


# ---------------------------------------------------------------------- workbooks


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
    assert row.cells[1] == BadCell("#REF!", "the cell shows the error #REF!")


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
