"""`custody plan show`: who checks whom on which day, and what has been done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.ledger import Ledger
    from ledger.custody.supervision.plan import Plan
    from ledger.custody.supervision.progress import Progress

EXAMPLES = """
custody plan show
custody plan show --officer officer-017 --day 3
custody plan show --merchant 92410104MACU00014Y --json
"""

STATES = {
    "done": "已查 done",
    "done_otherwise": "已查，人员或日期有变 done otherwise",
    "due": "待查 due",
    "missed": "漏查 missed",
}


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help="ISO 周 ISO week; this week by default.")
    ] = None,
    officer: Annotated[
        str | None, typer.Option(metavar="HOLDER", help="只列此人 Only this officer's checks.")
    ] = None,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help="只列此商户 Only this merchant.")
    ] = None,
    day: Annotated[
        int | None, typer.Option(metavar="1..7", min=1, max=7, help="只列此日 Only this day, Monday 1.")
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
        show.print_line(f"{week} 未公告 nothing announced (as of {size})")
    for plan, checks in found:
        show.print_line(_line(plan, size))
        if plan.drawn is None:
            continue
        _by_officer(plan, checks)
        show.table(
            "抽查任务 Checks",
            [
                ("日期", "Day"),
                ("监管员", "Officers"),
                ("商户", "Merchant"),
                ("代码", "Code"),
                ("状态", "State"),
                ("条目", "Entry#"),
                ("实际", "Checked"),
            ],
            [
                (
                    f"{one.day:%m-%d %a}",
                    ", ".join(one.assignment.officers),
                    names.get(one.assignment.merchant),
                    one.assignment.merchant,
                    STATES[one.state],
                    one.check,
                    f"{one.checked_on:%m-%d} {', '.join(one.officers)}" if one.checked_on else "",
                )
                for one in checks
            ],
        )
        counts = "，".join(
            f"{words} {sum(one.state == state for one in checks)}" for state, words in STATES.items()
        )
        show.print_line(counts)
    if others:
        show.print_line("其他周已公告未抽取 Announced for other weeks and not drawn:")
    for plan in others:
        show.print_line(_line(plan, size))


def _line(plan: Plan, size: int) -> str:
    """A plan, what it takes the place of, and what became of it."""
    again = f" (重新公告 again after {', '.join(map(str, plan.replaces))})" if plan.replaces else ""
    state = f"抽取 drawn {plan.drawn}" if plan.drawn is not None else _waits(plan, size)
    return f"{plan.week} {plan.grid}: 公告 announced {plan.index}{again}, {state}"


def _waits(plan: Plan, size: int) -> str:
    if plan.voided is not None:
        when = (
            "种子已知后 after its seed was known"
            if plan.voided.seed_known
            else "种子未知时 before its seed was known"
        )
        return f"作废 voided {plan.voided.index}, {when}: {plan.voided.reason}"
    missing = plan.seed_size - size
    return "可以抽取 ready to be drawn" if missing <= 0 else f"还差 {missing} 条 entries until the draw"


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
        "每人每日 Per officer and day",
        [
            ("监管员", "Officer"),
            *((f"{day:%m-%d}", f"{day:%a}#") for day in days),
            ("合计", "All#"),
            ("已查", "Done#"),
        ],
        rows,
    )
