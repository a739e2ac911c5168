"""Every question a page asks the server, over HTTP, one after the other: a whole town with its supervision.

Merchants, batches and recalls are drawn anew for every request, so that nothing is asked twice in a row. `then` asks as
of the middle of the ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import repeat, report
from benchmarks.oversight import REGULATOR, oversee
from benchmarks.test_server import serving
from benchmarks.town import TRACED, Town
from ledger.custody.coverage import week_text
from ledger.custody.inspection import iso_week
from ledger.custody.matters import read
from ledger.log.times import local_date, parse_instant
from ledger.store.facts import BatchFact, MerchantFact

ENTRIES = 36_000
ROUNDS = 25
AUDITOR, OFFICER, OFFICE = "auditor *", "supervisor erligang officer-01", f"office {REGULATOR}"
A_SHOP, NOBODY = "merchant", "public "
"""Another shop each time."""


class Asked(NamedTuple):
    """What is asked, and how."""

    name: str
    reader: str
    path: Callable[[], str]
    body: Callable[[], dict[str, Any]] | None = None


class Asking:
    """The ledger's names, to ask about, and the ways there are to ask."""

    def __init__(self, town: Town) -> None:
        store, self.size, self._rng = town.ledger.store, town.size, Random("questions")
        self.merchants = sorted({row.merchant for row in store.fact_rows(MerchantFact)})
        self.batches = sorted({row.batch for row in store.fact_rows(BatchFact)})
        self._recalls = [read(row).key for row in store.facts.matters_of_topic("recall_id")]
        self._middle = self.size // 2
        self._now = town.ledger.entry(self.size - 1).statement.occurred_at
        self.now_ms = parse_instant(town.ledger.entry(self.size - 1).recorded_at)
        self._week = week_text(iso_week(local_date(self._now)))
        then = town.ledger.entry(self._middle).statement.occurred_at
        self._week_then = week_text(iso_week(local_date(then)))

    def merchant(self) -> str:
        return self._rng.choice(self.merchants)

    def batch(self) -> str:
        return quote(self._rng.choice(self.batches))

    def ways(self) -> Iterator[Asked]:
        """All of them."""
        yield from self._views(AUDITOR, "", "")
        yield from self._views(AUDITOR, f"as_of={self._middle}", ", then")
        yield from self._supervision(AUDITOR, "")
        yield from self._supervision(OFFICER, ", officer")
        yield from self._of_offices()
        yield from self._of_checks()
        yield from self._of_shops()
        yield from self._entries()
        yield Asked("ledger", NOBODY, lambda: "/api/ledger")
        yield Asked("a label's page", NOBODY, lambda: f"/api/public/batches/{self.batch()}")

    def _views(self, reader: str, query: str, when: str) -> Iterator[Asked]:
        yield Asked(f"merchants{when}", reader, lambda: f"/api/merchants?{query}")
        yield Asked(f"merchant{when}", reader, lambda: f"/api/merchants/{self.merchant()}?{query}")
        yield Asked(f"holdings{when}", reader, lambda: f"/api/merchants/{self.merchant()}/holdings?{query}")
        yield Asked(f"duties{when}", reader, lambda: f"/api/duties?{query}")
        week = self._week_then if query else self._week
        yield Asked(f"coverage{when}", reader, lambda: f"/api/coverage?week={week}&{query}")
        yield Asked(f"coverage by grid{when}", reader, lambda: f"/api/coverage?week={week}&by=grid&{query}")
        if query:
            early = self.batches[: len(self.batches) // 3]
            yield Asked(
                "batch, then", reader, lambda: f"/api/batches/{quote(self._rng.choice(early))}?{query}"
            )
        else:
            yield Asked("batch", reader, lambda: f"/api/batches/{self.batch()}")
            yield Asked("batch with 50 movements", reader, lambda: f"/api/batches/{TRACED}")
            yield Asked("label", reader, lambda: f"/api/labels/{self.batch()}")
            yield Asked("a merchant's chain", reader, lambda: f"/api/merchants/{self.merchant()}/chain")

    def _supervision(self, reader: str, who: str) -> Iterator[Asked]:
        yield Asked(f"plan{who}", reader, lambda: f"/api/plan?week={self._week}")
        yield Asked(f"orders{who}", reader, lambda: "/api/orders?open=true")
        yield Asked(f"cards{who}", reader, lambda: "/api/cards")
        yield Asked(f"recalls{who}", reader, lambda: "/api/recalls")
        yield Asked(f"recall{who}", reader, lambda: f"/api/recalls/{self._rng.choice(self._recalls)}")
        yield Asked(f"notices{who}", reader, lambda: "/api/notices?unanswered=true")

    def _of_offices(self) -> Iterator[Asked]:
        yield Asked("merchants, office", OFFICE, lambda: "/api/merchants")
        yield Asked("coverage, office", OFFICE, lambda: f"/api/coverage?week={self._week}&by=grid")
        yield Asked("notices, office", OFFICE, lambda: "/api/notices")

    def _of_checks(self) -> Iterator[Asked]:
        yield Asked("my checks", OFFICER, lambda: "/api/duty")
        yield Asked("my orders", OFFICER, lambda: "/api/duty/orders")
        yield Asked("to be signed too", OFFICER, lambda: "/api/cosign")
        yield Asked("before a check", OFFICER, lambda: f"/api/checks/{self.merchant()}")
        yield Asked(
            "findings", OFFICER, lambda: f"/api/checks/{self.merchant()}/findings",
            lambda: {"as_of": self.size, "started_at": self._now, "observed": {}},
        )  # fmt: skip

    def _of_shops(self) -> Iterator[Asked]:
        for name, path in (
            ("mine", "/api/mine"),
            ("orders, shop", "/api/orders"),
            ("recalls, shop", "/api/recalls"),
        ):
            yield Asked(name, A_SHOP, partial(str, path))

    def _entries(self) -> Iterator[Asked]:
        def start() -> int:
            return self._rng.randrange(self.size)

        yield Asked("entries", AUDITOR, lambda: f"/api/entries?from={start()}")
        yield Asked(
            "entries of a kind", AUDITOR, lambda: f"/api/entries?from={start() // 2}&kind=goods.received"
        )
        yield Asked("entries of a merchant", AUDITOR, lambda: f"/api/entries?merchant={self.merchant()}")
        yield Asked("entries of a rare kind", AUDITOR, lambda: "/api/entries?kind=recall.ordered")
        yield Asked("entries, officer", OFFICER, lambda: f"/api/entries?from={start()}")
        yield Asked("entries, office", OFFICE, lambda: f"/api/entries?from={start()}")
        yield Asked("entries, shop", A_SHOP, lambda: f"/api/entries?from={start()}")


@pytest.fixture(scope="module")
def overseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own, with supervision."""
    town = Town.found(tmp_path_factory.mktemp("questions") / "ledger")
    town.grow(to=ENTRIES)
    oversee(town)
    yield town
    town.ledger.close()


def test_questions(benchmark: BenchmarkFixture, overseen: Town) -> None:
    """One after the other; each is asked once before it is timed."""
    asking = Asking(overseen)
    with serving(overseen, now_ms=asking.now_ms) as (url, pid):
        place = urlsplit(url)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=60)
        for way in asking.ways():
            ask(connection, asking, way)
            before = processor_seconds(pid)
            found = [ask(connection, asking, way) for _ in range(ROUNDS)]
            cpu_ms = (processor_seconds(pid) - before) * 1000 / ROUNDS
            times = [took * 1000 for took, _ in found]
            size = median(length for _, length in found) / 1000
            print(
                f"{way.name:28} {median(times):7.1f} {max(times):7.1f} {cpu_ms:7.1f} ms {size:8.1f} kB",
                flush=True,
            )
            benchmark.extra_info[way.name] = {
                "p50_ms": median(times),
                "worst_ms": max(times),
                "cpu_ms": cpu_ms,
            }
        repeat(benchmark, lambda: ask(connection, asking, way), rounds=ROUNDS)
        connection.close()
    slow = [name for name, one in benchmark.extra_info.items() if one["p50_ms"] > 100]
    report(
        benchmark,
        f"questions to {overseen.size:,} entries",
        "each <= 100 ms",
        over=", ".join(slow) or "none",
        asked=float(len(benchmark.extra_info)),
    )


def processor_seconds(pid: int) -> float:
    """What a process has taken of the processors."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(connection: HTTPConnection, asking: Asking, way: Asked) -> tuple[float, int]:
    """Seconds and bytes of one answer."""
    reader = f"{A_SHOP} {asking.merchant()}" if way.reader == A_SHOP else way.reader
    headers = {"reader": quote(reader)}
    body = None if way.body is None else json.dumps(way.body())
    if body is not None:
        headers["content-type"] = "application/json"
    path = way.path()
    began = perf_counter()
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    took = perf_counter() - began
    assert answer.status == 200, (path, answer.status, data)
    return took, len(data)
