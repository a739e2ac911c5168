"""The four rules that a phone applies by itself to what was observed, held against the ledger's own computation."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.custody.foresight import foresee
from ledger.custody.preparing import findings, look, outlook
from ledger.exchange.answers.checking import check_json, found_json
from ledger.log import Seen
from ledger.log.times import parse_instant
from ledger_schemas import Observed
from tests.custody.world import DAY, HOUR, M1, World, kg, ruleset
from tests.web.js.modules import Modules

CASES = 300
EVERY_CODE = {"stock_differs", "unlisted_goods", "temperature_out_of_limits", "checklist_failed"}

FINDINGS = """
    const { findingsOf } = await import('/static/js/app/observed.js');
    return x.cases.map(({ observed, began }) => findingsOf(x.facts, observed, began));
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "ledger")
    limits = {"frozen_max": "-18", "chilled_min": "0", "chilled_max": "8"}
    for code, goods, before in (
        ("r-2", "non_cold_chain", "r-dry"), ("r-3", "cold_chain", "r-cold")
    ):  # fmt: skip
        checklist = [{"code": "shelf", "title": "货架"}, {"code": f"own-{goods[0]}", "title": "台账"}]
        stricter = limits | ({"frozen_max": "-20"} if goods == "cold_chain" else {})
        body = ruleset(
            code, goods, replaces=before, valid_from="2020-01-02", limits=stricter, checklist=checklist
        )
        made.must(made.state([made.operator], "ruleset.published", None, body))
    zones = [
        {"code": code, "name": code, "goods_class": goods, "storage": storage, "dedicated": True}
        for code, goods, storage in (
            ("D1", "non_cold_chain", "ambient"), ("F1", None, "frozen"), ("C1", "cold_chain", "chilled")
        )
    ]  # fmt: skip
    made.enroll(M1, "east/1/01", goods_classes=["non_cold_chain", "cold_chain"], zones=zones)
    for batch, value in (("B1", "12.5"), ("B2", "3"), ("B3", "0.000001")):
        made.receive(batch, value)
    made.must(made.sell("B2", "3"))
    return made


def warm(world: World) -> None:
    """A logged reading beyond the limits."""
    reading = {
        "zone": "C1", "probe": "P1", "started_at": world.time(-2 * HOUR), "ended_at": world.time(-1), "count": 9,
        "minimum": "-1", "maximum": "9", "mean": "4", "minutes_missing": 0,
    }  # fmt: skip
    world.must(world.say(M1, "temperature.logged", reading))


def observation(rng: Random) -> dict[str, Any]:
    amounts = ["12.5", "0", "3", "0.000001", "12.499999", "100"]
    degrees = ["-18", "-18.01", "-20", "-19.99", "0", "-0.01", "8", "8.1", "25", "-45.5"]

    def goods() -> dict[str, str]:
        note = rng.choice([None, "无标签", "无中文标签"])
        return {"name": rng.choice(["樱桃", "牛肉"])} | ({"note": note} if note else {})

    return {
        "stock": [
            {"batch": one, "quantity": kg(rng.choice(amounts))} for one in ("B1", "B2", "B3") if rng.random() < 0.6
        ],
        "unlisted": [goods() for _ in range(rng.randrange(4))],
        "temperatures": [
            {"zone": rng.choice(["D1", "F1", "C1"]), "value": rng.choice(degrees)} for _ in range(rng.randrange(4))
        ],
        "checklist": [
            {"code": code, "passed": rng.random() < 0.6} | ({"note": "脏"} if rng.random() < 0.5 else {})
            for code in ("shelf", "own-n", "own-c")
        ],
    }  # fmt: skip


@pytest.mark.parametrize("beyond", [False, True])
def test_a_phone_finds_what_the_ledger_finds(js: Modules, world: World, beyond: bool) -> None:
    if beyond:
        warm(world)
    rng = Random(7)
    facts, as_of, setting = world.ledger.facts(), world.size, world.ledger.setting
    picture = look(facts, setting, M1, started_at=world.time(), as_of=as_of)
    steps = foresee(facts, setting, picture, world.now + 30 * HOUR)
    seen = Seen(world.ledger.root_at(as_of).hex(), as_of)
    told = check_json(world.ledger, facts, picture, outlook(facts, picture), steps, seen)
    cases: list[dict[str, Any]] = [
        {"observed": observation(rng), "began": world.now + 1000 * rng.randrange(30 * HOUR // 1000)}
        for _ in range(CASES)
    ]
    told = js_given(told)
    answers = js.run(FINDINGS, {"facts": told, "cases": cases})
    met = set()
    for case, answer in zip(cases, answers, strict=True):
        began = world.time(case["began"] - world.now)
        then = look(facts, setting, M1, started_at=began, as_of=as_of)
        assert parse_instant(began) == case["began"]
        wanted = found_json(findings(facts, then, Observed.model_validate(case["observed"])))
        assert named(answer["findings"]) == named(wanted), case
        if not beyond:  # of a zone that is out of limits by both, the phone tells what was logged
            assert details(answer["findings"]) == details(wanted), case
        assert answer["rulesets"] == [one.body.code for one in then.rulesets]
        met |= {one["code"] for one in wanted}
    assert met >= EVERY_CODE


def test_nothing_is_said_of_times_that_were_not_foreseen(js: Modules, world: World) -> None:
    facts, as_of, setting = world.ledger.facts(), world.size, world.ledger.setting
    picture = look(facts, setting, M1, started_at=world.time(), as_of=as_of)
    steps = foresee(facts, setting, picture, world.now + 30 * HOUR)
    told = check_json(world.ledger, facts, picture, outlook(facts, picture), steps, Seen("0" * 64, as_of))
    moments = [world.now - HOUR, world.now + 2 * DAY]
    cases = [{"observed": {}, "began": one} for one in moments]
    assert js.run(FINDINGS, {"facts": js_given(told), "cases": cases}) == [None, None]


def js_given(told: Any) -> Any:
    """As it comes over HTTP."""
    import orjson

    return orjson.loads(orjson.dumps(told))


def named(found: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return sorted(((one["code"], one.get("subject")) for one in found), key=repr)


def details(found: list[dict[str, Any]]) -> dict[tuple[str, str | None], Any]:
    """In words, but for lists of what was counted since: they change with time and are the server's."""
    return {
        (one["code"], one.get("subject")): one.get("detail") for one in found if one["code"] in EVERY_CODE
    }
