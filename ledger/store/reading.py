"""Reads of entries, tiles, checkpoints and fact rows that a store, a snapshot and a transaction have in
common.

What it does: turns a `Run` (SQL and arguments in, all rows out) into the reads of `base.Readable`. Long
reads go in pages, each found by the key where the last one ended, so no more than a page is in memory and
nothing stays open between two pages: entries never change, so the pages fit together whatever is appended
meanwhile. What it leaves to others: connections and transactions (`sqlite.py`), questions about facts
(`reader.py`).

>>> for index, data in Reading(run, statements).entries(1000):          # doctest: +SKIP
...     ...
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import LargeBinary, and_, bindparam, cast, func, or_, select

from ledger.errors import StoreCorrupt, UsageError
from ledger.store.base import Head
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import FactRow, StatementFact
from ledger.store.questions import PAGE, FactStatements
from ledger.store.reader import NO_LIMIT, FactReader
from ledger.store.statements import Lookup, Question, key_names
from ledger.store.tables import CheckpointRow, EntryRow, TileRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, Select
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.store.statements import Run, Values

R = TypeVar("R", bound=FactRow)

_ENTRY = table_of(EntryRow).c
_TILE = table_of(TileRow).c
_CHECKPOINT = table_of(CheckpointRow).c
_STATEMENT = FACT_TABLES[StatementFact].c


def _bytes(column: Column[Any]) -> ColumnElement[bytes]:
    """A column's value as bytes, whatever a tamperer or a damaged page has made of it: judging is for verification."""
    return func.coalesce(cast(column, LargeBinary), b"")


def _entries() -> Select[Any]:
    return (
        select(_ENTRY["index"], _bytes(_ENTRY.data))
        .where(_ENTRY["index"] >= bindparam("start"), _ENTRY["index"] < bindparam("stop"))
        .order_by(_ENTRY["index"])
        .limit(PAGE)
    )


def _entries_of(*, merchant: bool, kind: bool) -> Select[Any]:
    """A page of a merchant's or a kind's entries.

    A merchant's chain is walked by merchant_seq, in the index; all entries of a kind by their own order.
    """
    chosen = (
        select(_STATEMENT.merchant_seq, _ENTRY["index"], _bytes(_ENTRY.data))
        .join_from(FACT_TABLES[StatementFact], table_of(EntryRow), _STATEMENT["index"] == _ENTRY["index"])
        .where(_STATEMENT["index"] >= bindparam("start"), _STATEMENT["index"] < bindparam("stop"))
        .limit(PAGE)
    )
    if kind:
        chosen = chosen.where(_STATEMENT.kind == bindparam("kind"))
    if merchant:
        return chosen.where(
            _STATEMENT.merchant == bindparam("merchant"), _STATEMENT.merchant_seq > bindparam("seen")
        ).order_by(_STATEMENT.merchant_seq)
    return chosen.order_by(_STATEMENT["index"])


def _checkpoints(limit: int) -> Select[Any]:
    return (
        select(_CHECKPOINT.size, _bytes(_CHECKPOINT.note))
        .where(_CHECKPOINT.size >= bindparam("size"))
        .order_by(_CHECKPOINT.size)
        .limit(limit)
    )


def _newest() -> Select[Any]:
    """One row: newest checkpoint's size and note, data of the entry below it, highest index; or NULLs."""
    size = select(func.max(_CHECKPOINT.size)).scalar_subquery()
    return select(
        size,
        select(_bytes(_CHECKPOINT.note)).where(_CHECKPOINT.size == size).scalar_subquery(),
        select(_bytes(_ENTRY.data)).where(_ENTRY["index"] == size - 1).scalar_subquery(),
        select(func.max(_ENTRY["index"])).scalar_subquery(),
    )


def _tiles(length: int) -> Select[Any]:
    places = [
        and_(_TILE.level == bindparam(f"k{number}_0"), _TILE.number == bindparam(f"k{number}_1"))
        for number in range(length)
    ]
    # `before` belongs to every look-up; tiles have no index to be below.
    return select(_TILE.level, _TILE.number, _bytes(_TILE.data)).where(or_(*places), bindparam("before") > 0)


class Statements:
    """All prepared reads of one database, compiled on first use; one per store."""

    def __init__(self, dialect: Dialect) -> None:
        self.facts = FactStatements(dialect)
        self.entry = Lookup(
            lambda n: select(_ENTRY["index"], _bytes(_ENTRY.data)).where(
                _ENTRY["index"].in_([bindparam(name) for name in key_names(n)]),
                _ENTRY["index"] < bindparam("before"),
            ),
            dialect,
        )
        self.entries = Question(_entries, ("start", "stop"), dialect)
        span = ("start", "stop")
        self.entries_of_merchant = Question(
            lambda: _entries_of(merchant=True, kind=False), ("merchant", "seen", *span), dialect
        )
        self.entries_of_merchant_and_kind = Question(
            lambda: _entries_of(merchant=True, kind=True), ("merchant", "seen", *span, "kind"), dialect
        )
        self.entries_of_kind = Question(
            lambda: _entries_of(merchant=False, kind=True), (*span, "kind"), dialect
        )
        self.checkpoints = Question(lambda: _checkpoints(PAGE), ("size",), dialect)
        self.checkpoint = Question(lambda: _checkpoints(1), ("size",), dialect)
        self.newest = Question(_newest, (), dialect)
        self.tiles = Lookup(_tiles, dialect, width=2)
        self.highest_entry = Question(lambda: select(func.max(_ENTRY["index"])), (), dialect)
        self._highest: dict[type[FactRow], Question] = {}
        self._dialect = dialect

    def highest(self, row: type[FactRow]) -> Question:
        question = self._highest.get(row)
        if question is None:
            column = FACT_TABLES[row].c["index"]
            question = self._highest[row] = Question(lambda: select(func.max(column)), (), self._dialect)
        return question


def _root(note: bytes) -> bytes:
    """Third line of a checkpoint: base64 of 32 bytes (C2SP tlog-checkpoint)."""
    lines = note.split(b"\n", 3)
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (IndexError, binascii.Error):
        return b""
    return root if len(root) == 32 else b""


def _recorded_at_ms(data: bytes | None) -> int:
    """`recorded_at` of entry bytes.

    Keys are sorted and all that stands before it are digests and numbers, so the first match is the field
    itself (format.md section 3); the entry is not parsed.
    """
    mark = b'"recorded_at":"'
    start = -1 if data is None else data.find(mark)
    if data is None or start < 0:
        return 0
    text = data[start + len(mark) : start + len(mark) + 24]
    if len(text) != 24 or not text.endswith(b"Z"):
        return 0
    try:
        moment = datetime.fromisoformat(text.decode("ascii"))
    except ValueError:
        return 0
    return round(moment.timestamp() * 1000)


def head_from(rows: list[Values]) -> tuple[Head, bool]:
    """The head from the row of `Statements.newest`, and whether entries and checkpoint end together."""
    size, note, entry, highest = rows[0]
    if size is None:
        return Head.empty(), highest is None
    return Head(size, _root(note), _recorded_at_ms(entry), note), highest == size - 1


class Reading:
    """The reads that a store, a snapshot and a transaction have in common."""

    def __init__(self, run: Run, statements: Statements) -> None:
        self._run = run
        self._statements = statements
        self._facts = FactReader(run, statements.facts)

    @property
    def facts(self) -> FactReader:
        return self._facts

    def entry(self, index: int) -> bytes:
        rows = self._statements.entry.rows(self._run, (index,), NO_LIMIT)
        if rows:
            data: bytes = rows[0][1]
            return data
        size = head_from(self._statements.newest.rows(self._run))[0].size
        if 0 <= index < size:
            raise StoreCorrupt("the entry is missing from the database: verify the ledger", index=index)
        raise UsageError(
            "the ledger holds {size} entries, numbered from 0", size=size, field="index", index=index
        )

    def entries_at(self, indexes: Sequence[int]) -> dict[int, bytes]:
        rows = self._statements.entry.rows(self._run, indexes, NO_LIMIT) if indexes else []
        return {row[0]: row[1] for row in rows}

    def _stop(self, stop: int | None) -> int:
        if stop is not None:
            return stop
        highest = self._statements.highest_entry.rows(self._run)[0][0]
        return 0 if highest is None else int(highest) + 1

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        stop = self._stop(stop)
        while start < stop:
            page = self._statements.entries.rows(self._run, start, stop)
            yield from page
            if len(page) < PAGE:
                return
            start = page[-1][0] + 1

    def entries_of(
        self, merchant: str | None = None, kind: str | None = None, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        if merchant is None and kind is None:
            yield from self.entries(start, stop)
            return
        stop = self._stop(stop)
        seen = -1
        while start < stop:
            if merchant is None:
                page = self._statements.entries_of_kind.rows(self._run, start, stop, kind)
            elif kind is None:
                page = self._statements.entries_of_merchant.rows(self._run, merchant, seen, start, stop)
            else:
                page = self._statements.entries_of_merchant_and_kind.rows(
                    self._run, merchant, seen, start, stop, kind
                )
            for _seq, index, data in page:
                yield index, data
            if len(page) < PAGE:
                return
            seen, start = page[-1][0], page[-1][1] + 1

    def tile(self, level: int, number: int) -> bytes | None:
        return self.tiles([(level, number)]).get((level, number))

    def tiles(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        rows = self._statements.tiles.rows(self._run, places, NO_LIMIT) if places else []
        return {(level, number): data for level, number, data in rows}

    def checkpoints(self, start_size: int = 0) -> Iterator[tuple[int, bytes]]:
        while page := self._statements.checkpoints.rows(self._run, start_size):
            yield from page
            if len(page) < PAGE:
                return
            start_size = page[-1][0] + 1

    def checkpoint_at_or_after(self, size: int) -> tuple[int, bytes] | None:
        rows = self._statements.checkpoint.rows(self._run, size)
        return (rows[0][0], rows[0][1]) if rows else None

    def index_of(self, id: bytes) -> int | None:
        rows = self._statements.facts.statements_by_id.rows(self._run, (id,), NO_LIMIT)
        return int(rows[0][0]) if rows else None

    def fact_rows(self, row: type[R], start: int = 0, stop: int | None = None) -> Iterator[R]:
        return self._facts.rows(row, start, stop)

    def max_fact_index(self, row: type[FactRow] = StatementFact) -> int:
        highest = self._statements.highest(row).rows(self._run)[0][0]
        return -1 if highest is None else int(highest)
