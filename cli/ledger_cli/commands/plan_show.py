"""`custody plan show`: who checks whom on which day, and what has been done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from datetime import date

    from ledger.custody.ledger import Ledger
    from ledger.custody.supervision.plan import Plan
    from ledger.custody.supervision.progress import Progress

EXAMPLES = """
custody plan show
custody plan show --officer officer-017 --day 3
custody plan show --merchant 92410104MACU00014Y --json
"""

STATES = {
    "done": N_("done"),
    "done_otherwise": N_("done otherwise"),
    "due": N_("due"),
    "missed": N_("missed"),
}

DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help=N_("ISO week; this week by default."))
    ] = None,
    officer: Annotated[
        str | None, typer.Option(metavar="HOLDER", help=N_("Only this officer's checks."))
    ] = None,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help=N_("Only this merchant."))
    ] = None,
    day: Annotated[
        int | None, typer.Option(metavar="1..7", min=1, max=7, help=N_("Only this day, Monday 1."))
    ] = None,
    as_of: AsOf = None,
) -> None:
    """The checks are drawn again from what is in the ledger; a plan that has not been drawn shows what it waits for."""
    from ledger.custody.coverage import parse_week
    from ledger.custody.supervision.plan import planned, undrawn
    from ledger.exchange.answers.supervision import announced_json, plan_json
    from ledger_cli.in_force import this_week

    frame = Frame.of(context)
    asked = week or this_week()
    parse_week(asked)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        facts = ledger.facts()
        plans = planned(facts, ledger.setting, asked, size)
        names = {one.merchant: one.name for one in facts.enrolled(size)}
        found = [(plan, _checks(ledger, plan, size, officer, merchant, day)) for plan in plans]
        others = [one for one in undrawn(ledger.store.facts, facts, size) if one.week != asked]
    answer = {
        "week": asked,
        "as_of": size,
        "plans": [plan_json(plan, checks, names) for plan, checks in found],
        "undrawn_elsewhere": [{"week": one.week, **announced_json(one)} for one in others],
    }
    frame.answer(answer, lambda: _show(asked, found, names, size, others))


def _checks(
    ledger: Ledger, plan: Plan, size: int, officer: str | None, merchant: str | None, day: int | None
) -> list[Progress]:
    from ledger.custody.supervision.progress import progress
    from ledger_cli.in_force import today

    return [
        one
        for one in progress(ledger.store.facts, ledger.facts(), plan, today=today(), as_of=size)
        if (officer is None or officer in one.assignment.officers)
        and merchant in (None, one.assignment.merchant)
        and day in (None, one.assignment.day)
    ]


def _show(
    week: str, found: list[tuple[Plan, list[Progress]]], names: dict[str, str], size: int, others: list[Plan]
) -> None:
    from ledger_cli import show

    if not found:
        show.print_line(_("{week}: nothing announced (as of {size})", week=week, size=size))
    for plan, checks in found:
        show.print_line(_line(plan, size))
        if plan.drawn is None:
            continue
        _by_officer(plan, checks)
        show.table(
            _("Checks drawn"),
            [
                _("Day"),
                _("Officers"),
                _("Merchant"),
                _("Code"),
                _("State"),
                show.Number(_("Entry")),
                _("Checked"),
            ],
            [
                (
                    f"{one.day:%m-%d} {_weekday(one.day)}",
                    ", ".join(one.assignment.officers),
                    names.get(one.assignment.merchant),
                    one.assignment.merchant,
                    _(STATES[one.state]),
                    one.check,
                    f"{one.checked_on:%m-%d} {', '.join(one.officers)}" if one.checked_on else "",
                )
                for one in checks
            ],
        )
        counts = ", ".join(
            f"{_(words)} {sum(one.state == state for one in checks)}" for state, words in STATES.items()
        )
        show.print_line(counts)
    if others:
        show.print_line(_("Announced for other weeks and not drawn:"))
    for plan in others:
        show.print_line(_line(plan, size))


def _line(plan: Plan, size: int) -> str:
    """A plan, what it takes the place of, and what became of it."""
    before = ", ".join(map(str, plan.replaces))
    return _(
        "{week} {grid}: announced by entry {index}{again}, {state}",
        week=plan.week,
        grid=plan.grid,
        index=plan.index,
        again=_(" (again, after {before})", before=before) if before else "",
        state=_waits(plan, size) if plan.drawn is None else _("drawn by entry {drawn}", drawn=plan.drawn),
    )


def _weekday(day: date) -> str:
    return _(DAYS[day.weekday()])


def _waits(plan: Plan, size: int) -> str:
    if plan.voided is not None:
        when = _("after its seed was known") if plan.voided.seed_known else _("before its seed was known")
        return _(
            "voided by entry {entry}, {when}: {reason}",
            entry=plan.voided.index,
            when=when,
            reason=plan.voided.reason,
        )
    missing = plan.seed_size - size
    return _("ready to be drawn") if missing <= 0 else _("{count} more entries until the draw", count=missing)


def _by_officer(plan: Plan, checks: list[Progress]) -> None:
    """How many checks each officer has on each day, and how many are done."""
    from ledger_cli import show

    days = sorted({one.day for one in checks})
    rows = []
    for officer in plan.officers:
        own = [one for one in checks if officer in one.assignment.officers]
        if own:
            done = sum(one.check is not None for one in own)
            rows.append((officer, *(sum(one.day == day for one in own) for day in days), len(own), done))
    show.table(
        _("Per officer and day"),
        [
            _("Officer"),
            *(show.Number(f"{day:%m-%d}\n{_weekday(day)}") for day in days),
            show.Number(_("All")),
            show.Number(_("Done")),
        ],
        rows,
    )
