"""What has been stated so far, held in memory and asked *as of* an index.

Facts come from two places: `effects` yields them for a new entry, and a `Loader` fetches those of earlier entries
from the database when they are first asked for. A replay of the whole ledger uses no loader: everything it will
ever be asked has passed through `add`. Either way there is one implementation of every question, so admission and
offline verification cannot disagree.

Facts are only ever added. Each knows the index of the entry it comes from, and "as of N" means "of entries below N".

    facts = Facts()
    facts.add(MovementFact(7, 0, "B-1", "92410104MACU00014Y", "received", 12_500_000, 12_500_000, None))
    facts.held("B-1", "92410104MACU00014Y", as_of=8)        # 12_500_000 micro-units, that is 12.5

What the facts mean, and which are refused, is decided elsewhere (`effects`, `findings`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from ledger.custody.loader import Happening, Loader
from ledger.custody.partition import Partition, Reading, Rows, Timeline
from ledger.custody.touching import Touched
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


class Zone(NamedTuple):
    """A storage zone or counter of a merchant."""

    code: str
    goods_class: str | None
    storage: str
    dedicated: bool


class Ruleset(NamedTuple):
    """A published rule set and the entry that published it."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    body: RulesetPublished


class Facts:
    """Everything stated so far; see the module docstring."""

    def __init__(self, loader: Loader | None = None) -> None:
        on = loader  # types stand on the left: `Rows[…](…)` takes three times as long, and every reader has facts
        self.statements: Rows[bytes, StatementFact] = Rows(lambda row: row.id, on.statements if on else None)
        self._late: Partition[str, StatementFact, array[int]] = Partition(
            lambda row: row.merchant or "",
            on.late if on else None,
            _integers,
            lambda pairs, row: pairs.extend((row.index, row.late_minutes)) if row.kind in LOGGED else None,
            len,
        )
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
        self._roll: Rows[str, MerchantFact] = Rows(lambda _: "", on.all_merchants if on else None)
        self._zones: dict[str, tuple[Zone, ...]] = {}
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

    # ------------------------------------------------------------------ adding

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
            self._zones.clear()

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

    # ------------------------------------------------------------------ keys, merchants, rule sets

    def grant(self, keyid: str, as_of: int) -> GrantFact | None:
        """The grant of a key as of an index, revoked or not."""
        return self._grants.last(keyid, as_of)

    def revocation(self, keyid: str, as_of: int) -> RevocationFact | None:
        return self._revocations.last(keyid, as_of)

    def merchant(self, merchant: str, as_of: int) -> MerchantFact | None:
        """The latest enrolment of a merchant."""
        return self._merchants.last(merchant, as_of)

    def enrolled(self, as_of: int) -> list[MerchantFact]:
        """The latest enrolment of every merchant, in the order of their first."""
        return list({row.merchant: row for row in self._roll.before("", as_of)}.values())

    def zones(self, merchant: MerchantFact) -> tuple[Zone, ...]:
        """The storage zones and counters of an enrolment."""
        found = self._zones.get(merchant.zones)
        if found is None:
            found = self._zones[merchant.zones] = tuple(
                Zone(z["code"], z["goods_class"], z["storage"], z["dedicated"])
                for z in orjson.loads(merchant.zones)
            )
        return found

    def ruleset(self, code: str, as_of: int) -> Ruleset | None:
        found = self._rulesets.get("").get(code)
        return found if found is not None and found.index < as_of else None

    def rulesets(self, as_of: int) -> list[Ruleset]:
        """All rule sets published by then, in the order of their publication."""
        return [ruleset for ruleset in self._rulesets.get("").values() if ruleset.index < as_of]

    # ------------------------------------------------------------------ goods

    def batch(self, batch: str, as_of: int) -> BatchFact | None:
        """The receipt line that brought the batch in, unless that receipt has been taken back."""
        row = self._batches.last(batch, as_of)
        if row is None or self.corrected(row.merchant, row.index, as_of):
            return None
        return row

    def held(self, batch: str, merchant: str, as_of: int) -> int:
        """Micro-units of the batch that the merchant holds."""
        pairs = self._balances.get((batch, merchant))
        at = len(pairs)
        while at and pairs[at - 2] >= as_of:
            at -= 2
        return pairs[at - 1] if at else 0

    def moved_at(self, batch: str, merchant: str, after: int) -> list[int]:
        """Entries after one that changed what the merchant holds of the batch."""
        return [index for index in self._balances.get((batch, merchant))[::2] if index > after]

    def has_held(self, batch: str, merchant: str) -> bool:
        return len(self._balances.get((batch, merchant))) > 0

    def holdings(self, merchant: str, as_of: int) -> dict[str, int]:
        """Batches the merchant holds, in micro-units, in the order it first held them."""
        batches = [row.batch for row in self._holders.before(merchant, as_of)]
        self._balances.prefetch((batch, merchant) for batch in batches)
        held = {batch: self.held(batch, merchant, as_of) for batch in batches}
        held = {batch: amount for batch, amount in held.items() if amount}
        self._batches.prefetch(held)  # whoever asks for holdings goes on to ask what they are
        self._corrections.prefetch(row.merchant for batch in held for row in self._batches.get(batch))
        return held

    def handover(self, handover: bytes, as_of: int) -> HandoverFact | None:
        return self._handovers.last(handover, as_of)

    def handover_lines(self, index: int) -> Sequence[MovementFact]:
        """What was handed over by the entry at `index`."""
        return [row for row in self._lines.get(index) if row.action == "handed_over"]

    def acceptance(self, handover: HandoverFact, as_of: int) -> AcceptanceFact | None:
        """The acceptance of a handover that stands, if any."""
        for row in self._acceptances.before(handover.index, as_of):
            if not self.corrected(handover.receiver, row.index, as_of):
                return row
        return None

    def open_handovers_to(self, merchant: str, as_of: int) -> list[HandoverFact]:
        """Handovers to the merchant that it has not answered, oldest first."""
        rows = self._handovers_to.before(merchant, as_of)
        self._acceptances.prefetch(row.index for row in rows)
        self._corrections.prefetch(row.sender for row in rows)
        return [
            row
            for row in rows
            if self.acceptance(row, as_of) is None and not self.corrected(row.sender, row.index, as_of)
        ]

    # ------------------------------------------------------------------ corrections, events, checks

    def corrected(self, merchant: str, index: int, as_of: int) -> bool:
        """Whether the merchant's entry at `index` has been taken back by then."""
        rows = self._corrections.before(merchant, as_of)
        return bool(rows) and any(row.corrected == index for row in rows)

    def events(self, merchant: str, kind: str, as_of: int) -> Iterator[Reading]:
        """Events of a kind that stand, newest entry first."""
        timeline = self._happenings.get(merchant).get(kind)
        for reading in timeline.backwards(as_of) if timeline is not None else ():
            if not self.corrected(merchant, reading.index, as_of):
                yield reading

    def last_check(self, merchant: str, as_of: int) -> CheckFact | None:
        """The latest check of the merchant that stands."""
        for row in reversed(self._checks.before(merchant, as_of)):
            if not self.corrected(merchant, row.index, as_of):
                return row
        return None

    def late_entries(self, merchant: str, since: int, as_of: int, minutes: int) -> list[int]:
        """Entries from `since` on that were recorded more than `minutes` after they occurred."""
        pairs = self._late.get(merchant)
        return [
            index
            for index, late in zip(pairs[::2], pairs[1::2], strict=True)
            if since <= index < as_of and late > minutes and not self.corrected(merchant, index, as_of)
        ]

    # ------------------------------------------------------------------ supervision

    def matters(self, topic: str, key: str, as_of: int) -> Sequence[MatterFact]:
        """What statements of supervision have added under a topic and a key, oldest first."""
        if topic not in WHOLE:
            return self._matters.before((topic, key), as_of)
        rows = self._whole.get(topic).get(key, ())
        return rows if not rows or rows[-1][0] < as_of else rows[: bisect_left(rows, (as_of,))]

    def fetch_matters(self, keys: Iterable[tuple[str, str]]) -> None:
        """Fetch in a few queries what is going to be asked for under these (topic, key)."""
        self._matters.prefetch(key for key in keys if key[0] not in WHOLE)

    # ------------------------------------------------------------------ fetching ahead

    def fetch_checks(self, merchants: Iterable[str]) -> None:
        """Fetch in a few queries what `last_check` of these merchants is going to ask for."""
        merchants = list(merchants)
        self._checks.prefetch(merchants)
        self._corrections.prefetch(merchants)

    def prefetch(self, asked: Touched) -> None:
        """Fetch in a few queries what a batch of statements is going to ask for."""
        for partition in (self._holders, self._handovers_to, self._checks, self._late, self._happenings):
            partition.prefetch(asked.checked)
        self.statements.prefetch(asked.ids)
        self._grants.prefetch(asked.keyids)
        self._revocations.prefetch(asked.keyids)
        self._merchants.prefetch(asked.merchants)
        self._corrections.prefetch(asked.merchants)
        self._batches.prefetch(batch for batch, _ in asked.balances)
        self._balances.prefetch(asked.balances)
        self._handovers.prefetch(asked.handovers)
        answered = [row for handover in asked.handovers for row in self._handovers.get(handover)]
        self._lines.prefetch(row.index for row in answered)
        self._acceptances.prefetch(row.index for row in answered)
        self._corrections.prefetch(row.sender for row in answered)
        self.fetch_matters(asked.matters)


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
