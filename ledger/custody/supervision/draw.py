"""The checks of a week drawn at random, so that anyone who knows the seed draws the same (双随机).

    drawn = draw(seed, shops, days=[1, 2, 3, 4, 5], extra=40)
    drawn[0]                     # Assignment(merchant='92410104MACU00014Y', day=3, officers=('officer-2',))

Pure: the same seed and the same lists give the same checks, in any program that follows this page.

Random numbers are a stream: block n, from 0, is SHA-256(seed ‖ n as 8 bytes, big-endian), cut into four numbers of
8 bytes, big-endian. `below(k)` takes the next number x, throws it away if x ≥ 2^64 − (2^64 mod k), and gives x mod k.
`shuffled` is Fisher and Yates from the last place down, swapping place i with place below(i + 1).

The draw, with shops in order of credit code and officers in order of name:

1. Extra checks: `extra` times, one of the shops that have fewer than twice what is due (at least one more), with odds
   by its weight: x = below(sum of their weights), the first of them at which the running sum exceeds x. When no shop is
   left, that is all.
2. Days: shops in shuffled order, without those that have no check. With n checks and d days, check i, from 0, falls on
   day (first + ⌊i·d/n⌋) mod d; `first` is, of the days that have fewest checks so far, number below(how many) of them,
   from 0, in their order.
3. Officers: all checks in shuffled order, shuffled from the order in which step 2 made them. Of the officers whose
   scope covers the shop, those with the fewest checks so far; of them number below(how many). Where two are asked for,
   the second likewise among the others.

The result lists the checks by merchant, day and officers, the two of one check in order of name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_RANGE = 1 << 64


class Shop(NamedTuple):
    """A merchant to be checked: how often, by how many officers at a time, and its odds of an extra check."""

    merchant: str
    due: int
    together: int
    weight: int
    officers: tuple[str, ...]
    """Who may check it, in order of name; at least `together`."""


class Assignment(NamedTuple):
    """One check: ISO weekday from 1, and who makes it."""

    merchant: str
    day: int
    officers: tuple[str, ...]


class Stream:
    """Random numbers from a seed; see the module docstring."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._block = 0
        self._left: list[int] = []

    def below(self, limit: int) -> int:
        """A number from 0 to limit − 1, each as likely. Requires 0 < limit <= 2^64."""
        bound = _RANGE - _RANGE % limit
        while True:
            if not self._left:
                digest = sha256(self._seed + self._block.to_bytes(8, "big")).digest()
                self._left = [int.from_bytes(digest[at : at + 8], "big") for at in (24, 16, 8, 0)]
                self._block += 1
            number = self._left.pop()
            if number < bound:
                return number % limit

    def shuffled(self, members: Sequence[T]) -> list[T]:
        """All members in random order."""
        mixed = list(members)
        for place in range(len(mixed) - 1, 0, -1):
            other = self.below(place + 1)
            mixed[place], mixed[other] = mixed[other], mixed[place]
        return mixed


def draw(seed: bytes, shops: Sequence[Shop], *, days: Sequence[int], extra: int) -> list[Assignment]:
    """All checks, in order of merchant and day. Shops come in order of credit code, `days` ascending."""
    stream = Stream(seed)
    counts = _with_extra(stream, shops, extra)
    dated = _dated(stream, shops, counts, days)
    return sorted(_staffed(stream, dated))


def _with_extra(stream: Stream, shops: Sequence[Shop], extra: int) -> list[int]:
    """How often each shop is checked."""
    counts = [shop.due for shop in shops]
    most = [max(2 * shop.due, shop.due + 1) for shop in shops]
    weights = [
        shop.weight for shop in shops
    ]  # 0 once a shop has all it may have: then no sum exceeds x there first
    for _ in range(min(extra, sum(most) - sum(counts))):
        sums = list(accumulate(weights))
        at = bisect_right(sums, stream.below(sums[-1]))
        counts[at] += 1
        if counts[at] == most[at]:
            weights[at] = 0
    return counts


def _dated(
    stream: Stream, shops: Sequence[Shop], counts: Sequence[int], days: Sequence[int]
) -> list[tuple[Shop, int]]:
    """Each check with its day: spread over the week for a shop, even over the days for all."""
    busy = [0] * len(days)
    dated: list[tuple[Shop, int]] = []
    for at in stream.shuffled(range(len(shops))):
        count = counts[at]
        if not count:
            continue
        least = min(busy)
        quiet = [day for day, checks in enumerate(busy) if checks == least]
        first = quiet[stream.below(len(quiet))]
        for check in range(count):
            day = (first + check * len(days) // count) % len(days)
            busy[day] += 1
            dated.append((shops[at], days[day]))
    return dated


def _staffed(stream: Stream, dated: Sequence[tuple[Shop, int]]) -> list[Assignment]:
    """Each check with its officers, whose loads stay even."""
    loads: dict[str, int] = {}
    staffed = []
    for shop, day in stream.shuffled(dated):
        chosen: list[str] = []
        for _ in range(shop.together):
            able = [officer for officer in shop.officers if officer not in chosen]
            least = min(loads.get(officer, 0) for officer in able)
            idle = [officer for officer in able if loads.get(officer, 0) == least]
            officer = idle[stream.below(len(idle))]
            loads[officer] = least + 1
            chosen.append(officer)
        staffed.append(Assignment(shop.merchant, day, tuple(sorted(chosen))))
    return staffed
