"""What merchants logged in a week: temperatures beyond their limits, and entries recorded late.

    readings, outside = excursions(scope)

Each record is judged by the enrolment and the rule sets that were there when it was recorded, on the day it is about:
what is published later changes nothing. Entries taken back do not count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.custody.context import rulesets_in_force
from ledger.custody.facts import Zone
from ledger.custody.shelves import LOGGED
from ledger.custody.supervision.weekly_scope import Scope, Span
from ledger.log.times import parse_instant
from ledger.store.facts import EventFact, MerchantFact, StatementFact
from ledger.store.reader import FactReader
from ledger_schemas import Limits, centi


class Excursion(NamedTuple):
    """A temperature record beyond a limit: hundredths of a degree, unix seconds; limits None where there is none."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    grid: str
    merchant: str
    name: str
    zone: str
    storage: str
    started: int
    ended: int
    low: int
    high: int
    lower_limit: int | None
    upper_limit: int | None


class Late(NamedTuple):
    """Entries of a merchant recorded in the week later than the rule set allows."""

    grid: str
    merchant: str
    name: str
    entries: int
    longest_minutes: int


def excursions(scope: Scope) -> tuple[int, list[Excursion]]:
    """How many records of cooled zones that ended in the week have a limit, and those beyond it, by merchant."""
    enrolments: dict[str, list[MerchantFact]] = defaultdict(list)
    for row in scope.reader.merchants(before=scope.as_of):
        if row.merchant in scope.merchants:
            enrolments[row.merchant].append(row)
    cooled = {
        merchant
        for merchant, rows in enrolments.items()
        if any(zone.storage != "ambient" for row in rows for zone in scope.facts.zones(row))
    }
    taken_back = {row.corrected for row in scope.reader.corrections(before=scope.as_of)} if cooled else set()
    count, outside = 0, []
    for merchant, kind, event in scope.reader.events_by_merchant(sorted(cooled), before=scope.as_of):
        if kind != "temperature.logged":
            continue
        ended = (event.end or 0) * 1000
        if not scope.span.start_ms <= ended < scope.span.end_ms or event.index in taken_back:
            continue
        bounds = _bounds(scope, enrolments[merchant], event, scope.span.day(ended))
        if bounds is None:
            continue
        count += 1
        zone, lower, upper = bounds
        known = scope.merchants[merchant]
        low, high = event.low or 0, event.high or 0
        if (lower is not None and low < lower) or (upper is not None and high > upper):
            outside.append(
                Excursion(
                    event.index,
                    known.grid,
                    known.merchant,
                    known.name,
                    zone.code,
                    zone.storage,
                    event.start or 0,
                    event.end or 0,
                    low,
                    high,
                    lower,
                    upper,
                )
            )
    return count, sorted(outside, key=lambda one: (one.grid, one.merchant, one.started, one.index))


def _bounds(
    scope: Scope, enrolments: list[MerchantFact], event: EventFact, day: date
) -> tuple[Zone, int | None, int | None] | None:
    """The cooled zone of a record and its strictest limits; None where nothing is asked of it."""
    enrolment = next((row for row in reversed(enrolments) if row.index < event.index), None)
    if enrolment is None or not event.subject:
        return None
    zone = next((one for one in scope.facts.zones(enrolment) if one.code == event.subject), None)
    if zone is None or zone.storage == "ambient":
        return None
    classes = [one for one in enrolment.goods_classes.split(",") if one and zone.goods_class in (None, one)]
    limits = [
        ruleset.body.limits
        for ruleset in rulesets_in_force(scope.facts, scope.setting.jurisdiction, classes, day, event.index)
    ]
    lows, highs = zip(*(_limits(one, zone.storage) for one in limits), strict=True) if limits else ((), ())
    lower = max((one for one in lows if one is not None), default=None)
    upper = min((one for one in highs if one is not None), default=None)
    return None if lower is None and upper is None else (zone, lower, upper)


def _limits(limits: Limits, storage: str) -> tuple[int | None, int | None]:
    texts = (None, limits.frozen_max) if storage == "frozen" else (limits.chilled_min, limits.chilled_max)
    low, high = (None if text is None else centi(text) for text in texts)
    return low, high


def late(scope: Scope) -> tuple[int, list[Late]]:
    """How many entries of merchants were recorded in the week, and whose were late, most first."""
    start, stop = _recorded_in(scope)
    taken_back = {row.corrected for row in scope.reader.corrections(before=scope.as_of)}
    count = 0
    found: dict[str, list[int]] = defaultdict(list)
    for row in _logged(scope.reader, start, stop):
        if row.merchant is None or row.merchant not in scope.merchants or row.index in taken_back:
            continue
        count += 1
        # `late_minutes` is what lies between the author's time and the ledger's; few entries have more than an hour.
        if row.late_minutes >= 60:
            limit = _late_minutes(scope, row)
            if limit is not None and row.late_minutes > limit:
                found[row.merchant].append(row.late_minutes)
    rows = [
        Late(scope.merchants[one].grid, one, scope.merchants[one].name, len(minutes), max(minutes))
        for one, minutes in found.items()
    ]
    return count, sorted(rows, key=lambda one: (-one.entries, one.grid, one.merchant))


def _logged(reader: FactReader, start: int, stop: int) -> Iterator[StatementFact]:
    return (row for row in reader.rows(StatementFact, start, stop) if row.kind in LOGGED)


def _late_minutes(scope: Scope, row: StatementFact) -> int | None:
    """How late the entry might have been: the strictest of the rule sets on the day it was recorded."""
    enrolment = scope.facts.merchant(row.merchant or "", row.index)
    if enrolment is None:
        return None
    day = Span.day(parse_instant(scope.setting.entry_at(row.index).recorded_at))
    classes = [one for one in enrolment.goods_classes.split(",") if one]
    hours = [
        ruleset.body.late_hours
        for ruleset in rulesets_in_force(scope.facts, scope.setting.jurisdiction, classes, day, row.index)
        if ruleset.body.late_hours is not None
    ]
    return min(hours) * 60 if hours else None


def _recorded_in(scope: Scope) -> tuple[int, int]:
    """The entries recorded in the week: times never go back."""

    def recorded(index: int) -> int:
        return parse_instant(scope.setting.entry_at(index).recorded_at)

    start = bisect_left(range(scope.as_of), scope.span.start_ms, key=recorded)
    return start, bisect_left(range(scope.as_of), scope.span.end_ms, key=recorded)
