"""What a merchant's phone needs to know, in one answer, so that all its pages open without network.

    GET /api/mine       holdings, goods on the way, zones, rule sets, what is due, orders, recalls, cards

Each part is as of the same entry, `as_of`. Findings are those that a check would compute now; `clears` says of each
item of the attestation what the ledger would hold against it, *before* it is signed. What it leaves to others: the
rules (`ledger.custody`), and views for those who look at more than one merchant.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from ledger.custody.authoring import instant
from ledger.custody.facts import Facts, Ruleset
from ledger.custody.findings import Check, Found, contradictions, documents_of
from ledger.custody.goods import plain
from ledger.custody.holdings import Holding
from ledger.custody.matters import Matter, all_of, latest
from ledger.custody.preparing import Picture, findings, look
from ledger.custody.supervision.cards import standing_cards, suspension
from ledger.custody.supervision.holds import recall_status, standing_seal
from ledger.custody.supervision.rectification import Order, orders_of
from ledger.log.times import local_date, parse_instant
from ledger.messages import Message
from ledger.store.facts import HandoverFact
from ledger_schemas import Observed, RulesetPublished
from ledger_web.faults import NotYours
from ledger_web.service import Service

router = APIRouter(tags=["views"])


@router.get("/api/mine")
def mine(request: Request, response: Response) -> dict[str, Any]:
    """What the merchant who asks needs to know."""
    response.headers["cache-control"] = "no-store"
    service = Service.of(request)
    found = service.reader(request)
    found.require_signed_in()
    if found.merchant is None:
        raise NotYours(Message("only merchants have goods of their own"))
    facts, as_of = found.facts, found.as_of
    now = instant(service.clock())
    picture = look(facts, service.ledger.setting, found.merchant, started_at=now, as_of=as_of)
    day = local_date(now)
    cards = standing_cards(facts, found.merchant, as_of)
    suspended = suspension(facts, found.merchant, day, as_of)
    return {
        "merchant": found.merchant,
        "as_of": as_of,
        "now": now,
        "name": picture.enrolment.name,
        "grid": picture.enrolment.grid,
        "goods_classes": picture.enrolment.goods_classes.split(",")
        if picture.enrolment.goods_classes
        else [],
        "zones": service.ledger.entry(picture.enrolment.index).statement.body.get("zones", []),
        "holdings": [_holding(facts, found.merchant, one, as_of) for one in picture.holdings],
        "handovers": [_handover(facts, one, as_of) for one in picture.handovers],
        "rulesets": [_ruleset(one) for one in picture.rulesets],
        "findings": [one._asdict() for one in findings(facts, picture, Observed())],
        "clears": _clears(facts, picture),
        "attested": [
            {
                "goods_class": one.subject.partition(":")[0],
                "period_start": str(date.fromordinal(one.start)),
                "period_end": str(date.fromordinal(one.end)),
                "index": one.index,
            }
            for one in picture.attested
        ],
        "disinfected_at": None if picture.disinfected is None else instant(picture.disinfected.end * 1000),
        "orders": [_order(service, one, service.clock()) for one in orders_of(facts, found.merchant, as_of)],
        "recalls": _recalls(service, facts, found.merchant, as_of),
        "cards": [
            {
                "index": one.index,
                **one.value,
                "reason": service.ledger.entry(one.index).statement.body["reason"],
            }
            for one in cards
        ],
        "suspension": None if suspended is None else {"index": suspended.index, **suspended.value},
    }


def _amount(micro: int, unit: str) -> dict[str, str]:
    return {"value": plain(micro), "unit": unit}


def _holding(facts: Facts, merchant: str, holding: Holding, as_of: int) -> dict[str, Any]:
    batch = holding.batch
    seal, recall = standing_seal(facts, batch, as_of), latest(facts, "recall", batch, as_of)
    fact = facts.batch(batch, as_of)
    return {
        "batch": batch,
        "name": holding.name,
        "goods_class": holding.goods_class,
        "quantity": _amount(holding.amount, holding.unit),
        "received_by": holding.origin,
        "index": holding.since,
        "documents": list(documents_of(fact)) if fact else [],
        "sealed": None if seal is None else seal.index,
        "recall": None if recall is None else _recall(facts, recall, merchant, as_of),
    }


def _recall(facts: Facts, recall: Matter, merchant: str, as_of: int) -> dict[str, Any]:
    answers = all_of(facts, "recall_answer", recall.value["id"], as_of)
    return {
        "index": recall.index,
        "id": recall.value["id"],
        "answer_by": instant(recall.value["answer_by"]),
        "answered": any(one.value["merchant"] == merchant for one in answers),
    }


def _recalls(service: Service, facts: Facts, merchant: str, as_of: int) -> list[dict[str, Any]]:
    """Recalls that the merchant has not answered, of all it has ever had or is sent: what is gone is asked for too."""
    reader, found = service.ledger.store.facts, []
    coming = [
        line.batch
        for one in facts.open_handovers_to(merchant, as_of)
        for line in facts.handover_lines(one.index)
    ]
    had = [row.batch for row in reader.holders_by_merchant([merchant], before=as_of)]
    for batch in dict.fromkeys([*had, *coming]):
        recall = latest(facts, "recall", batch, as_of)
        if recall is None or _recall(facts, recall, merchant, as_of)["answered"]:
            continue
        state = recall_status(reader, facts, recall.value["id"], as_of)
        mine = next((one for one in state.holders if one.merchant == merchant), None)
        if mine is None:
            continue
        batch_fact = facts.batch(batch, as_of)
        found.append(
            {
                **_recall(facts, recall, merchant, as_of),
                "batch": batch,
                "name": "" if batch_fact is None else batch_fact.name,
                "reason": service.ledger.entry(recall.index).statement.body["reason"],
                "held": _amount(mine.held, state.unit),
                "sold": _amount(mine.sold, state.unit),
                "got": _amount(mine.got, state.unit),
            }
        )
    return found


def _handover(facts: Facts, one: HandoverFact, as_of: int) -> dict[str, Any]:
    sender = facts.merchant(one.sender, as_of)
    lines = []
    for line in facts.handover_lines(one.index):
        batch = facts.batch(line.batch, as_of)
        if batch is not None:
            lines.append(
                {"batch": line.batch, "name": batch.name, "quantity": _amount(abs(line.amount), batch.unit)}
            )
    return {
        "id": str(UUID(bytes=one.id)),
        "index": one.index,
        "sender": one.sender,
        "sender_name": None if sender is None else sender.name,
        "occurred_at": instant(one.occurred * 1000),
        "lines": lines,
    }


def _ruleset(ruleset: Ruleset) -> dict[str, Any]:
    body: RulesetPublished = ruleset.body
    keep = {
        "code",
        "title",
        "goods_class",
        "items",
        "documents",
        "limits",
        "attestation_days",
        "disinfection_hours",
        "commitment",
        "briefing",
    }
    return body.model_dump(mode="json", include=keep)


def _clears(facts: Facts, picture: Picture) -> dict[str, dict[str, list[dict[str, str | None]]]]:
    """By rule set and item, what stands against attesting it clear; items with nothing against them are left out."""
    check = Check(
        picture.enrolment.merchant,
        picture.rulesets,
        Observed(),
        parse_instant(picture.started_at),
        local_date(picture.started_at),
        picture.as_of,
    )
    return {
        ruleset.body.code: {
            item: [_told(one) for one in against]
            for item, against in contradictions(facts, check, ruleset).items()
            if against
        }
        for ruleset in picture.rulesets
    }


def _told(found: Found) -> dict[str, str | None]:
    return {"code": found.code, "subject": found.subject, "detail": found.detail}


def _order(service: Service, order: Order, now_ms: int) -> dict[str, Any]:
    body = service.ledger.entry(order.index).statement.body
    return {
        "index": order.index,
        "id": order.id,
        "code": order.code,
        "subject": order.subject,
        "what": body.get("what"),
        "ordered_at": instant(order.ordered_ms),
        "deadline": instant(order.deadline_ms),
        "state": order.state,
        "overdue": order.overdue(now_ms),
    }
