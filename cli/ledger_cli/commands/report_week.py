"""`custody report week`: a week of supervision as a page, a PDF and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit, plain_json
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language

if TYPE_CHECKING:
    from ledger.custody.supervision.weekly import Weekly

EXAMPLES = """
custody report week --out reports --lang zh
custody report week --out reports --lang en
custody report week --out reports/erligang-3 --grid erligang/3 --json
"""


def command(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help=N_("Folder for the three files; made if missing.")),
    ],
    week: Annotated[
        str | None,
        typer.Argument(metavar="WEEK", help=N_("ISO week, such as 2026-W17; this week by default.")),
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option("--grid", metavar="GRID", help=N_("Only this grid and below; all by default.")),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Coverage, findings, cards, rectification, plan, temperatures, notices and lateness of a week, in either language.

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
    spoken = language().name
    words, number = Words.of(spoken), parse_week(this_week() if week is None else week)
    require_free(out, week_text(number), spoken)
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
        _(
            "Weekly report {week} ({first} – {last}, as of {size})",
            week=found.week,
            first=found.first_day,
            last=found.last_day,
            size=found.as_of,
        )
    )
    show.pairs(
        [
            (
                _("Checks"),
                _(
                    "{checks}; counted {counted} of {due} due",
                    checks=found.checks,
                    counted=found.counted,
                    due=found.required,
                ),
            ),
            (_("Merchants missed"), f"{len(found.missed)} / {found.due}"),
            (_("Findings standing"), sum(one.standing for one in found.findings)),
            (
                _("Cards"),
                _("yellow {yellow}, red {red}", yellow=cards.count("yellow"), red=cards.count("red")),
            ),
            (
                _("Rectification"),
                _(
                    "ordered {ordered}, confirmed the same day {same_day}, overdue {overdue}",
                    ordered=orders.ordered,
                    same_day=orders.same_day,
                    overdue=orders.overdue,
                ),
            ),
            (_("Temperature excursions"), len(found.excursions)),
            (_("Notices due, not sent"), sum(one.findings for one in found.unsent)),
            (
                _("Plans announced"),
                _(
                    "{announced}; not drawn {waiting}, voided {voided}",
                    announced=len(found.announced),
                    waiting=states.count("ready") + states.count("waiting"),
                    voided=states.count("voided_known") + states.count("voided_unknown"),
                ),
            ),
        ]
    )
    for file in files:
        show.print_line(str(file))
