"""What an officer's phone asks for: its checks, the facts for one, findings before signing, a second signature."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from ledger.custody.authoring import instant, uuid7
from ledger.custody.foresight import foresee
from ledger.custody.preparing import findings, look
from ledger.log import PrivateKey
from ledger.log.statement import build_statement, encode_envelope, parse_envelope, parse_statement, sign
from ledger_schemas import Observed
from tests.cli.runner import Custody
from tests.custody.supervised import check, draw_plan, grown, order, supervise
from tests.custody.test_inspection import attest, inspect, tidy
from tests.custody.world import DAY, HOUR, M1, M2, M3, ORIGIN, World, ruleset
from tests.web.conftest import Web
from tests.web.test_blobs import picture

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def cold(world: World) -> None:
    """M2 has a cold store too, watched by a probe, and goods on the way."""
    zone = {"code": "F1", "name": "冷库", "goods_class": None, "storage": "frozen", "dedicated": False}
    area = {
        "code": "D1", "name": "专区", "goods_class": "non_cold_chain", "storage": "ambient", "dedicated": True
    }  # fmt: skip
    world.enroll(M2, "east/1/02", zones=[area, zone])
    world.receive("B1", "12.5")
    world.hand_over("B1", "2")
    reading = {
        "zone": "F1", "probe": "P1", "started_at": world.time(-2 * HOUR), "ended_at": world.time(-1),
        "count": 20, "minimum": "-20", "maximum": "-19", "mean": "-19.5", "minutes_missing": 0,
    }  # fmt: skip
    world.must(world.say(M2, "temperature.logged", reading))


def sign_in(web: Web, key: Any, role: str = "supervisor", scope: str = "*", holder: str | None = None) -> Any:
    """A `reader_of` for whoever holds a key."""
    from ledger_web.access import Reader, parties_of
    from ledger_web.service import Service

    def reader_of(request: Any) -> Reader:
        ledger = Service.of(request).ledger
        size = ledger.store.head().size
        parties = parties_of(ledger.store.facts, size)
        return Reader(role, scope, holder, key.public.keyid, ledger.facts(), size, parties)

    return reader_of


# ---------------------------------------------------------------------- facts and findings


@pytest.mark.parametrize("seed", range(4))
def test_what_is_foreseen_is_what_a_check_finds_then(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path / "ledger")
    cold(world)
    tidy(world)
    paper = {"type": "customs_declaration", "number": "460120261000000123", "valid_to": world.today()}
    world.receive("B7", documents=[paper])
    tomorrow = str(date.fromisoformat(world.today()) + timedelta(days=1))
    once = attest(world, period_start=tomorrow, period_end=tomorrow)
    world.must(world.say(M3, "clearance.attested", once))
    rng = Random(seed)
    facts, setting, as_of = world.ledger.facts(), world.ledger.setting, world.size
    seen_changes = set()
    for merchant in (M1, M2, M3):
        picture = look(facts, setting, merchant, started_at=world.time(), as_of=as_of)
        steps = foresee(facts, setting, picture, world.now + 10 * DAY)
        edges = [one.from_ms for one in steps]
        moments = [world.now + rng.randrange(10 * DAY) for _ in range(40)]
        for ms in [*moments, *edges, *(edge - 1000 for edge in edges[1:])]:
            then = look(facts, setting, merchant, started_at=instant(ms), as_of=as_of)
            found = {(one.code, one.subject) for one in findings(facts, then, Observed())}
            step = next(one for one in reversed(steps) if one.from_ms <= ms)
            assert {(one.code, one.subject) for one in step.findings} == found, instant(ms)
            assert list(step.rulesets) == [one.body.code for one in then.rulesets]
        seen_changes |= {one.code for one in steps[-1].findings} - {one.code for one in steps[0].findings}
    assert seen_changes >= {
        "disinfection_overdue", "clearance_expired", "temperature_gap", "handover_open", "document_expired"
    }  # fmt: skip


async def test_the_facts_for_a_check_are_those_of_the_command_line(web: Web) -> None:
    cold(web.world)
    web.reader = ("supervisor", "east/1")
    told = Custody(web.home.directory).ok("inspect", M2, "--show", "--json").json
    async with web.client() as client:
        facts = (await client.get(f"/api/checks/{M2}")).json()
        missing = await client.get(f"/api/checks/{M3}")
        web.reader = ("merchant", M2)
        others = await client.get(f"/api/checks/{M2}")
    assert told.items() <= {**facts, "documents_due": told["documents_due"]}.items() or [
        name for name in told if told[name] != facts.get(name)
    ] == ["holdings"]
    assert facts["zones"][1]["bounds"] == [[None, -1800]]
    assert facts["foreseen"][0]["rulesets"] == ["r-dry"]
    assert facts["address"] == "二里岗街 1 号"
    assert missing.status_code == 404 and others.status_code == 403


async def test_findings_are_computed_by_the_ledger_before_anything_is_signed(web: Web) -> None:
    web.world.receive("B1", "12.5")
    web.reader = ("supervisor", "*")
    asked = {
        "as_of": web.world.size, "started_at": web.world.time(),
        "observed": {
            "stock": [{"batch": "B1", "quantity": {"value": "12", "unit": "kg"}}],
            "checklist": [{"code": "shelf", "passed": False, "note": "脏"}],
        },
    }  # fmt: skip
    path = f"/api/checks/{M1}/findings"
    async with web.client() as client:
        found = (await client.post(path, json=asked)).json()
        wrong = await client.post(path, json=asked | {"observed": {"stok": []}})
        ahead = await client.post(path, json=asked | {"as_of": 10_000})
        web.reader = ("supervisor", "west")
        beyond = await client.post(path, json=asked)
    codes = {(one["code"], one.get("subject")) for one in found["findings"]}
    assert {("stock_differs", "B1"), ("checklist_failed", "shelf"), ("disinfection_overdue", None)} <= codes
    body = {
        "rulesets": found["rulesets"], "started_at": asked["started_at"], "ended_at": asked["started_at"],
        "place": "店内", "observed": asked["observed"], "findings": found["findings"],
    }  # fmt: skip
    web.world.must(web.world.state([web.world.officer], "inspection.recorded", M1, body))
    assert wrong.status_code == 422 and "stok" in wrong.text
    assert ahead.status_code == 400 and beyond.status_code == 404


# ---------------------------------------------------------------------- duty


async def test_my_checks_stand_in_walking_order_with_what_became_of_them(web: Web) -> None:
    world = supervise(web.world)
    announced, size = grown(world)
    world.now += 7 * DAY
    world.must(draw_plan(world, announced, size))
    async with web.client(web.app(reader_of=sign_in(web, world.officer, holder="officer-1"))) as client:
        duty = (await client.get("/api/duty")).json()
        first = duty["checks"][0]
        world.later(DAY * (date.fromisoformat(first["day"]) - date.fromisoformat(duty["today"])).days)
        world.must(inspect(world, first["merchant"], changes={"rulesets": ["r-sup"]}))
        later = (await client.get("/api/duty")).json()["checks"]
    assert duty["holder"] == "officer-1" and duty["week"] == "2026-W18" and duty["drawn"]
    walk = [(one["day"], one["grid"], one["address"]) for one in duty["checks"]]
    assert walk == sorted(walk) and all("officer-1" in one["officers"] for one in duty["checks"])
    assert {one["state"] for one in duty["checks"]} == {"due"}
    assert (later[0]["state"], later[0]["check"]) == ("done", world.size - 1)
    async with web.client(web.app(reader_of=sign_in(web, world.k1, "merchant", M1))) as client:
        assert (await client.get("/api/duty")).status_code == 403


async def test_orders_of_mine_have_what_was_reported(web: Web) -> None:
    world = supervise(web.world)
    given = world.must(order(world, check(world).id))
    world.later(HOUR)
    world.must(world.say(M1, "rectification.reported", {"order": given.id, "what": "已消毒", "evidence": []}))
    async with web.client(web.app(reader_of=sign_in(web, world.officer))) as client:
        (one,) = (await client.get("/api/duty/orders")).json()["orders"]
        world.later(HOUR)
        again = check(world)
        (later,) = (await client.get("/api/duty/orders")).json()["orders"]
    assert (one["what"], one["state"], one["checked_again"]) == ("立即消毒", "reported", None)
    (report,) = one["reports"]
    assert (report["what"], report["evidence"]) == ("已消毒", [])
    assert world.ledger.entry(report["index"]).statement.kind == "rectification.reported"
    assert later["checked_again"] == again.id
    async with web.client(web.app(reader_of=sign_in(web, world.second, scope="west"))) as client:
        assert (await client.get("/api/duty/orders")).json()["orders"] == []


# ---------------------------------------------------------------------- two officers


@pytest.fixture
def two(web: Web) -> tuple[Web, bytes, bytes]:
    """A seal that two officers must sign: with one signature, and with both."""
    world = web.world
    changes: dict[str, Any] = {
        "replaces": "r-dry",
        "valid_from": "2020-01-02",
        "two_officers": ["goods.sealed"],
    }
    world.must(world.state([world.operator], "ruleset.published", None, ruleset("r-two", **changes)))
    world.receive("B1", "5")
    body = {"batch": "B1", "reason": "无标签"}
    once = world.envelope([world.officer], "goods.sealed", M1, body)
    both = sign(once.payload, [world.officer, world.second])
    return web, encode_envelope(once), encode_envelope(both)


HEADERS = {"content-type": "application/json"}


async def test_a_statement_waits_until_a_second_officer_signs(two: tuple[Web, bytes, bytes]) -> None:
    web, once, both = two
    world = web.world
    first, second = sign_in(web, world.officer), sign_in(web, world.second, scope="east/1")
    async with web.client(web.app(reader_of=first)) as client:
        refused = await client.post("/statements", content=once, headers=HEADERS)
        assert refused.status_code == 403
        for _ in range(2):
            handed = await client.post("/api/cosign", content=once, headers=HEADERS)
            assert handed.json() == {"waiting": True}
        assert [one["mine"] for one in (await client.get("/api/cosign")).json()["waiting"]] == [True]
    async with web.client(web.app(reader_of=second)) as client:
        (listed,) = (await client.get("/api/cosign")).json()["waiting"]
        (by,) = listed["signed_by"]
        assert (
            by["holder"] == "officer-1" and by["keyid"] == world.officer.public.keyid and not listed["mine"]
        )
        granted = world.ledger.entry(by["granted"]).statement
        assert (granted.kind, granted.body["public_key"]) == ("key.granted", world.officer.public.text)
        assert (await client.delete(f"/api/cosign/{listed['id']}")).status_code == 404
        accepted = await client.post("/statements", content=both, headers=HEADERS)
        assert accepted.status_code == 201, accepted.text
        assert (await client.get("/api/cosign")).json()["waiting"] == []
    async with web.client(web.app(reader_of=first)) as client:
        receipt = (await client.post("/api/cosign", content=once, headers=HEADERS)).json()["accepted"]
    assert receipt["index"] == accepted.json()["accepted"]["index"]


async def test_a_photo_of_what_waits_is_shown_to_officers_of_the_place(two: tuple[Web, bytes, bytes]) -> None:
    web, _once, _both = two
    world, photo = web.world, picture()
    digest = web.home.blobs.put(photo)
    other = web.home.blobs.put(b"another file")
    observed = {
        "photos": [{"bytes": len(photo), "media_type": "image/jpeg", "name": "1.jpg", "sha256": digest}]
    }
    body = {
        "rulesets": ["r-two"], "started_at": world.time(-HOUR), "ended_at": world.time(), "place": "城东路",
        "observed": observed,
    }  # fmt: skip
    envelope = world.envelope([world.officer], "inspection.recorded", M1, body)
    handed = encode_envelope(envelope)
    async with web.client(web.app(reader_of=sign_in(web, world.officer))) as client:
        assert (await client.post("/api/cosign", content=handed, headers=HEADERS)).json() == {"waiting": True}
    path = f"/api/cosign/{parse_statement(envelope.payload).id}/attachments/"
    async with web.client(web.app(reader_of=sign_in(web, world.second, scope="east/1"))) as client:
        found = await client.get(path + digest)
        assert (found.status_code, found.content, found.headers["content-type"]) == (200, photo, "image/jpeg")
        for wrong in (other, "0" * 64):  # not named by it; not here
            assert (await client.get(path + wrong)).status_code == 404
    async with web.client(web.app(reader_of=sign_in(web, world.second, scope="west"))) as client:
        assert (await client.get(path + digest)).status_code == 404
    async with web.client(web.app(reader_of=sign_in(web, world.k1, "merchant", M1))) as client:
        assert (await client.get(path + digest)).status_code == 403
    web.reader = ("public", "")
    async with web.client(web.app()) as client:
        assert (await client.get(path + digest)).status_code == 401


async def test_what_waits_is_for_officers_of_the_place_and_can_be_taken_back(
    two: tuple[Web, bytes, bytes],
) -> None:
    web, once, _both = two
    world = web.world

    async def hand(client: httpx.AsyncClient, content: bytes) -> int:
        return (await client.post("/api/cosign", content=content, headers=HEADERS)).status_code

    async with web.client(web.app(reader_of=sign_in(web, world.second))) as client:
        assert await hand(client, once) == 403  # signed by another
        assert await hand(client, web.envelope()) == 400  # no act of two officers
        assert await hand(client, b"{}") == 400
    async with web.client(web.app(reader_of=sign_in(web, world.officer, scope="west"))) as client:
        assert await hand(client, once) == 404
    async with web.client(web.app(reader_of=sign_in(web, world.officer))) as client:
        (other,) = sign(parse_envelope(once).payload, [world.second]).signatures
        (mine,) = parse_envelope(once).signatures
        forged = parse_envelope(once)._replace(signatures=(mine._replace(sig=other.sig),))
        assert await hand(client, encode_envelope(forged)) == 403
        assert await hand(client, once) == 200
        (listed,) = (await client.get("/api/cosign")).json()["waiting"]
        assert (await client.delete(f"/api/cosign/{listed['id']}")).json() == {"waiting": False}
        assert (await client.get("/api/cosign")).json()["waiting"] == []
        assert await hand(client, once) == 200
        world.now += 4 * DAY
        assert (await client.get("/api/cosign")).json()["waiting"] == []


async def test_nobody_signs_for_another_officer(two: tuple[Web, bytes, bytes]) -> None:
    web, once, both = two
    world = web.world
    payload = parse_envelope(once).payload
    second = encode_envelope(sign(payload, [world.second]))
    by_key = {one.keyid: one for one in parse_envelope(both).signatures}
    own = by_key[world.second.public.keyid]
    by_key[world.officer.public.keyid] = own._replace(keyid=world.officer.public.keyid)
    forged = [
        tuple(by_key[keyid] for keyid in sorted(by_key)),
        sign(payload, [PrivateKey.generate("p256"), world.second]).signatures,
    ]
    async with web.client(web.app(reader_of=sign_in(web, world.second, scope="east/1"))) as client:
        for signatures in forged:
            content = encode_envelope(parse_envelope(both)._replace(signatures=signatures))
            assert (await client.post("/api/cosign", content=content, headers=HEADERS)).status_code == 403
        assert (await client.get("/api/cosign")).json()["waiting"] == []
    for key, content in ((world.officer, once), (world.second, second)):
        async with web.client(web.app(reader_of=sign_in(web, key))) as client:
            assert (await client.post("/api/cosign", content=content, headers=HEADERS)).status_code == 200
            (listed,) = (await client.get("/api/cosign")).json()["waiting"]
    # the first one's signature is still there
    assert {one["holder"] for one in listed["signed_by"]} == {"officer-1", "officer-2"}
    assert parse_envelope(json.dumps(listed["envelope"]).encode()) == parse_envelope(both)


async def test_one_officer_crowds_out_nobody_who_waits(
    two: tuple[Web, bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, once, _both = two
    world = web.world
    monkeypatch.setattr("ledger_web.cosigning.MOST_OWN", 3)

    def seal(number: int, *, id: str | None = None, at_ms: int | None = None) -> bytes:
        payload = build_statement(
            body={"batch": "B1", "reason": f"{number}"}, kind="goods.sealed", ledger=ORIGIN, merchant=M1,
            id=id or uuid7(at_ms or world.now, bytes([number]) * 10), occurred_at=instant(world.now), seen=None,
        )  # fmt: skip
        return encode_envelope(sign(payload, [world.second]))

    async def hand(client: httpx.AsyncClient, content: bytes) -> int:
        return (await client.post("/api/cosign", content=content, headers=HEADERS)).status_code

    async with web.client(web.app(reader_of=sign_in(web, world.officer))) as client:
        assert await hand(client, once) == 200
    taken = parse_statement(parse_envelope(once).payload).id
    async with web.client(web.app(reader_of=sign_in(web, world.second))) as client:
        assert await hand(client, seal(1, id=taken)) == 409
        assert [await hand(client, seal(number)) for number in (2, 3, 4, 5, 4)] == [200, 200, 200, 503, 200]
        world.now += 2 * DAY
        await hand(client, seal(6, at_ms=world.now + 1000 * DAY))
        world.now += 2 * DAY
        assert (await client.get("/api/cosign")).json()[
            "waiting"
        ] == []  # not even what says it is of the future
