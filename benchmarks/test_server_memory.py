"""What the server holds in memory under load that goes on: flat, or not.

`CUSTODY_BENCH_MEMORY_SECONDS` says for how long (60 unless told; 600 for the record). 64 connections send statements of
three kinds, each once, and between them ask for proofs and tiles; they are signed while it goes on, so a run may be as
long as one likes. Memory is read every `EVERY` seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from time import monotonic, sleep
from typing import cast

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.load import framed
from benchmarks.measuring import repeat, report
from benchmarks.test_server import CONNECTIONS, get, post, resident_mib, serving
from benchmarks.town import Town
from ledger.log.statement import encode_envelope

SECONDS = float(os.environ.get("CUSTODY_BENCH_MEMORY_SECONDS", "60"))
EVERY = 15.0
ENTRIES = 6_000
SHOWN_AT = (0, 60, 120, 300, 600)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Town]:
    """A ledger of its own: the server writes it."""
    town = Town.found(tmp_path / "ledger")
    town.grow(to=ENTRIES)
    yield town
    town.ledger.close()


def _feed(town: Town, pipe: BufferedWriter, ended: threading.Event) -> None:
    """Sign and hand over, until nobody takes any more."""
    at = 0
    try:
        while not ended.is_set():
            requests = []
            for one in town.next_independent_of_kinds(200):
                requests.append(post("/statements", encode_envelope(one)))
                at += 1
                if at % 8 == 0:
                    requests.append(get(f"/proof/{at % ENTRIES}"))
                    requests.append(get(f"/tile/0/{at % (ENTRIES // 256):03}"))
            pipe.write(framed(requests))
    except BrokenPipeError:
        pass
    finally:
        ended.set()


def _watch(pid: int, load: subprocess.Popen[bytes]) -> list[tuple[float, float]]:
    """Seconds since the beginning, and MiB."""
    began = monotonic()
    curve = [(0.0, resident_mib(pid))]
    while load.poll() is None:
        sleep(0.1)
        if monotonic() - began >= len(curve) * EVERY:
            curve.append((monotonic() - began, resident_mib(pid)))
            print(f"{curve[-1][0]:.0f} s: {curve[-1][1]:.1f} MiB", file=sys.stderr, flush=True)
    return [*curve, (monotonic() - began, resident_mib(pid))]


def test_memory(benchmark: BenchmarkFixture, own: Town) -> None:
    """Memory of a server that is busy all the time."""
    with serving(own) as (url, pid):
        load = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", url, str(CONNECTIONS), str(SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert load.stdin is not None and load.stdout is not None
        ended = threading.Event()
        feeding = threading.Thread(target=_feed, args=(own, cast("BufferedWriter", load.stdin), ended))
        feeding.start()
        try:
            curve = repeat(benchmark, _watch, args=(pid, load), rounds=1)
        finally:
            ended.set()
            load.kill()
            feeding.join()
            with suppress(BrokenPipeError):
                load.stdin.close()
            with load.stdout:
                said = load.stdout.read()
            load.wait()
    found = orjson.loads(said)
    statuses = found["statuses"]
    assert set(statuses) == {"200", "201"}
    benchmark.extra_info["curve"] = curve
    report(
        benchmark,
        "memory of the server, MiB",
        "flat over 600 s",
        **{f"at_{at}_s": min(curve, key=lambda one: abs(one[0] - at))[1] for at in SHOWN_AT if at <= SECONDS},
        end=curve[-1][1],
        statements=float(statuses["201"]),
        readings=float(statuses["200"]),
        per_second=found["per_second"],
    )
