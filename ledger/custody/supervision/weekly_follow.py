"""What became of the findings of a week: orders and how they stand (日产日清).

rectified(scope).same_day, rectified(scope).median_minutes
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import NamedTuple

from ledger.custody.supervision.rectification import Order, orders
from ledger.custody.supervision.weekly_scope import Scope, Span


class OrderDay(NamedTuple):
    """Orders of one day and how they stand (日产日清)."""

    day: date
    ordered: int
    same_day: int
    later: int
    open: int
    overdue: int


class Overdue(NamedTuple):
    """An order of the week that was confirmed after its deadline, or is open behind it."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    grid: str
    merchant: str
    name: str
    code: str
    deadline_ms: int
    state: str


class Rectification(NamedTuple):
    """Orders of the week; minutes from order to confirmation, None where none is confirmed."""

    ordered: int
    same_day: int
    later: int
    open: int
    overdue: int
    median_minutes: int | None
    longest_minutes: int | None
    carried: int
    """Orders of earlier weeks that are open still."""
    days: tuple[OrderDay, ...]
    late: tuple[Overdue, ...]


def rectified(scope: Scope) -> Rectification:
    span = scope.span
    reader, as_of = scope.reader, scope.as_of
    known = [
        order
        for order in orders(
            reader.matters_of_topic("order", before=as_of),
            reader.matters_of_topic("order_step", before=as_of),
        )
        if order.merchant in scope.merchants
    ]
    mine = [order for order in known if span.start_ms <= order.ordered_ms < span.end_ms]
    by_day: dict[date, list[Order]] = defaultdict(list)
    for order in mine:
        by_day[span.day(order.ordered_ms)].append(order)
    days = tuple(_order_day(span, day, by_day.get(day, ()), scope.at_ms) for day in span.days)
    minutes = [(order.state_ms - order.ordered_ms) // 60_000 for order in mine if not order.open]
    return Rectification(
        len(mine),
        sum(day.same_day for day in days),
        sum(day.later for day in days),
        sum(day.open for day in days),
        sum(day.overdue for day in days),
        int(median(minutes)) if minutes else None,
        max(minutes, default=None),
        sum(1 for order in known if order.open and order.ordered_ms < span.start_ms),
        days,
        tuple(
            Overdue(
                order.index,
                scope.merchants[order.merchant].grid,
                order.merchant,
                scope.merchants[order.merchant].name,
                order.code,
                order.deadline_ms,
                order.state,
            )
            for order in mine
            if order.overdue(scope.at_ms)
        ),
    )


def _order_day(span: Span, day: date, of_day: Sequence[Order], at_ms: int) -> OrderDay:
    waiting = sum(1 for order in of_day if order.open)
    same = sum(1 for order in of_day if not order.open and span.day(order.state_ms) == day)
    return OrderDay(
        day,
        len(of_day),
        same,
        len(of_day) - waiting - same,
        waiting,
        sum(1 for order in of_day if order.overdue(at_ms)),
    )
