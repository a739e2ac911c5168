"""Derived tables against a replay, row for row (format, section 10: `facts`).

    facts = FactComparison(source.facts(), outcome)
    facts.expect(1041, [StatementFact(…), MovementFact(…)])
    facts.finish(size=1042)

What it does: compares about a thousand entries at a time, names the entry of every row that is missing, extra
or altered, and finds rows of entries that do not exist. What it leaves to others: the replay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, Final

from ledger.audit.outcome import Outcome
from ledger.audit.source import FactSource
from ledger.messages import Message, joined
from ledger.store.facts import FactRow, HolderFact

CHUNK: Final = 1_024

_LOWEST: Final = -(2**63)

_Row = tuple[Any, ...]  # a database may hold any of its types where a row type says which


class FactComparison:
    """See the module docstring."""

    def __init__(self, source: FactSource, outcome: Outcome) -> None:
        self._source = source
        self._outcome = outcome
        self._tables = source.tables()
        self._start = 0
        self._expected: dict[type[FactRow], list[_Row]] = {table: [] for table in self._tables}
        self._skipped: set[int] = set()
        for table in self._tables:
            self._extra(table, source.rows(table, _LOWEST, 0))

    def expect(self, rows: Iterable[FactRow]) -> None:
        """The replay gives these rows; entries come in order."""
        expected = self._expected
        for row in rows:
            expected[type(row)].append(row)

    def skip(self, index: int) -> None:
        """What the facts of this entry should be is not known: it has been reported otherwise."""
        self._skipped.add(index)

    def reach(self, stop: int) -> None:
        """All entries below `stop` have been told of: compare, once there are enough of them."""
        if stop - self._start >= CHUNK:
            self._compare(stop)

    def finish(self, size: int) -> None:
        """All `size` entries have been told of."""
        self._compare(size)
        for table in self._tables:
            self._extra(table, self._source.beyond(table, size))

    def _compare(self, stop: int) -> None:
        for table, expected in self._expected.items():
            stored = list(self._source.rows(table, self._start, stop))
            if table is HolderFact:
                expected.sort()  # stored by merchant and batch, replayed by line
            self._outcome.looked("facts", len(stored))
            if stored != expected:
                self._differ(table, stored, expected)
            expected.clear()
        self._start = stop
        self._skipped.clear()

    def _differ(self, table: type[FactRow], stored: Sequence[_Row], expected: Sequence[_Row]) -> None:
        """Name what differs, entry by entry; the order of rows of one entry does not matter."""
        found: dict[int, tuple[list[_Row], list[_Row]]] = defaultdict(lambda: ([], []))
        for side, rows in ((0, stored), (1, expected)):
            for row in rows:
                if row[0] not in self._skipped:
                    found[row[0]][side].append(row)
        for index, (there, wanted) in sorted(found.items()):
            extra = [row for row in there if row not in wanted]
            missing = [row for row in wanted if row not in there]
            if not extra and not missing and len(there) != len(wanted):
                extra = there
            for row, should in zip_longest(extra, missing):
                self._outcome.fault("facts", _index(index), _difference(table, row, should))

    def _extra(self, table: type[FactRow], rows: Iterable[_Row]) -> None:
        for row in rows:
            self._outcome.fault(
                "facts",
                _index(row[0]),
                Message(
                    "{table} fact of an entry that does not exist: {row}", table=_name(table), row=_shown(row)
                ),
            )


def _difference(table: type[FactRow], row: _Row | None, should: _Row | None) -> Message:
    if row is None:
        return Message("{table} fact is missing: {row}", table=_name(table), row=_shown(should))
    if should is None:
        return Message("{table} fact too many: {row}", table=_name(table), row=_shown(row))
    columns = [
        Message(
            "{column} is {there}, replayed it is {wanted}",
            column=name,
            there=_shown(there),
            wanted=_shown(wanted),
        )
        for name, there, wanted in zip(table._fields, row, should, strict=True)
        if there != wanted
    ]
    return Message("{table} fact: {columns}", table=_name(table), columns=joined(columns))


def _index(value: object) -> int | None:
    """A damaged table may hold anything where an index should stand."""
    return value if type(value) is int else None


def _name(table: type[FactRow]) -> str:
    return table.__name__.removesuffix("Fact").lower()


def _shown(value: object) -> str:
    text = repr(tuple(value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
