"""What anybody may know, labels, pictures and files to take away: over HTTP, with every role."""

from __future__ import annotations

import re
import sqlite3
import threading
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import anyio
import httpx
import pytest
import segno
from PIL import Image, ImageDraw

from ledger.audit.verify import verify
from ledger.custody.merchant_chain import check
from ledger.errors import PictureError
from ledger.exchange.labels.picture import read_picture
from ledger.exchange.labels.reading import Reading
from ledger.exchange.sources import open_source
from ledger.log import NoteVerifier
from ledger_web.public import BURST
from ledger_web.scanning import Scanner
from tests.custody.world import M1, M2, M3, receipt
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio

LINE = {"origin_country": "CL", "lot": "L9", "gtin": "6291041500213", "brand": "Andes"}
NOT_PUBLIC = (M1, M2, "商户", "Mar del Sur", "4601202610", "quantity", "12.5", "1 号门")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def dealt(web: Web) -> Web:
    body = receipt("B1", "12.5")
    body["lines"] = [body["lines"][0] | LINE]
    web.world.must(web.world.say(M1, "goods.received", body))
    web.world.receive("冻虾-1", "3", merchant=M3)
    handover = web.world.hand_over("B1", "4")
    web.world.must(web.world.accept(handover.id, "B1", "4"))
    return web


async def test_the_public_learns_what_stands_on_the_label(dealt: Web) -> None:
    dealt.reader = ("public", "")
    async with dealt.client() as client:
        answer = await client.get("/api/public/batches/B1")
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        found = answer.json()
        assert not [
            word
            for word in NOT_PUBLIC
            if f'"{word}"' in answer.text or (len(word) > 3 and word in answer.text)
        ]
        assert found["name"] == "车厘子" and found["origin_country"] == "CL" and found["lot"] == "L9"
        assert found["recorded_on"] == dealt.world.today()
        assert (found["sealed"], found["recalled"], found["taken_back"]) == (False, False, False)
        entry = dealt.world.ledger.entry(found["proof"]["index"])
        assert entry.leaf_hash.hex() == found["proof"]["leaf_hash"]
        proof = await client.post(f"/proof/{entry.index}", json={"leaf_hash": found["proof"]["leaf_hash"]})
        assert proof.status_code == 200 and b"extra" not in proof.content
        for name in ("NOTHING", "b1", "B1%20", "x" * 65):
            answer = await client.get(f"/api/public/batches/{name}")
            assert answer.status_code in (404, 422), name


async def test_what_became_of_a_batch_is_said(dealt: Web) -> None:
    world = dealt.world
    world.must(world.state([world.officer], "goods.sealed", M1, {"batch": "B1", "reason": "无中文标签"}))
    entry = next(
        e for e in world.entries() if e.statement.kind == "goods.received" and e.statement.merchant == M3
    )
    world.must(world.correct(entry.statement.id, merchant=M3))
    dealt.reader = ("public", "")
    async with dealt.client() as client:
        answer = await client.get("/api/public/batches/B1")
        assert answer.json()["sealed"] is True and "无中文标签" not in answer.text
        assert (await client.get(f"/api/public/batches/{quote('冻虾-1')}")).json()["taken_back"] is True


async def test_batches_cannot_be_gone_through(dealt: Web) -> None:
    dealt.reader = ("public", "")
    async with dealt.client() as client:
        codes = [(await client.get(f"/api/public/batches/B{n}")).status_code for n in range(BURST + 5)]
    assert codes.count(429) >= 4 and codes[0] == 404


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/01/06291041500213/10/L9?batch=B1", "/b/B1"),
        (f"/01/06291041500213?17=271231&batch={quote('冻虾-1')}", f"/b/{quote('冻虾-1')}"),
        ("/01/06291041500213/10/L9", None),
        ("/01/06291041500213?batch=//evil.example", None),
        ("/01/06291041500213?batch=a/../../b", None),
        ("/01/x?batch=https://evil.example/b/B1", None),
    ],
)
async def test_a_digital_link_leads_to_the_batch_and_nowhere_else(
    dealt: Web, path: str, leads: str | None
) -> None:
    dealt.reader = ("public", "")
    async with dealt.client() as client:
        answer = await client.get(path, follow_redirects=False)
    assert answer.headers.get("location") == leads
    assert answer.status_code == (404 if leads is None else 302)


async def test_labels_are_for_those_who_see_the_batch(dealt: Web) -> None:
    async with dealt.client() as client:
        for role, scope, status in (
            ("public", "", 401),
            ("merchant", M1, 200),
            ("merchant", M2, 200),
            ("merchant", M3, 404),
            ("supervisor", "east/1", 200),
            ("supervisor", "west", 404),
            ("auditor", "*", 200),
        ):
            dealt.reader = (role, scope)
            assert (await client.get("/api/labels/B1")).status_code == status, (role, scope)
        answer = await client.get("/api/labels/B1")
        assert answer.headers["content-type"].startswith("image/svg+xml") and "车厘子" in answer.text
        answer = await client.get(f"/api/labels/{quote('冻虾-1')}", params={"kind": "pdf", "copies": 12})
        assert answer.content.startswith(b"%PDF") and quote("冻虾-1") in answer.headers["content-disposition"]
        for wrong in ({"kind": "exe"}, {"copies": 0}, {"copies": 100_000}, {"size": "1x1"}, {"size": "ü"}):
            answer = await client.get("/api/labels/B1", params=wrong)
            assert answer.status_code in (400, 422), (wrong, answer.text)
            assert answer.json()["detail"]


def drawn(svg: str) -> bytes:
    """The QR code of a label, as a picture."""
    image = Image.new("L", (900, 900), 255)
    pen = ImageDraw.Draw(image)
    for found in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        column, row, length = map(int, found)
        pen.rectangle([80 + 10 * column, 80 + 10 * row, 79 + 10 * (column + length), 89 + 10 * row], 0)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def test_a_label_leads_to_the_server_it_was_asked_of(dealt: Web) -> None:
    dealt.settings = replace(dealt.settings, hosts=("ledger.example",))
    async with dealt.client() as client:
        svg = (await client.get("/api/labels/B1", headers={"host": "ledger.example:8443"})).text
        (said,) = read_picture(drawn(svg))
        assert said.url == "https://ledger.example:8443/01/06291041500213/10/L9?batch=B1"
        (said,) = read_picture(drawn((await client.get(f"/api/labels/{quote('冻虾-1')}")).text))
        assert said.url == f"http://localhost/b/{quote('冻虾-1')}"


def picture(text: str) -> bytes:
    out = BytesIO()
    segno.make_qr(text, error="h").save(out, kind="png", scale=8, border=6)
    return out.getvalue()


async def scanned(client: httpx.AsyncClient, data: bytes, kind: str = "image/png") -> httpx.Response:
    return await client.post("/api/scan", content=data, headers={"content-type": kind})


async def test_a_picture_is_read_for_granted_keys(dealt: Web) -> None:
    data = picture("http://localhost/01/06291041500213/10/L9?batch=B1")
    async with dealt.client() as client:
        dealt.reader = ("public", "")
        assert (await scanned(client, data)).status_code == 401
        dealt.reader = ("merchant", M1)
        answer = await scanned(client, data)
        (code,) = answer.json()["codes"]
        assert code["text"].endswith("batch=B1") and code["batch"] == "B1"
        assert (code["gtin"], code["lot"], code["problem"]) == ("06291041500213", "L9", None)
        large = await scanned(client, data + b"\0" * (5 << 20))  # as large as phones make them
        assert large.status_code == 200 and len(large.json()["codes"]) == 1
        out = BytesIO()
        Image.new("L", (200, 200), 255).save(out, "PNG")
        assert (await scanned(client, out.getvalue())).json() == {"codes": []}
        assert (await scanned(client, data, "text/html")).status_code == 415
        assert (await scanned(client, b"no picture")).status_code == 400
        assert (await scanned(client, b"\0" * (13 << 20))).status_code == 413
        out = BytesIO()
        Image.new("1", (20_000, 20_000)).save(out, "PNG")
        assert len(out.getvalue()) < 1 << 20  # small, until it is unpacked
        assert (await scanned(client, out.getvalue())).status_code == 400


async def test_too_many_pictures_are_asked_to_come_again(dealt: Web) -> None:
    """Two are read, one waits, the others hear so at once; who waits too long hears so too."""
    begun, go = threading.Semaphore(0), threading.Event()

    def slow(data: bytes) -> tuple[Reading, ...]:
        begun.release()
        go.wait(20)
        return read_picture(data)

    app = dealt.app()
    dealt.reader = ("merchant", M1)
    data = picture("B1")
    codes: list[int] = []

    async def one(client: httpx.AsyncClient) -> None:
        answer = await scanned(client, data)
        codes.append(answer.status_code)
        if answer.status_code == 503:
            assert answer.headers["retry-after"] and answer.json()["detail"]

    async with dealt.client(app) as client:
        Scanner(read=slow, at_once=2, waiting=1, patience=0.2).install(app)
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(one, client)
            for _ in range(2):
                await anyio.to_thread.run_sync(begun.acquire)
            for _ in range(4):
                group.start_soon(one, client)
            while len(codes) < 4:
                await anyio.sleep(0.01)
            go.set()
        assert codes == [503] * 4 + [200] * 2
        await one(client)
        assert codes[-1] == 200  # all places are free again


async def test_a_scanner_gives_its_place_back_after_a_bad_picture() -> None:
    scanner = Scanner(at_once=1, waiting=0)
    for _ in range(3):
        with pytest.raises(PictureError):
            await scanner.read(b"no picture")


async def test_the_bundle_is_for_those_who_see_everything(dealt: Web, tmp_path: Path) -> None:
    async with dealt.client() as client:
        for role, scope, status in (
            ("public", "", 401),
            ("merchant", M1, 403),
            ("supervisor", "*", 403),
            ("office", "o", 403),
        ):
            dealt.reader = (role, scope)
            assert (await client.get("/api/bundle")).status_code == status
        for role in ("auditor", "operator"):
            dealt.reader = (role, "*")
            answer = await client.get("/api/bundle")
            assert answer.status_code == 200 and int(answer.headers["content-length"]) == len(answer.content)
            file = tmp_path / f"{role}.zip"
            file.write_bytes(answer.content)
            assert not any("key" in name and name != "vkey" for name in zipfile.ZipFile(file).namelist())
            with open_source(str(file)) as source:
                assert verify(source, vkey=dealt.world.ledger.store.vkey).verdict == "intact"
    assert not list(dealt.home.directory.glob(".bundle*"))


async def test_a_damaged_ledger_is_not_given_away_as_whole(dealt: Web) -> None:
    with sqlite3.connect(dealt.home.directory / "ledger.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE entry SET data = CAST(data AS TEXT) || ' ' WHERE \"index\" = 5")
    async with dealt.client() as client:
        answer = await client.get("/api/bundle")
    assert answer.status_code == 500 and answer.json()["code"] == "StoreCorrupt"
    assert not list(dealt.home.directory.glob(".bundle*"))


async def test_a_coverage_proof_is_for_officials_in_sight_of_the_merchant(dealt: Web) -> None:
    async with dealt.client() as client:
        for role, scope, status in (
            ("public", "", 401),
            ("merchant", M1, 403),
            ("merchant", M2, 404),
            ("supervisor", "west", 404),
            ("supervisor", "east", 200),
            ("auditor", "*", 200),
        ):
            dealt.reader = (role, scope)
            answer = await client.get(f"/api/merchants/{M1}/chain")
            assert answer.status_code == status, (role, scope, answer.text)
        proved = check(answer.content, NoteVerifier.from_vkey(dealt.world.ledger.store.vkey))
        assert proved.merchant == M1
        assert (await client.get("/api/merchants/92410104MACU00030L/chain")).status_code == 404
