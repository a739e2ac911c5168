"""What a ledger knows of what a code says: the batches it may mean.

    for one in known(ledger, said, as_of=size):
        print(one.batch, one.name, one.by)

By batch, else by GTIN (with its lot, where both say one) or trace code, each from an index of the facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Literal, NamedTuple

from ledger.custody.ledger import Ledger
from ledger.exchange.labels.link import Base
from ledger.exchange.labels.reading import Reading
from ledger.store.facts import BatchFact


class Known(NamedTuple):
    """A batch, what it is, the entry of its receipt and who received it; by which part of the reading."""

    batch: str
    name: str
    entry: int
    merchant: str
    by: Literal["batch", "gtin", "lot", "trace_code"]


def known(ledger: Ledger, said: Reading, *, as_of: int, base: Base | None = None) -> tuple[Known, ...]:
    """Batches that a reading may mean. With `base`, a label that leads elsewhere names no batch of this ledger."""
    ours = said.url is None or base is None or base.covers(said.url)
    batch = (said.batch if ours else None) or (said.raw if said.url is None else None)
    fact = ledger.facts().batch(batch, as_of) if batch else None
    if fact is not None:
        return (Known(fact.batch, fact.name, fact.index, fact.merchant, "batch"),)
    return tuple(_received(ledger, said, as_of))


def _received(ledger: Ledger, said: Reading, as_of: int) -> Iterator[Known]:
    facts, store = ledger.facts(), ledger.store.facts
    lines = set(store.batches_by_trace_code([said.raw], before=as_of))
    if said.gtin is not None:
        lines.update(store.batches_by_gtin([said.gtin], before=as_of))
    for line in sorted(lines, key=itemgetter(0, 1)):  # in the order of their receipts
        by = _matches(line, said)
        fact = facts.batch(line.batch, as_of) if by else None
        if by and fact is not None and fact.index == line.index:
            yield Known(fact.batch, fact.name, fact.index, fact.merchant, by)


def _matches(line: BatchFact, said: Reading) -> Literal["gtin", "lot", "trace_code"] | None:
    if line.trace_code == said.raw:
        return "trace_code"
    if said.gtin is None or line.gtin != said.gtin:
        return None
    if said.lot is None or line.lot is None:
        return "gtin"
    return "lot" if line.lot == said.lot else None
