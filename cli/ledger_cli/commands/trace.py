"""`custody trace`: one batch, back to its supplier and forward to every holder and sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.trace import Trace

EXAMPLES = """
custody trace B1
custody trace B1 --as-of 12 --json
"""

ACTIONS = {
    "received": N_("received"),
    "handed_over": N_("handed over"),
    "accepted": N_("accepted"),
    "returned": N_("returned"),
    "missing": N_("missing"),
    "sold": N_("sold"),
    "disposed": N_("disposed of"),
    "adjusted": N_("adjusted"),
}
"""The words of the goods ledger (`exchange.goods_columns.ACTIONS`), so that screen and workbook say the same."""
CORRECTED = N_("corrected")


def command(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help=N_("Batch id."))],
    as_of: AsOf = None,
) -> None:
    """Where a batch came from, each movement, who holds it now, and what was sold, disposed of or lost."""
    from ledger.custody.trace import trace_batch
    from ledger.exchange.answers.goods import trace_json

    frame = Frame.of(context)
    with frame.reading() as ledger:
        found = trace_batch(ledger.store, ledger.facts(), batch, as_of=limit(ledger, as_of))
    frame.answer(trace_json(found), lambda: show_trace(found))


def show_trace(found: Trace) -> None:
    """The trace for people."""
    from ledger.custody.goods import plain
    from ledger_cli import show

    receipt, line = found.origin.receipt, found.origin.line
    supplier = receipt.supplier
    show.print_line(_("Batch {batch}: {name}", batch=found.batch, name=line.name))
    show.pairs(
        [
            (
                _("Supplier"),
                " ".join(x for x in (supplier.name, supplier.country, supplier.address) if x)
                if supplier
                else None,
            ),
            (_("Country of origin"), line.origin_country),
            (_("Lot"), line.lot),
            (
                _("Documents"),
                ", ".join(
                    f"{show.label('document_type', d.type)} {d.number or ''}" for d in receipt.documents
                ),
            ),
            (_("Quantity"), f"{line.quantity.value} {show.unit(found.unit)}"),
            (_("Taken back"), _("yes") if found.taken_back else None),
        ]
    )
    show.table(
        _("Movements"),
        [
            show.Number(_("Entry")),
            _("Occurred"),
            _("Action"),
            _("Merchant"),
            _("Other"),
            show.Number(_("Amount")),
            show.Number(_("Left")),
        ],
        [
            (
                step.index,
                step.occurred_at[:16].replace("T", " "),
                _action(step.action),
                f"{found.names.get(step.merchant, '')} {step.merchant}",
                _other(found, step.other),
                plain(step.amount),
                plain(step.held),
            )
            for step in found.steps
        ],
    )
    show.table(
        _("Held now"),
        [_("Merchant"), _("Code"), show.Number(_("Amount")), _("Unit")],
        [
            (found.names.get(code, ""), code, plain(held), show.unit(found.unit))
            for code, held in found.holders.items()
        ],
    )
    gone = [
        f"{_action(action)} {plain(found.totals[action])}"
        for action in ("sold", "disposed", "missing")
        if action in found.totals
    ]
    show.pairs(
        [
            (
                _("On the way"),
                f"{plain(found.on_the_way)} {show.unit(found.unit)}" if found.on_the_way else None,
            ),
            (_("Gone"), ", ".join(gone)),
        ]
    )


def _action(action: str) -> str:
    return _(ACTIONS.get(action, CORRECTED))


def _other(found: Trace, other: str | None) -> str:
    from ledger_cli import show

    if other is None:
        return ""
    return f"{found.names[other]} {other}" if other in found.names else show.label("buyer_type", other)
