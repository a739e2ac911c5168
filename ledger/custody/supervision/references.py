"""What statements of supervision point at, and who must sign them.

    one = finding(at, body.inspection, body.code, body.subject)      # a finding that stands, of this merchant's check
    require_officers(at)                                             # two, where the rule set in force asks for two
    require_after(at, order.state_ms, Message("the order"))                   # nothing answers what was not there yet

Every refusal names the field and what to do.
"""

from __future__ import annotations

from uuid import UUID

from ledger.custody.context import FUTURE_MS, Context, rulesets_in_force
from ledger.custody.facts import Ruleset
from ledger.custody.matters import Matter, all_of
from ledger.errors import CustodyRefused, NotAuthorised, TimeRefused, UnknownReference
from ledger.log.times import format_utc, parse_instant
from ledger.messages import Message
from ledger.store.facts import GrantFact, StatementFact


def statement(at: Context, identity: str, kind: str, field: str) -> StatementFact:
    """An earlier statement of a kind about this merchant, not taken back."""
    fact = at.facts.statements.last(UUID(identity).bytes, at.index)
    if fact is None or fact.kind != kind or at.facts.corrected(at.merchant, fact.index, at.index):
        raise UnknownReference(
            "there is no {kind} {identity} that stands: check the id",
            kind=kind,
            identity=identity,
            field=field,
        )
    if fact.merchant != at.merchant:
        raise CustodyRefused(
            "{kind} {identity} is about merchant {merchant}, this is about {at_merchant}",
            kind=kind,
            identity=identity,
            merchant=fact.merchant,
            at_merchant=at.merchant,
            field=field,
        )
    return fact


def check(at: Context, identity: str) -> StatementFact:
    """An earlier check of this merchant, not taken back, that had begun when this is said to have occurred."""
    fact = statement(at, identity, "inspection.recorded", "body.inspection")
    began = at.setting.entry_at(fact.index).statement.body["started_at"]
    require_after(at, parse_instant(str(began)), Message("check {identity}", identity=identity))
    return fact


def check_again(at: Context, identity: str, what: Message, index: int) -> StatementFact:
    """A check that looked again after entry `index`."""
    fact = check(at, identity)
    if fact.index < index:
        raise CustodyRefused(
            "check {identity} (entry {entry}) was before {what} (entry {here}): "
            "name the check that looked again, or none",
            identity=identity,
            entry=fact.index,
            what=what,
            here=index,
            field="body.inspection",
        )
    return fact


def require_after(at: Context, earlier_ms: int, what: Message) -> None:
    """Nothing answers what was not there yet; clocks of two devices may differ a little. Raises: TimeRefused."""
    if at.occurred_ms < earlier_ms - FUTURE_MS:
        raise TimeRefused(
            "{occurred_at} is before {what} ({earlier}): check date, time and offset",
            occurred_at=at.statement.occurred_at,
            what=what,
            earlier=format_utc(earlier_ms),
            field="occurred_at",
        )


def finding(at: Context, inspection: str, code: str, subject: str | None) -> Matter:
    """A finding of a check of this merchant that had begun by then, neither waived nor made up."""
    check(at, inspection)
    found = all_of(at.facts, "finding", inspection, at.index)
    for one in found:
        if (one.value["code"], one.value["subject"]) == (code, subject):
            if not one.value["stands"]:
                raise CustodyRefused(
                    "{code} was waived by check {inspection}",
                    code=_named(code, subject),
                    inspection=inspection,
                    field="body.code",
                )
            return one
    there = ", ".join(_named(one.value["code"], one.value["subject"]) for one in found) or Message("none")
    raise UnknownReference(
        "check {inspection} has no finding {code}; its findings: {there}",
        inspection=inspection,
        code=_named(code, subject),
        there=there,
        field="body.code",
    )


def rules_of(at: Context) -> list[Ruleset]:
    """The rule sets in force for this merchant on the author's day."""
    classes = at.enrolled.goods_classes
    return rulesets_in_force(
        at.facts, at.setting.jurisdiction, classes.split(",") if classes else [], at.occurred_on, at.index
    )


def require_officers(at: Context, *, always: bool = False) -> None:
    """Two officers where the rule set in force asks for two (行政处罚法 arts. 42, 55). Raises: NotAuthorised."""
    kind = at.statement.kind
    if always or any(kind in ruleset.body.two_officers for ruleset in rules_of(at)):
        require_two(at.signers, kind)


def require_two(signers: tuple[GrantFact, ...], kind: str) -> None:
    """Two different officers, by holder: keys without one might all be of the same person."""
    officers = {grant.holder for grant in signers if grant.role == "supervisor" and grant.holder is not None}
    if len(officers) < 2:
        raise NotAuthorised(
            "{kind} needs two officers here, {count} signed by name: let a second officer sign the same "
            "statement, with a key granted with a holder",
            kind=kind,
            count=len(officers),
            field="signatures",
        )


def _named(code: str, subject: str | None) -> str:
    return f"{code} ({subject})" if subject else code
