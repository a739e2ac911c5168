"""`custody merchant list`: the merchants enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.store.facts import MerchantFact

EXAMPLES = """
custody merchant list
custody merchant list --grid erligang/3 --json
"""


def command(
    context: typer.Context,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help=N_("Only those in this grid and below."))
    ] = None,
) -> None:
    """The latest enrolment of each, in the order of grid and credit code."""
    from ledger.custody.authority import covers
    from ledger.exchange.answers.registry import merchants_json
    from ledger.store.facts import MerchantFact

    frame = Frame.of(context)
    with frame.reading() as ledger:
        latest = {row.merchant: row for row in ledger.store.facts.rows(MerchantFact)}
    rows = sorted(
        (row for row in latest.values() if grid is None or covers(grid, row.grid)),
        key=lambda row: (row.grid, row.merchant),
    )
    frame.answer(merchants_json(rows), lambda: _show(rows))


def _show(rows: list[MerchantFact]) -> None:
    from ledger_cli import show

    show.table(
        _("Merchants"),
        [
            _("Credit code"),
            _("Name"),
            _("Grid"),
            _("Place"),
            _("Goods classes"),
            _("Supervisor"),
            show.Number(_("Entry")),
        ],
        [
            (
                row.merchant,
                row.name,
                row.grid,
                show.label("place_kind", row.place_kind),
                show.labels("goods_class", row.goods_classes.split(",")),
                row.supervisor,
                row.index,
            )
            for row in rows
        ],
    )
