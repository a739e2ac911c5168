"""A new device comes to its key, over HTTP.

    inviter    POST   /enrolment/invitations {role, scope, holder}     → code, and its QR; said this once
    device     POST   /enrolment {code, public_key, proof}             → pending, fingerprint of its key
    inviter    GET    /enrolment/invitations                           → what waits, each with its fingerprint
               (both look: is it the same number?)
    inviter    POST   /statements                                      → key.granted, signed on the inviter's device
    inviter    GET    /enrolment/keys?scope=                           → what was granted, and may be revoked
    device     POST   /enrolment/state {code, keyid}                   → granted: now it can sign in and record

The server grants nothing: it has no key that could. What it keeps is who has asked. The code stands behind ``#`` in the
QR's address, so it is in no request line and in no log.

What it leaves to others: codes and their states (`invitations`), who is asking (`sessions`), the grant itself.
"""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ledger.custody.admission import checked_body
from ledger.custody.authority import covers, over_keys
from ledger.exchange.answers.registry import keys_json
from ledger.log import PublicKey
from ledger.messages import Message
from ledger_web import qr
from ledger_web.access import Reader
from ledger_web.challenges import enrolment_message
from ledger_web.denials import ChallengeRefused, InvitationRefused
from ledger_web.faults import NotThere, NotYours
from ledger_web.invitations import Invitation, Invitations, digest_of
from ledger_web.limits import Limiter, place_of
from ledger_web.sessions import gate_of, host_of, json_only, scheme_of, signature_of, signed_in, unread

PAGE = "/enrol"
"""Where the QR leads: the page that makes a key and brings the code."""


class Desk:
    """The invitations of a server, and how often codes may be tried."""

    def __init__(self, invitations: Invitations, *, clock: Any) -> None:  # Any: Callable[[], int]
        self.invitations = invitations
        self.trying = Limiter(every_ms=5_000, burst=20, clock=clock)
        self.polling = Limiter(every_ms=1_000, burst=60, clock=clock)

    def install(self, app: FastAPI) -> None:
        """Make the routes below work in this application, beside `Gate.install`."""
        app.state.desk = self


class Wanted(BaseModel):
    """What a new device is to be."""

    model_config = ConfigDict(extra="forbid", strict=True)
    role: Annotated[str, Field(max_length=20)]
    scope: Annotated[str, Field(max_length=200)]
    holder: Annotated[str | None, Field(max_length=200)] = None


class Brought(BaseModel):
    """A code, a key, and the signature that shows that whoever brings the key holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    code: Annotated[str, Field(max_length=80)]
    public_key: Annotated[str, Field(max_length=200, description="SubjectPublicKeyInfo in base64")]
    proof: Annotated[str, Field(max_length=100, description="64 bytes in base64; P-256 as r‖s")]


class Asked(BaseModel):
    """A code, and the key that it was brought with."""

    model_config = ConfigDict(extra="forbid", strict=True)
    code: Annotated[str, Field(max_length=80)]
    keyid: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None


router = APIRouter(prefix="/enrolment", tags=["enrolment"], dependencies=[Depends(unread)])
SignedIn = Annotated[Reader, Depends(signed_in)]


def may_grant(reader: Reader, role: str, scope: str) -> bool:
    """Whether a key of this role and scope is one that the reader may grant, as the ledger would judge it now."""
    by, grid = over_keys(reader.facts, role, scope, reader.as_of)
    if reader.role not in by:
        return False
    return reader.role == "operator" or (grid is not None and covers(reader.scope, grid))


@router.post("/invitations", status_code=201, dependencies=[Depends(json_only)])
def invite(request: Request, wanted: Wanted, reader: SignedIn) -> dict[str, Any]:
    """A one-time code for a device. Only for a key that the inviter may grant itself."""
    desk = _desk(request)
    if not may_grant(reader, wanted.role, wanted.scope):
        raise NotYours(
            Message("you may invite devices of merchants enrolled in your grid; operators invite all others"),
            field="scope",
        )
    own = reader.facts.grant(reader.keyid or "", reader.as_of)
    like = {"public_key": own.public_key if own else "", **wanted.model_dump()}
    checked_body("key.granted", like)
    made = desk.invitations.invite(**wanted.model_dump(), by=reader.keyid)
    url = f"{scheme_of(request)}://{host_of(request)}{PAGE}#{made.code}"
    return {**made._asdict(), "url": url, "qr": qr.svg(url)}


@router.get("/invitations")
def listed(request: Request, reader: SignedIn) -> dict[str, Any]:
    """What waits, and what became of what waited; only invitations to keys that the reader may grant."""
    found = _desk(request).invitations.listed()
    mine = [one for one in found if may_grant(reader, one.role, one.scope)]
    now = gate_of(request).clock()
    return {"invitations": [as_json(one, reader, now) for one in mine], "now": now}


@router.get("/keys")
def keys(request: Request, reader: SignedIn, scope: Annotated[str, Query(max_length=200)]) -> dict[str, Any]:
    """密钥 The keys of one scope, such as a merchant's, that the reader may grant or revoke."""
    found = keys_json(gate_of(request).ledger, scope)
    return {"keys": [one for one in found if may_grant(reader, one["role"], scope)]}


@router.delete("/invitations/{name}", status_code=204)
def withdraw(request: Request, name: str, reader: SignedIn) -> None:
    """The code, and the key that it brought, count no more."""
    desk = _desk(request)
    mine = (one for one in desk.invitations.listed() if may_grant(reader, one.role, one.scope))
    if name not in {one.name for one in mine}:
        raise NotThere(Message("there is no such invitation here"), field="name")
    desk.invitations.withdraw(name)


@router.post("", dependencies=[Depends(json_only)])
def redeem(request: Request, brought: Brought) -> dict[str, Any]:
    """Bring the key of a new device. It may say nothing until it is granted. The same again gives the same answer."""
    gate, desk = gate_of(request), _desk(request)
    desk.trying.take(place_of(request.client.host if request.client else None))
    key = PublicKey.from_base64(brought.public_key)
    message = enrolment_message(
        ledger=gate.ledger.store.origin,
        host=host_of(request),
        invitation=digest_of(brought.code),
        keyid=key.keyid,
    )
    if not key.verify(signature_of(brought.proof), message):
        raise ChallengeRefused(
            Message("the proof is not this key's signature for this code on this server: sign it again"),
            field="proof",
        )
    reader = gate.reader(request)
    if reader.facts.grant(key.keyid, reader.as_of) is not None:
        desk.invitations.opened(brought.code)  # nobody without a code learns which keys there are
        raise InvitationRefused(
            Message("this key was granted before: make a new key for this device"),
            field="public_key",
        )
    return _for_device(desk.invitations.redeem(brought.code, key), reader, gate.clock())


@router.post("/state", dependencies=[Depends(json_only)])
def state(request: Request, asked: Asked) -> dict[str, Any]:
    """What a code is for, before it is used; then, to whoever used it, what has become of it."""
    gate, desk = gate_of(request), _desk(request)
    desk.polling.take(place_of(request.client.host if request.client else None))
    found = desk.invitations.opened(asked.code)
    reader = gate.reader(request)
    answer = _for_device(found, reader, gate.clock())
    if found.keyid != asked.keyid or (asked.keyid is None and answer["state"] != "open"):
        raise InvitationRefused(
            Message("this code is unknown, used, withdrawn or too old: ask for a new one"),
            field="code",
        )
    return answer


def as_json(one: Invitation, reader: Reader, now_ms: int) -> dict[str, Any]:
    """An invitation for whoever may grant it: `body` is that of the `key.granted` to sign, once there is a key."""
    about = {"public_key": one.public_key, "role": one.role, "scope": one.scope}
    return {
        **_for_device(one, reader, now_ms),
        "name": one.name,
        "inviter": one.inviter,
        "holder": one.holder,
        "made": one.made_ms,
        "brought": one.brought_ms,
        "contested": one.contested,
        "body": (about | ({"holder": one.holder} if one.holder else {})) if one.public_key else None,
    }


def _for_device(one: Invitation, reader: Reader, now_ms: int) -> dict[str, Any]:
    return {
        "state": one.state(reader.facts, reader.as_of, now_ms),
        "role": one.role,
        "scope": one.scope,
        "keyid": one.keyid,
        "fingerprint": one.fingerprint,
        "expires": one.expires_ms,
    }


def _desk(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)
