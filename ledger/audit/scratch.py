"""What a verification remembers outside memory: leaf hashes and statement ids, in temporary files.

Both grow with the ledger (32 bytes an entry, and about 40), both are private to one verification, and both
vanish with it. They hold what was computed from the entries, so nothing read from here needs to be checked
again.

>>> with Scratch() as scratch:
...     scratch.add_leaves([bytes(32), bytes([1]) * 32])
...     scratch.leaves(1, 2) == [bytes([1]) * 32]
...     scratch.add_ids([(b"a", 0), (b"b", 1), (b"a", 2)]), scratch.index_of(b"b")
True
([(2, 0)], 1)
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from typing import Final, Self

from ledger.log.tree import HASH_BYTES

_CACHE_KIB: Final = 8_192


class Scratch:
    """See the module docstring."""

    def __init__(self) -> None:
        self._leaves = tempfile.TemporaryFile(prefix="custody-verify-", buffering=0)  # noqa: SIM115 - closed by close
        # The empty name is SQLite's: a temporary database of its own, on disk where it outgrows the cache.
        self._ids = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._ids.execute(f"PRAGMA {pragma}")
        self._ids.execute("CREATE TABLE known (id BLOB PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._leaves.close()
        self._ids.close()

    def add_leaves(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes of 32 bytes."""
        self._leaves.seek(0, 2)
        self._leaves.write(b"".join(leaves))

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Leaf hashes of the entries from `start` up to, not including, `stop`."""
        self._leaves.seek(start * HASH_BYTES)
        data = self._leaves.read((stop - start) * HASH_BYTES)
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    def add_ids(self, ids: Sequence[tuple[bytes, int]]) -> list[tuple[int, int]]:
        """Remember ids with their indexes, in order. Returns, for each id known before, its index and the first one."""
        before = self._ids.total_changes
        self._ids.execute("BEGIN")
        self._ids.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", ids)
        self._ids.execute("COMMIT")
        if self._ids.total_changes - before == len(ids):
            return []
        firsts = [(index, self.index_of(id_)) for id_, index in ids]
        return [(index, first) for index, first in firsts if first is not None and first != index]

    def index_of(self, id_: bytes) -> int | None:
        """The first index at which a statement id stands."""
        row = self._ids.execute("SELECT place FROM known WHERE id = ?", (id_,)).fetchone()
        return None if row is None else int(row[0])
