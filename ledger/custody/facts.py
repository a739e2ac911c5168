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

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import orjson

from ledger.custody.loader import Loader
from ledger.custody.partition import Reading
from ledger.custody.shelves import WHOLE, Ruleset, Shelves
from ledger.custody.touching import Touched
from ledger.store.facts import (
    AcceptanceFact,
    BatchFact,
    CheckFact,
    GrantFact,
    HandoverFact,
    MatterFact,
    MerchantFact,
    MovementFact,
    RevocationFact,
)

__all__ = ["Facts", "Ruleset", "Zone"]


class Zone(NamedTuple):
    """A storage zone or counter of a merchant."""

    code: str
    goods_class: str | None
    storage: str
    dedicated: bool


class Facts(Shelves):
    """Everything stated so far; see the module docstring."""

    def __init__(self, loader: Loader | None = None) -> None:
        super().__init__(loader)
        self._zones: dict[str, tuple[Zone, ...]] = {}

    def age(self, most: int) -> None:
        super().age(most)
        if len(self._zones) > most:
            self._zones.clear()

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

    def fetch_merchants(self, merchants: Iterable[str]) -> None:
        """Fetch in a few queries what `merchant` is going to be asked about these."""
        self._merchants.prefetch(merchants)

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
