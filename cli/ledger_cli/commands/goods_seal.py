"""`custody goods seal`: a batch may not move."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Recheck
from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody goods seal 92410104MACU00014Y B1 --reason "标签不符 Wrong labels" --document-number "二市监封〔2026〕3号" \\
  --key officer-a --key officer-b
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code."))],
    batch: Annotated[str, typer.Argument(metavar="BATCH", help=N_("The batch."))],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why it is sealed."))] = None,
    document_number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Number of the written decision."))
    ] = None,
    inspection: Recheck = None,
) -> None:
    """Held by this merchant or split off to others: the batch is neither sold nor handed over until it is released.

    Where the rule set asks for two officers: --key twice, or --out and `custody cosign`.
    """
    from ledger_cli.acting import check
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        looked = None if inspection is None else check(draft, inspection)
        body = draft.body(
            {"batch": batch, "reason": reason, "document_number": document_number, "inspection": looked}
        )
        draft.record("goods.sealed", merchant, body, batches=[batch])
