"""The reader's questions against the same questions asked of a plain list, for random facts and keys."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.store.base import Store
from ledger.store.facts import (
    AcceptanceFact,
    BatchFact,
    CheckFact,
    CorrectionFact,
    EventFact,
    FactRow,
    GrantFact,
    HandoverFact,
    HolderFact,
    MatterFact,
    MerchantFact,
    MovementFact,
    RevocationFact,
    RulesetFact,
    StatementFact,
)
from ledger.store.reader import ChainHead, FactReader
from ledger.store.sqlite import SqliteStore
from tests.store import samples
from tests.store.samples import ORIGIN, VKEY

SIZE = 2600
R = TypeVar("R", bound=FactRow)
MERCHANTS = [f"9241010{number:02d}" for number in range(30)]
BATCHES = [f"B-{number}" for number in range(400)]
GTINS = ("06291041500213", None)
CODES = ("TC-1", "TC-2", None)
KEYIDS = [f"{number:064x}" for number in range(20)]
KINDS = ["disinfection.logged", "temperature.logged", "inspection.recorded", "goods.sold"]


TOPICS = ["card", "order", "seal"]


class Model:
    """The facts as lists, in the order of (index, line); and the obvious answers."""

    def __init__(self, seed: int) -> None:
        self.rows: dict[type[FactRow], list[Any]] = {row: [] for row in samples.one_of_each(0)}
        choose = random.Random(seed)
        chains = dict.fromkeys(MERCHANTS, 0)
        held: set[tuple[str, str]] = set()
        for index in range(SIZE):
            merchant, other = choose.choice([*MERCHANTS, None]), choose.choice(MERCHANTS)
            kind = choose.choice(KINDS)
            seq = None if merchant is None else chains[merchant]
            late = choose.choice([0, 3, 59, 60, 61, 5000])
            self.add(StatementFact(index, samples.id_of(index), kind, merchant, seq, late))
            if merchant is None:
                self.of_the_ledger(index, choose)
                continue
            chains[merchant] += 1
            self.of_goods(index, merchant, other, choose, held)
            if kind == KINDS[2]:
                self.add(
                    CheckFact(
                        index, merchant, index, 202600 + index // 50, index, choose.randrange(3), KEYIDS[0]
                    )
                )
            elif kind != KINDS[3]:
                self.add(EventFact(index, choose.choice([None, index]), None, None, -1, 0, "zone"))

    def add(self, row: FactRow) -> None:
        self.rows[type(row)].append(row)

    def of_the_ledger(self, index: int, choose: random.Random) -> None:
        keyid, merchant = choose.choice(KEYIDS), choose.choice(MERCHANTS)
        self.add(GrantFact(index, keyid, "merchant", merchant, None, "MCow"))
        if choose.random() < 0.5:
            self.add(RevocationFact(index, keyid, choose.choice([None, index // 2])))
        self.add(RulesetFact(index, f"henan-{index}", "{}"))
        self.add(MerchantFact(index, merchant, "店", "erligang/1", "shop", "cold_chain", None, "[]", index))

    def of_goods(
        self, index: int, merchant: str, other: str, choose: random.Random, held: set[tuple[str, str]]
    ) -> None:
        for line in range(choose.randrange(4)):
            batch = choose.choice(BATCHES)
            self.add(
                MovementFact(index, line, batch, merchant, "sold", line, index, choose.choice([None, other]))
            )
            if choose.random() < 0.3:
                self.add(
                    BatchFact(
                        index,
                        line,
                        batch,
                        merchant,
                        "kg",
                        "cold_chain",
                        "虾",
                        "",
                        7,
                        -1250,
                        choose.choice(GTINS),
                        None,
                        choose.choice(CODES),
                    )
                )
            if (merchant, batch) not in held:
                held.add((merchant, batch))
                self.add(HolderFact(index, merchant, batch))
        if choose.random() < 0.3:
            self.add(HandoverFact(index, samples.id_of(index), merchant, other, index))
        if choose.random() < 0.3:
            self.add(AcceptanceFact(index, choose.randrange(SIZE)))
            self.add(CorrectionFact(index, merchant, choose.randrange(SIZE)))
        for line in range(choose.choice([0, 0, 2])):
            self.add(MatterFact(index, line, choose.choice(TOPICS), merchant, "{}"))

    def where(self, row: type[R], wanted: Callable[[R], bool], before: int | None) -> list[R]:
        limit = SIZE if before is None else before
        rows: list[R] = self.rows[cast("type[FactRow]", row)]
        return [fact for fact in rows if fact.index < limit and wanted(fact)]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(seed=26)


@pytest.fixture(scope="module")
def store(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    directory: Path = tmp_path_factory.mktemp("reader")
    with SqliteStore.create(directory, origin=ORIGIN, vkey=VKEY) as store:
        with store.writing() as transaction:
            entries = [(index, samples.entry_of(index, 80)) for index in range(SIZE)]
            transaction.append(entries, [], model.rows, (SIZE, samples.note_of(SIZE)))
        yield store


@pytest.fixture(scope="module")
def reader(store: Store) -> FactReader:
    return store.facts


def in_order(row: type[FactRow], rows: list[Any]) -> list[Any]:
    """What tells a holder's rows of one entry apart is merchant and batch, there is no line."""
    return sorted(rows) if row is HolderFact else rows


before_any = st.none() | st.integers(0, SIZE)


def some(values: Sequence[Any]) -> st.SearchStrategy[list[Any]]:
    """A few keys, repeated ones and unknown ones too; now and then more than one statement takes."""
    few = st.lists(st.sampled_from(values), max_size=6)
    return few | st.just(list(values)) | st.just([*values, *values])


IDS = [samples.id_of(index) for index in range(0, SIZE, 7)]
INDEXES = list(range(0, SIZE + 50, 3))
BY_KEY: list[tuple[str, type[FactRow], str, Sequence[Any]]] = [
    ("grants_by_keyid", GrantFact, "keyid", [*KEYIDS, "unknown"]),
    ("grants_by_scope", GrantFact, "scope", [*MERCHANTS, "unknown"]),
    ("revocations_by_keyid", RevocationFact, "keyid", [*KEYIDS, "unknown"]),
    ("merchants_by_id", MerchantFact, "merchant", [*MERCHANTS, "unknown"]),
    ("batches_by_id", BatchFact, "batch", [*BATCHES, "unknown"]),
    ("batches_by_gtin", BatchFact, "gtin", ["06291041500213", "unknown"]),
    ("batches_by_trace_code", BatchFact, "trace_code", ["TC-1", "TC-2", "unknown"]),
    ("movements_by_batch", MovementFact, "batch", [*BATCHES, "unknown"]),
    ("movements_by_index", MovementFact, "index", INDEXES),
    ("holders_by_merchant", HolderFact, "merchant", [*MERCHANTS, "unknown"]),
    ("handovers_by_id", HandoverFact, "id", [*IDS, bytes(16)]),
    ("handovers_by_index", HandoverFact, "index", INDEXES),
    ("handovers_by_receiver", HandoverFact, "receiver", [*MERCHANTS, "unknown"]),
    ("acceptances_by_handover", AcceptanceFact, "handover", INDEXES),
    ("checks_by_merchant", CheckFact, "merchant", [*MERCHANTS, "unknown"]),
    ("corrections_by_merchant", CorrectionFact, "merchant", [*MERCHANTS, "unknown"]),
    ("corrections_by_corrected", CorrectionFact, "corrected", INDEXES),
    ("statements_by_id", StatementFact, "id", [*IDS, bytes(16)]),
    ("statements_by_index", StatementFact, "index", INDEXES),
]


@pytest.mark.parametrize(("name", "row", "column", "known"), BY_KEY, ids=[name for name, *_ in BY_KEY])
@settings(max_examples=15, deadline=None)
@given(data=st.data(), before=before_any)
def test_rows_by_key(
    reader: FactReader,
    model: Model,
    name: str,
    row: type[FactRow],
    column: str,
    known: Sequence[Any],
    data: st.DataObject,
    before: int | None,
) -> None:
    keys = data.draw(some(known))
    wanted = set(keys)
    expected = model.where(row, lambda fact: getattr(fact, column) in wanted, before)
    assert getattr(reader, name)(keys, before=before) == in_order(row, expected)


MATTERS = [(topic, key) for topic in [*TOPICS, "unknown"] for key in MERCHANTS]


@settings(max_examples=15, deadline=None)
@given(keys=some(MATTERS), topic=st.sampled_from([*TOPICS, "unknown"]), before=before_any)
def test_matters(
    reader: FactReader, model: Model, keys: list[tuple[str, str]], topic: str, before: int | None
) -> None:
    wanted = set(keys)
    expected = model.where(MatterFact, lambda fact: (fact.topic, fact.key) in wanted, before)
    assert reader.matters(keys, before=before) == expected
    of_topic = model.where(MatterFact, lambda fact: fact.topic == topic, before)
    assert reader.matters_of_topic(topic, before=before) == of_topic


PAIRS = [(batch, merchant) for batch in BATCHES[:40] for merchant in [*MERCHANTS, "unknown"]]


@settings(max_examples=15, deadline=None)
@given(pairs=some(PAIRS), before=before_any)
def test_rows_by_pair(
    reader: FactReader, model: Model, pairs: list[tuple[str, str]], before: int | None
) -> None:
    wanted = set(pairs)
    expected = model.where(MovementFact, lambda fact: (fact.batch, fact.merchant) in wanted, before)
    assert reader.movements_of_pairs(pairs, before=before) == expected
    assert reader.last_movements(pairs, before=before) == {(row.batch, row.merchant): row for row in expected}


@settings(max_examples=30, deadline=None)
@given(merchant=st.sampled_from([*MERCHANTS, "unknown"]), before=before_any)
def test_rows_of_a_merchant(reader: FactReader, model: Model, merchant: str, before: int | None) -> None:
    held = {fact.batch for fact in model.where(HolderFact, lambda fact: fact.merchant == merchant, before)}
    assert reader.batches_of_merchant(merchant, before) == model.where(
        BatchFact, lambda fact: fact.batch in held, before
    )
    assert reader.handovers_of_merchant(merchant, before) == model.where(
        HandoverFact, lambda fact: merchant in {fact.sender, fact.receiver}, before
    )


@settings(max_examples=30, deadline=None)
@given(merchants=some([*MERCHANTS, "unknown"]), before=before_any)
def test_events_and_delays_of_merchants(
    reader: FactReader, model: Model, merchants: list[str], before: int | None
) -> None:
    own = {fact.index: fact for fact in model.where(StatementFact, lambda f: f.merchant in merchants, before)}
    assert reader.events_by_merchant(merchants, before) == [
        (own[event.index].merchant, own[event.index].kind, event)
        for event in model.where(EventFact, lambda fact: fact.index in own, before)
    ]
    assert reader.late_by_merchant(merchants, before) == [
        fact for fact in own.values() if fact.late_minutes >= 60
    ]


@settings(max_examples=15, deadline=None)
@given(merchants=some([*MERCHANTS, "unknown"]), before=before_any)
def test_heads_of_chains(reader: FactReader, model: Model, merchants: list[str], before: int | None) -> None:
    expected = {
        fact.merchant: ChainHead(fact.merchant, fact.merchant_seq, fact.index)
        for fact in model.where(StatementFact, lambda fact: fact.merchant in merchants, before)
        if fact.merchant is not None and fact.merchant_seq is not None
    }
    assert reader.chain_heads(merchants, before) == expected


@settings(max_examples=15, deadline=None)
@given(weeks=st.tuples(st.integers(202600, 202660), st.integers(202600, 202660)), before=before_any)
def test_checks_by_week(reader: FactReader, model: Model, weeks: tuple[int, int], before: int | None) -> None:
    first, last = weeks
    expected = model.where(CheckFact, lambda fact: first <= fact.week <= last, before)
    assert reader.checks_by_week(first, last, before) == expected


@settings(max_examples=15, deadline=None)
@given(start=st.integers(-1, SIZE), stop=before_any)
def test_whole_tables(store: Store, model: Model, start: int, stop: int | None) -> None:
    for row in store.fact_tables:
        found = list(store.fact_rows(row, start, stop))
        expected = model.where(row, lambda fact: fact.index >= start, stop)
        assert found == in_order(row, expected)
        assert store.max_fact_index(row) == model.rows[row][-1].index
    assert list(store.facts.rulesets(stop)) == model.where(RulesetFact, lambda fact: True, stop)
    assert list(store.facts.merchants(stop)) == model.where(MerchantFact, lambda fact: True, stop)
    assert list(store.facts.corrections(stop)) == model.where(CorrectionFact, lambda fact: True, stop)


def test_no_keys_ask_nothing(reader: FactReader) -> None:
    for name, *_ in BY_KEY:
        assert getattr(reader, name)([]) == []
    assert reader.chain_heads([]) == {}
    assert reader.last_movements([]) == {}


def test_the_model_has_every_fact(model: Model) -> None:
    assert all(model.rows.values())
    indexes = list(chain.from_iterable(([row.index for row in rows]) for rows in model.rows.values()))
    assert max(indexes) == SIZE - 1
