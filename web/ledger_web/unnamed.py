"""Attachments that are whole and that no entry names yet: whose they are, how many bytes, and when they go.

    unnamed.note(keyid, sha256, size, bytes)        # before the file gets its place
    unnamed.require_room(keyid, store, more)        # Busy when the key has too much of them
    unnamed.sweep(store)                            # what nobody has sent or asked for in days, and no entry names

A photograph comes before its statement, and may wait for it for days where there is no signal; a key that sends nothing
but photographs would fill the disk. One small file for each, ``unnamed/<key>-<digest>``, with the size of the ledger
when it came, says what is not named yet; it goes when an entry names the digest. Files without one (put there by the
command line, or restored) are never touched.

What goes is certain not to be named: the whole ledger has been read for it, and while the file goes nobody can commit,
in this process or another. Whoever sends the file again meanwhile, or asks whether it is there, keeps it
(`BlobStore.forget`). A statement that comes after that names a file that is absent, as a statement may at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ledger.exchange.bundle import digests_named
from ledger.messages import Message
from ledger.store.base import Store
from ledger.store.blobs import BlobStore
from ledger.store.faults import translated
from ledger_web.faults import Busy

DAY_MS: Final = 86_400_000
_BLOCK: Final = 4_096
"""No file takes less on a disk."""


class _Noted(NamedTuple):
    key: str
    sha256: str


class Unnamed:
    """See the module docstring. May be shared by threads; for one process."""

    def __init__(
        self, directory: Path, blobs: BlobStore, *, most: int, days: int, clock: Callable[[], int]
    ) -> None:
        self._folder = directory / "unnamed"
        self._blobs, self._most, self._life_ms, self._clock = blobs, most, days * DAY_MS, clock
        self._lock = threading.RLock()
        self._since: dict[_Noted, int] | None = None
        """Entries below have been read for it."""
        self._bytes: dict[_Noted, int] = {}
        self._ending = threading.Event()

    def note(self, keyid: str, sha256: str, size: int, length: int) -> None:
        """A key's file is about to be whole, in a ledger of `size` entries. Raises: StoreFull …"""
        noted = _Noted(keyid[:32], sha256)
        with self._lock, translated(self._folder):
            since = self._noted()
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._path(noted).write_text(str(size), "ascii")
            since[noted], self._bytes[noted] = size, length

    def drop(self, keyid: str, sha256: str) -> None:
        """The file turned out to be another."""
        with self._lock:
            self._drop(_Noted(keyid[:32], sha256))

    def held(self, keyid: str) -> int:
        """Bytes of a key's files, as far as is known not to be named."""
        with self._lock:
            self._noted()
            return sum(_taken(length) for noted, length in self._bytes.items() if noted.key == keyid[:32])

    def require_room(self, keyid: str, store: Store, more: int) -> None:
        """Raises: Busy when the key would have too much with so many bytes more."""
        if self.held(keyid) + _taken(more) <= self._most:
            return
        self.learn(store)
        if self.held(keyid) + _taken(more) > self._most:
            raise Busy(
                Message(
                    "attachments of this key that no statement names are {most} bytes or more: send those "
                    "statements first, this file is taken later",
                    most=self._most,
                ),
                retry_after=60,
                headers={"connection": "close"},
            )

    def learn(self, store: Store) -> None:
        """Read what has been recorded since, and let go of what is named now."""
        with self._lock:
            since = dict(self._noted())
        if not since:
            return
        size = store.head().size
        named = self._named(store, {one.sha256 for one in since}, min(since.values()), size)
        with self._lock:
            for noted in since:
                if noted.sha256 in named:
                    self._drop(noted)
                elif noted in self._noted():
                    self._noted()[noted] = size

    def sweep(self, store: Store) -> int:
        """Remove the files that have not been sent or asked for in days, and that no entry names; how many."""
        self.learn(store)
        before = (self._clock() - self._life_ms) / 1000
        with self._lock:
            old = [noted for noted in self._noted() if self._is_old(noted, before)]
        if not old:
            return 0
        size = store.head().size
        named = self._named(store, {one.sha256 for one in old}, 0, size)
        with store.writing() as transaction:  # from here on nobody commits
            named |= self._named(store, {one.sha256 for one in old}, size, transaction.head.size)
            gone = 0
            for noted in old:
                if noted.sha256 in named or self._blobs.forget(noted.sha256, before):
                    gone += noted.sha256 not in named
                    with self._lock:
                        self._drop(noted)
        return gone

    def stop(self) -> None:
        """Whatever is under way ends soon, and nothing is removed any more."""
        self._ending.set()

    def _is_old(self, noted: _Noted, before: float) -> bool:
        if self._blobs.size(noted.sha256) is not None:
            return self._blobs.older(noted.sha256, before)
        try:  # about to get its place, or the server was killed in between
            return self._path(noted).stat().st_mtime < before
        except FileNotFoundError:
            return True

    def _named(self, store: Store, wanted: set[str], start: int, stop: int) -> set[str]:
        """Those of the digests that entries in this range name. Raises: Busy when the server is ending."""
        found: set[str] = set()
        for _, data in store.entries(start, stop):
            if self._ending.is_set():
                raise Busy(Message("the server is ending"))
            found.update(digest for digest in digests_named(data) if digest in wanted)
        return found

    def _noted(self) -> dict[_Noted, int]:
        if self._since is None:
            self._since = dict(self._read())
            self._bytes = {noted: self._blobs.size(noted.sha256) or 0 for noted in self._since}
        return self._since

    def _read(self) -> Iterable[tuple[_Noted, int]]:
        for file in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            key, _, sha256 = file.name.partition("-")
            text = file.read_text("ascii", "replace")
            yield _Noted(key, sha256), int(text) if text.isdecimal() else 0  # cut off by a crash: read all

    def _drop(self, noted: _Noted) -> None:
        self._path(noted).unlink(missing_ok=True)
        self._noted().pop(noted, None)
        self._bytes.pop(noted, None)

    def _path(self, noted: _Noted) -> Path:
        return self._folder / f"{noted.key}-{noted.sha256}"


def _taken(length: int) -> int:
    """Bytes that a file takes on a disk.

    >>> _taken(1), _taken(4096), _taken(4097)
    (4096, 4096, 8192)
    """
    return max(1, -(-length // _BLOCK)) * _BLOCK
