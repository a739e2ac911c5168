"""Attachments: up in pieces, down as what they are."""

from __future__ import annotations

import io
import os
import zipfile
from hashlib import sha256
from typing import Any

import httpx
import pytest
from PIL import Image

from ledger_web.settings import Settings
from tests.custody.world import M1, M2
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def picture(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.effect_noise((80, 60), 40).convert("RGB").save(file, kind)
    return file.getvalue()


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


async def piece(
    client: httpx.AsyncClient, data: bytes, start: int, stop: int | None, *, name: str | None = None
) -> httpx.Response:
    """Send data[start:stop]; the last piece when there is no stop."""
    return await client.patch(
        f"/blobs/uploads/{name or digest(data)}",
        content=data[start:stop],
        headers={
            "content-type": "application/partial-upload",
            "upload-offset": str(start),
            "upload-complete": "?1" if stop is None else "?0",
        },
    )


async def test_a_file_goes_up_in_pieces_across_a_restart(web: Web) -> None:
    web.reader = ("merchant", M1)
    data = picture()
    async with web.client() as client:
        assert (await client.head(f"/blobs/uploads/{digest(data)}")).status_code == 404
        first = await piece(client, data, 0, 700)
        assert (first.status_code, first.headers["upload-offset"]) == (204, "700")
    async with web.client() as client:
        there = await client.head(f"/blobs/uploads/{digest(data)}")
        assert (there.headers["upload-offset"], there.headers["upload-complete"]) == ("700", "?0")
        early = await piece(client, data, 300, 900)
        assert (early.status_code, early.json()["code"], early.headers["upload-offset"]) == (
            409,
            "OutOfStep",
            "700",
        )
        last = await piece(client, data, 700, None)
        again = await piece(client, data, 0, None)
    assert last.status_code == again.status_code == 201
    assert web.home.blobs.verify(digest(data)) == "intact"
    assert not list((web.home.directory / "uploads").iterdir())


async def test_what_is_not_what_its_digest_says_is_thrown_away(web: Web) -> None:
    web.reader = ("merchant", M1)
    data = picture()
    async with web.client() as client:
        answer = await piece(client, data[:-1] + b"x", 0, None, name=digest(data))
    assert (answer.status_code, answer.json()["field"]) == (422, "sha256")
    assert web.home.blobs.open(digest(data)) is None
    assert not list((web.home.directory / "uploads").iterdir())


async def test_limits(web: Web) -> None:
    web.reader = ("merchant", M1)
    web.settings = Settings(attachment_bytes=1000)
    data = os.urandom(1500)
    async with web.client() as client:
        assert (await piece(client, data, 0, 900)).status_code == 204
        over = await piece(client, data, 900, None)
        alone = await piece(client, os.urandom(1200), 0, None)
    assert [over.status_code, alone.status_code] == [413, 413]
    assert over.json()["code"] == "TooLong"


async def test_unfinished_uploads_are_swept(web: Web) -> None:
    web.reader = ("merchant", M1)
    data = picture()
    async with web.client() as client:
        await piece(client, data, 0, 100)
    part = next((web.home.directory / "uploads").iterdir())
    os.utime(part, (web.world.now / 1000 - 49 * 3600,) * 2)
    async with web.client() as client:
        assert (await client.head(f"/blobs/uploads/{digest(data)}")).status_code == 404
    assert not part.exists()


async def test_who_may_send_and_read(web: Web) -> None:
    data = picture()
    name = digest(data)
    photo = {"media_type": "image/jpeg", "sha256": name, "bytes": len(data), "name": "p.jpg"}
    body = {
        "target": "premises", "place": "专区", "agent": "氯", "method": "喷洒", "contact_minutes": 30,
        "photos": [photo],
    }  # fmt: skip
    receipt = web.world.must(web.world.say(M1, "disinfection.logged", body))
    path = f"/blobs/sha256/{name[:2]}/{name[2:]}"
    async with web.client() as client:
        for reader, status in ((("public", ""), 401), (("auditor", "*"), 403), (("merchant", M1), 201)):
            web.reader = reader
            assert (await piece(client, data, 0, None)).status_code == status
        for reader, query, status in (
            (("public", ""), f"?entry={receipt.index}", 401),
            (("merchant", M2), f"?entry={receipt.index}", 404),
            (("merchant", M1), f"?entry={receipt.index}", 200),
            (("merchant", M1), f"?entry={receipt.index - 1}", 404),
            (("merchant", M1), "?entry=99999", 404),
            (("merchant", M1), "", 404),
            (("supervisor", "east/1"), f"?entry={receipt.index}", 200),
            (("auditor", "*"), "", 200),
        ):
            web.reader = reader
            assert (await client.get(path + query)).status_code == status, (reader, query)
        shown = await client.get(path, headers={"range": "bytes=0-9"})
    assert (shown.status_code, shown.content) == (206, data[:10])
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["x-content-type-options"] == "nosniff"


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1 << 22))
    return file.getvalue()


def too_wide() -> bytes:
    """A PNG of a few kilobytes that is a hundred million pixels."""
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "application/octet-stream",
        ),
        (b"<!doctype html><script>alert(1)</script>", "application/octet-stream"),
        (b"GIF89a<script>alert(1)</script>", "application/octet-stream"),
        (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n<html>", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"%PDF-1.7\n<script>", "application/pdf"),
    ],
)
async def test_nothing_active_is_served_as_such(web: Web, data: bytes, media: str) -> None:
    await serve_and_look(web, data, media)


async def test_bombs(web: Web) -> None:
    await serve_and_look(web, bomb(), "application/octet-stream")
    await serve_and_look(web, too_wide(), "application/octet-stream")


async def serve_and_look(web: Web, data: bytes, media: str) -> None:
    web.reader = ("operator", "*")
    name = digest(data)
    async with web.client() as client:
        assert (await piece(client, data, 0, None)).status_code == 201
        answer = await client.get(f"/blobs/sha256/{name[:2]}/{name[2:]}", headers={"accept": "text/html"})
    assert answer.content == data
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        ("../keys/log.pem", {}, 404),
        ("A" * 64, {}, 422),
        ("a" * 63, {}, 422),
        ("a" * 64, {"upload-offset": "-1"}, 400),
        ("a" * 64, {"upload-offset": "0x1"}, 400),
        ("a" * 64, {"upload-complete": "yes"}, 400),
        ("a" * 64, {"content-type": "text/html"}, 415),
        ("a" * 64, {"content-encoding": "gzip"}, 415),
        ("a" * 64, {"sec-fetch-site": "cross-site"}, 403),
    ],
)
async def test_bad_uploads(web: Web, name: str, headers: dict[str, Any], status: int) -> None:
    web.reader = ("merchant", M1)
    given = {
        "content-type": "application/partial-upload", "upload-offset": "0", "upload-complete": "?1", **headers
    }  # fmt: skip
    async with web.client() as client:
        answer = await client.patch(f"/blobs/uploads/{name}", content=b"x", headers=given)
    assert answer.status_code == status, answer.text
    assert not [path for path in (web.home.directory / "blobs").rglob("*") if path.is_file()]
