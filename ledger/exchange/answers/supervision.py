"""What supervision asks, as JSON: coverage, duties, plans, orders, cards, recalls, notices.

Whoever asks chooses what stands in a list beforehand; sums are of what is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledger.custody.authoring import instant
from ledger.custody.coverage import Coverage, Group, week_text
from ledger.custody.supervision.cards import Standing, Suspension
from ledger.custody.supervision.duty import Duty
from ledger.custody.supervision.holds import Recall
from ledger.custody.supervision.notices import Notice
from ledger.custody.supervision.plan import Plan
from ledger.custody.supervision.progress import Progress
from ledger.custody.supervision.rectification import Day, Order
from ledger.exchange.answers.asking import Json, amount
from ledger.exchange.outbox import Done

STATES = ("done", "done_otherwise", "due", "missed")
"""Of a planned check."""


def coverage_json(found: Coverage, *, missed_only: bool) -> Json:
    """Who was checked how often in a week."""
    listed = found.missed if missed_only else found.merchants
    return {
        "week": week_text(found.week),
        "first_day": str(found.first_day),
        "last_day": str(found.last_day),
        "as_of": found.as_of,
        "due": found.due,
        "missed": len(found.missed),
        "merchants": [
            {
                **one._asdict(),
                "days": [str(day) for day in one.days],
                "goods_classes": list(one.goods_classes),
                "checks": list(one.checks),
                "officers": list(one.officers),
                "missing": one.missing,
            }
            for one in listed
        ],
    }


def group_json(group: Group) -> Json:
    """The sums of a grid or a supervisor."""
    missed = [
        {"merchant": one.merchant, "name": one.name, "supervisor": one.supervisor, "missing": one.missing}
        for one in group.missed
    ]
    return group._asdict() | {"missed": missed}


def duties_json(
    found: Sequence[Duty], *, as_of: int, root: str, grid: str | None, unassigned_only: bool
) -> Json:
    """Who is responsible for whom; `found` are all that were looked at, so that an empty list says something."""
    missing = [one for one in found if one.missing]
    return {
        "as_of": as_of,
        "root": root,
        "grid": grid,
        "merchants": len(found),
        "unassigned": len(missing),
        "duties": [
            {**one._asdict(), "assigned": list(one.assigned), "missing": list(one.missing)}
            for one in (missing if unassigned_only else found)
        ],
    }


def announced_json(plan: Plan) -> Json:
    """A plan as it was announced, and what became of it."""
    return {
        "announced": plan.index,
        "id": plan.id,
        "grid": plan.grid,
        "officers": list(plan.officers),
        "seed_size": plan.seed_size,
        "drawn": plan.drawn,
        "voided": None if plan.voided is None else plan.voided._asdict(),
        "replaces": list(plan.replaces),
    }


def plan_json(plan: Plan, checks: Sequence[Progress], names: Mapping[str, str]) -> Json:
    """A plan and what became of its checks."""
    return {
        **announced_json(plan),
        "states": {state: sum(one.state == state for one in checks) for state in STATES},
        "checks": [
            {
                "merchant": one.assignment.merchant,
                "name": names.get(one.assignment.merchant),
                "day": str(one.day),
                "officers": list(one.assignment.officers),
                "state": one.state,
                "check": one.check,
                "checked_on": None if one.checked_on is None else str(one.checked_on),
                "checked_by": list(one.officers),
            }
            for one in checks
        ],
    }


def orders_json(listed: Sequence[Order], days: Sequence[Day], *, as_of: int, now_ms: int) -> Json:
    """Orders, and what became of those of each day."""
    return {
        "as_of": as_of,
        "orders": [_order(one, now_ms) for one in listed],
        "days": [{**one._asdict(), "day": str(one.day)} for one in days],
    }


def _order(order: Order, now_ms: int) -> Json:
    times = {
        "ordered_at": instant(order.ordered_ms),
        "deadline": instant(order.deadline_ms),
        "state_at": instant(order.state_ms),
    }
    kept = {name: value for name, value in order._asdict().items() if not name.endswith("_ms")}
    return {**kept, **times, "open": order.open, "overdue": order.overdue(now_ms)}


def cards_json(issued: Sequence[Standing], decided: Sequence[Suspension], *, as_of: int, day: date) -> Json:
    """Cards and suspensions, as of a day."""
    return {
        "as_of": as_of,
        "cards": [
            {
                **{name: value for name, value in one._asdict().items() if name != "at_ms"},
                "issued_at": instant(one.at_ms),
                "standing": one.lifted is None,
            }
            for one in issued
        ],
        "suspensions": [
            {
                **one._asdict(),
                "starts": str(one.starts),
                "ends": None if one.ends is None else str(one.ends),
                "standing": one.covers(day),
            }
            for one in decided
        ],
    }


def recalls_json(found: Sequence[Recall]) -> list[Json]:
    """One line for each recall."""
    return [
        {
            "recall": one.id,
            "index": one.index,
            "batch": one.batch,
            "answer_by": instant(one.answer_by_ms),
            "holders": len(one.holders),
            "unanswered": sum(holder.answer is None for holder in one.holders),
        }
        for one in found
    ]


def recall_json(found: Recall, now_ms: int) -> Json:
    """Who has had some of a recalled batch, and what they answered."""
    unit = found.unit
    holders = []
    for one in found.holders:
        answer = one.answer
        holders.append(
            {
                "merchant": one.merchant,
                "got": amount(one.got, unit),
                "sold": amount(one.sold, unit),
                "held": amount(one.held, unit),
                "coming": amount(one.coming, unit),
                "answer": None
                if answer is None
                else {
                    "index": answer.index,
                    "found": amount(answer.found, unit),
                    "sold": amount(answer.sold, unit),
                    "answered_at": instant(answer.at_ms),
                },
                "difference": None if one.difference is None else amount(one.difference, unit),
            }
        )
    waiting = sum(one.answer is None for one in found.holders)
    return {
        "recall": found.id,
        "index": found.index,
        "batch": found.batch,
        "as_of": found.as_of,
        "answer_by": instant(found.answer_by_ms),
        "unanswered": waiting,
        "overdue": waiting > 0 and now_ms > found.answer_by_ms,
        "holders": holders,
    }


def notice_state(notice: Notice, delivered: Mapping[str, Done] | None) -> str:
    """Whether a notice was delivered, by the outbox; ``unknown`` where there is none to ask."""
    if delivered is None:
        return "unknown"
    return delivered[notice.id].outcome if notice.id in delivered else "waiting"


def notice_sums(found: Sequence[Notice]) -> dict[str, tuple[int, int]]:
    """Of each office: how often it was told, and how much of that it has not answered."""
    sums: dict[str, tuple[int, int]] = {}
    for one in found:
        told, open_ones = sums.get(one.office, (0, 0))
        sums[one.office] = (told + 1, open_ones + (one.answered is None))
    return sums


def notices_json(
    listed: Sequence[Notice], found: Sequence[Notice], delivered: Mapping[str, Done] | None
) -> Json:
    """Notices, and the sums of each office over all that were `found`."""
    return {
        "offices": [
            {"office": office, "told": told, "unanswered": open_ones}
            for office, (told, open_ones) in notice_sums(found).items()
        ],
        "notices": [
            {
                **{name: value for name, value in one._asdict().items() if name != "sent_ms"},
                "sent_at": instant(one.sent_ms),
                "delivery": notice_state(one, delivered),
            }
            for one in listed
        ],
    }
