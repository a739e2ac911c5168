"""Many signatures at once: OpenSSL releases the interpreter's lock, so threads verify on all cores.

bad = unverified([(key, signature, message), …], threads)      # positions whose signature does not verify
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Executor

from ledger.log import PublicKey

Job = tuple[PublicKey, bytes, bytes]
"""Public key, signature, message."""

ALONE = 8
"""Fewer jobs than this are done at once in the calling thread: handing them over would cost more."""


def unverified(jobs: Sequence[Job], threads: Executor) -> list[int]:
    """Positions of the jobs whose signature does not verify, in order."""
    if len(jobs) < ALONE:
        return _run(jobs, 0)
    parts = os.cpu_count() or 1
    size = -(-len(jobs) // parts)
    runs = [threads.submit(_run, jobs[start : start + size], start) for start in range(0, len(jobs), size)]
    return [position for run in runs for position in run.result()]


def _run(jobs: Sequence[Job], start: int) -> list[int]:
    return [
        start + offset
        for offset, (key, signature, message) in enumerate(jobs)
        if not key.verify(signature, message)
    ]
