"""Effects of a supervisor's check: its findings must be those that ledger and observation give, none dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ledger.custody.context import FUTURE_MS, Context, rulesets_in_force
from ledger.custody.correction import Change
from ledger.custody.facts import Ruleset
from ledger.custody.findings import Check, compute
from ledger.custody.matters import all_of, matter
from ledger.custody.supervision.references import require_two
from ledger.errors import BodyInvalid, CustodyRefused, FindingsDiffer, SeenMismatch, UnknownReference
from ledger.log import Entry
from ledger.log.times import format_utc, local_date, parse_instant
from ledger.messages import Message
from ledger.store.facts import CheckFact, FactRow
from ledger_schemas import InspectionRecorded, Observed

A_DAY_MS = 24 * 60 * 60 * 1000
"""How long a check may last, how far the statement's time may be from its end, and how old its checkpoint may be."""


def iso_week(day: date) -> int:
    """ISO 8601 week of a day as a number: 2026-W17 is 202617."""
    year, week, _ = day.isocalendar()
    return year * 100 + week


def inspection_recorded(at: Context, body: InspectionRecorded) -> Iterator[FactRow]:
    """Recompute the findings as of `seen` and compare. Raises: FindingsDiffer, naming what is missing or made up."""
    if at.seen is None:
        raise SeenMismatch(
            "a check is made against a checkpoint: state the newest one you verified", field="seen"
        )
    as_of = at.seen.size
    if as_of > at.index:  # refused already on the way in; a verifier judges on all the same
        raise SeenMismatch(
            "a checkpoint of {as_of} entries cannot have been seen by entry {entry}",
            as_of=as_of,
            entry=at.index,
            field="seen",
        )
    _check_times(at, body, as_of)
    day = local_date(body.started_at)
    rulesets = _rulesets(at, body, as_of)
    if any("inspection.recorded" in ruleset.body.two_officers for ruleset in rulesets):
        require_two(at.signers, at.statement.kind)
    _observed(at, rulesets, body.observed, as_of)
    check = Check(at.merchant, rulesets, body.observed, parse_instant(body.started_at), day, as_of)
    computed: set[tuple[str, str | None]] = {
        (found.code, found.subject) for found in compute(at.facts, check)
    }
    recorded: set[tuple[str, str | None]] = {
        (finding.code, finding.subject) for finding in body.findings if finding.source == "computed"
    }
    if computed != recorded:
        raise FindingsDiffer(
            "the findings are not those of the ledger and the observation; "
            "missing: {computed}; made up: {recorded}. "
            "Let `custody inspect` compute them; what does not apply is waived with a reason, never left out",
            computed=_names(computed - recorded),
            recorded=_names(recorded - computed),
            field="body.findings",
        )
    standing = len(body.findings) - len(body.waivers)
    officers = ",".join(sorted(signer.keyid for signer in at.signers))
    waived = {(waiver.code, waiver.subject) for waiver in body.waivers}
    for number, one in enumerate(body.findings):
        stands = (one.code, one.subject) not in waived
        value = {"code": one.code, "stands": stands, "subject": one.subject}
        yield matter(at, number, "finding", at.statement.id, value)
    yield CheckFact(at.index, at.merchant, as_of, iso_week(day), day.toordinal(), standing, officers)


def _check_times(at: Context, body: InspectionRecorded, as_of: int) -> None:
    """A check is stated when it ended, and made against the ledger as it stood: no earlier state, and no later one."""
    started, ended = parse_instant(body.started_at), parse_instant(body.ended_at)
    if ended > at.recorded_ms + FUTURE_MS:
        raise CustodyRefused("the check ends in the future: check the clock", field="body.ended_at")
    if ended - started > A_DAY_MS:
        raise CustodyRefused(
            "the check lasts more than a day: state one for each day, or correct the times",
            field="body.started_at",
        )
    if abs(at.occurred_ms - ended) > A_DAY_MS:
        raise CustodyRefused(
            "the check ended at {ended_at}, the statement says it occurred at {occurred_at}: state "
            "the end of the check as its time, however late it is sent",
            ended_at=body.ended_at,
            occurred_at=at.statement.occurred_at,
            field="occurred_at",
        )
    seen_ms = parse_instant(at.setting.entry_at(as_of - 1).recorded_at)
    if ended < seen_ms - FUTURE_MS:
        raise CustodyRefused(
            "the check ended at {ended_at}, before the last entry of the checkpoint seen was recorded "
            "({seen_ms}): check the time, or make it against the checkpoint that was there",
            ended_at=body.ended_at,
            seen_ms=format_utc(seen_ms),
            field="body.ended_at",
        )
    if as_of < at.index:
        unseen_ms = parse_instant(at.setting.entry_at(as_of).recorded_at)
        if unseen_ms < started - A_DAY_MS:
            raise SeenMismatch(
                "the checkpoint seen had been overtaken at {unseen_ms}, more than a day before the check: "
                "fetch the newest one, and make the check against that",
                unseen_ms=format_utc(unseen_ms),
                field="seen",
            )
    last = at.facts.last_check(at.merchant, at.index)
    if last is not None and as_of < last.seen:
        raise SeenMismatch(
            "the check before (entry {entry}) was made against {seen} entries, this one against {as_of}: "
            "fetch the newest checkpoint",
            entry=last.index,
            seen=last.seen,
            as_of=as_of,
            field="seen",
        )


def _rulesets(at: Context, body: InspectionRecorded, as_of: int) -> list[Ruleset]:
    enrolment = at.facts.merchant(at.merchant, as_of)
    if enrolment is None:
        raise UnknownReference(
            "merchant {merchant} was not enrolled at the checkpoint seen", merchant=at.merchant, field="seen"
        )
    classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
    in_force = rulesets_in_force(
        at.facts, at.setting.jurisdiction, classes, local_date(body.started_at), as_of
    )
    codes = sorted(ruleset.body.code for ruleset in in_force)
    if sorted(body.rulesets) != codes:
        raise CustodyRefused(
            "in force for this merchant on that day: {codes}; the check names {stated}",
            codes=", ".join(codes) or Message("none"),
            stated=", ".join(body.rulesets) or Message("none"),
            field="body.rulesets",
        )
    return in_force


def _observed(at: Context, rulesets: list[Ruleset], observed: Observed, as_of: int) -> None:
    """Everything observed is about something that there is: nothing mistyped may vanish."""
    facts = at.facts
    zones = {zone.code for zone in facts.zones(at.enrolled)}
    for number, reading in enumerate(observed.temperatures):
        if zones and reading.zone not in zones:
            raise UnknownReference(
                "{zone} is no zone of this merchant; it has {zones}",
                zone=reading.zone,
                zones=", ".join(sorted(zones)),
                field=f"body.observed.temperatures[{number}].zone",
            )
    for number, line in enumerate(observed.stock):
        fact = facts.batch(line.batch, as_of)
        field = f"body.observed.stock[{number}]"
        if fact is None:
            raise UnknownReference(
                "batch {batch} is not in the ledger at the checkpoint seen: enter the goods under unlisted",
                batch=line.batch,
                field=f"{field}.batch",
            )
        if fact.unit != line.quantity.unit:
            raise CustodyRefused(
                "batch {batch} is counted in {unit}",
                batch=line.batch,
                unit=fact.unit,
                field=f"{field}.quantity.unit",
            )
    asked = {item.code for ruleset in rulesets for item in ruleset.body.checklist}
    answered = {answer.code for answer in observed.checklist}
    for number, answer in enumerate(observed.checklist):
        if answer.code not in asked:
            raise UnknownReference(
                "{answer_code} is on no checklist in force; there are {asked}",
                answer_code=answer.code,
                asked=", ".join(sorted(asked)) or Message("none"),
                field=f"body.observed.checklist[{number}].code",
            )
    if asked - answered:
        raise BodyInvalid(
            "answer every item of the checklist; missing: {asked}",
            asked=", ".join(sorted(asked - answered)),
            field="body.observed.checklist",
        )


def _names(findings: set[tuple[str, str | None]]) -> str:
    listed = ", ".join(sorted(f"{code} ({subject})" if subject else code for code, subject in findings))
    return listed or Message("none")


def undo_check(at: Context, entry: Entry, body: InspectionRecorded) -> Iterable[Change]:
    """A check that orders, cards and notices rest on is not taken back."""
    resting = all_of(at.facts, "about", entry.statement.id, at.index)
    if resting:
        listed = ", ".join(f"{one.value['kind']} (#{one.index})" for one in resting)
        raise CustodyRefused("{listed} rest on this check: it stands", listed=listed, field="body.statement")
    return ()
