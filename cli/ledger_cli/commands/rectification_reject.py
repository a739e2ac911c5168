"""`custody rectification reject`: it was not put right, and there is a new deadline."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody rectification reject 92410104MACU00014Y --reason "仍无读数 Still no readings" --key officer-a
"""


def command(
    context: typer.Context,
    order: Annotated[
        str,
        typer.Argument(
            metavar="ORDER", help=N_("The order: id, entry number, or a merchant with one open order.")
        ),
    ],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What is still wrong."))] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--deadline",
            metavar="TIME",
            help=N_("The new deadline; 18:00 is today. Default: as late as the rule set allows."),
        ),
    ] = None,
) -> None:
    """Of what the merchant has reported. The order stays open."""
    from ledger_cli.acting import deadline
    from ledger_cli.acting import order as the_order
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import today_in_force
    from ledger_cli.inputs import Json

    with Draft(Frame.of(context)) as draft:
        identity, merchant = the_order(draft, order)
        flags: Json = {"order": identity, "reason": reason}
        if until is not None or draft.frame.recording.body is None:
            flags["deadline"] = deadline(draft, until, today_in_force(draft, merchant))
        draft.record("rectification.rejected", merchant, draft.body(flags))
