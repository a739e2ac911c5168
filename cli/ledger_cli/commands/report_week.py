"""`custody report week`: a week of supervision as a page, a PDF and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit, plain_json
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.supervision.weekly import Weekly

EXAMPLES = """
custody report week --out reports
custody report week --out reports --lang en
custody report week --out reports/erligang-3 --grid erligang/3 --json
"""


def command(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="目录 Folder for the three files; made if missing."),
    ],
    week: Annotated[
        str | None,
        typer.Argument(metavar="WEEK", help="ISO 周 ISO week, such as 2026-W17; this week by default."),
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="语言 Language of the report: zh or en.")
    ] = "zh",
    grid: Annotated[
        str | None,
        typer.Option("--grid", metavar="GRID", help="网格 Only this grid and below; all by default."),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Coverage, findings, cards, rectification, plan, temperatures, notices and lateness of one week.

    One page of HTML that needs nothing from elsewhere, a PDF for print and a workbook, from one query. Nothing that is
    in the folder is overwritten. With --json the numbers themselves, besides the names of the files.
    """
    from ledger.custody.coverage import parse_week, week_text
    from ledger.custody.supervision.weekly import weekly
    from ledger.exchange.report.content import content
    from ledger.exchange.report.files import require_free, write
    from ledger.exchange.report.parts import About
    from ledger.exchange.report.words import Words
    from ledger_cli.in_force import this_week

    frame = Frame.of(context)
    words, number = Words.of(lang), parse_week(this_week() if week is None else week)
    require_free(out, week_text(number), lang)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        scope = "*" if grid is None else grid
        found = weekly(
            ledger.store.facts, ledger.facts(), ledger.setting, week=number, as_of=size, grid=scope
        )
        root = ledger.tree(ledger.store.head().size).root_at(size).hex()
        report = content(found, About(ledger.store.origin, size, root), words)
    files = write(report, out)
    frame.answer(
        {"files": [str(file) for file in files], **plain_json(found)}, lambda: show_week(found, files)
    )


def show_week(found: Weekly, files: list[Path]) -> None:
    """The week in a few lines, and where its files are."""
    from ledger_cli import show

    cards = [one.card for one in found.cards]
    orders = found.rectification
    states = [one.state for one in found.announced]
    show.print_line(
        f"{found.week} 监督检查周报 Weekly report ({found.first_day} – {found.last_day}, as of {found.as_of})"
    )
    show.pairs(
        [
            ("检查 Checks", f"{found.checks}; 计入 counted {found.counted} / 应查 due {found.required}"),
            ("漏检商户 Merchants missed", f"{len(found.missed)} / {found.due}"),
            ("成立问题 Findings standing", sum(one.standing for one in found.findings)),
            ("红黄牌 Cards", f"黄 yellow {cards.count('yellow')}, 红 red {cards.count('red')}"),
            (
                "整改 Rectification",
                f"交办 ordered {orders.ordered}, 当日 same day {orders.same_day}, 逾期 overdue {orders.overdue}",
            ),
            ("温度超限 Temperature excursions", len(found.excursions)),
            ("应发未发通报 Notices due, not sent", sum(one.findings for one in found.unsent)),
            (
                "抽查公告 Plans announced",
                f"{len(found.announced)}; 未抽取 not drawn {states.count('ready') + states.count('waiting')}, "
                f"作废 voided {states.count('voided_known') + states.count('voided_unknown')}",
            ),
        ]
    )
    for file in files:
        show.print_line(str(file))
