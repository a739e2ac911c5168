"""Facts of a replay on disk, for ledgers whose facts would not fit into memory.

    spill = Spill()
    facts = Facts(spill)
    facts.add(statement, rows); spill.take(statement, rows)
    spill.settle(facts)                   # now and then: what was taken is on disk, and memory is made free

What it does: keeps every row in a temporary database under the keys that `custody.facts` asks for, and is the
`Loader` behind those facts. What it leaves to others: what the facts mean. It holds what was derived from the
entries, is private to one verification, and vanishes with it.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Self, TypeAlias, TypeVar

from ledger.custody.facts import Facts
from ledger.custody.loader import Happening
from ledger.custody.shelves import WHOLE
from ledger.store.facts import (
    LATE_MINUTES,
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

KEPT: Final = 60_000
"""Keys of facts that stay in memory; beyond that all are forgotten and fetched again as they are asked for."""
BUFFERED: Final = 8_192
"""Rows that are put on disk together."""
_CACHE_KIB: Final = 16_384
_KEYS_A_QUERY: Final = 256

R = TypeVar("R")
_Key: TypeAlias = "str | int | bytes"
_Filed: TypeAlias = tuple[str, _Key, tuple[Any, ...]]
"""Question, key, and the row as a plain tuple."""


def _pair(first: str, second: str) -> str:
    return f"{first}\0{second}"  # neither holds U+0000 (format, section 1)


_FILED: Final[dict[type, Callable[[Any], tuple[tuple[str, _Key], ...]]]] = {
    GrantFact: lambda row: (("grants", row.keyid),),
    RevocationFact: lambda row: (("revocations", row.keyid),),
    RulesetFact: lambda row: (("rulesets", ""),),
    MerchantFact: lambda row: (("merchants", row.merchant), ("all_merchants", "")),
    BatchFact: lambda row: (("batches", row.batch),),
    MovementFact: lambda row: (
        (("movements", _pair(row.batch, row.merchant)), ("movements_of", row.index))
        if row.action == "handed_over"
        else (("movements", _pair(row.batch, row.merchant)),)
    ),
    HolderFact: lambda row: (("holders", row.merchant),),
    HandoverFact: lambda row: (("handovers", row.id), ("handovers_to", row.receiver)),
    AcceptanceFact: lambda row: (("acceptances", row.handover),),
    CorrectionFact: lambda row: (("corrections", row.merchant),),
    CheckFact: lambda row: (("checks", row.merchant),),
    MatterFact: lambda row: (
        (("matters_of_topics", row.topic),)
        if row.topic in WHOLE
        else (("matters", _pair(row.topic, row.key)),)
    ),
}
"""Under which questions and keys a row is asked for, as in `custody.facts.Loader`."""


class Spill:
    """See the module docstring."""

    def __init__(self) -> None:
        # The empty name is SQLite's: a temporary database of its own, on disk where it outgrows the cache.
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE filed (question TEXT, key, place INTEGER, row BLOB, PRIMARY KEY (question, key, place)) "
            "WITHOUT ROWID"
        )
        self._place = 0
        self._waiting: list[tuple[str, _Key, int, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._database.close()

    def take(self, statement: StatementFact, rows: Iterable[FactRow]) -> None:
        """Take the facts of one more entry, as `Facts.add` does."""
        if statement.late_minutes >= LATE_MINUTES and statement.merchant is not None:
            self._file("late", statement.merchant, tuple(statement))
        for row in rows:
            if type(row) is EventFact:
                self._file("happenings", statement.merchant or "", (statement.kind, *row))
            else:
                for question, key in _FILED[type(row)](row):
                    self._file(question, key, tuple(row))

    def settle(self, facts: Facts) -> None:
        """Put what was taken on disk once it is worth it, and make memory free."""
        if len(self._waiting) < BUFFERED:
            return
        self._waiting.sort(key=lambda filed: (filed[0], str(filed[1])))  # neighbours in the file
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO filed VALUES (?, ?, ?, ?)", self._waiting)
        self._database.execute("COMMIT")
        self._waiting.clear()
        facts.settle()
        if facts.remembered > KEPT:
            facts.forget()

    def _file(self, question: str, key: _Key, row: tuple[Any, ...]) -> None:
        self._place += 1
        self._waiting.append((question, key, self._place, marshal.dumps(row)))

    def _rows(self, question: str, keys: Sequence[_Key], make: Callable[[Any], R]) -> Iterator[R]:
        """Rows under each key, in the order in which they were taken."""
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            places = ", ".join("?" * len(part))
            sql = f"SELECT row FROM filed WHERE question = ? AND key IN ({places}) ORDER BY key, place"  # noqa: S608 - places only
            for (row,) in self._database.execute(sql, (question, *part)):
                yield make(marshal.loads(row))  # noqa: S302 - written by this very process

    # ------------------------------------------------------------------ the questions of `custody.facts.Loader`

    def statements(self, ids: Sequence[bytes]) -> Iterable[StatementFact]:
        """Statements are known elsewhere (`judging.KnownStatements`)."""
        return ()

    def late(self, merchants: Sequence[str]) -> Iterable[StatementFact]:
        return self._rows("late", merchants, StatementFact._make)

    def grants(self, keyids: Sequence[str]) -> Iterable[GrantFact]:
        return self._rows("grants", keyids, GrantFact._make)

    def revocations(self, keyids: Sequence[str]) -> Iterable[RevocationFact]:
        return self._rows("revocations", keyids, RevocationFact._make)

    def rulesets(self, everything: Sequence[str]) -> Iterable[RulesetFact]:
        return self._rows("rulesets", everything, RulesetFact._make)

    def merchants(self, merchants: Sequence[str]) -> Iterable[MerchantFact]:
        return self._rows("merchants", merchants, MerchantFact._make)

    def all_merchants(self, everything: Sequence[str]) -> Iterable[MerchantFact]:
        return self._rows("all_merchants", everything, MerchantFact._make)

    def batches(self, batches: Sequence[str]) -> Iterable[BatchFact]:
        return self._rows("batches", batches, BatchFact._make)

    def movements(self, pairs: Sequence[tuple[str, str]]) -> Iterable[MovementFact]:
        return self._rows("movements", [_pair(*pair) for pair in pairs], MovementFact._make)

    def movements_of(self, indexes: Sequence[int]) -> Iterable[MovementFact]:
        return self._rows("movements_of", indexes, MovementFact._make)

    def holders(self, merchants: Sequence[str]) -> Iterable[HolderFact]:
        return self._rows("holders", merchants, HolderFact._make)

    def handovers(self, ids: Sequence[bytes]) -> Iterable[HandoverFact]:
        return self._rows("handovers", ids, HandoverFact._make)

    def handovers_to(self, merchants: Sequence[str]) -> Iterable[HandoverFact]:
        return self._rows("handovers_to", merchants, HandoverFact._make)

    def acceptances(self, handovers: Sequence[int]) -> Iterable[AcceptanceFact]:
        return self._rows("acceptances", handovers, AcceptanceFact._make)

    def corrections(self, merchants: Sequence[str]) -> Iterable[CorrectionFact]:
        return self._rows("corrections", merchants, CorrectionFact._make)

    def checks(self, merchants: Sequence[str]) -> Iterable[CheckFact]:
        return self._rows("checks", merchants, CheckFact._make)

    def happenings(self, merchants: Sequence[str]) -> Iterable[Happening]:
        for merchant in merchants:
            for kind, *event in self._rows("happenings", [merchant], tuple):
                yield Happening(merchant, kind, EventFact(*event))

    def matters(self, keys: Sequence[tuple[str, str]]) -> Iterable[MatterFact]:
        return self._rows("matters", [_pair(*key) for key in keys], MatterFact._make)

    def matters_of_topics(self, topics: Sequence[str]) -> Iterable[MatterFact]:
        return self._rows("matters_of_topics", topics, MatterFact._make)
