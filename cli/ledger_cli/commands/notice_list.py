"""`custody notice list`: which offices were told what, and who has not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.supervision.notices import Notice
    from ledger.exchange.outbox import Done, Outbox

EXAMPLES = """
custody notice list
custody notice list --unanswered
custody notice list --unanswered --json
"""


def command(
    context: typer.Context,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help=N_("Only those without an answer."))
    ] = False,
    office: Annotated[
        str | None, typer.Option("--office", metavar="OFFICE", help=N_("Only of this office."))
    ] = None,
    as_of: AsOf = None,
) -> None:
    """By office, the oldest first: what it was told of, when, whether it was delivered, and its answer."""
    from ledger.exchange.answers.supervision import notices_json
    from ledger.exchange.outbox import Outbox
    from ledger_cli.noticing import all_notices

    frame = Frame.of(context)
    with frame.reading() as ledger, Outbox(frame.ledger) as outbox:
        found = [
            one for one in all_notices(ledger, limit(ledger, as_of)) if office is None or one.office == office
        ]
        delivered = _delivered(outbox)
    found.sort(key=lambda one: (one.office, one.index))
    listed = [one for one in found if one.answered is None] if unanswered else found
    frame.answer(notices_json(listed, found, delivered), lambda: _show(listed, found, delivered))


def _delivered(outbox: Outbox) -> dict[str, Done] | None:
    """What is done with, None where there is no outbox to ask."""
    return outbox.done() if outbox.exists else None


STATES = {
    "waiting": N_("waiting"),
    "delivered": N_("delivered"),
    "answered": N_("answered"),
    "earlier": N_("earlier"),
    "unknown": "",
}


def _show(listed: list[Notice], found: list[Notice], delivered: dict[str, Done] | None) -> None:
    from ledger.custody.authoring import instant
    from ledger.exchange.answers.supervision import notice_state, notice_sums
    from ledger_cli import noticing, show

    show.table(
        _("Notices"),
        [
            _("Office"), _("Capacity"), show.Number(_("Entry")), _("Sent"), _("Merchant"),
            _("Finding"), _("Delivery"), show.Number(_("Answer")),
        ],
        [
            (
                one.office, show.label("capacity", one.capacity), one.index, instant(one.sent_ms)[:16], one.merchant,
                noticing.finding(one), _(STATES[notice_state(one, delivered)]), one.answered,
            )
            for one in listed
        ],
    )  # fmt: skip
    for office, (told, open_ones) in notice_sums(found).items():
        show.print_line(
            _("{office}: told {told}, unanswered {open}", office=office, told=told, open=open_ones)
        )
