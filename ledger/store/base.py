"""What a store is, whatever database is below it: the Protocols Store, Transaction and Snapshot, and the
head.

What it does: names what the floors above may rely on, so that another database can take SQLite's place (one
suite of tests runs on every backend). What it leaves to others: everything else.

>>> Head.empty().size
0
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ledger.store.facts import FactRow, StatementFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from ledger.store.facts import FactBatch
    from ledger.store.reader import FactReader
    from ledger.store.soundness import Flaw

R = TypeVar("R", bound=FactRow)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands after its newest commit.

    `root`: 32 bytes as the checkpoint says; `recorded_at_ms`: time of the last entry, milliseconds since
    1970 UTC; `checkpoint_note`: the signed note. An empty ledger has the root of the empty tree, 0 and no
    note. In a damaged ledger, what cannot be read is b"" and 0: verification says what is wrong, writing is
    refused.
    """

    size: int
    root: bytes
    recorded_at_ms: int
    checkpoint_note: bytes

    @classmethod
    def empty(cls) -> Head:
        # The hash of an empty list is the hash of an empty string (RFC 6962 section 2.1).
        return cls(0, hashlib.sha256(b"").digest(), 0, b"")


class Readable(Protocol):
    """What can be read from a store, a snapshot or a transaction."""

    @property
    def facts(self) -> FactReader:
        """Typed questions about facts."""
        ...

    def entry(self, index: int) -> bytes:
        """The bytes of one entry; UsageError beyond the end, StoreCorrupt where one is missing."""
        ...

    def entries_at(self, indexes: Sequence[int]) -> dict[int, bytes]:
        """Those of the entries at these indexes that there are."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(index, bytes) with start <= index < stop, in order, a page at a time in memory."""
        ...

    def entries_of(
        self, merchant: str | None = None, kind: str | None = None, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """The same, only of one merchant, of one kind, or both."""
        ...

    def tile(self, level: int, number: int) -> bytes | None:
        """A hash tile as long as it has grown, or None."""
        ...

    def tiles(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Those of the tiles (level, number) that there are."""
        ...

    def checkpoints(self, start_size: int = 0) -> Iterator[tuple[int, bytes]]:
        """(size, note) of every commit that reached at least `start_size`, in order."""
        ...

    def checkpoint_at_or_after(self, size: int) -> tuple[int, bytes] | None:
        """The first checkpoint that covers `size` entries."""
        ...

    def index_of(self, id: bytes) -> int | None:
        """Entry index of the statement with this id (16 bytes)."""
        ...

    def fact_rows(self, row: type[R], start: int = 0, stop: int | None = None) -> Iterator[R]:
        """Rows of one fact with start <= index < stop, in order of (index, line)."""
        ...

    def max_fact_index(self, row: type[FactRow] = StatementFact) -> int:
        """Highest index among the rows of a fact, -1 if it has none."""
        ...


class Snapshot(Readable, Protocol):
    """A view that does not change while it is open; for one thread."""

    def head(self) -> Head: ...

    def flaws(self) -> list[Flaw]:
        """What the database holds besides what the program put there, where no other read comes by it."""
        ...


class Transaction(Readable, Protocol):
    """The one writer. Reads see what has been appended so far; others see it after the commit."""

    @property
    def head(self) -> Head:
        """Where the ledger stands, with what this transaction has appended."""
        ...

    def append(
        self,
        entries: Sequence[tuple[int, bytes]],
        tiles: Sequence[tuple[int, int, bytes]],
        facts: FactBatch,
        checkpoint: tuple[int, bytes],
    ) -> None:
        """Entries continue `head.size` without gap; the checkpoint's size is the new size; tiles only grow.

        Facts come from these entries. StoreError if any of this does not hold; then the transaction can
        only be left, and nothing of it is recorded.
        """
        ...


class Store(Readable, Protocol):
    """A ledger's database. May be shared by threads, not carried over a fork."""

    @property
    def origin(self) -> str: ...

    @property
    def vkey(self) -> str: ...

    @property
    def read_only(self) -> bool: ...

    @property
    def fact_tables(self) -> tuple[type[FactRow], ...]:
        """The row types of all facts."""
        ...

    def head(self) -> Head:
        """Where the ledger stands now."""
        ...

    def generation(self) -> int:
        """A number that changes when somebody else, another process or another Store, has committed."""
        ...

    def writing(self) -> AbstractContextManager[Transaction]:
        """Append in one transaction: committed on leaving, rolled back on an exception.

        Raises StoreBusy, StoreFull, StoreReadOnly, StoreCorrupt; the store stays usable.
        """
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]: ...

    def replace_facts(self, batches: Iterator[FactBatch]) -> None:
        """Empty all facts and fill them from `batches`, in one transaction.

        StoreError if the statement facts do not then cover exactly the entries; nothing is changed in that
        case.
        """
        ...

    def triggers_missing(self) -> list[str]:
        """Names of the triggers that should guard the database and are missing or altered."""
        ...

    def close(self) -> None: ...
