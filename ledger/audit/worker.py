"""Signatures of one batch: what a worker process does, and the calling process where there are no workers.

    keys    [SubjectPublicKeyInfo, …]
    jobs    [(place of the key in `keys`, signature, message), …]
    answer  [places in `jobs` of those that do not verify]

Run as a program it takes batches from standard input and answers on standard output, each as its length in
four bytes, big-endian, and a pickle; it ends when its input does. It imports no more than it needs: every
process costs memory.
"""

from __future__ import annotations

import pickle
import signal
import sys
from typing import IO, Final, TypeAlias

from ledger.errors import KeyInvalid
from ledger.log.keys import PublicKey

Batch: TypeAlias = tuple[list[bytes], list[tuple[int, bytes, bytes]]]

_MAX_KEYS: Final = 4_096
"""Keys a process keeps ready; they weigh about a kilobyte each."""


class Verifier:
    """Verifies batches, and remembers the keys it met."""

    def __init__(self) -> None:
        self._known: dict[bytes, PublicKey | None] = {}

    def unverified(self, batch: Batch) -> list[int]:
        """Places in the batch of signatures that do not verify."""
        spkis, jobs = batch
        if len(self._known) > _MAX_KEYS:
            self._known.clear()
        keys = [self._key(spki) for spki in spkis]
        bad = []
        for place, (number, signature, message) in enumerate(jobs):
            key = keys[number]
            if key is None or not key.verify(signature, message):
                bad.append(place)
        return bad

    def _key(self, spki: bytes) -> PublicKey | None:
        if spki not in self._known:
            try:
                self._known[spki] = PublicKey.from_spki(spki)
            except KeyInvalid:
                self._known[spki] = None
        return self._known[spki]


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


def main() -> None:
    """Serve standard input until it ends. Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    verifier = Verifier()
    while (message := receive(sys.stdin.buffer)) is not None:
        batch: Batch = pickle.loads(message)  # noqa: S301 - from the process that started this one
        send(sys.stdout.buffer, pickle.dumps(verifier.unverified(batch)))


if __name__ == "__main__":
    main()
