"""Signatures on all cores: batches go to worker processes, and what does not verify comes back.

    with SignatureChecks(outcome, processes=2) as checks:
        checks.submit(spki, signature, message, Place("statement_signature", 1041, "by key …"))

What it does: collects signatures into batches and keeps a few of them in work, so that memory stays bounded
and the caller is held up when the workers are behind. With no processes it verifies at once. What it leaves
to others: whose key it is, and the processes themselves (`workers`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, NamedTuple, Self

from ledger.audit.outcome import Outcome
from ledger.messages import Message
from ledger.workers.crew import Worker
from ledger.workers.worker import Batch, Verifier

BATCH: Final = 256
"""Signatures in a batch: some 40 ms of work."""
BATCH_BYTES: Final = 1 << 20
"""Bytes signed in a batch, after which it goes off with fewer signatures."""

_REMEDY: Final = Message("verify again, or in one process (`--processes 0`)")


class Place(NamedTuple):
    """Where a signature stands: the check it belongs to, the entry, and what to say when it does not verify."""

    check: str
    index: int | None  # type: ignore[assignment]  # hides tuple.index, which nobody wants here
    detail: Message


class SignatureChecks:
    """See the module docstring."""

    def __init__(self, outcome: Outcome, *, processes: int) -> None:
        """`processes`: how many workers; 0 verifies in the calling process."""
        self._outcome = outcome
        self._processes = processes
        self._alone = Verifier()
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._workers: list[Worker] = []
        self._threads: ThreadPoolExecutor | None = None
        self._running: deque[tuple[Future[list[int]], list[Place]]] = deque()
        self._numbers: dict[bytes, int] = {}  # keys of the batch that is being collected
        self._jobs: list[tuple[int, bytes, bytes]] = []
        self._places: list[Place] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for worker in self._workers:
            worker.end()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def submit(self, spki: bytes, signature: bytes, message: bytes, place: Place) -> None:
        """Verify one signature, now or soon. Raises: LedgerError when a worker has died."""
        number = self._numbers.setdefault(spki, len(self._numbers))
        self._jobs.append((number, signature, message))
        self._places.append(place)
        self._bytes += len(message)
        if len(self._jobs) >= BATCH or self._bytes >= BATCH_BYTES:
            self._send()

    def finish(self) -> None:
        """Wait until all that was submitted has been verified. Raises: LedgerError when a worker has died."""
        if self._jobs:
            self._send()
        while self._running:
            self._collect()

    def _send(self) -> None:
        batch, places = (list(self._numbers), self._jobs), self._places
        self._numbers, self._jobs, self._places, self._bytes = {}, [], [], 0
        if self._processes < 1:
            self._report(self._alone.verified(batch)[1], places)
            return
        if self._threads is None:
            self._start()
        assert self._threads is not None  # noqa: S101 - just started
        self._running.append((self._threads.submit(self._verify, batch), places))
        if len(self._running) > 2 * self._processes + 1:
            self._collect()

    def _start(self) -> None:
        self._threads = ThreadPoolExecutor(self._processes, thread_name_prefix="signatures")
        for _ in range(self._processes):
            worker = Worker(_REMEDY)
            self._workers.append(worker)
            self._idle.put(worker)

    def _verify(self, batch: Batch) -> list[int]:
        worker = self._idle.get()  # there are as many as threads
        try:
            return worker.verified(batch)[1]
        finally:
            self._idle.put(worker)

    def _collect(self) -> None:
        """Take in the oldest batch, so that faults come in the order of entries."""
        future, places = self._running.popleft()
        self._report(future.result(), places)

    def _report(self, bad: list[int], places: list[Place]) -> None:
        for number in bad:
            self._outcome.fault(*places[number])
        for check in {place.check for place in places}:
            self._outcome.looked(check, sum(place.check == check for place in places))
