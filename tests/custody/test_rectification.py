"""Orders (现场交办): about findings that stand, within the rules' deadline, and each step after the one before."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.custody.supervision.rectification import Order, orders, orders_of
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, TimeRefused, UnknownReference
from tests.custody.supervised import (
    CODE,
    OTHER,
    OTHER_SUBJECT,
    check,
    officer,
    order,
    publish,
    refused,
    rules,
    supervise,
    waived,
)
from tests.custody.world import DAY, HOUR, M1, M2, M3, World, key

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"


@pytest.fixture
def street(world: World) -> World:
    return supervise(world)


def report(world: World, to: str, *, merchant: str = M1, **more: Any) -> Answer:
    return world.say(merchant, "rectification.reported", {"order": to, "what": "已消毒"}, **more)


def confirm(world: World, of: str, inspection: str | None = None, **more: Any) -> Answer:
    return officer(world, "rectification.confirmed", {"order": of, "inspection": inspection}, **more)


def reject(world: World, of: str, inspection: str | None = None, deadline: int = HOUR, **more: Any) -> Answer:
    body = {"order": of, "reason": "未改", "deadline": world.time(deadline), "inspection": inspection}
    return officer(world, "rectification.rejected", body, **more)


def only(world: World, as_of: int | None = None) -> Order:
    (one,) = orders_of(world.ledger.facts(), M1, world.size if as_of is None else as_of)
    return one


def test_the_whole_way(street: World) -> None:
    one = check(street)
    made = street.must(order(street, one.id))
    ordered = only(street)
    assert (ordered.state, ordered.open, ordered.code, ordered.inspection) == ("ordered", True, CODE, one.id)
    assert ordered.overdue(street.now + 5 * HOUR) and not ordered.overdue(street.now + 4 * HOUR)
    street.later(HOUR)
    street.must(report(street, made.id))
    street.must(reject(street, made.id, deadline=2 * HOUR))
    assert (only(street).state, only(street).deadline_ms) == ("rejected", street.now + 2 * HOUR)
    street.must(report(street, made.id))
    street.later(HOUR)
    last = street.must(confirm(street, made.id, check(street).id))
    assert (only(street).state, only(street).open) == ("confirmed", False)
    assert not only(street).overdue(street.now + 9 * DAY)
    assert only(street, last.index).state == "reported"
    store = street.ledger.store.facts
    listed = orders(store.matters_of_topic("order"), store.matters_of_topic("order_step"))
    assert listed == [only(street)]


def test_confirmed_behind_its_deadline_stays_overdue(street: World) -> None:
    made = street.must(order(street, check(street).id))
    street.later(DAY)
    street.must(confirm(street, made.id))
    assert only(street).overdue(street.now)


def test_findings_that_are_none(street: World) -> None:
    one, other = check(street), check(street, M2)
    gone = check(street)
    body = {"statement": gone.id, "reason": "did_not_happen", "explanation": "误录"}
    street.must(officer(street, "statement.corrected", body))
    refused(order(street, NOWHERE), UnknownReference, "body.inspection")
    refused(order(street, gone.id), UnknownReference, "body.inspection")
    refused(order(street, street.receive("B1").id), UnknownReference, "body.inspection")
    refused(order(street, other.id), CustodyRefused, "body.inspection")
    refused(order(street, one.id, code="late_entry"), UnknownReference, "body.code")
    refused(order(street, one.id, subject="B1"), UnknownReference, "body.code")
    refused(order(street, waived(street, CODE, None).id), CustodyRefused, "body.code")
    street.must(order(street, one.id))


def test_one_open_order_for_a_finding(street: World) -> None:
    one = check(street)
    first = street.must(order(street, one.id))
    refused(order(street, one.id), Conflict, "body.code")
    street.must(order(street, one.id, code=OTHER, subject=OTHER_SUBJECT))
    street.must(confirm(street, first.id))
    street.must(order(street, one.id))


def test_deadlines(street: World) -> None:
    """At 16:00 local: the same day, and at most six hours."""
    one = check(street)
    for wrong in (0, -HOUR, 6 * HOUR + 1000, 8 * HOUR):
        refused(order(street, one.id, deadline=street.time(wrong)), CustodyRefused, "body.deadline")
    made = street.must(order(street, one.id, deadline=street.time(6 * HOUR)))
    street.must(report(street, made.id))
    refused(reject(street, made.id, deadline=-1), CustodyRefused, "body.deadline")
    refused(reject(street, made.id, deadline=7 * HOUR), CustodyRefused, "body.deadline")


def test_the_day_is_the_authors_whatever_offset_the_deadline_has(street: World) -> None:
    street.later(3 * HOUR)  # 19:00 local, so that six hours later is tomorrow
    one = check(street)
    refused(
        order(street, one.id, deadline=street.time(5 * HOUR + HOUR // 2)), CustodyRefused, "body.deadline"
    )
    street.must(order(street, one.id, deadline=street.time(4 * HOUR)))


def test_a_rule_set_without_a_deadline_sets_none(street: World) -> None:
    loose = rules("r-loose", "2020-01-03", rectification_same_day=False, rectification_hours=None)
    one = check(street)
    refused(order(street, one.id, deadline=street.time(90 * DAY)), CustodyRefused, "body.deadline")
    street.must(publish(street, loose))
    street.must(order(street, one.id, deadline=street.time(90 * DAY)))


def test_steps_out_of_order(street: World) -> None:
    made = street.must(order(street, check(street).id))
    refused(reject(street, made.id), CustodyRefused, "body.order")
    street.must(report(street, made.id))
    street.must(reject(street, made.id))
    refused(reject(street, made.id), CustodyRefused, "body.order")
    street.must(confirm(street, made.id))
    for late in (report(street, made.id), confirm(street, made.id), reject(street, made.id)):
        refused(late, Conflict, "body.order")
    refused(report(street, NOWHERE), UnknownReference, "body.order")
    refused(report(street, made.id, merchant=M2), CustodyRefused, "body.order")


def test_the_check_that_looked_again_comes_after_the_order(street: World) -> None:
    one = check(street)
    made = street.must(order(street, one.id))
    street.must(report(street, made.id))
    refused(confirm(street, made.id, one.id), CustodyRefused, "body.inspection")
    refused(reject(street, made.id, one.id), CustodyRefused, "body.inspection")
    refused(confirm(street, made.id, check(street, M2).id), CustodyRefused, "body.inspection")
    refused(confirm(street, made.id, NOWHERE), UnknownReference, "body.inspection")
    street.must(confirm(street, made.id, check(street).id))


def test_nothing_happens_before_what_it_answers(street: World) -> None:
    """A day earlier nobody could know of it; clocks may differ by minutes."""
    one = check(street)
    early = street.time(-HOUR)
    refused(order(street, one.id, occurred_at=early), TimeRefused, "occurred_at")
    made = street.must(order(street, one.id, occurred_at=street.time(-60_000)))
    refused(report(street, made.id, occurred_at=early), TimeRefused, "occurred_at")
    street.later(2 * HOUR)
    street.must(report(street, made.id))
    street.later(DAY)
    back = street.time(-DAY - HOUR)
    refused(confirm(street, made.id, occurred_at=back), TimeRefused, "occurred_at")
    refused(reject(street, made.id, occurred_at=back), TimeRefused, "occurred_at")


def test_who_may(street: World) -> None:
    one, west = check(street), check(street, M3)
    made = street.must(order(street, one.id, by=[street.second]))
    assert isinstance(made, Receipt)
    refused(order(street, west.id, by=[street.second], merchant=M3), NotAuthorised, "merchant")
    refused(order(street, one.id, by=[street.k1]), NotAuthorised, "signatures")
    refused(
        officer(street, "rectification.reported", {"order": made.id, "what": "已消毒"}),
        NotAuthorised,
        "signatures",
    )
    refused(confirm(street, made.id, by=[street.k1]), NotAuthorised, "signatures")
    refused(order(street, one.id, by=[street.officer, street.k1]), NotAuthorised, "signatures")


def test_two_officers_are_two_people(world: World) -> None:
    street = supervise(world, two_officers=["rectification.ordered"])
    one = check(street)
    again, nameless = key("officer again"), key("nameless")
    street.grant(again, "supervisor", "*", "officer-1")
    street.grant(nameless, "supervisor", "*")
    refused(order(street, one.id), NotAuthorised, "signatures")
    refused(order(street, one.id, by=[street.officer, again]), NotAuthorised, "signatures")
    refused(order(street, one.id, by=[street.officer, nameless]), NotAuthorised, "signatures")
    street.must(order(street, one.id, by=[street.officer, street.second]))


def test_an_order_stands_when_the_rules_change(street: World) -> None:
    """What was judged under the old rule set is not judged again; what comes next is under the new one."""
    one = check(street)
    made = street.must(order(street, one.id))
    was = only(street)
    strict = rules("r-strict", "2020-01-03", rectification_hours=1, two_officers=["rectification.ordered"])
    street.must(publish(street, strict))
    assert only(street) == was
    street.must(report(street, made.id))
    refused(reject(street, made.id, deadline=2 * HOUR), CustodyRefused, "body.deadline")
    refused(order(street, one.id, code=OTHER, subject=OTHER_SUBJECT), NotAuthorised, "signatures")
    street.must(confirm(street, made.id))


def test_a_check_with_an_order_is_not_taken_back(street: World) -> None:
    one = check(street)
    made = street.must(order(street, one.id))
    body = {"statement": one.id, "reason": "did_not_happen", "explanation": "误录"}
    refused(officer(street, "statement.corrected", body), CustodyRefused, "body.statement")
    refused(
        officer(street, "statement.corrected", body | {"statement": made.id}),
        CustodyRefused,
        "body.statement",
    )
