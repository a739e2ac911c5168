"""`custody holdings`: what a merchant holds."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.asking import AsOf, limit, require_merchant
from ledger_cli.frame import Frame

EXAMPLES = """
custody holdings 92410104MACU00014Y
custody holdings 92410104MACU00014Y --as-of 12 --json
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help="统一社会信用代码 Credit code.")],
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
    columns = [
        ("批次", "Batch"),
        ("品名", "Name"),
        ("类别", "Class"),
        ("数量", "Quantity#"),
        ("单位", "Unit"),
        ("收货", "Received by"),
    ]
    rows = [
        (
            one.batch,
            one.name,
            show.label("goods_class", one.goods_class),
            plain(one.amount),
            one.unit,
            one.origin,
        )
        for one in found
    ]
    frame.answer(answer, lambda: show.table(f"{name} {merchant} 库存 Holdings (as of {size})", columns, rows))
