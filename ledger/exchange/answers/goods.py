"""Holdings and traces, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.custody.holdings import Holding
from ledger.custody.trace import Trace
from ledger.exchange.answers.asking import Json, amount


def holdings_json(merchant: str, as_of: int, found: Sequence[Holding]) -> Json:
    """What a merchant holds."""
    return {
        "merchant": merchant,
        "as_of": as_of,
        "holdings": [
            {
                "batch": one.batch,
                "name": one.name,
                "goods_class": one.goods_class,
                "quantity": amount(one.amount, one.unit),
                "received_by": one.origin,
                "received_at": one.since,
            }
            for one in found
        ],
    }


def trace_json(found: Trace) -> Json:
    """The trace of a batch as one object."""
    receipt, line = found.origin.receipt, found.origin.line
    return {
        "batch": found.batch,
        "as_of": found.as_of,
        "taken_back": found.taken_back,
        "origin": {
            "index": found.origin.entry.index,
            "id": found.origin.entry.statement.id,
            "merchant": found.origin.entry.statement.merchant,
            "occurred_at": found.origin.entry.statement.occurred_at,
            "supplier": receipt.supplier.model_dump(exclude_none=True) if receipt.supplier else None,
            "documents": [one.model_dump(mode="json", exclude_none=True) for one in receipt.documents],
            "line": line.model_dump(mode="json", exclude_none=True),
        },
        "steps": [
            {
                **step._asdict(),
                "amount": amount(step.amount, found.unit),
                "held": amount(step.held, found.unit),
            }
            for step in found.steps
        ],
        "holders": {merchant: amount(held, found.unit) for merchant, held in found.holders.items()},
        "on_the_way": amount(found.on_the_way, found.unit),
        "totals": {action: amount(total, found.unit) for action, total in found.totals.items()},
        "names": dict(found.names),
    }


def one_side(found: Trace, sees: Callable[[str], bool], mine: Callable[[str, str | None], bool]) -> Json:
    """The trace for somebody who may see the batch and not all who had it: where it came from, and its own side.

    `sees` says of a merchant, `mine` of a movement whether it may be seen. Of others' movements, stocks and sums there
    is nothing; `partial` says so.
    """
    whole = trace_json(found)
    steps = [
        shown
        for shown, step in zip(whole["steps"], found.steps, strict=True)
        if mine(step.merchant, step.other)
    ]
    for step in steps:
        if not sees(step["merchant"]):
            step["held"] = None  # what the other has left is its own affair
    named = {who for step in steps for who in (step["merchant"], step["other"]) if who is not None}
    named.add(whole["origin"]["merchant"])
    return {
        **whole,
        "partial": True,
        "steps": steps,
        "holders": {who: held for who, held in whole["holders"].items() if sees(who)},
        "on_the_way": None,
        "totals": None,
        "names": {who: name for who, name in whole["names"].items() if who in named},
    }
