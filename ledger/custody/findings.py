"""What is wrong at a merchant, computed from the ledger and from what was observed.

Pure and repeatable: the same facts as of the same index, the same rule sets, the same observation and the
same time give
the same findings, so anyone can compute them again. A finding is known by its code and subject; `detail` is for people.

    compute(facts, Check(merchant="92410104MACU00014Y", rulesets=[...], observed=..., at_ms=..., day=..., as_of=1040))

Recording and waiving findings is `inspection`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.custody.care import document_subject
from ledger.custody.facts import Facts, Ruleset, Zone
from ledger.custody.goods import SUPPLIER_STATED, TRANSPORT_STATED, UNLOADING_STATED, plain
from ledger.custody.partition import Reading
from ledger.store.facts import BatchFact
from ledger_schemas import Observed, RuleItem, centi

HOUR = 3600


class Found(NamedTuple):
    """One finding: code of `records`, what it is about (a batch, zone, document, item …), and words for people."""

    code: str
    subject: str | None
    detail: str | None


class Check(NamedTuple):
    """What a check was about: whom, by which rules, what was seen, when, and which entries the ledger had (`as_of`)."""

    merchant: str
    rulesets: list[Ruleset]
    observed: Observed
    at_ms: int
    day: date
    as_of: int


def compute(facts: Facts, check: Check) -> list[Found]:
    """All findings, in a fixed order, each (code, subject) once."""
    held = facts.holdings(check.merchant, check.as_of)
    enrolment = facts.merchant(check.merchant, check.as_of)
    zones = facts.zones(enrolment) if enrolment else ()
    found = [*_stock(facts, check, held), *_unlisted(check)]
    for ruleset in check.rulesets:
        goods = [*_goods(facts, check, ruleset, held)]
        found += goods
        found += _clearance(facts, check, ruleset, goods)
        found += _dedicated(ruleset, zones)
        found += _temperatures(facts, check, ruleset, zones)
        found += _papers(facts, check, ruleset)
    found += [
        *_disinfection(facts, check),
        *_late(facts, check),
        *_handovers(facts, check),
        *_checklist(check),
    ]
    return list({(finding.code, finding.subject): finding for finding in reversed(found)}.values())[::-1]


def _stock(facts: Facts, check: Check, held: dict[str, int]) -> Iterator[Found]:
    """Counts against holdings; a batch that was not counted says nothing."""
    for line in check.observed.stock:
        should = held.get(line.batch, 0)
        if line.quantity.micro != should:
            unit = line.quantity.unit
            yield Found(
                "stock_differs",
                line.batch,
                f"counted {line.quantity.value} {unit}, ledger {plain(should)} {unit}",
            )


def _unlisted(check: Check) -> Iterator[Found]:
    for goods in check.observed.unlisted:
        yield Found("unlisted_goods", goods.name, goods.note or "not in the ledger")


def _goods(facts: Facts, check: Check, ruleset: Ruleset, held: dict[str, int]) -> Iterator[Found]:
    """Documents, supplier, transport, unloading and arrival temperature of every batch held."""
    required = [document.type for document in ruleset.body.documents if document.required]
    arrival_max = ruleset.body.limits.arrival_max
    warmest = None if arrival_max is None else centi(arrival_max)
    day = check.day.isoformat()
    for batch in held:
        fact = facts.batch(batch, check.as_of)
        if fact is None or fact.goods_class != ruleset.body.goods_class:
            continue
        has = documents_of(fact)
        for kind in required:
            if kind not in has:
                yield Found("document_missing", f"{batch}:{kind}", f"{kind} of batch {batch}")
            elif has[kind] and has[kind] < day:
                yield Found("document_expired", f"{batch}:{kind}", f"valid to {has[kind]}")
        if warmest is not None and fact.arrival is not None and fact.arrival > warmest:
            yield Found(
                "temperature_out_of_limits",
                batch,
                f"{plain(fact.arrival * 10_000)} ℃ on arrival, to be refused",
            )
        if not fact.stated & SUPPLIER_STATED:
            yield Found("supplier_unknown", batch, "neither country nor address of the supplier")
        if not fact.stated & TRANSPORT_STATED:
            yield Found("transport_unstated", batch, "no transport stated")
        if not fact.stated & UNLOADING_STATED:
            yield Found("unloading_unstated", batch, "no unloading stated")


def documents_of(fact: BatchFact) -> dict[str, str]:
    """Documents that came with a batch: type and the latest day it is valid to ("" where none is stated)."""
    has: dict[str, str] = {}
    for part in fact.documents.split(",") if fact.documents else ():
        kind, _, valid_to = part.partition(":")
        has[kind] = (
            max(has[kind], valid_to) if has.get(kind) and valid_to else "" if kind in has else valid_to
        )
    return has


def _clearance(facts: Facts, check: Check, ruleset: Ruleset, goods: list[Found]) -> Iterator[Found]:
    goods_class, today = ruleset.body.goods_class, check.day.toordinal()
    if not any(item.type in ("clear", "no") for item in ruleset.body.items):
        return
    attested = [
        reading
        for reading in facts.events(check.merchant, "clearance.attested", check.as_of)
        if reading.subject.startswith(f"{goods_class}:")
    ]
    current = next((reading for reading in attested if reading.start <= today <= reading.end), None)
    if current is None:
        if attested:
            until = date.fromordinal(max(reading.end for reading in attested))
            yield Found("clearance_expired", goods_class, f"last attested to {until}")
        else:
            yield Found("clearance_missing", goods_class, "never attested")
        return
    clear = set(current.subject.partition(":")[2].split(","))
    for item in ruleset.body.items:
        against = {name for one in _against(item, goods) for name in _names(one)}
        told = [code for code in item.contradicted_by if code in against]
        if item.code in clear and told:
            detail = f"attested clear by entry {current.index}, the ledger shows {', '.join(told)}"
            yield Found("clearance_contradicted", f"{goods_class}:{item.code}", detail)


def contradictions(facts: Facts, check: Check, ruleset: Ruleset) -> dict[str, list[Found]]:
    """What the ledger shows against each item of a rule set, were it attested clear now."""
    goods = [*_goods(facts, check, ruleset, facts.holdings(check.merchant, check.as_of))]
    return {item.code: _against(item, goods) for item in ruleset.body.items}


def _against(item: RuleItem, goods: list[Found]) -> list[Found]:
    return [one for one in goods if any(name in item.contradicted_by for name in _names(one))]


def _names(finding: Found) -> tuple[str, str]:
    """What a rule set may call a finding: by its code, or by its code and what it is about at last."""
    return finding.code, f"{finding.code}:{(finding.subject or '').rpartition(':')[2]}"


def _dedicated(ruleset: Ruleset, zones: tuple[Zone, ...]) -> Iterator[Found]:
    goods_class = ruleset.body.goods_class
    if not any(zone.dedicated and zone.goods_class == goods_class for zone in zones):
        yield Found("no_dedicated_zone", goods_class, "no dedicated counter or area enrolled")


def cooled_by(ruleset: Ruleset, zones: tuple[Zone, ...]) -> list[Zone]:
    """The cooled zones that a rule set is about."""
    return [z for z in zones if z.storage != "ambient" and z.goods_class in (None, ruleset.body.goods_class)]


def bounds(ruleset: Ruleset, zone: Zone) -> tuple[int | None, int | None]:
    """Between what readings of a cooled zone may be, in 1/100 °C; None where the rule set asks for nothing."""
    limits = ruleset.body.limits
    asked = (
        (None, limits.frozen_max) if zone.storage == "frozen" else (limits.chilled_min, limits.chilled_max)
    )
    low, high = (None if bound is None else centi(bound) for bound in asked)
    return low, high


def _temperatures(facts: Facts, check: Check, ruleset: Ruleset, zones: tuple[Zone, ...]) -> Iterator[Found]:
    """Limits and gaps of each cooled zone, from the readings recorded since the check before."""
    cooled = cooled_by(ruleset, zones)
    if not cooled:
        return
    last = facts.last_check(check.merchant, check.as_of)
    since = (
        last.seen if last else 0
    )  # what was recorded between its checkpoint and itself, that check has not seen
    readings: dict[str, list[Reading]] = {zone.code: [] for zone in cooled}
    done: set[str] = set()
    for reading in facts.events(check.merchant, "temperature.logged", check.as_of):
        if reading.subject in readings and reading.subject not in done:
            readings[reading.subject].append(reading)
            if (
                reading.index < since
            ):  # one reading from before the last check, so that a gap across it is seen
                done.add(reading.subject)
                if len(done) == len(cooled):
                    break
    for zone in cooled:
        low, high = bounds(ruleset, zone)
        recent = sorted(readings[zone.code], key=lambda reading: (reading.start, reading.index))
        seen = [(r.low, r.high) for r in recent if r.index >= since]
        seen += [(centi(t.value), centi(t.value)) for t in check.observed.temperatures if t.zone == zone.code]
        outside = [
            f"down to {plain(lo * 10_000)} ℃" for lo, _ in sorted(seen) if low is not None and lo < low
        ][:1]
        outside += [
            f"up to {plain(hi * 10_000)} ℃"
            for hi in [max((hi for _, hi in seen), default=0)]
            if seen and high is not None and hi > high
        ]
        if outside:
            yield Found("temperature_out_of_limits", zone.code, ", ".join(outside))
        if ruleset.body.temperature_gap_minutes is None:
            continue
        gap = _longest_gap(recent, check.at_ms // 1000)
        if gap is None or gap > ruleset.body.temperature_gap_minutes:
            detail = "no readings" if gap is None else f"{gap} minutes without readings"
            yield Found("temperature_gap", zone.code, detail)


def _longest_gap(readings: list[Reading], until: int) -> int | None:
    """Minutes without readings between the first and `until`, or None when there are no readings at all."""
    if not readings:
        return None
    longest, end = 0, readings[0].end
    for reading in readings:
        longest = max(longest, (reading.start - end) // 60, reading.missing)
        end = max(end, reading.end)
    return max(longest, (until - end) // 60)


def _papers(facts: Facts, check: Check, ruleset: Ruleset) -> Iterator[Found]:
    for paper, kind, code in (
        (ruleset.body.commitment, "commitment.signed", "commitment_unsigned"),
        (ruleset.body.briefing, "briefing.acknowledged", "briefing_unacknowledged"),
    ):
        if paper is not None:
            subject = document_subject(paper.title, paper.version)
            if all(reading.subject != subject for reading in facts.events(check.merchant, kind, check.as_of)):
                yield Found(code, subject, "required by the rule set")


def _disinfection(facts: Facts, check: Check) -> Iterator[Found]:
    every = [r.body.disinfection_hours for r in check.rulesets if r.body.disinfection_hours is not None]
    if not every:
        return
    now = check.at_ms // 1000
    events = facts.events(check.merchant, "disinfection.logged", check.as_of)
    oldest_good = now - min(every) * HOUR
    if all(reading.end < oldest_good for reading in events):
        yield Found("disinfection_overdue", None, f"none in the last {min(every)} hours")


def _late(facts: Facts, check: Check) -> Iterator[Found]:
    limits = [r.body.late_hours for r in check.rulesets if r.body.late_hours is not None]
    if not limits:
        return
    last = facts.last_check(check.merchant, check.as_of)
    late = facts.late_entries(check.merchant, last.seen if last else 0, check.as_of, min(limits) * 60)
    if late:
        shown = ", ".join(str(index) for index in late[:10])
        yield Found(
            "late_entry", None, f"{len(late)} since the last check: {shown}{' …' if len(late) > 10 else ''}"
        )


def _handovers(facts: Facts, check: Check) -> Iterator[Found]:
    limits = [r.body.handover_hours for r in check.rulesets if r.body.handover_hours is not None]
    if not limits:
        return
    due = check.at_ms // 1000 - min(limits) * HOUR
    for handover in facts.open_handovers_to(check.merchant, check.as_of):
        if handover.occurred < due:
            yield Found(
                "handover_open", str(UUID(bytes=handover.id)), f"from {handover.sender}, not answered"
            )


def _checklist(check: Check) -> Iterator[Found]:
    for answer in check.observed.checklist:
        if not answer.passed:
            yield Found("checklist_failed", answer.code, answer.note)
