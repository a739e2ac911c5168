"""`custody recall status`: who has had some of a recalled batch, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.supervision.holds import Recall

EXAMPLES = """
custody recall status B1
custody recall status B1 --unanswered --json
"""


def command(
    context: typer.Context,
    recall: Annotated[
        str,
        typer.Argument(metavar="RECALL", help=N_("The recall: id, entry number, or the recalled batch.")),
    ],
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help=N_("Only holders who have not answered."))
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Every holder, by the ledger; what it got, sold and holds, against what it says it found and sold."""
    from ledger.custody.supervision.holds import recall_status
    from ledger.exchange.answers.supervision import recall_json
    from ledger_cli.asking import moment
    from ledger_cli.recalls import recall_id

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        now = moment(ledger, as_of)
        facts = ledger.facts()
        identity = recall_id(ledger, facts, recall, size)
        found = recall_status(ledger.store.facts, facts, identity, size)
        names = {one.merchant: one.name for one in facts.enrolled(size)}
    if unanswered:
        found = found._replace(holders=tuple(one for one in found.holders if one.answer is None))
    frame.answer(recall_json(found, now), lambda: _show(found, names, now))


def _show(found: Recall, names: dict[str, str], now: int) -> None:
    from ledger.custody.goods import plain
    from ledger_cli import show
    from ledger_cli.acting import local

    show.table(
        _(
            "Recall of {batch} ({id}, as of {size}, in {unit})",
            batch=found.batch,
            id=found.id,
            size=found.as_of,
            unit=show.unit(found.unit),
        ),
        [
            _("Merchant"),
            _("Code"),
            show.Number(_("Got")),
            show.Number(_("Sold (ledger)")),
            show.Number(_("Held (ledger)")),
            show.Number(_("Found (answer)")),
            show.Number(_("Sold (answer)")),
            show.Number(_("Difference")),
            _("Answered"),
        ],
        [
            (
                names.get(one.merchant),
                one.merchant,
                plain(one.got),
                plain(one.sold),
                plain(one.held),
                "" if one.answer is None else plain(one.answer.found),
                "" if one.answer is None else plain(one.answer.sold),
                "" if one.difference is None else plain(one.difference),
                _("not answered") if one.answer is None else local(one.answer.at_ms),
            )
            for one in found.holders
        ],
    )
    waiting = sum(one.answer is None for one in found.holders)
    late = bool(waiting and now > found.answer_by_ms)
    show.print_line(
        _(
            N_("answer by {time}, not answered {waiting} of {holders}, overdue")
            if late
            else N_("answer by {time}, not answered {waiting} of {holders}"),
            time=local(found.answer_by_ms),
            waiting=waiting,
            holders=len(found.holders),
        )
    )
