"""The server under load from 64 connections, beside the same server doing nothing and the command line's way in.

`CUSTODY_BENCH_SECONDS` says for how long each kind of request is sent (10 unless told). The client is a process of its
own and has its share of the same cores; statements are signed beforehand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.load import framed
from benchmarks.measuring import repeat, report
from benchmarks.town import PER_COMMIT, Town
from ledger.log.statement import encode_envelope

SECONDS = float(os.environ.get("CUSTODY_BENCH_SECONDS", "10"))
CONNECTIONS = 64
MOST_A_SECOND = 2_500
"""Statements are signed for that many."""
ENTRIES = 6_000


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A ledger of its own: the server writes it."""
    town = Town.found(tmp_path_factory.mktemp("served") / "ledger")
    town.grow(to=ENTRIES)
    yield town
    town.ledger.close()


@contextmanager
def serving(town: Town, *, now_ms: int | None = None) -> Iterator[tuple[str, int]]:
    """The address of a server on this ledger, and its process; `now_ms` is what its clock says at first."""
    folder = Path(town.ledger.store.path).parent  # type: ignore[attr-defined]  # the one backend with a file
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.served", str(folder), *([] if now_ms is None else [str(now_ms)])],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def load(url: str, requests: list[bytes], *, over_again: bool) -> dict[str, Any]:
    """The figures of one run."""
    again = ["again"] if over_again else []
    with TemporaryFile() as file:
        file.write(framed(requests))
        file.seek(0)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", url, str(CONNECTIONS), str(SECONDS), *again],
            stdin=file,
            capture_output=True,
            check=True,
            timeout=SECONDS + 60,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


def resident_mib(pid: int) -> float:
    """What a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_statements(benchmark: BenchmarkFixture, own: Town) -> None:
    """Signed statements, one a request, each durable before its answer."""
    began = perf_counter()
    own.submit(own.next_independent(PER_COMMIT))
    batch = [own.next_independent(PER_COMMIT) for _ in range(3)]
    began = perf_counter()
    for envelopes in batch:
        own.submit(envelopes)
    in_batches = 3 * PER_COMMIT / (perf_counter() - began)
    signed = [encode_envelope(one) for one in own.next_independent(int(SECONDS * MOST_A_SECOND))]
    with serving(own) as (url, pid):
        bare = load(url, [post("/nothing", signed[0])], over_again=True)
        before = resident_mib(pid)
        found = repeat(
            benchmark,
            lambda: load(url, [post("/statements", one) for one in signed], over_again=False),
            rounds=1,
        )
        grown = resident_mib(pid) - before
    assert set(found["statuses"]) == {"201"}
    report(
        benchmark,
        "POST /statements, one a request",
        ">= 1,000 a second, p99 <= 150 ms",
        per_second=found["per_second"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        requests=float(found["requests"]),
        client_cores=found["client_cores"],
        grown_mib=grown,
        bare_204_per_second=bare["per_second"],
        of_bare_204=found["per_second"] / bare["per_second"],
        of_append_in_batches=found["per_second"] / in_batches,
    )


@pytest.mark.parametrize("what", ["tiles", "proofs"])
def test_reading(benchmark: BenchmarkFixture, own: Town, what: str) -> None:
    """Hash tiles, and proofs of entries all over the ledger."""
    paths = (
        [f"/tile/0/{number:03}" for number in range(ENTRIES // 256)]
        if what == "tiles"
        else [f"/proof/{index}" for index in range(0, ENTRIES, 7)]
    )
    with serving(own) as (url, _):
        found = repeat(benchmark, lambda: load(url, [get(path) for path in paths], over_again=True), rounds=1)
    assert set(found["statuses"]) == {"200"}
    report(
        benchmark,
        f"GET {what}",
        ">= 2,000 a second",
        per_second=found["per_second"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        client_cores=found["client_cores"],
    )
