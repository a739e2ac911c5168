"""`custody card suspend`: a legal decision that a merchant stops doing business."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody card suspend 92410104MACU00022R --document-number "二市监停〔2026〕7号" --legal-basis "食品安全法第126条" \\
  --reason "拒不改正" --starts-on 2099-01-01 --ends-on 2099-01-10 --key officer-a --key officer-b --dry-run
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code."))],
    document_number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Number of the written decision."))
    ] = None,
    legal_basis: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help=N_("Article it rests on; repeat."))
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What the merchant did."))] = None,
    starts_on: Annotated[str | None, typer.Option(metavar="DAY", help=N_("First day."))] = None,
    ends_on: Annotated[
        str | None, typer.Option(metavar="DAY", help=N_("Last day; open if left out."))
    ] = None,
    attach: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("Scan or picture of the decision."))
    ] = None,
) -> None:
    """Two officers sign it: --key twice, or one with --out and the other with `custody cosign`.

    It is no step of the cards. A later decision under the same document number takes its place, and so ends it.
    """
    from ledger_cli.acting import confirmed
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        body = draft.body(
            {
                "document_number": document_number,
                "legal_basis": legal_basis or None,
                "reason": reason,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "attachment": None if attach is None else draft.attach(attach, "--attach"),
            }
        )
        draft.frame.note(
            _(
                "{name} ({merchant}): suspended {starts} – {ends}",
                name=draft.enrolment(merchant).name,
                merchant=merchant,
                starts=body.get("starts_on"),
                ends=body.get("ends_on") or "…",
            )
        )
        confirmed(draft, _("Decide it?"))
        draft.record("suspension.decided", merchant, body)
