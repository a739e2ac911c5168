"""A supervision week in numbers: what the weekly report (周报) says, and nothing that is not in the ledger.

    week = weekly(reader, facts, setting, week=202617, as_of=12_000)
    week.checks, week.required, len(week.missed), week.rectification.same_day

Pure: the same ledger as of the same entry gives the same numbers, whenever and wherever it is asked. There is no
clock: what is overdue is so at the time of the last entry looked at (`Weekly.at_ms`). A week is that of the ledger's
time zone, UTC+8; checks and cards have the day that their author stated.

    coverage        checks made of merchants due, by third-level grid and weekday (`coverage`)
    plan            plans announced for the week, checks drawn, and which of them were made (`weekly_plan`)
    rectification   orders of the week, and how they stand as of the index (`weekly_follow`)
    notices         sent in the week, answered, and those that checks of the week ask for and nobody sent
    temperatures, lateness     what merchants logged in the week (`weekly_logged`)

How it looks is the affair of `ledger.exchange.report`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.custody.authority import EVERYWHERE, covers
from ledger.custody.context import Setting
from ledger.custody.coverage import Coverage, Covered, coverage, week_text
from ledger.custody.facts import Facts
from ledger.custody.matters import read
from ledger.custody.supervision.plan import planned
from ledger.custody.supervision.progress import Progress
from ledger.custody.supervision.weekly_follow import Rectification, rectified
from ledger.custody.supervision.weekly_logged import Excursion, Late, excursions, late
from ledger.custody.supervision.weekly_notices import Noticed, Unanswered, Unsent, noticed
from ledger.custody.supervision.weekly_plan import AnnouncedPlan, PlanDone, announced, followed, plan_done
from ledger.custody.supervision.weekly_scope import Scope, Span, third_level
from ledger.errors import UsageError
from ledger.log.times import parse_instant
from ledger.messages import Message
from ledger.store.facts import MerchantFact
from ledger.store.reader import FactReader

WEEKDAYS = range(7)


class GridWeek(NamedTuple):
    """A third-level grid: checks made and planned from Monday to Sunday, and how many count of those required."""

    grid: str
    merchants: int
    required: int
    counted: int
    missed: int
    made: tuple[int, ...]
    planned: tuple[int, ...]


class Missed(NamedTuple):
    """A merchant checked too little, and who is responsible for it (包保责任)."""

    grid: str
    merchant: str
    name: str
    supervisor: str | None
    required: int
    counted: int


class FindingCount(NamedTuple):
    """Findings of one kind in the checks of the week."""

    code: str
    standing: int
    waived: int


class CardShown(NamedTuple):
    """A card of the week; `lifted` as of the index."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    grid: str
    merchant: str
    name: str
    day: date
    card: str
    code: str
    closes: bool
    lifted: bool


class Weekly(NamedTuple):
    """See the module docstring."""

    week: str
    first_day: date
    last_day: date
    grid: str
    as_of: int
    at_ms: int
    """When the last entry looked at was recorded."""
    due: int
    required: int
    counted: int
    checks: int
    checked: int
    """Merchants checked at least once."""
    with_findings: int
    """Checks of which a finding stands."""
    grids: tuple[GridWeek, ...]
    missed: tuple[Missed, ...]
    findings: tuple[FindingCount, ...]
    cards: tuple[CardShown, ...]
    rectification: Rectification
    plan: PlanDone
    announced: tuple[AnnouncedPlan, ...]
    readings: int
    """Temperature records of cooled zones that were compared with a limit."""
    excursions: tuple[Excursion, ...]
    notices: tuple[Noticed, ...]
    unanswered: tuple[Unanswered, ...]
    unsent: tuple[Unsent, ...]
    logged: int
    """Entries of merchants recorded in the week."""
    late: tuple[Late, ...]


def weekly(
    reader: FactReader, facts: Facts, setting: Setting, *, week: int, as_of: int, grid: str = EVERYWHERE
) -> Weekly:
    """A week's numbers of the merchants in a grid, from entries below `as_of`.

    Raises: UsageError for a week of which the ledger says nothing, and for a grid without merchants.
    """
    span = Span.of(week)
    at_ms = _last_recorded(setting, span, as_of)
    merchants = {one.merchant: one for one in facts.enrolled(as_of) if covers(grid, one.grid)}
    if grid != EVERYWHERE and not merchants:
        known = ", ".join(sorted({third_level(one.grid) for one in facts.enrolled(as_of)})[:10])
        raise UsageError(
            "no merchant is enrolled in grid {grid!r}; there are {known} …",
            grid=grid,
            known=known or Message("none"),
            field="--grid",
        )
    scope = Scope(reader, facts, setting, span, as_of, at_ms, merchants)
    covered = _within(coverage(reader, facts, setting, week=week, as_of=as_of), merchants)
    plans = planned(facts, setting, week_text(week), as_of)
    drawn = followed(scope, plans)
    readings, outside = excursions(scope)
    logged, lates = late(scope)
    sent, unanswered, unsent = noticed(scope)
    checks = [index for one in covered.merchants for index in one.checks]
    return Weekly(
        week=week_text(week),
        first_day=span.first,
        last_day=span.last,
        grid=grid,
        as_of=as_of,
        at_ms=at_ms,
        due=covered.due,
        required=sum(one.required for one in covered.merchants),
        counted=sum(min(one.counted, one.required) for one in covered.merchants),
        checks=len(checks),
        checked=sum(1 for one in covered.merchants if one.checks),
        with_findings=_with_findings(scope, checks),
        grids=_grids(covered, drawn),
        missed=_missed(covered),
        findings=_findings(scope, checks),
        cards=_cards(scope),
        rectification=rectified(scope),
        plan=plan_done(covered, drawn),
        announced=announced(scope, grid, plans),
        readings=readings,
        excursions=tuple(outside),
        notices=sent,
        unanswered=unanswered,
        unsent=unsent,
        logged=logged,
        late=tuple(lates),
    )


def _last_recorded(setting: Setting, span: Span, as_of: int) -> int:
    """When the last entry was recorded. Raises: UsageError for a week outside of what the ledger can know."""
    if as_of < 1:
        raise UsageError(
            "as of entry 0 the ledger says nothing: give --as-of a number from 1", field="--as-of"
        )
    opened, last = (parse_instant(setting.entry_at(index).recorded_at) for index in (0, as_of - 1))
    if not (span.start_ms <= last and opened < span.end_ms):
        raise UsageError(
            "week {week} ({first} to {last}) is outside of the ledger, whose {as_of} "
            "entries are of {opened} to {last_day}: choose a week in between",
            week=week_text(span.week),
            first=span.first,
            last=span.last,
            as_of=as_of,
            opened=span.day(opened),
            last_day=span.day(last),
            field="week",
        )
    return last


def _within(found: Coverage, merchants: Mapping[str, MerchantFact]) -> Coverage:
    return found._replace(merchants=tuple(one for one in found.merchants if one.merchant in merchants))


def _grids(covered: Coverage, drawn: Iterable[Progress]) -> tuple[GridWeek, ...]:
    by_grid: dict[str, list[Covered]] = defaultdict(list)
    grid_of: dict[str, str] = {}
    for one in covered.merchants:
        grid_of[one.merchant] = third_level(one.grid)
        by_grid[grid_of[one.merchant]].append(one)
    plans = Counter(
        (grid_of[one.assignment.merchant], one.assignment.day - 1)
        for one in drawn
        if one.assignment.merchant in grid_of
    )
    rows = []
    for grid, members in sorted(by_grid.items()):
        made = Counter(day.weekday() for one in members for day in one.days)
        rows.append(
            GridWeek(
                grid,
                sum(1 for one in members if one.required),
                sum(one.required for one in members),
                sum(min(one.counted, one.required) for one in members),
                sum(1 for one in members if one.missing),
                tuple(made[day] for day in WEEKDAYS),
                tuple(plans[grid, day] for day in WEEKDAYS),
            )
        )
    return tuple(rows)


def _missed(covered: Coverage) -> tuple[Missed, ...]:
    return tuple(
        Missed(one.grid, one.merchant, one.name, one.supervisor, one.required, one.counted)
        for one in covered.missed
    )


def _with_findings(scope: Scope, checks: Sequence[int]) -> int:
    wanted = set(checks)
    week = scope.span.week
    return sum(
        1
        for check in scope.reader.checks_by_week(week, week, before=scope.as_of)
        if check.findings and check.index in wanted
    )


def _findings(scope: Scope, checks: Sequence[int]) -> tuple[FindingCount, ...]:
    """By kind, those that stand most often first."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    wanted = {str(UUID(bytes=row.id)) for row in scope.reader.statements_by_index(checks, before=scope.as_of)}
    for row in scope.reader.matters_of_topic("finding", before=scope.as_of):
        if row.key in wanted:
            value = read(row).value
            counts[value["code"]][0 if value["stands"] else 1] += 1
    found = [FindingCount(code, standing, waived) for code, (standing, waived) in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.standing, -one.waived, one.code)))


def _cards(scope: Scope) -> tuple[CardShown, ...]:
    lifted = {row.key for row in scope.reader.matters_of_topic("card_lifted", before=scope.as_of)}
    shown = []
    for one in map(read, scope.reader.matters_of_topic("card", before=scope.as_of)):
        day = date.fromordinal(one.value["day"])
        known = scope.merchants.get(one.key)
        if known is not None and scope.span.first <= day <= scope.span.last:
            value = one.value
            shown.append(
                CardShown(
                    one.index,
                    known.grid,
                    one.key,
                    known.name,
                    day,
                    value["card"],
                    value["code"],
                    value["closes"],
                    value["id"] in lifted,
                )
            )
    return tuple(shown)
