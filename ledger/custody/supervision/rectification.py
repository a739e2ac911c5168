"""Orders to put a finding right (现场交办、督促整改), and how they end: reported, confirmed or rejected.

    orders_of(facts, "92410104MACU00014Y", as_of=1040)[0].state     # "reported"

An order is about a finding that stands. It is open until a supervisor has confirmed it; a rejected one has a new
deadline. With 日产日清 in the rule set the deadline is on the day of the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.custody.matters import Matter, all_of, latest, matter, read
from ledger.custody.supervision.references import (
    check_again,
    finding,
    require_after,
    require_officers,
    rules_of,
    statement,
)
from ledger.errors import Conflict, CustodyRefused
from ledger.log.times import local_date, parse_instant
from ledger.messages import Message
from ledger.store.facts import FactRow, MatterFact
from ledger_schemas import (
    RectificationConfirmed,
    RectificationOrdered,
    RectificationRejected,
    RectificationReported,
)

_HOUR_MS = 3_600_000


class Order(NamedTuple):
    """An order as of an index; times in milliseconds since 1970, `state` the last step."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    merchant: str
    inspection: str
    code: str
    subject: str | None
    ordered_ms: int
    deadline_ms: int
    state: str
    """ordered, reported, rejected or confirmed"""
    state_ms: int

    @property
    def open(self) -> bool:
        return self.state != "confirmed"

    def overdue(self, now_ms: int) -> bool:
        """Whether it was confirmed after its deadline, or is open behind it."""
        return (now_ms if self.open else self.state_ms) > self.deadline_ms


def rectification_ordered(at: Context, body: RectificationOrdered) -> Iterator[FactRow]:
    require_officers(at)
    finding(at, body.inspection, body.code, body.subject)
    for order in orders_of(at.facts, at.merchant, at.index):
        about = (order.inspection, order.code, order.subject)
        if order.open and about == (body.inspection, body.code, body.subject):
            raise Conflict(
                "entry {entry} orders this already, and is open", entry=order.index, field="body.code"
            )
    deadline = _deadline(at, body.deadline)
    value = {
        "at": at.occurred_ms,
        "code": body.code,
        "deadline": deadline,
        "id": at.statement.id,
        "inspection": body.inspection,
        "merchant": at.merchant,
        "subject": body.subject,
    }
    yield matter(at, 0, "order", at.merchant, value)
    yield matter(at, 1, "about", body.inspection, {"id": at.statement.id, "kind": at.statement.kind})


def rectification_reported(at: Context, body: RectificationReported) -> Iterator[FactRow]:
    _open_order(at, body.order)
    yield _step(at, body.order, "reported")


def rectification_confirmed(at: Context, body: RectificationConfirmed) -> Iterator[FactRow]:
    order = _open_order(at, body.order)
    _recheck(at, order, body.inspection)
    yield _step(at, body.order, "confirmed")


def rectification_rejected(at: Context, body: RectificationRejected) -> Iterator[FactRow]:
    order = _open_order(at, body.order)
    if order.state != "reported":
        raise CustodyRefused(
            "the merchant has not reported since the order was {state}: there is nothing to reject",
            state=order.state,
            field="body.order",
        )
    _recheck(at, order, body.inspection)
    yield _step(at, body.order, "rejected", _deadline(at, body.deadline))


def orders_of(facts: Facts, merchant: str, as_of: int) -> list[Order]:
    """All orders to a merchant, oldest first."""
    ordered = all_of(facts, "order", merchant, as_of)
    return [_order(one, facts.matters("order_step", one.value["id"], as_of)) for one in ordered]


def orders(ordered: Iterable[MatterFact], steps: Iterable[MatterFact]) -> list[Order]:
    """All orders from the rows of topics `order` and `order_step`, oldest first."""
    taken: dict[str, list[MatterFact]] = {}
    for step in steps:
        taken.setdefault(step.key, []).append(step)
    return [_order(one, taken.get(one.value["id"], [])) for one in map(read, ordered)]


class Day(NamedTuple):
    """One day of 日产日清: what was ordered on it, and what became of that."""

    day: date
    ordered: int
    same_day: int
    """Confirmed on the day of the order."""
    later: int
    """Confirmed on a later day."""
    open: int
    overdue: int
    """Open behind the deadline, or confirmed after it."""


def days_of(found: Iterable[Order], now_ms: int, zone: tzinfo) -> list[Day]:
    """日产日清 for each day on which something was ordered, in order; days are those of `zone`."""
    taken: dict[date, list[Order]] = {}
    for order in found:
        taken.setdefault(_day(order.ordered_ms, zone), []).append(order)
    return [
        Day(
            day,
            len(those),
            sum(not one.open and _day(one.state_ms, zone) == day for one in those),
            sum(not one.open and _day(one.state_ms, zone) != day for one in those),
            sum(one.open for one in those),
            sum(one.overdue(now_ms) for one in those),
        )
        for day, those in sorted(taken.items())
    ]


def _day(ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(ms / 1000, zone).date()


def _order(one: Matter, steps: Iterable[MatterFact]) -> Order:
    value = one.value
    state, when, deadline = "ordered", value["at"], value["deadline"]
    for step in map(read, steps):
        state, when = step.value["step"], step.value["at"]
        deadline = step.value.get("deadline", deadline)
    return Order(
        one.index,
        value["id"],
        value["merchant"],
        value["inspection"],
        value["code"],
        value["subject"],
        value["at"],
        deadline,
        state,
        when,
    )


def _open_order(at: Context, identity: str) -> Order:
    statement(at, identity, "rectification.ordered", "body.order")
    order = next(order for order in orders_of(at.facts, at.merchant, at.index) if order.id == identity)
    if not order.open:
        last = latest(at.facts, "order_step", identity, at.index)
        raise Conflict(
            "order {identity} was confirmed by entry {entry}: it is closed",
            identity=identity,
            entry=last.index if last else "?",
            field="body.order",
        )
    require_after(at, order.state_ms, Message("the order was {state}", state=order.state))
    return order


def _recheck(at: Context, order: Order, inspection: str | None) -> None:
    if inspection is not None:
        check_again(at, inspection, Message("the order"), order.index)


def _step(at: Context, order: str, step: str, deadline: int | None = None) -> MatterFact:
    value: dict[str, int | str] = {"at": at.occurred_ms, "step": step}
    if deadline is not None:
        value["deadline"] = deadline
    return matter(at, 0, "order_step", order, value)


def _deadline(at: Context, text: str) -> int:
    """Not in the past, and within what the rule sets in force allow."""
    deadline = parse_instant(text)
    if deadline <= at.occurred_ms:
        raise CustodyRefused("the deadline {deadline} is over already", deadline=text, field="body.deadline")
    for ruleset in rules_of(at):
        if ruleset.body.rectification_same_day and local_date(text) != at.occurred_on:
            raise CustodyRefused(
                "rule set {ruleset} asks for rectification the same day (日产日清): "
                "the deadline is on {occurred_on}",
                ruleset=ruleset.body.code,
                occurred_on=at.occurred_on,
                field="body.deadline",
            )
        hours = ruleset.body.rectification_hours
        if hours is not None and deadline > at.occurred_ms + hours * _HOUR_MS:
            raise CustodyRefused(
                "rule set {ruleset} allows {hours} hours",
                ruleset=ruleset.body.code,
                hours=hours,
                field="body.deadline",
            )
    return deadline
