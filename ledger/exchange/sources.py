"""Where a published ledger is read from: a folder, a zip file, a web server.

    with open_source("backup.zip") as source:       # or a folder, or https://…
        report = verify(source)

What it does: gives the bytes under a name of the layout, from a folder or from a zip that is read without unpacking it.
Both are read strictly: only plain files, only names that the layout knows, nothing larger than it can be.

What it leaves to others: the layout itself (`layout`), the web (`source_http`), a ledger's own database, and every
judgement on what is read (`ledger.audit`).
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from ledger.errors import SourceError
from ledger.exchange.layout import CHECKPOINT, CHUNK, MAX_NOTE, LayoutSource

if TYPE_CHECKING:
    from ledger.exchange.sign_in import SignIn

__all__ = ["DirectorySource", "ZipSource", "open_source"]

_WEB = ("http://", "https://")
_METHODS: Final = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_MAX_RATIO: Final = 1_100
"""Deflate cannot do better than 1 : 1,032; what claims more lies about a size."""
_ENCRYPTED: Final = 0x1
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises on damaged or foreign input."""


def open_source(
    target: str, *, sign_in: SignIn | None = None, authority: bytes | None = None
) -> LayoutSource:
    """The published ledger at a folder, a .zip file or an http(s) URL. Close it, or use it as a context manager.

    For a URL, `sign_in` is who reads there and `authority` the certificate of whoever vouches for the server.
    Raises: SourceError when there is none, with what is there instead.
    """
    if target.lower().startswith(_WEB):
        from ledger.exchange.source_http import HttpSource  # noqa: PLC0415 - httpx takes a while to import

        return HttpSource(target, sign_in=sign_in, authority=authority)
    if "://" in target:
        raise SourceError(
            "{target}: only http:// and https:// can be read; for files give the plain path", target=target
        )
    path = Path(target)
    if path.is_dir():
        return DirectorySource(path)
    endless = (
        path.exists() and not path.is_file()
    )  # a device or a pipe, in which there is no directory to look for
    if not endless and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
        return ZipSource(path)
    if not path.exists():
        raise SourceError("{target}: there is no such file or folder", target=target)
    raise SourceError(
        "{target} is neither a folder, a .zip file nor a URL: give a published ledger", target=target
    )


class DirectorySource(LayoutSource):
    """A published ledger in a folder. Raises: SourceError when the folder holds no checkpoint."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory))
        self._directory = directory
        self._checkpoint = self._short(CHECKPOINT, MAX_NOTE)
        if self._checkpoint is None:
            if (directory / "ledger.db").exists():
                raise SourceError(
                    "{directory} holds no `checkpoint`: give the folder that a ledger was published to, not that "
                    "of a live ledger",
                    directory=directory,
                )
            raise SourceError(
                "{directory} holds no `checkpoint`: give the folder that a ledger was published to",
                directory=directory,
            )

    def read(self, path: str, limit: int) -> bytes | None:
        stream = self._open(path)
        if stream is None:
            return None
        with stream:
            return self._checked(path, stream, limit + 1)

    def stream(self, path: str) -> Iterator[bytes] | None:
        stream = self._open(path)
        return None if stream is None else self._pieces(path, stream)

    def listing(self) -> Iterator[str]:
        for folder, _, names in os.walk(self._directory, onerror=_unlistable):
            inside = Path(folder).relative_to(self._directory)
            for name in names:
                yield (inside / name).as_posix()

    def widths(self, full: str) -> list[int]:
        try:
            names = [path.name for path in (self._directory / f"{full}.p").iterdir()]
        except OSError:
            return []
        return [int(name) for name in names if name.isascii() and name.isdigit()]

    def _open(self, path: str) -> IO[bytes] | None:
        """The file, None when absent. Plain files only: a pipe or device in its place would never end."""
        full = self._directory / path
        try:
            if not stat.S_ISREG(full.stat().st_mode):
                raise SourceError(
                    "{full} is no plain file: replace it by the one that was published", full=full
                )
            return full.open("rb")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(full, error) from error

    def _checked(self, path: str, stream: IO[bytes], size: int) -> bytes:
        try:
            return stream.read(size)
        except OSError as error:
            raise _unreadable(self._directory / path, error) from error

    def _pieces(self, path: str, stream: IO[bytes]) -> Iterator[bytes]:
        with stream:
            while piece := self._checked(path, stream, CHUNK):
                yield piece


class ZipSource(LayoutSource):
    """A published ledger in a zip file, at its root or inside one folder. It is read in place, never unpacked.

    Raises: SourceError when it is no zip, holds no checkpoint or more than one, or holds a name twice.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        try:
            self._zip = zipfile.ZipFile(file)
        except OSError as error:
            raise _unreadable(file, error) from error
        except _BROKEN_ZIP as error:
            raise SourceError(
                "{file} is no whole zip file ({error}): copy it again from where it was made",
                file=file,
                error=error,
            ) from error
        try:
            self._infos = self._index()
            self._top = self._find_top()
        except BaseException:
            self._zip.close()
            raise

    def read(self, path: str, limit: int) -> bytes | None:
        info = self._infos.get(self._top + path)
        if info is None:
            return None
        with self._opened(path, info) as stream:
            return self._checked(path, stream, limit + 1)

    def stream(self, path: str) -> Iterator[bytes] | None:
        info = self._infos.get(self._top + path)
        return None if info is None else self._pieces(path, info)

    def listing(self) -> Iterator[str]:
        for name in self._infos:
            # what lies outside the top folder keeps its whole name and so counts as stray
            yield name.removeprefix(self._top)

    def widths(self, full: str) -> list[int]:
        names = (f"{self._top}{full}.p/{width}" for width in range(1, 256))
        return [width for width, name in enumerate(names, 1) if name in self._infos]

    def close(self) -> None:
        self._zip.close()

    def _index(self) -> dict[str, zipfile.ZipInfo]:
        infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            if info.filename in infos:
                raise SourceError(
                    "{name} holds {filename!r} twice, so that two readers may see two ledgers",
                    name=self._name,
                    filename=info.filename,
                )
            infos[info.filename] = info
        return infos

    def _find_top(self) -> str:
        if CHECKPOINT in self._infos:
            return ""
        tops = [
            name.removesuffix(CHECKPOINT)
            for name in self._infos
            if name.count("/") == 1 and name.endswith(f"/{CHECKPOINT}")
        ]
        if len(tops) == 1:
            return tops[0]
        if tops:
            raise SourceError(
                "{name} holds several ledgers ({tops}): zip each by itself",
                name=self._name,
                tops=", ".join(sorted(tops)[:5]),
            )
        raise SourceError(
            "{name} holds no `checkpoint`, at its root or in one folder: this is no published ledger",
            name=self._name,
        )

    def _opened(self, path: str, info: zipfile.ZipInfo) -> IO[bytes]:
        if info.flag_bits & _ENCRYPTED:
            raise SourceError(
                "{path} is encrypted: unpack the zip with its password and give the folder",
                path=self.at(path),
            )
        if info.compress_type not in _METHODS:
            raise SourceError(
                "{path} is packed by method {compress_type}: zip it again with `deflate`",
                path=self.at(path),
                compress_type=info.compress_type,
            )
        if info.file_size > _MAX_RATIO * max(info.compress_size, 1):
            raise SourceError(
                "{path} claims {file_size} bytes from {compress_size} packed ones: this is no honest zip",
                path=self.at(path),
                file_size=info.file_size,
                compress_size=info.compress_size,
            )
        try:
            return self._zip.open(info)
        except OSError as error:
            raise _unreadable(Path(self._name), error) from error
        except _BROKEN_ZIP as error:
            raise self._broken(path, error) from error

    def _checked(self, path: str, stream: IO[bytes], size: int) -> bytes:
        try:
            return stream.read(size)
        except OSError as error:
            raise _unreadable(Path(self._name), error) from error
        except _BROKEN_ZIP as error:
            raise self._broken(path, error) from error

    def _broken(self, path: str, error: Exception) -> SourceError:
        return SourceError(
            "{path} is damaged ({error}): copy the zip again from where it was made",
            path=self.at(path),
            error=error,
        )

    def _pieces(self, path: str, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._opened(path, info) as stream:
            while piece := self._checked(path, stream, CHUNK):
                yield piece


def _unreadable(path: Path, error: OSError) -> SourceError:
    detail = error.strerror or str(error)
    return SourceError(
        "{path} cannot be read ({detail}): check the path, its owner and mode, and the disk",
        path=path,
        detail=detail,
    )


def _unlistable(error: OSError) -> None:
    raise _unreadable(Path(str(error.filename)), error)
