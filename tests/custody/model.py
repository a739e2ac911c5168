"""A second, slow opinion on custody: replays the list of what was accepted from the beginning, for every question.

Nothing is remembered but the list, and quantities are decimals, so that it shares no idea with the facts and
balances of `ledger.custody`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Act:
    """One accepted statement; `ref` is the place in the list of what it answers, ends, rests on or takes back.

    `step` is that of a card.
    """

    what: str
    merchant: str
    batch: str = ""
    amount: Decimal = Decimal(0)
    to: str = ""
    refused: Decimal = Decimal(0)
    missing: Decimal = Decimal(0)
    ref: int = -1
    step: int = 0


GOODS = frozenset({"receive", "accept", "adjust", "hand_over", "sell", "dispose"})
NOW = 10**9


@dataclass
class Model:
    """All acts so far, each with the entry index it got."""

    acts: list[tuple[int, Act]] = field(default_factory=list)

    def held(self, merchant: str, batch: str, as_of: int) -> Decimal:
        """Sum over everything that stands, computed anew."""
        acts = [act for index, act in self.acts if index < as_of]
        undone = {act.ref for act in acts if act.what == "correct"}
        total = Decimal(0)
        for place, act in enumerate(acts):
            if place not in undone:
                total += self._change(act, merchant, batch)
        return total

    def _change(self, act: Act, merchant: str, batch: str) -> Decimal:
        if act.batch != batch:
            return Decimal(0)
        change = Decimal(0)
        if act.merchant == merchant:
            change += {
                "receive": act.amount,
                "accept": act.amount,
                "adjust": act.amount,
                "hand_over": -act.amount,
                "sell": -act.amount,
                "dispose": -act.amount,
            }.get(act.what, Decimal(0))
        if act.what == "accept" and act.to == merchant:
            change += act.refused
        return change

    def stands(self, place: int) -> bool:
        return all(not (act.what == "correct" and act.ref == place) for _, act in self.acts)

    def answered(self, handover: int) -> bool:
        return any(
            act.what == "accept" and act.ref == handover and self.stands(place)
            for place, (_, act) in enumerate(self.acts)
        )

    def known(self, batch: str) -> bool:
        return any(
            act.what == "receive" and act.batch == batch and self.stands(place)
            for place, (_, act) in enumerate(self.acts)
        )

    def ever_held(self, merchant: str, batch: str) -> bool:
        """Whether any movement ever touched this holding."""
        return any(
            act.batch == batch
            and (
                (act.merchant == merchant and act.what != "correct")
                or (act.what == "accept" and act.to == merchant)
            )
            for _, act in self.acts
        )

    # ------------------------------------------------------------------ what stands of supervision

    def left(self, what: str, ends: str, as_of: int = NOW) -> list[tuple[int, Act]]:
        """Places and acts of a kind that no act of the other kind has ended."""
        acts = [act for index, act in self.acts if index < as_of]
        ended = {act.ref for act in acts if act.what == ends}
        return [(place, act) for place, act in enumerate(acts) if act.what == what and place not in ended]

    def sealed(self, batch: str, as_of: int = NOW) -> bool:
        return any(act.batch == batch for _, act in self.left("seal", "release", as_of))

    def recalled(self, batch: str) -> bool:
        return any(act.what == "recall" and act.batch == batch for _, act in self.acts)

    def closed(self, merchant: str, as_of: int = NOW) -> bool:
        cards = self.left("card", "lift", as_of)
        return any(act.merchant == merchant and act.step == 2 for _, act in cards)

    def ordered(self, check: int) -> bool:
        """Whether an order about the check is open."""
        return any(act.ref == check for _, act in self.left("order", "confirm"))

    # ------------------------------------------------------------------ what is allowed

    def allows(self, act: Act) -> bool:
        """Whether the rules allow the act now."""
        if act.what in GOODS:
            return self._may_move(act)
        if act.what in ("seal", "release", "recall"):
            return self._may_hold(act)
        return self._may_correct(act) if act.what == "correct" else self._may_follow(act)

    def _may_hold(self, act: Act) -> bool:
        if act.what == "seal":
            held_once = self.known(act.batch) and self.ever_held(act.merchant, act.batch)
            return held_once and not self.sealed(act.batch)
        if act.what == "release":
            return act.ref in dict(self.left("seal", "release"))
        return self.brought_in(act.batch) == act.merchant and not self.recalled(act.batch)

    def _may_follow(self, act: Act) -> bool:
        """Cards and orders."""
        place = act.ref
        match act.what:
            case "card":
                before = any(one.what == "card" and one.merchant == act.merchant for _, one in self.acts)
                return act.step == 1 + before
            case "lift":
                _, card = self.acts[place]
                return place in dict(self.left("card", "lift")) and not self.ordered(card.ref)
            case "order":
                return not self.ordered(place)
            case "confirm":
                return place in dict(self.left("order", "confirm"))
        raise AssertionError(act.what)

    def brought_in(self, batch: str) -> str | None:
        for place, (_, act) in enumerate(self.acts):
            if act.what == "receive" and act.batch == batch and self.stands(place):
                return act.merchant
        return None

    def _may_move(self, act: Act) -> bool:
        held, known = self.held(act.merchant, act.batch, NOW), self.known(act.batch)
        match act.what:
            case "receive":
                return not known and not self.closed(act.merchant)
            case "sell":
                kept = self.sealed(act.batch) or self.recalled(act.batch) or self.closed(act.merchant)
                return known and act.amount <= held and not kept
            case "dispose":
                return known and act.amount <= held
            case "hand_over":
                kept = self.sealed(act.batch) or act.to == act.merchant
                return known and act.amount <= held and not kept
            case "adjust":
                once = known and self.ever_held(act.merchant, act.batch)
                return once and held + act.amount >= 0 and not (act.amount < 0 and self.sealed(act.batch))
        return self._may_accept(act)

    def _may_accept(self, act: Act) -> bool:
        _, sent = self.acts[act.ref]
        return (
            sent.to == act.merchant
            and self.stands(act.ref)
            and not self.answered(act.ref)
            and self.known(act.batch)
            and act.amount + act.refused + act.missing == sent.amount
        )

    def _may_correct(self, act: Act) -> bool:
        _, was = self.acts[act.ref]
        if was.merchant != act.merchant or was.what not in GOODS or not self.stands(act.ref):
            return False
        brought = was.what in ("receive", "accept", "adjust") and (was.amount > 0 or was.refused > 0)
        if brought and self.sealed(was.batch):
            return False
        if was.what == "hand_over" and self.answered(act.ref):
            return False
        left = self.held(was.merchant, was.batch, 10**9) - self._change(was, was.merchant, was.batch)
        if was.what == "receive":
            return left == 0
        if was.what == "accept":
            return left >= 0 and self.held(was.to, was.batch, 10**9) - was.refused >= 0
        return left >= 0
