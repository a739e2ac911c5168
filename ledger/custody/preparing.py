"""Preparing a supervisor's check: what the ledger says before anybody looks, and the findings once somebody has.

    picture = look(facts, setting, "92410104MACU00014Y", started_at="2026-11-23T08:15:00+08:00", as_of=1040)
    found = findings(facts, picture, observed)

    outlook(facts, picture).orders                 # and what is due, open and standing

The findings are those that `inspection` computes again when the check is recorded with `as_of` as its `seen`. Asking
the supervisor, and recording, are left to the front doors.
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.custody.context import Setting, rulesets_in_force
from ledger.custody.facts import Facts, Ruleset, Zone
from ledger.custody.findings import Check, Found, compute
from ledger.custody.holdings import Holding, holdings
from ledger.custody.matters import Matter
from ledger.custody.partition import Reading
from ledger.custody.supervision.cards import standing_cards, suspension
from ledger.custody.supervision.rectification import Order, orders_of
from ledger.errors import UnknownReference
from ledger.log.times import local_date, parse_instant
from ledger.store.facts import CheckFact, HandoverFact, MerchantFact
from ledger_schemas import ChecklistItem, Observed


class Picture(NamedTuple):
    """What the ledger says about a merchant at the beginning of a check."""

    enrolment: MerchantFact
    started_at: str
    as_of: int
    zones: tuple[Zone, ...]
    rulesets: list[Ruleset]
    """In force on the day of the check, one for each goods class that has one."""
    holdings: list[Holding]
    handovers: list[HandoverFact]
    """Handed over to the merchant and not answered."""
    disinfected: Reading | None
    """The latest disinfection."""
    attested: list[Reading]
    """The latest attestation of each goods class; `start` and `end` are days (``date.toordinal``)."""
    last_check: CheckFact | None

    @property
    def checklist(self) -> list[ChecklistItem]:
        """The questions of all rule sets, each once, in their order."""
        asked = {item.code: item for ruleset in reversed(self.rulesets) for item in ruleset.body.checklist}
        order = dict.fromkeys(item.code for ruleset in self.rulesets for item in ruleset.body.checklist)
        return [asked[code] for code in order]


class ZoneReadings(NamedTuple):
    """Readings of a cooled zone since the last check, from its checkpoint on; 1/100 °C, minutes, unix seconds."""

    zone: str
    readings: int
    low: int | None
    high: int | None
    missing: int
    until: int | None


class Outlook(NamedTuple):
    """What a supervisor looks after at a check, beside the goods."""

    temperatures: list[ZoneReadings]
    """One for each cooled zone, with readings or without."""
    documents: list[Found]
    """Missing or expired."""
    orders: list[Order]
    """Open, oldest first."""
    cards: list[Matter]
    """Standing."""
    suspension: Matter | None


def look(facts: Facts, setting: Setting, merchant: str, *, started_at: str, as_of: int) -> Picture:
    """What the ledger says as of an index. The local day of `started_at` (RFC 3339) decides which rule sets hold.

    Raises: UnknownReference for a merchant that is not enrolled.
    """
    enrolment = facts.merchant(merchant, as_of)
    if enrolment is None:
        raise UnknownReference(
            "merchant {merchant} is not enrolled: see `custody merchant list`",
            merchant=merchant,
            field="merchant",
        )
    classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
    attested: dict[str, Reading] = {}
    for reading in facts.events(merchant, "clearance.attested", as_of):
        attested.setdefault(reading.subject.partition(":")[0], reading)
    disinfections = list(facts.events(merchant, "disinfection.logged", as_of))
    return Picture(
        enrolment,
        started_at,
        as_of,
        facts.zones(enrolment),
        rulesets_in_force(facts, setting.jurisdiction, classes, local_date(started_at), as_of),
        holdings(facts, merchant, as_of=as_of),
        facts.open_handovers_to(merchant, as_of),
        max(disinfections, key=lambda reading: reading.end, default=None),
        list(attested.values()),
        facts.last_check(merchant, as_of),
    )


def findings(facts: Facts, picture: Picture, observed: Observed) -> list[Found]:
    """What ledger and observation give, in a fixed order."""
    check = Check(
        picture.enrolment.merchant,
        picture.rulesets,
        observed,
        parse_instant(picture.started_at),
        local_date(picture.started_at),
        picture.as_of,
    )
    return compute(facts, check)


def outlook(facts: Facts, picture: Picture) -> Outlook:
    """What is due, open and standing, as of the index of the picture."""
    merchant, as_of = picture.enrolment.merchant, picture.as_of
    return Outlook(
        [_since_last_check(facts, picture, zone) for zone in picture.zones if zone.storage != "ambient"],
        [one for one in findings(facts, picture, Observed()) if one.code.startswith("document_")],
        [order for order in orders_of(facts, merchant, as_of) if order.open],
        standing_cards(facts, merchant, as_of),
        suspension(facts, merchant, local_date(picture.started_at), as_of),
    )


def _since_last_check(facts: Facts, picture: Picture, zone: Zone) -> ZoneReadings:
    since = picture.last_check.seen if picture.last_check is not None else 0
    found = []
    for reading in facts.events(picture.enrolment.merchant, "temperature.logged", picture.as_of):
        if reading.index < since:
            break  # newest first
        if reading.subject == zone.code:
            found.append(reading)
    return ZoneReadings(
        zone.code,
        len(found),
        min((one.low for one in found), default=None),
        max((one.high for one in found), default=None),
        max((one.missing for one in found), default=0),
        max((one.end for one in found), default=None),
    )
