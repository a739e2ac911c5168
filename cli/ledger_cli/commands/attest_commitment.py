"""`custody attest commitment`: a merchant signs the commitment letter (承诺书)."""

from __future__ import annotations

import typer

from ledger_cli.frame import Frame
from ledger_cli.options import Merchant, Signer, Text, Title, Version

EXAMPLES = """
custody attest commitment --merchant 92410104MACU00014Y --signer "孙七"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    title: Title = None,
    version: Version = None,
    text: Text = None,
    signer: Signer = None,
) -> None:
    """Signs the letter that the rule sets in force ask for, or the one named by --title and --version.

    The name of the signer is sealed: it stands beside the ledger and can be erased.
    """
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import paper

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        if title is None and draft.frame.recording.body is None:
            asked = paper(draft, whose, "commitment")
            title, version = asked.title, version or asked.version
        body = draft.body(
            {
                "title": title,
                "version": version,
                "text_sha256": draft.digest(text, "--text") if text else None,
                "signer": draft.seal("signer", signer),
            }
        )
        draft.record("commitment.signed", whose, body)
