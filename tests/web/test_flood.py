"""Floods: bad signatures, questions, connections. Whoever sends them is held back, and the others are served."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from ledger.log.statement import encode_envelope
from ledger_web.settings import Settings
from tests.custody.test_admission import CLEANED
from tests.custody.world import M1, M2, key
from tests.web.conftest import BASE, Web
from tests.web.process import running

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}
MOST = 5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def by_a_stranger(web: Web, number: int = 0) -> bytes:
    stranger = key(f"stranger {number}")
    return encode_envelope(web.world.envelope([stranger], "disinfection.logged", M1, CLEANED))


def wrongly_signed(web: Web, merchant: str = M1) -> bytes:
    sent = json.loads(web.envelope(merchant=merchant))
    other = json.loads(web.envelope(merchant=merchant))
    return json.dumps({**sent, "payload": other["payload"]}).encode()


@asynccontextmanager
async def at(app: FastAPI, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client somewhere of an app that has been started."""
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=JSON) as client:
        yield client


async def test_a_flood_of_unknown_keys_is_held_back_and_shops_beside_it_are_not(web: Web) -> None:
    web.settings = Settings(bad_signatures=MOST)
    app = web.app()
    async with app.router.lifespan_context(app), at(app, "192.0.2.7") as client:
        sent = [by_a_stranger(web, number) for number in range(MOST + 2)]
        statuses = [(await client.post("/statements", content=one)).status_code for one in sent]
        assert statuses == [403] * MOST + [429] * 2
        held = await client.post("/statements", content=sent[0])
        assert held.json()["code"] == "TooMany" and int(held.headers["retry-after"]) > 0
        many = await client.post("/statements", content=b"[" + web.envelope() + b"," + sent[0] + b"]")
        assert many.status_code == 429
        before = web.world.size
        for merchant in (M1, M2):
            assert (
                await client.post("/statements", content=web.envelope(merchant=merchant))
            ).status_code == 201
        assert web.world.size == before + 2  # and the envelope of the refused array is not among them
        async with at(app, "192.0.2.8") as elsewhere:
            assert (await elsewhere.post("/statements", content=sent[0])).status_code == 403
        web.world.now += 1_000 * (MOST + 1)
        assert (await client.post("/statements", content=sent[0])).status_code == 403


async def test_one_array_of_bad_signatures_counts_as_many(web: Web) -> None:
    web.settings = Settings(bad_signatures=MOST)
    async with web.client() as client:
        sent = b"[" + b",".join([by_a_stranger(web)] * (MOST + 1)) + b"]"
        assert (await client.post("/statements", content=sent, headers=JSON)).status_code == 200
        assert (await client.post("/statements", content=sent, headers=JSON)).status_code == 429


async def test_whoever_misuses_the_name_of_a_key_shuts_it_out_at_that_address_only(web: Web) -> None:
    web.settings = Settings(bad_signatures=MOST)
    app = web.app()
    async with (
        app.router.lifespan_context(app),
        at(app, "192.0.2.7") as client,
        at(app, "192.0.2.8") as other,
    ):
        for _ in range(MOST):
            assert (await client.post("/statements", content=wrongly_signed(web))).status_code == 403
        assert (await client.post("/statements", content=wrongly_signed(web))).status_code == 429
        mine = web.envelope()
        assert (await client.post("/statements", content=mine)).status_code == 429
        assert (await client.post("/statements", content=web.envelope(merchant=M2))).status_code == 201
        assert (await other.post("/statements", content=mine)).status_code == 201


async def test_honest_mistakes_do_not_count(web: Web) -> None:
    web.settings = Settings(bad_signatures=1)
    async with web.client() as client:
        for _ in range(4):
            said = web.world.envelope([web.world.k1], "disinfection.logged", M2, CLEANED)
            answer = await client.post("/statements", content=encode_envelope(said), headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (403, "NotAuthorised")
        assert (await client.post("/statements", content=web.envelope(), headers=JSON)).status_code == 201


async def test_one_reader_leaves_others_their_turns(web: Web) -> None:
    web.settings = Settings(questions_each=2, questions_waiting=2, questions_patience=0.3)
    go, under_way = asyncio.Event(), 0
    slow = APIRouter()

    @slow.get("/api/slow")
    async def answer() -> str:
        nonlocal under_way
        under_way += 1
        await go.wait()
        return "done"

    app = web.app(routers=[slow])
    async with (
        app.router.lifespan_context(app),
        at(app, "192.0.2.7") as client,
        at(app, "192.0.2.8") as other,
    ):
        first = [asyncio.create_task(client.get("/api/slow")) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert under_way == 2
        over = await client.get("/api/slow")  # two under way and two waiting
        assert (over.status_code, over.json()["code"]) == (503, "Busy") and "retry-after" in over.headers
        theirs = asyncio.create_task(other.get("/api/slow"))
        await asyncio.sleep(0.05)
        assert under_way == 3
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)  # patience ends
        waiting = [asyncio.create_task(client.get("/api/slow")) for _ in range(2)]
        await asyncio.sleep(0.05)
        go.set()
        answers = await asyncio.gather(*first, *waiting, theirs)
        assert [one.status_code for one in answers] == [200, 200, 503, 503, 200, 200, 200]
        assert (await client.get("/api/slow")).status_code == 200


def test_too_many_connections_are_told_so_in_our_words(web: Web) -> None:
    web.world.ledger.close()
    with running(web.home.directory, connections=2) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address), socket.create_connection(address):
            for _ in range(2):
                answer = httpx.get(f"{server.url}/checkpoint", headers={"accept-language": "en"})
                assert (answer.status_code, answer.headers["content-type"]) == (
                    503,
                    "application/problem+json",
                )
                assert answer.json()["code"] == "Busy" and int(answer.headers["retry-after"]) > 0
        for _ in range(100):
            if httpx.get(f"{server.url}/checkpoint").status_code == 200:
                break
        else:
            raise AssertionError("nobody is let in any more")
