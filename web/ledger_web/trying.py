"""`POST /api/trial`: whether the ledger would take a statement, asked before anybody signs it.

    {"kind": "card.lifted", "merchant": "92410104…", "body": {…}}
    → {"accepted": true, "second": false, "problem": null}

It is judged as the next entry, as if the key that asks had signed it now; nothing is recorded. `second` says that it
is taken only with the signature of a second officer, whose key is then thought of as there. A page shows `problem` in
place of the sheet to sign. What is said here binds nobody: the ledger judges again when the statement comes.

What it leaves to others: judging (`ledger.custody.admission`), second signatures (`cosigning`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from ledger.custody.admission import Candidate, judge
from ledger.custody.authoring import instant, uuid7
from ledger.custody.matters import read
from ledger.errors import LedgerError, NotAuthorised
from ledger.log import Seen, Signature
from ledger.log.statement import build_statement, parse_statement
from ledger.messages import Message
from ledger.store.facts import GrantFact
from ledger_web.asked import Asked, Json, Question
from ledger_web.cosigning import TOGETHER
from ledger_web.faults import NotYours
from ledger_web.problems import problem
from ledger_web.service import language_of

router = APIRouter(prefix="/api/trial", tags=["statements"])

SECONDS_TRIED: Final = 50
"""Keys of others with which a statement is tried: officers of one place are few."""


class Draft(BaseModel):
    """What would be stated."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(max_length=64)]
    merchant: Annotated[str | None, Field(max_length=64)] = None
    body: dict[str, Any]


@router.post("")
def try_out(ask: Question, draft: Draft, request: Request) -> Json:
    """试签 Whether the ledger would take this, if the key that asks signed it now."""
    keyid = ask.signed_in().keyid
    if keyid is None:
        raise NotYours(Message("sign in with a granted key to read this"))
    if draft.merchant is not None:
        ask.reader.require_merchant(draft.merchant)
    refusal, second = _refusal(ask, draft, (keyid,)), False
    if isinstance(refusal, NotAuthorised) and draft.kind in TOGETHER:
        for other in _others(ask):
            tried = _refusal(ask, draft, tuple(sorted((keyid, other))))
            if not isinstance(tried, NotAuthorised):
                refusal, second = tried, True
                break
    said = None if refusal is None else problem(refusal, language_of(request))
    return {"as_of": ask.size, "accepted": refusal is None, "second": second, "problem": said}


def _refusal(ask: Asked, draft: Draft, keyids: tuple[str, ...]) -> LedgerError | None:
    ledger, size = ask.ledger, ask.size
    tree = ledger.tree(size)
    try:
        payload = build_statement(
            body=draft.body,
            id=uuid7(ask.now_ms, ask.service.randomness(10)),
            kind=draft.kind,
            ledger=ledger.store.origin,
            merchant=draft.merchant,
            occurred_at=instant(ask.now_ms),
            seen=Seen(tree.root_at(size).hex(), size),
        )
        signatures = tuple(Signature(keyid, b"") for keyid in keyids)
        candidate = Candidate.of(parse_statement(payload), signatures)
        judge(
            ask.facts,
            ledger.setting,
            candidate,
            index=size,
            recorded_ms=ask.now_ms,
            root_at=tree.root_at,
        )
    except LedgerError as error:
        return error
    return None


def _others(ask: Asked) -> Iterator[str]:
    """Keys in force of officers other than the holder who asks, and one of an operator where an officer asks."""
    mine = f"supervisor:{ask.reader.holder}"
    held = map(read, ask.store.matters_of_topic("holder", before=ask.size))
    officers = (one.value["keyid"] for one in held if one.key.startswith("supervisor:") and one.key != mine)
    yield from islice((keyid for keyid in officers if _in_force(ask, keyid)), SECONDS_TRIED)
    if ask.reader.role == "supervisor":
        operators = (one.keyid for one in ask.store.rows(GrantFact, 0, ask.size) if one.role == "operator")
        yield from islice((keyid for keyid in operators if _in_force(ask, keyid)), 1)


def _in_force(ask: Asked, keyid: str) -> bool:
    return ask.facts.revocation(keyid, ask.size) is None
