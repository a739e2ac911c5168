"""`custody rectification confirm`: a supervisor has seen that it was put right."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Recheck
from ledger_cli.frame import Frame

EXAMPLES = """
custody rectification confirm "$ORDER" --note "现场核实 Seen on the spot" --key officer-a
"""


def command(
    context: typer.Context,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="整改通知 The order, id or entry number.")],
    inspection: Recheck = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="说明 What was seen.")] = None,
) -> None:
    """Closes the order (销号)."""
    from ledger_cli.acting import check
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = draft.stated(order, "rectification.ordered", "ORDER")
        looked = None if inspection is None else check(draft, inspection)
        body = draft.body({"order": identity, "inspection": looked, "note": note})
        draft.record("rectification.confirmed", merchant, body)
