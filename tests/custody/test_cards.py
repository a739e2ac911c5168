"""Cards (红黄牌): in step with the rule set, neither skipped nor softened; and what a closed merchant may not do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.custody.supervision.cards import next_step, standing_cards, suspension
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, TimeRefused, UnknownReference
from tests.custody.supervised import (
    CODE,
    OTHER,
    OTHER_SUBJECT,
    card,
    check,
    officer,
    order,
    publish,
    red,
    refused,
    rules,
    supervise,
    waived,
)
from tests.custody.world import DAY, HOUR, M1, M2, World, key, kg, receipt

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"


@pytest.fixture
def street(world: World) -> World:
    return supervise(world)


def lift(world: World, which: str, inspection: str | None = None, **more: Any) -> Answer:
    return officer(
        world, "card.lifted", {"card": which, "reason": "已改好", "inspection": inspection}, **more
    )


def suspend(world: World, *, both: bool = True, number: str = "郑市监罚〔2026〕7 号", **days: Any) -> Answer:
    body = {
        "document_number": number, "legal_basis": ["食品安全法第一百二十六条"], "reason": "拒不改正",
        "starts_on": world.today(), **days,
    }  # fmt: skip
    keys = [world.officer, world.second] if both else [world.officer]
    return officer(world, "suspension.decided", body, by=keys)


def standing(world: World) -> list[str]:
    return [one.value["card"] for one in standing_cards(world.ledger.facts(), M1, world.size)]


def test_first_yellow_then_red(street: World) -> None:
    street.must(card(street, check(street).id))
    assert standing(street) == ["yellow"]
    street.must(card(street, check(street).id, 2))
    assert standing(street) == ["yellow", "red"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"step": 2, "card": "red", "closes": True}, "body.step"),
        ({"card": "red"}, "body.card"),
        ({"closes": True}, "body.card"),
        ({"step": 2}, "body.step"),
        ({"ruleset": "r-dry"}, "body.ruleset"),
        ({"ruleset": "r-cold"}, "body.ruleset"),
        ({"ruleset": "none"}, "body.ruleset"),
    ],
)
def test_a_first_card_out_of_step(street: World, wrong: dict[str, Any], field: str) -> None:
    refused(card(street, check(street).id, **wrong), CustodyRefused, field)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"step": 1}, "body.step"),
        ({"step": 1, "card": "yellow", "closes": False}, "body.step"),
        ({"card": "yellow"}, "body.card"),
        ({"closes": False}, "body.card"),
        ({"step": 3}, "body.step"),
    ],
)
def test_a_second_card_softened(street: World, wrong: dict[str, Any], field: str) -> None:
    street.must(card(street, check(street).id))
    refused(card(street, check(street).id, 2, **wrong), CustodyRefused, field)


def test_a_third_is_as_the_second(street: World) -> None:
    red(street)
    street.must(card(street, check(street).id, 2))


def test_a_lifted_card_still_counts(street: World) -> None:
    first = street.must(card(street, check(street).id))
    street.must(lift(street, first.id))
    refused(card(street, check(street).id), CustodyRefused, "body.step")
    street.must(card(street, check(street).id, 2))


@pytest.mark.parametrize(("days", "step"), [(29, 2), (30, 2), (31, 1)])
def test_days_of_the_window(street: World, days: int, step: int) -> None:
    """A card of day 0 counts for the 30 days after it."""
    street.must(card(street, check(street).id))
    street.later(days * DAY)
    one = check(street).id
    refused(card(street, one, 3 - step), CustodyRefused, "body.step")
    street.must(card(street, one, step))


def test_the_step_is_that_of_an_index_and_a_day(street: World) -> None:
    before = street.size
    street.must(card(street, check(street).id))
    facts = street.ledger.facts()
    ruleset = facts.ruleset("r-sup", street.size)
    assert ruleset is not None
    today = date.fromisoformat(street.today())
    asked = [
        next_step(facts, ruleset, M1, today + timedelta(days), n)
        for days, n in ((0, before), (0, street.size), (31, street.size))
    ]
    assert [one and one.step for one in asked] == [1, 2, 1]


def test_one_card_for_a_check(street: World) -> None:
    one = check(street)
    street.must(card(street, one.id))
    refused(card(street, one.id, 2, code=OTHER, subject=OTHER_SUBJECT), Conflict, "body.inspection")


def test_findings_that_are_none(street: World) -> None:
    refused(card(street, NOWHERE), UnknownReference, "body.inspection")
    refused(card(street, check(street, M2).id), CustodyRefused, "body.inspection")
    refused(card(street, check(street).id, code="late_entry"), UnknownReference, "body.code")
    refused(card(street, waived(street, CODE, None).id), CustodyRefused, "body.code")


def test_a_card_is_not_of_a_time_before_its_check(street: World) -> None:
    """So that neither the window nor the rule set can be chosen by the date."""
    street.must(card(street, check(street).id))
    street.later(20 * DAY)
    one = check(street).id
    refused(card(street, one, 2, occurred_at=street.time(-HOUR)), TimeRefused, "occurred_at")
    made = street.must(card(street, one, 2))
    street.later(DAY)
    refused(lift(street, made.id, occurred_at=street.time(-DAY - HOUR)), TimeRefused, "occurred_at")


def test_rules_without_cards(street: World) -> None:
    street.must(publish(street, rules("r-none", "2020-01-03", card_steps=[])))
    one = check(street, rulesets=["r-none"])
    refused(card(street, one.id, ruleset="r-none"), CustodyRefused, "body.ruleset")


def test_cards_count_for_each_goods_class_by_itself(street: World) -> None:
    """As they do where two rule sets are in force; the threat model says what that lets an officer do."""
    cold = rules("r-ice") | {"goods_class": "cold_chain", "documents": []}
    street.must(publish(street, cold))
    street.enroll(M1, "east/1/01", goods_classes=["non_cold_chain", "cold_chain"])
    both = ["r-sup", "r-ice"]
    street.must(card(street, check(street, rulesets=both).id))
    one = check(street, rulesets=both).id
    refused(card(street, one), CustodyRefused, "body.step")
    street.must(card(street, one, ruleset="r-ice"))


def test_rules_that_change_do_not_change_a_card(street: World) -> None:
    """It stands, and the next is a step of the rules in force then; cards under the old ones count."""
    old = check(street)
    first = street.must(card(street, old.id))
    harder = [{"step": 1, "card": "red", "window_days": None, "closes": True}]
    street.must(publish(street, rules("r-hard", "2020-01-03", card_steps=harder)))
    assert standing(street) == ["yellow"] and isinstance(street.sell("B0", "1"), UnknownReference)
    one = check(street, rulesets=["r-hard"])
    refused(card(street, one.id, 2), CustodyRefused, "body.ruleset")
    street.must(card(street, one.id, 1, ruleset="r-hard", card="red", closes=True))
    street.must(lift(street, first.id))


def test_who_may(world: World) -> None:
    street = supervise(world, two_officers=["card.issued"])
    one = check(street)
    again = key("officer again")
    street.grant(again, "supervisor", "*", "officer-1")
    for keys in ([street.officer], [street.second], [street.officer, again]):
        refused(card(street, one.id, by=keys), NotAuthorised, "signatures")
    refused(card(street, one.id, by=[street.k1]), NotAuthorised, "signatures")
    street.must(card(street, one.id, by=[street.officer, street.second]))


# ------------------------------------------------------------------ closed


def test_a_closed_merchant_neither_receives_nor_sells(street: World) -> None:
    street.receive("B1")
    stop = red(street)
    street.later(HOUR)
    refused(street.say(M1, "goods.received", receipt("B2")), CustodyRefused, "kind")
    refused(street.sell("B1", "1"), CustodyRefused, "kind")
    disposed = {"manner": "destroyed", "reason": "变质", "lines": [{"batch": "B1", "quantity": kg("1")}]}
    street.must(street.say(M1, "goods.disposed", disposed))
    street.must(street.sell("B1", "1", occurred_at=street.time(-2 * HOUR)))
    street.receive("B2", merchant=M2)
    street.must(lift(street, stop.id))
    street.must(street.sell("B1", "1"))


def test_a_yellow_card_closes_nobody(street: World) -> None:
    street.receive("B1")
    street.must(card(street, check(street).id))
    street.must(street.sell("B1", "1"))


def test_each_closing_card_has_to_be_lifted(street: World) -> None:
    street.receive("B1")
    first = red(street)
    second = street.must(card(street, check(street).id, 2))
    street.must(lift(street, first.id))
    refused(street.sell("B1", "1"), CustodyRefused, "kind")
    street.must(lift(street, second.id))
    street.must(street.sell("B1", "1"))


def test_lifting(street: World) -> None:
    one = check(street)
    made = street.must(card(street, one.id))
    ordered = street.must(order(street, one.id))
    refused(lift(street, made.id), CustodyRefused, "body.card")
    street.must(officer(street, "rectification.confirmed", {"order": ordered.id}))
    refused(lift(street, made.id, one.id), CustodyRefused, "body.inspection")
    refused(lift(street, made.id, check(street, M2).id), CustodyRefused, "body.inspection")
    refused(lift(street, NOWHERE), UnknownReference, "body.card")
    refused(lift(street, one.id), UnknownReference, "body.card")
    refused(lift(street, made.id, by=[street.k1]), NotAuthorised, "signatures")
    refused(lift(street, made.id, merchant=M2), CustodyRefused, "body.card")
    other = street.must(order(street, check(street).id))
    street.must(lift(street, made.id, check(street).id, by=[street.second]))
    assert other and standing(street) == []
    refused(lift(street, made.id), Conflict, "body.card")


# ------------------------------------------------------------------ suspensions


def test_a_suspension_is_of_two_officers_and_of_days(street: World) -> None:
    street.receive("B1")
    refused(suspend(street, both=False), NotAuthorised, "signatures")
    street.must(suspend(street, ends_on=street.today()))
    refused(street.sell("B1", "1"), CustodyRefused, "kind")
    refused(street.say(M1, "goods.received", receipt("B2")), CustodyRefused, "kind")
    street.later(DAY)
    street.must(street.sell("B1", "1"))


def test_a_later_decision_of_the_same_number_replaces_it(street: World) -> None:
    street.receive("B1")
    street.must(suspend(street))
    street.later(3 * DAY)
    refused(street.sell("B1", "1"), CustodyRefused, "kind")
    yesterday = (date.fromisoformat(street.today()) - timedelta(1)).isoformat()
    start = (date.fromisoformat(street.today()) - timedelta(3)).isoformat()
    street.must(suspend(street, number="另一号", starts_on="2026-12-01"))
    refused(street.sell("B1", "1"), CustodyRefused, "kind")
    before = street.size
    street.must(suspend(street, starts_on=start, ends_on=yesterday))
    assert isinstance(street.sell("B1", "1"), Receipt)
    facts, today = street.ledger.facts(), date.fromisoformat(street.today())
    assert (
        suspension(facts, M1, today, before) is not None and suspension(facts, M1, today, street.size) is None
    )
