"""Statements that one officer has signed and a second one is to sign, on another device.

    POST   /api/cosign           an envelope of one signature → {"waiting": true}, or {"accepted": receipt} when in
    GET    /api/cosign           those that wait and that whoever asks may see
    DELETE /api/cosign/{id}      taken back by one who signed it

Acts that need two officers are refused with one signature, so they wait here. The second officer's phone fetches the
envelope, shows the statement, signs the same bytes and posts it to `/statements` like any other; the first officer's
phone hands its own in again until the answer is the receipt. Nothing here is trusted: both signatures are over the
statement, and the ledger checks them. What waits is not in the ledger, and is thrown away after `KEPT_MS`.

What it leaves to others: who may sign what (admission), showing and signing (`static/js/app/pages/cosign.js`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from ledger.custody.batch import Receipt
from ledger.custody.supervision.voiding import find
from ledger.errors import Conflict, UnknownReference, WrongLedger
from ledger.exchange.answers import receipts
from ledger.log import Envelope, PublicKey, Statement
from ledger.log.statement import encode_envelope, parse_envelope, parse_statement, verify_envelope
from ledger.messages import Message
from ledger.store.files import write_new
from ledger_schemas import LABELS
from ledger_web.asked import Asked, Json, Question
from ledger_web.faults import Busy, NotThere, NotUnderstood, NotYours
from ledger_web.problems import respond
from ledger_web.service import language_of
from ledger_web.statements import JSON, content_type

router = APIRouter(prefix="/api/cosign", tags=["statements"])

KEPT_MS: Final = 3 * 24 * 60 * 60 * 1000
MOST: Final = 500
MOST_OWN: Final = 50
"""Signed by one key: a single officer shuts out no other."""
ACTS: Final = frozenset(LABELS["act"])
"""Kinds for which a rule set may ask for two officers."""
VOIDING: Final = "plan.voided"
"""Signed by two as well, one of whom may be an operator; it is about a plan, and no merchant's affair."""
TOGETHER: Final = ACTS | {VOIDING}
_Id = Annotated[UUID, Path(description="记录号 Id of the statement")]


class Waiting:
    """Envelopes in a folder beside the ledger, one a file, named by the id of their statement."""

    def __init__(self, directory: FilePath, now_ms: int) -> None:
        self._directory, self._now_ms = directory / "cosign", now_ms

    def keep(self, identity: str, envelope: Envelope, *, by: str) -> None:
        """Handed in by the holder of a key; signatures that wait already stay.

        Raises: Busy when too many wait; Conflict for another statement's id.
        """
        kept = dict(self.all())
        before = kept.get(identity)
        if before is not None:
            if before.payload != envelope.payload:
                raise Conflict("another statement waits under this id: sign it anew", field="id")
            both = {one.keyid: one for one in (*before.signatures, *envelope.signatures)}
            envelope = envelope._replace(signatures=tuple(both[keyid] for keyid in sorted(both)))
        own = sum(by in {one.keyid for one in found.signatures} for found in kept.values())
        if before is None and (len(kept) >= MOST or own >= MOST_OWN):
            raise Busy(
                Message(
                    "{most} statements wait for a second signature: let some be signed or taken back",
                    most=MOST if len(kept) >= MOST else MOST_OWN,
                ),
                retry_after=60,
            )
        self._directory.mkdir(exist_ok=True)
        write_new(self._directory / f"{identity}.dsse", encode_envelope(envelope), mode=0o600, replace=True)

    def all(self) -> Iterator[tuple[str, Envelope]]:
        """Oldest first; those that have waited too long go."""
        for path in sorted(self._directory.glob("*.dsse")):
            made_ms = UUID(path.stem).int >> 80  # RFC 9562 section 5.7
            if (
                abs(made_ms - self._now_ms) > KEPT_MS
            ):  # whoever signs chooses the id, and might choose a far one
                path.unlink(missing_ok=True)
                continue
            try:
                yield path.stem, parse_envelope(path.read_bytes())
            except FileNotFoundError:  # taken back meanwhile
                continue

    def find(self, identity: str) -> Envelope | None:
        return dict(self.all()).get(identity)

    def drop(self, identity: str) -> None:
        (self._directory / f"{identity}.dsse").unlink(missing_ok=True)


@router.post("")
async def hand_in(ask: Question, request: Request) -> Response:
    """交付会签 Let a statement wait for the second officer; its receipt once it is in the ledger."""
    content_type(request, (JSON,))
    envelope = parse_envelope(await request.body())
    statement, known = await run_in_threadpool(_taken, ask, envelope)
    waiting = Waiting(ask.service.home.directory, ask.service.clock())
    if not known:
        await run_in_threadpool(waiting.keep, statement.id, envelope, by=ask.reader.keyid or "")
        return _answer({"waiting": True})
    (answer,) = await ask.service.queue.submit([envelope])
    await run_in_threadpool(waiting.drop, statement.id)
    if not isinstance(answer, Receipt):
        return respond(answer, language_of(request))
    return _answer({"accepted": receipts.as_json(answer)})


@router.get("")
def list_waiting(ask: Question, response: Response) -> Json:
    """等待会签 Statements that wait for a second officer; `mine` has whoever asks signed already."""
    response.headers["cache-control"] = "no-store"
    _require_officer(ask)
    waiting, listed = Waiting(ask.service.home.directory, ask.service.clock()), []
    for identity, envelope in waiting.all():
        statement = parse_statement(envelope.payload)
        if _in_ledger(ask, statement):
            waiting.drop(identity)
        elif _concerns(ask, statement):
            listed.append(_shown(ask, statement, envelope))
    return {"as_of": ask.size, "waiting": listed}


@router.delete("/{statement}")
def take_back(ask: Question, statement: _Id) -> Json:
    """撤回会签 Take back what one has signed, before the second officer has."""
    _require_officer(ask)
    waiting = Waiting(ask.service.home.directory, ask.service.clock())
    envelope = waiting.find(str(statement))
    if envelope is None or ask.reader.keyid not in {one.keyid for one in envelope.signatures}:
        raise NotThere(Message("nothing of yours waits under this id"), field="statement")
    waiting.drop(str(statement))
    return {"waiting": False}


def _taken(ask: Asked, envelope: Envelope) -> tuple[Statement, bool]:
    """The statement, and whether the ledger has it. Raises: what is wrong with handing it in."""
    _require_officer(ask)
    statement = parse_statement(envelope.payload)
    if statement.ledger != ask.ledger.store.origin:
        raise WrongLedger(
            "this ledger is {origin}, the statement is for {ledger}",
            origin=ask.ledger.store.origin,
            ledger=statement.ledger,
            field="ledger",
        )
    if statement.kind not in TOGETHER or (statement.merchant is None) != (statement.kind == VOIDING):
        raise NotUnderstood(
            Message("two officers sign {acts}; send others to /statements", acts=", ".join(sorted(TOGETHER))),
            field="kind",
        )
    if statement.merchant is not None:
        ask.reader.require_merchant(statement.merchant)
    if ask.reader.keyid not in {one.keyid for one in envelope.signatures}:
        raise NotYours(Message("hand in what you signed yourself"), field="signatures")
    # All of them: whoever looks at it is told the names of those who have signed.
    verify_envelope(envelope, lambda keyid: _key(ask, keyid))
    return statement, _in_ledger(ask, statement)


def _concerns(ask: Asked, statement: Statement) -> bool:
    """Whether whoever asks may sign it too."""
    if statement.kind == VOIDING:
        return True
    return (
        ask.reader.role == "supervisor"
        and statement.merchant is not None
        and ask.reader.may_see_merchant(statement.merchant)
    )


def _key(ask: Asked, keyid: str) -> PublicKey | None:
    grant = ask.facts.grant(keyid, ask.size)
    return None if grant is None else PublicKey.from_base64(grant.public_key)


def _in_ledger(ask: Asked, statement: Statement) -> bool:
    return ask.facts.statements.last(UUID(statement.id).bytes, ask.size) is not None


def _shown(ask: Asked, statement: Statement, envelope: Envelope) -> Json:
    enrolment = ask.facts.merchant(statement.merchant or "", ask.size)
    grants = [ask.facts.grant(one.keyid, ask.size) for one in envelope.signatures]
    found: dict[str, Any] = {
        "id": statement.id,
        "merchant": statement.merchant,
        "name": None if enrolment is None else enrolment.name,
        "plan": _plan(ask, statement),
        "signed_by": [grant.holder or grant.keyid for grant in grants if grant is not None],
        "mine": ask.reader.keyid in {one.keyid for one in envelope.signatures},
        "envelope": orjson.loads(encode_envelope(envelope)),
    }
    return found


def _plan(ask: Asked, statement: Statement) -> str | None:
    """Week and grid of the plan that is to be voided."""
    if statement.kind != VOIDING or not isinstance(statement.body, dict):
        return None
    try:
        _, announced = find(ask.facts, str(statement.body.get("announcement")), ask.size)
    except UnknownReference:
        return None
    return f"{announced['week']} · {announced['grid']}"


def _require_officer(ask: Asked) -> None:
    """Raises: SignInNeeded, NotYours."""
    ask.signed_in()
    if ask.reader.role not in ("supervisor", "operator"):
        raise NotYours(Message("only officers sign together"))


def _answer(found: Json) -> Response:
    return Response(orjson.dumps(found), 200, {"cache-control": "no-store"}, JSON)
