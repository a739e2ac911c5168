"""Derived tables: every row that is altered, missing or too many is found at its entry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit.verify import verify
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import (
    FactRow,
    HolderFact,
    MovementFact,
    StatementFact,
)
from tests.audit.memory import VKEY, MemorySource, found
from tests.audit.sample import make_long, make_sample

TABLES = list(FACT_TABLES)


def fact_faults(source: MemorySource) -> list[int | None]:
    report = verify(source, vkey=VKEY, signatures=False)
    places = found(report)
    assert set(places) == {"facts"}
    return places["facts"]


def test_the_sample_has_rows_in_every_table() -> None:
    assert all(make_sample().rows[table] for table in TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_column_of_every_table(table: type[FactRow]) -> None:
    made = make_sample()
    for at, row in enumerate(made.rows[table]):
        for column in range(1, len(row)):
            source = made.source()
            assert source.rows is not None
            changed = list(row)
            changed[column] = _another(row[column])
            source.rows[table][at] = tuple(changed)
            assert set(fact_faults(source)) == {row[0]}
        if at == 2:
            break  # the other rows are no different


def _another(value: object) -> object:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return bytes(16) if isinstance(value, bytes) else "something"


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_row_missing_or_twice_or_moved(data: st.DataObject) -> None:
    made = make_sample()
    table = data.draw(st.sampled_from(TABLES))
    at = data.draw(st.integers(0, len(made.rows[table]) - 1))
    source = made.source()
    assert source.rows is not None
    row = source.rows[table][at]
    match data.draw(st.sampled_from(["missing", "twice", "moved"])):
        case "missing":
            del source.rows[table][at]
            assert fact_faults(source) == [row[0]]
        case "twice":
            source.rows[table].append(row)
            assert set(fact_faults(source)) == {row[0]}
        case _:
            elsewhere = data.draw(st.integers(-2, len(made.data) + 2).filter(lambda index: index != row[0]))
            source.rows[table][at] = (elsewhere, *row[1:])
            assert set(fact_faults(source)) == {row[0], elsewhere}


def test_rows_of_entries_that_are_not_there() -> None:
    source = make_sample().source()
    assert source.rows is not None
    source.rows[HolderFact] += [(-(2**62), "M", "B"), (10**9, "M", "B")]
    assert fact_faults(source) == [-(2**62), 10**9]


def test_what_a_database_should_not_hold_where_an_index_stands() -> None:
    source = make_sample().source()
    assert source.rows is not None
    source.rows[HolderFact].append((5.5, "M", "B"))
    assert fact_faults(source) == [None]


def test_all_rows_of_a_table_gone() -> None:
    made = make_long()
    source = made.source()
    assert source.rows is not None
    source.rows[StatementFact].clear()
    assert fact_faults(source) == list(range(len(made.data)))


def test_the_balance_after_a_movement_says_so_in_words() -> None:
    source = make_sample().source()
    assert source.rows is not None
    row = source.rows[MovementFact][3]
    source.rows[MovementFact][3] = (*row[:6], row[6] + 1, row[7])
    (fault,) = verify(source, vkey=VKEY).faults
    assert fault.detail == f"movement fact: held is {row[6] + 1}, replayed it is {row[6]}"


def test_facts_of_an_entry_that_cannot_be_judged_are_not_held_against_it() -> None:
    source = make_sample().source()
    index = make_sample().find("briefing.acknowledged")
    source.data[index] = source.data[index].replace(b'"version"', b'"versiom"')
    assert "facts" not in found(verify(source))
