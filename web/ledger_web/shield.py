"""What stands before every request: names, sites, sizes, slowness, and the headers that every answer carries.

    app = Shield(app, settings)

What it does: refuses a Host that is not this server's (DNS rebinding), requests that change something and come from a
page of another site, bodies that are longer than may be or come too slowly (both while they are read, so nothing piles
up), and adds a strict Content-Security-Policy with the other headers of that kind. What it leaves to others: who may
read what (`readers`), and senders who never finish the head of a request (`serving`).

It is plain ASGI: it costs a few microseconds a request, and a handler is not cancelled when its client goes away.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from ledger.messages import Message
from ledger_web.faults import CrossSite, NotUnderstood, RequestFault, TooLong, TooSlow, WrongHost
from ledger_web.languages import reader_language
from ledger_web.problems import respond
from ledger_web.settings import LOOPBACK, Settings

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=()"),
)
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")


class Interrupted(HTTPException):
    """A fault met while a body is read; an HTTPException, which frameworks hand on as it is."""

    def __init__(self, fault: RequestFault) -> None:
        super().__init__(fault.status)
        self.fault = fault


class Shield:
    """See the module docstring."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = frozenset(name.lower() for name in (*LOOPBACK, *settings.hosts))
        self._headers = (*_HEADERS, *((_STRICT_TRANSPORT,) if settings.secure else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Event) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_headers(message)
            await send(message)

        headers = Headers(scope=scope)
        body = _Body(receive, self._settings, self._settings.limit(scope["path"]))
        try:
            self._check(scope["method"], headers)
            body.announced(headers)
        except RequestFault as fault:
            await respond(fault, reader_language(headers.get("accept-language")), {"connection": "close"})(
                scope, receive, send_guarded
            )
            return
        await self._app(scope, body.receive, send_guarded)

    def _with_headers(self, message: Event) -> list[tuple[bytes, bytes]]:
        """The answer's own headers win: an attachment has a stricter policy still."""
        given: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        names = {name for name, _ in given}
        return given + [pair for pair in self._headers if pair[0] not in names]

    def _check(self, method: str, headers: Headers) -> None:
        """Raises: WrongHost, CrossSite."""
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            raise WrongHost(
                Message(
                    "this server is not called {host!r}: use the address it was started for, or start it with "
                    "--public-host for this one",
                    host=host[:100],
                ),
                field="Host",
            )
        if method in _SAFE:
            return
        site = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        foreign = site not in ("same-origin", "none") if site is not None else False
        if origin is not None and not foreign:
            foreign = _netloc(origin) != host.lower()
        if foreign:
            raise CrossSite(
                Message(
                    "sent by a page of another site: use the pages of this server, or a program that is no browser"
                ),
                field="Origin",
            )


class _Body:
    """The body of one request on its way in, counted and timed."""

    def __init__(self, receive: Receive, settings: Settings, limit: int) -> None:
        self._receive = receive
        self._settings = settings
        self._limit = limit
        self._size = 0
        self._began: float | None = None
        self._whole = False

    def announced(self, headers: Headers) -> None:
        """Raises: TooLong, NotUnderstood, by what the head says."""
        text = headers.get("content-length")
        if text is None:
            self._whole = "transfer-encoding" not in headers
            return
        if not text.isascii() or not text.isdigit():
            raise NotUnderstood(Message("Content-Length is no number"), field="Content-Length")
        if len(text) > 18 or int(text) > self._limit:
            raise self._too_long()
        self._whole = int(text) == 0

    async def receive(self) -> Event:
        if self._whole:  # nothing more to come but the client's going away
            return await self._receive()
        now = monotonic()
        self._began = self._began or now
        allowed = self._settings.patience + self._size / self._settings.slowest
        try:
            async with asyncio.timeout(max(0.0, min(self._settings.idle, self._began + allowed - now))):
                message = await self._receive()
        except TimeoutError:
            raise Interrupted(
                TooSlow(
                    Message(
                        "{size} bytes in {monotonic:.0f} s is too slow, and nothing was taken: try "
                        "again on a better connection, with less at a time",
                        size=self._size,
                        monotonic=monotonic() - self._began,
                    ),
                    headers={"connection": "close"},
                )
            ) from None
        self._count(message)
        return message

    def _count(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] != "http.request":
            self._whole = True
            return
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._limit:
            raise Interrupted(self._too_long())

    def _too_long(self) -> TooLong:
        return TooLong(
            Message(
                "more than {limit} bytes, which is the most that is taken here: send less at a time",
                limit=self._limit,
            ),
            headers={"connection": "close"},
        )


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _netloc(origin: str) -> str:
    """Host and port of an Origin header; "" for ``null`` and for what is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
