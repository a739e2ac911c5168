"""Attachments on their way up: what has come so far of each, in files that survive a restart.

    part = uploads.part(keyid, sha256)
    with uploads.writing(part) as stream: …        # goes on where it ended
    uploads.sweep()                                 # what nobody has gone on with for days

One file for each key and digest, ``uploads/<key>-<digest>.part`` below the ledger's folder; its length is the offset.
Nobody can spoil what somebody else is sending, and a device that has forgotten everything but the file still finds
where it was. What it leaves to others: who may send (`blobs`), and what becomes of a whole file (`ledger.store.blobs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ledger.messages import Message
from ledger.store.faults import translated
from ledger_web.faults import OutOfStep

HOUR_MS = 3_600_000


class Uploads:
    """See the module docstring. For one event loop: writing is claimed, not locked."""

    def __init__(self, directory: Path, *, hours: int, clock: Callable[[], int]) -> None:
        self._folder = directory / "uploads"
        self._life_ms = hours * HOUR_MS
        self._clock = clock
        self._busy: set[Path] = set()

    def part(self, keyid: str, sha256: str) -> Path:
        """Where a key's upload of a digest lies, there or not; both are lower-case hexadecimal."""
        return self._folder / f"{keyid[:32]}-{sha256}.part"

    def offset(self, part: Path) -> int | None:
        """How much of it has come; None when nothing was sent, or it has been swept."""
        with translated(part):
            return part.stat().st_size if part.is_file() else None

    @contextmanager
    def writing(self, part: Path) -> Iterator[BinaryIO]:
        """The file, to be written behind what it has. Raises: OutOfStep while somebody else writes; StoreFull …"""
        if part in self._busy:
            raise OutOfStep(
                Message(
                    "another request is sending this file now: wait for its end, then ask with HEAD how far it came"
                ),
                field="Upload-Offset",
                headers={"connection": "close"},
            )
        self._busy.add(part)
        try:
            with translated(part):
                self._folder.mkdir(mode=0o700, exist_ok=True)
                with part.open("ab") as stream:
                    yield stream
        finally:
            self._busy.discard(part)

    def waiting(self) -> tuple[int, int]:
        """How many uploads are unfinished, and their bytes."""
        sizes = [part.stat().st_size for part in self._parts()]
        return len(sizes), sum(sizes)

    def sweep(self) -> int:
        """Remove what nobody has gone on with for too long; how many."""
        before = (self._clock() - self._life_ms) / 1000
        old = [part for part in self._parts() if part not in self._busy and part.stat().st_mtime < before]
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    def _parts(self) -> list[Path]:
        return sorted(self._folder.glob("*.part")) if self._folder.is_dir() else []
