"""Verification in a process of its own, so that its time and memory can be told from the measurement's.

python -m benchmarks.verifying DIR yes|no               # with or without signatures; prints one JSON object

Memory is the sum of the resident peaks of the process and its workers, looked at ten times a second (Linux).
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody.home import Home

_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


class PeakOfTree:
    """Resident peaks of this process and its children."""

    def __init__(self) -> None:
        self._peaks: dict[str, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._look()

    def _look(self) -> None:
        me = str(os.getpid())
        for pid in (me, *_children(me)):
            with suppress(OSError):
                found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
                if found:
                    self._peaks[pid] = max(self._peaks.get(pid, 0), int(found[1]))

    def end(self) -> float:
        """MiB in all."""
        self._ended.set()
        self._thread.join()
        self._look()
        return sum(self._peaks.values()) / 1024


def _children(pid: str) -> list[str]:
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += task.read_text().split()
    return found


def main(folder: str, signatures: str) -> None:
    home = Home(Path(folder))
    store = home.store()
    peak, before, began = PeakOfTree(), os.times(), perf_counter()
    with live_source(store, home.blobs, name=folder) as source:
        outcome = verify(source, vkey=store.vkey, signatures=signatures == "yes")
    wall, after = perf_counter() - began, os.times()
    result = {
        "verdict": outcome.verdict,
        "faults": len(outcome.faults),
        "size": outcome.size,
        "wall": wall,
        "cpu": sum(after[:4]) - sum(before[:4]),
        "peak_mib": peak.end(),
    }
    store.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
