"""`/api/…`: the numbers of the command line, and who gets which of them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from ledger.store.sqlite import SqliteStore
from ledger_cli.street.cast import credit_code
from tests.cli.runner import Custody
from tests.custody.world import M1, M2, M3
from tests.web.conftest import Web

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def dealt(web: Web) -> Web:
    """M1 receives B1 and B2, hands some of B1 to M2, who accepts; M1 sells; M3 has B3 of its own."""
    world = web.world
    world.receive("B1", "10")
    world.receive("B2", "5")
    world.receive("B3", "7", merchant=M3)
    handover = world.hand_over("B1", "4")
    world.must(world.accept(handover.id, "B1", "4"))
    world.must(world.sell("B1", "1"))
    world.must(world.sell("B1", "2", merchant=M2))
    return web


QUESTIONS = [
    (f"/api/merchants/{M1}/holdings", ("holdings", M1)),
    ("/api/batches/B1", ("trace", "B1")),
    ("/api/coverage?week=2026-W17", ("coverage", "--week", "2026-W17")),
    (
        "/api/coverage?week=2026-W17&by=grid&missed=true",
        ("coverage", "--week", "2026-W17", "--by", "grid", "--missed"),
    ),
    ("/api/duties?unassigned=true", ("duty", "list", "--unassigned")),
    ("/api/duties?grid=east", ("duty", "list", "--grid", "east")),
    ("/api/plan?week=2026-W17", ("plan", "show", "--week", "2026-W17")),
    ("/api/orders?open=true", ("rectification", "list", "--open")),
    ("/api/cards", ("card", "list")),
    ("/api/recalls", ("recall", "list")),
    ("/api/notices", ("notice", "list")),
]


async def test_the_numbers_are_those_of_the_command_line(dealt: Web) -> None:
    size = dealt.world.size
    custody = Custody(dealt.home.directory)
    async with dealt.client() as client:
        for as_of in (size, size - 3):
            for path, words in QUESTIONS:
                answer = await client.get(path, params={"as_of": str(as_of)} | query(path))
                assert answer.status_code == 200, (path, answer.text)
                assert answer.json() == custody.ok(*words, "--as-of", as_of, "--json").json, path
        for path, words in (
            ("/api/merchants", ("merchant", "list")),
            (f"/api/merchants/{M1}", ("merchant", "show", M1)),
        ):
            assert (await client.get(path)).json() == custody.ok(*words, "--json").json


@pytest.mark.parametrize("reader", [("auditor", "*"), ("supervisor", "east"), ("office", "市监局")])
async def test_many_merchants_take_no_more_queries_than_few(
    dealt: Web, monkeypatch: pytest.MonkeyPatch, reader: tuple[str, str]
) -> None:
    """Of the database a list is asked for as a whole, not a merchant at a time."""
    asked: list[str] = []
    rows = SqliteStore._rows

    def counted(store: SqliteStore, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        asked.append(sql)
        return rows(store, sql, values)

    monkeypatch.setattr(SqliteStore, "_rows", counted)
    dealt.reader = reader

    async def counts() -> dict[str, int]:
        found = {}
        async with dealt.client() as client:
            for path in (
                "/api/merchants",
                "/api/duties",
                "/api/coverage?week=2026-W17",
                "/api/entries?limit=200",
            ):
                asked.clear()
                assert (await client.get(path)).status_code == 200
                found[path] = len(asked)
        return found

    few = await counts()
    rng = Random("many")
    for number in range(20):
        dealt.world.enroll(credit_code(rng), f"east/1/{number:02}")
    assert await counts() == few


def query(path: str) -> dict[str, str]:
    return dict(one.split("=") for one in path.partition("?")[2].split("&") if one)


async def test_a_merchant_sees_itself_and_its_side_of_its_goods(dealt: Web) -> None:
    dealt.reader = ("merchant", M2)
    async with dealt.client() as client:
        listed = (await client.get("/api/merchants")).json()
        own = await client.get(f"/api/merchants/{M2}/holdings")
        batch = (await client.get("/api/batches/B1")).json()
        others = [
            await client.get(path)
            for path in (
                f"/api/merchants/{M1}", f"/api/merchants/{M1}/holdings", "/api/batches/B2", "/api/batches/B3",
                "/api/merchants/NOBODY", "/api/batches/NOTHING", f"/api/entries?merchant={M1}",
            )
        ]  # fmt: skip
        closed = [await client.get(f"/api/{name}") for name in ("coverage", "duties", "plan", "notices")]
        entries = (await client.get("/api/entries")).json()["entries"]
    assert [one["merchant"] for one in listed] == [M2]
    assert own.json()["holdings"][0]["quantity"] == {"value": "2", "unit": "kg"}
    assert batch["partial"] and batch["totals"] is None
    assert set(batch["holders"]) == {M2}
    assert {(step["action"], step["merchant"]) for step in batch["steps"]} >= {("accepted", M2), ("sold", M2)}
    assert not [
        step for step in batch["steps"] if step["merchant"] == M1 and step["action"] in ("sold", "received")
    ]
    assert [step["held"] for step in batch["steps"] if step["merchant"] == M1] == [None]
    assert [one.status_code for one in others] == [404] * 7
    # a name that is there and may not be seen, and one that is not there: the same words
    assert others[0].json() == others[4].json() and others[2].json() == others[5].json()
    assert [one.status_code for one in closed] == [403] * 4
    said = [one["index"] for one in entries]
    assert said and all(
        dealt.world.ledger.entry(index).statement.merchant in (M2, None)
        or dealt.world.ledger.entry(index).statement.body.get("to") == M2
        for index in said
    )


async def test_a_supervisor_sees_its_grid(dealt: Web) -> None:
    dealt.reader = ("supervisor", "east/1")
    async with dealt.client() as client:
        listed = (await client.get("/api/merchants")).json()
        week = (await client.get("/api/coverage", params={"week": "2026-W17"})).json()
        beyond = await client.get(f"/api/merchants/{M3}/holdings")
    assert [one["merchant"] for one in listed] == [M1, M2]
    assert {one["merchant"] for one in week["merchants"]} == {M1, M2} and week["due"] == 2
    assert beyond.status_code == 404


async def test_nobody_sees_what_is_public(dealt: Web) -> None:
    dealt.reader = ("public", "")
    async with dealt.client() as client:
        about = (await client.get("/api/ledger")).json()
        asked = [await client.get(path) for path, _ in QUESTIONS]
    assert about["size"] == dealt.world.size and about["title"] == "测试台账"
    assert [one.status_code for one in asked] == [401] * len(QUESTIONS)


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/duties?as_of=9999", 400, "as_of"),
        ("/api/duties?as_of=-1", 422, "query.as_of"),
        ("/api/duties?as_of=x", 422, "query.as_of"),
        ("/api/coverage?week=2026-W99", 400, None),
        ("/api/coverage?by=moon", 400, "by"),
        ("/api/plan?day=8", 422, "query.day"),
        ("/api/entries?kind=no.such", 400, "kind"),
        ("/api/entries?limit=100000", 422, "query.limit"),
        (f"/api/merchants/{M1}/holdings?as_of=0", 404, "merchant"),
        ("/api/recalls/none", 404, "recall"),
        ("/problems/Nothing", 404, "code"),
    ],
)
async def test_bad_questions(dealt: Web, path: str, status: int, field: str | None) -> None:
    async with dealt.client() as client:
        answer = await client.get(path)
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["status"]) == (status, status), found
    assert field is None or found["field"] == field
    assert found["detail"]


async def test_which_entry_gave_out_a_key_is_for_whoever_sees_the_grant(dealt: Web) -> None:
    """A key of another merchant is answered like one that there is not; officers' keys are for all they check."""
    world = dealt.world
    size = world.size
    own, other, officer = (one.public.keyid for one in (world.k1, world.k2, world.officer))
    granted = world.ledger.facts().grant(own, size)
    assert granted is not None
    dealt.reader = ("merchant", M1)
    async with dealt.client() as client:
        mine = await client.get(f"/api/keys/{own}")
        hidden, none = [await client.get(f"/api/keys/{one}") for one in (other, "0" * 64)]
        assert (await client.get(f"/api/keys/{officer}")).status_code == 200
    assert mine.json() == {"keyid": own, "granted": granted.index, "revoked": None, "as_of": size}
    assert (hidden.status_code, hidden.json()["detail"]) == (none.status_code, none.json()["detail"])
    assert hidden.status_code == 404


async def test_entries_come_in_pages(dealt: Web) -> None:
    seen: list[int] = []
    start: int | None = 0
    async with dealt.client() as client:
        while start is not None:
            page = (await client.get("/api/entries", params={"from": start, "limit": 7})).json()
            seen += [one["index"] for one in page["entries"]]
            start = page["next"]
        described = (await client.get("/openapi.json")).json()
        page_of_docs = (await client.get("/docs")).text
        figures = (await client.get("/metrics")).text
        health = (await client.get("/healthz")).json()
    assert seen == list(range(dealt.world.size))
    assert {"/statements", "/tile/{path}", "/api/entries", "/proof/{index}", "/session"} <= set(
        described["paths"]
    )
    assert "/api/batches/{batch}" in page_of_docs and "://" not in page_of_docs.replace(
        "http://www.w3.org", ""
    )
    assert 'route="/api/entries"' in figures and M1 not in figures
    assert health["size"] == dealt.world.size


async def test_pages_say_nothing_of_entries_between(dealt: Web) -> None:
    """Where another merchant's next entry of a kind is, or whether there is one."""
    world, dealt.reader = dealt.world, ("merchant", M1)
    async with dealt.client() as client:
        asked = {"kind": "disinfection.logged", "limit": "1"}
        mine = await client.post("/statements", content=dealt.envelope(), headers=JSON)
        world.receive("B4", "1")
        before = (await client.get("/api/entries", params=asked)).json()
        world.receive("B5", "1")
        await client.post("/statements", content=dealt.envelope(merchant=M2), headers=JSON)
        after = (await client.get("/api/entries", params=asked)).json()
    index = mine.json()["accepted"]["index"]
    assert [one["entries"][0]["index"] for one in (before, after)] == [index, index]
    assert before["next"] == after["next"] == index + 1
