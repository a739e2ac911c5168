"""The published layout, read: what directory, zip and web sources have in common (format, section 6; C2SP tlog-tiles).

    checkpoint                     the newest signed head
    vkey                           the log's verifier key, one line
    tile/<L>/<N>[.p/<W>]           hash tiles: 256 hashes of 32 bytes, at the right edge W of them
    tile/entries/<N>[.p/<W>]       entry bundles: 256 entries, each behind its length in two bytes
    blobs/sha256/<2 hex>/<62 hex>  attachments

What it does: asks for those names and no others, looks for a wider tile where the partial one has gone (a log may drop
it), keeps every answer below the size it can have, and streams entries bundle by bundle. A source settles on the first
checkpoint it reads, so that a publisher who goes on meanwhile does not disturb.

What it leaves to others: how a place gives bytes (`sources`, `source_http`), and every judgement on them
(`ledger.audit`). Nothing read here is believed: a damaged tile is handed over as it stands, and a bundle that cannot be
read is an error with the index of its first entry, so that a verifier goes on behind it.

>>> blob_path("ab" + 62 * "0")[:16]
'blobs/sha256/ab/'
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Final, Self, TypeVar

from ledger.audit.report import Fault
from ledger.audit.source import Attached, StoredNote
from ledger.errors import SourceError, TileError
from ledger.log.bundles import decode_bundle
from ledger.log.tiles import EntriesId, TileId, parse_path
from ledger.log.tiles import path as path_of
from ledger.messages import Message

T = TypeVar("T")

CHECKPOINT: Final = "checkpoint"
VKEY: Final = "vkey"
WIDTH: Final = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_NOTE: Final = 65_536
"""A checkpoint of a few lines, with room for the cosignatures of some hundred witnesses."""
MAX_VKEY: Final = 1_024
MAX_TILE: Final = WIDTH * 32
MAX_BUNDLE: Final = WIDTH * (2 + 65_535)
CHUNK: Final = 1 << 16
_NAMED: Final = 5
"""How many stray names a warning lists."""

_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{2}/[0-9a-f]{62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def blob_path(sha256: str) -> str:
    """Where an attachment lies. Raises: SourceError unless the digest is 64 lower-case hex digits."""
    if not _SHA256.fullmatch(sha256):
        raise SourceError("{sha256!r} is no digest of 64 lower-case hex digits", sha256=sha256[:80])
    return f"blobs/sha256/{sha256[:2]}/{sha256[2:]}"


def tile_path(level: int, number: int, width: int) -> str:
    """Where a hash tile lies."""
    return path_of(TileId(level, number, width))


def bundle_path(number: int, width: int) -> str:
    """Where an entry bundle lies."""
    return path_of(EntriesId(number, width))


def width_at(size: int, level: int, number: int) -> int:
    """Hashes that tile `number` of `level` has in a tree of `size`: 0 to 256."""
    return max(0, min(WIDTH, (size >> 8 * level) - WIDTH * number))


def claimed_size(note: bytes) -> int | None:
    """The size in a checkpoint's second line, unchecked; None where there is no number."""
    lines = note.split(b"\n", 2)
    text = lines[1] if len(lines) > 1 else b""
    return int(text) if text.isdigit() and len(text) <= 19 else None


class LayoutSource(ABC):
    """A published ledger somewhere: a `ledger.audit.source.Source` once it is said how to read a name there."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._checkpoint: bytes | None = None
        self._vkey: bytes | None = None
        self._damage: list[Message] = []

    # ------------------------------------------------------------------ what each kind of place gives

    @abstractmethod
    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes under a name, None when there is nothing. Raises: SourceError when unreadable.

        Never more than `limit` + 1 bytes: whoever gets that many knows that the file is too long.
        """

    @abstractmethod
    def stream(self, path: str) -> Iterator[bytes] | None:
        """The bytes under a name, piece by piece, None when there is nothing. Raises: SourceError, also midway."""

    def listing(self) -> Iterator[str] | None:
        """Every name there is; None where a place cannot be listed."""
        return None

    def widths(self, full: str) -> list[int]:
        """Widths of the partial tiles that lie beside the name of the full one, as far as the place can say."""
        return []

    def in_order(self, work: Callable[[int], T], numbers: Iterable[int]) -> Iterator[T]:
        """`work` on each number, in order; a place with latency may begin ahead of time."""
        return map(work, numbers)

    def is_reached(self) -> bool:
        """Whether errors so far were about single files; False when the place itself no longer answers."""
        return True

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Let go of files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ Source

    @property
    def name(self) -> str:
        return self._name

    @property
    def vkey(self) -> str | None:
        if self._vkey is None:
            self._vkey = self._short(VKEY, MAX_VKEY) or b""
        return self._vkey.decode("utf-8", "replace").strip() or None

    def checkpoint(self) -> bytes:
        if self._checkpoint is None:
            note = self._short(CHECKPOINT, MAX_NOTE)
            if note is None:
                raise SourceError(
                    "{checkpoint} is missing: this is no published ledger, or only part of one",
                    checkpoint=self.at(CHECKPOINT),
                )
            self._checkpoint = note
        return self._checkpoint

    def checkpoints(self) -> Iterator[StoredNote]:
        yield StoredNote(None, self.checkpoint())

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        if start >= stop:
            return
        # where the checkpoint cannot be read, nobody knows how many there must be: whatever is there is given
        known = claimed_size(self.checkpoint()) is not None

        def fetch(number: int) -> list[bytes]:
            first = number * WIDTH
            return self._bundle(number, min(WIDTH, stop - first) if known else max(start - first, 0) + 1)

        numbers = range(start // WIDTH, -(-stop // WIDTH))
        for number, bundle in zip(numbers, self.in_order(fetch, numbers), strict=True):
            first = number * WIDTH
            have = min(stop, first + len(bundle))
            for index in range(max(start, first), have):
                yield index, bundle[index - first]
            if have < min(stop, first + WIDTH):
                raise self._missing(number, have)

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        def path(w: int) -> str:
            return tile_path(level, number, w)

        try:
            found = self._widest(path, self._width(level, number), width, MAX_TILE)
        except SourceError as error:
            self._note(error)
            return b""  # there is one, and no hash of it can be read
        return None if found is None else found[0]

    def attachment(self, sha256: str) -> Attached:
        digest = hashlib.sha256()
        path = blob_path(sha256)
        try:
            pieces = self.stream(path)
            if pieces is None:
                return Attached.ABSENT
            for piece in pieces:
                digest.update(piece)
        except SourceError as error:
            self._note(error)
            return Attached.DIFFERS
        return Attached.SAME if digest.hexdigest() == sha256 else Attached.DIFFERS

    def facts(self) -> None:
        return None

    def flaws(self) -> list[Fault]:
        return []

    def warnings(self) -> list[Message]:
        found = list(self._damage)
        if not self.vkey:
            absent = Message(
                "{vkey} is missing: give the log's verifier key from elsewhere", vkey=self.at(VKEY)
            )
            found.insert(0, absent)
        names = self.listing()
        if names is None:
            return found
        size = claimed_size(self.checkpoint())
        strays: list[str] = []
        beyond: list[str] = []
        counts = [0, 0]
        for name in names:
            kind = _kind(name, size)
            if kind is not None:
                counts[kind] += 1
                if counts[kind] <= _NAMED:
                    (strays, beyond)[kind].append(name)
        if strays:
            found.append(
                Message(
                    "{count} files that are no part of a published ledger: {files}",
                    count=counts[0],
                    files=_listed(strays, counts[0]),
                )
            )
        if beyond:
            found.append(
                Message(
                    "{count} tiles beyond the checkpoint's {size} entries, left by a publishing that was broken "
                    "off or still goes on: {files}",
                    count=counts[1],
                    size=size,
                    files=_listed(beyond, counts[1]),
                )
            )
        return found

    # ------------------------------------------------------------------ more than a Source

    def blob(self, sha256: str) -> Iterator[bytes] | None:
        """An attachment's bytes, piece by piece and unchecked; None when absent."""
        return self.stream(blob_path(sha256))

    def is_hashes_only(self) -> bool:
        """Whether hashes were published without the entries: nothing to be verified entry by entry or restored."""
        size = claimed_size(self.checkpoint())
        if not size:
            return False
        # a bundle that was lost is another matter, so the last one is looked for too
        ends = {0, (size - 1) // WIDTH}
        return (
            all(self._widest_bundle(number, 1) is None for number in ends) and self.tile(0, 0, 1) is not None
        )

    def at(self, path: str) -> str:
        """A name with its place, for messages."""
        return f"{self._name.rstrip('/')}/{path}"

    # ------------------------------------------------------------------ tiles and bundles

    def _bundle(self, number: int, need: int) -> list[bytes]:
        first = number * WIDTH
        try:
            found = self._widest_bundle(number, need)
        except SourceError as error:
            if not self.is_reached():
                raise
            raise SourceError(error.message, index=first) from error
        if found is None:
            raise self._missing(number, first)
        data, width = found
        path = self.at(bundle_path(number, width))
        if len(data) > MAX_BUNDLE:
            raise SourceError(
                "{path} is longer than {max_bundle} bytes. Take another copy",
                path=path,
                max_bundle=MAX_BUNDLE,
                index=first,
            )
        try:
            entries = decode_bundle(data)
        except TileError as error:
            raise SourceError(
                "{path} is damaged: {problem}. Take another copy",
                path=path,
                problem=error.message,
                index=first,
            ) from error
        if len(entries) != width:
            raise SourceError(
                "{path} holds {count} entries where its name says {width}. Take another copy",
                path=path,
                count=len(entries),
                width=width,
                index=first,
            )
        return entries

    def _missing(self, number: int, index: int) -> SourceError:
        path = self.at(bundle_path(number, self._width(0, number) or WIDTH))
        return SourceError(
            "{path} is missing: entries from {entry} on cannot be read. Publish again, or fetch the file from "
            "another copy",
            path=path,
            entry=index,
            index=index,
        )

    def _short(self, path: str, limit: int) -> bytes | None:
        data = self.read(path, limit)
        if data is not None and len(data) > limit:
            raise SourceError(
                "{path} is longer than {limit} bytes: this is something else", path=self.at(path), limit=limit
            )
        return data

    def _note(self, error: SourceError) -> None:
        """Remember what is wrong with one file for `warnings`; raise it when the place itself is gone."""
        if not self.is_reached():
            raise error
        if len(self._damage) < _NAMED:
            self._damage.append(error.message)

    def _widest_bundle(self, number: int, need: int) -> tuple[bytes, int] | None:
        return self._widest(lambda w: bundle_path(number, w), self._width(0, number), need, MAX_BUNDLE)

    def _width(self, level: int, number: int) -> int:
        """The width that the checkpoint gives a tile; 0 when it does not reach so far or cannot be read."""
        size = claimed_size(self.checkpoint())
        return 0 if size is None else width_at(size, level, number)

    def _widest(
        self, path: Callable[[int], str], expected: int, need: int, limit: int
    ) -> tuple[bytes, int] | None:
        """A tile or bundle of at least `need`, and its width: as the checkpoint has it, else full, else what there is.

        C2SP tlog-tiles: partial tiles may go once the full one is there, and a shorter one is a prefix of a wider one.
        """
        tried = [expected, WIDTH, need]
        for width in dict.fromkeys(w for w in tried if need <= w):
            data = self.read(path(width), limit)
            if data is not None:
                return data, width
        for width in sorted(self.widths(path(WIDTH)), reverse=True):
            if width >= need and (data := self.read(path(width), limit)) is not None:
                return data, width
        return None


def _kind(name: str, size: int | None) -> int | None:
    """None for a name that belongs there, 0 for a stray one, 1 for a tile beyond the checkpoint."""
    if name in (CHECKPOINT, VKEY) or _BLOB.fullmatch(name):
        return None
    try:
        tile = parse_path(name)
    except TileError:
        return 0
    level = tile.level if isinstance(tile, TileId) else 0
    return 1 if size is not None and width_at(size, level, tile.number) < tile.width else None


def _listed(names: list[str], count: int) -> str:
    return ", ".join(sorted(names)) + (" …" if count > len(names) else "")
