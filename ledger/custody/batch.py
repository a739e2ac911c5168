"""One batch of statements becoming entries: judged in order, placed in both chains, hashed into the tree.

A `Tail` is the end of the ledger as a process remembers it between two commits; a `Batch` grows from a tail
and is either
committed whole or thrown away together with it. Reading the tail, the transaction and the signatures are
`ledger`'s work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger import log
from ledger.custody.admission import Candidate, judge, statement_fact
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.errors import Conflict
from ledger.log import Entry, Envelope, Statement, TileWriter
from ledger.log.times import format_utc
from ledger.store.base import Head
from ledger.store.facts import FactRow, StatementFact


class Receipt(NamedTuple):
    """What the ledger answers for a statement it holds; `again` when it had it before."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    leaf_hash: str
    recorded_at: str
    size: int
    """A checkpoint of this size covers the entry."""
    again: bool


class Link(NamedTuple):
    """The latest entry of a merchant's chain."""

    seq: int
    leaf_hash: bytes


@dataclass
class Tail:
    """The end of the ledger; `root_at` and `link_of` read what is not remembered here."""

    head: Head
    tiles: TileWriter
    facts: Facts
    root_at: Callable[[int], bytes]
    entry_at: Callable[[int], Entry]
    links: dict[str, Link | None] = field(default_factory=dict)
    last: bytes | None = None
    """Leaf hash of the last entry."""


class Batch:
    """Statements on their way into one commit."""

    def __init__(self, tail: Tail, setting: Setting, recorded_ms: int) -> None:
        self._tail = tail
        self._setting = setting._replace(entry_at=self._entry_at, root_at=tail.root_at)
        self.recorded_ms = recorded_ms
        self._recorded_at = format_utc(recorded_ms)
        self.entries: list[Entry] = []
        self.facts: dict[type, list[FactRow]] = {StatementFact: []}

    @property
    def size(self) -> int:
        """Entries the ledger has once this batch is in."""
        return self._tail.head.size + len(self.entries)

    def offer(self, envelope: Envelope, candidate: Candidate) -> Receipt:
        """Take the statement in as the next entry, or find it there already.

        Raises: Refused or another LedgerError; then nothing has changed.
        """
        index = self.size
        known = self._tail.facts.statements.last(candidate.id, index)
        if known is not None:
            return self._again(known.index, envelope)
        rows = judge(
            self._tail.facts,
            self._setting,
            candidate,
            index=index,
            recorded_ms=self.recorded_ms,
            root_at=self._tail.root_at,
        )
        entry = self._place(index, envelope, candidate.statement)
        fact = statement_fact(
            candidate, index=index, merchant_seq=entry.merchant_seq, recorded_ms=self.recorded_ms
        )
        self._take_in(entry, fact, rows)
        return Receipt(
            index, candidate.statement.id, entry.leaf_hash.hex(), self._recorded_at, -1, again=False
        )

    def _place(self, index: int, envelope: Envelope, statement: Statement) -> Entry:
        if statement.merchant is None:
            return log.entry.build(
                index, self._tail.last, None, None, self._recorded_at, envelope, statement=statement
            )
        link = self._tail.links[statement.merchant]
        seq, previous = (0, None) if link is None else (link.seq + 1, link.leaf_hash)
        return log.entry.build(
            index, self._tail.last, seq, previous, self._recorded_at, envelope, statement=statement
        )

    def _take_in(self, entry: Entry, fact: StatementFact, rows: list[FactRow]) -> None:
        self.entries.append(entry)
        self._tail.last = entry.leaf_hash
        if fact.merchant is not None and fact.merchant_seq is not None:
            self._tail.links[fact.merchant] = Link(fact.merchant_seq, entry.leaf_hash)
        self._tail.facts.add(fact, rows)
        self.facts[StatementFact].append(fact)
        for row in rows:
            self.facts.setdefault(type(row), []).append(row)

    def _again(self, index: int, envelope: Envelope) -> Receipt:
        """The same statement is the same entry; another one under a used id is a conflict."""
        committed = self._tail.head.size
        entry = self._entry_at(index)
        if log.entry.statement_bytes(entry.data) != envelope.payload:
            raise Conflict(
                "entry {entry} has this id and says something else: make a new id for a new statement",
                entry=index,
                field="id",
            )
        size = -1 if index >= committed else committed
        return Receipt(index, entry.statement.id, entry.leaf_hash.hex(), entry.recorded_at, size, again=True)

    def _entry_at(self, index: int) -> Entry:
        """An entry of the ledger, or of this batch."""
        committed = self._tail.head.size
        return self.entries[index - committed] if index >= committed else self._tail.entry_at(index)
