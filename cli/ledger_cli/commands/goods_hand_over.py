"""`custody goods hand-over`: goods leave for another merchant of the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Lines, Merchant, Transport

EXAMPLES = r"""
custody goods hand-over --merchant 92410104MACU00014Y --to 92410104MACU00022R --line B1=2.5kg \
  --transport truck:豫A12345
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    to: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Credit code of who receives them."))
    ] = None,
    lines: Lines = None,
    number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Number of the delivery note."))
    ] = None,
    transport: Transport = None,
) -> None:
    """The goods are on their way, in nobody's holding, until the other merchant answers with `custody goods accept`."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = draft.body(
            {
                "to": to,
                "document_number": number,
                "transport": inputs.transport(transport),
                "lines": inputs.goods_lines(lines),
            }
        )
        draft.record("goods.handed_over", whose, body)
