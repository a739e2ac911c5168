"""Plan against done: which of the checks drawn for a week were made, by whom, and which were made beside them.

    plan_done(covered, drawn).undone
    announced(scope, "*", plans)             # every plan of the week, those that were not drawn or voided too

Which check fulfils which of the plan is said by `progress`; here it is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ledger.custody.authority import covers
from ledger.custody.coverage import Coverage
from ledger.custody.supervision.plan import Plan
from ledger.custody.supervision.progress import Progress, progress
from ledger.custody.supervision.weekly_scope import Scope


class OfficerPlan(NamedTuple):
    """Checks drawn for an officer; those made by somebody else are in `by_others` as well."""

    officer: str
    planned: int
    on_day: int
    other_day: int
    undone: int
    to_come: int
    """Not made, and their day is not over."""
    by_others: int


class PlanDone(NamedTuple):
    """Plan against done; each check once, however many officers it has."""

    planned: int
    on_day: int
    other_day: int
    undone: int
    to_come: int
    by_others: int
    unplanned: int
    """Checks made beyond the plan; 0 without a plan."""
    officers: tuple[OfficerPlan, ...]

    @property
    def done(self) -> int:
        return self.on_day + self.other_day


class AnnouncedPlan(NamedTuple):
    """A plan announced for the week, and what became of it."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    grid: str
    replaces: tuple[int, ...]
    """Announcements of the same shops that were voided before."""
    state: Literal["drawn", "ready", "waiting", "voided_unknown", "voided_known"]
    """ready: its seed is there; waiting: not yet; voided before or after whoever had the secret could know the draw."""
    ended: int | None
    """The entry that drew or voided it."""
    reason: str | None


def announced(scope: Scope, grid: str, plans: Sequence[Plan]) -> tuple[AnnouncedPlan, ...]:
    """The plans that have to do with a grid, oldest first."""
    return tuple(
        _announced(plan, scope.as_of) for plan in plans if covers(plan.grid, grid) or covers(grid, plan.grid)
    )


def _announced(plan: Plan, as_of: int) -> AnnouncedPlan:
    head = plan.index, plan.grid, plan.replaces
    if plan.voided is not None:
        state: Literal["voided_known", "voided_unknown"] = (
            "voided_known" if plan.voided.seed_known else "voided_unknown"
        )
        return AnnouncedPlan(*head, state, plan.voided.index, plan.voided.reason)
    if plan.drawn is not None:
        return AnnouncedPlan(*head, "drawn", plan.drawn, None)
    return AnnouncedPlan(*head, "ready" if plan.seed_size <= as_of else "waiting", None, None)


def followed(scope: Scope, plans: Sequence[Plan]) -> list[Progress]:
    """Every check drawn for the week within the grid, and what became of it."""
    today = scope.span.day(scope.at_ms)
    return [
        one
        for plan in plans
        for one in progress(scope.reader, scope.facts, plan, today=today, as_of=scope.as_of)
        if one.assignment.merchant in scope.merchants
    ]


def plan_done(covered: Coverage, drawn: Sequence[Progress]) -> PlanDone:
    """The sums of all, and of each officer."""
    officers: dict[str, list[Progress]] = defaultdict(list)
    for one in drawn:
        for officer in one.assignment.officers:
            officers[officer].append(one)
    fulfilling = {one.check for one in drawn if one.check is not None}
    made = {index for one in covered.merchants for index in one.checks}
    return PlanDone(
        *_sums(drawn),
        len(made - fulfilling) if drawn else 0,
        tuple(OfficerPlan(officer, *_sums(theirs)) for officer, theirs in sorted(officers.items())),
    )


def _sums(drawn: Sequence[Progress]) -> tuple[int, int, int, int, int, int]:
    states = Counter(_state(one) for one in drawn)
    others = sum(
        1 for one in drawn if one.check is not None and not set(one.assignment.officers) <= set(one.officers)
    )
    return len(drawn), states["on_day"], states["other_day"], states["missed"], states["due"], others


def _state(one: Progress) -> str:
    if one.check is None:
        return one.state
    return "on_day" if one.checked_on == one.day else "other_day"
