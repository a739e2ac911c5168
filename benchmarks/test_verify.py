"""Full verification beside reading, hashing and verifying signatures alone, on as many processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import repeat, report
from benchmarks.town import Town
from ledger import log
from ledger.log import PublicKey
from ledger.store.facts import GrantFact
from ledger.workers.crew import cores

CHUNK = 5_000
ROOT = Path(__file__).resolve().parents[1]

_keys: dict[str, PublicKey] = {}


def _learn(texts: list[str]) -> None:
    for text in texts:
        key = PublicKey.from_base64(text)
        _keys[key.keyid] = key


def _primitives(path: str, start: int, stop: int) -> tuple[int, float]:
    """Read, hash and verify some entries. Signatures are cut out, not parsed.

    How many signatures verified, and seconds of processor time.
    """
    verified, began = 0, process_time()
    connection = sqlite3.connect(path)
    rows = connection.execute('SELECT data FROM entry WHERE "index" >= ? AND "index" < ?', (start, stop))
    for (data,) in rows:
        sha256(b"\x00" + data).digest()
        keyid = data.index(b'"keyid":"') + 9
        sig = data.index(b'"sig":"', keyid) + 7
        signature = b64decode(data[sig : data.index(b'"', sig)])
        message = log.statement.pae(log.entry.statement_bytes(data))
        verified += _keys[data[keyid : keyid + 64].decode()].verify(signature, message)
    connection.close()
    return verified, process_time() - began


def _run_primitives(town: Town) -> tuple[float, float]:
    """Seconds for all entries, of the clock and of the processors; starting the processes does not count."""
    path, size = str(town.home.directory / "ledger.db"), town.size
    texts = [grant.public_key for grant in town.ledger.store.fact_rows(GrantFact)]
    texts.append(town.home.key("operator", lambda _: None).public.text)
    with ProcessPoolExecutor(cores(), initializer=_learn, initargs=(texts,)) as pool:
        list(pool.map(_primitives, [path] * cores(), [0] * cores(), [1] * cores()))
        starts = range(0, size, CHUNK)
        began = perf_counter()
        stops = [min(start + CHUNK, size) for start in starts]
        done = list(pool.map(_primitives, [path] * len(starts), starts, stops))
        assert sum(verified for verified, _ in done) == size
        return perf_counter() - began, sum(cpu for _, cpu in done)


def _verify(town: Town, signatures: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.verifying", str(town.home.directory), signatures],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["faults"] == 0
    return result


def test_verify_all(benchmark: BenchmarkFixture, town: Town) -> None:
    """Every check. Primitives before and after; the mean of both counts, as the machine may have other work."""
    before = _run_primitives(town)
    result = repeat(benchmark, _verify, args=(town, "yes"), rounds=1)
    after = _run_primitives(town)
    assert result["verdict"] == "intact"
    report(
        benchmark,
        f"verification of {result['size']:,} entries",
        "ratio >= 0.75, <= 256 MiB",
        ratio=(before[0] + after[0]) / 2 / result["wall"],
        ratio_of_processor_time=(before[1] + after[1]) / 2 / result["cpu"],
        per_second=result["size"] / result["wall"],
        primitives_per_second=result["size"] * 2 / (before[0] + after[0]),
        cpu_us_per_entry=result["cpu"] / result["size"] * 1e6,
        peak_mib=result["peak_mib"],
    )


def test_verify_without_signatures(benchmark: BenchmarkFixture, town: Town) -> None:
    """Entries a second of processor time."""
    result = repeat(benchmark, _verify, args=(town, "no"), rounds=1)
    report(
        benchmark,
        f"verification of {result['size']:,} entries without signatures",
        ">= 60,000 a second and core",
        per_cpu_second=result["size"] / result["cpu"],
        per_second=result["size"] / result["wall"],
        cpu_us_per_entry=result["cpu"] / result["size"] * 1e6,
        peak_mib=result["peak_mib"],
    )
