"""Importing: grouping, ids that come out the same, the examples and the real delivery history, row for row."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import SheetError, UsageError
from ledger.exchange.importing import (
    ENTRY_OVERHEAD,
    ImportedReceipt,
    Reject,
    SheetImport,
    open_import,
    secret_salt,
    stable_uuid7,
)
from ledger.exchange.mapping import SheetMapping, load_mapping, parse_mapping
from ledger.log import canonical, sealed
from ledger.log.entry import MAX_ENTRY_BYTES, build
from ledger.log.keys import PrivateKey
from ledger.log.statement import Seen, build_statement, sign
from ledger_schemas import parse_body
from ledger_schemas.text import UUID7

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = PROJECT / "examples"
SCMS = PROJECT / "../shared/data/scms_delivery_history.tsv"
MERCHANT = "92410104MACU00014Y"
OTHER = "92410104MACU00022R"

MAPPING = parse_mapping(
    """
    name = "test"
    [source]
    encoding = "utf-8"
    delimiter = "comma"
    [receipt]
    group_by = ["Delivery"]
    merchant = { const = "92410104MACU00014Y" }
    occurred_at = "Date"
    date_formats = ["%Y-%m-%d"]
    timezone = "+08:00"
    number = { column = "Delivery" }
    "supplier.name" = { column = "From" }
    [line]
    batch = { template = "T-{No}" }
    goods_class = { const = "cold_chain" }
    name = { column = "Name" }
    quantity = { column = "Amount", type = "decimal", unit = "kg" }
    """
)
HEADER = "No,Delivery,Date,From,Name,Amount"


def run(
    path: Path, lines: Iterable[str], mapping: SheetMapping = MAPPING, header: str = HEADER
) -> SheetImport:
    file = path / "sheet.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return open_import(file, mapping, salt=secret_salt(b"0123456789abcdef"))


def split(results: Iterable[ImportedReceipt | Reject]) -> tuple[list[ImportedReceipt], list[Reject]]:
    receipts: list[ImportedReceipt] = []
    rejects: list[Reject] = []
    for one in results:
        (receipts if isinstance(one, ImportedReceipt) else rejects).append(one)  # type: ignore[arg-type]
    return receipts, rejects


def lines_of(receipt: ImportedReceipt) -> list[dict[str, canonical.JSON]]:
    lines = receipt.body["lines"]
    assert isinstance(lines, list)
    return [line for line in lines if isinstance(line, dict)]


def total(receipts: Iterable[ImportedReceipt]) -> Decimal:
    return sum((_amount(line) for receipt in receipts for line in lines_of(receipt)), Decimal(0))


def _amount(line: dict[str, canonical.JSON]) -> Decimal:
    quantity = line["quantity"]
    assert isinstance(quantity, dict)
    return Decimal(str(quantity["value"]))


def accounted(receipts: Iterable[ImportedReceipt], rejects: Iterable[Reject]) -> Counter[int]:
    """How often each row comes out."""
    rows = [row for receipt in receipts for row in receipt.rows]
    return Counter([*rows, *(reject.row for reject in rejects)])


# ---------------------------------------------------------------------- groups and ids


def test_rows_of_one_delivery_become_one_receipt_wherever_they_stand(tmp_path: Path) -> None:
    receipts, rejects = split(
        run(tmp_path, ["1,D-1,2022-03-02,甲,虾,1.50", "2,D-2,2022-03-03,乙,鱼,2", "3,D-1,2022-03-02,甲,蟹,3"])
    )
    assert rejects == []
    assert [(one.rows, one.occurred_at, one.merchant) for one in receipts] == [
        ((2, 4), "2022-03-02T00:00:00+08:00", MERCHANT),
        ((3,), "2022-03-03T00:00:00+08:00", MERCHANT),
    ]
    assert receipts[0].body == {
        "number": "D-1",
        "supplier": {"name": "甲"},
        "lines": [
            {
                "batch": "T-1",
                "goods_class": "cold_chain",
                "name": "虾",
                "quantity": {"value": "1.5", "unit": "kg"},
            },
            {
                "batch": "T-3",
                "goods_class": "cold_chain",
                "name": "蟹",
                "quantity": {"value": "3", "unit": "kg"},
            },
        ],
    }


def test_running_again_gives_the_same_receipts_and_ids(tmp_path: Path) -> None:
    rows = ["1,D-1,2022-03-02,甲,虾,1", "2,D-2,2022-03-03,乙,鱼,2"]
    first, second = list(run(tmp_path, rows)), list(run(tmp_path, rows))
    assert first == second
    seeds = [one.id_seed for one in first if isinstance(one, ImportedReceipt)]
    assert len(set(seeds)) == 2


def test_a_receipt_with_other_batches_has_another_seed(tmp_path: Path) -> None:
    (one,), _ = split(run(tmp_path, ["1,D-1,2022-03-02,甲,虾,1"]))
    (two,), _ = split(run(tmp_path, ["1,D-1,2022-03-02,甲,虾,1", "2,D-1,2022-03-02,甲,鱼,1"]))
    assert one.id_seed != two.id_seed


def test_the_merchant_given_goes_before_that_of_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{HEADER}\n1,D-1,2022-03-02,甲,虾,1\n")
    (receipt,), _ = split(open_import(file, MAPPING, merchant=OTHER))
    assert receipt.merchant == OTHER
    with pytest.raises(SheetError, match="18 characters"):
        open_import(file, MAPPING, merchant="9241")


@given(st.integers(0, 2**48 - 1), st.text(max_size=20))
def test_stable_ids_are_uuids_of_version_7_with_the_time_in_front(ms: int, seed: str) -> None:
    made = stable_uuid7(ms, seed)
    assert re.fullmatch(UUID7, made)
    assert int(made.replace("-", "")[:12], 16) == ms
    assert made == stable_uuid7(ms, seed)
    assert made != stable_uuid7(ms, seed + "x")


def test_stable_ids_take_their_bits_from_the_seed_alone() -> None:
    # SHA-256("") = e3b0c442 98fc1c14 9afb…: its first 80 bits are split after 12 + 62 of the low 74.
    bits = 0xE3B0C44298FC1C149AFB & (1 << 74) - 1
    made = int(stable_uuid7(0x0123456789AB, "").replace("-", ""), 16)
    assert made >> 80 == 0x0123456789AB
    assert (made >> 64 & 0xFFF) == bits >> 62
    assert made & (1 << 62) - 1 == bits & (1 << 62) - 1
    for outside in (-1, 1 << 48):
        with pytest.raises(UsageError):
            stable_uuid7(outside, "")


_ROW = st.tuples(
    st.sampled_from(["D-1", "D-2", "D-3", ""]),
    st.sampled_from(["2022-03-02", "2022-03-03", "2022-02-30", ""]),
    st.sampled_from(["甲", "乙"]),
    st.sampled_from(["1", "0.25", "1000000", "0", "-1", "x", "1,5", ""]),
    st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8]),
    st.sampled_from(["", ",too many"]),
)


@settings(max_examples=60)
@given(st.lists(_ROW, max_size=12))
def test_every_row_ends_in_one_receipt_or_one_reject(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str, str, int, str]]
) -> None:
    """Against a slow reading of the rules, row by row."""
    text = [
        f'{number},{key},{day},{firm},虾,"{amount}"{extra}' for key, day, firm, amount, number, extra in table
    ]
    receipts, rejects = split(run(tmp_path_factory.mktemp("run"), text))
    first: dict[str, tuple[str, str]] = {}
    batches: set[int] = set()
    wanted: dict[str, list[int]] = defaultdict(list)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row, (key, day, firm, amount, number, extra) in enumerate(table, 2):
        good = (
            key and day in ("2022-03-02", "2022-03-03") and amount in ("1", "0.25", "1000000") and not extra
        )
        if good and first.get(key, (day, firm)) == (day, firm) and number not in batches:
            first.setdefault(key, (day, firm))
            batches.add(number)
            wanted[key].append(row)
            sums[key] += Decimal(amount)
    assert {str(one.body["number"]): list(one.rows) for one in receipts} == dict(wanted)
    assert {str(one.body["number"]): total([one]) for one in receipts} == dict(sums)
    assert accounted(receipts, rejects) == Counter(range(2, len(table) + 2))
    for receipt in receipts:
        parse_body("goods.received", receipt.body)


# ---------------------------------------------------------------------- sealing, size


def test_personal_data_goes_into_a_disclosure_and_not_into_the_body(tmp_path: Path) -> None:
    mapping = parse_mapping(
        """
        name = "sealed"
        [receipt]
        group_by = ["Delivery"]
        occurred_at = "Date"
        date_formats = ["%Y-%m-%d"]
        timezone = "+08:00"
        number = { column = "Delivery" }
        "supplier.name" = { column = "From" }
        "supplier.contact" = { column = "Phone", sealed = true }
        [line]
        batch = { column = "No" }
        goods_class = { const = "cold_chain" }
        name = { column = "Name" }
        quantity = { column = "Amount", type = "decimal", unit = "kg" }
        """
    )
    rows = [
        "1,D-1,2022-03-02,甲,虾,1,00000000001",
        "2,D-1,2022-03-02,甲,鱼,1,00000000001",
        "3,D-2,2022-03-02,甲,蟹,1,",
    ]
    (first, second), rejects = split(run(tmp_path, rows, mapping, f"{HEADER},Phone"))
    assert rejects == []
    assert b"00000000001" not in canonical.encode(first.body)
    assert first.body["supplier"] == {
        "name": "甲",
        "contact": {"sealed": sealed.digest(first.disclosures[0])},
    }
    _salt, name, value = sealed.open_disclosure(first.disclosures[0])
    assert (name, value) == ("contact", "00000000001")
    assert second.disclosures == ()
    assert second.body["supplier"] == {"name": "甲"}
    assert [one.disclosures for one in run(tmp_path, rows, mapping, f"{HEADER},Phone")] == [  # type: ignore[union-attr]
        first.disclosures,
        (),
    ]
    other = open_import(tmp_path / "sheet.csv", mapping, salt=secret_salt(b"another key of 16"))
    assert next(iter(other)).disclosures != first.disclosures  # type: ignore[union-attr]
    with pytest.raises(SheetError, match="secret"):
        open_import(tmp_path / "sheet.csv", mapping)
    with pytest.raises(UsageError, match="16 bytes"):
        secret_salt(b"short")


def entry_size(receipt: ImportedReceipt) -> int:
    """Bytes of an entry with this receipt, with everything around it at its longest."""
    payload = build_statement(
        body=receipt.body,
        id=stable_uuid7(0, receipt.id_seed),
        kind="goods.received",
        ledger="custody.example/" + "x" * 240,
        merchant=receipt.merchant,
        occurred_at=receipt.occurred_at,
        seen=Seen("f" * 64, 2**53 - 1),
    )
    envelope = sign(payload, [PrivateKey.from_seed(bytes(32))])
    entry = build(2**53 - 1, bytes(32), 2**53 - 1, bytes(32), "2026-11-23T00:15:02.123Z", envelope)
    return len(entry.data)


def test_what_an_entry_needs_beside_the_body_is_allowed_for(tmp_path: Path) -> None:
    (receipt,), _ = split(run(tmp_path, ["1,D-1,2022-03-02,甲,虾,1"]))
    overhead = entry_size(receipt) - len(canonical.encode(receipt.body))
    assert overhead <= ENTRY_OVERHEAD <= 2 * overhead


def test_a_receipt_too_large_for_an_entry_is_refused_as_a_whole_with_a_remedy(tmp_path: Path) -> None:
    rows = [f"{number},D-1,2022-03-02,甲,{'虾' * 190},1" for number in range(1, 121)]
    receipts, rejects = split(run(tmp_path, [*rows, "999,D-2,2022-03-02,甲,虾,1"]))
    assert [one.body["number"] for one in receipts] == ["D-2"]
    assert [one.row for one in rejects] == list(range(2, 122))
    assert "an entry holds 65,535" in rejects[0].reason
    assert "add a column to group_by" in rejects[0].reason
    fitting, _ = split(run(tmp_path, rows[:80]))
    assert entry_size(fitting[0]) <= MAX_ENTRY_BYTES


def test_a_receipt_of_too_many_lines_is_refused_as_a_whole(tmp_path: Path) -> None:
    rows = [f"{number},D-1,2022-03-02,甲,虾,1" for number in range(1, 202)]
    receipts, rejects = split(run(tmp_path, rows))
    assert receipts == []
    assert len(rejects) == 201
    assert "at most 200 lines" in rejects[0].reason
    assert len(split(run(tmp_path, rows[:200]))[0]) == 1


# ---------------------------------------------------------------------- the examples


def test_the_example_says_the_same_as_csv_and_as_workbook() -> None:
    mapping = load_mapping(EXAMPLES / "taizhang.toml")
    salt = secret_salt(b"0123456789abcdef")
    text = list(open_import(EXAMPLES / "taizhang.csv", mapping, salt=salt))
    book = list(open_import(EXAMPLES / "taizhang.xlsx", mapping, salt=salt))
    assert text == book
    receipts, rejects = split(text)
    assert rejects == []
    assert [one.rows for one in receipts] == [(3, 4), (5, 6), (7,)]
    shrimp, cod = lines_of(receipts[0])
    assert (shrimp["production_date"], shrimp["lot"]) == ("2021-11-20", "2021-11-20")
    assert ("production_date" in cod, cod["lot"], cod["shelf_life_days"]) == (False, "LOT-7731", 540)
    assert {"name": "保质期", "value": "18个月"} in shrimp["references"]  # type: ignore[operator]
    assert lines_of(receipts[1])[0]["quantity"] == {"value": "1200", "unit": "box"}
    assert all(b"000000000" not in canonical.encode(one.body) for one in receipts)


@pytest.fixture(scope="module")
def real() -> tuple[SheetImport, list[ImportedReceipt], list[Reject]]:
    """The real file, imported."""
    if not SCMS.exists():
        pytest.skip("the shared data is not there")
    imported = open_import(SCMS, load_mapping(EXAMPLES / "scms.toml"))
    return imported, *split(imported)


def plainly_read() -> list[dict[str, str]]:
    """The real file without any of our code."""
    with SCMS.open(encoding="iso-8859-1", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.shared
def test_every_row_of_the_real_delivery_history_is_taken_in_once(
    real: tuple[SheetImport, list[ImportedReceipt], list[Reject]],
) -> None:
    rows = plainly_read()
    imported, receipts, rejects = real
    assert imported.notes == ()
    assert rejects == []
    assert accounted(receipts, rejects) == Counter(range(2, 10_326))
    assert len(receipts) == imported.receipts == 7_030
    assert (imported.rows_read, imported.rows_imported, imported.rows_rejected) == (10_324, 10_324, 0)
    assert total(receipts) == sum(int(row["Line Item Quantity"]) for row in rows) == 189_265_090
    assert len({one.id_seed for one in receipts}) == 7_030
    largest = max(receipts, key=lambda one: len(canonical.encode(one.body)))
    assert len(largest.rows) == 54
    assert entry_size(largest) <= MAX_ENTRY_BYTES
    for receipt in receipts[::50]:
        parse_body("goods.received", receipt.body)


@pytest.mark.shared
def test_no_word_of_the_real_delivery_history_is_lost(
    real: tuple[SheetImport, list[ImportedReceipt], list[Reject]],
) -> None:
    """Every cell stands in its receipt word for word, except those that a rule turns into something else."""
    rows = plainly_read()
    _, receipts, _ = real
    turned = {"Delivered to Client Date", "Dosage", "Dosage Form"}
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    for receipt in receipts:
        head = Counter(_texts({**receipt.body, "lines": None}))
        for number, line in zip(receipt.rows, lines_of(receipt), strict=True):
            row = rows[number - 2]
            words = head + Counter(_texts(line))
            for column, text in row.items():
                expected = f"SCMS-{text}" if column == "ID" else text
                assert not text or column in turned or words[expected] > 0, (number, column, text)
            form = [one for one in (row["Dosage"], row["Dosage Form"]) if one != "N/A"]
            assert line["specification"] == ", ".join(form)
            day, month, year = row["Delivered to Client Date"].split("-")
            months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            assert (
                receipt.occurred_at == f"20{year}-{months.index(month) + 1:02}-{int(day):02}T00:00:00+00:00"
            )


def _texts(value: canonical.JSON) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
