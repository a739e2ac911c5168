"""`POST /statements`: what comes in and what is answered."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import anyio
import pytest

from ledger.log.canonical import load_any_layout
from tests.custody.world import M1
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_one_statement_has_its_receipt_and_the_same_one_again(web: Web) -> None:
    sent = web.envelope()
    async with web.client() as client:
        first = await client.post("/statements", content=sent, headers=JSON)
        again = await client.post("/statements", content=sent, headers=JSON)
    assert first.status_code == 201
    receipt = first.json()["accepted"]
    assert receipt["index"] == web.world.size - 1 and receipt["again"] is False
    assert again.status_code == 200
    assert again.json()["accepted"] == {**receipt, "again": True}
    assert web.world.ledger.entry(receipt["index"]).leaf_hash.hex() == receipt["leaf_hash"]


async def test_many_are_answered_one_by_one_in_their_places(web: Web) -> None:
    good, other = web.envelope(), web.envelope()
    bad = web.unchecked("goods.sold", M1, buyer={"type": "consumers"}, lines=[])
    async with web.client() as client:
        lines = await client.post("/statements", content=good + b"\n\n{}\n" + bad + b"\n", headers=LINES)
        array = await client.post(
            "/statements", content=b"[" + good + b"," + other + b"," + bad + b",3]", headers=JSON
        )
    assert lines.status_code == array.status_code == 200
    first = lines.json()["items"]
    assert [list(one) for one in first] == [["accepted"], ["refused"], ["refused"]]
    assert [first[1]["refused"]["row"], first[2]["refused"]["row"]] == [3, 4]
    assert first[1]["refused"]["code"] == "EnvelopeError"
    assert first[2]["refused"]["code"] == "BodyInvalid"
    assert first[2]["refused"]["problems"][0]["field"].startswith("body.lines")
    second = array.json()["items"]
    assert [next(iter(one)) for one in second] == ["accepted", "accepted", "refused", "refused"]
    assert second[0]["accepted"] == {
        **first[0]["accepted"],
        "again": True,
        "checkpoint_size": second[0]["accepted"]["checkpoint_size"],
    }


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_is_a_problem_in_the_readers_language(web: Web, language: str) -> None:
    sold = web.envelope(
        "goods.sold",
        M1,
        buyer={"type": "consumers"},
        lines=[{"batch": "B9", "quantity": {"value": "1", "unit": "kg"}}],
    )
    async with web.client() as client:
        answer = await client.post("/statements", content=sold, headers={**JSON, "accept-language": language})
    found = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == found["status"] == 422
    assert found["type"] == f"/problems/{found['code']}"
    assert found["field"] == "body.lines[0].batch"
    assert (found["title"] == "引用的对象不存在") is (language == "zh")
    assert found["detail"] and answer.headers["content-language"] == language


async def test_requests_that_wait_share_a_commit(web: Web) -> None:
    before = sum(1 for _ in web.world.ledger.store.checkpoints())
    sent = [web.envelope() for _ in range(40)]
    statuses: list[int] = []
    async with web.client() as client:

        async def post(one: bytes) -> None:
            statuses.append((await client.post("/statements", content=one, headers=JSON)).status_code)

        async with anyio.create_task_group() as group:
            for one in sent:
                group.start_soon(post, one)
    assert statuses == [201] * 40
    assert sum(1 for _ in web.world.ledger.store.checkpoints()) - before < 20


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", JSON, 400, "EncodingError"),
        (b"[]", JSON, 400, "NotUnderstood"),
        (b"\n\n", LINES, 400, "NotUnderstood"),
        (b"{", JSON, 400, "EncodingError"),
        (b"[" * 100_000, JSON, 413, "TooLong"),
        (b'{"payload":"","payload":"","payloadType":"x","signatures":[]}', JSON, 400, "EncodingError"),
        (b'"text"', JSON, 400, "EnvelopeError"),
        (b"{}", {}, 415, "WrongType"),
        (b"{}", {"content-type": "text/plain"}, 415, "WrongType"),
        (b"{}", {"content-type": "application/json; charset=gbk"}, 415, "WrongType"),
        (b"{}", {**JSON, "content-encoding": "gzip"}, 415, "WrongType"),
        (b"{}\n" * 1001, LINES, 413, "TooLong"),
        (b" " * 131_073 + b"{}", JSON, 400, "EncodingError"),
    ],
)
async def test_bad_requests(
    web: Web, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    before = web.world.size
    async with web.client() as client:
        answer = await client.post("/statements", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert web.world.size == before


async def test_a_statement_that_was_changed_on_the_way(web: Web) -> None:
    sent = json.loads(web.envelope())
    other = json.loads(web.envelope())
    async with web.client() as client:
        answer = await client.post("/statements", json={**sent, "payload": other["payload"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "SignatureInvalid")


@pytest.mark.parametrize(
    ("media", "data"),
    [
        (LINES, b"{}\n" * 1001),
        (JSON, b"[" + b"{}," * 1000 + b"{}]"),
        (JSON, b"[" + b"[]," * 100_000 + b"[]]"),
        (JSON, b"[[" + b"0," * 100_000 + b"0]]"),
        (JSON, b"[" + b"[" * 100_000),
    ],
)
async def test_too_many_are_refused_before_any_is_looked_at(
    web: Web, monkeypatch: pytest.MonkeyPatch, media: dict[str, str], data: bytes
) -> None:
    looked: list[bytes] = []
    monkeypatch.setattr("ledger_web.statements.parse_envelope", looked.append)
    parts = 0

    def counted(text: bytes, *, limit: int) -> Any:
        nonlocal parts
        parts = text.count(b",")
        return load_any_layout(text, limit=limit)

    monkeypatch.setattr("ledger_web.statements.canonical.load_any_layout", counted)
    async with web.client() as client:
        answer = await client.post("/statements", content=data, headers=media)
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLong")
    assert not looked and parts <= 64_000


@pytest.mark.parametrize("line", [b"\n", b"x\n"])
async def test_lines_without_end_are_not_taken_apart(web: Web, line: bytes) -> None:
    data = line * 200_000
    async with web.client() as client:
        tracemalloc.start()
        try:
            answer = await client.post("/statements", content=data, headers=LINES)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLong")
    assert most < 4 * len(data) + 2**20  # a line in a list of its own takes a hundred bytes and more


async def test_a_thousand_of_two_signatures_are_not_too_many(web: Web) -> None:
    one = json.loads(web.envelope())
    one["signatures"] *= 2
    async with web.client() as client:
        answer = await client.post("/statements", content=json.dumps([one] * 1000), headers=JSON)
    assert answer.status_code == 200 and len(answer.json()["items"]) == 1000
