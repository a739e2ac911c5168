"""Facts of supervision: an object under a topic and a key.

    matter(at, 0, "card", at.merchant, {"card": "red"})      # the fact, to be yielded by an effect
    latest(facts, "card", merchant, as_of)                   # its object again

    topic        key                     from                        object
    finding      id of the check         inspection.recorded         code, subject, stands (not waived)

Which objects there are, and what they mean, is the affair of the rooms in `supervision`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.log.canonical import encode
from ledger.store.facts import MatterFact


class Matter(NamedTuple):
    """A matter as read: the entry it comes from, its key, and its object."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    key: str
    value: dict[str, Any]  # Any: JSON


def matter(at: Context, line: int, topic: str, key: str, value: dict[str, Any]) -> MatterFact:  # Any: JSON
    """The fact; `line` tells apart those of one entry."""
    return MatterFact(at.index, line, topic, key, encode(value).decode())


def read(fact: MatterFact) -> Matter:
    return Matter(fact.index, fact.key, orjson.loads(fact.value))


def all_of(facts: Facts, topic: str, key: str, as_of: int) -> list[Matter]:
    """What stands under a topic and key, oldest first."""
    return [read(fact) for fact in facts.matters(topic, key, as_of)]


def latest(facts: Facts, topic: str, key: str, as_of: int) -> Matter | None:
    """The newest under a topic and key."""
    rows = facts.matters(topic, key, as_of)
    return read(rows[-1]) if rows else None
