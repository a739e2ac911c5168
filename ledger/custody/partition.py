"""Rows by key, each key fetched whole when it is first asked for.

A partition is the small thing that lets one implementation of every question serve both sides: with a `fetch` it is
a cache of the database, without one it simply holds all that was added. Rows added for a key that has not been
fetched wait until it is, so adding never reads; `settle` forgets those once the database has them.

A cache has two generations: `age` makes the younger the older and forgets the one before, and what is asked for again
comes back to the younger. So memory holds what was used lately, and nothing is kept for the sake of keeping it.

    checks = Partition(key=lambda row: row.merchant, fetch=loader.checks)
    checks.before("92410104MACU00014Y", as_of=1041)      # fetched on the first call
    checks.age()                                         # forgotten, unless asked for before the next time
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from ledger.store.facts import EventFact

K = TypeVar("K")
R = TypeVar("R")
C = TypeVar("C")
T = TypeVar("T", bound=tuple[Any, ...])  # any fact: the first field is its index


class Partition(Generic[K, R, C]):
    """Containers of rows by key: `make` gives an empty container, `put` adds a row to one, `weigh` counts its rows."""

    __slots__ = ("_fetch", "_key", "_make", "_older", "_put", "_waiting", "_weigh", "found", "weight")

    def __init__(
        self,
        key: Callable[[R], K],
        fetch: Callable[[Sequence[K]], Iterable[R]] | None,
        make: Callable[[], C],
        put: Callable[[C, R], None],
        weigh: Callable[[C], int],
    ) -> None:
        self.found: dict[K, C] = {}
        self.weight = 0
        """Rows in the younger generation, and a little for each key: roughly what it takes."""
        self._older: dict[K, C] = {}
        self._waiting: dict[K, list[R]] = {}
        self._key, self._fetch, self._make, self._put, self._weigh = key, fetch, make, put, weigh

    def get(self, key: K) -> C:
        """The container of `key`, fetched if need be; an empty one when there are no rows."""
        found = self.found.get(key)
        if found is not None:
            return found
        if self._fetch is None:
            return self._make()
        self.prefetch((key,))
        return self.found[key]

    def prefetch(self, keys: Iterable[K]) -> None:
        """Fetch all of `keys` not here yet, in one go."""
        if self._fetch is None:
            return
        missing = [
            key for key in dict.fromkeys(keys) if key not in self.found and self._brought_back(key) is None
        ]
        if not missing:
            return
        fetched = self._fetch(missing)
        for key in missing:
            self.found[key] = self._make()
        for row in fetched:
            self._put(self.found[self._key(row)], row)
            self.weight += 1
        self.weight += len(missing)
        if self._waiting:
            for key in missing:
                for row in self._waiting.pop(key, ()):
                    self._put(self.found[key], row)

    def begin(self, key: K) -> None:
        """Nothing can have been said about `key` so far, so there is nothing to fetch."""
        if self._fetch is not None and key not in self.found and self._brought_back(key) is None:
            self.found[key] = self._make()
            self.weight += 1

    def add(self, row: R) -> None:
        """Take in one more row, newer than all of its key so far."""
        key = self._key(row)
        found = self.found.get(key)
        if found is None:
            found = self._brought_back(key)
        if found is None:
            if self._fetch is not None:
                self._waiting.setdefault(key, []).append(row)
                return
            found = self.found[key] = self._make()
        self._put(found, row)
        self.weight += 1

    def settle(self) -> None:
        """All that was added is in the database now."""
        self._waiting.clear()

    def age(self) -> None:
        """Forget what has not been asked for since the last time. Requires a `fetch`, and all settled."""
        self._older, self.found, self.weight = self.found, {}, 0

    def forget(self) -> None:
        """Forget everything. Requires a `fetch`, and all settled."""
        self.found.clear()
        self._older.clear()
        self.weight = 0

    def _brought_back(self, key: K) -> C | None:
        """The container of a key that only the older generation has, which the younger has from now on."""
        found = self._older.pop(key, None)
        if found is not None:
            self.found[key] = found
            self.weight += 1 + self._weigh(found)
        return found


class Rows(Partition[K, T, list[T]]):
    """A partition of plain lists of facts, in order of index."""

    __slots__ = ()

    def __init__(self, key: Callable[[T], K], fetch: Callable[[Sequence[K]], Iterable[T]] | None) -> None:
        super().__init__(key, fetch, list, list.append, len)

    def before(self, key: K, as_of: int) -> Sequence[T]:
        """The rows of `key` that come from entries below `as_of`."""
        rows = self.found.get(key)
        if rows is None:
            if self._fetch is None:
                return ()
            rows = self.get(key)
        if not rows or rows[-1][0] < as_of:  # nearly always: asked about now
            return rows
        return rows[: bisect_left(rows, (as_of,))]

    def last(self, key: K, as_of: int) -> T | None:
        rows = self.before(key, as_of)
        return rows[-1] if rows else None


class Reading(NamedTuple):
    """One event of a merchant: times in unix seconds, temperatures in 1/100 °C, `missing` in minutes."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    start: int
    end: int
    low: int
    high: int
    missing: int
    subject: str


class Timeline:
    """Events of one kind of one merchant, packed (48 bytes and a shared string each), in order of index."""

    __slots__ = ("_index", "_numbers", "_subjects")

    def __init__(self) -> None:
        self._index = array("q")
        self._numbers = array("q")
        self._subjects: list[str] = []

    def __len__(self) -> int:
        return len(self._index)

    def add(self, row: EventFact) -> None:
        self._index.append(row.index)
        self._numbers.extend((row.start or 0, row.end or 0, row.low or 0, row.high or 0, row.missing or 0))
        self._subjects.append(row.subject)

    def backwards(self, as_of: int) -> Iterator[Reading]:
        """Newest entry first, those below `as_of`."""
        numbers = self._numbers
        for at in range(bisect_left(self._index, as_of) - 1, -1, -1):
            start, end, low, high, missing = numbers[5 * at : 5 * at + 5]
            yield Reading(self._index[at], start, end, low, high, missing, self._subjects[at])
