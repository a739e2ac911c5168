"""`custody rectification report`: the merchant says what it did."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Attach

EXAMPLES = """
custody rectification report 92410104MACU00014Y --what "探头已修好 Probe repaired"
"""


def command(
    context: typer.Context,
    order: Annotated[
        str,
        typer.Argument(
            metavar="ORDER", help=N_("The order: id, entry number, or a merchant with one open order.")
        ),
    ],
    what: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What was done."))] = None,
    attach: Attach = None,
) -> None:
    """Pictures or papers can be attached as evidence. The order is open until a supervisor confirms it."""
    from ledger_cli.acting import order as the_order
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = the_order(draft, order)
        body = draft.body({"order": identity, "what": what, "evidence": draft.attachments(attach)})
        draft.record("rectification.reported", merchant, body)
