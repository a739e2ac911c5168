"""`custody goods sell`: goods are sold out of the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Lines, Merchant

EXAMPLES = r"""
custody goods sell --merchant 92410104MACU00014Y --line B1=3kg
custody goods sell --merchant 92410104MACU00014Y --line B1=1kg --buyer business \
  --buyer-code 92410104MACU00022R --destination "二七区"
custody goods sell --merchant 92410104MACU00014Y --line B1=0.5kg --buyer person --buyer-name "王五 13900000000"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    lines: Lines = None,
    buyer: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help=N_("consumers, business or person. Default: consumers.")),
    ] = None,
    buyer_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=N_("Name of a person or a business; sealed, erasable.")),
    ] = None,
    buyer_code: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Credit code of a business."))
    ] = None,
    destination: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Where the goods went."))] = None,
) -> None:
    """To consumers at the counter, to a business outside this ledger, or to a person by real name."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = draft.body(
            {
                "buyer": inputs.given(
                    type=buyer,
                    name=draft.seal("name", buyer_name),
                    credit_code=buyer_code,
                    destination=destination,
                ),
                "lines": inputs.goods_lines(lines),
            }
        )
        if draft.frame.recording.body is None:
            body["buyer"] = {"type": "consumers"} | body.get("buyer", {})
        draft.record("goods.sold", whose, body)
