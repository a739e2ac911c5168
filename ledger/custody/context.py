"""What the rules for one statement may look at: the facts so far, the statement, who signed it, and when.

Nothing here decides anything; `effects` and `authority` do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from ledger.custody.facts import Facts, Ruleset
from ledger.log import Entry, Seen, Signature, Statement
from ledger.store.facts import GrantFact, MerchantFact
from ledger_schemas import Body, LedgerOpened

EARLIEST = "2000-01-01"
"""Statements about earlier times are refused unless `ledger.opened` says otherwise: a year mistyped, not a record."""

FUTURE_MS = 5 * 60 * 1000
"""How far a device's clock may run ahead of the ledger's."""


class Setting(NamedTuple):
    """What entry 0 fixed for the whole ledger, and how to look up an entry and a past root."""

    origin: str
    jurisdiction: str
    earliest: date
    entry_at: Callable[[int], Entry]
    root_at: Callable[[int], bytes]
    """Root of this ledger's history at a past size."""

    @classmethod
    def of(
        cls,
        origin: str,
        opened: LedgerOpened,
        entry_at: Callable[[int], Entry],
        root_at: Callable[[int], bytes],
    ) -> Setting:
        """From the body of `ledger.opened`."""
        earliest = date.fromisoformat(opened.earliest or EARLIEST)
        return cls(origin, opened.jurisdiction, earliest, entry_at, root_at)


class Context(NamedTuple):
    """One statement at the place where it stands or is about to stand."""

    facts: Facts
    setting: Setting
    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    """The place; questions "as of" it see every entry before."""
    recorded_ms: int
    occurred_ms: int
    occurred_on: date
    """The author's own day."""
    id: bytes
    statement: Statement
    signatures: tuple[Signature, ...]
    signers: tuple[GrantFact, ...]

    @property
    def merchant(self) -> str:
        """The merchant whose chain it joins. Raises: ValueError for statements about the ledger itself."""
        if self.statement.merchant is None:
            raise ValueError(f"{self.statement.kind} is about the ledger, not about a merchant")
        return self.statement.merchant

    @property
    def seen(self) -> Seen | None:
        return self.statement.seen

    @property
    def enrolled(self) -> MerchantFact:
        """The merchant's enrolment; admission has made sure there is one."""
        found = self.facts.merchant(self.merchant, self.index)
        if found is None:
            raise ValueError(f"merchant {self.merchant} is not enrolled")
        return found


def rulesets_in_force(
    facts: Facts, jurisdiction: str, goods_classes: list[str], day: date, as_of: int
) -> list[Ruleset]:
    """The rule set for each goods class on a day: the most specific jurisdiction, then the latest period, then entry.

    A jurisdiction covers those that begin with it and a hyphen: ``CN-HA`` covers ``CN-HA-ZZ``.
    """
    return choose_rulesets(facts.rulesets(as_of), jurisdiction, goods_classes, day)


def choose_rulesets(
    published: Iterable[Ruleset], jurisdiction: str, goods_classes: list[str], day: date
) -> list[Ruleset]:
    """The same, of any rule sets: whoever tries a draft puts it among those that are published."""
    text = day.isoformat()
    found = []
    candidates = list(published)
    for goods_class in goods_classes:
        fitting = [
            ruleset
            for ruleset in candidates
            if ruleset.body.goods_class == goods_class
            and ruleset.body.valid_from <= text <= (ruleset.body.valid_to or text)
            and f"{jurisdiction}-".startswith(f"{ruleset.body.jurisdiction}-")
        ]
        if fitting:
            found.append(max(fitting, key=lambda r: (len(r.body.jurisdiction), r.body.valid_from, r.index)))
    return found


__all__ = ["EARLIEST", "FUTURE_MS", "Body", "Context", "Setting", "rulesets_in_force"]
