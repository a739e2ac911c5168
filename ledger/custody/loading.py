"""Where facts come from when a database is behind them, and which of them a batch of statements will ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict
from uuid import UUID

from ledger.custody.admission import Candidate
from ledger.custody.facts import Happening
from ledger.store.facts import RulesetFact
from ledger.store.reader import FactReader
from ledger_schemas import (
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsReceived,
    GoodsSold,
    InspectionRecorded,
)


class StoreLoader:
    """A `Loader` over the store's reader."""

    def __init__(self, reader: FactReader) -> None:
        self._reader = reader
        self.statements = reader.statements_by_id
        self.late = reader.late_by_merchant
        self.grants = reader.grants_by_keyid
        self.revocations = reader.revocations_by_keyid
        self.merchants = reader.merchants_by_id
        self.batches = reader.batches_by_id
        self.movements = reader.movements_of_pairs
        self.movements_of = reader.movements_by_index
        self.holders = reader.holders_by_merchant
        self.handovers = reader.handovers_by_id
        self.handovers_to = reader.handovers_by_receiver
        self.acceptances = reader.acceptances_by_handover
        self.corrections = reader.corrections_by_merchant
        self.checks = reader.checks_by_merchant

    def rulesets(self, everything: Sequence[str]) -> Iterable[RulesetFact]:
        return self._reader.rulesets()

    def happenings(self, merchants: Sequence[str]) -> Iterable[Happening]:
        return map(Happening._make, self._reader.events_by_merchant(merchants))


class Touched(TypedDict):
    """What `Facts.prefetch` takes."""

    ids: set[bytes]
    keyids: set[str]
    merchants: set[str]
    batches: set[tuple[str, str]]
    handovers: set[bytes]
    checked: set[str]


def touched(candidates: Iterable[Candidate]) -> Touched:
    """The facts that judging these statements is going to ask for, as far as it is worth fetching them together."""
    found: Touched = {
        "ids": set(),
        "keyids": set(),
        "merchants": set(),
        "batches": set(),
        "handovers": set(),
        "checked": set(),
    }
    for candidate in candidates:
        found["ids"].add(candidate.id)
        found["keyids"].update(sig.keyid for sig in candidate.signatures)
        merchant = candidate.statement.merchant
        if merchant is None:
            continue
        found["merchants"].add(merchant)
        match candidate.body:
            case (
                GoodsReceived() | GoodsHandedOver() | GoodsSold() | GoodsDisposed() | GoodsAdjusted() as body
            ):
                found["batches"].update((line.batch, merchant) for line in body.lines)
                if isinstance(body, GoodsHandedOver):
                    found["merchants"].add(body.to)
            case InspectionRecorded() as check:
                found["checked"].add(merchant)
                found["batches"].update((line.batch, merchant) for line in check.observed.stock)
            case GoodsAccepted() as accepted:
                found["batches"].update((line.batch, merchant) for line in accepted.lines)
                found["handovers"].add(UUID(accepted.handover).bytes)
    return found
