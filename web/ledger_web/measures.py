"""Measures that stand in an officer's place, each with what has to happen before it ends.

    GET /api/measures/cards       cards that stand, as they were issued, and the orders of the same check still open
    GET /api/measures/seals       sealed batches, who holds how much of them
    GET /api/measures/recalls     recalls: who has answered what, and who has not

Each comes a page at a time, the newest first: `next` of an answer is `before` of the next one, null with the last.

Cards and seals are for those who check; of a recall whoever supervises sees the holders in its sight. What it leaves to
others: lifting, releasing, answering (statements like any other), whether the ledger would take them (`trying`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query, Response

from ledger.custody.authoring import instant
from ledger.custody.matters import Matter, read
from ledger.custody.supervision.cards import Standing
from ledger.custody.supervision.holds import Holder, Recall, recall_status
from ledger.custody.supervision.rectification import Order, orders_of
from ledger.exchange.answers.asking import amount
from ledger.messages import Message
from ledger_web.asked import MAX_INDEX, Asked, Json, Question
from ledger_web.duty import whom
from ledger_web.faults import NotYours

router = APIRouter(prefix="/api/measures", tags=["views"])

PAGE: Final = 50
RECALLS: Final = 20
"""Recalls in one answer: each asks for all movements of a batch."""

Before = Annotated[int | None, Query(ge=0, le=MAX_INDEX, description="条目编号 Older than this entry")]
Indexed = TypeVar("Indexed", Matter, Standing)


@router.get("/cards")
def cards_that_stand(ask: Question, response: Response, before: Before = None) -> Json:
    """亮牌 Cards of merchants in sight that stand."""
    response.headers["cache-control"] = "no-store"
    _require_checker(ask)
    found, after = _page([one for one in ask.cards() if one.lifted is None], before, PAGE)
    ask.facts.fetch_checks(one.merchant for one in found)
    ask.facts.fetch_matters(("order", one.merchant) for one in found)
    about = whom(ask, (one.merchant for one in found))
    listed = [about[one.merchant] | _card(ask, one) for one in found]
    return {"as_of": ask.size, "cards": listed, "next": after}


@router.get("/seals")
def seals_that_stand(ask: Question, response: Response, before: Before = None) -> Json:
    """查封 Batches sealed at merchants in sight."""
    response.headers["cache-control"] = "no-store"
    _require_checker(ask)
    sealed = list(map(read, ask.store.matters_of_topic("seal", before=ask.size)))
    seen = set(ask.reader.visible({str(one.value["merchant"]) for one in sealed}))
    sealed = [one for one in sealed if one.value["merchant"] in seen]
    released = {row.key for row in ask.about("seal_released", (str(one.value["id"]) for one in sealed))}
    found, after = _page([one for one in sealed if one.value["id"] not in released], before, PAGE)
    return {"as_of": ask.size, "seals": [_seal(ask, one) for one in found], "next": after}


@router.get("/recalls")
def recalls_and_answers(ask: Question, response: Response, before: Before = None) -> Json:
    """召回 Recalls of batches in sight with the answers."""
    response.headers["cache-control"] = "no-store"
    ask.official()
    found, after = _page(ask.recalls(), before, RECALLS)
    listed = [_recall(ask, recall_status(ask.store, ask.facts, one.key, ask.size)) for one in found]
    return {"as_of": ask.size, "recalls": listed, "next": after}


def _page(found: Sequence[Indexed], before: int | None, most: int) -> tuple[list[Indexed], int | None]:
    """The newest of those before an entry, and where the next page begins."""
    older = [one for one in reversed(found) if before is None or one.index < before]
    return older[:most], older[most - 1].index if len(older) > most else None


def _require_checker(ask: Asked) -> None:
    """Raises: SignInNeeded, NotYours."""
    ask.signed_in()
    if not ask.reader.may_see_plans:
        raise NotYours(Message("for those who check"))


def _body(ask: Asked, index: int) -> Any:  # JSON
    return ask.ledger.entry(index).statement.body


def _signed_by(ask: Asked, index: int) -> list[str]:
    grants = (ask.facts.grant(one.keyid, ask.size) for one in ask.ledger.entry(index).signatures)
    return [grant.holder or grant.role for grant in grants if grant is not None]


def _card(ask: Asked, card: Standing) -> Json:
    body = _body(ask, card.index)
    waiting = [
        one
        for one in orders_of(ask.facts, card.merchant, ask.size)
        if one.open and one.inspection == card.inspection
    ]
    last = ask.facts.last_check(card.merchant, ask.size)
    again = None if last is None or last.index < card.index else ask.ledger.entry(last.index).statement.id
    return {
        **{name: value for name, value in card._asdict().items() if name not in ("at_ms", "lifted")},
        "subject": body.get("subject"),
        "reason": body["reason"],
        "ruleset": body["ruleset"],
        "issued_at": instant(card.at_ms),
        "officers": _signed_by(ask, card.index),
        "waiting": [_order(ask, one) for one in waiting],
        "checked_again": again,
    }


def _order(ask: Asked, order: Order) -> Json:
    return {
        "id": order.id,
        "index": order.index,
        "code": order.code,
        "subject": order.subject,
        "what": _body(ask, order.index)["what"],
        "deadline": instant(order.deadline_ms),
        "state": order.state,
        "overdue": order.overdue(ask.now_ms),
    }


def _seal(ask: Asked, seal: Matter) -> Json:
    body, batch = _body(ask, seal.index), ask.facts.batch(seal.key, ask.size)
    assert batch is not None  # noqa: S101 - nothing else is sealed
    holders = ask.reader.visible(sorted(ask.reader.parties(seal.key)))
    held = [(one, ask.facts.held(seal.key, one, ask.size)) for one in holders]
    about = whom(ask, [seal.value["merchant"], *holders])
    return {
        **about[seal.value["merchant"]],
        "batch": seal.key,
        "goods": batch.name,
        "id": seal.value["id"],
        "index": seal.index,
        "reason": body["reason"],
        "document_number": body.get("document_number"),
        "sealed_at": instant(seal.value["at"]),
        "officers": _signed_by(ask, seal.index),
        "held": [
            {"merchant": one, "name": about[one]["name"], "quantity": amount(micro, batch.unit)}
            for one, micro in held
            if micro
        ],
    }


def _recall(ask: Asked, recall: Recall) -> Json:
    body, batch = _body(ask, recall.index), ask.facts.batch(recall.batch, ask.size)
    about = whom(ask, (one.merchant for one in recall.holders))
    holders = [one for one in recall.holders if one.merchant in about]
    waiting = sum(one.answer is None for one in holders)
    return {
        "id": recall.id,
        "index": recall.index,
        "batch": recall.batch,
        "goods": None if batch is None else batch.name,
        "reason": body["reason"],
        "number": body.get("number"),
        "answer_by": instant(recall.answer_by_ms),
        "unanswered": waiting,
        "overdue": waiting > 0 and ask.now_ms > recall.answer_by_ms,
        "holders": [about[one.merchant] | _holder(ask, one, recall.unit) for one in holders],
    }


def _holder(ask: Asked, holder: Holder, unit: str) -> Json:
    said = holder.answer
    body = None if said is None else _body(ask, said.index)
    return {
        **{name: amount(getattr(holder, name), unit) for name in ("got", "sold", "held", "coming")},
        "difference": None if holder.difference is None else amount(holder.difference, unit),
        "answer": None
        if said is None or body is None
        else {
            "index": said.index,
            "found": amount(said.found, unit),
            "sold": amount(said.sold, unit),
            "answered_at": instant(said.at_ms),
            "note": body.get("note"),
            "evidence": list(body.get("evidence") or ()),
        },
    }
