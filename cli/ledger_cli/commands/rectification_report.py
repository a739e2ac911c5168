"""`custody rectification report`: the merchant says what it did."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.options import Attach

EXAMPLES = """
custody rectification report "$ORDER" --what "已签收明白卡 Briefing card acknowledged"
"""


def command(
    context: typer.Context,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="整改通知 The order, id or entry number.")],
    what: Annotated[str | None, typer.Option(metavar="TEXT", help="整改情况 What was done.")] = None,
    attach: Attach = None,
) -> None:
    """Pictures or papers can be attached as evidence. The order is open until a supervisor confirms it."""
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = draft.stated(order, "rectification.ordered", "ORDER")
        body = draft.body({"order": identity, "what": what, "evidence": draft.attachments(attach)})
        draft.record("rectification.reported", merchant, body)
