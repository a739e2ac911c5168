"""`custody card list`: cards and suspensions, and which of them stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from datetime import date

    from ledger.custody.supervision.cards import Standing, Suspension

EXAMPLES = """
custody card list
custody card list --standing --json
"""


def command(
    context: typer.Context,
    standing: Annotated[bool, typer.Option("--standing", help=N_("Only what stands today."))] = False,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help=N_("Only this merchant."))
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Cards stand until they are lifted; suspensions have days. Standing means today, or on the day of --as-of."""
    from datetime import UTC, datetime

    from ledger.custody.authoring import CHINA
    from ledger.custody.supervision.cards import cards, suspensions
    from ledger.exchange.answers.supervision import cards_json
    from ledger_cli.asking import moment

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        day = datetime.fromtimestamp(moment(ledger, as_of) / 1000, UTC).astimezone(CHINA).date()
        reader = ledger.store.facts
        issued = cards(*(reader.matters_of_topic(topic, before=size) for topic in ("card", "card_lifted")))
        decided = suspensions(reader.matters_of_topic("suspension", before=size))
        names = {one.merchant: one.name for one in ledger.facts().enrolled(size)}
    issued = [
        one
        for one in issued
        if merchant in (None, one.merchant) and not (standing and one.lifted is not None)
    ]
    decided = [
        one for one in decided if merchant in (None, one.merchant) and (not standing or one.covers(day))
    ]
    answer = cards_json(issued, decided, as_of=size, day=day)
    frame.answer(answer, lambda: _show(issued, decided, names, day, size))


def _show(
    issued: list[Standing], decided: list[Suspension], names: dict[str, str], day: date, size: int
) -> None:
    from ledger_cli import show
    from ledger_cli.acting import local

    show.table(
        _("Cards (as of {size})", size=size),
        [
            show.Number(_("Entry")),
            _("Merchant"),
            _("Code"),
            _("Card"),
            show.Number(_("Step")),
            _("Closes"),
            _("Finding"),
            _("Issued"),
            _("State"),
        ],
        [
            (
                one.index,
                names.get(one.merchant),
                one.merchant,
                show.label("card", one.card),
                one.step,
                _("yes") if one.closes else _("no"),
                show.label("finding_code", one.code, typed=True),
                local(one.at_ms),
                _("standing") if one.lifted is None else _("lifted by entry {entry}", entry=one.lifted),
            )
            for one in issued
        ],
    )
    show.table(
        _("Suspensions"),
        [
            show.Number(_("Entry")),
            _("Merchant"),
            _("Code"),
            _("Document number"),
            _("Period"),
            _("State"),
        ],
        [
            (
                one.index,
                names.get(one.merchant),
                one.merchant,
                one.document_number,
                f"{one.starts} – {one.ends or '…'}",
                _("in force") if one.covers(day) else "",
            )
            for one in decided
        ],
    )
