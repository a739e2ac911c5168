"""Sealed values that can be erased: disclosures, kept beside the ledger and never in it.

What it does: keeps each disclosure (base64url text, RFC 9901 section 4.2.1) under its digest in a database
of its own, `disclosures.db`, and erases it so that the text is gone from the file, not only from its index:
SQLite overwrites what is deleted (`secure_delete`), the file keeps no write-ahead log that would hold a
copy, and what page moves may have left behind is looked for. What it leaves to others: making and opening
disclosures (`ledger.log.sealed`), backups and the disk's own history.

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
from pathlib import Path
from typing import Self

from ledger.errors import NotALedger, StoreTooNew
from ledger.store.faults import translated

FILE_NAME = "disclosures.db"
APPLICATION_ID = 0x434C4444  # "CLDD": custody ledger disclosures
SCHEMA_VERSION = 1

_SCHEMA = "CREATE TABLE IF NOT EXISTS disclosure (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID"


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
            raise NotALedger(f"{self.path} is a database of something else: move it away")
        if version > SCHEMA_VERSION:
            raise StoreTooNew(
                f"{self.path} has schema version {version}, this program knows {SCHEMA_VERSION}: "
                "install the newer program"
            )
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Not WAL: a log would keep what has been erased. The rollback journal is deleted with each commit.
        connection.execute("PRAGMA journal_mode = DELETE")
        if new:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute(_SCHEMA)

    def put(self, text: str) -> str:
        """Keep a disclosure and return its digest; the same one again changes nothing."""
        digest = digest_of(text)
        with self._lock, translated(self.path):
            connection = self._open(make=True)
            assert connection is not None  # noqa: S101 (made if missing)
            connection.execute(
                "INSERT OR IGNORE INTO disclosure (digest, text) VALUES (?, ?)", (digest, text)
            )
        return digest

    def get(self, digest: str) -> str | None:
        """The disclosure of this digest, or None: never there, or erased."""
        with self._lock, translated(self.path):
            connection = self._open(make=False)
            if connection is None:
                return None
            row = connection.execute("SELECT text FROM disclosure WHERE digest = ?", (digest,)).fetchone()
            return None if row is None else str(row[0])

    def erase(self, digest: str) -> bool:
        """Make a disclosure unrecoverable from the file; False if there was none."""
        with self._lock, translated(self.path):
            connection = self._open(make=False)
            if connection is None:
                return False
            row = connection.execute("SELECT text FROM disclosure WHERE digest = ?", (digest,)).fetchone()
            if row is None:
                return False
            connection.execute("DELETE FROM disclosure WHERE digest = ?", (digest,))
            if self._holds(str(row[0]).encode("ascii")):
                # Rows that moved from page to page can leave a copy in free space: write the file anew.
                connection.execute("VACUUM")
            return True

    def _holds(self, text: bytes) -> bool:
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return view.find(text) >= 0
