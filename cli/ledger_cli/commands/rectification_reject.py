"""`custody rectification reject`: it was not put right, and there is a new deadline."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame

EXAMPLES = """
custody rectification reject "$ORDER" --reason "明白卡未上墙 Not on the wall" --key officer-a
"""


def command(
    context: typer.Context,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="整改通知 The order, id or entry number.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="退回原因 What is still wrong.")] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--deadline",
            metavar="TIME",
            help="新的期限 The new deadline; 18:00 is today. Default: as late as the rule set allows.",
        ),
    ] = None,
) -> None:
    """Of what the merchant has reported. The order stays open."""
    from ledger_cli.acting import deadline
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import today_in_force
    from ledger_cli.inputs import Json

    with Draft(Frame.of(context)) as draft:
        identity, merchant = draft.stated(order, "rectification.ordered", "ORDER")
        flags: Json = {"order": identity, "reason": reason}
        if until is not None or draft.frame.recording.body is None:
            flags["deadline"] = deadline(draft, until, today_in_force(draft, merchant))
        draft.record("rectification.rejected", merchant, draft.body(flags))
