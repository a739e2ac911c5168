"""Questions to a big ledger: proofs, a trace, a week's coverage; and what an entry takes on disk."""

from __future__ import annotations

import sqlite3
from random import Random

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import Times, repeat, report
from benchmarks.town import MERCHANTS, TRACED, TRACED_MOVEMENTS, Town
from ledger import log
from ledger.custody.coverage import Coverage, coverage
from ledger.custody.inspection import iso_week
from ledger.custody.trace import Trace, trace_batch
from ledger.log import NoteVerifier, PrivateKey
from ledger.log.times import local_date

ROUNDS = 1_000


def test_make_proof(benchmark: BenchmarkFixture, town: Town) -> None:
    rng, size, make = Random(1), town.size, Times()

    def one_round(index: int) -> None:
        with make:
            town.ledger.prove(index)

    repeat(benchmark, one_round, setup=lambda: ((rng.randrange(size),), {}), rounds=ROUNDS)
    report(
        benchmark,
        f"proof of one entry in {size:,}",
        "p50 <= 1 ms",
        p50_ms=make.median * 1000,
        p50_cpu_ms=make.cpu_median * 1000,
    )


def test_check_proof(benchmark: BenchmarkFixture, town: Town) -> None:
    """Beside one bare Ed25519 verification, of the checkpoint's signature that a check contains."""
    rng, check, verify = Random(2), Times(), Times()
    verifier = NoteVerifier.from_vkey(town.ledger.store.vkey)
    proofs = [town.ledger.prove(rng.randrange(town.size)) for _ in range(100)]
    key = PrivateKey.from_seed(bytes(32))
    message = town.ledger.store.head().checkpoint_note
    signature = key.sign(message)

    def one_round(proof: bytes) -> None:
        with check:
            log.proof.check(proof, verifier)

    def setup() -> tuple[tuple[bytes], dict[str, object]]:
        with verify:
            assert key.public.verify(signature, message)
        return (rng.choice(proofs),), {}

    repeat(benchmark, one_round, setup=setup, rounds=ROUNDS)
    report(
        benchmark,
        "checking a proof",
        "p50 <= 0.2 ms",
        p50_ms=check.median * 1000,
        ratio=verify.median / check.median,
        ed25519_ms=verify.median * 1000,
    )


def test_trace(benchmark: BenchmarkFixture, town: Town) -> None:
    store, size, times = town.ledger.store, town.size, Times()

    def one_round() -> Trace:
        with times:
            return trace_batch(store, town.ledger.facts(), TRACED, as_of=size)

    traced: Trace = repeat(benchmark, one_round, rounds=50)
    assert len(traced.steps) == TRACED_MOVEMENTS
    report(
        benchmark,
        f"trace of {len(traced.steps)} movements in {size:,} entries",
        "<= 20 ms",
        p50_ms=times.median * 1000,
        p50_cpu_ms=times.cpu_median * 1000,
    )


def test_coverage(benchmark: BenchmarkFixture, town: Town) -> None:
    """The week of the middle of the ledger, everything read afresh."""
    ledger, size, times = town.ledger, town.size, Times()
    middle = ledger.entry((size + 2 * MERCHANTS) // 2)
    week = iso_week(local_date(middle.statement.occurred_at))

    def one_round() -> Coverage:
        with times:
            return coverage(ledger.store.facts, ledger.facts(), ledger.setting, week=week, as_of=size)

    covered: Coverage = repeat(benchmark, one_round, rounds=30)
    assert covered.due == MERCHANTS
    checks = sum(len(merchant.checks) for merchant in covered.merchants)
    report(
        benchmark,
        f"coverage of {covered.due:,} merchants with {checks:,} checks",
        "<= 100 ms",
        p50_ms=times.median * 1000,
        p50_cpu_ms=times.cpu_median * 1000,
    )


def test_bytes_on_disk(benchmark: BenchmarkFixture, town: Town) -> None:
    """Database and log after a checkpoint of the log, less the entries themselves."""
    path = town.home.directory / "ledger.db"

    def measure() -> tuple[int, int, int]:
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            count, entries = connection.execute("SELECT count(*), sum(length(data)) FROM entry").fetchone()
        finally:
            connection.close()
        files = [path, path.with_name("ledger.db-wal")]
        return count, entries, sum(file.stat().st_size for file in files if file.exists())

    count, entries, disk = repeat(benchmark, measure, rounds=1)
    report(
        benchmark,
        "bytes on disk beyond the entry",
        "<= 350",
        beyond=(disk - entries) / count,
        entry=entries / count,
        total=disk / count,
    )
