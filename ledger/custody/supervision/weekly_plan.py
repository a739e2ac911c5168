"""Plan against done: which of the checks drawn for a week were made, by whom, and which were made beside them.

    plan_done(scope, covered, drawn).undone

A check drawn is done by a check of the same merchant that stands: one of that day if there is one, else one of
another day of the week. No check counts for two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.custody.coverage import Coverage
from ledger.custody.supervision.draw import Assignment
from ledger.custody.supervision.weekly_scope import Scope


class OfficerPlan(NamedTuple):
    """Checks drawn for an officer: made on the day, on another day of the week, or not; `others` by another officer."""

    officer: str
    planned: int
    on_day: int
    other_day: int
    undone: int
    by_others: int


class PlanDone(NamedTuple):
    """Plan against done; each check once, however many officers it has."""

    planned: int
    on_day: int
    other_day: int
    undone: int
    by_others: int
    unplanned: int
    """Checks made beyond the plan."""
    officers: tuple[OfficerPlan, ...]


class _Made(NamedTuple):
    """A check drawn and what became of it: "on_day", "other_day" or "undone"."""

    check: Assignment
    state: str
    by_others: bool


def plan_done(scope: Scope, covered: Coverage, drawn: Sequence[Assignment]) -> PlanDone:
    made = _made(scope, covered)
    total = sum(len(days) for days in made.values())
    by_merchant: dict[str, list[Assignment]] = defaultdict(list)
    for check in drawn:
        by_merchant[check.merchant].append(check)
    done = [
        one for merchant, checks in by_merchant.items() for one in _matched(checks, made.get(merchant, []))
    ]
    officers: dict[str, list[_Made]] = defaultdict(list)
    for one in done:
        for officer in one.check.officers:
            officers[officer].append(one)
    return PlanDone(
        *_sums(done),
        total - sum(1 for one in done if one.state != "undone") if drawn else 0,
        tuple(OfficerPlan(officer, *_sums(theirs)) for officer, theirs in sorted(officers.items())),
    )


def _sums(done: Sequence[_Made]) -> tuple[int, int, int, int, int]:
    states = Counter(one.state for one in done)
    others = sum(one.by_others for one in done)
    return len(done), states["on_day"], states["other_day"], states["undone"], others


def _made(scope: Scope, covered: Coverage) -> dict[str, list[tuple[int, frozenset[str]]]]:
    """Of each merchant: ISO weekday and officers of every check that stands."""
    week = scope.span.week
    stand = {index for one in covered.merchants for index in one.checks}
    holders: dict[str, str] = {}
    made: dict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
    for check in scope.reader.checks_by_week(week, week, before=scope.as_of):
        if check.index not in stand:
            continue
        for keyid in check.officers.split(","):
            if keyid not in holders:
                grant = scope.facts.grant(keyid, scope.as_of)
                holders[keyid] = grant.holder or keyid if grant else keyid
        day = date.fromordinal(check.day).isoweekday()
        made[check.merchant].append((day, frozenset(holders[one] for one in check.officers.split(","))))
    return made


def _matched(checks: Sequence[Assignment], made: Sequence[tuple[int, frozenset[str]]]) -> list[_Made]:
    """Each check drawn with one made: on its day, by its officers where there is a choice, else on another day."""
    left = list(made)
    done: dict[Assignment, _Made] = {}
    for exact in (True, False):
        for check in checks:
            if check in done:
                continue
            wanted = set(check.officers)
            fitting = [one for one in left if one[0] == check.day or not exact]
            if not fitting:
                continue
            one = min(fitting, key=lambda one: (not wanted <= one[1], abs(one[0] - check.day)))
            left.remove(one)
            state = "on_day" if exact else "other_day"
            done[check] = _Made(check, state, not wanted <= one[1])
    return [done.get(check, _Made(check, "undone", False)) for check in checks]
