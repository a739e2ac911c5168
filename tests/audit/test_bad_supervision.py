"""Rule sets and checks that the ledger refuses, forced into the database: each is found at its entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.audit.verify import verify
from tests.audit.forgeries import AGAIN, WEST, Forged, Street, forged, street
from tests.audit.memory import VKEY, Json, Said, chain, found, key
from tests.audit.sample import M1, World, ruleset, set_up

SECOND = key("second", "p256")


def published(code: str = "r-new", **changes: Any) -> Callable[[Street], Json]:
    """What may follow the rule set of dry goods, with changes."""
    rules = {"valid_from": "2026-06-01", "replaces": "r-dry", **changes}
    return lambda _: ruleset(code, "non_cold_chain") | rules


def observed(change: Callable[[Json], object], *keys: Any) -> Forged:
    """A check of M1 that would be right, changed."""

    def body(s: Street) -> Json:
        made = s.world.inspect(M1, [s.world.officer], [])
        change(made)
        return made

    return forged("inspection.recorded", M1, body, *keys)


def waive(reason: str) -> Callable[[Json], object]:
    def change(body: Json) -> None:
        findings: Any = body["findings"]
        first = findings[0]
        body["waivers"] = [{"code": first["code"], "subject": first["subject"], "reason": reason}]

    return change


def drop(body: Json) -> None:
    findings: Any = body["findings"]
    findings.pop()


STEPS = [
    {"step": 1, "card": "red", "window_days": 30, "closes": True},
    {"step": 2, "card": "yellow", "window_days": 30, "closes": False},
]
BROKEN: dict[str, tuple[str, Forged]] = {
    "rules that overlap": (
        "custody",
        forged("ruleset.published", None, published(replaces=None), key("operator")),
    ),
    "rules that replace nothing": (
        "custody",
        forged("ruleset.published", None, published(replaces="none"), key("operator")),
    ),
    "rules that begin before what they replace": (
        "custody",
        forged("ruleset.published", None, published(valid_from="2010-01-01"), key("operator")),
    ),
    "rules that end before they begin": (
        "schema",
        forged("ruleset.published", None, published(valid_to="2026-05-31"), key("operator")),
    ),
    "rules that soften": (
        "custody",
        forged("ruleset.published", None, published(card_steps=STEPS), key("operator")),
    ),
    "rules that nobody can keep": (
        "custody",
        forged("ruleset.published", None, published(checks_per_week=5, min_days_between=2), key("operator")),
    ),
    "a finding dropped": ("inspection", observed(drop)),
    "a waiver without a reason": ("schema", observed(waive(" "))),
    "a waiver of what was not found": (
        "schema",
        observed(lambda body: body.update(waivers=[{"code": "other", "subject": "Z", "reason": "无"}])),
    ),
    "a check that ended before it began": (
        "schema",
        observed(lambda body: body.update(ended_at="2026-01-01T00:00:00+08:00")),
    ),
    "a check of two days": (
        "inspection",
        observed(lambda body: body.update(started_at="2026-01-01T00:00:00+08:00")),
    ),
    "a check at a zone that there is not": (
        "inspection",
        observed(lambda body: body["observed"].update(temperatures=[{"zone": "X9", "value": "4"}])),
    ),
    "a check out of scope": ("authority", observed(lambda _: None, WEST)),
}


def faults_of(make: Forged) -> tuple[dict[str, list[int | None]], int]:
    s = street()
    made = s.world.chainer.made
    said = [*made.said, Said(make(s), s.world.now + 1000)]
    report = verify(chain(said, [*made.commits, len(said)], blobs=made.blobs).source(), vkey=VKEY)
    return found(report), len(said) - 1


def test_what_is_not_changed_is_right() -> None:
    assert faults_of(forged("ruleset.published", None, published(), key("operator")))[0] == {}
    assert faults_of(observed(lambda _: None))[0] == {}
    assert faults_of(observed(waive("探头检修")))[0] == {}


@pytest.mark.parametrize("name", BROKEN)
def test_found_where_it_stands(name: str) -> None:
    rule, make = BROKEN[name]
    places, index = faults_of(make)
    assert places == {rule: [index]}, name


def test_one_officer_where_two_are_asked() -> None:
    """Also one with two keys; two are right."""
    for keys, wrong in (((), True), ((AGAIN,), True), ((SECOND,), False)):
        world = World()
        set_up(world)
        world.grant(AGAIN, "supervisor", "*", "officer-1")
        rules = ruleset("r-new", "non_cold_chain") | {
            "replaces": "r-dry",
            "valid_from": "2026-01-02",
            "two_officers": ["inspection.recorded"],
        }
        world.state("ruleset.published", None, rules, [world.operator])
        world.commit()
        body = world.inspect(M1, [world.officer], [])
        assert "r-new" in body["rulesets"]
        envelope = world.sign("inspection.recorded", M1, body, [world.officer, *keys])
        made = world.chainer.made
        said = [*made.said, Said(envelope, world.now + 1000)]
        report = verify(chain(said, [*made.commits, len(said)], blobs=made.blobs).source(), vkey=VKEY)
        assert found(report) == ({"inspection": [len(said) - 1]} if wrong else {}), keys
