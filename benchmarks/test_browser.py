"""A published ledger verified in Chromium, by the worker of the page /verify, and its parts one after the other.

Processor time is that of the browser's processes that run pages; memory is the greatest resident peak of one of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import repeat, report
from benchmarks.town import Town
from ledger.exchange.bundle import publish
from tests.web.browser import Chromium, Site

WHOLE = """([base, vkey]) => new Promise((done, failed) => {
  const worker = new Worker('/static/js/verify-worker.js', { type: 'module' });
  worker.onerror = (event) => failed(event.message);
  worker.onmessage = ({ data }) => data.progress || done(data.verdict?.verdict ?? data.error.en);
  worker.postMessage({ base, vkey });
})"""
PARTS = """async ([base]) => {
  const names = ['source', 'tiles', 'entry', 'tree', 'growing', 'authority', 'chains', 'dsse', 'note', 'bytes'];
  const loaded = names.map(async (one) => [one, await import(`/static/js/${one}.js`)]);
  const m = Object.fromEntries(await Promise.all(loaded));
  const source = m.source.httpSource(base);
  const { size, origin } = await m.note.parseCheckpoint(await source.read('checkpoint'));
  const found = {};
  const timed = async (name, work) => {
    const began = performance.now();
    const result = await work();
    found[name] = ((performance.now() - began) * 1000) / size;
    return result;
  };
  const inChunks = async (all, work) => {
    const done = [];
    for (let at = 0; at < all.length; at += 256) done.push(...(await Promise.all(all.slice(at, at + 256).map(work))));
    return done;
  };
  const raw = await timed('fetch', async () => {
    const all = [];
    for (let number = 0; number * 256 < size; number += 1) {
      all.push(...m.tiles.decodeBundle(await m.source.readTile(source, m.tiles.tileOf('entries', number, size))));
    }
    return all;
  });
  const entries = await timed('json', async () => raw.map(m.entry.readEntry));
  const leaves = await timed('leaf_hashes', () => inChunks(raw, m.tree.leafHash));
  await timed('tree', () => new m.growing.GrowingTree().extend(leaves));
  const [chains, authority] = [new m.chains.Chains(), new m.authority.Authority(origin, null)];
  await timed('chains', async () => entries.forEach((one, at) => chains.follow(one, at, m.bytes.toHex(leaves[at]))));
  await timed('authority', async () => {
    for (const [at, one] of entries.entries()) {
      authority.judge(one, at);
      await authority.take(one, at);
    }
  });
  const signed = await timed('envelopes', async () => entries.flatMap((one) => {
    const { payload, signatures } = m.entry.entryEnvelope(one);
    const message = m.dsse.pae(payload);
    return signatures.map((each) => ({ ...each, message }));
  }));
  const verify = ({ keyid, sig, message }) => authority.keyOf(keyid).verify(sig, message);
  await timed('signatures', () => inChunks(signed, verify));
  return found;
}"""


@pytest.fixture(scope="module")
def published(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger as anybody may put it on a web server."""
    folder = tmp_path_factory.mktemp("published") / "ledger"
    publish(town.ledger.store, folder)
    return folder


@pytest.fixture(scope="module")
def site(published: Path) -> Iterator[Site]:
    with Site() as made:
        made.mounts["ledger"] = published
        yield made


def renderers() -> dict[int, tuple[float, float]]:
    """Of each process that runs pages: seconds of processor time, and the resident peak in MiB (Linux)."""
    found = {}
    tick = os.sysconf("SC_CLK_TCK")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"--type=renderer" not in (process / "cmdline").read_bytes():
                continue
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            peak = re.search(r"VmHWM:\s*(\d+) kB", (process / "status").read_text())
            found[int(process.name)] = (
                (int(fields[11]) + int(fields[12])) / tick,
                int(peak[1]) / 1024 if peak else 0.0,
            )
    return found


def measured(site: Site, script: str, vkey: str) -> tuple[Any, dict[str, float]]:
    """What the script answers in a browser of its own, and what that took."""
    others = renderers()
    with Chromium() as chromium:
        page = chromium.page(site.url("/blank.html"))
        before, began = renderers(), perf_counter()
        result = page.evaluate(script, [site.url("/ledger/"), vkey])
        wall, after = perf_counter() - began, renderers()
        page.close()
    own = after.keys() - others.keys()
    cpu = sum(after[one][0] - before.get(one, (0.0, 0.0))[0] for one in own)
    return result, {"wall": wall, "cpu": cpu, "peak_mib": max(after[one][1] for one in own)}


def test_verify_in_the_browser(benchmark: BenchmarkFixture, town: Town, site: Site) -> None:
    """The whole of what the page does between the button and the verdict."""
    size = town.ledger.store.head().size
    verdict, took = repeat(benchmark, lambda: measured(site, WHOLE, town.ledger.store.vkey), rounds=1)
    assert verdict == "intact"
    report(
        benchmark,
        f"verification of {size:,} entries in Chromium",
        "none",
        seconds=took["wall"],
        entries_a_second=size / took["wall"],
        microseconds_an_entry=1e6 * took["wall"] / size,
        processor_microseconds_an_entry=1e6 * took["cpu"] / size,
        peak_mib=took["peak_mib"],
    )


def test_its_parts(benchmark: BenchmarkFixture, town: Town, site: Site) -> None:
    """Microseconds an entry of each part by itself."""
    parts, _ = repeat(benchmark, lambda: measured(site, PARTS, town.ledger.store.vkey), rounds=1)
    report(benchmark, "parts of it, microseconds an entry", "none", **parts)
