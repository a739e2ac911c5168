"""A second, slow opinion on custody: replays the list of what was accepted from the beginning, for every question.

Nothing is remembered but the list, and quantities are decimals, so that it shares no idea with the facts and
balances of `ledger.custody`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Act:
    """One accepted statement; `ref` is the place in the list of the handover answered or the act taken back."""

    what: str
    merchant: str
    batch: str = ""
    amount: Decimal = Decimal(0)
    to: str = ""
    refused: Decimal = Decimal(0)
    missing: Decimal = Decimal(0)
    ref: int = -1


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

    def allows(self, act: Act) -> bool:
        """Whether the rules allow the act now."""
        now = 10**9
        held = self.held(act.merchant, act.batch, now)
        match act.what:
            case "receive":
                return not self.known(act.batch)
            case "sell" | "dispose":
                return self.known(act.batch) and act.amount <= held
            case "hand_over":
                return self.known(act.batch) and act.amount <= held and act.to != act.merchant
            case "adjust":
                return (
                    self.known(act.batch)
                    and self.ever_held(act.merchant, act.batch)
                    and held + act.amount >= 0
                )
            case "accept":
                return self._may_accept(act)
            case "correct":
                return self._may_correct(act)
        raise AssertionError(act.what)

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
        if was.merchant != act.merchant or was.what == "correct" or not self.stands(act.ref):
            return False
        if was.what == "hand_over" and self.answered(act.ref):
            return False
        left = self.held(was.merchant, was.batch, 10**9) - self._change(was, was.merchant, was.batch)
        if was.what == "receive":
            return left == 0
        if was.what == "accept":
            return left >= 0 and self.held(was.to, was.batch, 10**9) - was.refused >= 0
        return left >= 0
