"""`/api/keys/{keyid}`: which entry gave out a key and which took it back, so that both can be asked for and proved.

    GET /api/keys/4f1c…        {"keyid": "4f1c…", "granted": 7, "revoked": null, "as_of": 1041}

For whoever may see the grant. What it says is not to be believed: `GET /proof/7` shows the grant itself; that a key was
not revoked only all entries show. What it leaves to others: who sees what (`access`), proofs (`tlog`).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request

from ledger.messages import Message
from ledger_web.faults import NotThere
from ledger_web.service import Service

router = APIRouter(prefix="/api", tags=["views"])


@router.get("/keys/{keyid}")
def key(request: Request, keyid: Annotated[str, Path(max_length=64)]) -> dict[str, Any]:
    """密钥由哪一条授予 The entry that gave out a key, and the one that revoked it."""
    service = Service.of(request)
    reader = service.reader(request)
    reader.require_signed_in()
    ledger = service.ledger
    size, facts = ledger.store.head().size, ledger.facts()
    grant = facts.grant(keyid, size)
    if grant is None or not reader.may_see_statement(ledger.entry(grant.index).statement):
        raise NotThere(Message("there is no such key here"), field="keyid")
    revocation = facts.revocation(keyid, size)
    return {
        "keyid": keyid,
        "granted": grant.index,
        "revoked": None if revocation is None else revocation.index,
        "as_of": size,
    }
