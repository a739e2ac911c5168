"""`custody recall order`: a batch is called back from everyone who has had some of it."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody recall order B1 --reason "检出沙门氏菌 Salmonella found" --answer-by "2099-01-01 18:00" --key officer-a
"""


def command(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help=N_("The batch."))],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why it is recalled."))] = None,
    answer_by: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When holders must have answered."))
    ] = None,
    number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Number of the recall notice."))
    ] = None,
) -> None:
    """Nobody may sell it any more, and every holder answers. It is ordered of the merchant who brought the batch in."""
    from ledger.errors import UsageError
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        found = draft.facts.batch(batch, draft.as_of)
        if found is None:
            raise UsageError("there is no batch {batch}: check the batch id", batch=batch, field="BATCH")
        body = draft.body(
            {
                "batch": batch,
                "reason": reason,
                "answer_by": inputs.instant(answer_by, "--answer-by"),
                "number": number,
            }
        )
        receipt = draft.record("recall.ordered", found.merchant, body, batches=[batch])
        if receipt is not None:
            draft.frame.note(
                _("Who has answered: {command}", command=f"`custody recall status {receipt.id}`")
            )
