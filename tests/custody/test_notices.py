"""Dual notice (双反馈、双通报): each finding of weight to both offices, once, and each answering for itself."""

from __future__ import annotations

import pytest

from ledger.custody.supervision.notices import DueNotice, due_notices, notices
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, TimeRefused, UnknownReference
from ledger.store.facts import CheckFact
from tests.custody.supervised import (
    CODE,
    HEALTH,
    MARKET,
    STREET,
    answer,
    assign,
    check,
    notice,
    officer,
    publish,
    refused,
    rules,
    supervise,
    waived,
)
from tests.custody.world import DAY, HOUR, M1, M2, World, key

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"


@pytest.fixture
def street(world: World) -> World:
    return supervise(world)


def due(world: World) -> list[DueNotice]:
    reader, facts = world.ledger.store.facts, world.ledger.facts()
    checks: list[tuple[CheckFact, str]] = [
        (one, world.ledger.entry(one.index).statement.id) for one in reader.checks_by_week(0, 999999)
    ]
    return due_notices(facts, world.ledger.setting, checks, world.size)


def test_both_offices_are_told_and_both_answer(street: World) -> None:
    one = check(street)
    assert due(street) == [
        DueNotice(M1, one.id, CODE, None, "regulator", MARKET),
        DueNotice(M1, one.id, CODE, None, "unit", STREET),
    ]
    first = street.must(notice(street, one.id))
    assert [left.capacity for left in due(street)] == ["unit"]
    second = street.must(notice(street, one.id, STREET, "unit"))
    assert due(street) == []
    street.must(answer(street, first.id))
    store = street.ledger.store.facts
    told = notices(store.matters_of_topic("notice"), store.matters_of_topic("notice_answer"))
    assert [(n.id, n.office, n.answered is None) for n in told] == [
        (first.id, MARKET, False),
        (second.id, STREET, True),
    ]


def test_only_findings_of_weight_that_stand_are_due(street: World) -> None:
    waived(street, CODE, None)
    assert due(street) == []
    gone = check(street)
    body = {"statement": gone.id, "reason": "did_not_happen", "explanation": "误录"}
    street.must(officer(street, "statement.corrected", body))
    assert due(street) == []


def test_who_is_told(street: World) -> None:
    one = check(street)
    refused(notice(street, one.id, STREET, "regulator"), CustodyRefused, "body.office")
    refused(notice(street, one.id, HEALTH), CustodyRefused, "body.office")
    refused(notice(street, NOWHERE), UnknownReference, "body.inspection")
    refused(notice(street, check(street, M2).id), CustodyRefused, "body.inspection")
    refused(notice(street, one.id, code="late_entry"), UnknownReference, "body.code")
    refused(notice(street, waived(street, CODE, None).id), CustodyRefused, "body.code")
    refused(notice(street, one.id, occurred_at=street.time(-HOUR)), TimeRefused, "occurred_at")
    street.must(notice(street, one.id))
    refused(notice(street, one.id), Conflict, "body.code")


def test_nobody_to_tell(world: World) -> None:
    """The finding stays due, with no office, until a duty is assigned."""
    world.must(publish(world, rules()))
    one = check(world)
    assert [left.office for left in due(world)] == [None, None]
    refused(notice(world, one.id), CustodyRefused, "body.office")


def test_one_office_is_not_two(street: World) -> None:
    street.must(assign(street, merchants=[M1], unit=MARKET))
    one = check(street)
    refused(notice(street, one.id), CustodyRefused, "body.office")
    refused(notice(street, one.id, MARKET, "unit"), CustodyRefused, "body.office")
    street.must(assign(street, merchants=[M1], unit=HEALTH))
    street.must(notice(street, one.id))
    street.must(notice(street, one.id, HEALTH, "unit"))


def test_a_duty_assigned_anew(street: World) -> None:
    """The new office is told of what is still due; what the old one was told, it alone answers."""
    one = check(street)
    told = street.must(notice(street, one.id))
    street.must(assign(street, grid="*", regulator=HEALTH))
    refused(answer(street, told.id, HEALTH), NotAuthorised, "signatures")
    street.must(answer(street, told.id))
    assert [left.capacity for left in due(street)] == ["unit"], "told once, whoever has the duty now"
    street.must(notice(street, check(street).id, HEALTH))


def test_answers(street: World) -> None:
    one = check(street)
    told = street.must(notice(street, one.id))
    refused(answer(street, told.id, STREET), NotAuthorised, "signatures")
    refused(answer(street, NOWHERE), UnknownReference, "body.notice")
    refused(answer(street, one.id), UnknownReference, "body.notice")
    both = [key(MARKET), key(STREET)]
    body = {"notice": told.id, "answer": "已跟进"}
    refused(street.state(both, "notice.acknowledged", M1, body), NotAuthorised, "signatures")
    refused(officer(street, "notice.acknowledged", body), NotAuthorised, "signatures")
    refused(street.say(M1, "notice.acknowledged", body), NotAuthorised, "signatures")
    refused(street.state([key(MARKET)], "notice.acknowledged", M2, body), CustodyRefused, "body.notice")
    refused(answer(street, told.id, occurred_at=street.time(-DAY)), TimeRefused, "occurred_at")
    street.must(answer(street, told.id))
    refused(answer(street, told.id), Conflict, "body.notice")


def test_an_office_answers_with_a_new_key_of_its_own(street: World) -> None:
    told = street.must(notice(street, check(street).id))
    lost = {"keyid": key(MARKET).public.keyid, "reason": "lost"}
    street.must(street.state([street.operator], "key.revoked", None, lost))
    refused(answer(street, told.id), NotAuthorised, "signatures")
    street.grant(key("market again"), "office", MARKET)
    body = {"notice": told.id, "answer": "已跟进"}
    street.must(street.state([key("market again")], "notice.acknowledged", M1, body))


def test_rules_of_the_day_of_the_check_decide(street: World) -> None:
    one = check(street)
    street.must(publish(street, rules("r-quiet", "2020-01-03", notices=[])))
    assert {left.inspection for left in due(street)} == {one.id}
    check(street, rulesets=["r-quiet"])
    assert {left.inspection for left in due(street)} == {one.id}
