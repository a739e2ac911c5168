"""`custody attest briefing`: a merchant acknowledges the briefing card (明白卡)."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Merchant, Signer, Text, Title, Version

EXAMPLES = """
custody attest briefing --merchant 92410104MACU00014Y --signer "孙七" --issued-by "二里岗街道办事处"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    title: Title = None,
    version: Version = None,
    text: Text = None,
    signer: Signer = None,
    issued_by: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Office that issued it, no person."))
    ] = None,
    issued_on: Annotated[str | None, typer.Option(metavar="DATE", help=N_("Day it was issued."))] = None,
) -> None:
    """Acknowledges the card that the rule sets in force ask for, or the one named by --title and --version.

    The name of the signer is sealed: it stands beside the ledger and can be erased.
    """
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import paper

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        if title is None and draft.frame.recording.body is None:
            asked = paper(draft, whose, "briefing")
            title, version = asked.title, version or asked.version
        body = draft.body(
            {
                "title": title,
                "version": version,
                "text_sha256": draft.digest(text, "--text") if text else None,
                "signer": draft.seal("signer", signer),
                "issued_by": issued_by,
                "issued_on": issued_on,
            }
        )
        draft.record("briefing.acknowledged", whose, body)
