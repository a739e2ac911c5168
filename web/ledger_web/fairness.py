"""Questions take turns by who asks, so that one reader cannot take every thread there is for them.

    app = Fair(app, settings)

Of one reader (of one address, for those who are not signed in) a few questions are worked on at a time and some more
wait; beyond that, or when waiting takes too long, the answer is 503. Without it whoever asks for eight long lists at
once would leave the others nothing. Only addresses under `/api/` take turns: pages, tiles and proofs cost little, and
statements have a queue of their own.

What it leaves to others: how many are worked on in all (`settings.readers_at_once`), and who asks (`sessions`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.messages import Message
from ledger_web.faults import Busy
from ledger_web.problems import respond
from ledger_web.service import language_of
from ledger_web.settings import Settings

WhoAsks = Callable[[Request], str]


class Fair:
    """See the module docstring. For one event loop."""

    def __init__(self, app: ASGIApp, settings: Settings, who_asks: WhoAsks) -> None:
        self._app, self._settings, self._who_asks = app, settings, who_asks
        self._readers: dict[str, _Reader] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            async with self._turn(self._who_asks(request)):
                await self._app(scope, receive, send)
        except _NoTurn:
            busy = Busy(
                Message("you ask for much at once: wait for the answers, then ask again"),
                retry_after=self._settings.retry_after,
            )
            await respond(busy, language_of(request))(scope, receive, send)

    @asynccontextmanager
    async def _turn(self, who: str) -> AsyncIterator[None]:
        """Raises: _NoTurn."""
        reader = self._readers.setdefault(who, _Reader(self._settings.questions_each))
        if reader.inside >= self._settings.questions_each + self._settings.questions_waiting:
            raise _NoTurn
        reader.inside += 1
        try:
            try:
                async with asyncio.timeout(self._settings.questions_patience):
                    await reader.turns.acquire()
            except TimeoutError:
                raise _NoTurn from None
            try:
                yield
            finally:
                reader.turns.release()
        finally:
            reader.inside -= 1
            if not reader.inside:
                del self._readers[who]


class _NoTurn(Exception):
    """Nothing was begun."""


class _Reader:
    """Questions of one reader: under way or waiting."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.inside = 0
