"""What a ledger knows of what a code says: the batches it may mean.

    for one in known(ledger, said, as_of=size):
        print(one.batch, one.name, one.by)

A batch is found at once. For a GTIN, a lot or a trace code, which stand in receipts only, the bytes of all receipts are
gone through, and those that have it are parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import orjson

from ledger import log
from ledger.custody.ledger import Ledger
from ledger.exchange.labels.link import Base
from ledger.exchange.labels.reading import Reading
from ledger_schemas import GoodsReceived, ReceiptLine, parse_body


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
    facts = ledger.facts()
    needles = [orjson.dumps(said.raw)]  # as it stands in the bytes of an entry
    if said.gtin:
        needles.append(said.gtin.lstrip("0").encode())
    with ledger.store.snapshot() as snapshot:
        for index, data in snapshot.entries_of(kind="goods.received", stop=as_of):
            if not any(needle in data for needle in needles):  # nearly all; parsing takes far longer
                continue
            entry = log.entry.parse(data)
            receipt = parse_body(entry.statement.kind, entry.statement.body)
            for line in receipt.lines if isinstance(receipt, GoodsReceived) else ():
                by = _matches(line, said)
                fact = facts.batch(line.batch, as_of) if by else None
                if by and fact is not None and fact.index == index:
                    yield Known(fact.batch, fact.name, index, fact.merchant, by)


def _matches(line: ReceiptLine, said: Reading) -> Literal["gtin", "lot", "trace_code"] | None:
    if line.trace_code == said.raw:
        return "trace_code"
    if said.gtin is None or line.gtin is None or line.gtin.zfill(14) != said.gtin:
        return None
    if said.lot is None or line.lot is None:
        return "gtin"
    return "lot" if line.lot == said.lot else None
