"""`custody recall list`: the recalls, and how many holders have answered."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody recall list
custody recall list --unanswered --json
"""


def command(
    context: typer.Context,
    unanswered: Annotated[
        bool,
        typer.Option("--unanswered", help=N_("Only those that somebody has not answered.")),
    ] = False,
    as_of: AsOf = None,
) -> None:
    """One line for each recall; `custody recall status` has its holders."""
    from ledger.custody.matters import read
    from ledger.custody.supervision.holds import recall_status
    from ledger.exchange.answers.supervision import recalls_json
    from ledger_cli import show
    from ledger_cli.acting import local

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        facts, reader = ledger.facts(), ledger.store.facts
        ordered = [read(row) for row in reader.matters_of_topic("recall_id", before=size)]
        found = [recall_status(reader, facts, one.key, size) for one in ordered]
    waiting = {one.id: sum(holder.answer is None for holder in one.holders) for one in found}
    found = [one for one in found if not unanswered or waiting[one.id]]
    answer = recalls_json(found)
    columns: list[str | show.Number] = [
        show.Number(_("Entry")),
        _("Batch"),
        _("Answer by"),
        show.Number(_("Holders")),
        show.Number(_("Unanswered")),
        _("Id"),
    ]
    rows = [
        (one.index, one.batch, local(one.answer_by_ms), len(one.holders), waiting[one.id], one.id)
        for one in found
    ]
    frame.answer(answer, lambda: show.table(_("Recalls (as of {size})", size=size), columns, rows))
