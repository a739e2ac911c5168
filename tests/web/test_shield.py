"""What stands before every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ledger_web.settings import Settings
from tests.custody.world import M1
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:8420", 200), ("[::1]:80", 200), ("ledger.example", 200),
        ("LEDGER.example:443", 200),
        ("evil.example", 421), ("localhost.evil.example", 421), ("", 421), ("127.0.0.1@evil", 421), ("[::1", 200),
    ],
)  # fmt: skip
async def test_names(web: Web, host: str, status: int) -> None:
    web.settings = Settings(hosts=("ledger.example",))
    async with web.client() as client:
        answer = await client.get("/checkpoint", headers={"host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, False),
        ({"origin": "http://localhost"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"origin": "http://evil.example"}, True),
        ({"origin": "http://localhost:81"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://["}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://evil.example"}, True),
    ],
)
async def test_posts_of_other_sites(web: Web, headers: dict[str, str], refused: bool) -> None:
    before = web.world.size
    async with web.client() as client:
        answer = await client.post("/statements", content=web.envelope(), headers=JSON | headers)
    assert answer.status_code == (403 if refused else 201)
    assert web.world.size == before + (not refused)
    if refused:
        assert answer.json()["code"] == "CrossSite"


async def test_every_answer_has_the_headers(web: Web) -> None:
    async with web.client() as client:
        answers = [
            await client.get("/docs"),
            await client.get("/nothing"),
            await client.get("/checkpoint", headers={"host": "evil.example"}),
            await client.post("/statements", content=b"{", headers=JSON),
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", ["/api/merchants", "/api/orders", "/api/entries", "/session", "/healthz", "/openapi.json"]
)
async def test_nothing_is_kept_on_the_way_unless_it_says_so(web: Web, path: str) -> None:
    async with web.client() as client:
        assert (await client.get(path)).headers["cache-control"] == "no-store"
        assert "immutable" in (await client.get("/tile/0/000.p/12")).headers["cache-control"]


@pytest.mark.parametrize(
    ("address", "reader", "status"),
    [
        ("127.0.0.1", ("public", ""), 200),
        ("::1", ("public", ""), 200),
        ("192.0.2.1", ("public", ""), 401),
        ("192.0.2.1", ("merchant", M1), 403),
        ("192.0.2.1", ("auditor", "*"), 200),
    ],
)
async def test_figures_are_for_this_machine(
    web: Web, address: str, reader: tuple[str, str], status: int
) -> None:
    web.reader = reader
    app = web.app()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, client=(address, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.get("/metrics")).status_code == status


async def test_long_bodies_of_many_do_not_fill_the_memory(web: Web) -> None:
    web.settings = Settings(bulk_bytes=300_000, always_bytes=10_000)
    go = asyncio.Event()

    async def long() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000
        await go.wait()
        yield b"{}"

    async with web.client() as client:
        held = asyncio.create_task(client.post("/statements", content=long(), headers=JSON))
        await asyncio.sleep(0.1)
        second = await client.post("/statements", content=b" " * 200_000, headers=JSON)
        single = await client.post("/statements", content=web.envelope(), headers=JSON)
        photo = await client.patch("/blobs/uploads/" + "a" * 64, content=b" " * 400_000)
        go.set()
        await held
        after = await client.post("/statements", content=b" " * 200_000, headers=JSON)
    assert (second.status_code, second.json()["code"]) == (503, "Busy")
    assert (single.status_code, photo.status_code, after.status_code) == (201, 403, 400)


async def test_no_body_in_memory_takes_for_ever(web: Web) -> None:
    web.settings = Settings(longest=0.3)

    async def steady() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000
            await asyncio.sleep(0.02)

    async with web.client() as client:
        answer = await client.post("/statements", content=steady(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (408, "TooSlow")


async def test_bodies_are_measured_while_they_are_read(web: Web) -> None:
    web.settings = Settings(statements_bytes=10_000)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1_000_000:
            read += 1000
            yield b" " * 1000

    async with web.client() as client:
        counted = await client.post("/statements", content=endless(), headers=JSON)
        said = await client.post("/statements", content=b" " * 10_001, headers=JSON)
        lying = await client.post("/statements", content=b"{}", headers=JSON | {"content-length": "9" * 30})
    assert [one.status_code for one in (counted, said, lying)] == [413] * 3
    assert counted.json()["code"] == "TooLong" and counted.headers["connection"] == "close"
    assert read < 20_000


async def test_slow_bodies(web: Web) -> None:
    web.settings = Settings(idle=0.2, patience=0.4, slowest=1_000_000)

    async def pause() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async def dribble() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    async with web.client() as client:
        for body in (pause(), dribble()):
            answer = await client.post("/statements", content=body, headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (408, "TooSlow")


async def test_going_away_is_no_mistake_of_the_program(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    app, said = web.app(), []
    scope = {
        "type": "http", "method": "POST", "path": "/statements", "raw_path": b"/statements", "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"9")],
        "scheme": "http", "http_version": "1.1", "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    events = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return events.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    assert not said and "mistake" not in caplog.text


async def test_a_mistake_of_the_program_is_said_without_its_insides(web: Web) -> None:
    app = web.app()

    async def broken() -> None:
        raise RuntimeError("a secret in a message")

    app.add_api_route("/broken", broken)
    async with web.client(app) as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500 and answer.json()["code"] == "Broken"
    assert "secret" not in answer.text and "Traceback" not in answer.text
