"""Each entry follows on the one before: its place, the hash chain, every merchant's own chain, and time.

    chains = Chains(outcome)
    chains.follow(chunk)

What it does: makes the checks `index`, `chain` and `merchant_chain`. After a fault it goes on from what is
there, so that one change is reported once and not for the rest of the ledger. What it leaves to others:
statement ids (`scratch`), the tree.
"""

from __future__ import annotations

from ledger.audit.outcome import Outcome
from ledger.audit.reading import MISSING, Chunk
from ledger.log.entry import Entry
from ledger.messages import Message

_MISSING = MISSING.hex()


class Chains:
    """See the module docstring."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._previous: str | None = None  # leaf hash of the entry before, hex
        self._recorded_at = ""
        self._offset = 0  # how far entries are from the places they name
        self._merchants: dict[str, tuple[int, str]] = {}  # latest place in the chain, and leaf hash

    def follow(self, chunk: Chunk) -> None:
        """Take in the next entries."""
        previous, recorded_at, offset = self._previous, self._recorded_at, self._offset
        links = linked = 0
        for position, (entry, leaf) in enumerate(zip(chunk.entries, chunk.leaves, strict=True), chunk.start):
            leaf_hex = leaf.hex()
            if entry is not None:
                links += 1
                if entry.prev != previous:
                    self._broken(position, previous)
                if entry.recorded_at < recorded_at:  # texts of one form, so they compare as times do
                    self._outcome.fault(
                        "index",
                        position,
                        Message(
                            "recorded at {recorded_at}, the entry before it later: {earlier}",
                            recorded_at=entry.recorded_at,
                            earlier=recorded_at,
                        ),
                    )
                recorded_at = entry.recorded_at
                if entry.index - position != offset:
                    offset = entry.index - position
                    self._misplaced(position, entry.index)
                merchant = entry.statement.merchant
                if merchant is not None:
                    linked += 1
                    self._follow_merchant(position, merchant, entry, leaf_hex)
            previous = leaf_hex
        self._previous, self._recorded_at, self._offset = previous, recorded_at, offset
        for check, count in (("index", links), ("chain", links), ("merchant_chain", linked)):
            self._outcome.looked(check, count)

    def _follow_merchant(self, position: int, merchant: str, entry: Entry, leaf_hex: str) -> None:
        seq, previous = entry.merchant_seq, entry.merchant_prev
        before = self._merchants.get(merchant)
        if (seq, previous) != ((0, None) if before is None else (before[0] + 1, before[1])):
            self._broken_merchant(position, merchant, entry, before)
        self._merchants[merchant] = (seq or 0, leaf_hex)

    def _broken(self, position: int, previous: str | None) -> None:
        if previous is None:
            detail = Message("prev names an entry before, but this is the first")
        elif previous == _MISSING:
            detail = Message("prev names entry {before}, which is missing", before=position - 1)
        else:
            detail = Message(
                "prev is not the leaf hash of entry {before}: one of the two was changed, "
                "or one was taken out or put in",
                before=position - 1,
            )
        self._outcome.fault("chain", position, detail)

    def _misplaced(self, position: int, index: int) -> None:
        if index == position:
            return  # back in step after others that were not
        self._outcome.fault(
            "index",
            position,
            Message(
                "the entry at place {position} says it is entry {entry} (what follows on it is not listed)",
                position=position,
                entry=index,
            ),
        )

    def _broken_merchant(
        self, position: int, merchant: str, entry: Entry, before: tuple[int, str] | None
    ) -> None:
        if before is None:
            detail = Message(
                "is number {number} of merchant {merchant}, of which no entry stands before it",
                number=entry.merchant_seq,
                merchant=merchant,
            )
        elif entry.merchant_seq != before[0] + 1:
            detail = Message(
                "is number {number} of merchant {merchant}, the one before is number {before}",
                number=entry.merchant_seq,
                merchant=merchant,
                before=before[0],
            )
        else:
            detail = Message(
                "merchant_prev is not the leaf hash of number {before} of merchant {merchant}",
                before=before[0],
                merchant=merchant,
            )
        self._outcome.fault("merchant_chain", position, detail)
