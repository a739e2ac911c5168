"""Merchants and keys, as JSON: one line each, and the card of a merchant."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.custody.home import Home
from ledger.custody.ledger import Ledger
from ledger.exchange.answers.asking import Json
from ledger.log import PublicKey
from ledger.log.sealed import open_disclosure
from ledger.store.facts import GrantFact, MerchantFact, RevocationFact


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


def keys_json(ledger: Ledger, scope: str | None = None) -> list[Json]:
    """Every key that was ever granted, or those of one scope, in the order of their grants.

    `revoked_at` is the index of the revocation.
    """
    facts = ledger.store.facts
    granted = list(facts.rows(GrantFact)) if scope is None else facts.grants_by_scope([scope])
    revoked = {row.keyid: row for row in facts.revocations_by_keyid([row.keyid for row in granted])}
    return [_key(row, revoked.get(row.keyid)) for row in granted]


def _key(grant: GrantFact, revocation: RevocationFact | None) -> Json:
    return {
        "keyid": grant.keyid,
        "algorithm": PublicKey.from_base64(grant.public_key).algorithm,
        "role": grant.role,
        "scope": grant.scope,
        "holder": grant.holder,
        "granted_at": grant.index,
        "revoked_at": revocation.index if revocation else None,
        "compromised_from": revocation.compromised_from if revocation else None,
        "public_key": grant.public_key,
    }


def _keys(ledger: Ledger, merchant: str) -> list[Json]:
    return [
        {
            "keyid": key["keyid"],
            "role": key["role"],
            "granted_at": key["granted_at"],
            "revoked": key["revoked_at"] is not None,
        }
        for key in keys_json(ledger, merchant)
    ]
