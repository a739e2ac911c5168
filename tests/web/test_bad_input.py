"""What the command line refuses, the server refuses, with the same code and the same field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.log.statement import encode_envelope
from tests.cli.runner import Custody
from tests.custody.world import M1, M2, kg, receipt
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio
NO_NUMBER = {"value": "NaN", "unit": "kg"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def tampered(web: Web) -> bytes:
    sent, other = json.loads(web.envelope()), json.loads(web.envelope())
    return json.dumps({**sent, "payload": other["payload"]}).encode()


def used_id(web: Web) -> bytes:
    taken = web.world.ledger.entry(web.world.size - 1).statement.id
    body = {"target": "premises", "place": "专区", "agent": "氯", "method": "喷洒", "contact_minutes": 30}
    return encode_envelope(web.world.envelope([web.world.k1], "disinfection.logged", M1, body, id=taken))


def of_another_merchant(web: Web) -> bytes:
    return encode_envelope(web.world.envelope([web.world.k2], "goods.received", M1, receipt("B7", "1")))


def for_another_ledger(web: Web) -> bytes:
    said = web.world.envelope(
        [web.world.k1], "goods.received", M1, receipt("B7", "1"), ledger="custody.example/other"
    )
    return encode_envelope(said)


def by_a_stranger(web: Web) -> bytes:
    from tests.custody.world import key

    return encode_envelope(web.world.envelope([key("stranger")], "goods.received", M1, receipt("B7", "1")))


def too_much(web: Web) -> bytes:
    lines = [{"batch": "B1", "quantity": kg("99")}]
    return web.envelope("goods.sold", M1, buyer={"type": "consumers"}, lines=lines)


def in_the_future(web: Web) -> bytes:
    said = web.world.envelope(
        [web.world.k1], "goods.received", M1, receipt("B7", "1"), occurred_at="2199-01-01T00:00:00Z"
    )
    return encode_envelope(said)


def another_history(web: Web) -> bytes:
    from ledger.log import Seen

    said = web.world.envelope(
        [web.world.k1], "goods.received", M1, receipt("B7", "1"), seen=Seen("ab" * 32, 3)
    )
    return encode_envelope(said)


BAD: list[Callable[[Web], bytes]] = [
    tampered, used_id, of_another_merchant, for_another_ledger, by_a_stranger, too_much, in_the_future, another_history,
    lambda web: web.unchecked("goods.sold", M1, lines=[]),
    lambda web: web.unchecked("goods.eaten", M1, lines=[]),
    lambda web: web.unchecked("goods.received", None),
    lambda web: web.unchecked("goods.handed_over", M1, to=M2, lines=[{"batch": "B1", "quantity": NO_NUMBER}]),
    lambda web: b'{"payload":"e30=","payloadType":"text/plain","signatures":[]}',
    lambda web: b'{"payload":"e30=","payloadType":"application/vnd.custody-ledger.statement.v1+json","signatures":[]}',
    lambda web: b"\xff\xfe",
    lambda web: b'{"payload": ' + b"[" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
async def test_the_same_as_the_command_line(web: Web, tmp_path: Path, number: int) -> None:
    web.world.receive("B1", "10")
    sent = BAD[number](web)
    before = web.world.size
    (tmp_path / "one.dsse").write_bytes(sent + b"\n")
    line = Custody(web.home.directory).run("submit", tmp_path / "one.dsse")
    told = json.loads(line.out)
    async with web.client() as client:
        answer = await client.post("/statements", content=sent, headers=JSON | {"accept-language": "en"})
        lines = await client.post(
            "/statements", content=sent + b"\n", headers={"content-type": "application/x-ndjson"}
        )
    found = answer.json()
    assert told["status"] == "refused" and 400 <= answer.status_code < 500
    assert (found["code"], found["field"]) == (told["code"], told["field"])
    if told["code"] != "TimeRefused":  # which names the time of day
        assert found["detail"] == told["message"]
    (item,) = lines.json()["items"]
    assert item["refused"]["code"] == told["code"]
    assert web.world.size == before
