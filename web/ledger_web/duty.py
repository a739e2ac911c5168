"""What an officer has to do: the checks drawn for this week, and the orders that wait for a second look.

    GET /api/duty             my checks of the week, in walking order: by grid, then address
    GET /api/duty/orders      open orders of merchants in my sight, with what the merchant reported

An officer is known by the holder of the key that asks; plans name officers so. What it leaves to others: drawing
(`plan`), what became of planned checks (`progress`), who sees whom (`access`).
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response

from ledger.custody.authoring import instant
from ledger.custody.coverage import week_text
from ledger.custody.inspection import iso_week
from ledger.custody.matters import read
from ledger.custody.supervision.plan import Plan, planned
from ledger.custody.supervision.progress import Progress, progress
from ledger.custody.supervision.rectification import Order
from ledger.exchange.answers import asking
from ledger.messages import Message
from ledger_web.asked import Asked, Json, Question
from ledger_web.faults import NotYours

router = APIRouter(prefix="/api/duty", tags=["views"])


@router.get("")
def my_checks(ask: Question, response: Response) -> Json:
    """我的抽查任务 The checks of this week that were drawn for whoever asks, and what became of them."""
    response.headers["cache-control"] = "no-store"
    holder = _officer(ask)
    today = asking.day_of(ask.now_ms)
    week = week_text(iso_week(today))
    draws = ask.service.draws
    plans = [
        one
        for one in planned(ask.facts, ask.ledger.setting, week, ask.size, draws=draws)
        if one.voided is None
    ]
    mine = [
        one
        for plan in plans
        for one in progress(ask.store, ask.facts, _of_officer(plan, holder), today=today, as_of=ask.size)
        if holder in one.assignment.officers
    ]
    about = whom(ask, (one.assignment.merchant for one in mine))
    checks = [_check(about[one.assignment.merchant], one) for one in mine if one.assignment.merchant in about]
    checks.sort(key=lambda one: (one["day"], one["grid"], one["address"], one["merchant"]))
    return {
        "holder": holder,
        "as_of": ask.size,
        "today": str(today),
        "week": week,
        "drawn": any(plan.drawn is not None for plan in plans),
        "checks": checks,
    }


@router.get("/orders")
def my_orders(ask: Question, response: Response) -> Json:
    """待销号整改 Orders that are open, of merchants in sight, the one due first at the head."""
    response.headers["cache-control"] = "no-store"
    _officer(ask)
    found = [one for one in ask.orders() if one.open]
    found.sort(key=lambda one: (one.deadline_ms, one.index))
    return {"as_of": ask.size, "now": instant(ask.now_ms), "orders": _orders(ask, found)}


def _officer(ask: Asked) -> str | None:
    """Raises: SignInNeeded, NotYours."""
    ask.signed_in()
    if not ask.reader.may_see_plans:
        raise NotYours(Message("for those who check"))
    return ask.reader.holder


def _of_officer(plan: Plan, holder: str | None) -> Plan:
    """The plan with all checks of the merchants that one officer is drawn for: a merchant's are matched together."""
    mine = {one.merchant for one in plan.checks if holder in one.officers}
    return plan._replace(checks=tuple(one for one in plan.checks if one.merchant in mine))


def whom(ask: Asked, merchants: Iterable[str]) -> dict[str, Json]:
    """Name, grid and address of those of the merchants that the reader may see."""
    found = {
        merchant: enrolment
        for merchant in ask.reader.visible(dict.fromkeys(merchants))
        if (enrolment := ask.facts.merchant(merchant, ask.size)) is not None
    }
    entries = ask.ledger.entries_at(one.index for one in found.values())
    return {
        merchant: {
            "merchant": merchant,
            "name": one.name,
            "grid": one.grid,
            "address": str(entries[one.index].statement.body.get("address", "")),
        }
        for merchant, one in found.items()
    }


def _check(about: Json, one: Progress) -> Json:
    return {
        **about,
        "day": str(one.day),
        "officers": list(one.assignment.officers),
        "state": one.state,
        "check": one.check,
        "checked_on": None if one.checked_on is None else str(one.checked_on),
    }


def _orders(ask: Asked, found: list[Order]) -> list[Json]:
    """Orders as JSON, with all that they tell of read together."""
    about = whom(ask, (one.merchant for one in found))
    ask.facts.fetch_checks(about)
    ask.facts.fetch_matters(("order_step", one.id) for one in found)
    last = {merchant: ask.facts.last_check(merchant, ask.size) for merchant in about}
    reported = {
        one.id: [
            row.index
            for row in map(read, ask.facts.matters("order_step", one.id, ask.size))
            if row.value["step"] == "reported"
        ]
        for one in found
    }
    checked = [check.index for check in last.values() if check is not None]
    steps = [index for indexes in reported.values() for index in indexes]
    entries = ask.ledger.entries_at([*(one.index for one in found), *checked, *steps])

    def order(one: Order) -> Json:
        check = last[one.merchant]
        again = check is not None and check.index >= one.index
        return {
            **about[one.merchant],
            "id": one.id,
            "index": one.index,
            "inspection": one.inspection,
            "code": one.code,
            "subject": one.subject,
            "what": entries[one.index].statement.body.get("what"),
            "ordered_at": instant(one.ordered_ms),
            "deadline": instant(one.deadline_ms),
            "state": one.state,
            "overdue": one.overdue(ask.now_ms),
            "reports": [_report(index, entries[index].statement.body) for index in reported[one.id]],
            "checked_again": entries[check.index].statement.id if check is not None and again else None,
        }

    return [order(one) for one in found]


def _report(index: int, body: Json) -> Json:
    """What the merchant says it did, and its photos, which are read with `?entry=` of the report."""
    return {"index": index, "what": body.get("what"), "evidence": list(body.get("evidence") or ())}
