"""Effects of a supervisor's check: its findings must be those that ledger and observation give, none dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.custody.context import Context, rulesets_in_force
from ledger.custody.facts import Facts, Ruleset
from ledger.custody.findings import Check, compute
from ledger.errors import BodyInvalid, CustodyRefused, FindingsDiffer, SeenMismatch, UnknownReference
from ledger.log.times import local_date, parse_instant
from ledger.store.facts import CheckFact, FactRow
from ledger_schemas import InspectionRecorded, Observed


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
    if parse_instant(body.ended_at) > at.recorded_ms + 5 * 60 * 1000:
        raise CustodyRefused("the check ends in the future: check the clock", field="body.ended_at")
    day = local_date(body.started_at)
    rulesets = _rulesets(at, body, as_of)
    _observed(at.facts, rulesets, body.observed, as_of)
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
            f"missing: {_names(computed - recorded)}; made up: {_names(recorded - computed)}. "
            "Let `custody inspect` compute them; what does not apply is waived with a reason, never left out",
            field="body.findings",
        )
    standing = len(body.findings) - len(body.waivers)
    officers = ",".join(sorted(signer.keyid for signer in at.signers))
    yield CheckFact(at.index, at.merchant, iso_week(day), day.toordinal(), standing, officers)


def _rulesets(at: Context, body: InspectionRecorded, as_of: int) -> list[Ruleset]:
    enrolment = at.facts.merchant(at.merchant, as_of)
    if enrolment is None:
        raise UnknownReference(
            f"merchant {at.merchant} was not enrolled at the checkpoint seen", field="seen"
        )
    classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
    in_force = rulesets_in_force(
        at.facts, at.setting.jurisdiction, classes, local_date(body.started_at), as_of
    )
    codes = sorted(ruleset.body.code for ruleset in in_force)
    if sorted(body.rulesets) != codes:
        raise CustodyRefused(
            f"in force for this merchant on that day: {', '.join(codes) or 'none'}; "
            f"the check names {', '.join(body.rulesets) or 'none'}",
            field="body.rulesets",
        )
    return in_force


def _observed(facts: Facts, rulesets: list[Ruleset], observed: Observed, as_of: int) -> None:
    for number, line in enumerate(observed.stock):
        fact = facts.batch(line.batch, as_of)
        field = f"body.observed.stock[{number}]"
        if fact is None:
            raise UnknownReference(
                f"batch {line.batch} is not in the ledger at the checkpoint seen: enter the goods under unlisted",
                field=f"{field}.batch",
            )
        if fact.unit != line.quantity.unit:
            raise CustodyRefused(
                f"batch {line.batch} is counted in {fact.unit}", field=f"{field}.quantity.unit"
            )
    asked = {item.code for ruleset in rulesets for item in ruleset.body.checklist}
    answered = {answer.code for answer in observed.checklist}
    if asked - answered:
        raise BodyInvalid(
            f"answer every item of the checklist; missing: {', '.join(sorted(asked - answered))}",
            field="body.observed.checklist",
        )


def _names(findings: set[tuple[str, str | None]]) -> str:
    return (
        ", ".join(sorted(f"{code} ({subject})" if subject else code for code, subject in findings)) or "none"
    )
