"""What officers ask for beside a check: plans, a trial before signing, cards, seals, recalls in sight."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ledger.log.statement import encode_envelope, sign
from tests.custody.supervised import (
    MARKET,
    SECRET,
    announce,
    card,
    check,
    drawn,
    filler,
    grown,
    officer,
    order,
    supervise,
)
from tests.custody.world import HOUR, M1, M2, M3
from tests.web.conftest import Web
from tests.web.test_duty import HEADERS, sign_in

pytestmark = pytest.mark.anyio

WEEK: dict[str, Any] = {"days": [4, 5], "officers": ["officer-1"]}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def as_officer(web: Web, scope: str = "*") -> Any:
    key, holder = (web.world.officer, "officer-1") if scope == "*" else (web.world.second, "officer-2")
    return sign_in(web, key, scope=scope, holder=holder)


async def tried(client: httpx.AsyncClient, kind: str, body: Any, merchant: str | None = None) -> Any:
    answer = await client.post("/api/trial", json={"kind": kind, "merchant": merchant, "body": body})
    assert answer.status_code == 200, answer.text
    return answer.json()


# ---------------------------------------------------------------------- plans


async def test_a_plan_waits_for_its_seed_and_the_draw_is_the_ledgers(web: Web) -> None:
    world = web.world
    supervise(world)
    said = world.must(announce(world, **WEEK))
    path = f"/api/plans/{said.id}/draw"
    async with web.client(web.app(reader_of=as_officer(web))) as client:
        (one,) = (await client.get("/api/plans")).json()["plans"]
        assert (one["missing"], one["seed_root"], one["announced_by"]) == (1, None, ["officer-1"])
        early = await client.post(path, json={"secret": SECRET})
        assert (early.status_code, early.json()["code"]) == (422, "CustodyRefused")
        filler(world)
        (one,) = (await client.get("/api/plans")).json()["plans"]
        assert (one["missing"], one["seed_root"]) == (0, world.ledger.root_at(said.index + 2).hex())
        wrong = await client.post(path, json={"secret": "00" * 32})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "secret")
        body = (await client.post(path, json={"secret": SECRET})).json()
        assert body == drawn(world, said.id, said.index + 2)
        world.must(world.state([world.officer], "plan.drawn", None, body))
        assert (await client.post(path, json={"secret": SECRET})).status_code == 409
        (one,) = (await client.get("/api/plans")).json()["plans"]
        assert (one["checks"], one["may_void"]) == (body["checks"], False)
        assert (await client.post(path.replace("draw", "x"), json={})).status_code in (404, 405)


async def test_plans_are_for_those_who_check_and_drawn_by_those_of_the_whole_ledger(web: Web) -> None:
    world = web.world
    supervise(world)
    announcement, _size = grown(world, **WEEK)
    path, secret = f"/api/plans/{announcement}/draw", {"secret": SECRET}
    for role, scope in (("merchant", M1), ("office", MARKET), ("device", M1)):
        web.reader = (role, scope)
        async with web.client() as client:
            for answer in (await client.get("/api/plans"), await client.post(path, json=secret)):
                assert answer.status_code == 403
            for name in ("cards", "seals"):
                assert (await client.get(f"/api/measures/{name}")).status_code == 403
    async with web.client(web.app(reader_of=as_officer(web, "east/1"))) as client:
        found = (await client.get("/api/plans")).json()
        assert (found["may_announce"], found["plans"][0]["may_void"]) == (
            False,
            False,
        )  # not one of its officers
        assert (await client.post(path, json=secret)).status_code == 403
    web.reader = ("public", "")
    async with web.client() as client:
        for name in ("/api/plans", "/api/measures/cards", "/api/measures/seals", "/api/measures/recalls"):
            assert (await client.get(name)).status_code == 401
        assert (await client.post("/api/trial", json={"kind": "plan.voided", "body": {}})).status_code == 401


async def test_an_operator_can_be_the_second_to_void_a_plan(web: Web) -> None:
    world = web.world
    supervise(world)
    said = world.must(announce(world, **WEEK))
    body = {"announcement": said.id, "reason": "秘密值遗失"}
    once = world.envelope([world.officer], "plan.voided", None, body)
    both = sign(once.payload, [world.officer, world.operator])
    async with web.client(web.app(reader_of=as_officer(web))) as client:
        assert (await tried(client, "plan.voided", body))["second"]
        handed = await client.post("/api/cosign", content=encode_envelope(once), headers=HEADERS)
        assert handed.json() == {"waiting": True}
    operator = sign_in(web, world.operator, "operator")
    async with web.client(web.app(reader_of=operator)) as client:
        (listed,) = (await client.get("/api/cosign")).json()["waiting"]
        assert (listed["plan"], listed["merchant"]) == ("2026-W18 · *", None)
        taken = await client.post("/statements", content=encode_envelope(both), headers=HEADERS)
        assert taken.status_code == 201, taken.text
        assert (await client.get("/api/plans")).json()["plans"][0]["voided"]["reason"] == "秘密值遗失"


# ---------------------------------------------------------------------- trials


async def test_a_trial_says_what_the_ledger_would_and_records_nothing(web: Web) -> None:
    world = web.world
    supervise(world, two_officers=["goods.sealed"])
    world.receive("B1", "5")
    first = check(world)
    given = world.must(order(world, first.id, deadline=world.time(HOUR)))
    shown = world.must(card(world, first.id))
    lift, seal = {"card": shown.id, "reason": "已改好"}, {"batch": "B1", "reason": "无标签"}
    async with web.client(web.app(reader_of=as_officer(web))) as client:
        size = world.size
        refused = await tried(client, "card.lifted", lift, M1)
        assert not refused["accepted"] and refused["problem"]["field"] == "body.card"
        assert (await tried(client, "goods.sealed", seal, M1)) == {
            "as_of": size, "accepted": True, "second": True, "problem": None,
        }  # fmt: skip
        gone = await tried(client, "goods.sealed", seal | {"batch": "B9"}, M1)
        assert (gone["second"], gone["problem"]["field"]) == (True, "body.batch")
        wrong = await tried(client, "card.lifted", {"card": 7}, M1)
        assert wrong["problem"]["status"] == 422
        unknown = await tried(client, "no.such", {}, None)
        assert unknown["problem"]["field"] == "kind"
        assert world.size == size
        world.must(world.say(M1, "rectification.reported", {"order": given.id, "what": "已消毒"}))
        world.must(officer(world, "rectification.confirmed", {"order": given.id}))
        assert (await tried(client, "card.lifted", lift, M1))["accepted"]
    async with web.client(web.app(reader_of=as_officer(web, "east/1"))) as client:
        answer = await client.post("/api/trial", json={"kind": "goods.sealed", "merchant": M3, "body": seal})
        assert answer.status_code == 404  # not in sight


# ---------------------------------------------------------------------- what is in sight


async def test_lists_have_what_is_in_sight_and_nothing_else(web: Web) -> None:
    world = web.world
    supervise(world, rectification_same_day=False)
    world.enroll(M3, "west/2")
    for number, merchant in enumerate((M1, M2, M3)):
        world.receive(f"B{number}", "5", merchant=merchant)
        first = check(world, merchant)
        world.must(order(world, first.id, merchant=merchant, deadline=world.time(HOUR)))
        seal = {"batch": f"B{number}", "reason": "无标签"}
        world.must(officer(world, "goods.sealed", seal, merchant=merchant))
        recall = {"batch": f"B{number}", "reason": "问题", "answer_by": world.time(HOUR)}
        world.must(officer(world, "recall.ordered", recall, merchant=merchant))
        body = {
            "ruleset": "r-sup", "step": 1, "card": "yellow", "closes": False, "inspection": first.id,
            "code": "disinfection_overdue", "reason": "未消毒",
        }  # fmt: skip
        world.must(officer(world, "card.issued", body, merchant=merchant))
    sights = {
        ("auditor", "*"): {M1, M2, M3}, ("supervisor", "*"): {M1, M2, M3}, ("supervisor", "east"): {M1, M2},
        ("supervisor", "west/2"): {M3}, ("office", MARKET): {M1, M2, M3}, ("merchant", M2): {M2},
    }  # fmt: skip
    for reader, sight in sights.items():
        web.reader = reader
        async with web.client() as client:

            async def ask(path: str, client: httpx.AsyncClient = client) -> Any:
                return (await client.get(path)).raise_for_status().json()

            assert {one["merchant"] for one in (await ask("/api/orders"))["orders"]} == sight
            assert {one["merchant"] for one in (await ask("/api/cards"))["cards"]} == sight
            assert len(await ask("/api/recalls")) == len(sight)
            for merchant in (M1, M2, M3):
                found = (await ask(f"/api/orders?merchant={merchant}"))["orders"]
                assert len(found) == (merchant in sight)
            if reader[0] == "supervisor":
                assert {one["merchant"] for one in (await ask("/api/measures/cards"))["cards"]} == sight
                assert {one["merchant"] for one in (await ask("/api/measures/seals"))["seals"]} == sight
            if reader[0] != "merchant":
                listed = (await ask("/api/measures/recalls"))["recalls"]
                assert {holder["merchant"] for one in listed for holder in one["holders"]} == sight


async def test_recalls_come_a_page_at_a_time(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    world = web.world
    monkeypatch.setattr("ledger_web.measures.RECALLS", 2)
    for number in range(5):
        world.receive(f"B{number}", "5")
        recall = {"batch": f"B{number}", "reason": "问题", "answer_by": world.time(HOUR)}
        world.must(officer(world, "recall.ordered", recall))
    seen, before = [], ""
    async with web.client() as client:
        while True:
            page = (await client.get(f"/api/measures/recalls{before}")).json()
            seen += [one["batch"] for one in page["recalls"]]
            if page["next"] is None:
                break
            before = f"?before={page['next']}"
    assert seen == ["B4", "B3", "B2", "B1", "B0"]


async def test_a_merchant_is_asked_for_recalled_goods_that_are_gone_or_on_the_way(web: Web) -> None:
    world = web.world
    world.receive("B1", "12")
    sent = world.hand_over("B1", "4")
    world.must(world.accept(sent.id, "B1", "4"))
    world.must(world.sell("B1", "4", merchant=M2))
    world.hand_over("B1", "1", to=M3)
    recall = {"batch": "B1", "reason": "问题", "answer_by": world.time(HOUR)}
    said = world.must(officer(world, "recall.ordered", recall))
    expected = {M1: ("7", "0"), M2: ("0", "4"), M3: ("0", "0")}
    for merchant, (held, sold) in expected.items():
        web.reader = ("merchant", merchant)
        async with web.client() as client:
            (one,) = (await client.get("/api/mine")).json()["recalls"]
            assert (one["id"], one["held"]["value"], one["sold"]["value"]) == (said.id, held, sold)
            answer = {"recall": said.id, "found": one["held"], "sold": one["sold"]}
            world.must(world.say(merchant, "recall.answered", answer))
            assert (await client.get("/api/mine")).json()["recalls"] == []
