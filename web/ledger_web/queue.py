"""Group commit: requests that wait at the same time are committed together, durably, before any is answered.

    queue = CommitQueue(ledger.append, most=4096, most_bytes=64 << 20, per_commit=1000)
    queue.start()
    answers = await queue.submit(envelopes)     # an answer for each envelope, in order
    queue.close()                               # takes nothing more, commits what waits, ends its thread

One thread writes. While it commits, others line up; what has lined up goes into the next commit, so a lone request
waits for nobody and a crowd shares one sync to disk. The statements of a request stay together and in order, and
requests come in the order of their arrival.

Whoever stops waiting (a client gone) changes nothing: its statements are committed once, and sent again they get the
same receipts. What a commit cannot do (disk full) is the answer to all who shared it; a mistake of the program is the
answer only to the request that brings it to light, since the others are tried again without it.

What it leaves to others: judging and committing (`ledger.custody.ledger`), and what a client is told (`statements`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

from ledger.custody.ledger import Answer
from ledger.errors import LedgerError
from ledger.log import Envelope
from ledger.messages import Message
from ledger_web.faults import Broken, Busy

Append = Callable[[Sequence[Envelope]], list[Answer]]
Committed = Callable[[int, float], None]
"""Told of each commit: how many statements were in it, and the seconds it took."""

_log = logging.getLogger("custody.queue")


class _Job(NamedTuple):
    envelopes: Sequence[Envelope]
    bytes: int
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[list[Answer]]


class CommitQueue:
    """See the module docstring."""

    def __init__(
        self,
        append: Append,
        *,
        most: int,
        most_bytes: int,
        per_commit: int,
        retry_after: int = 2,
        committed: Committed = lambda statements, seconds: None,
    ) -> None:
        self._append = append
        self._most = most
        self._most_bytes = most_bytes
        self._per_commit = per_commit
        self._retry_after = retry_after
        self._committed = committed
        self._jobs: deque[_Job] = deque()
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self.waiting = 0
        """Statements taken and not yet answered."""
        self.waiting_bytes = 0

    def start(self) -> None:
        """Begin to commit."""
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    def close(self, timeout: float | None = None) -> bool:
        """Take nothing more, commit what waits, end the thread; whether it ended in time."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def enqueue(self, envelopes: Sequence[Envelope]) -> asyncio.Future[list[Answer]]:
        """Take statements; their answers come when they are durable. Raises: Busy, and then nothing was taken."""
        loop = asyncio.get_running_loop()
        size = sum(len(one.payload) + 200 * len(one.signatures) for one in envelopes)
        job = _Job(envelopes, size, loop, loop.create_future())
        with self._turn:
            if self._closing:
                raise self._busy(Message("the server is ending"))
            if self._jobs and (
                self.waiting + len(envelopes) > self._most or self.waiting_bytes + size > self._most_bytes
            ):
                raise self._busy(Message("{waiting} statements wait already", waiting=self.waiting))
            self.waiting += len(envelopes)
            self.waiting_bytes += size
            self._jobs.append(job)
            self._turn.notify()
        return job.answered

    async def submit(self, envelopes: Sequence[Envelope]) -> list[Answer]:
        """Commit statements and give their answers, in order. Raises: Busy; LedgerError when the commit failed."""
        return await self.enqueue(envelopes) if envelopes else []

    def _busy(self, why: str) -> Busy:
        return Busy(
            Message(
                "{why}, and nothing of this request was taken: send it again in {retry_after} s",
                why=why,
                retry_after=self._retry_after,
            ),
            retry_after=self._retry_after,
        )

    # ------------------------------------------------------------------ the writing thread

    def _run(self) -> None:
        while jobs := self._next():
            self._answer(jobs, self._commit(jobs))

    def _next(self) -> list[_Job]:
        """The jobs of the next commit; none when the queue is closed and empty."""
        with self._turn:
            while not self._jobs and not self._closing:
                self._turn.wait()
            taken: list[_Job] = []
            count = 0
            while self._jobs and (not taken or count + len(self._jobs[0].envelopes) <= self._per_commit):
                taken.append(self._jobs.popleft())
                count += len(taken[-1].envelopes)
            return taken

    def _commit(self, jobs: list[_Job]) -> list[list[Answer] | LedgerError]:
        """One commit for all: the answers of each job, or why there are none."""
        began = perf_counter()
        envelopes = [envelope for job in jobs for envelope in job.envelopes]
        try:
            answers = iter(self._append(envelopes))
        except LedgerError as error:
            return [error] * len(jobs)
        except Exception as error:
            _log.exception("a commit failed", extra={"statements": len(envelopes)})
            if len(jobs) > 1:
                return [self._commit([job])[0] for job in jobs]
            return [_broken(error)]
        self._committed(len(envelopes), perf_counter() - began)
        return [[next(answers) for _ in job.envelopes] for job in jobs]

    def _answer(self, jobs: list[_Job], answers: list[list[Answer] | LedgerError]) -> None:
        with self._turn:
            self.waiting -= sum(len(job.envelopes) for job in jobs)
            self.waiting_bytes -= sum(job.bytes for job in jobs)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job, list[Answer] | LedgerError]]] = {}
        for job, answer in zip(jobs, answers, strict=True):
            by_loop.setdefault(job.loop, []).append((job, answer))
        for loop, pairs in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, pairs)
            except RuntimeError:  # the loop has ended: nobody waits there any more
                _log.warning("nobody was left to be answered", extra={"statements": len(pairs)})


def _settle(pairs: list[tuple[_Job, list[Answer] | LedgerError]]) -> None:
    for job, answer in pairs:
        if job.answered.done():  # whoever asked has gone
            continue
        if isinstance(answer, LedgerError):
            job.answered.set_exception(answer)
        else:
            job.answered.set_result(answer)


def _broken(error: Exception) -> Broken:
    return Broken(
        Message(
            "the statements could not be judged ({type}) and are not in the ledger: this is a mistake of "
            "the program. Keep them, and report it",
            type=type(error).__name__,
        ),
    )
