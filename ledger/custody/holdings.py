"""What a merchant holds as of an index: per batch, from the balance that every movement carries.

for holding in holdings(store, "92410104MACU00014Y", as_of=1041):
    print(holding.batch, plain(holding.amount), holding.unit)
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.custody.facts import Facts


class Holding(NamedTuple):
    """A batch in a merchant's holding; `amount` in micro-units, `since` the entry of the receipt that brought it in."""

    batch: str
    name: str
    goods_class: str
    amount: int
    unit: str
    origin: str
    """The merchant that received the batch from its supplier."""
    since: int


def holdings(facts: Facts, merchant: str, *, as_of: int) -> list[Holding]:
    """Everything the merchant holds, in the order it first got hold of it."""
    found = []
    for batch, amount in facts.holdings(merchant, as_of).items():
        fact = facts.batch(batch, as_of)
        if fact is not None:
            found.append(
                Holding(batch, fact.name, fact.goods_class, amount, fact.unit, fact.merchant, fact.index)
            )
    return found
