"""What a merchant, a supervisor or an operator might try within their rights, and what a check must not overlook."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.authoring import seen_of
from ledger.custody.batch import Receipt
from ledger.custody.trace import trace_batch
from ledger.errors import CustodyRefused, NotAuthorised, SeenMismatch, UnknownReference
from ledger.log import PrivateKey
from tests.custody.test_admission import CLEANED
from tests.custody.test_inspection import _coverage, attest, findings, inspect, tidy
from tests.custody.world import DAY, HOUR, M1, M2, World, key, kg, receipt, ruleset

COLD = {
    "goods_classes": ["cold_chain"],
    "zones": [{"code": "F1", "name": "冷库", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True}],
}  # fmt: skip


def temperature(world: World, highest: str = "-18.5", zone: str = "F1") -> dict[str, Any]:
    return {
        "zone": zone, "probe": "p1", "started_at": world.time(-HOUR), "ended_at": world.time(), "count": 60,
        "minimum": "-20", "maximum": highest, "mean": "-19", "minutes_missing": 0,
    }  # fmt: skip


def cold(world: World, **limits: Any) -> None:
    """M1 deals in cold-chain goods, under a rule set of its own."""
    body = ruleset("r-ice", "cold_chain", documents=[], replaces="r-cold", **limits)
    world.must(world.state([world.operator], "ruleset.published", None, body))
    world.enroll(M1, "east/1/01", **COLD)


# ------------------------------------------------------------------ goods


def test_a_balance_never_outgrows_its_numbers(world: World) -> None:
    """And one statement that would does not take its neighbours with it."""
    world.receive("B1", "999999999999")
    world.receive("B2")
    grown = {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg("999999999999")}]}
    sale = {"buyer": {"type": "consumers"}, "lines": [{"batch": "B2", "quantity": kg("1")}]}
    answers = world.ledger.append(
        [
            world.envelope([world.k1], "goods.adjusted", M1, grown),
            world.envelope([world.k1], "goods.sold", M1, sale),
        ]
    )
    assert isinstance(answers[0], CustodyRefused) and isinstance(answers[1], Receipt)


def test_a_receipt_stays_while_anything_it_brought_in_has_moved(world: World) -> None:
    """Making up the number by a stock-take does not bring the goods back."""
    first = world.receive("B1")
    sold = world.must(world.sell("B1", "4"))
    adjusted = world.must(
        world.say(M1, "goods.adjusted", {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg("4")}]})
    )
    assert world.held("B1") == 10_000_000
    assert isinstance(world.correct(first.id), CustodyRefused)
    world.must(world.correct(adjusted.id))
    world.must(world.correct(sold.id))
    assert isinstance(world.correct(first.id), Receipt)


def test_what_came_in_and_its_correction_may_stand_in_one_commit(world: World) -> None:
    said = world.envelope([world.k1], "goods.received", M1, receipt("B1"))
    (first,) = world.ledger.append([said])
    assert isinstance(first, Receipt)
    sale = world.envelope(
        [world.k1],
        "goods.sold",
        M1,
        {"buyer": {"type": "consumers"}, "lines": [{"batch": "B1", "quantity": kg("4")}]},
    )
    identity = sale.payload.split(b'"id":"')[1].split(b'"')[0].decode()
    taken_back = {"statement": identity, "reason": "did_not_happen", "explanation": "误录"}
    answers = world.ledger.append([sale, world.envelope([world.k1], "statement.corrected", M1, taken_back)])
    assert all(isinstance(answer, Receipt) for answer in answers)
    assert world.held("B1") == 10_000_000
    trace = trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=world.size)
    assert trace.totals.get("sold", 0) == 0


# ------------------------------------------------------------------ who takes back what


def test_an_officers_name_on_another_key_unsays_nothing(world: World) -> None:
    """Only once the officer's first key has been revoked, which everybody sees."""
    check = world.must(inspect(world))
    body = {"statement": check.id, "reason": "did_not_happen", "explanation": "误录"}
    other = key("other")
    world.grant(other, "supervisor", "*", "officer-1")
    assert isinstance(world.state([other], "statement.corrected", M1, body), NotAuthorised)
    lost = {"keyid": world.officer.public.keyid, "reason": "lost"}
    world.must(world.state([world.operator], "key.revoked", None, lost))
    assert isinstance(world.state([other], "statement.corrected", M1, body), Receipt)


def test_keys_without_a_holder_are_nobody_in_common(world: World) -> None:
    nameless, other = key("nameless"), key("another")
    world.grant(nameless, "supervisor", "*")
    world.grant(other, "supervisor", "*")
    check = world.must(inspect(world, keys=[nameless]))
    world.must(
        world.state([world.operator], "key.revoked", None, {"keyid": nameless.public.keyid, "reason": "lost"})
    )
    body = {"statement": check.id, "reason": "did_not_happen", "explanation": "误录"}
    assert isinstance(world.state([other], "statement.corrected", M1, body), NotAuthorised)


def revoke(world: World, who: PrivateKey) -> None:
    body = {"keyid": who.public.keyid, "reason": "lost"}
    world.must(world.state([world.operator], "key.revoked", None, body))


def test_a_check_of_two_officers_is_unsaid_by_both(world: World) -> None:
    check = world.must(inspect(world, keys=[world.officer, world.second]))
    body = {"statement": check.id, "reason": "did_not_happen", "explanation": "误录"}
    for keys in ([world.officer], [world.second]):
        assert isinstance(world.state(keys, "statement.corrected", M1, body), NotAuthorised)
    assert isinstance(world.state([world.second, world.officer], "statement.corrected", M1, body), Receipt)


def test_a_name_means_the_same_person_in_one_role_only(world: World) -> None:
    """An officer's or a probe's name on a merchant's key unsays nothing, even once the first key is revoked."""
    cold(world)
    check = world.must(inspect(world, changes={"rulesets": ["r-ice"]}))
    named, shop = key("named probe"), key("shop")
    world.grant(named, "device", M1, "officer-1")
    read = world.must(world.state([named], "temperature.logged", M1, temperature(world, "9")))
    revoke(world, named)
    revoke(world, world.officer)
    world.grant(shop, "merchant", M1, "officer-1")
    for said in (check, read):
        body = {"statement": said.id, "reason": "did_not_happen", "explanation": "误录"}
        assert isinstance(world.state([shop], "statement.corrected", M1, body), NotAuthorised)


def test_a_merchant_does_not_unsay_what_its_probe_measured(world: World) -> None:
    cold(world)
    said = world.must(world.state([world.probe], "temperature.logged", M1, temperature(world, "9")))
    assert isinstance(world.correct(said.id), NotAuthorised)
    body = {"statement": said.id, "reason": "wrong_data", "explanation": "探头故障"}
    assert isinstance(world.state([world.probe], "statement.corrected", M1, body), NotAuthorised)


def test_a_device_speaks_for_its_own_merchant(world: World) -> None:
    assert isinstance(world.state([world.probe], "temperature.logged", M2, temperature(world)), NotAuthorised)


# ------------------------------------------------------------------ the times of a check


def test_a_check_of_another_day(world: World) -> None:
    world.later(3 * DAY)
    for started, ended in ((-3 * DAY, 0), (-3 * DAY, -3 * DAY + HOUR)):
        said = inspect(world, changes={"started_at": world.time(started), "ended_at": world.time(ended)})
        assert isinstance(said, CustodyRefused), (started, ended)


def test_a_check_does_not_end_in_the_future(world: World) -> None:
    refused = inspect(world, changes={"ended_at": world.time(HOUR)})
    assert isinstance(refused, CustodyRefused) and refused.field == "body.ended_at"
    assert isinstance(inspect(world, changes={"ended_at": world.time(HOUR // 20)}), Receipt)


def test_a_check_ends_after_the_checkpoint_it_saw(world: World) -> None:
    world.later(2 * HOUR)
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    early = {"started_at": world.time(-HOUR), "ended_at": world.time(-HOUR)}
    refused = inspect(world, changes=early)
    assert isinstance(refused, CustodyRefused) and refused.field == "body.ended_at"


def test_a_check_made_offline_and_sent_later_stands(world: World) -> None:
    """As of its checkpoint; what has been recorded since does not matter."""
    tidy(world)
    pin = seen_of(world.ledger.store.head())
    body = {
        "rulesets": ["r-dry"], "started_at": world.time(), "ended_at": world.time(HOUR), "place": "店内",
        "observed": {"checklist": [{"code": "shelf", "passed": True}]}, "findings": [],
    }  # fmt: skip
    when = world.time(HOUR)
    world.receive("B1", documents=[])
    world.later(2 * DAY)
    said = world.state([world.officer], "inspection.recorded", M1, body, seen=pin, occurred_at=when)
    assert isinstance(said, Receipt)


def test_an_old_checkpoint_hides_nothing(world: World) -> None:
    tidy(world)
    pin = seen_of(world.ledger.store.head())
    world.receive("B1", documents=[])
    world.later(2 * DAY)
    body = {
        "rulesets": ["r-dry"], "started_at": world.time(), "ended_at": world.time(), "place": "店内",
        "observed": {"checklist": [{"code": "shelf", "passed": True}]}, "findings": [],
    }  # fmt: skip
    assert isinstance(world.state([world.officer], "inspection.recorded", M1, body, seen=pin), SeenMismatch)


def test_a_check_never_sees_less_than_the_one_before(world: World) -> None:
    pin = seen_of(world.ledger.store.head())
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    world.must(inspect(world))
    assert isinstance(inspect(world, seen=pin), SeenMismatch)


# ------------------------------------------------------------------ nothing overlooked


def test_what_was_recorded_while_a_check_was_offline_is_found_by_the_next(world: World) -> None:
    cold(world)
    pin, began = seen_of(world.ledger.store.head()), world.time()
    warm = temperature(world, "5")
    found = findings(world)
    world.must(world.say(M1, "temperature.logged", warm))
    body = {
        "rulesets": ["r-ice"], "started_at": began, "ended_at": began, "place": "店内",
        "observed": {"checklist": [{"code": "shelf", "passed": True}]},
        "findings": [{"code": code, "subject": subject, "source": "computed"} for code, subject in found],
    }  # fmt: skip
    world.must(world.state([world.officer], "inspection.recorded", M1, body, seen=pin))
    assert ("temperature_out_of_limits", "F1") in findings(world)
    world.must(inspect(world, changes={"rulesets": ["r-ice"]}))
    assert ("temperature_out_of_limits", "F1") not in findings(world), "a check has seen it by now"


def test_what_was_recorded_late_while_a_check_was_offline_is_found_by_the_next(world: World) -> None:
    tidy(world)
    pin, began = seen_of(world.ledger.store.head()), world.time()
    world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(-30 * HOUR)))
    body = {
        "rulesets": ["r-dry"], "started_at": began, "ended_at": began, "place": "店内",
        "observed": {"checklist": [{"code": "shelf", "passed": True}]}, "findings": [],
    }  # fmt: skip
    world.must(world.state([world.officer], "inspection.recorded", M1, body, seen=pin))
    assert "late_entry" in [code for code, _ in findings(world)]
    world.must(inspect(world))
    assert "late_entry" not in [code for code, _ in findings(world)], "a check has seen it by now"


def test_limits_hold_without_a_rule_about_gaps(world: World) -> None:
    cold(world, temperature_gap_minutes=None)
    world.must(world.say(M1, "temperature.logged", temperature(world, "-9")))
    codes = [code for code, _ in findings(world)]
    assert "temperature_out_of_limits" in codes and "temperature_gap" not in codes


def test_goods_too_warm_on_arrival(world: World) -> None:
    cold(world, limits={"frozen_max": "-18", "arrival_max": "-12"})
    line = {"batch": "B1", "goods_class": "cold_chain", "name": "冻虾", "quantity": kg("10"), "zone": "F1"}
    world.receive("B1", lines=[line | {"arrival_temperature": "-11.9"}])
    world.receive("B2", lines=[line | {"batch": "B2", "arrival_temperature": "-12"}])
    found = findings(world)
    assert ("temperature_out_of_limits", "B1") in found and ("temperature_out_of_limits", "B2") not in found


@pytest.mark.parametrize(
    ("seen", "field"),
    [
        ({"temperatures": [{"zone": "D2", "value": "50"}]}, "body.observed.temperatures[0].zone"),
        (
            {"checklist": [{"code": "shelf", "passed": True}, {"code": "shelfs", "passed": False}]},
            "body.observed.checklist[1].code",
        ),
    ],
)
def test_nothing_observed_vanishes(world: World, seen: dict[str, Any], field: str) -> None:
    refused = inspect(world, observed=seen)
    assert isinstance(refused, UnknownReference) and refused.field == field


def test_an_attestation_holds_no_longer_than_the_rules_say(world: World) -> None:
    assert isinstance(world.say(M1, "clearance.attested", attest(world, days=6)), Receipt)
    refused = world.say(M1, "clearance.attested", attest(world, days=7))
    assert isinstance(refused, CustodyRefused) and refused.field == "body.period_end"


def test_an_officers_own_lateness_is_no_finding_against_the_merchant(world: World) -> None:
    tidy(world)
    when, pin = world.time(), seen_of(world.ledger.store.head())
    body = {
        "rulesets": ["r-dry"], "started_at": when, "ended_at": when, "place": "店内",
        "observed": {"checklist": [{"code": "shelf", "passed": True}]}, "findings": [],
    }  # fmt: skip
    world.later(30 * HOUR)
    world.must(world.state([world.officer], "inspection.recorded", M1, body, seen=pin, occurred_at=when))
    assert "late_entry" not in [code for code, _ in findings(world)]
    world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=when))
    assert "late_entry" in [code for code, _ in findings(world)]


def test_what_is_taken_back_counts_no_longer(world: World) -> None:
    """Every question that a finding asks leaves out what was corrected."""
    cleaned = world.must(world.say(M1, "disinfection.logged", CLEANED))
    signed = world.must(world.say(M1, "commitment.signed", {"title": "承诺书", "version": "1"}))
    attested = world.must(world.say(M1, "clearance.attested", attest(world)))
    late = world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(-30 * HOUR)))
    world.receive("B9", merchant=M2)
    handed = world.hand_over("B9", "1", sender=M2, to=M1)
    world.later(30 * HOUR)
    assert {code for code, _ in findings(world)} == {"late_entry", "disinfection_overdue", "handover_open"}
    world.must(world.correct(handed.id, merchant=M2))
    for one in (cleaned, signed, attested, late):
        world.must(world.correct(one.id))
    assert {code for code, _ in findings(world)} == {
        "disinfection_overdue", "commitment_unsigned", "clearance_missing",
    }  # fmt: skip


def test_a_check_taken_back_is_not_the_last(world: World) -> None:
    cold(world)
    world.must(world.say(M1, "temperature.logged", temperature(world, "5")))
    check = world.must(inspect(world, changes={"rulesets": ["r-ice"]}))
    assert ("temperature_out_of_limits", "F1") not in findings(world)
    body = {"statement": check.id, "reason": "did_not_happen", "explanation": "误录"}
    world.must(world.state([world.officer], "statement.corrected", M1, body))
    assert ("temperature_out_of_limits", "F1") in findings(world)


def test_a_later_enrolment_does_not_rewrite_a_week_that_is_over(world: World) -> None:
    before = _coverage(world)
    assert M1 in [covered.merchant for covered in before.missed]
    world.later(8 * DAY)
    world.enroll(M1, "east/1/01", goods_classes=[])
    assert _coverage(world).missed == before.missed
    assert M1 not in [covered.merchant for covered in _coverage(world, week="2026-W18").missed]


# ------------------------------------------------------------------ rule sets


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "body.valid_from"),
        ({"valid_from": "2025-01-01", "valid_to": "2025-12-31"}, "body.valid_from"),
        ({"valid_from": "2019-01-01", "valid_to": "2020-06-30"}, "body.valid_from"),
        ({"valid_from": "2019-01-01", "replaces": "r-dry"}, "body.valid_from"),
        ({"replaces": "r-cold"}, "body.replaces"),
        ({"replaces": "r-none"}, "body.replaces"),
        ({"valid_from": "2019-01-01", "valid_to": "2019-12-31"}, None),
        ({"jurisdiction": "CN-HA-ZZ"}, None),
        ({"replaces": "r-dry"}, None),
    ],
)
def test_rule_sets_do_not_overlap(world: World, changes: dict[str, Any], field: str | None) -> None:
    answer = world.state([world.operator], "ruleset.published", None, ruleset("r-more", **changes))
    assert getattr(answer, "field", None) == field


def test_a_rule_set_is_replaced_once_and_its_successor_after_it(world: World) -> None:
    def publish(code: str, **changes: Any) -> Any:
        return world.state([world.operator], "ruleset.published", None, ruleset(code, **changes))

    assert isinstance(publish("r-2", valid_from="2026-05-01", replaces="r-dry"), Receipt)
    assert (
        getattr(publish("r-3", valid_from="2026-06-01", replaces="r-dry"), "field", None) == "body.replaces"
    )
    assert isinstance(publish("r-3", valid_from="2026-06-01", replaces="r-2"), Receipt)
