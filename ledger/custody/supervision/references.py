"""What statements of supervision point at, and who must sign them.

    one = finding(at, body.inspection, body.code, body.subject)      # a finding that stands, of this merchant's check
    require_officers(at)                                             # two, where the rule set in force asks for two

Every refusal names the field and what to do.
"""

from __future__ import annotations

from uuid import UUID

from ledger.custody.context import Context, rulesets_in_force
from ledger.custody.facts import Ruleset
from ledger.custody.matters import Matter, all_of
from ledger.errors import CustodyRefused, NotAuthorised, UnknownReference
from ledger.store.facts import GrantFact, StatementFact


def statement(at: Context, identity: str, kind: str, field: str) -> StatementFact:
    """An earlier statement of a kind about this merchant, not taken back."""
    fact = at.facts.statements.last(UUID(identity).bytes, at.index)
    if fact is None or fact.kind != kind or at.facts.corrected(at.merchant, fact.index, at.index):
        raise UnknownReference(f"there is no {kind} {identity} that stands: check the id", field=field)
    if fact.merchant != at.merchant:
        raise CustodyRefused(
            f"{kind} {identity} is about merchant {fact.merchant}, this is about {at.merchant}", field=field
        )
    return fact


def finding(at: Context, inspection: str, code: str, subject: str | None) -> Matter:
    """A finding of a check of this merchant, neither waived nor made up."""
    statement(at, inspection, "inspection.recorded", "body.inspection")
    found = all_of(at.facts, "finding", inspection, at.index)
    for one in found:
        if (one.value["code"], one.value["subject"]) == (code, subject):
            if not one.value["stands"]:
                raise CustodyRefused(
                    f"{_named(code, subject)} was waived by check {inspection}", field="body.code"
                )
            return one
    there = ", ".join(_named(one.value["code"], one.value["subject"]) for one in found) or "none"
    raise UnknownReference(
        f"check {inspection} has no finding {_named(code, subject)}; its findings: {there}", field="body.code"
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
    """Two different officers, by holder where the key has one."""
    officers = {grant.holder or grant.keyid for grant in signers if grant.role == "supervisor"}
    if len(officers) < 2:
        raise NotAuthorised(
            f"{kind} needs two officers here, {len(officers)} signed: let a second officer sign the same statement",
            field="signatures",
        )


def _named(code: str, subject: str | None) -> str:
    return f"{code} ({subject})" if subject else code
