"""Entries of a source by their place, 256 at a time, whatever is missing or misfiled among them.

    for chunk in read_chunks(source, claimed=1041, outcome=outcome):
        chunk.start, chunk.entries, chunk.leaves

What it does: makes the checks `encoding` and, as far as places go, `index`; an entry that cannot be read or
parsed leaves a gap of one place, so that all others keep theirs. What it leaves to others: what the entries
say.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from hashlib import sha256
from itertools import repeat
from typing import Final, NamedTuple

from ledger.audit.outcome import Outcome
from ledger.audit.recomputed import WIDTH
from ledger.audit.source import Source
from ledger.errors import FormatError, SourceError
from ledger.log.entry import Entry, parse
from ledger.log.tree import HASH_BYTES, MAX_SIZE
from ledger.messages import Message

MISSING: Final = bytes(HASH_BYTES)
"""Stands where the leaf hash of a missing entry would; no entry has it."""

_MAX_FAILURES: Final = 1_000
_MAX_GAP: Final = 1 << 24
"""Bounds on what a checkpoint that lies about its size can cost."""


class Chunk(NamedTuple):
    """Entries from `start` on, None where one is missing or no entry; leaf hashes of the bytes as they are."""

    start: int
    entries: list[Entry | None]
    leaves: list[bytes]


def read_chunks(source: Source, *, claimed: int | None, outcome: Outcome) -> Iterator[Chunk]:
    """All entries of a source. `claimed`: how many its newest checkpoint speaks of, None where that cannot be
    read.

    A live ledger may hold more, which its checkpoint would have to cover; behind the checkpoint of a
    published one there may stand what is being published meanwhile. Every chunk has 256 places, only the last
    one may have fewer. Raises: SourceError when the source itself cannot be read."""
    waiting: list[bytes | None] = []
    start = 0
    for data in _placed(source, claimed, outcome):
        waiting.append(data)
        if len(waiting) == WIDTH:
            yield _parsed(start, waiting, outcome)
            start += WIDTH
            waiting.clear()
    if waiting:
        yield _parsed(start, waiting, outcome)


def _parsed(start: int, found: list[bytes | None], outcome: Outcome) -> Chunk:
    entries: list[Entry | None] = []
    leaves: list[bytes] = []
    for position, data in enumerate(found, start):
        if data is None:
            entries.append(None)
            leaves.append(MISSING)
            continue
        try:
            entry = parse(data)
        except FormatError as error:
            outcome.fault("encoding", position, error.placed)
            entries.append(None)
            leaves.append(sha256(b"\x00" + data).digest())  # RFC 6962 section 2.1: hashed as it stands
        else:
            entries.append(entry)
            leaves.append(entry.leaf_hash)
    outcome.looked("encoding", len(found))
    return Chunk(start, entries, leaves)


def _placed(source: Source, claimed: int | None, outcome: Outcome) -> Iterator[bytes | None]:
    """The bytes of entry 0, 1, 2 …, None for each that is missing before one that is there."""
    position = yield from _claimed(source, claimed or 0, outcome)
    if claimed is not None and position < claimed:
        detail = Message(
            "{missing}: the newest checkpoint speaks of {claimed}",
            missing=_missing(position, claimed),
            claimed=claimed,
        )
        outcome.fault("index", position, detail)
    if claimed is None or source.facts() is not None:
        yield from _beyond(source, claimed or 0, position, outcome)


def _beyond(source: Source, claimed: int, position: int, outcome: Outcome) -> Iterator[bytes]:
    """What stands behind the entries that the newest checkpoint speaks of."""
    offset = 0
    try:
        for filed, data in source.entries(claimed, MAX_SIZE):
            if filed - position != offset:
                offset = filed - position
                outcome.fault(
                    "index",
                    position,
                    Message(
                        "the entry at place {position} is filed under {filed}", position=position, filed=filed
                    ),
                )
            yield data
            position += 1
    except SourceError as error:
        if error.index is None:
            raise


def _claimed(source: Source, claimed: int, outcome: Outcome) -> Generator[bytes | None, None, int]:
    """The entries that the newest checkpoint speaks of, up to the last one there is; returns how many."""
    position = 0
    unread, failures = -1, 0  # the place after one that could not be read, and how many in a row
    while position < claimed and failures < _MAX_FAILURES:
        try:
            for filed, data in source.entries(position, claimed):
                if filed > position:
                    outcome.fault("index", position, _missing(position, filed))
                    if filed - position > _MAX_GAP:
                        return position
                    yield from repeat(None, filed - position)
                    position = filed
                elif filed < position:
                    outcome.fault(
                        "index",
                        position,
                        Message(
                            "the entry at place {position} is filed under {filed}",
                            position=position,
                            filed=filed,
                        ),
                    )
                yield data
                position += 1
                failures = 0
            break
        except SourceError as error:
            if error.index is None:
                raise  # nothing can be said of a source that cannot be reached
            again = position == unread
            if not again:
                outcome.fault("index", position, Message("cannot be read: {problem}", problem=error.message))
            # One place on, and if that is no better, behind the whole bundle of 256.
            unread = min(claimed, position - position % WIDTH + WIDTH if again else position + 1)
            yield from repeat(None, unread - position)
            position, failures = unread, failures + 1
    return position


def _missing(start: int, stop: int) -> Message:
    if stop - start == 1:
        return Message("entry {entry} is missing", entry=start)
    return Message("entries {first} to {last} are missing", first=start, last=stop - 1)
