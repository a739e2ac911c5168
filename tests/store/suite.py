"""What every store must do, whatever database is below it.

A backend joins by subclassing `StoreSuite` with a `backend` fixture (see `test_store.py`).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from ledger.errors import NotALedger, StoreBusy, StoreError, StoreExists, StoreReadOnly, UsageError
from ledger.store.base import Head, Store
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import (
    EventFact,
    FactRow,
    GrantFact,
    MovementFact,
    StatementFact,
)
from tests.store import samples
from tests.store.samples import ORIGIN, VKEY, Commit, commit


class Backend(Protocol):
    """How the suite makes and opens stores of one kind."""

    def create(self, directory: Path) -> Store: ...

    def open(self, directory: Path, *, read_only: bool = False, busy_timeout: float = 30.0) -> Store: ...


def append(store: Store, *commits: Commit) -> None:
    for one in commits:
        with store.writing() as transaction:
            transaction.append(*one)


def state_of(store: Store) -> object:
    """Everything that can be seen of a store."""
    return (
        store.head(),
        list(store.entries()),
        list(store.checkpoints()),
        store.tiles([(level, number) for level in range(3) for number in range(20)]),
        {row: list(store.fact_rows(row)) for row in store.fact_tables},
    )


class StoreSuite:
    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError

    @pytest.fixture
    def store(self, backend: Backend, tmp_path: Path) -> Iterator[Store]:
        store = backend.create(tmp_path / "ledger")
        yield store
        store.close()

    # Making and opening

    def test_a_new_ledger_is_empty(self, store: Store) -> None:
        assert (store.origin, store.vkey, store.read_only) == (ORIGIN, VKEY, False)
        assert store.head() == Head.empty()
        assert list(store.entries()) == list(store.checkpoints()) == []
        assert store.checkpoint_at_or_after(0) is None
        assert store.max_fact_index() == -1
        assert store.triggers_missing() == []

    def test_what_was_appended_is_there_after_opening_again(self, backend: Backend, tmp_path: Path) -> None:
        first = backend.create(tmp_path / "a")
        append(first, commit(0, 3), commit(3, 300), commit(303, 1))
        before = state_of(first)
        first.close()
        second = backend.open(tmp_path / "a")
        assert (second.origin, second.vkey) == (ORIGIN, VKEY)
        assert state_of(second) == before
        append(second, commit(304, 2))
        assert second.head().size == 306
        second.close()

    def test_no_second_ledger_in_one_place(self, store: Store, backend: Backend, tmp_path: Path) -> None:
        append(store, commit(0, 1))
        with pytest.raises(StoreExists, match="another directory"):
            backend.create(tmp_path / "ledger")
        assert store.head().size == 1

    def test_opening_makes_nothing(self, backend: Backend, tmp_path: Path) -> None:
        for directory in (tmp_path / "none", tmp_path):
            with pytest.raises(NotALedger, match="no ledger"):
                backend.open(directory)
        assert list(tmp_path.iterdir()) == []

    def test_opened_for_reading_nothing_can_be_written(self, backend: Backend, tmp_path: Path) -> None:
        with_two = backend.create(tmp_path / "a")
        append(with_two, commit(0, 2))
        with_two.close()
        reader = backend.open(tmp_path / "a", read_only=True)
        assert reader.read_only
        assert reader.head().size == 2
        with pytest.raises(StoreReadOnly), reader.writing():
            pass
        with pytest.raises(StoreReadOnly):
            reader.replace_facts(iter([]))
        reader.close()

    def test_a_closed_store_says_so(self, backend: Backend, tmp_path: Path) -> None:
        store = backend.create(tmp_path / "a")
        store.close()
        store.close()
        for use in (
            store.head,
            lambda: store.entry(0),
            lambda: store.writing().__enter__(),
            store.generation,
        ):
            with pytest.raises(StoreError, match="closed"):
                use()

    # Appending

    def test_the_head_follows_every_commit(self, store: Store) -> None:
        size = 0
        for count in (1, 1, 5, 256, 2):
            with store.writing() as transaction:
                assert transaction.head.size == size
                transaction.append(*commit(size, count))
                assert transaction.head.size == size + count
                assert store.head().size == size, "nobody sees it before the commit"
            size += count
            expected = Head(size, samples.root_of(size), samples.recorded_ms(size - 1), samples.note_of(size))
            assert store.head() == expected
            assert transaction.head == expected

    def test_a_transaction_reads_what_it_has_appended(self, store: Store) -> None:
        append(store, commit(0, 2))
        with store.writing() as transaction:
            transaction.append(*commit(2, 3))
            assert [index for index, _ in transaction.entries()] == [0, 1, 2, 3, 4]
            assert transaction.facts.statements_by_id([samples.id_of(4)])[0].index == 4
            assert store.index_of(samples.id_of(4)) is None
            transaction.append(*commit(5, 1))
        assert store.index_of(samples.id_of(4)) == 4
        assert store.head().size == 6

    def test_one_of_each_fact_survives(self, store: Store) -> None:
        facts = samples.one_of_each(0)
        assert set(facts) == set(store.fact_tables), "the sample must name every fact"
        with store.writing() as transaction:
            transaction.append(
                [(0, samples.entry_of(0))], samples.tiles_of(0, 1), facts, (1, samples.note_of(1))
            )
        for row, expected in facts.items():
            found = list(store.fact_rows(row))
            assert found == expected
            assert [type(fact) for fact in found] == [row]

    def test_an_exception_leaves_nothing_behind(self, store: Store) -> None:
        append(store, commit(0, 2))
        before = state_of(store)
        with pytest.raises(RuntimeError, match="the caller's own"), store.writing() as transaction:
            transaction.append(*commit(2, 300))
            raise RuntimeError("the caller's own")
        assert state_of(store) == before
        append(store, commit(2, 1))
        assert store.head().size == 3

    def test_a_transaction_without_append_changes_nothing(self, store: Store) -> None:
        append(store, commit(0, 2))
        before = state_of(store)
        with store.writing() as transaction:
            assert transaction.head == store.head()
        assert state_of(store) == before

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (lambda good: good._replace(entries=[]), "nothing to append"),
            (lambda good: good._replace(entries=good.entries[1:]), "entry 4 must come next"),
            (
                lambda good: good._replace(entries=[good.entries[0], good.entries[2]]),
                "entry 5 must come next",
            ),
            (lambda good: good._replace(entries=good.entries[::-1]), "entry 4 must come next"),
            (lambda good: commit(3, 4), "entry 4 must come next"),
            (lambda good: good._replace(checkpoint=(6, samples.note_of(6))), "checkpoint is for 6 entries"),
            (lambda good: good._replace(checkpoint=(4, samples.note_of(4))), "checkpoint is for 4 entries"),
            (lambda good: good._replace(tiles=[(0, 0, samples.leaf_of(0) * 3)]), "a tile only grows"),
            (lambda good: good._replace(tiles=[(0, 0, samples.leaf_of(9) * 7)]), "a tile only grows"),
            (lambda good: good._replace(tiles=[(0, 1, samples.leaf_of(0)[:31])]), "tile_width"),
            (lambda good: good._replace(tiles=[(0, 1, samples.leaf_of(0) * 257)]), "tile_width"),
            (lambda good: good._replace(facts={EventFact: samples.events(1, 2)}), "entries appended with it"),
            (lambda good: good._replace(facts={EventFact: samples.events(8, 9)}), "entries appended with it"),
            (
                lambda good: good._replace(facts={StatementFact: [good.facts[StatementFact][0]] * 2}),
                "stands in fact_statement already",
            ),
            (
                lambda good: good._replace(
                    facts={StatementFact: [good.facts[StatementFact][0]._replace(id=samples.id_of(1))]}
                ),
                "stands in fact_statement already",
            ),
            (
                lambda good: good._replace(
                    facts={
                        StatementFact: [StatementFact(4, samples.id_of(4), "x.y", samples.MERCHANTS[1], 0, 0)]
                    }
                ),
                "stands in fact_statement already",
            ),
        ],
    )
    def test_an_append_that_does_not_fit_is_refused_whole(
        self, store: Store, bad: Callable[[Commit], Commit], message: str
    ) -> None:
        append(store, commit(0, 4))
        before = state_of(store)
        with pytest.raises(StoreError, match=message), store.writing() as transaction:
            transaction.append(*bad(commit(4, 3)))
        assert state_of(store) == before
        append(store, commit(4, 3))
        assert store.head().size == 7

    def test_a_failed_append_cannot_be_committed_by_going_on(self, store: Store) -> None:
        append(store, commit(0, 2))
        before = state_of(store)
        bad = commit(2, 2)._replace(tiles=[(0, 0, bytes(64))])  # fails after the entries have been inserted
        with pytest.raises(StoreError, match="has failed"), store.writing() as transaction:
            with pytest.raises(StoreError, match="a tile only grows"):
                transaction.append(*bad)
            with pytest.raises(StoreError, match="has failed"):
                transaction.append(*commit(2, 2))
        assert state_of(store) == before

    def test_a_transaction_is_of_no_use_after_its_end(self, store: Store) -> None:
        with store.writing() as transaction:
            transaction.append(*commit(0, 1))
        with pytest.raises(StoreError, match="has ended"):
            transaction.append(*commit(1, 1))
        with pytest.raises(StoreError, match="has ended"):
            transaction.entry(0)
        assert store.head().size == 1

    def test_one_transaction_at_a_time_in_a_thread(self, store: Store) -> None:
        with store.writing() as transaction:
            with pytest.raises(StoreError, match="open in this thread already"), store.writing():
                pass
            transaction.append(*commit(0, 1))
        assert store.head().size == 1

    def test_a_full_tile_never_changes_again(self, store: Store) -> None:
        append(store, commit(0, 256))
        full = store.tile(0, 0)
        assert full is not None
        assert len(full) == 8192
        good = commit(256, 1)
        append(store, good._replace(tiles=[(0, 0, full), *good.tiles]))  # the same again does no harm
        assert store.tile(0, 0) == full

    # Reading

    def test_reads_of_single_things(self, store: Store) -> None:
        append(store, commit(0, 300), commit(300, 5))
        assert store.entry(0) == samples.entry_of(0)
        assert store.entry(304) == samples.entry_of(304)
        for index in (-1, 305, 2**40):
            with pytest.raises(UsageError, match="holds 305 entries") as caught:
                store.entry(index)
            assert caught.value.index == index
        assert store.tile(0, 1) == b"".join(samples.leaf_of(index) for index in range(256, 305))
        assert store.tile(0, 2) is None
        assert set(store.tiles([(0, 1), (0, 0), (5, 5), (0, 1)])) == {(0, 0), (0, 1)}
        assert store.tiles([]) == {}
        assert store.index_of(samples.id_of(77)) == 77
        assert store.index_of(bytes(16)) is None
        assert store.checkpoint_at_or_after(0) == (300, samples.note_of(300))
        assert store.checkpoint_at_or_after(301) == (305, samples.note_of(305))
        assert store.checkpoint_at_or_after(306) is None
        assert [size for size, _ in store.checkpoints(301)] == [305]
        assert store.max_fact_index() == 304
        assert store.max_fact_index(GrantFact) == -1

    def test_long_reads_go_in_pages_without_gaps(self, store: Store) -> None:
        append(store, *(commit(start, 700) for start in range(0, 3500, 700)))
        everything = [(index, samples.entry_of(index)) for index in range(3500)]
        assert list(store.entries()) == everything
        for start, stop in ((0, 1000), (1, 1002), (999, 2001), (3499, 3500), (3500, 9999), (5, 5), (9, 3)):
            assert list(store.entries(start, stop)) == everything[start:stop]
        assert [fact.index for fact in store.fact_rows(StatementFact)] == list(range(3500))
        assert [fact.index for fact in store.fact_rows(EventFact, 1001, 3002)] == [
            index for index in range(1001, 3002) if index % 7
        ]

    @pytest.mark.parametrize("merchant", [None, *samples.MERCHANTS, "nobody"])
    @pytest.mark.parametrize("kind", [None, *samples.EVENT_KINDS, "key.granted", "nothing.done"])
    def test_entries_of_a_merchant_or_kind(
        self, store: Store, merchant: str | None, kind: str | None
    ) -> None:
        append(store, commit(0, 2900), commit(2900, 1300))
        for start, stop in ((0, None), (1000, 4100), (7, 8)):
            expected = [
                fact.index
                for fact in store.fact_rows(StatementFact, start, stop)
                if (merchant is None or fact.merchant == merchant) and (kind is None or fact.kind == kind)
            ]
            found = list(store.entries_of(merchant, kind, start, stop))
            assert [index for index, _ in found] == expected
            assert all(data == samples.entry_of(index) for index, data in found)

    def test_a_reader_between_pages_holds_nobody_up(self, store: Store) -> None:
        append(store, commit(0, 2500))
        reading = store.entries()
        first = next(reading)
        append(store, commit(2500, 10))
        assert [first, *reading] == [(index, samples.entry_of(index)) for index in range(2500)]

    def test_a_snapshot_does_not_move(self, store: Store) -> None:
        append(store, commit(0, 5))
        with store.snapshot() as snapshot:
            append(store, commit(5, 2000))
            assert store.head().size == 2005
            assert snapshot.head().size == 5
            assert [index for index, _ in snapshot.entries()] == [0, 1, 2, 3, 4]
            assert snapshot.max_fact_index() == 4
            assert [size for size, _ in snapshot.checkpoints()] == [5]
            assert snapshot.index_of(samples.id_of(6)) is None
            assert len(snapshot.tile(0, 0) or b"") == 5 * 32
        with pytest.raises(StoreError, match="has ended"):
            snapshot.entry(0)
        with store.snapshot() as snapshot:
            assert snapshot.head() == store.head()

    # Several at once

    def test_threads_append_one_after_the_other(self, store: Store) -> None:
        def work() -> None:
            for _ in range(10):
                with store.writing() as transaction:
                    transaction.append(*commit(transaction.head.size, 2))
                store.head()
                store.generation()
                list(store.entries())

        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.head().size == 100
        assert [index for index, _ in store.entries()] == list(range(100))
        assert len(list(store.checkpoints())) == 50

    def test_a_thread_does_not_wait_for_ever(self, backend: Backend, tmp_path: Path) -> None:
        backend.create(tmp_path / "a").close()
        store = backend.open(tmp_path / "a", busy_timeout=0.05)
        raised: list[Exception] = []

        def work() -> None:
            try:
                with store.writing():
                    pass
            except StoreBusy as error:
                raised.append(error)

        with store.writing() as transaction:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            transaction.append(*commit(0, 1))
        assert "try again" in str(raised[0])
        assert store.head().size == 1
        store.close()

    def test_two_stores_on_one_ledger_see_each_other(
        self, store: Store, backend: Backend, tmp_path: Path
    ) -> None:
        other = backend.open(tmp_path / "ledger")
        assert other.head().size == 0
        size = 0
        for writer, reader in ((store, other), (other, store), (other, store), (store, other)):
            generations = writer.generation(), reader.generation()
            with writer.writing() as transaction:
                assert transaction.head.size == size, "the head is fresh although the other one wrote last"
                transaction.append(*commit(size, 3))
            size += 3
            assert reader.head().size == writer.head().size == size
            assert writer.generation() == generations[0], "one's own commits do not count"
            assert reader.generation() != generations[1]
        other.close()

    def test_another_writer_is_waited_for_but_not_for_ever(
        self, store: Store, backend: Backend, tmp_path: Path
    ) -> None:
        other = backend.open(tmp_path / "ledger", busy_timeout=0.05)
        with store.writing() as transaction:
            with pytest.raises(StoreBusy, match="try again"), other.writing():
                pass
            assert other.head().size == 0, "reading goes on"
            transaction.append(*commit(0, 1))
        append(other, commit(1, 1))
        assert store.head().size == 2
        other.close()

    # Rebuilding facts

    def rebuilt(self, size: int, step: int = 50) -> Iterator[dict[type[FactRow], list[FactRow]]]:
        for start in range(0, size, step):
            stop = min(start + step, size)
            movements: list[FactRow] = [
                MovementFact(index, line, "B-1", samples.MERCHANTS[0], "sold", 1, 1, None)
                for index in range(start, stop)
                for line in range(3)
            ]
            yield {StatementFact: samples.statements(start, stop), MovementFact: movements}

    def test_facts_can_be_replaced(self, store: Store) -> None:
        append(store, commit(0, 120))
        kept = list(store.entries()), list(store.checkpoints())
        store.replace_facts(self.rebuilt(120))
        assert list(store.fact_rows(EventFact)) == []
        assert list(store.fact_rows(StatementFact)) == samples.statements(0, 120)
        assert [(row.index, row.line) for row in store.fact_rows(MovementFact, 3, 5)] == [
            (3, 0), (3, 1), (3, 2), (4, 0), (4, 1), (4, 2)
        ]  # fmt: skip
        assert (list(store.entries()), list(store.checkpoints())) == kept
        assert store.triggers_missing() == []
        append(store, commit(120, 1))
        assert store.max_fact_index() == 120

    def test_a_rebuild_may_read_the_store_while_it_goes_on(self, store: Store) -> None:
        append(store, commit(0, 120))

        def from_entries() -> Iterator[dict[type[FactRow], list[FactRow]]]:
            for index, _data in store.entries():
                yield {StatementFact: samples.statements(index, index + 1)}

        store.replace_facts(from_entries())
        assert list(store.fact_rows(StatementFact)) == samples.statements(0, 120)

    @pytest.mark.parametrize(
        "case",
        [
            "stops early",
            "goes too far",
            "leaves a gap",
            "leaves a gap and goes on",
            "brings nothing",
            "repeats a key",
            "fails",
        ],
    )
    def test_a_rebuild_that_fails_changes_nothing(self, store: Store, case: str) -> None:
        append(store, commit(0, 120))
        before = state_of(store)

        def broken() -> Iterator[dict[type[FactRow], list[FactRow]]]:
            if case == "brings nothing":
                return
            yield from self.rebuilt(70)
            if case == "stops early":
                return
            if case == "fails":
                raise StoreError("could not read an entry")
            if case.startswith("leaves a gap"):
                yield {StatementFact: samples.statements(71, 120 if case == "leaves a gap" else 121)}
                return
            yield {StatementFact: samples.statements(70, 121 if case == "goes too far" else 120)}
            if case == "repeats a key":
                yield {EventFact: [*samples.events(5, 6), *samples.events(5, 6)]}

        with pytest.raises(StoreError):
            store.replace_facts(broken())
        assert state_of(store) == before
        assert store.triggers_missing() == []
        append(store, commit(120, 1))

    # The reader's questions are in test_reader.py; here only that all three views answer them

    def test_every_view_answers_questions(self, store: Store) -> None:
        append(store, commit(0, 30))
        merchant = random.Random(3).choice(samples.MERCHANTS)
        with store.snapshot() as snapshot, store.writing() as transaction:
            answers = [
                view.facts.events_by_merchant([merchant], before=20)
                for view in (store, snapshot, transaction)
            ]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0]
        assert set(FACT_TABLES) == set(store.fact_tables)
