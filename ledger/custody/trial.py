"""What a draft of a rule set would change for a merchant, before it is published.

    trial = try_ruleset(facts, setting, draft, merchant, day=date(2026, 12, 1), at_ms=…, as_of=1040)
    trial.new, trial.gone            # findings that come and go, with nothing observed
    trial.refusal                    # why it could not be published as it is, None if it could

The draft is put among the rule sets published by then, as if the next entry published it, and what is in force on the
day is chosen as ever: a draft for another place, class of goods or period changes nothing, and that is told; so is what
would be refused. Publishing is left to who is authorised.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ledger.custody.context import Setting, choose_rulesets
from ledger.custody.facts import Facts, Ruleset
from ledger.custody.findings import Check, Found, compute
from ledger.custody.registry import require_publishable
from ledger.custody.supervision.cards import next_step
from ledger.errors import Refused, UnknownReference
from ledger_schemas import CardStep, Observed, RulesetPublished


class Rules(NamedTuple):
    """What a merchant is under, in one of the two worlds: the findings are those with nothing observed."""

    rulesets: tuple[Ruleset, ...]
    checks_per_week: int
    documents: tuple[tuple[str, str], ...]
    """Goods class and type of each document required."""
    next_cards: tuple[tuple[str, CardStep | None], ...]
    """Goods class, and the step at the next violation."""
    findings: tuple[Found, ...]


class Trial(NamedTuple):
    """Both worlds."""

    applies: bool
    """Whether the draft would be in force for this merchant on that day."""
    refusal: Refused | None
    """Why the ledger would refuse the draft as the next entry, whoever signs."""
    now: Rules
    then: Rules

    @property
    def new(self) -> list[Found]:
        """Findings that only the draft gives."""
        return _without(self.then.findings, self.now.findings)

    @property
    def gone(self) -> list[Found]:
        """Findings that the draft no longer gives."""
        return _without(self.now.findings, self.then.findings)


def try_ruleset(
    facts: Facts,
    setting: Setting,
    draft: RulesetPublished,
    merchant: str,
    *,
    day: date,
    at_ms: int,
    as_of: int,
) -> Trial:
    """Compare what is asked of a merchant with what would be. Raises: UnknownReference for one not enrolled."""
    enrolment = facts.merchant(merchant, as_of)
    if enrolment is None:
        raise UnknownReference(
            "merchant {merchant} is not enrolled: see `custody merchant list`",
            merchant=merchant,
            field="merchant",
        )
    classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
    published = facts.rulesets(as_of)
    tried = Ruleset(as_of, draft)
    others = [one for one in published if one.body.code != draft.code]
    now = choose_rulesets(published, setting.jurisdiction, classes, day)
    then = choose_rulesets([*others, tried], setting.jurisdiction, classes, day)
    return Trial(
        any(one is tried for one in then),
        _refusal(facts, draft, as_of),
        _rules(facts, merchant, now, day, at_ms, as_of),
        _rules(facts, merchant, then, day, at_ms, as_of),
    )


def _refusal(facts: Facts, draft: RulesetPublished, as_of: int) -> Refused | None:
    try:
        require_publishable(facts, draft, as_of)
    except Refused as error:
        return error
    return None


def _rules(facts: Facts, merchant: str, in_force: list[Ruleset], day: date, at_ms: int, as_of: int) -> Rules:
    found = compute(facts, Check(merchant, in_force, Observed(), at_ms, day, as_of))
    return Rules(
        tuple(in_force),
        max((one.body.checks_per_week for one in in_force), default=0),
        tuple(
            (one.body.goods_class, document.type)
            for one in in_force
            for document in one.body.documents
            if document.required
        ),
        tuple((one.body.goods_class, next_step(facts, one, merchant, day, as_of)) for one in in_force),
        tuple(found),
    )


def _without(some: tuple[Found, ...], others: tuple[Found, ...]) -> list[Found]:
    known = {(one.code, one.subject) for one in others}
    return [one for one in some if (one.code, one.subject) not in known]
