"""Signatures of one batch: what a worker process does, and the calling process where there are no workers.

    keys    [SubjectPublicKeyInfo, …]
    jobs    [(place of the key in `keys`, signature, message), …]
    answer  (how many were verified, [places in `jobs` of those that do not verify])

Run as a program it greets with an empty message, takes batches from standard input and answers on standard
output, each as its length in four bytes, big-endian, and a pickle; it ends when its input does. It imports no
more than it needs: every process costs memory.

Several processes can share one batch: each has it all, and takes its parts from a pipe that holds the number of
every part, one byte each, until the pipe is empty. So none waits while another still has work before it.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Final, TypeAlias

from ledger.errors import KeyInvalid
from ledger.log.keys import PublicKey

Job: TypeAlias = tuple[int, bytes, bytes]
Batch: TypeAlias = tuple[list[bytes], list[Job]]
Answer: TypeAlias = tuple[int, list[int]]

MAX_PARTS: Final = 256
"""Parts of a batch that one byte can number."""
_LEAST: Final = 8
"""Signatures in a part: a millisecond of work."""
_MAX_KEYS: Final = 4_096
"""Keys a process keeps ready; they weigh about a kilobyte each."""


class Verifier:
    """Verifies batches, and remembers the keys it met."""

    def __init__(self) -> None:
        self._known: dict[bytes, PublicKey | None] = {}

    def verified(self, batch: Batch, parts: Iterable[range] | None = None) -> Answer:
        """How many signatures were verified, and the places of those that do not verify: of the whole batch, or of
        `parts` of it.
        """
        spkis, jobs = batch
        if len(self._known) > _MAX_KEYS:
            self._known.clear()
        count, bad = 0, []
        for part in (range(len(jobs)),) if parts is None else parts:
            count += len(part)
            for place in part:
                number, signature, message = jobs[place]
                key = self._key(spkis[number])
                if key is None or not key.verify(signature, message):
                    bad.append(place)
        return count, bad

    def _key(self, spki: bytes) -> PublicKey | None:
        if spki not in self._known:
            try:
                self._known[spki] = PublicKey.from_spki(spki)
            except KeyInvalid:
                self._known[spki] = None
        return self._known[spki]


def part_numbers(jobs: int) -> bytes:
    """What goes into the pipe for a batch of that many jobs."""
    return bytes(range(-(-jobs // _part_size(jobs))))


def parts(pipe: int, jobs: int) -> Iterator[range]:
    """Parts of the batch that nobody has taken yet, taken one by one. The pipe must not block."""
    size = _part_size(jobs)
    while True:
        try:
            number = os.read(pipe, 1)
        except BlockingIOError:
            return
        if not number:
            return
        start = number[0] * size
        yield range(start, min(start + size, jobs))


def _part_size(jobs: int) -> int:
    return max(_LEAST, -(-jobs // MAX_PARTS))


def send(stream: IO[bytes], message: bytes) -> None:
    stream.write(len(message).to_bytes(4, "big"))
    stream.write(message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message, None at the end of the stream. Raises: EOFError in the middle of one."""
    head = stream.read(4)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    if len(head) < 4 or len(message) < length:
        raise EOFError
    return message


def main(pipe: int | None = None) -> None:
    """Serve standard input until it ends; with a pipe, share batches. Ctrl-C is for the process that started this
    one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    verifier = Verifier()
    send(sys.stdout.buffer, b"")
    while (message := receive(sys.stdin.buffer)) is not None:
        batch: Batch = pickle.loads(message)  # noqa: S301 - from the process that started this one
        taken = None if pipe is None else parts(pipe, len(batch[1]))
        send(sys.stdout.buffer, pickle.dumps(verifier.verified(batch, taken)))


if __name__ == "__main__":
    main()
