"""Sealed values that can be erased: disclosures, kept beside the ledger and never in it.

What it does: keeps each disclosure (base64url text, RFC 9901 section 4.2.1) under its digest in a database of its own,
`disclosures.db`, and erases it so that the text is gone from the file, not only from its index. What it leaves to
others: making and opening disclosures (`ledger.log.sealed`), backups and the disk's own history.

Deleting a row is not enough: when SQLite moves rows from page to page, copies stay behind in free space, also under
`secure_delete`. Therefore texts are only ever added at the end, where nothing moves, and erased by overwriting them in
place with as many zeros; the row stays as an empty seat. There is no write-ahead log, which would hold a copy. After
each erasure the file is searched, and written anew if something was left after all.

>>> from tempfile import mkdtemp
>>> with Disclosures(mkdtemp()) as disclosures:
...     digest = disclosures.put("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0")
...     digest, disclosures.erase(digest), disclosures.get(digest)
('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0', True, None)
"""

from __future__ import annotations

import base64
import hashlib
import mmap
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ledger.errors import NotALedger, StoreCorrupt, StoreTooNew
from ledger.store.faults import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "disclosures.db"
APPLICATION_ID = 0x434C4444  # "CLDD": custody ledger disclosures
SCHEMA_VERSION = 1

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS content (place INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS disclosure (digest TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID",
)
_FIND = "SELECT place, text FROM disclosure JOIN content USING (place) WHERE digest = ?"
# The search looks for this many pieces of a text, each of this length.
_PIECES, _PIECE = 16, 32


def digest_of(text: str) -> str:
    """base64url without padding of SHA-256 of the disclosure's ASCII text (RFC 9901 section 4.2.3)."""
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class Disclosures:
    """The disclosures below a ledger's directory. May be shared by threads."""

    def __init__(self, directory: Path | str, *, busy_timeout: float = 30.0) -> None:
        """`directory`: the ledger's; the file is made by the first `put`. Raises NotALedger, StoreTooNew."""
        self.path = Path(directory) / FILE_NAME
        self._busy_timeout = busy_timeout
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self, *, make: bool) -> sqlite3.Connection | None:
        if self._connection is not None:
            return self._connection
        if not make and not self.path.exists():
            return None
        mode = "rwc" if make else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        new = application == 0 and not connection.execute("SELECT 1 FROM sqlite_schema").fetchall()
        if not new and application != APPLICATION_ID:
            raise NotALedger("{path} is a database of something else: move it away", path=self.path)
        if version > SCHEMA_VERSION:
            raise StoreTooNew(
                "{path} has schema version {version}, this program knows {schema_version}: "
                "install the newer program",
                path=self.path,
                version=version,
                schema_version=SCHEMA_VERSION,
            )
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Not WAL: a log would keep what has been erased. The rollback journal is deleted with each commit.
        connection.execute("PRAGMA journal_mode = DELETE")
        if new:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        for table in _SCHEMA:
            connection.execute(table)

    @contextmanager
    def _writing(self, *, make: bool) -> Iterator[sqlite3.Connection | None]:
        with self._lock, translated(self.path):
            connection = self._open(make=make)
            if connection is None:
                yield None
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def put(self, text: str) -> str:
        """Keep a disclosure and return its digest; the same one again changes nothing."""
        digest = digest_of(text)
        with self._writing(make=True) as connection:
            if connection is not None and connection.execute(_FIND, (digest,)).fetchone() is None:
                place = connection.execute("INSERT INTO content (text) VALUES (?)", (text,)).lastrowid
                connection.execute("INSERT INTO disclosure (digest, place) VALUES (?, ?)", (digest, place))
        return digest

    def get(self, digest: str) -> str | None:
        """The disclosure of this digest, or None: never there, or erased.

        Raises: StoreCorrupt for a text that has not this digest: nobody has sealed it, so nobody is shown it.
        """
        with self._lock, translated(self.path):
            connection = self._open(make=False)
            row = None if connection is None else connection.execute(_FIND, (digest,)).fetchone()
        if row is None:
            return None
        text = str(row[1])
        if not text.isascii() or digest_of(text) != digest:
            raise StoreCorrupt(
                "{path} holds another text than the one sealed as {digest}: somebody has changed it. Keep the "
                "file, and put back a copy of it from before",
                path=self.path,
                digest=digest,
            )
        return text

    def erase(self, digest: str) -> bool:
        """Make a disclosure unrecoverable from the file; False if there was none."""
        with self._writing(make=False) as connection:
            row = None if connection is None else connection.execute(_FIND, (digest,)).fetchone()
            if connection is None or row is None:
                return False
            place, text = int(row[0]), str(row[1])
            # The same length and type: SQLite then writes over the old bytes, wherever they lie.
            connection.execute("UPDATE content SET text = ? WHERE place = ?", ("0" * len(text), place))
            connection.execute("DELETE FROM disclosure WHERE digest = ?", (digest,))
        with self._lock, translated(self.path):
            if self._holds(text.encode("ascii")) and (connection := self._open(make=False)) is not None:
                connection.execute("VACUUM")
        return True

    def _holds(self, text: bytes) -> bool:
        step = max(_PIECE, len(text) // _PIECES)
        pieces = [text[start : start + _PIECE] for start in range(0, max(1, len(text) - _PIECE + 1), step)]
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return any(view.find(piece) >= 0 for piece in pieces)
