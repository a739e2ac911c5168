"""What the ledger alone would find at a check, whenever it began: so that a check can be made without network.

    steps = foresee(facts, setting, look(…), until_ms=…)
    next(one for one in reversed(steps) if one.from_ms <= began_ms).findings

Of the findings of a check (`findings.compute`) most follow from the ledger as of an index and from the time; they are
computed here ahead of it. The rest follow from what was observed: counts that differ, goods that are not listed,
readings beyond the bounds of a zone, items of the checklist that failed. Nothing here looks at an observation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from ledger.custody.authoring import CHINA, instant
from ledger.custody.context import Setting, rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.findings import Found
from ledger.custody.preparing import Picture, findings
from ledger.log.times import local_date, parse_instant
from ledger_schemas import Observed

SECOND_MS = 1000


class Foreseen(NamedTuple):
    """What holds from a moment on, until the next one: rule sets in force, and what the ledger alone gives."""

    from_ms: int
    rulesets: tuple[str, ...]
    findings: tuple[Found, ...]

    @property
    def said(self) -> tuple[tuple[str, ...], frozenset[tuple[str, str | None]]]:
        """What a check is judged by."""
        return self.rulesets, frozenset((one.code, one.subject) for one in self.findings)


def foresee(facts: Facts, setting: Setting, picture: Picture, until_ms: int) -> list[Foreseen]:
    """From the start of the picture to a moment, both included; to the second, which is what findings look at.

    Within a day, and as of one index, findings only come and never go: things become overdue. Rule sets, periods and
    papers begin and end with days. So each day is looked at where it begins and ends, and between where these differ.
    """
    start = parse_instant(picture.started_at) // SECOND_MS * SECOND_MS

    def at(ms: int) -> Foreseen:
        return _at(facts, setting, picture, ms)

    steps: list[Foreseen] = []
    for begin, end in _days(start, max(start, until_ms)):
        first, last = at(begin), at(end)
        steps += [first, *_between(at, first, last)]
    kept = steps[:1]
    kept += [one for before, one in pairwise(steps) if one.said != before.said]
    return kept


def _between(at: Callable[[int], Foreseen], first: Foreseen, last: Foreseen) -> list[Foreseen]:
    """Every change after `first` up to `last`."""
    if first.said == last.said:
        return []
    if last.from_ms - first.from_ms <= SECOND_MS:
        return [last]
    middle = at((first.from_ms + last.from_ms) // (2 * SECOND_MS) * SECOND_MS)
    return [*_between(at, first, middle), *_between(at, middle, last)]


def _days(start_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """The first and last second of each day in China, or of the part of it that counts."""
    found = []
    begin = start_ms
    while begin <= until_ms:
        day: date = datetime.fromtimestamp(begin / 1000, CHINA).date()
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), CHINA)
        next_ms = int(midnight.timestamp()) * 1000
        found.append((begin, min(until_ms // SECOND_MS * SECOND_MS, next_ms - SECOND_MS)))
        begin = next_ms
    return found


def _at(facts: Facts, setting: Setting, picture: Picture, ms: int) -> Foreseen:
    """Raises nothing: the merchant of a picture is enrolled."""
    began, classes = instant(ms), picture.enrolment.goods_classes
    there = picture._replace(
        started_at=began,
        rulesets=rulesets_in_force(
            facts,
            setting.jurisdiction,
            classes.split(",") if classes else [],
            local_date(began),
            picture.as_of,
        ),
    )
    found = findings(facts, there, Observed())
    return Foreseen(ms, tuple(one.body.code for one in there.rulesets), tuple(found))
