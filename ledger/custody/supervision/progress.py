"""What became of a plan: which of its checks were made, by whom they were planned and when they really were.

    done = progress(reader, facts, plan, today=date(2026, 11, 27), as_of=1040)
    [one.assignment for one in done if one.state == "missed"]

A check that stands, of that merchant in that week, fulfils one planned check: first those on the planned day, then the
rest in order. Which officers made it is told beside those who were drawn: `state` says whether it was as planned.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from ledger.custody.facts import Facts
from ledger.custody.supervision.draw import Assignment
from ledger.custody.supervision.plan import Plan
from ledger.store.facts import CheckFact
from ledger.store.reader import FactReader

State = Literal["done", "done_otherwise", "due", "missed"]


class Progress(NamedTuple):
    """One planned check, its day, and the check that fulfils it."""

    assignment: Assignment
    day: date
    state: State
    """done: on the day and by the officers drawn; done_otherwise: on another day or by others; due: until its day is
    over; missed: then."""
    check: int | None
    """The entry."""
    checked_on: date | None
    officers: tuple[str, ...]
    """Who really checked."""


def progress(reader: FactReader, facts: Facts, plan: Plan, *, today: date, as_of: int) -> list[Progress]:
    """Every check of a drawn plan, in order of day and merchant."""
    year, week = int(plan.week[:4]), int(plan.week[6:])
    number = year * 100 + week
    checks = reader.checks_by_week(number, number, before=as_of)
    taken_back = {
        row.corrected for row in reader.corrections_by_corrected([c.index for c in checks], before=as_of)
    }
    made: dict[str, list[CheckFact]] = {}
    for check in checks:
        if check.index not in taken_back:
            made.setdefault(check.merchant, []).append(check)
    planned: dict[str, list[Assignment]] = {}
    for one in plan.checks:
        planned.setdefault(one.merchant, []).append(one)
    found = []
    for merchant, assignments in planned.items():
        days = [date.fromisocalendar(year, week, one.day) for one in assignments]
        matched = _matched(days, made.get(merchant, []))
        for one, day, fulfils in zip(assignments, days, matched, strict=True):
            found.append(_progress(facts, one, day, fulfils, today, as_of))
    return sorted(found, key=lambda one: (one.day, one.assignment.merchant))


def _matched(days: list[date], checks: list[CheckFact]) -> list[CheckFact | None]:
    """For each planned day the check that fulfils it: one on that day if there is one, else the earliest left."""
    left = sorted(checks, key=lambda check: (check.day, check.index))
    matched: list[CheckFact | None] = []
    for day in days:
        same = next((check for check in left if check.day == day.toordinal()), None)
        matched.append(same)
        if same is not None:
            left.remove(same)
    return [left.pop(0) if check is None and left else check for check in matched]


def _progress(
    facts: Facts, one: Assignment, day: date, check: CheckFact | None, today: date, as_of: int
) -> Progress:
    if check is None:
        return Progress(one, day, "missed" if day < today else "due", None, None, ())
    officers = tuple(sorted({_holder(facts, keyid, as_of) for keyid in check.officers.split(",")}))
    as_planned = check.day == day.toordinal() and set(one.officers) <= set(officers)
    return Progress(
        one,
        day,
        "done" if as_planned else "done_otherwise",
        check.index,
        date.fromordinal(check.day),
        officers,
    )


def _holder(facts: Facts, keyid: str, as_of: int) -> str:
    grant = facts.grant(keyid, as_of)
    return keyid if grant is None else grant.holder or keyid
