"""Where facts come from when a database is behind them, and which of them a batch of statements will ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.custody.admission import Candidate
from ledger.custody.loader import Happening
from ledger.custody.rules import RULES
from ledger.custody.touching import Touched
from ledger.store.facts import MatterFact, MerchantFact, RulesetFact
from ledger.store.reader import FactReader

MANY = 256
"""A duty may stand under a merchant or any grid above it, and stands under few: of more, the topic is read whole."""


class StoreLoader:
    """A `Loader` over the store's reader."""

    def __init__(self, reader: FactReader) -> None:
        self._reader = reader
        self.statements = reader.statements_by_id
        self.late = reader.late_by_merchant
        self.grants = reader.grants_by_keyid
        self.revocations = reader.revocations_by_keyid
        self.merchants = reader.merchants_by_id
        self.batches = reader.batches_by_id
        self.movements = reader.movements_of_pairs
        self.movements_of = reader.movements_by_index
        self.holders = reader.holders_by_merchant
        self.handovers = reader.handovers_by_id
        self.handovers_to = reader.handovers_by_receiver
        self.acceptances = reader.acceptances_by_handover
        self.corrections = reader.corrections_by_merchant
        self.checks = reader.checks_by_merchant

    def matters(self, keys: Sequence[tuple[str, str]]) -> Iterable[MatterFact]:
        if len(keys) > MANY and all(topic == "duty" for topic, _ in keys):
            wanted = {key for _, key in keys}
            return [row for row in self._reader.matters_of_topic("duty") if row.key in wanted]
        return self._reader.matters(keys)

    def matters_of_topics(self, topics: Sequence[str]) -> Iterable[MatterFact]:
        return (row for topic in topics for row in self._reader.matters_of_topic(topic))

    def all_merchants(self, everything: Sequence[str]) -> Iterable[MerchantFact]:
        return self._reader.merchants()

    def rulesets(self, everything: Sequence[str]) -> Iterable[RulesetFact]:
        return self._reader.rulesets()

    def happenings(self, merchants: Sequence[str]) -> Iterable[Happening]:
        return map(Happening._make, self._reader.events_by_merchant(merchants))


def touched(candidates: Iterable[Candidate]) -> Touched:
    """The facts that judging these statements is going to ask for, as far as it is worth fetching them together."""
    asked = Touched()
    for candidate in candidates:
        asked.ids.add(candidate.id)
        asked.keyids.update([sig.keyid for sig in candidate.signatures])
        merchant = candidate.statement.merchant
        if merchant is not None:
            asked.merchants.add(merchant)
            RULES[candidate.statement.kind].touches(asked, merchant, candidate.body)
    return asked
