"""The default rule sets: good bodies, in order, with the change of July 2022."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast, get_args

from ledger_schemas import LABELS, RulesetPublished, default_rulesets, parse_body
from ledger_schemas.vocabulary import Act
from tests.schemas.examples import LEAST

NUCLEIC = "nucleic_acid_report"


def published() -> dict[str, RulesetPublished]:
    bodies = [cast(RulesetPublished, parse_body("ruleset.published", body)) for body in default_rulesets()]
    return {body.code: body for body in bodies}


def test_they_are_good_bodies_and_each_names_an_earlier_one() -> None:
    seen: dict[str, RulesetPublished] = {}
    for code, body in published().items():
        assert body.jurisdiction == "CN-HA"
        if body.replaces is not None:
            before = seen[body.replaces]
            assert before.goods_class == body.goods_class
            assert date.fromisoformat(before.valid_to or "") + timedelta(days=1) == date.fromisoformat(
                body.valid_from
            )
        seen[code] = body
    assert len(seen) == 3


def test_every_class_of_goods_has_one_that_is_open_ended() -> None:
    assert {body.goods_class for body in published().values() if body.valid_to is None} == {
        "cold_chain",
        "non_cold_chain",
    }


def test_testing_of_non_cold_chain_goods_ends_in_july_2022() -> None:
    early, late = published()["ha-2022-non-cold-chain"], published()["ha-2022-07-non-cold-chain"]
    assert early.valid_to == "2022-06-30"
    assert late.replaces == early.code
    nos = {item.code for item in early.items if item.type == "no"}
    assert nos == {"no_unknown_source", "no_untested_unloading", "no_failed_sale"}
    assert {item.code for item in late.items if item.type == "no"} == {"no_unknown_source"}
    clears = {"source_clear", "transport_clear", "unloading_clear"}
    assert {item.code for item in early.items if item.type == "clear"} == clears
    assert {item.code for item in late.items if item.type == "clear"} == clears
    assert NUCLEIC in {document.type for document in early.documents if document.required}
    assert NUCLEIC not in {document.type for document in late.documents}
    assert not [item for item in late.items for code in item.contradicted_by if NUCLEIC in code]


def test_cold_chain_goods_need_three_certificates_and_a_code() -> None:
    rules = published()["ha-2022-cold-chain"]
    required = {document.type for document in rules.documents if document.required}
    assert required == {"quarantine_certificate", NUCLEIC, "disinfection_certificate", "trace_code"}
    limits = rules.limits
    assert (limits.frozen_max, limits.chilled_min, limits.chilled_max, limits.arrival_max) == (
        "-18",
        "0",
        "8",
        "-12",
    )
    assert rules.disinfection_hours
    assert rules.temperature_gap_minutes


def test_two_checks_a_week_on_different_days() -> None:
    for body in published().values():
        assert (body.checks_per_week, body.min_days_between) == (2, 1)
        assert [(step.card, step.closes) for step in body.card_steps] == [("yellow", False), ("red", True)]


def test_every_finding_goes_to_both_offices_and_is_put_right_the_same_day() -> None:
    for body in published().values():
        assert list(body.notices) == list(LABELS["finding_code"])
        assert body.rectification_same_day
        assert body.two_officers == ("suspension.decided", "goods.sealed")


def test_what_an_older_rule_set_leaves_out_asks_for_nothing_and_stays_out() -> None:
    body = cast(RulesetPublished, parse_body("ruleset.published", LEAST["ruleset.published"]))
    assert (body.rectification_same_day, body.two_officers, body.notices) == (False, (), ())
    assert body.model_dump(mode="json", exclude_unset=True) == LEAST["ruleset.published"]


def test_acts_of_two_officers_are_called_as_the_kinds_are() -> None:
    for act in get_args(get_args(Act)[0]):
        assert LABELS["act"][act] == LABELS["kind"][act]


def test_each_call_gives_its_own_copy() -> None:
    default_rulesets()[0]["code"] = "spoilt"
    assert default_rulesets()[0]["code"] == "ha-2022-non-cold-chain"
