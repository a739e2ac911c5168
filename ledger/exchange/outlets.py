"""Where a published ledger is written to: a folder that others may be reading, or a zip file.

What it does: gives every file its name only when its bytes are whole and on the disk, and the `checkpoint` last of all,
so that a reader, a crash or a full disk finds one published state or the next. What goes in is `bundle`'s choice.

    with FolderOutlet(Path("site")) as outlet:
        outlet.put("tile/0/000", tile)
        outlet.finish(note)
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from ledger.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly
from ledger.exchange.layout import CHECKPOINT, CHUNK
from ledger.messages import Message
from ledger.store.files import scratch_beside, sync_directory

try:
    import fcntl
except (
    ImportError
):  # pragma: no cover - Windows has no such lock; there two publishers are the user's to avoid
    fcntl = None  # type: ignore[assignment]

_SCRATCH: Final = re.compile(r"\..+\.[0-9a-f]{16}\.new")
"""The names `scratch_beside` makes."""
_DAY_ONE: Final = (1980, 1, 1, 0, 0, 0)
"""The same ledger gives the same zip, whenever it is made."""


class Outlet(ABC):
    """A place for the layout. Nothing in it counts before `finish`; leaving without it keeps what stood before."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.files = 0
        self.bytes = 0

    @abstractmethod
    def holds(self, path: str, size: int | None = None) -> bool:
        """Whether a file, of that many bytes if given, is there from before. Its bytes are not looked at."""

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Write a file. Raises: StoreFull, StoreReadOnly, StoreError."""

    @abstractmethod
    def copy(self, path: str, file: Path, sha256: str) -> bool:
        """Write a copy of `file` unless its bytes do not have the digest; whether it was written."""

    @abstractmethod
    def finish(self, note: bytes) -> None:
        """Bring everything to the disk, then let `note` be the checkpoint."""

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def _count(self, size: int) -> None:
        self.files += 1
        self.bytes += size


class FolderOutlet(Outlet):
    """A folder, made if need be. One publisher at a time: a second one would put an older checkpoint over a newer.

    Raises on entering: StoreBusy while another publishes.
    """

    def __init__(self, target: Path) -> None:
        super().__init__(target)
        self._touched: set[Path] = set()
        self._descriptor: int | None = None
        self._is_new = not target.exists()

    def __enter__(self) -> Self:
        with explained(self.target):
            self._make(self.target)
            if fcntl is not None:
                self._descriptor = os.open(self.target, os.O_RDONLY | os.O_CLOEXEC)
                self._lock(self._descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if error is not None and self._is_new:
            with suppress(OSError):  # not empty: what was written so far will be used by the next try
                self.target.rmdir()

    def holds(self, path: str, size: int | None = None) -> bool:
        try:
            found = (self.target / path).stat().st_size
        except OSError:
            return False
        return found > 0 if size is None else found == size

    def put(self, path: str, data: bytes) -> None:
        full = self.target / path
        with explained(full):
            if full.is_file() and full.stat().st_size == len(data) and full.read_bytes() == data:
                return
            with self._new(full) as stream:
                stream.write(data)
        self._count(len(data))

    def copy(self, path: str, file: Path, sha256: str) -> bool:
        full = self.target / path
        with explained(full), file.open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
                return False
            source.seek(0)
            with self._new(full) as stream:
                self._count(_pour(source, stream))
        return True

    def finish(self, note: bytes) -> None:
        with explained(self.target):
            for folder in sorted(self._touched):
                sync_directory(folder)
            self._touched.clear()
        self.put(CHECKPOINT, note)
        with explained(self.target):
            sync_directory(self.target)

    def sweep(self, keep: set[str]) -> None:
        """Remove what no reader needs any more: scratch files, and partial tiles whose full tile is there.

        Partial tiles in `keep` stay (C2SP tlog-tiles lets a log drop the others).
        """
        with explained(self.target):
            for file in self.target.iterdir():
                if _SCRATCH.fullmatch(file.name):
                    file.unlink(missing_ok=True)
            for top in ("tile", "blobs"):
                for folder, _, names in os.walk(self.target / top):
                    self._sweep_folder(Path(folder), names, keep)

    def _sweep_folder(self, folder: Path, names: list[str], keep: set[str]) -> None:
        superseded = folder.suffix == ".p" and folder.with_suffix("").is_file()
        for file in map(folder.joinpath, names):
            unneeded = superseded and file.relative_to(self.target).as_posix() not in keep
            if unneeded or _SCRATCH.fullmatch(file.name):
                file.unlink(missing_ok=True)
        if superseded:
            with suppress(OSError):  # some are kept
                folder.rmdir()

    @contextmanager
    def _new(self, full: Path) -> Iterator[IO[bytes]]:
        """A file written beside `full`, which gets the name when its bytes are on the disk."""
        self._make(full.parent)
        scratch = scratch_beside(full)
        try:
            with scratch.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(full)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
        self._touched.add(full.parent)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            self._touched.add(folder.parent)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            self._descriptor = None
            raise StoreBusy(
                "{target} is being published to right now: wait until that has ended", target=self.target
            ) from None
        except OSError:
            pass  # a file system without locks


class ZipOutlet(Outlet):
    """A zip file, written beside its name and put in place whole. Hashes do not shrink, so only entries are packed."""

    def __init__(self, target: Path) -> None:
        super().__init__(target)
        self._scratch = scratch_beside(target)

    def __enter__(self) -> Self:
        with explained(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._zip = zipfile.ZipFile(self._scratch, "x", zipfile.ZIP_STORED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, ValueError):  # a full disk cannot take the zip's directory either
            self._zip.close()
        self._scratch.unlink(missing_ok=True)

    def holds(self, path: str, size: int | None = None) -> bool:
        return False

    def put(self, path: str, data: bytes) -> None:
        with explained(self.target):
            self._zip.writestr(_info(path), data, compresslevel=6)
        self._count(len(data))

    def copy(self, path: str, file: Path, sha256: str) -> bool:
        with explained(self.target), file.open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
                return False
            source.seek(0)
            with self._zip.open(_info(path), "w", force_zip64=True) as stream:
                self._count(_pour(source, stream))
        return True

    def finish(self, note: bytes) -> None:
        self.put(CHECKPOINT, note)
        with explained(self.target):
            self._zip.close()
            with self._scratch.open("rb") as stream:
                os.fsync(stream.fileno())
            self._scratch.replace(self.target)
            sync_directory(self.target.parent)


_STANDS: Final = Message("What was published before is whole")
_PUBLISH: Final = Message("publish")


@contextmanager
def explained(path: Path, *, stands: Message = _STANDS, again: Message = _PUBLISH) -> Iterator[None]:
    """What the system raises leaves as an error of ours: what it `stands` at, and what to do `again` afterwards."""
    try:
        yield
    except OSError as error:
        detail = error.strerror or str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StoreFull(
                "no room to write {path} ({detail}). {stands}: free some space and {again} again",
                path=path,
                detail=detail,
                stands=stands,
                again=again,
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreReadOnly(
                "no permission to write {path} ({detail}). {stands}: check owner and mode, then {again} again",
                path=path,
                detail=detail,
                stands=stands,
                again=again,
            ) from error
        raise StoreError(
            "{path} cannot be written ({detail}). {stands}: {again} again to another place",
            path=path,
            detail=detail,
            stands=stands,
            again=again,
        ) from error


def _info(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _DAY_ONE)
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if path.startswith("tile/entries/") else zipfile.ZIP_STORED
    return info


def _pour(source: IO[bytes], target: IO[bytes]) -> int:
    size = 0
    while piece := source.read(CHUNK):
        size += target.write(piece)
    return size
