"""Worker processes as their caller sees them: one, and a crew that shares batches with the calling thread.

    crew = Crew()
    with crew.verifying((keys, jobs)) as finish:        # a large batch: the workers have begun
        …                                               # the caller has something else to do
        bad = finish()                                  # it helps with what is left, and has the answer
    crew.close()

A crew starts its workers with the first large batch and keeps them; until they run, and for small batches, all is
done in the calling thread. Threads would not do: whenever one has verified a signature it waits, for as long as
verifying forty takes, until the busy caller lets go of the interpreter.

The workers are plain child processes that talk through pipes, not `multiprocessing` ones: those would import the
main program again in every child, with all it imports (60 MiB instead of 25), and fail where it has no importable
main module.
"""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ledger.errors import LedgerError
from ledger.messages import Message
from ledger.workers.worker import Batch, Verifier, part_numbers, parts, receive, send

LARGE: Final = 128
"""Signatures from which on handing them over is worth it: some 18 ms of work."""
MAX_BYTES: Final = 16 << 20
"""Bytes signed in a batch, beyond which it stays in the calling thread: every worker would get a copy."""
MOST: Final = 3
"""Workers beside the caller, who has as much else to do as three of them have with signatures."""

_START: Final = (
    "import sys; pipe, sys.path[:] = int(sys.argv[1]), sys.argv[2:]; "
    "from ledger.workers.worker import main; main(None if pipe < 0 else pipe)"
)


_REMEDY: Final = Message("nothing of this was recorded, send it again")


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Worker:
    """One child process; used by one thread at a time."""

    def __init__(self, remedy: Message, pipe: int | None = None) -> None:
        """`remedy`: what to do if it dies at work; `pipe`: where it takes the parts of batches from."""
        self._remedy = remedy
        self._greeted = False
        # The module search path goes along, so that a child finds this program wherever it was found.
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter, and no input from outside
            [sys.executable, "-c", _START, str(-1 if pipe is None else pipe), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=() if pipe is None else (pipe,),
        )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it runs by now; what is sent before waits, and with it the sender."""
        answers = self.process.stdout
        assert answers  # noqa: S101 - asked for above
        if not self._greeted and select.select([answers.fileno()], [], [], 0)[0]:
            self._greeted = self._receive() == b""
        return self._greeted

    def verified(self, batch: Batch) -> tuple[int, list[int]]:
        self.begin(pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL))
        return self.answer()

    def begin(self, batch: bytes) -> None:
        """Hand over a pickled batch. Raises: LedgerError when the process has died."""
        assert self.process.stdin  # noqa: S101 - asked for above
        try:
            send(self.process.stdin, batch)
        except (OSError, ValueError):
            raise self._died() from None

    def answer(self) -> tuple[int, list[int]]:
        """How many signatures it has verified of the batch begun, and which do not verify. Raises: as `begin`."""
        message = self._receive()
        if not self._greeted:
            self._greeted, message = True, self._receive()
        if message is None:
            raise self._died()
        count, bad = pickle.loads(message)  # noqa: S301 - from the process started here
        return count, bad

    def _receive(self) -> bytes | None:
        assert self.process.stdout  # noqa: S101 - asked for above
        try:
            return receive(self.process.stdout)
        except (OSError, EOFError, ValueError):
            return None

    def _died(self) -> LedgerError:
        return LedgerError(
            "a process that verifies signatures has ended before its work was done (out of memory, or ended by "
            "somebody): {remedy}",
            remedy=self._remedy,
        )

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was still to be written has nowhere to go
                    stream.close()


Finish = Callable[[], list[int]]
"""Gives the places of the signatures that do not verify, in order."""


class Crew:
    """See the module docstring. Batches one after the other, not several at once."""

    def __init__(self, processes: int | None = None) -> None:
        """`processes`: how many workers; None for one core less than there are, 0 for none."""
        self._processes = min(cores() - 1, MOST) if processes is None else processes
        self._alone = Verifier()
        self._pipe: tuple[int, int] | None = None
        self._workers: list[Worker] = []

    def close(self) -> None:
        """End the workers. The next large batch starts new ones."""
        for worker in self._workers:
            worker.end()
        self._workers = []
        for end in self._pipe or ():
            os.close(end)
        self._pipe = None

    @contextmanager
    def verifying(self, batch: Batch) -> Iterator[Finish]:
        """Begin; `finish` may be called once. Raises: LedgerError, also from `finish`, when a worker dies."""
        if not self._is_large(batch):
            yield lambda: self._alone.verified(batch)[1]
            return
        try:
            asked = self._begin(batch)
            answers: list[list[int]] = []

            def finish() -> list[int]:
                answers.append(self._finish(batch, asked))
                return answers[0]

            yield finish
            if not answers:
                finish()  # the workers answer in any case
        except BaseException:
            self.close()  # whatever they are doing is for nobody
            raise

    def _is_large(self, batch: Batch) -> bool:
        jobs = batch[1]
        return (
            self._processes > 0
            and len(jobs) >= LARGE
            and sum(len(message) for *_, message in jobs) <= MAX_BYTES
        )

    def _begin(self, batch: Batch) -> list[Worker]:
        pipe = self._hire()
        os.write(pipe[1], part_numbers(len(batch[1])))
        asked = [worker for worker in self._workers if worker.ready]
        if asked:
            pickled = pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL)
            for worker in asked:
                worker.begin(pickled)
        return asked

    def _hire(self) -> tuple[int, int]:
        """Make up the number of workers; one that has died since the last batch had nothing to lose."""
        if self._pipe is None:
            self._pipe = os.pipe()
            os.set_blocking(self._pipe[0], False)  # for all who read it
        for worker in [worker for worker in self._workers if not worker.alive]:
            worker.end()
            self._workers.remove(worker)
        while len(self._workers) < self._processes:
            self._workers.append(Worker(_REMEDY, pipe=self._pipe[0]))
        return self._pipe

    def _finish(self, batch: Batch, asked: list[Worker]) -> list[int]:
        assert self._pipe is not None  # noqa: S101 - `_begin` made it
        jobs = len(batch[1])
        count, bad = self._alone.verified(batch, parts(self._pipe[0], jobs))
        for worker in asked:
            more, worse = worker.answer()
            count, bad = count + more, bad + worse
        if count != jobs:  # nothing may be taken for verified that was not
            raise LedgerError(
                "{count} of {jobs} signatures were verified: send it again", count=count, jobs=jobs
            )
        return sorted(bad)
