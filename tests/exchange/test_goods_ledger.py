"""The goods ledger as a workbook and as CSV: nothing becomes a formula, nothing is rounded, dates are dates."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ledger.errors import SheetError
from ledger.exchange.csv_safe import bare, safe
from ledger.exchange.goods_columns import ACTIONS, COLUMNS, GoodsLedgerRow
from ledger.exchange.goods_ledger import LedgerAbout, write_csv, write_xlsx
from ledger.exchange.sheets import open_sheet
from ledger_schemas import LABELS

NOTE = "custody.example/erligang\n1041\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— custody.example Az3g…\n"
ABOUT = LedgerAbout(
    origin="custody.example/erligang",
    size=1041,
    root="ab" * 32,
    checkpoint=NOTE,
    scope="示例商行",
    how_to_verify=("custody verify DIR",),
)
ROW = GoodsLedgerRow(
    merchant="92410104MACU00014Y",
    merchant_name="示例商行",
    index=1040,
    action="received",
    occurred_at="2022-03-02T08:15:00+08:00",
    recorded_at="2022-03-02T00:15:02.623Z",
    batch="TZ2022-1",
    name="冻虾仁",
    specification="1kg×10袋",
    quantity="120.5",
    unit="kg",
    held="120.5",
    production_date="2021-11-20",
    shelf_life_days=540,
    origin_country="EC",
    counterparty="青岛示例水产有限公司",
    documents=(
        ("customs_declaration", "420120221000000011"),
        ("nucleic_acid_report", "HS-1"),
        ("nucleic_acid_report", "HS-2"),
        ("invoice", "0007"),
    ),
    gtin="06901234500011",
    arrival_temperature="-18.5",
    entry_id="0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55",
    leaf_hash="0" * 64,
)
RISKY = [
    "=1+1",
    "＝1+1",
    "＠SUM(A1)",
    "\n=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|'/c calc'!A1",
    "#N/A",
    "\t=1",
    "'=1",
    "-",
    "+8613800000000 转 1",
]


def sheets_of(path: Path) -> Any:  # openpyxl's workbook, read whole
    return load_workbook(path)


def cells(sheet: Any, row: int) -> dict[str, Any]:
    """A row of the sheet by English heading."""
    headings = ["No.", *(column.en for column in COLUMNS)]
    return dict(zip(headings, sheet[row], strict=True))


def test_one_heading_row_in_both_languages_frozen_and_filtered(tmp_path: Path) -> None:
    assert write_xlsx(tmp_path / "a.xlsx", [ROW, ROW], ABOUT) == 2
    book = sheets_of(tmp_path / "a.xlsx")
    assert book.sheetnames == ["台账 Ledger", "说明 About"]
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    asked = "序号 进货日期 品名 规格 品牌 数量 单位 生产日期 批号 保质期 供货者名称 供货者地址 原产国"
    asked += " 报关单号 检验检疫证明编号 核酸检测报告 消毒证明 追溯码 存放位置 去向"
    assert [words for words in asked.split() if not any(words in heading for heading in headings)] == []
    assert all(any("a" <= sign.lower() <= "z" for sign in heading) for heading in headings)
    assert len(set(headings)) == len(headings)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(3, len(headings)).coordinate}"
    assert sheet.column_dimensions["F"].width == COLUMNS[4].width


def test_dates_are_dates_numbers_are_numbers_and_long_numbers_stay_text(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [ROW], ABOUT)
    found = cells(sheets_of(tmp_path / "a.xlsx").worksheets[0], 2)
    assert found["Occurred"].value == datetime.fromisoformat("2022-03-02T08:15:00")  # the author's own clock
    assert found["UTC offset"].value == "+08:00"
    assert found["Recorded (UTC)"].value == datetime.fromisoformat("2022-03-02T00:15:02")
    assert found["Production date"].value == datetime.fromisoformat("2021-11-20")
    assert all(found[one].is_date for one in ("Occurred", "Recorded (UTC)", "Production date"))
    assert (found["Quantity"].value, found["Quantity"].data_type) == (120.5, "n")
    assert (found["Arrival temperature"].value, found["Entry index"].value, found["No."].value) == (
        -18.5,
        1040,
        1,
    )
    assert (found["Customs declaration"].value, found["Customs declaration"].data_type) == (
        "420120221000000011",
        "s",
    )
    assert found["GTIN"].value == "06901234500011"
    assert found["Action"].value == "进货 received"
    assert found["Unit"].value == "千克 kg"
    assert found["Nucleic-acid report"].value == "HS-1; HS-2"
    assert found["Other documents"].value == "发票 invoice 0007"
    assert found["Brand"].value is None


def test_the_time_of_recording_is_shown_in_utc_whatever_its_offset(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [replace(ROW, recorded_at="2022-03-02T08:15:02+08:00")], ABOUT)
    found = cells(sheets_of(tmp_path / "a.xlsx").worksheets[0], 2)
    assert found["Recorded (UTC)"].value == datetime.fromisoformat("2022-03-02T00:15:02")


def test_a_quantity_of_more_digits_than_a_spreadsheet_keeps_stays_text(tmp_path: Path) -> None:
    rows = [
        replace(ROW, quantity="123456789012.123456", held="999999999.999999"),
        replace(ROW, quantity="-0.5"),
    ]
    write_xlsx(tmp_path / "a.xlsx", rows, ABOUT)
    sheet = sheets_of(tmp_path / "a.xlsx").worksheets[0]
    assert cells(sheet, 2)["Quantity"].value == "123456789012.123456"
    assert cells(sheet, 2)["Held after"].value == 999999999.999999
    assert cells(sheet, 3)["Quantity"].value == -0.5


@pytest.mark.parametrize("day", ["1899-12-31", "1900-02-28", "0206-03-02", "Spring"])
def test_a_day_a_spreadsheet_cannot_hold_stays_text(tmp_path: Path, day: str) -> None:
    write_xlsx(tmp_path / "a.xlsx", [replace(ROW, production_date=day)], ABOUT)
    assert cells(sheets_of(tmp_path / "a.xlsx").worksheets[0], 2)["Production date"].value == day


@pytest.mark.parametrize("text", RISKY)
def test_text_is_never_a_formula_in_the_workbook(tmp_path: Path, text: str) -> None:
    about = replace(ABOUT, scope=text)
    write_xlsx(tmp_path / "a.xlsx", [replace(ROW, name=text, quantity=text, production_date=text)], about)
    book = sheets_of(tmp_path / "a.xlsx")
    for heading in ("Name", "Quantity", "Production date"):
        cell = cells(book.worksheets[0], 2)[heading]
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        for name in archive.namelist():
            if "worksheets/" in name:
                xml = archive.read(name)
                assert b"<f>" not in xml
                assert b"<f " not in xml


def test_signs_the_format_cannot_hold_become_visible(tmp_path: Path) -> None:
    names = ["a\x01b", "_x0041_", "a\uffffb", "行一\n行二"]
    write_xlsx(tmp_path / "a.xlsx", [replace(ROW, name=name) for name in names], ABOUT)
    sheet = sheets_of(tmp_path / "a.xlsx").worksheets[0]
    # A spreadsheet program turns _x005F_ back into _, so it shows _x0041_ as it was written.
    assert [cells(sheet, row)["Name"].value for row in range(2, 6)] == [
        "a␁b",
        "_x005F_x0041_",
        "a\ufffdb",
        "行一\n行二",
    ]
    back = open_sheet(tmp_path / "a.xlsx", sheet="台账 Ledger")
    at = back.header.index("品名 Name")
    assert [row.cells[at] for row in back.rows()][1] == "_x0041_"


def test_the_second_sheet_says_what_it_is_a_picture_of(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [ROW], ABOUT)
    sheet = sheets_of(tmp_path / "a.xlsx")["说明 About"]
    said = {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}
    assert said["台账 Ledger"] == ABOUT.origin
    assert said["条目数 Size"] == "1041"
    assert said["根哈希 Root"] == "ab" * 32
    assert said["检查点 Checkpoint"] == NOTE
    assert said["行数 Rows"] == "1"
    assert said["怎样核对 How to verify"] == "custody verify DIR"
    sentences = "\n".join(str(row[1].value) for row in sheet.iter_rows())
    assert "SHA-256(0x00 ‖ entry bytes)" in sentences


def test_rows_beyond_one_sheet_go_to_the_next(tmp_path: Path) -> None:
    rows = [replace(ROW, index=number) for number in range(5)]
    assert write_xlsx(tmp_path / "a.xlsx", iter(rows), ABOUT, rows_per_sheet=2) == 5
    book = sheets_of(tmp_path / "a.xlsx")
    assert book.sheetnames == ["台账 Ledger", "台账 Ledger 2", "台账 Ledger 3", "说明 About"]
    found = [
        cells(sheet, row)["Entry index"].value
        for sheet in book.worksheets[:3]
        for row in range(2, sheet.max_row + 1)
    ]
    assert found == list(range(5))
    assert cells(book.worksheets[2], 2)["No."].value == 5


def test_an_empty_ledger_is_a_sheet_with_headings(tmp_path: Path) -> None:
    assert write_xlsx(tmp_path / "a.xlsx", [], ABOUT) == 0
    assert write_csv(tmp_path / "a.csv", []) == 0
    assert sheets_of(tmp_path / "a.xlsx").worksheets[0].max_row == 1


def test_the_csv_opens_in_a_spreadsheet_and_keeps_times_as_stated(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert write_csv(path, [ROW, replace(ROW, action="adjusted", quantity="-2.5")]) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in path.read_bytes()
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["进货日期（发生时间） Occurred"] == ROW.occurred_at
    assert first["登记时间（UTC） Recorded (UTC)"] == ROW.recorded_at
    assert first["报关单号 Customs declaration"] == "420120221000000011"
    assert second["数量 Quantity"] == "-2.5"
    assert second["动作 Action"] == "盘点 adjusted"


def test_no_cell_of_the_csv_can_be_run_as_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, [replace(ROW, name=text) for text in RISKY])
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = [row["品名 Name"] for row in csv.DictReader(file)]
    assert not any(name.startswith(tuple("=+-@＝＋－＠\t\r\n")) for name in names)
    assert [bare(name) for name in names] == RISKY


@given(st.text(st.sampled_from("'=+-@＝＋－＠\t\r\na1. "), max_size=6))
def test_making_a_cell_safe_can_be_undone(text: str) -> None:
    made = safe(text)
    assert bare(made) == text
    assert made[:1] not in tuple("=+-@＝＋－＠\t\r\n") or made.lstrip("+-").replace(".", "", 1).isdigit()


def test_csv_and_workbook_say_the_same(tmp_path: Path) -> None:
    rows = [ROW, replace(ROW, name="=1+1", quantity="-2.5", corrected=True, buyer_type="consumers")]
    write_csv(tmp_path / "a.csv", rows)
    write_xlsx(tmp_path / "a.xlsx", rows, ABOUT)
    text = open_sheet(tmp_path / "a.csv", delimiter=",")
    book = open_sheet(tmp_path / "a.xlsx", sheet="台账 Ledger")
    assert text.header == book.header
    dates = [place for place, column in enumerate(COLUMNS, 1) if column.kind in ("day", "local", "utc")]
    for left, right in zip(text.rows(), book.rows(), strict=True):
        for place, (one, other) in enumerate(zip(left.cells, right.cells, strict=True)):
            if place not in dates:
                assert bare(str(one)) == other


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path) -> None:
    def broken() -> Iterator[GoodsLedgerRow]:
        yield ROW
        raise SheetError("stop")

    with pytest.raises(SheetError, match="stop"):
        write_csv(tmp_path / "a.csv", broken())
    with pytest.raises(SheetError, match="stop"):
        write_xlsx(tmp_path / "a.xlsx", broken(), ABOUT)
    with pytest.raises(SheetError, match="cannot write"):
        write_csv(tmp_path / "no" / "a.csv", [ROW])
    with pytest.raises(SheetError, match="cannot write"):
        write_xlsx(tmp_path / "no" / "a.xlsx", [ROW], ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_every_word_of_a_closed_list_has_a_chinese_name() -> None:
    assert {"customs_declaration", "nucleic_acid_report"} <= set(LABELS["document_type"])
    assert all(ACTIONS.values())
