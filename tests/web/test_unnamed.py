"""Attachments that no entry names: how much of them a key may have, when they go, and that nothing else goes."""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.exchange.bundle import digests_named
from ledger.log.statement import encode_envelope
from ledger.store.blobs import BlobStore
from ledger_web.settings import Settings
from ledger_web.unnamed import Unnamed
from tests.custody.test_admission import CLEANED
from tests.custody.world import M1, M2, World
from tests.web.conftest import Web
from tests.web.test_blobs import piece

pytestmark = pytest.mark.anyio
DAY = 86_400
JSON = {"content-type": "application/json"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def naming(*files: bytes) -> dict[str, Any]:
    """The body of a statement that names these."""
    photos = [
        {"sha256": digest(one), "bytes": len(one), "media_type": "image/jpeg", "name": "a.jpg"}
        for one in files
    ]
    return CLEANED | {"photos": photos}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def aged(world: World, file: Path, days: float) -> None:
    os.utime(file, (world.now / 1000 - days * DAY,) * 2)


async def send(client: httpx.AsyncClient, web: Web, merchant: str, *files: bytes) -> list[int]:
    web.reader = ("merchant", merchant)
    return [(await piece(client, one, 0, None)).status_code for one in files]


async def test_a_key_has_only_so_much_until_statements_name_it(web: Web) -> None:
    web.settings = Settings(unnamed_bytes=3 * 4096)
    files = [os.urandom(4000) for _ in range(6)]
    async with web.client() as client:
        assert await send(client, web, M1, *files[:4]) == [201, 201, 201, 503]
        assert await send(client, web, M2, files[4]) == [201]
        assert await send(client, web, M1, files[0]) == [201]  # it is here already
        said = web.world.envelope([web.world.k1], "disinfection.logged", M1, naming(*files[:2]))
        answer = await client.post("/statements", content=encode_envelope(said), headers=JSON)
        assert answer.status_code == 201
        assert await send(client, web, M1, files[3], files[5], os.urandom(10)) == [201, 201, 503]
    async with web.client() as client:  # and after a restart
        assert await send(client, web, M1, os.urandom(10)) == [503]
    assert all(web.home.blobs.verify(digest(one)) == "intact" for one in files)


async def test_what_has_another_digest_does_not_count(web: Web) -> None:
    web.settings = Settings(unnamed_bytes=4096)
    async with web.client() as client:
        web.reader = ("merchant", M1)
        for _ in range(3):
            wrong = await piece(client, os.urandom(4000), 0, None, name=digest(b"?"))
            assert wrong.status_code == 422
        assert await send(client, web, M1, os.urandom(4000)) == [201]


async def test_what_nobody_names_or_asks_for_goes_after_thirty_days(web: Web) -> None:
    old, asked, sent, young, before, after = files = [os.urandom(100 + n) for n in range(6)]
    by_hand = web.home.blobs.put(b"put there by the command line")
    web.world.must(web.world.say(M1, "disinfection.logged", naming(before)))
    async with web.client() as client:
        assert set(await send(client, web, M1, *files)) == {201}
        web.world.must(web.world.say(M1, "disinfection.logged", naming(after)))
        for one in (old, asked, sent, before, after):
            aged(web.world, web.home.blobs.path(digest(one)), 31)
        aged(web.world, web.home.blobs.path(by_hand), 99)
        aged(web.world, web.home.blobs.path(digest(young)), 29)
        for file in (digest(asked), digest(sent)):
            assert web.home.blobs.open(file)
        assert (await client.head(f"/blobs/uploads/{digest(asked)}")).status_code == 204
        assert await send(client, web, M1, sent) == [201]
    async with web.client(web.app()) as client:
        await client.get("/healthz")
        app = web.app()
        async with app.router.lifespan_context(app):
            app.state.service.sweep()
    left = set(web.home.blobs.digests())
    assert left == {by_hand, *map(digest, (asked, sent, young, before, after))}
    named = {file.name.split("-")[1] for file in (web.home.directory / "unnamed").iterdir()}
    assert named == set(map(digest, (asked, sent, young)))


def test_a_statement_that_comes_while_files_go_keeps_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is committed between the reading of the ledger and the removal, by another thread."""
    blobs, unnamed = kept(world)
    files = [os.urandom(50) for _ in range(3)]
    for one in files:
        unnamed.note("a" * 64, blobs.put(one), world.size, len(one))
        aged(world, blobs.path(digest(one)), 40)
    read = Unnamed._named

    def reading(self: Unnamed, store: Any, wanted: set[str], start: int, stop: int) -> set[str]:
        found = read(self, store, wanted, start, stop)
        if start == 0:
            appending = threading.Thread(
                target=lambda: world.must(world.say(M1, "disinfection.logged", naming(files[0], files[1])))
            )
            appending.start()
            appending.join()
        return found

    monkeypatch.setattr(Unnamed, "_named", reading)
    unnamed.learn(world.ledger.store)
    assert unnamed.sweep(world.ledger.store) == 1
    assert set(blobs.digests()) == {digest(files[0]), digest(files[1])}


def test_a_file_that_is_put_while_it_goes_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs, unnamed = kept(world)
    unnamed.note("a" * 64, blobs.put(b"photo"), world.size, 5)
    aged(world, blobs.path(digest(b"photo")), 40)
    older = BlobStore.older

    looks = 0

    def looking(self: BlobStore, name: str, before: float) -> bool:
        nonlocal looks
        found, looks = older(self, name, before), looks + 1
        if looks == 2:  # the last look before it goes
            blobs.put(b"photo")
        return found

    monkeypatch.setattr(BlobStore, "older", looking)
    assert unnamed.sweep(world.ledger.store) == 0
    assert blobs.verify(digest(b"photo")) == "intact"
    assert looks == 2


FILES = [f"file {number}".encode() * 10 for number in range(2)]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["upload", "name", "age", "age", "sweep", "sweep", "put", "renew", "learn", "restart"]
        ),
        st.sampled_from(FILES),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example(acts=[(act, FILES[0]) for act in ("name", "upload", "age", "sweep")])
@example(acts=[(act, FILES[0]) for act in ("upload", "name", "restart", "age", "sweep")])
@given(acts=ACTS)
def test_nothing_that_an_entry_names_ever_goes(tmp_path_factory: pytest.TempPathFactory, acts: Any) -> None:
    """Whatever happens in whatever order: what an entry names and was there is there."""
    world = World(tmp_path_factory.mktemp("unnamed"))
    blobs, unnamed = kept(world)
    there: set[str] = set()
    for act, file in acts:
        name = digest(file)
        if act == "upload" and blobs.renew(name) is None:
            unnamed.note("a" * 64, name, world.size, len(file))
            blobs.put(file)
        elif act == "put":
            blobs.put(file)
        elif act == "name":
            world.must(world.say(M1, "disinfection.logged", naming(file)))
        elif act == "age" and blobs.open(name):
            aged(world, blobs.path(name), 31)
        elif act == "renew":
            blobs.renew(name)
        elif act == "sweep":
            unnamed.sweep(world.ledger.store)
        elif act == "learn":
            unnamed.learn(world.ledger.store)
        elif act == "restart":
            _, unnamed = kept(world)
        named = {found for _, data in world.ledger.store.entries() for found in digests_named(data)}
        assert there & named <= set(blobs.digests()), act
        there = set(blobs.digests())
    world.ledger.close()


def kept(world: World) -> tuple[BlobStore, Unnamed]:
    blobs = BlobStore(world.folder)
    return blobs, Unnamed(world.folder, blobs, most=1 << 20, days=30, clock=lambda: world.now)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "ledger")
