"""`POST /api/scan`: the codes in a photograph, for phones whose browser reads none itself.

    POST /api/scan, image/jpeg …   →   {"codes": [{"text": "https://…/b/B1", "symbology": "qr", "batch": "B1"}]}

Reading a bad photograph keeps a core busy for seconds. So only granted keys may ask, a few pictures are read at a time,
each in a thread of its own, some more wait, and beyond that or when waiting takes too long the answer is 503. Nothing
of a picture is kept.

What it leaves to others: limits of bytes and pixels, and reading (`ledger.exchange.labels.picture`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, cast

import anyio
import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from ledger.exchange.labels.picture import read_picture
from ledger.exchange.labels.reading import Reading
from ledger.messages import Message
from ledger_web.faults import Busy
from ledger_web.languages import LanguageName
from ledger_web.service import Service, language_of
from ledger_web.statements import content_type

router = APIRouter(prefix="/api", tags=["labels"])

PICTURES: Final = ("image/jpeg", "image/png", "image/webp")
AT_ONCE: Final = 2
WAITING: Final = 6
PATIENCE_SECONDS: Final = 8.0


class Scanner:
    """Reads pictures, few at a time; one for a server."""

    def __init__(
        self,
        *,
        read: Callable[[bytes], tuple[Reading, ...]] = read_picture,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._read, self._most, self._patience = read, at_once + waiting, patience
        self._turns = asyncio.Semaphore(at_once)
        self._threads = anyio.CapacityLimiter(at_once)
        self._inside = 0

    def install(self, app: FastAPI) -> None:
        """Make the route below work in this application."""
        app.state.scanner = self

    async def read(self, data: bytes) -> tuple[Reading, ...]:
        """What the codes in a picture say. Raises: PictureError; Busy when there are too many before it."""
        async with self._turn():
            return await anyio.to_thread.run_sync(self._read, data, limiter=self._threads)

    def require_room(self) -> None:
        """Raises: Busy when nobody more may wait."""
        if self._inside >= self._most:
            raise _busy()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        self.require_room()
        self._inside += 1
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._turns.acquire()
            except TimeoutError:
                raise _busy() from None
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._inside -= 1


@router.post("/scan")
async def scan(request: Request) -> dict[str, Any]:
    """识别照片中的码 What the codes in a photograph say: QR, Data Matrix, EAN-13, GS1-128, ITF-14."""
    service = Service.of(request)
    reader = await run_in_threadpool(service.reader, request)
    reader.require_signed_in()
    content_type(request, PICTURES)
    scanner = cast("Scanner", request.app.state.scanner)
    scanner.require_room()  # before the picture is taken in at all
    found = await scanner.read(await request.body())
    return {"codes": [_code(one, language_of(request)) for one in found]}


def _code(said: Reading, language: LanguageName) -> dict[str, Any]:
    """A code; members without a value are left out."""
    flaw = said.flaw
    values = {name: value for name, value in asdict(said).items() if value and name not in ("raw", "flaw")}
    problem = None if flaw is None else (flaw.zh if language == "zh" else flaw.message)
    return {"text": said.raw, **values, "problem": problem}


def _busy() -> Busy:
    return Busy(
        Message("too many pictures are being read: try again in a moment, or type the code"),
        retry_after=3,
    )
