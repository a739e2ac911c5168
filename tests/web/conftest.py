"""A ledger behind HTTP: the small world of the custody tests in a folder, and an app on it without a socket.

One browser and one web server for all tests of pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from ledger.custody.authoring import instant, uuid7
from ledger.custody.home import LOG_KEY, Home
from ledger.log import statement
from ledger.log.statement import encode_envelope
from ledger_web.access import Reader, parties_of
from ledger_web.app import make_app
from ledger_web.service import Service
from ledger_web.settings import Settings
from tests.custody.world import M1, ORIGIN, World
from tests.web.browser import Chromium, Site

BASE = "http://localhost"


class Web:
    """A world whose ledger is served; `reader` says who asks."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.home = Home(folder)
        self.home.keyring.add(LOG_KEY, self.world.log_key.to_pem(None), self.world.log_key.public.text)
        self.reader = ("auditor", "*")
        self.settings = Settings()
        self._random = Random("web")

    def app(self, **more: Any) -> FastAPI:
        """An app that opens the ledger for itself."""

        def reader_of(request: Request) -> Reader:
            role, scope = self.reader
            ledger = Service.of(request).ledger
            size = ledger.store.head().size
            parties = parties_of(ledger.store.facts, size)
            keyid = None if role == "public" else sha256(f"{role} {scope}".encode()).hexdigest()
            return Reader(role, scope, None, keyid, ledger.facts(), size, parties)

        return make_app(
            self.home,
            open_ledger=lambda: self.home.open(lambda name: None, clock=lambda: self.world.now),
            settings=self.settings,
            reader_of=more.pop("reader_of", reader_of),
            clock=lambda: self.world.now,
            randomness=lambda size: b"r" * size,
            **more,
        )

    @asynccontextmanager
    async def client(self, app: FastAPI | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A client of a started app."""
        app = app or self.app()
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                yield client

    def envelope(self, kind: str = "disinfection.logged", merchant: str = M1, **body: Any) -> bytes:
        """A merchant's signed statement as it is sent; a disinfection unless told otherwise."""
        said = body or {
            "target": "premises",
            "place": "专区",
            "agent": "含氯消毒液",
            "method": "喷洒",
            "contact_minutes": 30,
        }
        return encode_envelope(self.world.envelope([self.world.keys[merchant]], kind, merchant, said))

    def unchecked(self, kind: str, merchant: str | None = M1, **body: Any) -> bytes:
        """A signed statement whose body nobody has looked at."""
        payload = statement.build_statement(
            body=body,
            id=uuid7(self.world.now, self._random.randbytes(10)),
            kind=kind,
            ledger=ORIGIN,
            merchant=merchant,
            occurred_at=instant(self.world.now),
            seen=None,
        )
        return encode_envelope(statement.sign(payload, [self.world.keys[merchant or M1]]))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    made = Web(tmp_path / "ledger")
    yield made
    made.world.ledger.close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as chromium:
        yield chromium
