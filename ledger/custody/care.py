"""Effects of statements about care: temperatures, disinfection, attestations, letters and cards.

Each yields one event fact, the few numbers that findings are computed from. `start` and `end` are unix seconds for
what was done at a time, and days (``date.toordinal``) for a clearance period.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.custody.context import Context
from ledger.errors import CustodyRefused, UnknownReference
from ledger.log.times import parse_instant
from ledger.messages import Message
from ledger.store.facts import EventFact, FactRow
from ledger_schemas import (
    BriefingAcknowledged,
    ClearanceAttested,
    CommitmentSigned,
    DisinfectionLogged,
    TemperatureLogged,
    centi,
)


def document_subject(title: str, version: str) -> str:
    """How a letter or card is named in facts and findings."""
    return f"{title} {version}"


def temperature_logged(at: Context, body: TemperatureLogged) -> Iterator[FactRow]:
    _known_zone(at, body.zone)
    _known_batches(at, body.batches)
    start, end = parse_instant(body.started_at) // 1000, parse_instant(body.ended_at) // 1000
    if end * 1000 > at.recorded_ms:
        raise CustodyRefused("the readings end in the future: check the probe's clock", field="body.ended_at")
    yield EventFact(
        at.index, start, end, centi(body.minimum), centi(body.maximum), body.minutes_missing, body.zone or ""
    )


def disinfection_logged(at: Context, body: DisinfectionLogged) -> Iterator[FactRow]:
    _known_batches(at, body.batches)
    when = at.occurred_ms // 1000
    yield EventFact(at.index, when, when, None, None, None, body.target)


def clearance_attested(at: Context, body: ClearanceAttested) -> Iterator[FactRow]:
    """The subject names the goods class and the items attested clear: ``non_cold_chain:source,transport``."""
    ruleset = at.facts.ruleset(body.ruleset, at.index)
    if ruleset is None:
        raise UnknownReference(
            "there is no rule set {ruleset}: see `custody ruleset list`",
            ruleset=body.ruleset,
            field="body.ruleset",
        )
    if ruleset.body.goods_class != body.goods_class:
        raise CustodyRefused(
            "rule set {ruleset} is for {goods_class}, not for {stated}",
            ruleset=body.ruleset,
            goods_class=ruleset.body.goods_class,
            stated=body.goods_class,
            field="body.goods_class",
        )
    asked = {item.code for item in ruleset.body.items if item.type in ("clear", "no")}
    given = {item.code for item in body.items}
    if given != asked:
        raise CustodyRefused(
            "attest each item of the rule set, whether clear or not: it asks for {asked}; "
            "missing {lacking}, "
            "unknown {unknown}",
            asked=", ".join(sorted(asked)),
            lacking=", ".join(sorted(asked - given)) or Message("none"),
            unknown=", ".join(sorted(given - asked)) or Message("none"),
            field="body.items",
        )
    clear = ",".join(item.code for item in body.items if item.clear)
    start, end = date.fromisoformat(body.period_start), date.fromisoformat(body.period_end)
    longest = ruleset.body.attestation_days
    if longest is not None and (end - start).days >= longest:
        raise CustodyRefused(
            "an attestation holds for at most {longest} days, this one is for {end_days}: "
            "shorten the period, and attest again when it ends",
            longest=longest,
            end_days=(end - start).days + 1,
            field="body.period_end",
        )
    yield EventFact(
        at.index, start.toordinal(), end.toordinal(), None, None, None, f"{body.goods_class}:{clear}"
    )


def commitment_signed(at: Context, body: CommitmentSigned) -> Iterator[FactRow]:
    yield from _document(at, body.title, body.version)


def briefing_acknowledged(at: Context, body: BriefingAcknowledged) -> Iterator[FactRow]:
    yield from _document(at, body.title, body.version)


def _document(at: Context, title: str, version: str) -> Iterator[FactRow]:
    when = at.occurred_ms // 1000
    yield EventFact(at.index, when, when, None, None, None, document_subject(title, version))


def _known_zone(at: Context, zone: str | None) -> None:
    zones = {known.code for known in at.facts.zones(at.enrolled)}
    if zone is not None and zones and zone not in zones:
        raise UnknownReference(
            "{zone} is no zone of this merchant; it has {zones}",
            zone=zone,
            zones=", ".join(sorted(zones)),
            field="body.zone",
        )


def _known_batches(at: Context, batches: tuple[str, ...]) -> None:
    for number, batch in enumerate(batches):
        if at.facts.batch(batch, at.index) is None:
            raise UnknownReference(
                "there is no batch {batch}: record its receipt first",
                batch=batch,
                field=f"body.batches[{number}]",
            )
