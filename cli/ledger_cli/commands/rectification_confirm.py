"""`custody rectification confirm`: a supervisor has seen that it was put right."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Recheck
from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody rectification confirm 92410104MACU00014Y --note "现场核实 Seen on the spot" --key officer-a
"""


def command(
    context: typer.Context,
    order: Annotated[
        str,
        typer.Argument(
            metavar="ORDER", help=N_("The order: id, entry number, or a merchant with one open order.")
        ),
    ],
    inspection: Recheck = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What was seen."))] = None,
) -> None:
    """Closes the order: what was found has been put right."""
    from ledger_cli.acting import check
    from ledger_cli.acting import order as the_order
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = the_order(draft, order)
        looked = None if inspection is None else check(draft, inspection)
        body = draft.body({"order": identity, "inspection": looked, "note": note})
        draft.record("rectification.confirmed", merchant, body)
