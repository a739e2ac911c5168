"""Reading rows: encodings, delimiters, quoting, row numbers and workbooks, each with the ways they go wrong."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import SheetError
from ledger.exchange.sheets import Row, Sheet, open_sheet

CHINESE = "序号,品名,数量\n1,冻虾仁,120.5\n2,冻鳕鱼块,80\n"


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
    data = "Country,Vendor\nCôte d'Ivoire,Grønland AS\nNorway,Hérault fils\n".encode("latin-1")
    assert data.decode("gb18030")  # every byte fits: only the characters are improbable
    file.write_bytes(data)
    sheet = open_sheet(file, delimiter=",")
    assert rows(sheet) == [("Côte d'Ivoire", "Grønland AS"), ("Norway", "Hérault fils")]
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
