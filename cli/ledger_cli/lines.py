"""Lines of a stream in batches, bounded in length and count, without waiting for more than has come.

    for batch in batches(stream, size=1000, limit=131_072):
        for number, line in batch: …          # line is None where it was longer than the limit

A batch ends when it is full, when the stream ends, or when nothing more has come for a moment: whoever feeds one line
and waits for the answer gets it.
"""

from __future__ import annotations

import io
import select
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 16
LINGER = 0.02
"""Seconds to wait for more lines before answering those that have come."""

Line = tuple[int, bytes | None]


def batches(stream: BinaryIO, *, size: int, limit: int) -> Iterator[list[Line]]:
    """Batches of (number from 1, line without its newline); blank lines are counted and left out."""
    source = _Source(stream, limit)
    batch: list[Line] = []
    while True:
        for number, line in source.read(size - len(batch)):
            if line is None or line.strip():
                batch.append((number, line))
        if batch and (len(batch) >= size or source.ended or not source.more_soon()):
            yield batch
            batch = []
        if source.ended and not source.waiting:
            return


class _Source:
    """Reads chunks and cuts them into lines; of a line that is too long only its place is remembered."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._rest = b""
        self._lines: list[bytes | None] = []
        self._too_long = False
        self._number = 0
        self._file = _descriptor(stream)
        self.ended = False

    @property
    def waiting(self) -> bool:
        """Whether lines have been cut that nobody has taken."""
        return bool(self._lines)

    def read(self, count: int) -> list[Line]:
        """At most `count` lines; waits until there is one or the stream ends."""
        while not self._lines and not self.ended:
            self._chunk()
        taken, self._lines = self._lines[:count], self._lines[count:]
        first = self._number + 1
        self._number += len(taken)
        return list(enumerate(taken, first))

    def more_soon(self) -> bool:
        """Whether another line has come, or more bytes are there to be read within a moment."""
        if self._lines:
            return True
        if self._file is None:
            return True
        try:
            return bool(select.select([self._file], [], [], LINGER)[0])
        except (OSError, ValueError):  # not every system can wait for every kind of file
            return True

    def _chunk(self) -> None:
        read = (
            self._stream.read1(CHUNK)
            if isinstance(self._stream, io.BufferedReader)
            else self._stream.read(CHUNK)
        )
        if not read:
            self.ended = True
            if self._rest or self._too_long:
                self._lines.append(None if self._too_long else self._rest)
            self._rest, self._too_long = b"", False
            return
        *whole, rest = (self._rest + read).split(b"\n")
        for line in whole:
            self._lines.append(None if self._too_long or len(line) > self._limit else line)
            self._too_long = False
        if len(rest) > self._limit:
            self._too_long, rest = True, b""
        self._rest = b"" if self._too_long else rest


def _descriptor(stream: BinaryIO) -> int | None:
    """The file descriptor to wait at, or None for a stream in memory."""
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None
