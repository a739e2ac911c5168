"""Where facts lie in memory: for each question of `facts` a partition of rows by the key that it asks with.

What it does: takes facts in, fetches those of earlier entries through a `Loader` when their key is first asked for, and
forgets what grows with the ledger. What it leaves to others: the questions (`facts`).

    shelves.add(statement, [MovementFact(7, 0, "B-1", …)])
    shelves.settle()                                       # the database has them now
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import orjson

from ledger.custody.loader import Happening, Loader
from ledger.custody.partition import Partition, Rows, Timeline
from ledger.store.facts import (
    LATE_MINUTES,
    AcceptanceFact,
    BatchFact,
    CheckFact,
    CorrectionFact,
    EventFact,
    GrantFact,
    HandoverFact,
    HolderFact,
    MatterFact,
    MerchantFact,
    MovementFact,
    RevocationFact,
    RulesetFact,
    StatementFact,
)
from ledger_schemas import RulesetPublished, parse_body

WHOLE = frozenset({"card", "suspension", "seal", "recall"})
"""Topics that nearly every statement about goods asks for and that have few matters: they are fetched as a whole."""

LOGGED = frozenset(
    [
        "goods.received",
        "goods.handed_over",
        "goods.accepted",
        "goods.sold",
        "goods.disposed",
        "goods.adjusted",
        "temperature.logged",
        "disinfection.logged",
        "clearance.attested",
        "commitment.signed",
        "briefing.acknowledged",
    ]
)
"""What merchants and their devices log, and may log too late."""


class Ruleset(NamedTuple):
    """A published rule set and the entry that published it."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    body: RulesetPublished


class Shelves:
    """See the module docstring."""

    def __init__(self, loader: Loader | None = None) -> None:
        self._shelve_people(loader)
        self._shelve_goods(loader)
        self._shelve_statements(loader)
        self._growing: tuple[Partition[Any, Any, Any], ...] = (
            self.statements,
            self._batches,
            self._balances,
            self._lines,
            self._holders,
            self._handovers,
            self._handovers_to,
            self._acceptances,
            self._matters,
        )
        self._ageing: tuple[Partition[Any, Any, Any], ...] = (
            *self._growing,
            self._late,
            self._grants,
            self._revocations,
            self._merchants,
            self._corrections,
            self._checks,
            self._happenings,
        )
        self._adders: dict[type, Callable[[Any], None]] = {
            GrantFact: self._grants.add,
            RevocationFact: self._revocations.add,
            RulesetFact: self._rulesets.add,
            MerchantFact: self._add_merchant,
            BatchFact: self._batches.add,
            MovementFact: self._add_movement,
            HolderFact: self._holders.add,
            HandoverFact: self._add_handover,
            AcceptanceFact: self._acceptances.add,
            CorrectionFact: self._corrections.add,
            CheckFact: self._checks.add,
            MatterFact: self._add_matter,
        }

    # Types stand on the left: `Rows[…](…)` takes three times as long, and every reader has facts.

    def _shelve_people(self, on: Loader | None) -> None:
        """Keys, rule sets, merchants."""
        self._grants: Rows[str, GrantFact] = Rows(lambda row: row.keyid, on.grants if on else None)
        self._revocations: Rows[str, RevocationFact] = Rows(
            lambda row: row.keyid, on.revocations if on else None
        )
        self._rulesets: Partition[str, RulesetFact, dict[str, Ruleset]] = Partition(
            lambda _: "", on.rulesets if on else None, dict, _put_ruleset, len
        )
        self._merchants: Rows[str, MerchantFact] = Rows(
            lambda row: row.merchant, on.merchants if on else None
        )
        self._roll: Rows[str, MerchantFact] = Rows(lambda _: "", on.all_merchants if on else None)

    def _shelve_goods(self, on: Loader | None) -> None:
        self._batches: Rows[str, BatchFact] = Rows(lambda row: row.batch, on.batches if on else None)
        self._balances: Partition[tuple[str, str], MovementFact, array[int]] = Partition(
            lambda row: (row.batch, row.merchant),
            on.movements if on else None,
            _integers,
            lambda pairs, row: pairs.extend((row.index, row.held)),
            len,
        )
        self._lines: Rows[int, MovementFact] = Rows(lambda row: row.index, on.movements_of if on else None)
        self._holders: Rows[str, HolderFact] = Rows(lambda row: row.merchant, on.holders if on else None)
        self._handovers: Rows[bytes, HandoverFact] = Rows(lambda row: row.id, on.handovers if on else None)
        self._handovers_to: Rows[str, HandoverFact] = Rows(
            lambda row: row.receiver, on.handovers_to if on else None
        )
        self._acceptances: Rows[int, AcceptanceFact] = Rows(
            lambda row: row.handover, on.acceptances if on else None
        )

    def _shelve_statements(self, on: Loader | None) -> None:
        """Statements themselves, what takes them back, what happened, checks, and matters of supervision."""
        self.statements: Rows[bytes, StatementFact] = Rows(lambda row: row.id, on.statements if on else None)
        self._late: Partition[str, StatementFact, array[int]] = Partition(
            lambda row: row.merchant or "",
            on.late if on else None,
            _integers,
            lambda pairs, row: pairs.extend((row.index, row.late_minutes)) if row.kind in LOGGED else None,
            len,
        )
        self._corrections: Rows[str, CorrectionFact] = Rows(
            lambda row: row.merchant, on.corrections if on else None
        )
        self._checks: Rows[str, CheckFact] = Rows(lambda row: row.merchant, on.checks if on else None)
        self._happenings: Partition[str, Happening, dict[str, Timeline]] = Partition(
            lambda row: row.merchant, on.happenings if on else None, dict, _put_happening, _contained
        )
        self._matters: Rows[tuple[str, str], MatterFact] = Rows(
            lambda row: (row.topic, row.key), on.matters if on else None
        )
        self._whole: Partition[str, MatterFact, dict[str, list[MatterFact]]] = Partition(
            lambda row: row.topic, on.matters_of_topics if on else None, dict, _put_matter, _contained
        )

    def add(
        self, statement: StatementFact, rows: Iterable[tuple[Any, ...]], *, remember_id: bool = True
    ) -> None:
        """Take in the facts of one more entry. A replay that keeps the ids elsewhere passes `remember_id=False`."""
        if remember_id:
            self.statements.add(statement)
        if statement.late_minutes >= LATE_MINUTES and statement.merchant is not None:
            self._late.add(statement)
        for row in rows:
            if type(row) is EventFact:
                assert statement.merchant is not None  # noqa: S101 - only merchants' statements yield events
                self._happenings.add(Happening(statement.merchant, statement.kind, row))
            else:
                self._adders[type(row)](row)

    def settle(self) -> None:
        """Everything added so far is in the database now."""
        for partition in vars(self).values():
            if isinstance(partition, Partition):
                partition.settle()

    def forget(self) -> None:
        """What grows with the ledger leaves memory, and will be fetched again. Requires a loader, and all settled.

        Keys, merchants and rule sets stay, for every statement asks for them, and so do events and checks, which are
        small and asked for by merchant, all at once.
        """
        for partition in self._growing:
            partition.forget()

    def age(self, most: int) -> None:
        """Of more than about `most` rows, those not asked for lately leave memory, so that it never holds more than
        twice as many. Requires a loader, and all settled.

        Rule sets and what stands as a whole (`WHOLE`) stay: they are few.
        """
        self.statements.forget()  # an id is hardly ever asked for a second time
        if sum(partition.weight for partition in self._ageing) > most:
            for partition in self._ageing:
                partition.age()

    @property
    def remembered(self) -> int:
        """Roughly how much is held in memory: keys of what grows with the ledger."""
        return sum(len(partition.found) for partition in self._growing)

    def _add_movement(self, row: MovementFact) -> None:
        self._balances.add(row)
        if row.action == "handed_over":
            self._lines.add(row)

    def _add_merchant(self, row: MerchantFact) -> None:
        self._merchants.add(row)
        self._roll.add(row)

    def _add_matter(self, row: MatterFact) -> None:
        (self._whole if row.topic in WHOLE else self._matters).add(row)

    def _add_handover(self, row: HandoverFact) -> None:
        for partition in (self._lines, self._acceptances):
            partition.begin(row.index)  # an entry just made: nobody can have answered it
        self._handovers.add(row)
        self._handovers_to.add(row)


def _integers() -> array[int]:
    return array("q")


def _contained(found: dict[str, Any]) -> int:
    return sum(map(len, found.values()))


def _put_matter(found: dict[str, list[MatterFact]], row: MatterFact) -> None:
    found.setdefault(row.key, []).append(row)


def _put_ruleset(found: dict[str, Ruleset], row: RulesetFact) -> None:
    body = parse_body("ruleset.published", orjson.loads(row.body))
    assert isinstance(body, RulesetPublished)  # noqa: S101 - parse_body returns the model of its kind
    found[row.code] = Ruleset(row.index, body)


def _put_happening(found: dict[str, Timeline], row: Happening) -> None:
    found.setdefault(row.kind, Timeline()).add(row.event)
