"""`custody notice list`: which offices were told what, and who has not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

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
        bool, typer.Option("--unanswered", help="只列未反馈 Only those without an answer.")
    ] = False,
    office: Annotated[
        str | None, typer.Option("--office", metavar="OFFICE", help="只列这个单位 Only of this office.")
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
    "waiting": "待送 waiting",
    "delivered": "已送达 delivered",
    "answered": "已反馈 answered",
    "earlier": "早先 earlier",
    "unknown": "",
}


def _show(listed: list[Notice], found: list[Notice], delivered: dict[str, Done] | None) -> None:
    from ledger.custody.authoring import instant
    from ledger.exchange.answers.supervision import notice_state, notice_sums
    from ledger_cli import noticing, show

    show.table(
        "双通报 Notices",
        [
            ("单位", "Office"), ("身份", "Capacity"), ("条目", "Entry#"), ("发出", "Sent"), ("商户", "Merchant"),
            ("问题", "Finding"), ("送达", "Delivery"), ("反馈条目", "Answer#"),
        ],
        [
            (
                one.office, show.label("capacity", one.capacity), one.index, instant(one.sent_ms)[:16], one.merchant,
                noticing.finding(one), STATES[notice_state(one, delivered)], one.answered,
            )
            for one in listed
        ],
    )  # fmt: skip
    for office, (told, open_ones) in notice_sums(found).items():
        show.print_line(f"{office}: 通报 told {told}，未反馈 unanswered {open_ones}")
