"""Reading with a key instead of a password.

    POST   /session/challenge                                 → challenge, end, ledger, host
    POST   /session {challenge, keyid, signature}             → who you are; a cookie for a quarter of an hour
    GET    /session                                           → who you are
    DELETE /session                                           → nobody any more

    @router.get("/holdings/{merchant}")
    def holdings(merchant: str, reader: Annotated[Reader, Depends(reader)]) -> …:
        reader.require_merchant(merchant)

A session is a random id in a cookie; the server remembers its digest, the key and the end, in memory and nowhere else.
(A token that carries a MAC would need a list of those signed out, which is the same memory, and would outlive the
server.) It is not prolonged by use: a cookie that got into other hands ends within `LIFE_MS` whatever happens, and
the device, whose key cannot be copied out of it, signs again without anybody noticing. Whether the key is still in
force is asked of the ledger at every request, so revoking ends sessions at once.

What it leaves to others: what is signed (`challenges`), who may see what (`access`), and names of other servers and
pages of other sites, which never get here (`shield`).
"""

from __future__ import annotations

import os
import secrets
import threading
from base64 import b64decode
from binascii import Error as NoBase64
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, Final, NamedTuple, cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.custody.ledger import Ledger
from ledger.log.session import session_message
from ledger.messages import Message
from ledger.store.facts import GrantFact
from ledger_web.access import Reader, parties_of
from ledger_web.challenges import Challenges, granted_signer
from ledger_web.denials import ChallengeRefused
from ledger_web.faults import WrongType
from ledger_web.limits import Limiter, place_of
from ledger_web.shield import scheme_shown

LIFE_MS: Final = 15 * 60_000
PER_KEY: Final = 8
MOST: Final = 20_000
GRANTS_KEPT: Final = 4_096
SECURE_COOKIE, PLAIN_COOKIE = "__Host-custody", "custody"


class Session(NamedTuple):
    """Whose session it is, and when it ends."""

    keyid: str
    expires_ms: int


class Sessions:
    """The sessions of one server, by the digest of their id. May be shared by threads."""

    def __init__(self, *, clock: Callable[[], int], life_ms: int = LIFE_MS, most: int = MOST) -> None:
        self._clock, self._life, self._most = clock, life_ms, most
        self._found: OrderedDict[bytes, Session] = OrderedDict()  # in the order of their ends
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def begin(self, keyid: str) -> tuple[str, Session]:
        """A new session. Of one key there are a few at most, so nobody drives out others; the oldest goes first."""
        token = secrets.token_urlsafe(32)
        session = Session(keyid, self._clock() + self._life)
        with self._lock:
            self._sweep()
            mine = [key for key, one in self._found.items() if one.keyid == keyid]
            for key in mine[: max(0, len(mine) - PER_KEY + 1)]:
                del self._found[key]
            if len(self._found) >= self._most:
                self._found.popitem(last=False)
            self._found[_digest(token)] = session
        return token, session

    def find(self, token: str | None) -> Session | None:
        with self._lock:
            found = self._found.get(_digest(token or ""))
        return found if found is not None and found.expires_ms > self._clock() else None

    def end(self, token: str | None) -> None:
        with self._lock:
            self._found.pop(_digest(token or ""), None)

    def _sweep(self) -> None:
        now = self._clock()
        while self._found and next(iter(self._found.values())).expires_ms <= now:
            self._found.popitem(last=False)


class Gate:
    """What decides who is asking: one for a server."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.ledger, self.clock = ledger, clock
        self.challenges = Challenges(
            randomness(32), ledger=ledger.store.origin, clock=clock, randomness=randomness
        )
        self.sessions = Sessions(clock=clock)
        # what holds as of a size always will: a revocation is an entry, and makes it another size
        self._granted = lru_cache(GRANTS_KEPT)(self._grant_in_force)
        self.asking = Limiter(every_ms=1_000, burst=60, clock=clock)
        self.answering = Limiter(every_ms=2_000, burst=30, clock=clock)

    def install(self, app: FastAPI) -> None:
        """Make `reader` and the routes below work in this application."""
        app.state.gate = self

    def token(self, request: Request) -> str | None:
        """The id of the session that the browser has sent."""
        return request.cookies.get(cookie_name(request))

    def reader(self, request: Request) -> Reader:
        """Who is asking, as of now."""
        session = self.sessions.find(self.token(request))
        as_of = self.ledger.store.head().size
        grant = None if session is None else self._granted(session.keyid, as_of)
        return Reader.of(grant, self.ledger.facts(), as_of, parties_of(self.ledger.store.facts, as_of))

    def _grant_in_force(self, keyid: str, as_of: int) -> GrantFact | None:
        facts = self.ledger.facts()
        return facts.grant(keyid, as_of) if facts.revocation(keyid, as_of) is None else None


def gate_of(request: Request) -> Gate:
    return cast("Gate", request.app.state.gate)


def reader(request: Request) -> Reader:
    """Dependency: who is asking, `public` where nobody says."""
    return gate_of(request).reader(request)


def who_asks(request: Request) -> str:
    """What counts as one reader, without a look at the ledger: a signed-in key, else an address."""
    gate = gate_of(request)
    session = gate.sessions.find(gate.token(request))
    return place_of(request.client.host if request.client else None) if session is None else session.keyid


def signed_in(found: Annotated[Reader, Depends(reader)]) -> Reader:
    """Dependency: who is asking. Raises: SignInNeeded."""
    found.require_signed_in()
    return found


def json_only(request: Request) -> None:
    """Dependency: bodies are JSON, which no form of another site can send. Raises: WrongType."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongType(Message("send application/json"), field="content-type")


def unread(response: Response) -> None:
    """Dependency: nobody on the way keeps this answer."""
    response.headers["cache-control"] = "no-store"


class Answered(BaseModel):
    """A challenge, answered."""

    model_config = ConfigDict(extra="forbid", strict=True)
    challenge: Annotated[str, Field(max_length=200)]
    keyid: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    signature: Annotated[str, Field(max_length=100, description="64 bytes in base64; P-256 as r‖s")]


router = APIRouter(tags=["session"], dependencies=[Depends(unread)])


@router.post("/session/challenge")
def challenge(request: Request) -> dict[str, Any]:
    """Something to sign. The device puts the name under which it reached this server into what it signs itself."""
    gate = gate_of(request)
    gate.asking.take(place_of(request.client.host if request.client else None))
    host = host_of(request)
    asked = gate.challenges.issue(host)
    return {
        "challenge": asked.text,
        "expires": asked.expires_ms,
        "host": host,
        "ledger": gate.ledger.store.origin,
        "now": gate.clock(),
        "purpose": "session",
    }


@router.post("/session", dependencies=[Depends(json_only)])
def begin(request: Request, response: Response, answered: Answered) -> dict[str, Any]:
    """A session for the holder of a granted key."""
    gate = gate_of(request)
    gate.answering.take(place_of(request.client.host if request.client else None))
    host = host_of(request)
    asked = gate.challenges.opened(answered.challenge, host)
    message = session_message(
        ledger=gate.ledger.store.origin, host=host, challenge=asked, keyid=answered.keyid
    )
    as_of = gate.ledger.store.head().size
    facts = gate.ledger.facts()
    grant = granted_signer(facts, answered.keyid, signature_of(answered.signature), message, as_of)
    gate.challenges.spend(asked)
    gate.sessions.end(gate.token(request))
    token, session = gate.sessions.begin(grant.keyid)
    secure = is_secure(request)
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=(session.expires_ms - gate.clock()) // 1000,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    found = Reader.of(grant, facts, as_of, parties_of(gate.ledger.store.facts, as_of))
    return _told(found, session)


@router.get("/session")
def who(request: Request, found: Annotated[Reader, Depends(reader)]) -> dict[str, Any]:
    """Who is asking; `public` without a session, or when it has ended."""
    gate = gate_of(request)
    return _told(found, None if found.is_public else gate.sessions.find(gate.token(request)))


@router.delete("/session", status_code=204)
def end(request: Request, response: Response) -> None:
    """The session ends, here and in the browser."""
    gate = gate_of(request)
    gate.sessions.end(gate.token(request))
    response.delete_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict"
    )


def host_of(request: Request) -> str:
    """The name, with port, under which this server was asked; the shield has let through none but its own."""
    return request.headers.get("host", "").lower()


def is_secure(request: Request) -> bool:
    """Whether the cookie may only travel over TLS: always, but on the loopback address without it."""
    return scheme_of(request) == "https"


def scheme_of(request: Request) -> str:
    """What readers have in their address bar, whatever a proxy says of itself."""
    return scheme_shown(request.url.scheme, host_of(request))


def cookie_name(request: Request) -> str:
    """With `__Host-` browsers take it from this very host over TLS alone, so nobody else can plant one."""
    return SECURE_COOKIE if is_secure(request) else PLAIN_COOKIE


def signature_of(text: str) -> bytes:
    """The bytes of a signature. Raises: ChallengeRefused."""
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError) as error:
        raise ChallengeRefused(Message("a signature is 64 bytes in base64"), field="signature") from error


def _told(found: Reader, session: Session | None) -> dict[str, Any]:
    return {
        "role": found.role,
        "scope": found.scope or None,
        "holder": found.holder,
        "keyid": found.keyid,
        "expires": None if session is None else session.expires_ms,
    }


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
