"""Rules between the fields of a body: each broken once, refused at the place that has to be changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ledger_schemas import BodyError, parse_body
from tests.schemas.examples import (
    EXAMPLES,
    LEAST,
    MERCHANT,
    OTHER_MERCHANT,
    OTHER_STATEMENT,
    STATEMENT,
    attachment,
    line,
    quantity,
    sealed,
)

Change = dict[str, Any]  # dotted path to JSON
RECEIPT = EXAMPLES["goods.received"]["lines"][0]
COMPUTED = {"code": "stock_differs", "subject": "B-1", "source": "computed"}
ADDED = {"code": "late_entry", "source": "added"}


def changed(example: Any, change: Change) -> Any:  # Any: JSON
    body = copy.deepcopy(example)
    for where, value in change.items():
        *way, last = where.split(".")
        holder = body
        for part in way:
            holder = holder[int(part)] if part.isdigit() else holder[part]
        holder[int(last) if last.isdigit() else last] = value
    return body


BROKEN: list[tuple[str, Change, set[str]]] = [
    ("key.granted", {"scope": "erligang/3/07"}, {"scope"}),
    ("key.granted", {"scope": MERCHANT.lower()}, {"scope"}),
    ("key.granted", {"role": "device", "scope": "*"}, {"scope"}),
    ("ruleset.published", {"valid_to": "2021-12-31"}, {"valid_to"}),
    ("ruleset.published", {"items": [EXAMPLES["ruleset.published"]["items"][0]] * 2}, {"items[1].code"}),
    (
        "ruleset.published",
        {"documents": [{"type": "invoice", "required": r} for r in (True, False)]},
        {"documents[1].type"},
    ),
    ("ruleset.published", {"checklist": [{"code": "a", "title": t} for t in "xy"]}, {"checklist[1].code"}),
    ("ruleset.published", {"limits.chilled_max": "-1"}, {"limits.chilled_max"}),
    ("ruleset.published", {"card_steps.1.step": 3}, {"card_steps[1].step"}),
    ("ruleset.published", {"card_steps.0.step": 2}, {"card_steps[0].step"}),
    ("ruleset.published", {"replaces": "ha-2022-cold-chain-2"}, {"replaces"}),
    ("ruleset.published", {"two_officers": ["card.issued"] * 2}, {"two_officers[1]"}),
    ("ruleset.published", {"two_officers": ["goods.sold"]}, {"two_officers[0]"}),
    ("ruleset.published", {"notices": ["other", "late_entry", "other"]}, {"notices[2]"}),
    ("merchant.enrolled", {"goods_classes": ["cold_chain", "cold_chain"]}, {"goods_classes[1]"}),
    (
        "merchant.enrolled",
        {"zones": [EXAMPLES["merchant.enrolled"]["zones"][0]] * 3},
        {"zones[1].code", "zones[2].code"},
    ),
    ("duty.assigned", {"merchants": None}, {"grid"}),
    ("duty.assigned", {"grid": "erligang/3"}, {"grid"}),
    ("duty.assigned", {"merchants": [MERCHANT, OTHER_MERCHANT, MERCHANT]}, {"merchants[2]"}),
    ("duty.assigned", {"merchants.1": MERCHANT.lower()}, {"merchants[1]"}),
    ("duty.assigned", {"supervisor": None, "regulator": None, "unit": None}, {"supervisor"}),
    ("duty.assigned", {"unit": "商务科"}, {"unit"}),
    ("duty.assigned", {"merchants": None, "unit": "商务科"}, {"grid", "unit"}),
    ("goods.received", {"lines": [RECEIPT, {**RECEIPT, "lot": "L2"}]}, {"lines[1].batch"}),
    ("goods.received", {"lines.0.best_before": "2022-05-31"}, {"lines[0].best_before"}),
    ("goods.received", {"documents.0.valid_to": "2022-06-19"}, {"documents[0].valid_to"}),
    ("goods.received", {"documents.0.number": "46042022100000001"}, {"documents[0].number"}),
    ("goods.received", {"documents.0.number": "460420222000000017"}, {"documents[0].number"}),
    ("goods.received", {"documents.0.number": "460419221000000017"}, {"documents[0].number"}),
    ("goods.received", {"documents": [{"type": "invoice"}]}, {"documents[0].number"}),
    (
        "goods.received",
        {"documents.0.number": "1", "documents.0.valid_to": "2022-06-19"},
        {"documents[0].number", "documents[0].valid_to"},
    ),
    ("goods.received", {"unloading.ended_at": "2022-07-01T07:59:59+08:00"}, {"unloading.ended_at"}),
    ("goods.received", {"unloading.ended_at": "2022-07-01T08:00:00+08:30"}, {"unloading.ended_at"}),
    ("goods.received", {"lines.0.gtin": "6291041500214"}, {"lines[0].gtin"}),
    ("goods.received", {"lines.0.origin_country": "XX"}, {"lines[0].origin_country"}),
    ("goods.received", {"supplier.country": "EU"}, {"supplier.country"}),
    ("goods.handed_over", {"lines": [line(), line("B-2"), line()]}, {"lines[2].batch"}),
    ("goods.handed_over", {"lines.0.quantity.value": "0.00"}, {"lines[0].quantity.value"}),
    ("goods.accepted", {"lines": [EXAMPLES["goods.accepted"]["lines"][0]] * 2}, {"lines[1].batch"}),
    ("goods.accepted", {"lines.0.refused.unit": "g"}, {"lines[0].refused.unit"}),
    ("goods.accepted", {"lines.0.missing.unit": "box"}, {"lines[0].missing.unit"}),
    ("goods.accepted", {"lines": [{"batch": "B-1", "accepted": quantity("0")}]}, {"lines[0].accepted"}),
    ("goods.sold", {"buyer": {"type": "business"}}, {"buyer.credit_code"}),
    ("goods.sold", {"buyer": {"type": "person"}}, {"buyer.name"}),
    (
        "goods.sold",
        {"buyer": {"type": "person", "name": sealed(), "credit_code": MERCHANT}},
        {"buyer.credit_code"},
    ),
    ("goods.sold", {"buyer": {"type": "consumers", "name": sealed()}}, {"buyer.name"}),
    ("goods.sold", {"buyer": {"type": "consumers", "credit_code": MERCHANT}}, {"buyer.credit_code"}),
    ("goods.sold", {"lines": [line(), line()]}, {"lines[1].batch"}),
    ("goods.disposed", {"lines": [line(), line()]}, {"lines[1].batch"}),
    ("goods.adjusted", {"lines": [EXAMPLES["goods.adjusted"]["lines"][0]] * 2}, {"lines[1].batch"}),
    ("goods.adjusted", {"lines.0.difference.value": "-0"}, {"lines[0].difference.value"}),
    ("temperature.logged", {"zone": None, "batches": []}, {"zone"}),
    ("temperature.logged", {"batches": ["B-1", "B-1"]}, {"batches[1]"}),
    ("temperature.logged", {"ended_at": "2022-06-30T23:59:59+08:00"}, {"ended_at"}),
    ("temperature.logged", {"minutes_missing": 722}, {"minutes_missing"}),
    ("temperature.logged", {"mean": "-18.1"}, {"mean"}),
    ("temperature.logged", {"mean": "-21.51"}, {"mean"}),
    ("temperature.logged", {"minimum": "-18", "maximum": "-21"}, {"mean"}),
    ("disinfection.logged", {"batches": ["B-1", "B-2", "B-1"]}, {"batches[2]"}),
    ("clearance.attested", {"period_end": "2022-02-28"}, {"period_end"}),
    ("clearance.attested", {"items.1.code": "source_clear"}, {"items[1].code"}),
    ("plan.announced", {"week": "2027-W53"}, {"week"}),
    ("plan.announced", {"grid": "erligang/*"}, {"grid"}),
    ("plan.announced", {"officers": ["officer-3", "officer-4", "officer-3"]}, {"officers[2]"}),
    ("plan.announced", {"officers": []}, {"officers"}),
    ("plan.announced", {"days": [1, 3, 2, 5, 5]}, {"days[2]", "days[4]"}),
    ("plan.announced", {"days": [0, 8]}, {"days[0]", "days[1]"}),
    ("plan.announced", {"days": []}, {"days"}),
    ("plan.drawn", {"checks": 8}, {"checks"}),
    ("plan.drawn", {"checks": 3}, {"checks"}),
    ("plan.drawn", {"loads": []}, {"checks"}),
    ("plan.drawn", {"loads.1.officer": "officer-3"}, {"loads[1].officer"}),
    ("plan.drawn", {"loads.1.checks": -1}, {"loads[1].checks"}),
    ("plan.voided", {"reason": " "}, {"reason"}),
    ("plan.voided", {"announcement": "1040"}, {"announcement"}),
    ("inspection.recorded", {"ended_at": "2022-07-01T08:59:59+08:00"}, {"ended_at"}),
    ("inspection.recorded", {"rulesets": ["a", "a"]}, {"rulesets[1]"}),
    (
        "inspection.recorded",
        {"observed.stock": [{"batch": "B", "quantity": quantity()}] * 2},
        {"observed.stock[1].batch"},
    ),
    (
        "inspection.recorded",
        {"observed.checklist": [{"code": "a", "passed": True}] * 2},
        {"observed.checklist[1].code"},
    ),
    ("inspection.recorded", {"findings": [COMPUTED, COMPUTED], "waivers": []}, {"findings[1]"}),
    ("inspection.recorded", {"findings": [ADDED, ADDED], "waivers": []}, {"findings[1]"}),
    (
        "inspection.recorded",
        {"findings": [], "waivers": [{"code": "late_entry", "reason": "x"}]},
        {"waivers[0]"},
    ),
    (
        "inspection.recorded",
        {"findings": [COMPUTED], "waivers": [{"code": "stock_differs", "reason": "x"}]},
        {"waivers[0]"},
    ),
    (
        "inspection.recorded",
        {"findings": [ADDED], "waivers": [{"code": "late_entry", "reason": "x"}]},
        {"waivers[0]"},
    ),
    (
        "inspection.recorded",
        {"waivers": EXAMPLES["inspection.recorded"]["waivers"] * 2},
        {"waivers[1]"},
    ),
    ("inspection.recorded", {"findings.1.source": "computed"}, {"findings[1].source"}),
    ("inspection.recorded", {"findings.1.detail": None}, {"findings[1].detail"}),
    ("suspension.decided", {"ends_on": "2022-07-01"}, {"ends_on"}),
    ("suspension.decided", {"legal_basis": []}, {"legal_basis"}),
    ("recall.answered", {"sold.unit": "g"}, {"sold.unit"}),
    ("statement.corrected", {"reason": "did_not_happen"}, {"replacement"}),
    ("statement.corrected", {"replacement": STATEMENT}, {"replacement"}),
]


@pytest.mark.parametrize(
    ("kind", "change", "fields"), BROKEN, ids=[f"{k}-{'-'.join(c)}" for k, c, _ in BROKEN]
)
def test_broken(kind: str, change: Change, fields: set[str]) -> None:
    with pytest.raises(BodyError) as caught:
        parse_body(kind, changed(EXAMPLES[kind], change))
    assert {problem.field for problem in caught.value.problems} == fields


GOOD: list[tuple[str, Change]] = [
    ("key.granted", {"role": "office", "scope": "商务科"}),
    ("ruleset.published", {"valid_to": "2022-01-01", "limits.chilled_max": "0.0"}),
    ("ruleset.published", {"limits": {}, "card_steps": []}),
    ("duty.assigned", {"merchants": None, "grid": "*"}),
    ("duty.assigned", {"supervisor": None, "regulator": None}),
    ("duty.assigned", {"supervisor": None, "unit": None}),
    ("duty.assigned", {"regulator": None, "unit": None}),
    ("goods.received", {"documents": [{"type": "invoice", "attachment": attachment()}]}),
    ("goods.received", {"documents": [{"type": "invoice", "number": "1"}] * 2}),
    ("goods.received", {"lines.0.best_before": "2022-06-01"}),
    ("goods.received", {"unloading.ended_at": "2022-07-01T00:00:00Z"}),
    ("goods.accepted", {"lines": [{"batch": "B", "accepted": quantity("0"), "refused": quantity("1")}]}),
    ("goods.sold", {"buyer": {"type": "person", "name": sealed()}}),
    ("goods.sold", {"buyer": {"type": "business", "name": sealed()}}),
    ("temperature.logged", {"minutes_missing": 721, "mean": "-18.20", "maximum": "-18.2"}),
    ("temperature.logged", {"zone": None}),
    ("temperature.logged", {"minimum": "2", "mean": "9.5", "maximum": "10"}),
    ("temperature.logged", {"minimum": "-10", "mean": "-9", "maximum": "0.5"}),
    ("inspection.recorded", {"findings": [COMPUTED, {**COMPUTED, "subject": "B-2"}], "waivers": []}),
    ("plan.announced", {"days": [1, 2, 3, 4, 5, 6, 7], "grid": "*", "extra_checks": 0}),
    ("plan.drawn", {"checks": 4, "loads.1.checks": 0}),
    ("suspension.decided", {"ends_on": "2022-07-02"}),
    ("recall.answered", {"found.value": "0", "sold.value": "0"}),
    ("statement.corrected", {"replacement": None}),
    ("statement.corrected", {"replacement": OTHER_STATEMENT}),
]


@pytest.mark.parametrize(("kind", "change"), GOOD, ids=[f"{k}-{'-'.join(c)}" for k, c in GOOD])
def test_kept(kind: str, change: Change) -> None:
    parse_body(kind, changed(EXAMPLES[kind], change))


def test_rules_of_several_records_are_reported_together() -> None:
    body = changed(
        EXAMPLES["goods.received"], {"documents.0.number": "1", "lines.0.best_before": "2022-05-31"}
    )
    with pytest.raises(BodyError) as caught:
        parse_body("goods.received", body)
    assert {p.field for p in caught.value.problems} == {"documents[0].number", "lines[0].best_before"}


def test_contradictions_are_finding_codes() -> None:
    item = EXAMPLES["ruleset.published"]["items"][0]
    good = ["supplier_unknown", "document_missing", "document_expired:trace_code", "checklist_failed:a.b-1"]
    for text in [
        *good,
        "other",
        "document_missing:passport",
        "supplier_unknown:x",
        "nothing",
        "checklist_failed:",
    ]:
        body = {**LEAST["ruleset.published"], "items": [{**item, "contradicted_by": [text]}]}
        if text in good:
            parse_body("ruleset.published", body)
            continue
        with pytest.raises(BodyError) as caught:
            parse_body("ruleset.published", body)
        assert caught.value.problems[0].field == "items[0].contradicted_by[0]"


BOUNDS = [
    ("goods.disposed", "evidence.0.bytes", 1, 2**40),
    ("key.revoked", "compromised_from", 0, 2**53 - 1),
    ("merchant.enrolled", "staff_count", 0, 10**9),
    ("ruleset.published", "checks_per_week", 0, 21),
    ("ruleset.published", "min_days_between", 0, 7),
    ("ruleset.published", "disinfection_hours", 1, 8784),
    ("ruleset.published", "temperature_gap_minutes", 1, 100_000),
    ("ruleset.published", "attestation_days", 1, 3660),
    ("ruleset.published", "card_steps.0.window_days", 1, 3660),
    ("plan.announced", "seed_size", 1, 2**53 - 1),
    ("plan.announced", "extra_checks", 0, 100_000),
    ("plan.announced", "weight_card", 0, 1000),
    ("plan.announced", "weight_finding", 0, 1000),
    ("plan.announced", "weight_cold_chain", 0, 1000),
    ("card.issued", "step", 1, 20),
    ("goods.received", "unloading.workers", 1, 1000),
    ("goods.received", "lines.0.shelf_life_days", 1, 36_500),
    ("temperature.logged", "count", 1, 10_000_000),
    ("temperature.logged", "minutes_missing", 0, 721),
    ("disinfection.logged", "contact_minutes", 1, 10_080),
]


@pytest.mark.parametrize(("kind", "where", "least", "most"), BOUNDS)
def test_whole_numbers_have_bounds(kind: str, where: str, least: int, most: int) -> None:
    for good in (least, most):
        parse_body(kind, changed(EXAMPLES[kind], {where: good}))
    for wrong in (least - 1, most + 1):
        with pytest.raises(BodyError):
            parse_body(kind, changed(EXAMPLES[kind], {where: wrong}))
