"""Dirty files: each fault is told by row and column, nothing else is kept back, and what is mended comes in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from ledger.errors import SheetError
from ledger.exchange.importing import ImportedReceipt, Reject, SheetImport, open_import
from ledger.exchange.mapping import parse_mapping
from ledger.exchange.rejects import REJECT_COLUMNS, write_rejects
from ledger.log.canonical import JSON

MAPPING = parse_mapping(
    """
    name = "dirty"
    ignore = ["Note"]
    [source]
    encoding = "utf-8"
    delimiter = "comma"
    line_break = " / "
    [receipt]
    group_by = ["Delivery"]
    merchant = { column = "Merchant" }
    occurred_at = "Date"
    date_formats = ["%d.%m.%Y"]
    timezone = { column = "Zone" }
    number = { column = "Delivery" }
    "supplier.name" = { column = "From" }
    "supplier.country" = { column = "Country", type = "country_name", map = { "Burma" = "MM" } }
    "transport.mode" = { column = "Mode", missing = ["N/A"], map = { Truck = "road", Ship = "sea" } }
    [[receipt.documents]]
    type = "customs_declaration"
    number = { column = "Declaration" }
    [[receipt.documents]]
    type = "nucleic_acid_report"
    number = { column = "Test" }
    result = { column = "Result", map = { ok = "passed", bad = "failed" }, else = "failed" }
    [line]
    batch = { template = "D-{No}" }
    goods_class = { const = "cold_chain" }
    name = { column = "Name" }
    specification = { columns = ["Dosage", "Form"], join = ", ", missing = ["N/A"] }
    references = [{ column = "Weight", name = "weight", missing = ["-"] }]
    [line.quantity]
    column = "Amount"
    type = "decimal"
    scale = "0.001"
    unit = { column = "Unit", map = { g = "kg", ml = "l" } }
    [line.shelf_life_days]
    column = "Keeps"
    type = "integer"
    suffixes = ["days", "d"]
    keep_other_as = "keeps"
    """
)
GOOD = {
    "No": "1",
    "Delivery": "A-1",
    "Date": "02.03.2022",
    "Zone": "+08:00",
    "Merchant": "92410104MACU00014Y",
    "From": "甲",
    "Country": "Burma",
    "Mode": "Truck",
    "Declaration": "420120221000000011",
    "Test": "",
    "Result": "",
    "Name": "虾",
    "Dosage": "N/A",
    "Form": "袋",
    "Amount": "1500",
    "Unit": "g",
    "Keeps": "365 days",
    "Weight": "See A-1 (ID#:1281)",
    "Note": "",
}
FILE = "sheet.csv"


def imported(folder: Path, *rows: dict[str, str]) -> SheetImport:
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(GOOD))
        writer.writeheader()
        writer.writerows([GOOD | row for row in rows])
    return open_import(folder / FILE, MAPPING)


def split(results: Iterable[ImportedReceipt | Reject]) -> tuple[list[ImportedReceipt], list[Reject]]:
    every = list(results)
    return (
        [one for one in every if isinstance(one, ImportedReceipt)],
        [one for one in every if isinstance(one, Reject)],
    )


def lines_of(receipt: ImportedReceipt) -> list[dict[str, JSON]]:
    lines = receipt.body["lines"]
    assert isinstance(lines, list)
    return [line for line in lines if isinstance(line, dict)]


def line_of(receipt: ImportedReceipt) -> dict[str, JSON]:
    (line,) = lines_of(receipt)
    return line


def test_a_good_row_is_read_by_every_rule(tmp_path: Path) -> None:
    (receipt,), rejects = split(imported(tmp_path, {"Test": "T-9", "Result": "?"}))
    assert rejects == []
    assert receipt.occurred_at == "2022-03-02T00:00:00+08:00"
    assert receipt.body == {
        "number": "A-1",
        "supplier": {"name": "甲", "country": "MM"},
        "transport": {"mode": "road"},
        "documents": [
            {"type": "customs_declaration", "number": "420120221000000011"},
            {"type": "nucleic_acid_report", "number": "T-9", "result": "failed"},
        ],
        "lines": [
            {
                "batch": "D-1",
                "goods_class": "cold_chain",
                "name": "虾",
                "specification": "袋",
                "quantity": {"value": "1.5", "unit": "kg"},
                "shelf_life_days": 365,
                "references": [{"name": "weight", "value": "See A-1 (ID#:1281)"}],
            }
        ],
    }


def test_empty_cells_and_words_for_nothing_leave_the_field_out(tmp_path: Path) -> None:
    row = {"Mode": "N/A", "Country": "", "Declaration": " ", "Form": "N/A", "Keeps": "", "Weight": "-"}
    (receipt,), rejects = split(imported(tmp_path, row))
    assert rejects == []
    assert set(receipt.body) == {"number", "supplier", "lines"}
    assert receipt.body["supplier"] == {"name": "甲"}
    line = line_of(receipt)
    assert set(line) == {"batch", "goods_class", "name", "quantity"}


def test_words_that_are_not_of_the_type_are_kept_where_the_mapping_says(tmp_path: Path) -> None:
    (receipt,), _ = split(imported(tmp_path, {"Keeps": "see label"}))
    line = line_of(receipt)
    assert line["references"] == [
        {"name": "weight", "value": "See A-1 (ID#:1281)"},
        {"name": "keeps", "value": "see label"},
    ]


def test_line_breaks_inside_cells_are_put_on_one_line(tmp_path: Path) -> None:
    (receipt,), _ = split(imported(tmp_path, {"Name": "虾\r\n大", "Weight": "1\n2"}))
    line = line_of(receipt)
    assert line["name"] == "虾 / 大"
    assert line["references"] == [{"name": "weight", "value": "1 / 2"}]


@pytest.mark.parametrize(
    ("row", "column", "reason", "value"),
    [
        ({"Date": ""}, "Date", "missing", ""),
        ({"Date": "31.06.2022"}, "Date", "not a date", "31.06.2022"),
        ({"Date": "2022-03-02"}, "Date", "%d.%m.%Y", "2022-03-02"),
        ({"Date": "02.03.0206"}, "Date", "1970 and 2199", "02.03.0206"),
        ({"Zone": "CST"}, "Zone", "UTC offset", "CST"),
        ({"Merchant": "9241"}, "Merchant", "18 characters", "9241"),
        ({"Merchant": ""}, "Merchant", "18 characters", ""),
        ({"Delivery": " "}, "Delivery", "to which receipt", ""),
        ({"Amount": ""}, "Amount", "missing", ""),
        ({"Amount": "0"}, "Amount", "zero", "0"),
        ({"Amount": "-3"}, "Amount", "negative", "-3"),
        ({"Amount": "about 3"}, "Amount", "not a number", "about 3"),
        ({"Amount": "1,500"}, "Amount", "thousands", "1,500"),
        ({"Amount": "1.5E+06"}, "Amount", "powers of ten", "1.5E+06"),
        ({"Amount": "0.0001"}, "Amount", "at most 12 digits", "0.0001"),
        ({"Unit": ""}, "Unit", "unit is missing", ""),
        ({"Unit": "lb"}, "Unit", "not one of g, ml", "lb"),
        ({"Name": ""}, "Name", "missing", ""),
        ({"Name": "x" * 201}, "Name", "200", "x" * 201),
        ({"Name": "a\x07"}, "Name", "control character", "a\x07"),
        ({"From": ""}, "From", "missing", ""),
        ({"Country": "Atlantis"}, "Country", "no country", "Atlantis"),
        ({"Mode": "Mule"}, "Mode", "not one of Truck, Ship", "Mule"),
        ({"Declaration": "123"}, "Declaration", "18 digits", "123"),
        ({"No": ""}, "No", "missing", ""),
        ({"No": "7 8"}, "No", "without blanks", "7 8"),
        ({"Keeps": "99999 d"}, "Keeps", "36", "99999 d"),
        ({"Weight": "x" * 201}, "Weight", "weight: .*200", "x" * 201),
    ],
)
def test_a_fault_is_told_by_row_column_reason_and_value(
    tmp_path: Path, row: dict[str, str], column: str, reason: str, value: str
) -> None:
    good = {"No": "77", "Delivery": "A-2"}
    receipts, rejects = split(imported(tmp_path, row, good))
    assert [one.rows for one in receipts] == [(3,)]
    (reject,) = rejects
    assert (reject.row, reject.column, reject.value) == (2, column, value)
    assert re.search(reason, reject.reason), reject.reason


def test_all_faults_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    _, (reject,) = split(imported(tmp_path, {"Amount": "x", "Mode": "Mule", "Date": "soon"}))
    assert reject.column == "Mode"
    assert "also Amount: not a number" in reject.reason
    assert "also Date: not a date" in reject.reason


def test_a_row_at_fault_does_not_keep_back_the_others_and_says_so(tmp_path: Path) -> None:
    receipts, rejects = split(imported(tmp_path, {"Amount": "x"}, {"No": "2"}, {"No": "3"}))
    assert [one.rows for one in receipts] == [(3, 4)]
    assert rejects[0].reason.endswith("; the other rows of receipt A-1 were taken in")
    _, (alone,) = split(imported(tmp_path, {"Amount": "x"}))
    assert "other rows" not in alone.reason


@pytest.mark.parametrize(
    ("column", "other", "shown"),
    [
        ("From", "乙", "乙"),
        ("Mode", "Ship", "Ship"),
        ("Mode", "", "nothing"),
        ("Declaration", "420120221000000012", "420120221000000012"),
        ("Test", "T-1", "T-1"),
        ("Date", "03.03.2022", "2022-03-03"),
        ("Zone", "+09:00", "+09:00"),
        ("Merchant", "92410104MACU00022R", "92410104MACU00022R"),
    ],
)
def test_rows_that_disagree_about_their_receipt_are_never_merged(
    tmp_path: Path, column: str, other: str, shown: str
) -> None:
    receipts, (reject,) = split(imported(tmp_path, {}, {"No": "2", column: other}, {"No": "3"}))
    assert [one.rows for one in receipts] == [(2, 4)]
    assert reject.row == 3
    assert reject.column == ("Date" if column == "Zone" else column)
    assert shown in reject.reason
    assert "row 2 of the same receipt" in reject.reason
    if column not in ("Zone", "Test"):
        assert (GOOD[column] if column != "Date" else "2022-03-02") in reject.reason


def test_a_rejected_first_row_does_not_set_what_the_others_are_compared_with(tmp_path: Path) -> None:
    receipts, rejects = split(
        imported(tmp_path, {"Amount": "x", "From": "乙"}, {"No": "2"}, {"No": "3"}, {"No": "4", "From": "乙"})
    )
    assert [one.rows for one in receipts] == [(3, 4)]
    assert [one.row for one in rejects] == [2, 5]
    assert "row 3 of the same receipt" in rejects[1].reason


def test_different_words_for_the_same_thing_do_agree(tmp_path: Path) -> None:
    receipts, rejects = split(imported(tmp_path, {}, {"No": "2", "Country": "Myanmar"}))
    assert rejects == []
    assert receipts[0].rows == (2, 3)


def test_a_batch_comes_in_once_in_a_file(tmp_path: Path) -> None:
    receipts, rejects = split(
        imported(
            tmp_path, {}, {"Delivery": "A-2"}, {"Name": "again"}, {"No": "2", "Amount": "x"}, {"No": "2"}
        )
    )
    assert [one.rows for one in receipts] == [(2, 6)]
    assert sorted((one.row, one.column, one.value) for one in rejects) == [
        (3, "No", "D-1"),
        (4, "No", "D-1"),
        (5, "Amount", "x"),
    ]
    assert "stands already in row 2" in next(one.reason for one in rejects if one.row == 3)


def test_rows_that_cannot_be_read_are_rejects_too(tmp_path: Path) -> None:
    run = imported(tmp_path, {})
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text + "2,A-1\n" + text.splitlines()[1].replace("1,A-1", '"3"x,A-1') + "\n")
    run = open_import(tmp_path / FILE, MAPPING)
    receipts, rejects = split(run)
    assert [one.rows for one in receipts] == [(2,)]
    assert [(one.row, one.column) for one in rejects] == [(3, None), (4, None)]
    assert (run.rows_read, run.rows_imported, run.rows_rejected, run.receipts) == (3, 1, 2, 1)
    assert run.rejected_rows[3] == ("2", "A-1")


def test_columns_that_nobody_speaks_for_stop_the_import(tmp_path: Path) -> None:
    imported(tmp_path, {})
    text = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()
    (tmp_path / FILE).write_text(f"{text[0]},Price\n{text[1]},5\n", encoding="utf-8")
    with pytest.raises(SheetError, match="“Price”"):
        open_import(tmp_path / FILE, MAPPING)
    (tmp_path / FILE).write_text("\n".join(text).replace("Amount", "Amonut"), encoding="utf-8")
    with pytest.raises(SheetError, match="“Amonut”"):
        open_import(tmp_path / FILE, MAPPING)


def test_a_file_in_another_encoding_than_stated_stops_the_import(tmp_path: Path) -> None:
    imported(tmp_path, {})
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_bytes(text.encode("gb18030"))
    with pytest.raises(SheetError, match="is not utf-8") as caught:
        list(open_import(tmp_path / FILE, MAPPING))
    assert (caught.value.row, caught.value.field) == (2, "From")


def test_cells_of_a_workbook_that_cannot_be_trusted_are_faults(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(GOOD))
    noisy: dict[str, object] = GOOD | {"Date": datetime.fromisoformat("2022-03-02"), "Amount": 100.1 * 3}
    formula = GOOD | {"No": "2", "Amount": "=1+1"}
    lost: dict[str, object] = GOOD | {"No": "3", "Declaration": 420120221000000011}
    for row in (noisy, formula, lost):
        sheet.append(list(row.values()))
    book.save(tmp_path / "book.xlsx")
    receipts, rejects = split(open_import(tmp_path / "book.xlsx", MAPPING))
    line = line_of(receipts[0])
    assert line["quantity"] == {"value": "0.3003", "unit": "kg"}
    assert [(one.row, one.column) for one in rejects] == [(3, "Amount"), (4, "Declaration")]
    assert "without a stored result" in rejects[0].reason
    assert rejects[0].value == "=1+1"
    assert "15 digits" in rejects[1].reason


# ---------------------------------------------------------------------- writing rejects down


def test_rejects_are_written_for_a_spreadsheet_with_the_row_as_it_stood(tmp_path: Path) -> None:
    run = imported(tmp_path, {"Amount": "x"}, {"No": "2"}, {"No": "3", "Note": "=HYPERLINK(1)", "Date": ""})
    _, rejects = split(run)
    path = tmp_path / "rejects.csv"
    assert write_rejects(path, run.header, reversed(rejects), run.rejected_rows) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = csv.reader(file)
    assert header == [*REJECT_COLUMNS, *GOOD]
    assert first[:2] == ["2", "Amount"]
    assert first[3:] == ["x", *(GOOD | {"Amount": "x", "Zone": "'+08:00"}).values()]
    assert second[0] == "4"
    assert second[-1] == "'=HYPERLINK(1)"


def test_mended_rejects_can_be_brought_in_as_they_are(tmp_path: Path) -> None:
    run = imported(tmp_path, {"Amount": "x"}, {"No": "2"}, {"No": "3", "Weight": "=5", "Mode": "Mule"})
    (before,), rejects = split(run)
    path = tmp_path / "rejects.csv"
    write_rejects(path, run.header, rejects, run.rejected_rows)
    text = path.read_text(encoding="utf-8-sig")
    mended = text.replace(",x,g,", ",1500,g,").replace(",Mule,420", ",Truck,420")
    for encoding in ("utf-8-sig", "utf-8", "gb18030"):  # as spreadsheet programs save it again
        path.write_bytes(mended.encode(encoding))
        again = open_import(path, MAPPING)
        (after,), still = split(again)
        assert still == []
        assert any("rejected rows" in note for note in again.notes)
        assert after.rows == (2, 3)
        assert after.id_seed != before.id_seed
        assert [line["batch"] for line in lines_of(after)] == ["D-1", "D-3"]
        assert lines_of(after)[1]["references"] == [{"name": "weight", "value": "=5"}]


def test_dates_of_a_workbook_survive_being_rejected(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(list(GOOD))
    row: dict[str, object] = GOOD | {"Date": datetime.fromisoformat("2022-03-02T08:15:00"), "Amount": "x"}
    book.worksheets[0].append(list(row.values()))
    book.save(tmp_path / "book.xlsx")
    run = open_import(tmp_path / "book.xlsx", MAPPING)
    _, rejects = split(run)
    path = tmp_path / "rejects.csv"
    write_rejects(path, run.header, rejects, run.rejected_rows)
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",x,g,", ",1,g,"), encoding="utf-8-sig")
    (receipt,), still = split(open_import(path, MAPPING))
    assert still == []
    assert receipt.occurred_at == "2022-03-02T08:15:00+08:00"
