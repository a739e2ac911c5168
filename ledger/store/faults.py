"""Database errors as errors of ours: what is wrong, in which file, and what to do next.

What it does: turns what sqlite3, SQLAlchemy and the operating system raise into the StoreErrors of
`ledger.errors`. What it leaves to others: noticing. Callers wrap their work in `translated(path)` or call
`fault`.

>>> error = sqlite3.OperationalError("database is locked"); error.sqlite_errorcode = sqlite3.SQLITE_BUSY
>>> fault(error, Path("market/ledger.db")).code
'StoreBusy'
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import exc

from ledger.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from ledger.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

# Primary result codes, https://www.sqlite.org/rescode.html
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN)
# Extended codes of SQLITE_IOERR. A full disk is SQLITE_FULL, but a quota, a limit on the size of files and
# the shared-memory file that cannot grow come as these.
_NO_ROOM = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_UNREADABLE = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)

_RESTORE = Message(
    "Keep the damaged file, and restore the ledger into a new directory from a published bundle"
)


#: What the driver, SQLAlchemy and the system raise. The driver gives no sqlite3.Error where the damage has reached
#: the text of its own message.
DATABASE_ERRORS = (sqlite3.Error, exc.SQLAlchemyError, OSError, UnicodeDecodeError)


def _full(path: Path, detail: str) -> StoreFull:
    return StoreFull(
        "no room to write {path} ({detail}). Nothing of this commit was recorded, all earlier entries are "
        "safe: free some space or raise the quota, then send the same statements again",
        path=path,
        detail=detail,
    )


def _busy(path: Path, detail: str) -> StoreBusy:
    return StoreBusy(
        "{path} is being written by another process ({detail}). Nothing was recorded: try again; if it "
        "stays so, end the process that holds the ledger open",
        path=path,
        detail=detail,
    )


def _corrupt(path: Path, detail: str) -> StoreCorrupt:
    return StoreCorrupt("{path} is damaged ({detail}). {restore}", path=path, detail=detail, restore=_RESTORE)


def _read_only(path: Path, detail: str) -> StoreReadOnly:
    return StoreReadOnly(
        "no permission to open or write {path} ({detail}). Check owner and mode of file and directory, "
        "or copy the whole directory to a place of your own",
        path=path,
        detail=detail,
    )


def _of_sqlite(error: sqlite3.Error, path: Path) -> StoreError:  # noqa: PLR0911 (a table of cases)
    detail = str(error)
    extended = getattr(error, "sqlite_errorcode", None)  # absent when the driver itself complains
    primary = None if extended is None else extended & 0xFF
    if primary in _BUSY:
        return _busy(path, detail)
    if primary == sqlite3.SQLITE_FULL or extended in _NO_ROOM:
        return _full(path, detail)
    if primary in _CORRUPT or extended in _UNREADABLE:
        return _corrupt(path, detail)
    if primary in _READ_ONLY:
        return _read_only(path, detail)
    if detail.startswith(("no such table", "no such column", "Could not decode")):
        return _corrupt(path, detail)
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return StoreError("the database refused it: {detail}. Nothing was recorded", detail=detail)
    if isinstance(error, sqlite3.ProgrammingError):
        return StoreError("{path} cannot be used: {detail}. Open the ledger again", path=path, detail=detail)
    return StoreError("{path}: {detail}. Nothing was recorded", path=path, detail=detail)


def _of_system(error: OSError, path: Path) -> StoreError:
    detail = error.strerror or str(error)
    where = Path(error.filename) if isinstance(error.filename, str) else path
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(where, detail)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _read_only(where, detail)
    return StoreError("{where}: {detail}", where=where, detail=detail)


def fault(error: Exception, path: Path) -> StoreError:
    """The StoreError that says what `error`, met while working on `path`, means to the user."""
    original = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(original, StoreError):
        return original
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(original, path)
    if isinstance(original, UnicodeDecodeError):
        return _corrupt(path, Message("text that is no text"))
    if isinstance(original, OSError):
        return _of_system(original, path)
    if isinstance(original, exc.TimeoutError):
        return _busy(path, Message("too many readers at once"))
    return StoreError("{path}: {original}", path=path, original=original)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Work on `path`; what the database or the system raises leaves as a StoreError."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise fault(error, path) from error
