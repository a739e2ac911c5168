"""`custody rectification order`: a finding is to be put right."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Code, Inspection, Subject
from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody rectification order 92410104MACU00014Y --code temperature_gap --what "当日修好探头" --key officer-a
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code."))],
    inspection: Inspection = None,
    code: Code = None,
    subject: Subject = None,
    what: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What is to be done."))] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--deadline",
            metavar="TIME",
            help=N_("When it must be done; 18:00 is today. Default: as late as the rule set allows."),
        ),
    ] = None,
) -> None:
    """Of a finding that stands, once. Where the rule set asks for it, the deadline is on the same day."""
    from ledger_cli.acting import deadline, finding
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import today_in_force
    from ledger_cli.inputs import Json

    with Draft(Frame.of(context)) as draft:
        flags: Json = finding(draft, merchant, inspection=inspection, code=code, subject=subject)
        flags["what"] = what
        if until is not None or draft.frame.recording.body is None:
            flags["deadline"] = deadline(draft, until, today_in_force(draft, merchant))
        body = draft.body(flags)
        draft.record("rectification.ordered", merchant, body, more={"deadline": body.get("deadline")})
