"""Attachments: files stored under the digest of their bytes.

What it does: keeps each file as `blobs/sha256/ab/cdef…` (2 and 62 hexadecimal digits) below the ledger's
directory, the same layout that a published ledger has, and tells whether a file is still what its digest
says. A file is all there or not at all. What it leaves to others: which entry names which digest, and which
attachments may travel.

>>> from tempfile import mkdtemp
>>> store = BlobStore(mkdtemp())
>>> store.put(b"a certificate")[:12]
'81acd762140f'
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ledger.errors import UsageError
from ledger.store.faults import translated
from ledger.store.files import publish, scratch_beside, sync_directory, write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

State = Literal["intact", "absent", "tampered"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class BlobStore:
    """Attachments below a ledger's directory."""

    def __init__(self, directory: Path | str) -> None:
        """`directory`: the ledger's; nothing is made in it before the first `put`."""
        self._root = Path(directory) / "blobs" / "sha256"

    def path(self, sha256: str) -> Path:
        """Where the file of this digest belongs, there or not; UsageError if it is no digest."""
        if not _DIGEST.fullmatch(sha256):
            raise UsageError(
                "{sha256!r} is no SHA-256 digest: 64 lower-case hexadecimal digits are needed", sha256=sha256
            )
        return self._root / sha256[:2] / sha256[2:]

    def put(self, data: bytes) -> str:
        """Store a file and return its digest, 64 hexadecimal digits; raises StoreFull, StoreReadOnly.

        The same file again is renewed; a damaged one is put right.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        with translated(path):
            self.renew(sha256)  # before it is looked at: `forget` leaves it from here on
            if not (path.is_file() and _hash(path) == sha256):
                new = not path.parent.exists()
                path.parent.mkdir(parents=True, exist_ok=True)
                write_new(path, data, replace=True)
                if new:
                    sync_directory(self._root)
        return sha256

    def adopt(self, file: Path, sha256: str) -> bool:
        """Take in a file of the same file system if its bytes have this digest, else leave it; whether it was taken.

        Raises StoreFull, StoreReadOnly. For what is too large to be in memory.
        """
        path = self.path(sha256)
        with translated(path):
            with file.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                    return False
                os.fsync(stream.fileno())
            os.utime(file)
            new = not path.parent.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            publish(file, path, replace=True)
            if new:
                sync_directory(self._root)
        return True

    def open(self, sha256: str) -> Path | None:
        """The path of a stored file, or None; its bytes are not checked, see `verify`."""
        path = self.path(sha256)
        return path if path.is_file() else None

    def renew(self, sha256: str) -> Path | None:
        """The path of a stored file that somebody still needs, or None: `forget` counts from now."""
        path = self.path(sha256)
        with translated(path):
            try:
                os.utime(path)
            except FileNotFoundError:
                return None
        return path

    def older(self, sha256: str, before: float) -> bool:
        """Whether a stored file was last put or renewed before that time (unix seconds)."""
        path = self.path(sha256)
        with translated(path):
            return path.is_file() and path.stat().st_mtime < before

    def size(self, sha256: str) -> int | None:
        """Bytes of a stored file, or None."""
        path = self.path(sha256)
        with translated(path):
            return path.stat().st_size if path.is_file() else None

    def forget(self, sha256: str, before: float) -> bool:
        """Remove a file if it is `older`; whether it is gone. One that is renewed meanwhile stays."""
        path = self.path(sha256)
        if path.is_file() and not self.older(sha256, before):
            return False
        aside = scratch_beside(path)
        with translated(path):
            try:
                path.rename(aside)  # whoever renews it from here on finds nothing, and stores it anew
            except FileNotFoundError:
                return True
            if aside.stat().st_mtime >= before:
                publish(aside, path, replace=True)
                return False
            aside.unlink()
        return True

    def verify(self, sha256: str) -> State:
        """Whether the file is there and still what its digest says (format.md section 9)."""
        path = self.path(sha256)
        with translated(path):
            if not path.is_file():
                return "absent"
            return "intact" if _hash(path) == sha256 else "tampered"

    def digests(self) -> Iterator[str]:
        """Digests of all stored files, sorted; names that are no digest are passed over."""
        if not self._root.is_dir():
            return
        for folder in sorted(self._root.iterdir()):
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                if _DIGEST.fullmatch(folder.name + file.name):
                    yield folder.name + file.name
