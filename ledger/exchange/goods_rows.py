"""The rows of a goods ledger (台账) out of a custody ledger: each movement with what its receipt said of the batch.

    write_xlsx(path, goods_rows(ledger, merchant="92410104MACU00014Y", as_of=1041), about)

Which columns there are and how they are written is `goods_columns` and `goods_ledger`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ledger.custody.goods import plain
from ledger.custody.ledger import Ledger
from ledger.exchange.goods_columns import GoodsLedgerRow
from ledger.store.facts import BatchFact, CorrectionFact, MovementFact

RECEIPT_FIELDS = (
    "specification",
    "brand",
    "hs",
    "gtin",
    "lot",
    "production_date",
    "shelf_life_days",
    "best_before",
    "origin_country",
    "trace_code",
    "zone",
    "arrival_temperature",
)


def goods_rows(ledger: Ledger, *, merchant: str | None, as_of: int) -> Iterator[GoodsLedgerRow]:
    """Every movement below `as_of`, of one merchant or of all, in the order of the ledger."""
    return _Rows(ledger, as_of).rows(merchant)


class _Rows:
    def __init__(self, ledger: Ledger, as_of: int) -> None:
        self._ledger = ledger
        self._as_of = as_of
        reader = ledger.store.facts
        self._names = {row.merchant: row.name for row in reader.merchants(before=as_of)}
        self._corrected = {row.corrected for row in reader.rows(CorrectionFact, 0, as_of)}
        self._entry = lru_cache(maxsize=512)(ledger.entry)
        self._batch = lru_cache(maxsize=8192)(self._receipt_of)

    def rows(self, merchant: str | None) -> Iterator[GoodsLedgerRow]:
        for movement in self._ledger.store.facts.rows(MovementFact, 0, self._as_of):
            if movement.action != "corrected" and merchant in (None, movement.merchant):
                yield self._row(movement)

    def _receipt_of(self, batch: str, before: int) -> BatchFact:
        return self._ledger.store.facts.batches_by_id([batch], before=before)[-1]

    def _row(self, movement: MovementFact) -> GoodsLedgerRow:
        entry = self._entry(movement.index)
        body: dict[str, Any] = entry.statement.body
        fact = self._batch(movement.batch, movement.index + 1)
        receipt = self._entry(fact.index)
        came: dict[str, Any] = receipt.statement.body
        line: dict[str, Any] = came["lines"][fact.line]
        return GoodsLedgerRow(
            merchant=movement.merchant,
            merchant_name=self._names.get(movement.merchant, ""),
            index=movement.index,
            action=movement.action,
            occurred_at=entry.statement.occurred_at,
            recorded_at=entry.recorded_at,
            batch=movement.batch,
            name=fact.name,
            goods_class=fact.goods_class,
            quantity=plain(movement.amount),
            unit=fact.unit,
            held=plain(movement.held),
            entry_id=entry.statement.id,
            leaf_hash=entry.leaf_hash.hex(),
            number=body.get("number") or body.get("document_number"),
            documents=tuple((d["type"], d.get("number") or "") for d in came.get("documents") or ()),
            transport=_words(body.get("transport")),
            unloading=_words(body.get("unloading")),
            buyer_type=(body.get("buyer") or {}).get("type"),
            destination=(body.get("buyer") or {}).get("destination"),
            reason=body.get("reason"),
            corrected=movement.index in self._corrected,
            **{name: line.get(name) for name in RECEIPT_FIELDS},
            **self._counterparty(movement, came),
        )

    def _counterparty(self, movement: MovementFact, came: dict[str, Any]) -> dict[str, Any]:
        """The supplier for what came from outside, the other merchant for what was handed over."""
        if movement.action == "received":
            supplier: Mapping[str, Any] = came.get("supplier") or {}
            return {
                "counterparty": supplier.get("name"),
                "counterparty_code": supplier.get("credit_code"),
                "counterparty_country": supplier.get("country"),
                "counterparty_address": supplier.get("address"),
                "overseas_exporter": supplier.get("overseas_exporter"),
            }
        if movement.other in self._names:
            return {"counterparty": self._names[movement.other], "counterparty_code": movement.other}
        return {}


def _words(value: Mapping[str, Any] | None) -> str | None:
    """The texts of a nested object in one cell."""
    return " ".join(str(part) for part in value.values() if part is not None) if value else None
