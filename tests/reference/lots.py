"""The draw of a plan a second time: slow, and written from the page of `ledger.custody.supervision.draw` alone.

Every number is taken from a list that is made in full beforehand, every choice is made over plain lists. Nothing is
taken from the program under test, so that an agreement of the two means something.

>>> numbers(bytes(32), 5) == [*numbers(bytes(32), 4), *numbers(bytes(32), 5)[4:]]
True
>>> draw(bytes(32), [("M1", 1, 1, 1, ["a"])], [2], 0)
[('M1', 2, ['a'])]
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import floor

Shop = tuple[str, int, int, int, list[str]]
"""Credit code, checks due, officers for each check, weight, officers whose scope covers it, in order of name."""
Check = tuple[str, int, list[str]]


def numbers(seed: bytes, count: int) -> list[int]:
    """The first `count` numbers of the stream."""
    blocks = [hashlib.sha256(seed + n.to_bytes(8, "big")).digest() for n in range(count // 4 + 1)]
    cut = [block[at : at + 8] for block in blocks for at in (0, 8, 16, 24)]
    return [int.from_bytes(piece, "big") for piece in cut][:count]


class Numbers:
    """A place in the stream."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._made = numbers(seed, 64)
        self._taken = 0

    def below(self, k: int) -> int:
        while True:
            if self._taken == len(self._made):
                self._made = numbers(self._seed, 2 * self._taken)
            x = self._made[self._taken]
            self._taken += 1
            if x < 2**64 - 2**64 % k:
                return x % k

    def shuffled(self, things: list[int]) -> list[int]:
        out = list(things)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out


def counts_of(lots: Numbers, shops: list[Shop], extra: int) -> list[int]:
    """How often each shop is checked: what is due, and the extra checks by weight."""
    counts = [due for _, due, _, _, _ in shops]
    for _ in range(extra):
        open_ = [at for at, (_, due, _, _, _) in enumerate(shops) if counts[at] < max(2 * due, due + 1)]
        if not open_:
            break
        x, running = lots.below(sum(shops[at][3] for at in open_)), 0
        for at in open_:
            running += shops[at][3]
            if running > x:
                counts[at] += 1
                break
    return counts


def draw(seed: bytes, shops: list[Shop], days: list[int], extra: int) -> list[Check]:
    """The checks by merchant, day and officers."""
    lots = Numbers(seed)
    counts = counts_of(lots, shops, extra)
    d = len(days)
    on_day = [0] * d
    dated: list[tuple[int, int]] = []  # shop and place of the day
    for at in lots.shuffled(list(range(len(shops)))):
        if counts[at] == 0:
            continue
        fewest = [day for day in range(d) if on_day[day] == min(on_day)]
        first = fewest[lots.below(len(fewest))]
        for i in range(counts[at]):
            day = (first + floor(Fraction(i * d, counts[at]))) % d
            on_day[day] += 1
            dated.append((at, day))
    load = {officer: 0 for _, _, _, _, officers in shops for officer in officers}
    drawn: list[tuple[int, int, list[str]]] = []
    for place in lots.shuffled(list(range(len(dated)))):
        at, day = dated[place]
        chosen: list[str] = []
        for _ in range(shops[at][2]):
            others = [officer for officer in shops[at][4] if officer not in chosen]
            fewest_checks = [o for o in others if load[o] == min(load[p] for p in others)]
            officer = fewest_checks[lots.below(len(fewest_checks))]
            load[officer] += 1
            chosen.append(officer)
        drawn.append((at, days[day], sorted(chosen)))
    drawn.sort()
    return [(shops[at][0], day, officers) for at, day, officers in drawn]
