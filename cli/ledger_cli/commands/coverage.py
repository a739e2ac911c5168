"""`custody coverage`: who was checked how often in a week, and who was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.coverage import Coverage

EXAMPLES = """
custody coverage
custody coverage --week 2026-W17 --missed
custody coverage --week 2026-W17 --json
"""


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option("--week", metavar="YYYY-Www", help="ISO 周 ISO week; this week by default.")
    ] = None,
    missed: Annotated[
        bool, typer.Option("--missed", help="只列漏检 Only merchants checked too little.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Every merchant that had to be checked that week: how often it was, on which days, and what was found."""
    from ledger.custody.coverage import coverage, parse_week
    from ledger.custody.inspection import iso_week

    frame = Frame.of(context)
    with frame.reading() as ledger:
        number = parse_week(week) if week is not None else iso_week(_today())
        size = limit(ledger, as_of)
        found = coverage(ledger.store.facts, ledger.facts(), ledger.setting, week=number, as_of=size)
    frame.answer(as_json(found, missed_only=missed), lambda: show_coverage(found, missed_only=missed))


def _today() -> Any:
    from datetime import UTC, datetime

    from ledger.custody.authoring import CHINA

    return datetime.now(UTC).astimezone(CHINA).date()


def as_json(found: Coverage, *, missed_only: bool) -> dict[str, Any]:
    """Coverage as one JSON object."""
    from ledger.custody.coverage import week_text

    listed = found.missed if missed_only else found.merchants
    return {
        "week": week_text(found.week),
        "first_day": str(found.first_day),
        "last_day": str(found.last_day),
        "as_of": found.as_of,
        "due": found.due,
        "missed": len(found.missed),
        "merchants": [
            {
                **one._asdict(),
                "days": [str(day) for day in one.days],
                "goods_classes": list(one.goods_classes),
                "checks": list(one.checks),
                "officers": list(one.officers),
                "missing": one.missing,
            }
            for one in listed
        ],
    }


def show_coverage(found: Coverage, *, missed_only: bool) -> None:
    """Coverage for people: a table, then the sums."""
    from ledger.custody.coverage import week_text
    from ledger_cli import show

    listed = found.missed if missed_only else found.merchants
    show.table(
        f"{week_text(found.week)} 检查覆盖 Coverage ({found.first_day} – {found.last_day}, as of {found.as_of})",
        [
            ("网格", "Grid"),
            ("商户", "Merchant"),
            ("代码", "Code"),
            ("监管员", "Supervisor"),
            ("应查", "Due#"),
            ("已查", "Counted#"),
            ("日期", "Days"),
            ("问题", "Findings#"),
            ("", ""),
        ],
        [
            (
                one.grid,
                one.name,
                one.merchant,
                one.supervisor,
                one.required,
                one.counted,
                " ".join(f"{day:%m-%d}" for day in sorted(one.days)),
                one.findings,
                f"漏 {one.missing} missed" if one.missing else "",
            )
            for one in listed
        ],
    )
    reached = found.due - len(found.missed)
    show.print_line(f"应查商户 due {found.due}，查足 covered {reached}，漏检 missed {len(found.missed)}")
