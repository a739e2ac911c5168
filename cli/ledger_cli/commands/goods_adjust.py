"""`custody goods adjust`: stock-taking found more or less than the ledger holds."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Merchant

EXAMPLES = """
custody goods adjust --merchant 92410104MACU00014Y --line B1=-0.5kg --reason "盘亏，解冻失重 Weight lost in thawing"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            "-l",
            metavar="BATCH=DIFFERENCE",
            help=N_("B1=-0.5kg for less, B1=0.5kg for more; repeat."),
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why."))] = None,
) -> None:
    """Only of batches the merchant holds or has held, and never to below zero."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        differences = [inputs.batch_quantity(text, "--line") for text in lines or []]
        body = draft.body(
            {
                "reason": reason,
                "lines": [{"batch": batch, "difference": amount} for batch, amount in differences] or None,
            }
        )
        draft.record("goods.adjusted", whose, body)
