"""The facts of a ledger derived again from its entries: what `custody rebuild` and a restore write.

    store.replace_facts(replay(store.entries(), setting))

A replay trusts the entries: it applies every rule of custody, but verifies no hash and no signature. Whether
they can be
trusted is for `ledger.audit` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from ledger import log
from ledger.custody.admission import Candidate, check_authority, statement_fact, take_effect
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.errors import LedgerError, StoreCorrupt
from ledger.log import Entry
from ledger.log.times import parse_instant
from ledger.store.facts import FactRow, StatementFact

CHUNK = 1000

Chunk = dict[type[FactRow], list[FactRow]]


def replay(
    entries: Iterable[tuple[int, bytes]], setting: Setting, facts: Facts | None = None
) -> Iterator[Chunk]:
    """Facts by table, 1,000 entries at a time.

    Raises: StoreCorrupt, naming the first entry that the rules of custody do not allow where it stands.
    """
    facts = Facts() if facts is None else facts
    remaining = iter(entries)
    while chunk := list(islice(remaining, CHUNK)):
        found: Chunk = {}
        for index, data in chunk:
            for row in _replayed(facts, setting, index, data):
                found.setdefault(type(row), []).append(row)
        yield found


def _replayed(facts: Facts, setting: Setting, index: int, data: bytes) -> list[FactRow]:
    try:
        entry = log.entry.parse(data)
        candidate = Candidate.of(entry.statement, entry.signatures)
        signers = check_authority(facts, candidate, index=index)
        recorded_ms = parse_instant(entry.recorded_at)
        rows = take_effect(facts, setting, candidate, signers, index=index, recorded_ms=recorded_ms)
    except LedgerError as error:
        raise StoreCorrupt(
            "cannot be replayed ({problem}): run `custody verify` for the whole damage, and restore from a bundle",
            problem=error.placed,
            index=index,
        ) from error
    fact = _fact(entry, candidate, recorded_ms)
    facts.add(fact, rows)
    return [fact, *rows]


def _fact(entry: Entry, candidate: Candidate, recorded_ms: int) -> StatementFact:
    return statement_fact(
        candidate, index=entry.index, merchant_seq=entry.merchant_seq, recorded_ms=recorded_ms
    )
