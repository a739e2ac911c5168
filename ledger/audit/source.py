"""What a verifier reads: one view of a live ledger, a published directory, a zip or a URL.

Nothing that a source says is believed. Bytes are handed over as they stand, also damaged ones; what cannot be
read at all is a `SourceError` that names the file or row. Live ledgers are read inside one snapshot, so that
appends meanwhile do not disturb.

Sources are made by `live` (a database) and by `ledger.exchange` (folders, zips, URLs).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple, Protocol

from ledger.audit.report import Fault
from ledger.messages import Message
from ledger.store.facts import FactRow


class Attached(Enum):
    """What became of an attachment."""

    SAME = "same"
    ABSENT = "absent"
    DIFFERS = "differs"


class StoredNote(NamedTuple):
    """A checkpoint as it stands; `size` is what the source files it under, None where it has one place only."""

    size: int | None
    note: bytes


class FactSource(Protocol):
    """Derived tables, where a source has them (only a live ledger does)."""

    def tables(self) -> tuple[type[FactRow], ...]:
        """The row types there are."""
        ...

    def rows(self, table: type[FactRow], start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        """Rows with ``start <= index < stop``, in order of index and line."""
        ...

    def beyond(self, table: type[FactRow], size: int) -> Iterator[tuple[Any, ...]]:
        """Rows of entries from `size` on, which there must not be."""
        ...


class Source(Protocol):
    """See the module docstring."""

    @property
    def name(self) -> str:
        """What to call it in messages: a folder, file or URL."""
        ...

    @property
    def vkey(self) -> str | None:
        """The verifier key that the source itself claims; a person may know better and pass another."""
        ...

    def checkpoint(self) -> bytes:
        """The newest checkpoint. Raises: SourceError when there is none."""
        ...

    def checkpoints(self) -> Iterator[StoredNote]:
        """Every checkpoint the source keeps, in order of size; at least the newest."""
        ...

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Entry bytes in order, each with the index it is filed under, streamed.

        Raises: SourceError, with `index` where an entry is missing or damaged (a fault of the ledger), without
        where the place itself cannot be read (nothing can be said of the ledger).
        """
        ...

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Stored hash tile, at least `width` hashes where it is whole; None when there is none."""
        ...

    def attachment(self, sha256: str) -> Attached:
        """Whether the file with that digest is there and has that digest."""
        ...

    def facts(self) -> FactSource | None:
        """Derived tables, None where the source has none."""
        ...

    def flaws(self) -> list[Fault]:
        """What is wrong with how the source keeps the ledger, where no other method comes by it."""
        ...

    def warnings(self) -> list[Message]:
        """What is odd about the source itself, such as missing triggers in a live database."""
        ...
