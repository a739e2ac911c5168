"""The read side of the log: the same bytes as a published folder, and who gets them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI

from ledger import log
from ledger.exchange.bundle import publish
from ledger.log import NoteVerifier, bundles, leaf_hash, verify_consistency, verify_inclusion
from tests.custody.world import M1, M2
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio
IMMUTABLE = "max-age=31536000, immutable"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def grown(web: Web, entries: int) -> None:
    world = web.world
    said = [
        world.envelope(
            [world.keys[M1]],
            "disinfection.logged",
            M1,
            {
                "target": "premises",
                "place": "专区",
                "agent": "氯",
                "method": "喷洒",
                "contact_minutes": n + 1,
            },
        )
        for n in range(entries)
    ]
    assert not [one for one in world.ledger.append(said) if isinstance(one, Exception)]


async def test_every_file_of_a_published_folder_is_served_with_its_bytes(web: Web, tmp_path: Path) -> None:
    grown(web, 300)
    publish(web.world.ledger.store, tmp_path / "published")
    files = [path for path in (tmp_path / "published").rglob("*") if path.is_file()]
    assert len(files) >= 7
    async with web.client() as client:
        for path in files:
            name = path.relative_to(tmp_path / "published").as_posix()
            answer = await client.get(f"/{name}", headers={"accept-encoding": "identity"})
            assert (answer.status_code, answer.content) == (200, path.read_bytes()), name
            cached = answer.headers["cache-control"]
            assert cached == "no-cache" if "tile" not in name else cached.endswith(IMMUTABLE)


async def test_bundles_are_packed_for_whoever_can_unpack_them(web: Web) -> None:
    grown(web, 300)
    async with web.client() as client:
        plain = await client.get("/tile/entries/000", headers={"accept-encoding": "identity"})
        packed = await client.get("/tile/entries/000", headers={"accept-encoding": "gzip"})
        raw = [piece async for piece in (await client.send(packed.request, stream=True)).aiter_raw()]
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"].startswith("private")
    assert len(bundles.decode_bundle(plain.content)) == 256
    assert gzip.decompress(b"".join(raw)) == plain.content == packed.content


async def test_a_narrower_tile_than_there_is_now(web: Web) -> None:
    async with web.client() as client:
        narrow = await client.get("/tile/0/000.p/3")
        now = await client.get(f"/tile/0/000.p/{web.world.size}")
        beyond = await client.get(f"/tile/0/000.p/{web.world.size + 1}")
    assert narrow.content == now.content[:96]
    assert beyond.status_code == 404 and beyond.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/0", "/tile/0/0000", "/tile/00/000", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/000.p/03",
        "/tile/0/x000/000", "/tile/64/000", "/tile/-1/000", "/tile/0/../0/000.p/3", "/tile/0//000.p/3",
        "/tile/0/%30%30%30.p/3", "/tile/0/000.p%2f3", "/tile/%2e%2e/%2e%2e/keys/log.pem",
        "/tile/entries/../../ledger.db",
        "/tile/", "/tile/0/000.p/3/", "/tile//0/000.p/3", "/tile/٠/000.p/3",
    ],
)  # fmt: skip
async def test_path_tricks(web: Web, path: str) -> None:
    app = web.app()
    async with app.router.lifespan_context(app):
        status, headers = await spelled(app, path)
    assert status == 404
    assert headers[b"content-type"] == b"application/problem+json"


async def spelled(app: FastAPI, path: str) -> tuple[int, dict[bytes, bytes]]:
    """Ask for exactly this spelling of a path, which clients would tidy."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "query_string": b"",
        "path": unquote(path), "raw_path": path.encode(), "headers": [(b"host", b"localhost")], "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


async def test_checkpoint_is_asked_for_again_and_not_sent_again(web: Web) -> None:
    async with web.client() as client:
        first = await client.get("/checkpoint")
        again = await client.get("/checkpoint", headers={"if-none-match": first.headers["etag"]})
        grown(web, 1)
        third = await client.get("/checkpoint", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert third.status_code == 200 and third.content != first.content


async def test_proofs_hold(web: Web) -> None:
    grown(web, 20)
    async with web.client() as client:
        vkey = (await client.get("/vkey")).text.strip()
        shown = await client.get("/proof/7")
        data = web.world.ledger.entry(7).data
        held = await client.post(
            "/proof/7", content=data, headers={"content-type": "application/octet-stream"}
        )
        hashed = await client.post("/proof/7", json={"leaf_hash": leaf_hash(data).hex()})
    opened = log.proof.parse(shown.content)
    head = log.checkpoint.open(opened.checkpoint, NoteVerifier.from_vkey(vkey))
    verify_inclusion(7, head.size, leaf_hash(data), list(opened.path), head.root)
    assert opened.extra == data
    assert held.content == shown.content
    assert log.proof.parse(hashed.content) == opened._replace(extra=None)


async def test_proofs_are_against_the_newest_checkpoint_while_the_ledger_grows(web: Web) -> None:
    verifier = NoteVerifier.from_vkey(web.world.ledger.store.vkey)
    async with web.client() as client:
        for more in (1, 3, 240, 1, 15, 270):
            grown(web, more)
            note = (await client.get("/checkpoint")).content
            head = log.checkpoint.open(note, verifier)
            for index in (0, 7, 255, head.size - 1):
                answer = await client.get(f"/proof/{index}")
                if index >= head.size:
                    assert answer.status_code == 404
                    continue
                opened = log.proof.parse(answer.content)
                assert opened.checkpoint == note
                data = web.world.ledger.entry(index).data
                assert opened.extra == data
                verify_inclusion(index, head.size, leaf_hash(data), list(opened.path), head.root)


async def test_a_proof_is_given_for_what_is_held_and_nothing_else(web: Web) -> None:
    other = web.world.ledger.entry(6).data
    async with web.client() as client:
        for body in (other, other[:-1], b"", b"{}"):
            answer = await client.post(
                "/proof/7", content=body, headers={"content-type": "application/octet-stream"}
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "NotThere")
        nonsense: tuple[object, ...] = ({}, [], {"leaf_hash": 3}, {"leaf_hash": "00"}, 3)
        for bad in nonsense:
            assert (await client.post("/proof/7", json=bad)).status_code == 400


async def test_consistency(web: Web) -> None:
    old = web.world.size
    grown(web, 9)
    async with web.client() as client:
        found = (await client.get("/consistency", params={"from": old})).json()
        bad = [
            (await client.get("/consistency", params=params)).status_code
            for params in (
                {},
                {"from": 0},
                {"from": old, "to": old - 1},
                {"from": 1, "to": old + 10},
                {"from": "x"},
                {"from": "01"},
                {"from": 10**18},
            )
        ]
    verify_consistency(
        old,
        found["to"]["size"],
        [bytes.fromhex(one) for one in found["proof"]],
        bytes.fromhex(found["from"]["root"]),
        bytes.fromhex(found["to"]["root"]),
    )
    assert found["to"]["root"] == web.world.ledger.store.head().root.hex()
    assert bad == [400] * 7


async def test_who_gets_entries(web: Web) -> None:
    """Entry 9 is M1's enrolment, 10 M2's; hash tiles and the checkpoint are for everybody."""
    entries = {
        kind: n for n in range(web.world.size) if (kind := web.world.ledger.entry(n).statement.merchant)
    }
    mine, other = f"/proof/{entries[M1]}", f"/proof/{entries[M2]}"
    bundle = f"/tile/entries/000.p/{web.world.size}"
    expected = {
        ("public", ""): (401, 401, 401),
        ("merchant", M1): (200, 404, 403),
        ("office", "市场科"): (404, 404, 403),
        ("supervisor", "east/1/01"): (200, 404, 403),
        ("supervisor", "*"): (200, 200, 403),
        ("operator", "*"): (200, 200, 200),
        ("auditor", "*"): (200, 200, 200),
    }
    async with web.client() as client:
        for reader, statuses in expected.items():
            web.reader = reader
            answers = [await client.get(path) for path in (mine, other, bundle)]
            assert tuple(one.status_code for one in answers) == statuses, reader
            for path in ("/checkpoint", "/vkey", "/tile/0/000.p/1"):
                assert (await client.get(path)).status_code == 200
        web.reader = ("merchant", M1)
        hidden, absent = [(await client.get(path)).json() for path in (other, "/proof/999999")]
    assert {**hidden, "detail": ""} == {**absent, "detail": ""}  # whether it is there is not told
