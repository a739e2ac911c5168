"""Signing in at a server with a key, so that a program reads there what its key may see.

    source = open_source("https://ledger.example", sign_in=SignIn(key))       # signs in when the server asks for it

What it does: asks for a challenge, signs it together with the name under which the server was reached
(`ledger.log.session`), and leaves the cookie with the client. A session that ends meanwhile is begun again, once for
all requests that were refused with it.

What it leaves to others: the key itself, and what the answers mean (`source_http`).
"""

from __future__ import annotations

import threading
from base64 import b64encode
from typing import Any, Final

import httpx

from ledger.errors import SourceError
from ledger.log import SigningKey
from ledger.log.session import Challenge, session_message

__all__ = ["SignIn"]

_MAX_ANSWER: Final = 1 << 16


class SignIn:
    """A key that signs in; one for a source."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._times = 0
        self._lock = threading.Lock()

    @property
    def times(self) -> int:
        """How often it has signed in: what a request remembers before it is sent."""
        return self._times

    def again(self, client: httpx.Client, base: httpx.URL, times: int) -> None:
        """Sign in, unless somebody has since `times`. Raises: SourceError, httpx.TransportError."""
        with self._lock:
            if self._times == times:
                self._sign_in(client, base)
                self._times += 1

    def _sign_in(self, client: httpx.Client, base: httpx.URL) -> None:
        asked = _json(client.post(base.join("session/challenge"), json={}), base)
        try:
            challenge = Challenge(str(asked["challenge"]), int(asked["expires"]))
            ledger = str(asked["ledger"])
        except (KeyError, TypeError, ValueError) as error:
            raise _no_server(base) from error
        keyid = self._key.public.keyid
        message = session_message(
            ledger=ledger, host=base.netloc.decode("ascii"), challenge=challenge, keyid=keyid
        )
        signature = b64encode(self._key.sign(message)).decode("ascii")
        answered = {"challenge": challenge.text, "keyid": keyid, "signature": signature}
        _json(client.post(base.join("session"), json=answered), base)


def _json(answer: httpx.Response, base: httpx.URL) -> dict[str, Any]:  # Any: whatever a server answers
    """The object of an answer. Raises: SourceError with what the server says is wrong, and the remedy."""
    try:
        told = answer.json() if len(answer.content) <= _MAX_ANSWER else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _no_server(base)
    if answer.is_success:
        return told
    url = str(base.copy_with(userinfo=b""))
    if told.get("code") == "KeyRevoked":
        raise SourceError(
            "{url}: this key has been revoked. Make another (`custody key new`) and have an operator grant it",
            url=url,
            field="--key",
        )
    if told.get("code") == "ChallengeRefused":
        raise SourceError(
            "{url}: the server knows no such key. Have an operator grant it: "
            "`custody key grant PUBLIC --role auditor`",
            url=url,
            field="--key",
        )
    raise SourceError(
        "{url}: signing in was answered with {status}. Try again later",
        url=url,
        status=answer.status_code,
    )


def _no_server(base: httpx.URL) -> SourceError:
    return SourceError(
        "{url}: there is nobody to sign in with. Give the address of a `custody serve`, or leave out --key",
        url=str(base.copy_with(userinfo=b"")),
        field="--key",
    )
