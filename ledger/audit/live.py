"""A live ledger as a `Source`: one snapshot of its database, and the blobs beside it.

    with live_source(store, blobs, name="erligang") as source:
        report = verify(source)

What it does: hands over what the database holds, also where somebody has put another type than bytes into it. What it
leaves to others: every judgement (`verify`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from ledger.audit.report import Fault
from ledger.audit.source import Attached, StoredNote
from ledger.errors import FormatError, SourceError, StoreCorrupt
from ledger.log import NoteVerifier
from ledger.messages import Message
from ledger.store.base import Snapshot, Store
from ledger.store.blobs import BlobStore
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import FactRow
from ledger.store.soundness import Flaw

_CHECK_OF = {"entry": "index", "tile": "tree", "checkpoint": "tree", "meta": "checkpoint_signature"}
"""The check that a flaw of a table belongs to; all other tables are derived."""
_ATTACHED = {"intact": Attached.SAME, "tampered": Attached.DIFFERS, "absent": Attached.ABSENT}


class _LiveFacts:
    """The derived tables of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def tables(self) -> tuple[type[FactRow], ...]:
        return tuple(FACT_TABLES)

    def rows(self, table: type[FactRow], start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        return self._snapshot.fact_rows(table, start, stop)

    def beyond(self, table: type[FactRow], size: int) -> Iterator[tuple[Any, ...]]:
        return self._snapshot.fact_rows(table, size)


class LiveSource:
    """See the module docstring."""

    def __init__(self, store: Store, snapshot: Snapshot, blobs: BlobStore | None, name: str) -> None:
        self._store = store
        self._snapshot = snapshot
        self._blobs = blobs
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def vkey(self) -> str | None:
        return self._store.vkey

    def checkpoint(self) -> bytes:
        note = self._snapshot.head().checkpoint_note
        if not note:
            raise SourceError("{name} has no checkpoint: restore it from a published bundle", name=self._name)
        return _bytes(note)

    def checkpoints(self) -> Iterator[StoredNote]:
        return (StoredNote(size, _bytes(note)) for size, note in self._snapshot.checkpoints())

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        return ((index, _bytes(data)) for index, data in self._snapshot.entries(start, stop))

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        data = self._snapshot.tile(level, number)
        return None if data is None else _bytes(data)

    def attachment(self, sha256: str) -> Attached:
        if self._blobs is None:
            return Attached.ABSENT
        return _ATTACHED[self._blobs.verify(sha256)]

    def facts(self) -> _LiveFacts:
        return _LiveFacts(self._snapshot)

    def flaws(self) -> list[Fault]:
        found = [
            Fault(_CHECK_OF.get(flaw.table, "facts"), flaw.index, flaw.detail)
            for flaw in self._flaws
            if flaw.grave
        ]
        with suppress(FormatError):  # a key that is none is reported where it is asked for
            name = NoteVerifier.from_vkey(self._store.vkey).name
            if name != self._store.origin:
                detail = Message(
                    "the database calls itself {origin}, its log key is that of {name}",
                    origin=self._store.origin,
                    name=name,
                )
                found.append(Fault("checkpoint_signature", None, detail))
        return found

    def warnings(self) -> list[Message]:
        lost = [
            Message(
                "the database has lost its guard {name}: somebody removed a trigger that refuses changes",
                name=name,
            )
            for name in self._store.triggers_missing()
        ]
        return lost + [flaw.detail for flaw in self._flaws if not flaw.grave]

    @cached_property
    def _flaws(self) -> list[Flaw]:
        try:
            return self._snapshot.flaws()
        except StoreCorrupt as error:
            return [Flaw("", None, error.message, grave=True)]


def _bytes(value: object) -> bytes:
    """What stands where bytes should: SQLite keeps a value of any type in any column."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@contextmanager
def live_source(store: Store, blobs: BlobStore | None, *, name: str) -> Iterator[LiveSource]:
    """The ledger as it stands now; appends meanwhile are not seen."""
    with store.snapshot() as snapshot:
        yield LiveSource(store, snapshot, blobs, name)
