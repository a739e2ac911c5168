"""What the measurements share: taking times, a bare database beside the ledger's, and the line each prints.

times = Times()
with times: work()
times.median, times.cpu_median          # seconds of wall clock, of this process's processor time
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from types import TracebackType
from typing import TypeVar, cast

from pytest_benchmark.fixture import BenchmarkFixture

from ledger.store.engine import PAGE_SIZE

T = TypeVar("T")


class Times:
    """Wall-clock and processor times of something done many times, in seconds."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self._began = (0.0, 0.0)

    def __enter__(self) -> Times:
        self._began = perf_counter(), process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, cpu = perf_counter(), process_time()
        self.wall.append(wall - self._began[0])
        self.cpu.append(cpu - self._began[1])

    @property
    def median(self) -> float:
        return median(self.wall)

    @property
    def cpu_median(self) -> float:
        return median(self.cpu)


class BareDatabase:
    """SQLite with the ledger's settings and two plain tables: no checks, no triggers, no further indexes."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        for sql in (
            f"PRAGMA page_size = {PAGE_SIZE}",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            'CREATE TABLE entry ("index" INTEGER PRIMARY KEY, data BLOB NOT NULL)',
            'CREATE TABLE fact ("index" INTEGER PRIMARY KEY, id BLOB, kind TEXT, merchant TEXT, seq INTEGER, '
            "late INTEGER)",
        ):
            self._connection.execute(sql)

    def commit(self, entries: list[tuple[int, bytes]], facts: list[tuple[object, ...]]) -> None:
        """Two bulk inserts, durable when this returns."""
        execute = self._connection
        execute.execute("BEGIN IMMEDIATE")
        execute.executemany("INSERT INTO entry VALUES (?, ?)", entries)
        if facts:
            execute.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", facts)
        execute.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


def repeat(
    benchmark: BenchmarkFixture,
    target: Callable[..., T],
    *,
    rounds: int,
    setup: Callable[[], object] | None = None,
    args: tuple[object, ...] = (),
) -> T:
    """`benchmark.pedantic`, which has no types: `target` once a round, after `setup`. Gives its last result."""
    pedantic = cast("Callable[..., T]", benchmark.pedantic)
    return pedantic(target, args=args, setup=setup, rounds=rounds, iterations=1)


def report(benchmark: BenchmarkFixture, what: str, target: str, **figures: float | str) -> None:
    """Keep the figures with the benchmark and print them on one line."""
    benchmark.extra_info.update(figures, target=target)
    shown = ", ".join(
        f"{name.replace('_', ' ')} {value:,.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in figures.items()
    )
    print(f"\n{what}: {shown} (target {target})", flush=True)
