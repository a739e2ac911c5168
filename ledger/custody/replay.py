"""The facts of a ledger derived again from its entries: what `custody rebuild` and a restore write.

    store.replace_facts(derived(store))

A replay trusts the entries: it applies every rule of custody, but verifies no hash and no signature. Whether
they can be
trusted is for `ledger.audit` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from ledger import log
from ledger.custody.admission import Candidate, check_authority, checked_body, statement_fact, take_effect
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.errors import LedgerError, StoreCorrupt
from ledger.log import Entry, TileTree
from ledger.log.times import parse_instant
from ledger.store.base import Store
from ledger.store.facts import FactRow, StatementFact
from ledger_schemas import LedgerOpened

CHUNK = 1000

Chunk = dict[type[FactRow], list[FactRow]]


def setting_of(store: Store) -> Setting:
    """What entry 0 fixed."""
    opened = checked_body("ledger.opened", log.entry.parse(store.entry(0)).statement.body)
    if not isinstance(opened, LedgerOpened):
        raise TypeError(f"checked_body gave a {type(opened).__name__} for ledger.opened")
    tree = TileTree(lambda level, number, _: store.tile(level, number) or b"", store.head().size)
    return Setting.of(store.origin, opened, lambda index: log.entry.parse(store.entry(index)), tree.root_at)


def derived(store: Store) -> Iterator[Chunk]:
    """All facts of a store, from its entries; as `replay`."""
    return replay(store.entries(), setting_of(store))


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
