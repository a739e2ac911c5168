"""What the ledger says to a supervisor at a check, as JSON: the picture, and all that a check without network needs.

Counts, readings and answers that the supervisor adds are compared where they are made; everything else about findings
is computed here, ahead of the check (`foreseen`), as of the one index that the check is pinned to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ledger.custody.authoring import instant
from ledger.custody.facts import Facts
from ledger.custody.findings import Found, bounds, cooled_by
from ledger.custody.foresight import Foreseen
from ledger.custody.goods import plain
from ledger.custody.ledger import Ledger
from ledger.custody.matters import all_of
from ledger.custody.preparing import Outlook, Picture, ZoneReadings
from ledger.custody.supervision.cards import next_step
from ledger.custody.supervision.holds import standing_seal
from ledger.exchange.answers.asking import Json, amount
from ledger.log import Seen
from ledger.log.times import local_date


def picture_json(picture: Picture, outlook: Outlook, seen: Seen) -> Json:
    """The picture as one object; `check` is the beginning of a file for `custody inspect --from`."""
    enrolment, last = picture.enrolment, picture.last_check
    return {
        "merchant": enrolment.merchant,
        "name": enrolment.name,
        "grid": enrolment.grid,
        "seen": seen._asdict(),
        "rulesets": [one.body.code for one in picture.rulesets],
        "checklist": [{"code": item.code, "title": item.title} for item in picture.checklist],
        "last_check": None
        if last is None
        else {"index": last.index, "day": str(date.fromordinal(last.day)), "findings": last.findings},
        "disinfected_at": None if picture.disinfected is None else instant(picture.disinfected.end * 1000),
        "attested": [
            {
                "goods_class": one.subject.partition(":")[0],
                "period_start": str(date.fromordinal(one.start)),
                "period_end": str(date.fromordinal(one.end)),
                "index": one.index,
            }
            for one in picture.attested
        ],
        "holdings": [
            {
                "batch": one.batch,
                "name": one.name,
                "quantity": amount(one.amount, one.unit),
                "index": one.since,
            }
            for one in picture.holdings
        ],
        "handovers": [
            {"id": str(UUID(bytes=one.id)), "from": one.sender, "at": instant(one.occurred * 1000)}
            for one in picture.handovers
        ],
        **_outlook_json(outlook),
        "check": {
            "merchant": enrolment.merchant,
            "seen": seen._asdict(),
            "observed": {"stock": [], "unlisted": [], "temperatures": [], "checklist": []},
        },
    }


def _outlook_json(outlook: Outlook) -> Json:
    return {
        "temperatures": [_zone_json(one) for one in outlook.temperatures],
        "documents_due": [one._asdict() for one in outlook.documents],
        "orders": [
            {
                "index": one.index,
                "id": one.id,
                "code": one.code,
                "subject": one.subject,
                "deadline": instant(one.deadline_ms),
                "state": one.state,
            }
            for one in outlook.orders
        ],
        "cards": [
            {
                "index": one.index,
                **{name: one.value[name] for name in ("id", "card", "step", "closes", "code")},
            }
            for one in outlook.cards
        ],
        "suspension": None if outlook.suspension is None else outlook.suspension.value["document_number"],
    }


def _zone_json(one: ZoneReadings) -> Json:
    return {
        "zone": one.zone,
        "readings": one.readings,
        "low": _celsius(one.low),
        "high": _celsius(one.high),
        "missing_minutes": one.missing,
        "until": None if one.until is None else instant(one.until * 1000),
    }


def _celsius(hundredths: int | None) -> str | None:
    return None if hundredths is None else plain(hundredths * 10_000)


def check_json(
    ledger: Ledger, facts: Facts, picture: Picture, outlook: Outlook, foreseen: Sequence[Foreseen], seen: Seen
) -> Json:
    """The picture with everything that a check, and what follows from it, is made of."""
    enrolment, rules = picture.enrolment, [one.body for one in picture.rulesets]
    told = picture_json(picture, outlook, seen)
    for holding in told["holdings"]:
        seal = standing_seal(facts, holding["batch"], picture.as_of)
        holding["sealed"] = None if seal is None else seal.index
    body: Any = ledger.entry(enrolment.index).statement.body  # Any: the schemas have looked at it
    names = {str(zone["code"]): zone["name"] for zone in body.get("zones", [])}
    hours = [one.rectification_hours for one in rules if one.rectification_hours is not None]
    return told | {
        "as_of": picture.as_of,
        "started_at": picture.started_at,
        "address": body["address"],
        "zones": [
            {
                **zone._asdict(),
                "name": names[zone.code],
                "bounds": [list(one) for one in _bounds(picture, zone.code)],
            }
            for zone in picture.zones
        ],
        "two_officers": sorted({act for one in rules for act in one.two_officers}),
        "rectification": {
            "same_day": any(one.rectification_same_day for one in rules),
            "hours": min(hours, default=None),
        },
        "card_steps": _card_steps(facts, picture),
        "foreseen": [
            {
                "from": one.from_ms,
                "rulesets": list(one.rulesets),
                "findings": [found._asdict() for found in one.findings],
            }
            for one in foreseen
        ],
        "last_findings": _last_findings(ledger, facts, picture),
    }


def found_json(found: Sequence[Found]) -> list[Json]:
    """Findings as a check states them."""
    return [
        {name: value for name, value in one._asdict().items() if value} | {"source": "computed"}
        for one in found
    ]


def _bounds(picture: Picture, zone: str) -> list[tuple[int | None, int | None]]:
    """What each rule set allows in a zone, in 1/100 °C."""
    return [
        bounds(ruleset, one)
        for ruleset in picture.rulesets
        for one in cooled_by(ruleset, picture.zones)
        if one.code == zone
    ]


def _card_steps(facts: Facts, picture: Picture) -> list[Json]:
    """The card that each rule set asks for at a violation today."""
    day = local_date(picture.started_at)
    found = []
    for ruleset in picture.rulesets:
        step = next_step(facts, ruleset, picture.enrolment.merchant, day, picture.as_of)
        if step is not None:
            about = {"ruleset": ruleset.body.code, "goods_class": ruleset.body.goods_class}
            found.append(about | step.model_dump(mode="json"))
    return found


def _last_findings(ledger: Ledger, facts: Facts, picture: Picture) -> Json | None:
    """The check before and what stands of it, to order or show a card for."""
    if picture.last_check is None:
        return None
    identity = ledger.entry(picture.last_check.index).statement.id
    found = [one.value for one in all_of(facts, "finding", identity, picture.as_of)]
    standing = [{"code": one["code"], "subject": one["subject"]} for one in found if one["stands"]]
    return {"inspection": identity, "index": picture.last_check.index, "findings": standing}
