"""`custody recall answer`: a holder says what it still has and what it has sold."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Attach, Merchant

EXAMPLES = """
custody recall answer B1 --merchant 92410104MACU00014Y --found 3kg --sold 2kg --note "已下架 Off the shelf"
"""


def command(
    context: typer.Context,
    recall: Annotated[
        str,
        typer.Argument(metavar="RECALL", help=N_("The recall: id, entry number, or the recalled batch.")),
    ],
    merchant: Merchant = None,
    found: Annotated[
        str | None, typer.Option(metavar="QUANTITY", help=N_("What is still there, such as 3kg or 0kg."))
    ] = None,
    sold: Annotated[
        str | None, typer.Option(metavar="QUANTITY", help=N_("What was sold, such as 2kg or 0kg."))
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What was got back."))] = None,
    attach: Attach = None,
) -> None:
    """A merchant may answer again; the last answer counts."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft
    from ledger_cli.recalls import recall_id

    with Draft(Frame.of(context)) as draft:
        body = draft.body(
            {
                "recall": recall_id(draft.ledger, draft.facts, recall, draft.as_of),
                "found": None if found is None else inputs.quantity(found, "--found"),
                "sold": None if sold is None else inputs.quantity(sold, "--sold"),
                "note": note,
                "evidence": draft.attachments(attach),
            }
        )
        draft.record("recall.answered", draft.merchant(merchant), body)
