"""Mapping files: everything that can be wrong in one is found before any row is read, and named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.errors import SheetError
from ledger.exchange.mapping import load_mapping, parse_mapping
from ledger.exchange.receipt_fields import document_fields, line_fields, receipt_fields
from ledger.exchange.values import DateFormats, NotOfTypeError, country_code, decimal_text, offset

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

GOOD = """
name = "test"
ignore = ["Note"]
[source]
encoding = "utf-8"
delimiter = "comma"
[receipt]
group_by = ["Delivery"]
occurred_at = "Date"
date_formats = ["%Y-%m-%d"]
timezone = "+08:00"
number = { column = "Delivery" }
"supplier.name" = { column = "From" }
[line]
batch = { column = "Batch" }
goods_class = { const = "cold_chain" }
name = { column = "Name" }
quantity = { column = "Amount", type = "decimal", unit = "kg" }
references = ["Ref"]
"""
HEADER = ("Delivery", "Date", "From", "Batch", "Name", "Amount", "Ref", "Note")


def test_a_good_mapping_accounts_for_every_column() -> None:
    mapping = parse_mapping(GOOD)
    mapping.check(HEADER)
    assert set(mapping.kept()) | set(mapping.ignore) == set(HEADER)
    assert mapping.source.id == "test"


def test_columns_of_the_file_that_are_not_named_stop_the_import() -> None:
    with pytest.raises(SheetError, match=r"“Lot”, “备注”.*ignore") as caught:
        parse_mapping(GOOD).check((*HEADER, "Lot", "备注"))
    assert caught.value.field == "Lot"


def test_columns_named_that_are_not_in_the_file_stop_it_and_near_ones_are_offered() -> None:
    header = tuple(one.replace("Amount", "Amounts") for one in HEADER)
    with pytest.raises(SheetError, match=r"“Amount” .is it “Amounts”") as caught:
        parse_mapping(GOOD).check(header)
    assert caught.value.field == "Amount"


def test_an_ignored_column_must_be_there_too() -> None:
    with pytest.raises(SheetError, match="“Note”"):
        parse_mapping(GOOD).check(HEADER[:-1])


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ('name = "test"', "", "name", "missing"),
        ('name = "test"', 'name = "test"\nignor = []', "ignor", "not known.*ignore"),
        ('encoding = "utf-8"', 'encodnig = "utf-8"', "source.encodnig", "not known.*encoding"),
        ('encoding = "utf-8"', "header_row = 0", "source.header_row", "from 1"),
        ('group_by = ["Delivery"]', "group_by = []", "receipt.group_by", "no column"),
        ('group_by = ["Delivery"]', 'group_by = "Delivery"', "receipt.group_by", "list"),
        ('group_by = ["Delivery"]', 'group_by = ["Date", "Lot"]', "receipt.group_by", "Lot.*kept nowhere"),
        ('timezone = "+08:00"', "", "receipt.timezone", "missing"),
        ('timezone = "+08:00"', 'timezone = "Shanghai"', "receipt.timezone", "UTC offset"),
        ('["%Y-%m-%d"]', '["%Y-%m-%q"]', "receipt.date_formats", "%q"),
        ('["%Y-%m-%d"]', '["%Y-%m"]', "receipt.date_formats", "day, month and year"),
        ('["%Y-%m-%d"]', '["%Y-%m-%d %y"]', "receipt.date_formats", "day, month and year"),
        ('"supplier.name"', '"suplier.name"', "receipt.suplier.name", "no field.*supplier.name"),
        ("batch =", "bacth =", "line.bacth", "no field “bacth”.*“batch”"),
        ('number = { column = "Delivery" }', 'number = "Delivery"', "receipt.number", "table"),
        ('{ column = "From" }', "{ }", "receipt.supplier.name", "exactly one"),
        ('{ column = "From" }', '{ column = "From", const = "x" }', "receipt.supplier.name", "exactly one"),
        ('{ column = "From" }', '{ columns = ["From", "Note"] }', "receipt.supplier.name", "join"),
        ('{ column = "From" }', '{ column = "From", join = " " }', "receipt.supplier.name", "join"),
        (
            '{ column = "From" }',
            '{ column = "From", missng = [] }',
            "receipt.supplier.name.missng",
            "missing",
        ),
        ('{ column = "From" }', '{ template = "x" }', "receipt.supplier.name.template", "const"),
        ('{ column = "From" }', '{ template = "{x" }', "receipt.supplier.name.template", "brace"),
        ('{ column = "From" }', "{ const = 1.5 }", "receipt.supplier.name.const", "quotes"),
        ('{ column = "From" }', "{ const = true }", "receipt.supplier.name.const", "text in quotes"),
        ('{ column = "From" }', '{ column = "From", type = "money" }', "receipt.supplier.name.type", "money"),
        ('{ column = "From" }', '{ column = "From", else = "x" }', "receipt.supplier.name", "map"),
        ('{ column = "From" }', '{ column = "From", map = {} }', "receipt.supplier.name.map", "table"),
        ('{ column = "From" }', '{ column = "From", scale = 2 }', "receipt.supplier.name", "number"),
        (
            '{ column = "From" }',
            '{ column = "From", keep_other_as = "x" }',
            "receipt.supplier.name",
            "any text",
        ),
        (
            '{ column = "From" }',
            '{ column = "From", sealed = true }',
            "receipt.supplier.name.sealed",
            "in clear",
        ),
        ('{ column = "From" }', '{ column = "From", unit = "kg" }', "receipt.supplier.name.unit", "quantity"),
        (', unit = "kg"', "", "line.quantity.unit", "needs a unit"),
        ('type = "decimal"', 'type = "decimal", scale = 0', "line.quantity.scale", "above zero"),
        ('type = "decimal"', 'type = "decimal", scale = "x"', "line.quantity.scale", "number"),
        ('["Ref"]', '["Ref", { column = "Name", name = "Ref" }]', "line.references", "same name"),
        ('["Ref"]', "[1]", "line.references", "list"),
        ('["Ref"]', '["Ref", "Note"]', "ignore", "Note.*used and ignored"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(old: str, new: str, field: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(SheetError, match=message) as caught:
        parse_mapping(GOOD.replace(old, new, 1))
    assert caught.value.field == field


def test_a_document_must_take_something_from_the_rows() -> None:
    fixed = GOOD.replace("[line]", '[[receipt.documents]]\ntype = "invoice"\nnumber = "7"\n[line]')
    with pytest.raises(SheetError, match="every receipt") as caught:
        parse_mapping(fixed)
    assert caught.value.field == "receipt.documents[0]"


def test_personal_data_must_be_sealed() -> None:
    with pytest.raises(SheetError, match="sealed = true") as caught:
        parse_mapping(GOOD.replace("[line]", '"supplier.contact" = { column = "Phone" }\n[line]'))
    assert caught.value.field == "receipt.supplier.contact.sealed"


def test_words_must_not_fall_under_the_table() -> None:
    rule = 'production_date = { column = "Made", type = "date", other_is_absent = true }\n'
    with pytest.raises(SheetError, match="lose words of “Made”"):
        parse_mapping(GOOD + rule)
    parse_mapping(GOOD.replace('["Ref"]', '["Ref", "Made"]') + rule)


def test_dotted_keys_and_tables_are_the_same() -> None:
    nested = GOOD.replace('"supplier.name" = { column = "From" }', 'supplier.name.column = "From"')
    quoted, dotted = parse_mapping(GOOD), parse_mapping(nested)
    assert [(rule.path, rule.columns) for rule in quoted.receipt] == [
        (rule.path, rule.columns) for rule in dotted.receipt
    ]


def test_what_is_no_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"line 1.*quotes"):
        parse_mapping("名 = 1")
    path = tmp_path / "m.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(SheetError, match="UTF-8 at byte 8"):
        load_mapping(path)
    with pytest.raises(SheetError, match="cannot read"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["scms.toml", "taizhang.toml"])
def test_the_examples_are_good(name: str) -> None:
    load_mapping(EXAMPLES / name)


def test_fields_are_those_of_the_schema() -> None:
    assert receipt_fields()["transport.mode"] == "plain"
    assert receipt_fields()["supplier.contact"] == "sealed"
    assert line_fields()["quantity"] == "quantity"
    assert "number" in document_fields()
    assert not any(path.startswith(("lines", "documents", "references")) for path in receipt_fields())


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("form", "text", "date"),
    [
        ("%d-%b-%y", "2-Jun-06", "2006-06-02"),
        ("%d-%b-%y", "02-JUN-69", "1969-06-02"),
        ("%d %B %Y", "2 june 2006", "2006-06-02"),
        ("%Y年%m月%d日", "2022年3月2日", "2022-03-02"),
        ("%Y-%m-%d", "２０２２-０３-０２", "2022-03-02"),
        ("%m/%d/%Y %H:%M", "9/11/2014 8:15", "2014-09-11"),
        ("excel", "44622", "2022-03-02"),
        ("excel", "44622.34375", "2022-03-02"),
        ("excel-1904", "43160", "2022-03-02"),
    ],
)
def test_dates_are_read_as_stated(form: str, text: str, date: str) -> None:
    assert DateFormats([form]).read(text).date().isoformat() == date


def test_months_are_english_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr("calendar.month_abbr", ["", *("一二三四五六七八九十")])
    assert DateFormats(["%d-%b-%y"]).read("2-Jun-06").month == 6


@pytest.mark.parametrize(
    "text",
    ["31-Jun-06", "2-Jun-2006", "2-Juni-06", "29-Feb-07", "0-Jan-06", "", "Pre-PQ Process", "2-Jun-06 x"],
)
def test_what_is_no_date_is_not_made_one(text: str) -> None:
    with pytest.raises(NotOfTypeError):
        DateFormats(["%d-%b-%y"]).read(text)


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    both = DateFormats(["%d/%m/%Y", "%m/%d/%Y"])
    assert both.read("25/02/2022").day == 25
    assert both.read("02/02/2022").month == 2
    with pytest.raises(NotOfTypeError, match="2022-02-03T00:00:00 or 2022-03-02T00:00:00"):
        both.read("03/02/2022")


@pytest.mark.parametrize("serial", ["0", "60", "60.9", "2958466", "99999999", "-1", "x"])
def test_day_numbers_programs_disagree_about_are_refused(serial: str) -> None:
    with pytest.raises(NotOfTypeError):
        DateFormats(["excel"]).read(serial)


@pytest.mark.parametrize(
    ("text", "thousands", "read"),
    [
        ("12.50", None, "12.5"),
        ("+007", None, "7"),
        ("-0.0", None, "0"),
        ("１２．５", None, "12.5"),
        ("1,234,567.80", ",", "1234567.8"),
        ("123456789012.123456", None, "123456789012.123456"),
    ],
)
def test_decimals_are_read_exactly(text: str, thousands: str | None, read: str) -> None:
    assert decimal_text(text, thousands=thousands) == read


@pytest.mark.parametrize(
    ("text", "thousands", "why"),
    [
        ("1,200", None, "thousands"),
        ("12,00", ",", "between thousands"),
        ("1.2E+05", None, "powers of ten"),
        ("12kg", None, "not a number"),
        ("1e400000", None, "powers of ten"),
        ("9" * 40, None, "not a number"),
        ("NaN", None, "not a number"),
        ("Infinity", None, "not a number"),
        ("1_000", None, "not a number"),
    ],
)
def test_what_is_no_number_is_not_made_one(text: str, thousands: str | None, why: str) -> None:
    with pytest.raises(NotOfTypeError, match=re.escape(why)):
        decimal_text(text, thousands=thousands)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Vietnam", "VN"),
        ("Viet Nam", "VN"),
        ("越南", "VN"),
        ("vn", "VN"),
        ("VNM", "VN"),
        ("韩国", "KR"),
        ("大韩民国", "KR"),
        (" Côte  d'Ivoire ", "CI"),
        ("厄瓜多尔", "EC"),
    ],
)
def test_countries_are_known_by_name_in_both_languages(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("name", ["Vietnan", "进口", "Burma", ""])
def test_no_country_is_guessed(name: str) -> None:
    with pytest.raises(NotOfTypeError):
        country_code(name)


def test_offsets_are_fixed() -> None:
    assert offset("Z").utcoffset(None) == offset("+00:00").utcoffset(None)
    assert str(offset("-03:30")) == "UTC-03:30"
    for wrong in ("+8", "+24:00", "+08:60", "CST", ""):
        with pytest.raises(NotOfTypeError):
            offset(wrong)
