"""`custody holdings`: what a merchant holds."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.asking import AsOf, limit, require_merchant
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody holdings 92410104MACU00014Y
custody holdings 92410104MACU00014Y --as-of 12 --json
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code."))],
    as_of: AsOf = None,
) -> None:
    """Every batch the merchant holds, now or as of an entry."""
    from ledger.custody.goods import plain
    from ledger.custody.holdings import holdings
    from ledger.exchange.answers.goods import holdings_json
    from ledger_cli import show

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        name = require_merchant(ledger, merchant, size)
        found = holdings(ledger.facts(), merchant, as_of=size)
    answer = holdings_json(merchant, size, found)
    columns: list[str | show.Number] = [
        _("Batch"),
        _("Product"),
        _("Class"),
        show.Number(_("Quantity")),
        _("Unit"),
        _("Received by"),
    ]
    title = _("Holdings of {name} {merchant} (as of {size})", name=name, merchant=merchant, size=size)
    rows = [
        (
            one.batch,
            one.name,
            show.label("goods_class", one.goods_class),
            plain(one.amount),
            show.unit(one.unit),
            one.origin,
        )
        for one in found
    ]
    frame.answer(answer, lambda: show.table(title, columns, rows))
