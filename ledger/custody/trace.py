"""Where a batch came from and where it went: one step back and forward, through every handover, to each
holder and sale.

    trace = trace_batch(store, facts, "B-2026-0417-3", as_of=1_000_000)
    trace.origin.supplier, trace.holders, trace.steps[-1].action

Quantities are integers of micro-units, as in the facts; `goods.plain` makes decimals of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from ledger import log
from ledger.custody.facts import Facts
from ledger.errors import UsageError
from ledger.log import Entry
from ledger.store.base import Store
from ledger.store.facts import BatchFact, MovementFact
from ledger_schemas import GoodsReceived, ReceiptLine, parse_body


class Step(NamedTuple):
    """One movement. `held` is the balance of `merchant` after it; `other` the counterparty, buyer type or manner."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    action: str
    merchant: str
    other: str | None
    amount: int
    held: int
    occurred_at: str
    recorded_at: str
    id: str


class Origin(NamedTuple):
    """The receipt that brought the batch in: the entry, its body, and the line of the batch."""

    entry: Entry
    receipt: GoodsReceived
    line: ReceiptLine


class Trace(NamedTuple):
    """All that happened to a batch as of an index."""

    batch: str
    unit: str
    as_of: int
    origin: Origin
    steps: tuple[Step, ...]
    holders: Mapping[str, int]
    """merchant → micro-units held now, those above zero"""
    on_the_way: int
    """Handed over and not answered yet."""
    totals: Mapping[str, int]
    """action → micro-units in all (received, sold, disposed, missing …), without what was taken back"""
    names: Mapping[str, str]
    """merchant → name as enrolled"""
    taken_back: bool
    """The receipt itself was corrected."""


def trace_batch(store: Store, facts: Facts, batch: str, *, as_of: int) -> Trace:
    """The trace of a batch. Raises: UsageError when no entry below `as_of` brought it in."""
    receipts = store.facts.batches_by_id([batch], before=as_of)
    if not receipts:
        raise UsageError(
            "no batch {batch!r} has come in by entry {as_of}: check the batch id",
            batch=batch,
            as_of=as_of,
            field="batch",
        )
    fact = receipts[-1]
    movements = [
        row for row in store.facts.movements_by_batch([batch], before=as_of) if row.index >= fact.index
    ]
    indexes = sorted({row.index for row in movements})
    with store.snapshot() as snapshot:
        entries = {index: log.entry.parse(snapshot.entry(index)) for index in indexes}
    holders: dict[str, int] = {}
    totals: dict[str, int] = {}
    for row in movements:
        holders[row.merchant] = row.held
        if not facts.corrected(entries[row.index].statement.merchant or "", row.index, as_of):
            totals[row.action] = totals.get(row.action, 0) + row.amount
    names = {row.merchant: row.name for row in store.facts.merchants_by_id(_parties(movements), before=as_of)}
    return Trace(
        batch,
        fact.unit,
        as_of,
        _origin(entries[fact.index], fact),
        tuple(_step(row, entries[row.index]) for row in movements),
        {merchant: held for merchant, held in holders.items() if held > 0},
        sum(row.amount for row in movements if _is_open(facts, row, entries[row.index], as_of)),
        totals,
        names,
        taken_back=facts.batch(batch, as_of) is None,
    )


def _step(row: MovementFact, entry: Entry) -> Step:
    return Step(
        row.index,
        row.action,
        row.merchant,
        row.other,
        row.amount,
        row.held,
        entry.statement.occurred_at,
        entry.recorded_at,
        entry.statement.id,
    )


def _origin(entry: Entry, fact: BatchFact) -> Origin:
    receipt = parse_body(entry.statement.kind, entry.statement.body)
    assert isinstance(receipt, GoodsReceived)  # noqa: S101 - a batch fact comes from nothing else
    return Origin(entry, receipt, receipt.lines[fact.line])


def _is_open(facts: Facts, row: MovementFact, entry: Entry, as_of: int) -> bool:
    """Whether the movement is a handover that nobody has answered or taken back."""
    if row.action != "handed_over":
        return False
    handover = facts.handover(UUID(entry.statement.id).bytes, as_of)
    return (
        handover is not None
        and facts.acceptance(handover, as_of) is None
        and not facts.corrected(handover.sender, handover.index, as_of)
    )


def _parties(movements: list[MovementFact]) -> list[str]:
    """Merchants that moved it; `other` also holds buyer types and manners, which no enrolment matches."""
    return sorted({row.merchant for row in movements} | {row.other for row in movements if row.other})
