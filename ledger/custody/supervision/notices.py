"""Each finding goes to two offices, and both answer (双反馈、双通报).

    due = due_notices(facts, setting, checks, as_of=1040)     # what is still to be sent, and to whom

Which findings are sent is in the rule set in force on the day of the check, to which offices in the merchant's duty.
A notice says that an office was told; how it was delivered (`exchange`) is no entry's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ledger.custody.context import Context, Setting, rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.matters import Matter, all_of, latest, matter, read
from ledger.custody.supervision.duty import duty_of
from ledger.custody.supervision.references import finding, require_after, statement
from ledger.errors import Conflict, CustodyRefused, NotAuthorised
from ledger.messages import Message
from ledger.store.facts import CheckFact, FactRow, MatterFact
from ledger_schemas import NoticeAcknowledged, NoticeSent

CAPACITIES = ("regulator", "unit")


class DueNotice(NamedTuple):
    """A finding that an office has not been told of."""

    merchant: str
    inspection: str
    code: str
    subject: str | None
    capacity: str
    office: str | None
    """None where no office has that duty for the merchant."""


class Notice(NamedTuple):
    """A notice as of an index; `answered` is the entry of the answer, None while there is none."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    merchant: str
    inspection: str
    code: str
    subject: str | None
    capacity: str
    office: str
    sent_ms: int
    answered: int | None


def notice_sent(at: Context, body: NoticeSent) -> Iterator[FactRow]:
    """To the office whose duty it is, of a finding that stands, once."""
    finding(at, body.inspection, body.code, body.subject)
    duty = duty_of(at.facts, at.enrolled, at.index)
    if duty.regulator == duty.unit == body.office:
        raise CustodyRefused(
            "{office} is regulator and territorial unit of this merchant, and findings go to two: "
            "assign another office for one of them",
            office=body.office,
            field="body.office",
        )
    responsible = getattr(duty, body.capacity)
    if responsible != body.office:
        raise CustodyRefused(
            "the {capacity} responsible for this merchant is {responsible}, not {office}",
            capacity=body.capacity,
            responsible=responsible or Message("nobody (assign a duty first)"),
            office=body.office,
            field="body.office",
        )
    for sent in all_of(at.facts, "notice", body.inspection, at.index):
        about = tuple(sent.value[name] for name in ("code", "subject", "office", "capacity"))
        if about == (body.code, body.subject, body.office, body.capacity):
            raise Conflict("entry {entry} is this notice already", entry=sent.index, field="body.code")
    value = {
        "at": at.occurred_ms,
        "capacity": body.capacity,
        "code": body.code,
        "id": at.statement.id,
        "inspection": body.inspection,
        "merchant": at.merchant,
        "office": body.office,
        "subject": body.subject,
    }
    yield matter(at, 0, "notice", body.inspection, value)
    yield matter(at, 1, "notice_id", at.statement.id, {"at": at.occurred_ms, "office": body.office})
    yield matter(at, 2, "about", body.inspection, {"id": at.statement.id, "kind": at.statement.kind})


def notice_acknowledged(at: Context, body: NoticeAcknowledged) -> Iterator[FactRow]:
    """By the office that was told, and no other."""
    statement(at, body.notice, "notice.sent", "body.notice")
    sent = latest(at.facts, "notice_id", body.notice, at.index)
    office = sent.value["office"] if sent else None
    require_after(at, sent.value["at"] if sent else 0, Message("the notice was sent"))
    for signer in at.signers:
        if signer.scope != office:
            raise NotAuthorised(
                "notice {notice} went to {office}; key {keyid}… is of {scope}",
                notice=body.notice,
                office=office or Message("nobody"),
                keyid=signer.keyid[:16],
                scope=signer.scope,
                field="signatures",
            )
    before = latest(at.facts, "notice_answer", body.notice, at.index)
    if before is not None:
        raise Conflict(
            "notice {notice} was answered by entry {entry}",
            notice=body.notice,
            entry=before.index,
            field="body.notice",
        )
    yield matter(at, 0, "notice_answer", body.notice, {"at": at.occurred_ms})


def due_notices(
    facts: Facts, setting: Setting, checks: Iterable[tuple[CheckFact, str]], as_of: int
) -> list[DueNotice]:
    """Of these checks (with the id of each), what no office has been told of yet, in the order of the checks."""
    due: list[DueNotice] = []
    for check, identity in checks:
        enrolment = facts.merchant(check.merchant, check.seen)
        now = facts.merchant(check.merchant, as_of)
        if enrolment is None or now is None or facts.corrected(check.merchant, check.index, as_of):
            continue
        classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
        day = date.fromordinal(check.day)
        in_force = rulesets_in_force(facts, setting.jurisdiction, classes, day, check.seen)
        wanted = {code for ruleset in in_force for code in ruleset.body.notices}
        sent = {
            (one.value["code"], one.value["subject"], one.value["capacity"])
            for one in all_of(facts, "notice", identity, as_of)
        }
        duty = duty_of(facts, now, as_of)
        for one in all_of(facts, "finding", identity, as_of):
            code, subject = one.value["code"], one.value["subject"]
            if code in wanted and one.value["stands"]:
                due += [
                    DueNotice(check.merchant, identity, code, subject, capacity, getattr(duty, capacity))
                    for capacity in CAPACITIES
                    if (code, subject, capacity) not in sent
                ]
    return due


def notices(sent: Iterable[MatterFact], answered: Iterable[MatterFact]) -> list[Notice]:
    """All notices from the rows of topics `notice` and `notice_answer`, oldest first."""
    answers = {row.key: row.index for row in answered}
    return [_notice(one, answers.get(one.value["id"])) for one in map(read, sent)]


def _notice(one: Matter, answered: int | None) -> Notice:
    value = one.value
    return Notice(
        one.index,
        value["id"],
        value["merchant"],
        value["inspection"],
        value["code"],
        value["subject"],
        value["capacity"],
        value["office"],
        value["at"],
        answered,
    )
