"""`custody goods dispose`: goods are destroyed, returned or consumed."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Attach, Lines, Merchant

EXAMPLES = """
custody goods dispose --merchant 92410104MACU00014Y --line B1=0.5kg --manner destroyed --reason "包装破损 Torn packing"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    lines: Lines = None,
    manner: Annotated[
        str | None, typer.Option(metavar="MANNER", help=N_("destroyed, returned or consumed."))
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why."))] = None,
    attach: Attach = None,
) -> None:
    """The goods leave the holding for good; pictures or papers can be attached as evidence."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = draft.body(
            {
                "manner": manner,
                "reason": reason,
                "lines": inputs.goods_lines(lines),
                "evidence": draft.attachments(attach),
            }
        )
        draft.record("goods.disposed", whose, body)
