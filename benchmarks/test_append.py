"""Appending beside what it cannot do without: verifying the signatures, and putting the rows on the disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import BareDatabase, Times, repeat, report
from benchmarks.town import PER_COMMIT, Town
from ledger import log
from ledger.log import Envelope, PublicKey
from ledger.store.facts import GrantFact

BULK_ROUNDS = 15
SINGLE_ROUNDS = 150


class Keys:
    """Public keys of the ledger by their id, ready to verify."""

    def __init__(self, town: Town) -> None:
        grants = town.ledger.store.fact_rows(GrantFact)
        self._of = {grant.keyid: PublicKey.from_base64(grant.public_key) for grant in grants}

    def jobs(self, envelopes: list[Envelope]) -> list[tuple[PublicKey, bytes, bytes]]:
        return [
            (self._of[sig.keyid], sig.sig, log.statement.pae(envelope.payload))
            for envelope in envelopes
            for sig in envelope.signatures
        ]


def _verify(jobs: list[tuple[PublicKey, bytes, bytes]]) -> bool:
    return all(key.verify(signature, message) for key, signature, message in jobs)


def _rows(town: Town, start: int) -> tuple[list[tuple[int, bytes]], list[tuple[object, ...]]]:
    """The rows that the ledger wrote from `start` on, for the bare database."""
    entries = list(town.ledger.store.entries(start))
    facts: list[tuple[object, ...]] = []
    for index, data in entries:
        entry = log.entry.parse(data)
        said = entry.statement
        facts.append((index, bytes.fromhex(said.id.replace("-", "")), said.kind, said.merchant, 0, 0))
    return entries, facts


def test_append_many(benchmark: BenchmarkFixture, town: Town, bare: BareDatabase) -> None:
    """1,000 statements a commit; primitives right after each round, on the same statements."""
    keys, append, verify, insert = Keys(town), Times(), Times(), Times()

    def one_round(envelopes: list[Envelope]) -> None:
        with append:
            town.submit(envelopes)

    with ThreadPoolExecutor(2) as threads:

        def primitives(envelopes: list[Envelope], start: int) -> None:
            jobs = keys.jobs(envelopes)
            half = len(jobs) // 2
            with verify:
                assert all(threads.map(_verify, (jobs[:half], jobs[half:])))
            entries, facts = _rows(town, start)
            with insert:
                bare.commit(entries, facts)

        last: list[tuple[list[Envelope], int]] = []

        def setup() -> tuple[tuple[list[Envelope]], dict[str, object]]:
            if last:
                primitives(*last.pop())
            envelopes = town.next_statements(PER_COMMIT)
            last.append((envelopes, town.size))
            return (envelopes,), {}

        repeat(benchmark, one_round, setup=setup, rounds=BULK_ROUNDS)
        primitives(*last.pop())
    floor = verify.median + insert.median
    report(
        benchmark,
        "append, 1,000 a commit",
        "ratio >= 0.6",
        ratio=floor / append.median,
        per_second=PER_COMMIT / append.median,
        append_ms=append.median * 1000,
        verify_ms=verify.median * 1000,
        insert_ms=insert.median * 1000,
    )


def test_append_one(benchmark: BenchmarkFixture, town: Town, bare: BareDatabase) -> None:
    """One statement a commit, in units of one bare durable commit of the same row."""
    append, commit = Times(), Times()

    def one_round(envelopes: list[Envelope]) -> None:
        with append:
            town.submit(envelopes)

    def setup() -> tuple[tuple[list[Envelope]], dict[str, object]]:
        row = (town.size, town.ledger.store.entry(town.size - 1))
        with commit:
            bare.commit([row], [])
        return (town.next_statements(1),), {}

    repeat(benchmark, one_round, setup=setup, rounds=SINGLE_ROUNDS)
    report(
        benchmark,
        "append, one a commit",
        "<= 4 commits",
        commits=append.median / commit.median,
        append_ms=append.median * 1000,
        append_cpu_ms=append.cpu_median * 1000,
        commit_ms=commit.median * 1000,
    )
