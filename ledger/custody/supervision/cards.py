"""Yellow and red cards (红黄牌), and suspensions: what a merchant may not do while one stands.

    next_step(facts, ruleset, merchant, day, as_of).card         # what the rules ask for at the next violation
    require_open(at)                                             # refuses goods in and sales while closed

The steps are the rule set's: first violation in the window yellow, second red with closing order. A card out of step
is refused, softer or harder. A red card is a step of this workflow; a suspension is a legal decision of its own with a
document number (行政处罚法, 食品安全法 art. 126).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ledger.custody.context import Context
from ledger.custody.facts import Facts, Ruleset
from ledger.custody.matters import Matter, all_of, latest, matter, read
from ledger.custody.supervision.rectification import orders_of
from ledger.custody.supervision.references import (
    check_again,
    finding,
    require_after,
    require_officers,
    rules_of,
    statement,
)
from ledger.errors import Conflict, CustodyRefused
from ledger.messages import Message
from ledger.store.facts import FactRow, MatterFact
from ledger_schemas import CardIssued, CardLifted, CardStep, SuspensionDecided


class Standing(NamedTuple):
    """A card as of an index; `lifted` is the entry that lifted it, None while it stands."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    merchant: str
    card: str
    step: int
    closes: bool
    goods_class: str
    inspection: str
    code: str
    at_ms: int
    lifted: int | None


class Suspension(NamedTuple):
    """A suspension as last decided under its document number; days inclusive, `ends` None while it is open."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    merchant: str
    document_number: str
    starts: date
    ends: date | None

    def covers(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


def cards(issued: Iterable[MatterFact], lifted: Iterable[MatterFact]) -> list[Standing]:
    """All cards from the rows of topics `card` and `card_lifted`, oldest first."""
    gone = {row.key: row.index for row in lifted}
    return [
        Standing(
            one.index,
            one.value["id"],
            one.key,
            one.value["card"],
            one.value["step"],
            one.value["closes"],
            one.value["goods_class"],
            one.value["inspection"],
            one.value["code"],
            one.value["at"],
            gone.get(one.value["id"]),
        )
        for one in map(read, issued)
    ]


def suspensions(decided: Iterable[MatterFact]) -> list[Suspension]:
    """All suspensions from the rows of topic `suspension`, a later decision in the place of the earlier."""
    found: dict[tuple[str, str], Suspension] = {}
    for one in map(read, decided):
        number, ends = one.value["document_number"], one.value["ends"]
        found[one.key, number] = Suspension(
            one.index,
            one.value["id"],
            one.key,
            number,
            date.fromordinal(one.value["starts"]),
            None if ends is None else date.fromordinal(ends),
        )
    return list(found.values())


def card_issued(at: Context, body: CardIssued) -> Iterator[FactRow]:
    """One card for a check, at the step that the rule set asks for."""
    require_officers(at)
    finding(at, body.inspection, body.code, body.subject)
    in_force = {ruleset.body.code: ruleset for ruleset in rules_of(at)}
    ruleset = in_force.get(body.ruleset)
    if ruleset is None:
        raise CustodyRefused(
            "rule set {ruleset} is not in force for this merchant on {occurred_on}; in force: {in_force}",
            ruleset=body.ruleset,
            occurred_on=at.occurred_on,
            in_force=", ".join(in_force) or Message("none"),
            field="body.ruleset",
        )
    cards = all_of(at.facts, "card", at.merchant, at.index)
    for card in cards:
        if card.value["inspection"] == body.inspection:
            raise Conflict(
                "entry {entry} is a card for this check already", entry=card.index, field="body.inspection"
            )
    asked = next_step(at.facts, ruleset, at.merchant, at.occurred_on, at.index)
    if asked is None:
        raise CustodyRefused("rule set {ruleset} has no cards", ruleset=body.ruleset, field="body.ruleset")
    if (body.step, body.card, body.closes) != (asked.step, asked.card, asked.closes):
        raise CustodyRefused(
            "this is violation {step} in the window: rule set {ruleset} asks for step {step}, "
            "{card}, {closing}; no step is skipped or softened",
            step=asked.step,
            ruleset=body.ruleset,
            card=asked.card,
            closing=Message("closing") if asked.closes else Message("not closing"),
            field="body.step" if body.step != asked.step else "body.card",
        )
    value = {
        "at": at.occurred_ms,
        "card": body.card,
        "closes": body.closes,
        "code": body.code,
        "day": at.occurred_on.toordinal(),
        "goods_class": ruleset.body.goods_class,
        "id": at.statement.id,
        "inspection": body.inspection,
        "step": body.step,
    }
    yield matter(at, 0, "card", at.merchant, value)
    yield matter(at, 1, "about", body.inspection, {"id": at.statement.id, "kind": at.statement.kind})


def card_lifted(at: Context, body: CardLifted) -> Iterator[FactRow]:
    """Once what the check found has been put right."""
    statement(at, body.card, "card.issued", "body.card")
    card = next(
        one for one in all_of(at.facts, "card", at.merchant, at.index) if one.value["id"] == body.card
    )
    before = latest(at.facts, "card_lifted", body.card, at.index)
    if before is not None:
        raise Conflict(
            "card {card} was lifted by entry {entry}", card=body.card, entry=before.index, field="body.card"
        )
    require_after(at, card.value["at"], Message("the card was issued"))
    if body.inspection is not None:
        check_again(at, body.inspection, Message("the card"), card.index)
    waiting = [
        order.index
        for order in orders_of(at.facts, at.merchant, at.index)
        if order.open and order.inspection == card.value["inspection"]
    ]
    if waiting:
        raise CustodyRefused(
            "orders of the same check are open: entries {waiting}; confirm them first",
            waiting=", ".join(map(str, waiting)),
            field="body.card",
        )
    yield matter(at, 0, "card_lifted", body.card, {"at": at.occurred_ms})


def suspension_decided(at: Context, body: SuspensionDecided) -> Iterator[FactRow]:
    """A later decision under the same document number replaces the earlier one, and so may end it."""
    require_officers(at, always=True)
    ends = None if body.ends_on is None else date.fromisoformat(body.ends_on).toordinal()
    value = {
        "document_number": body.document_number,
        "ends": ends,
        "id": at.statement.id,
        "starts": date.fromisoformat(body.starts_on).toordinal(),
    }
    yield matter(at, 0, "suspension", at.merchant, value)


def next_step(facts: Facts, ruleset: Ruleset, merchant: str, day: date, as_of: int) -> CardStep | None:
    """What the rule set asks for at the next violation: the highest step with enough cards before it in its window."""
    days = [
        card.value["day"]
        for card in all_of(facts, "card", merchant, as_of)
        if card.value["goods_class"] == ruleset.body.goods_class
    ]
    today, found = day.toordinal(), None
    for step in ruleset.body.card_steps:
        window = step.window_days
        counted = sum(1 for one in days if window is None or today - one <= window)
        if counted >= step.step - 1:
            found = step
    return found


def standing_cards(facts: Facts, merchant: str, as_of: int) -> list[Matter]:
    """Cards issued and not lifted."""
    return [
        card
        for card in all_of(facts, "card", merchant, as_of)
        if not facts.matters("card_lifted", card.value["id"], as_of)
    ]


def suspension(facts: Facts, merchant: str, day: date, as_of: int) -> Matter | None:
    """The suspension that covers a day, if any."""
    decided = {one.value["document_number"]: one for one in all_of(facts, "suspension", merchant, as_of)}
    today = day.toordinal()
    for one in decided.values():
        if one.value["starts"] <= today and (one.value["ends"] is None or today <= one.value["ends"]):
            return one
    return None


def require_open(at: Context) -> None:
    """Refuse what a closed merchant may not do. What happened before it was closed may still be recorded."""
    for card in standing_cards(at.facts, at.merchant, at.index):
        if card.value["closes"] and card.value["at"] <= at.occurred_ms:
            raise CustodyRefused(
                "the merchant is closed by the {card_value} card of entry {entry}: goods come in and are "
                "sold again once it has been lifted; disposing of them is possible",
                card_value=card.value["card"],
                entry=card.index,
                field="kind",
            )
    decision = suspension(at.facts, at.merchant, at.occurred_on, at.index)
    if decision is not None:
        raise CustodyRefused(
            "the merchant is suspended by decision {decision_value} (entry {entry})",
            decision_value=decision.value["document_number"],
            entry=decision.index,
            field="kind",
        )
