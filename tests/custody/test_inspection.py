"""Checks and coverage: each finding appears when it should and not otherwise, none can be left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger.custody.authoring import seen_of
from ledger.custody.batch import Receipt
from ledger.custody.context import rulesets_in_force
from ledger.custody.coverage import coverage, parse_week, week_text
from ledger.custody.findings import Check, compute
from ledger.custody.ledger import Answer
from ledger.errors import (
    BodyInvalid,
    CustodyRefused,
    FindingsDiffer,
    NotAuthorised,
    SeenMismatch,
    UnknownReference,
    UsageError,
)
from ledger.log import PrivateKey
from ledger_schemas import Observed
from tests.custody.test_admission import CLEANED
from tests.custody.world import DAY, HOUR, M1, M2, M3, World, kg, ruleset

OK: dict[str, Any] = {"checklist": [{"code": "shelf", "passed": True}]}


def findings(world: World, merchant: str = M1, **observed: Any) -> list[tuple[str, str | None]]:
    """Codes and subjects of what a check now would find."""
    facts, as_of = world.ledger.facts(), world.size
    enrolment = facts.merchant(merchant, as_of)
    assert enrolment is not None
    day = (datetime.fromtimestamp(world.now / 1000, UTC) + timedelta(hours=8)).date()
    rulesets = rulesets_in_force(facts, "CN-HA", enrolment.goods_classes.split(","), day, as_of)
    seen = Observed.model_validate({**OK, **observed})
    found = compute(facts, Check(merchant, rulesets, seen, world.now, day, as_of))
    return [(finding.code, finding.subject) for finding in found]


def inspect(
    world: World,
    merchant: str = M1,
    *,
    keys: list[PrivateKey] | None = None,
    drop: int = 0,
    observed: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    **more: Any,
) -> Answer:
    """Record a check with the computed findings, less `drop` of them."""
    seen = {**OK, **(observed or {})}
    found = findings(world, merchant, **(observed or {}))[drop:]
    body = {
        "rulesets": ["r-dry"],
        "started_at": world.time(),
        "ended_at": world.time(),
        "place": "店内",
        "observed": seen,
        "findings": [{"code": code, "subject": subject, "source": "computed"} for code, subject in found],
        **(changes or {}),
    }
    return world.state(keys or [world.officer], "inspection.recorded", merchant, body, **more)


def tidy(world: World) -> None:
    """Everything in order at M1."""
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    world.must(world.say(M1, "commitment.signed", {"title": "承诺书", "version": "1"}))
    world.must(world.say(M1, "clearance.attested", attest(world)))


def attest(world: World, days: int = 6, **changes: Any) -> dict[str, Any]:
    today = date.fromisoformat(world.today())
    return {
        "ruleset": "r-dry",
        "period_start": today.isoformat(),
        "period_end": (today + timedelta(days=days)).isoformat(),
        "goods_class": "non_cold_chain",
        "items": [{"code": "source", "clear": True}],
        **changes,
    }


def test_a_shop_in_order_has_no_findings(world: World) -> None:
    tidy(world)
    world.receive("B1")
    assert findings(world, stock=[{"batch": "B1", "quantity": kg("10")}]) == []
    assert isinstance(inspect(world), Receipt)


def test_an_empty_shop_lacks_care_and_papers(world: World) -> None:
    assert findings(world) == [
        ("clearance_missing", "non_cold_chain"),
        ("commitment_unsigned", "承诺书 1"),
        ("disinfection_overdue", None),
    ]


def test_counts_against_holdings(world: World) -> None:
    tidy(world)
    world.receive("B1")
    world.receive("B2", merchant=M2)
    stock = [{"batch": "B1", "quantity": kg("9.5")}, {"batch": "B2", "quantity": kg("0")}]
    assert findings(world, stock=stock) == [("stock_differs", "B1")]
    stock[1] = {"batch": "B2", "quantity": kg("1")}
    assert ("stock_differs", "B2") in findings(world, stock=stock)


def test_goods_outside_the_ledger_and_failed_items(world: World) -> None:
    tidy(world)
    found = findings(
        world, unlisted=[{"name": "冻虾"}, {"name": "冻虾"}], checklist=[{"code": "shelf", "passed": False}]
    )
    assert found == [("unlisted_goods", "冻虾"), ("checklist_failed", "shelf")]


def test_documents_supplier_transport_unloading(world: World) -> None:
    tidy(world)
    world.receive("B1", documents=[], supplier={"name": "某人"}, transport=None, unloading=None)
    assert findings(world) == [
        ("document_missing", "B1:customs_declaration"),
        ("supplier_unknown", "B1"),
        ("transport_unstated", "B1"),
        ("unloading_unstated", "B1"),
        ("clearance_contradicted", "non_cold_chain:source"),
    ]
    world.must(world.sell("B1", "10"))
    assert findings(world) == []


def test_documents_expire(world: World) -> None:
    tidy(world)
    paper = {"type": "customs_declaration", "number": "460120261000000123", "valid_to": world.today()}
    world.receive("B1", documents=[paper])
    assert findings(world) == []
    world.later(DAY)
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    assert findings(world) == [("document_expired", "B1:customs_declaration")]


def test_what_came_through_a_handover_is_looked_at_too(world: World) -> None:
    world.receive("B1", documents=[], merchant=M2)
    world.must(world.accept(world.hand_over("B1", "4", sender=M2, to=M1).id, "B1", "4", merchant=M1))
    assert ("document_missing", "B1:customs_declaration") in findings(world)


def test_disinfection_falls_due(world: World) -> None:
    tidy(world)
    world.later(24 * HOUR)
    assert ("disinfection_overdue", None) not in findings(world)
    world.later(1000)
    assert ("disinfection_overdue", None) in findings(world)


def test_attestations_run_out(world: World) -> None:
    tidy(world)
    world.later(7 * DAY)
    assert ("clearance_expired", "non_cold_chain") in findings(world)


def test_an_attestation_answers_every_item_of_its_rule_set(world: World) -> None:
    answer = world.say(M1, "clearance.attested", attest(world, items=[{"code": "other", "clear": True}]))
    assert isinstance(answer, CustodyRefused)
    assert "source" in answer.message
    assert isinstance(world.say(M1, "clearance.attested", attest(world, ruleset="none")), UnknownReference)
    assert isinstance(world.say(M1, "clearance.attested", attest(world, ruleset="r-cold")), CustodyRefused)


def test_late_entries_since_the_last_check(world: World) -> None:
    tidy(world)
    world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(-25 * HOUR)))
    assert ("late_entry", None) in findings(world)
    world.must(inspect(world))
    assert ("late_entry", None) not in findings(world)


def test_open_handovers_of_the_receiver(world: World) -> None:
    tidy(world)
    world.receive("B1", merchant=M2)
    sent = world.hand_over("B1", "4", sender=M2, to=M1)
    world.later(24 * HOUR + 1000)
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    assert findings(world) == [("handover_open", sent.id)]
    world.must(world.accept(sent.id, "B1", "4", merchant=M1))
    assert findings(world) == []


def cold(world: World) -> None:
    zones = [
        {"code": "F1", "name": "冷柜", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True}
    ]
    world.enroll(M1, "east/1/01", goods_classes=["cold_chain"], zones=zones)
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    world.must(world.say(M1, "commitment.signed", {"title": "承诺书", "version": "1"}))
    world.must(world.say(M1, "clearance.attested", attest(world, ruleset="r-cold", goods_class="cold_chain")))


def read(
    world: World, start: int, end: int, maximum: str = "-18.5", missing: int = 0, zone: str = "F1"
) -> Answer:
    body = {
        "zone": zone,
        "probe": "P1",
        "started_at": world.time(start),
        "ended_at": world.time(end),
        "count": 10,
        "minimum": "-21",
        "maximum": maximum,
        "mean": "-19",
        "minutes_missing": missing,
    }
    return world.state([world.probe], "temperature.logged", M1, body)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([], [("temperature_gap", "F1")]),
        ([(-2 * HOUR, -HOUR), (-HOUR, 0)], []),
        ([(-2 * HOUR, -HOUR)], []),
        ([(-3 * HOUR, -HOUR - 60_000)], [("temperature_gap", "F1")]),
        ([(-4 * HOUR, -3 * HOUR), (-HOUR, 0)], [("temperature_gap", "F1")]),
        ([(-HOUR, 0, "-17.9")], [("temperature_out_of_limits", "F1")]),
        ([(-HOUR, 0, "-18")], []),
        ([(-HOUR, 0, "-18.5", 61)], [("temperature_gap", "F1")]),
    ],
)
def test_temperatures(world: World, readings: list[tuple[Any, ...]], expected: list[tuple[str, str]]) -> None:
    cold(world)
    for reading in readings:
        world.must(read(world, *reading))
    assert findings(world) == expected


def test_temperatures_seen_on_the_spot(world: World) -> None:
    cold(world)
    world.must(read(world, -HOUR, 0))
    assert findings(world, temperatures=[{"zone": "F1", "value": "-12"}]) == [
        ("temperature_out_of_limits", "F1")
    ]
    assert isinstance(read(world, -HOUR, 0, zone="Z"), UnknownReference)
    assert isinstance(read(world, -HOUR, HOUR), CustodyRefused)


def test_no_dedicated_zone(world: World) -> None:
    tidy(world)
    world.enroll(M1, "east/1/01", zones=[])
    assert findings(world) == [("no_dedicated_zone", "non_cold_chain")]


def test_a_dropped_or_made_up_finding_is_refused(world: World) -> None:
    answer = inspect(world, drop=1)
    assert isinstance(answer, FindingsDiffer)
    assert "clearance_missing (non_cold_chain)" in answer.message
    tidy(world)
    made_up = [{"code": "disinfection_overdue", "subject": None, "source": "computed"}]
    assert isinstance(inspect(world, changes={"findings": made_up}), FindingsDiffer)
    added = [{"code": "other", "subject": "地面", "detail": "湿滑", "source": "added"}]
    assert isinstance(inspect(world, changes={"findings": added}), Receipt)


def test_findings_are_those_of_the_checkpoint_seen(world: World) -> None:
    pin = world.ledger.store.head()
    before = findings(world)
    tidy(world)
    found = [{"code": code, "subject": subject, "source": "computed"} for code, subject in before]

    assert isinstance(inspect(world, changes={"findings": found}, seen=seen_of(pin)), Receipt)
    assert isinstance(inspect(world, changes={"findings": found}), FindingsDiffer)


def test_a_check_has_its_conditions(world: World) -> None:
    assert isinstance(inspect(world, seen=None), SeenMismatch)
    assert isinstance(inspect(world, changes={"rulesets": ["r-cold"]}), CustodyRefused)
    assert isinstance(inspect(world, observed={"checklist": []}), BodyInvalid)
    assert isinstance(
        inspect(world, observed={"stock": [{"batch": "none", "quantity": kg("1")}]}), UnknownReference
    )
    world.receive("B1")
    boxes = [{"batch": "B1", "quantity": {"value": "1", "unit": "box"}}]
    assert isinstance(inspect(world, observed={"stock": boxes}), CustodyRefused)
    assert isinstance(inspect(world, changes={"ended_at": world.time(HOUR)}), CustodyRefused)


def test_coverage_counts_days_and_names_who_was_missed(world: World) -> None:
    world.enroll(M3, "west/2", goods_classes=[])
    world.must(inspect(world))
    world.must(inspect(world))
    report = _coverage(world)
    one, two = report.merchants
    assert (one.merchant, len(one.checks), one.counted, one.missing) == (M1, 2, 1, 1)
    assert (two.merchant, two.counted, two.missing) == (M2, 0, 2)
    world.later(DAY)
    last = world.must(inspect(world, keys=[world.officer, world.second]))
    report = _coverage(world)
    assert [covered.merchant for covered in report.missed] == [M2]
    assert report.due == 2
    assert set(report.merchants[0].officers) == {world.officer.public.keyid, world.second.public.keyid}
    assert _coverage(world, as_of=last.index).merchants[0].counted == 1
    body = {"statement": last.id, "reason": "did_not_happen", "explanation": "误录"}
    assert isinstance(
        world.state([world.officer], "statement.corrected", M1, body), NotAuthorised
    )  # one of two
    world.must(world.state([world.officer, world.second], "statement.corrected", M1, body))
    assert _coverage(world).merchants[0].counted == 1


def test_who_is_enrolled_after_the_week_is_not_due(world: World) -> None:
    assert _coverage(world, week="2026-W16").due == 0
    assert _coverage(world).due == 3


def _coverage(world: World, week: str = "2026-W17", as_of: int | None = None) -> Any:
    ledger = world.ledger
    limit = world.size if as_of is None else as_of
    return coverage(ledger.store.facts, ledger.facts(), ledger.setting, week=parse_week(week), as_of=limit)


@pytest.mark.parametrize("text", ["2026-17", "2026-W54", "W17", "2026-W00", "x-Wy", "", "9999-W52"])
def test_no_week(text: str) -> None:
    with pytest.raises(UsageError, match="2026-W17"):
        parse_week(text)


def test_weeks_are_iso() -> None:
    assert week_text(parse_week("2026-W07")) == "2026-W07"


def test_the_most_specific_rule_set_in_force(world: World) -> None:
    for body in (
        ruleset("r-city", jurisdiction="CN-HA-ZZ"),
        ruleset("r-old", valid_from="2019-01-01", valid_to="2019-12-31"),
        ruleset("r-again", valid_from="2020-01-01", valid_to="2026-04-30", replaces="r-dry"),
        ruleset("r-new", valid_from="2026-05-01", replaces="r-again"),
    ):
        world.must(world.state([world.operator], "ruleset.published", None, body))
    facts, now = world.ledger.facts(), world.size

    def code(jurisdiction: str, day: str) -> list[str]:
        rules = rulesets_in_force(facts, jurisdiction, ["non_cold_chain"], date.fromisoformat(day), now)
        return [rule.body.code for rule in rules]

    assert code("CN-HA", "2026-04-20") == ["r-again"]
    assert code("CN-HA", "2026-05-01") == ["r-new"]
    assert code("CN-HA-ZZ", "2026-05-01") == ["r-city"]
    assert code("CN-HAX", "2026-05-01") == []
    assert code("CN-HA", "2019-06-01") == ["r-old"]
    assert code("CN-HA", "2018-06-01") == []


def test_two_goods_classes_two_rule_sets(world: World) -> None:
    zones = [
        {
            "code": "D1",
            "name": "专区",
            "goods_class": "non_cold_chain",
            "storage": "ambient",
            "dedicated": True,
        },
        {"code": "F1", "name": "冷柜", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True},
    ]
    world.enroll(M1, "east/1/01", goods_classes=["non_cold_chain", "cold_chain"], zones=zones)
    assert isinstance(inspect(world), CustodyRefused)
    assert isinstance(inspect(world, changes={"rulesets": ["r-cold", "r-dry"]}), Receipt)
