"""Merchants, as JSON: one line each, and the card of one."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.custody.home import Home
from ledger.custody.ledger import Ledger
from ledger.exchange.answers.asking import Json
from ledger.log.sealed import open_disclosure
from ledger.store.facts import MerchantFact


def merchants_json(rows: Iterable[MerchantFact]) -> list[Json]:
    """One line for each enrolment."""
    return [
        {
            "merchant": row.merchant,
            "name": row.name,
            "grid": row.grid,
            "place_kind": row.place_kind,
            "goods_classes": row.goods_classes.split(",") if row.goods_classes else [],
            "supervisor": row.supervisor,
            "index": row.index,
        }
        for row in rows
    ]


def merchant_json(ledger: Ledger, home: Home, enrolment: MerchantFact) -> Json:
    """The card of a merchant: its enrolment, its contact unless erased, and the keys that speak for it."""
    entry = ledger.entry(enrolment.index)
    body = entry.statement.body
    return {
        "merchant": enrolment.merchant,
        "index": enrolment.index,
        "id": entry.statement.id,
        "occurred_at": entry.statement.occurred_at,
        **body,
        "contact": _contact(home, body.get("contact")),
        "keys": _keys(ledger, enrolment.merchant),
    }


def _contact(home: Home, sealed: object) -> str | None:
    if not isinstance(sealed, dict):
        return None
    with home.disclosures as disclosures:
        text = disclosures.get(str(sealed["sealed"]))
    return None if text is None else str(open_disclosure(text)[2])


def _keys(ledger: Ledger, merchant: str) -> list[Json]:
    granted = ledger.store.facts.grants_by_scope([merchant])
    revoked = {row.keyid for row in ledger.store.facts.revocations_by_keyid([row.keyid for row in granted])}
    return [
        {"keyid": row.keyid, "role": row.role, "granted_at": row.index, "revoked": row.keyid in revoked}
        for row in granted
    ]
