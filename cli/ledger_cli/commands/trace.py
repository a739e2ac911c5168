"""`custody trace`: one batch, back to its supplier and forward to every holder and sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.trace import Trace

EXAMPLES = """
custody trace B1
custody trace B1 --as-of 12 --json
"""


def command(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次号 Batch id.")],
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
    show.print_line(f"批次 Batch {found.batch}: {line.name}")
    show.pairs(
        [
            (
                "供货方 Supplier",
                " ".join(x for x in (supplier.name, supplier.country, supplier.address) if x)
                if supplier
                else None,
            ),
            ("原产国 Origin", line.origin_country),
            ("生产批号 Lot", line.lot),
            (
                "单据 Documents",
                ", ".join(
                    f"{show.label('document_type', d.type)} {d.number or ''}" for d in receipt.documents
                ),
            ),
            ("数量 Quantity", f"{line.quantity.value} {found.unit}"),
            ("已更正 Taken back", "是 yes" if found.taken_back else None),
        ]
    )
    show.table(
        "流转 Movements",
        [
            ("条目", "Entry#"),
            ("时间", "Occurred"),
            ("动作", "Action"),
            ("商户", "Merchant"),
            ("对方", "Other"),
            ("数量", "Amount#"),
            ("余量", "Held#"),
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
        "现存 Held now",
        [("商户", "Merchant"), ("代码", "Code"), ("数量", "Amount#"), ("单位", "Unit")],
        [(found.names.get(code, ""), code, plain(held), found.unit) for code, held in found.holders.items()],
    )
    gone = [
        f"{_action(action)} {plain(found.totals[action])}"
        for action in ("sold", "disposed", "missing")
        if action in found.totals
    ]
    show.pairs(
        [
            ("在途 On the way", f"{plain(found.on_the_way)} {found.unit}" if found.on_the_way else None),
            ("去向 Gone", "，".join(gone)),
        ]
    )


def _action(action: str) -> str:
    """The words of the goods ledger, so that screen and workbook say the same."""
    from ledger.exchange.goods_columns import ACTIONS

    return f"{ACTIONS.get(action, '更正')} {action}"


def _other(found: Trace, other: str | None) -> str:
    return f"{found.names[other]} {other}" if other is not None and other in found.names else (other or "")
