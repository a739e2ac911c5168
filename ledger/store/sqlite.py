"""A ledger in one SQLite file: `ledger.db`.

What it does: creates and opens the file, appends in one durable transaction, and gives readers the newest
state or a snapshot. One connection writes (other threads wait for it, other processes for the database's
own lock); readers take connections from a pool and never wait for the writer (WAL). What it leaves to
others: which bytes go in (`ledger.custody`), how reads are asked (`reading.py`, `reader.py`), what an error
of the database means (`faults.py`).

A commit writes entries, tiles, facts and the checkpoint together: after a crash the ledger ends at the last
commit.

>>> with SqliteStore.create(directory, origin="custody.example/a", vkey=vkey) as store:   # doctest: +SKIP
...     with store.writing() as transaction:
...         transaction.append([(0, entry)], [(0, 0, leaf)], {StatementFact: [fact]}, (1, note))
...     store.head().size
1
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ledger.errors import NotALedger, StoreBusy, StoreCorrupt, StoreError, StoreReadOnly, StoreTooOld
from ledger.store.base import Head
from ledger.store.engine import (
    SCHEMA_VERSION,
    create_database,
    data_version,
    driver,
    drop_fact_tables,
    finish_fact_tables,
    open_engine,
    set_version,
    writable,
)
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import FactBatch, FactRow
from ledger.store.faults import DATABASE_ERRORS, fault, translated
from ledger.store.reading import Reading, Statements, head_from
from ledger.store.transaction import Inserts, SqliteSnapshot, SqliteTransaction
from ledger.store.triggers import ALL_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.pool import PoolProxiedConnection

    from ledger.store.statements import Values

FILE_NAME = "ledger.db"
BUSY_TIMEOUT = 30.0
WRITER_CACHE_KIB = 32 * 1024
"""What a writer keeps of the file at most: a commit touches many pages of the same indexes again and again."""


class SqliteStore(Reading):
    """A ledger in a directory; see `base.Store`. Made by `create` or `open`, ended by `close` or `with`."""

    def __init__(self, directory: Path, *, read_only: bool, busy_timeout: float) -> None:
        """Use `open` or `create`."""
        self.path = directory / FILE_NAME
        self._busy_timeout = busy_timeout
        self._engine, unchanging, self._version = open_engine(self.path, busy_timeout=busy_timeout)
        self.read_only = read_only or not writable(self.path)
        self._stamp = self._file_stamp() if unchanging else None
        statements = Statements(self._engine.dialect)
        super().__init__(self._rows, statements)
        self._inserts = Inserts(self._engine.dialect)
        self._lock = threading.RLock()
        self._main: PoolProxiedConnection | None = (
            None  # the writing connection, kept while the store is open
        )
        self._transaction: SqliteTransaction | None = None
        self._main_head: tuple[int, Head] | None = (
            None  # (data version, head) as the writing connection saw it
        )
        self._generation = 0
        self._closed = False
        try:
            self.origin, self.vkey = self._meta("origin"), self._meta("vkey")
            self.generation()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(
        cls, directory: Path | str, *, origin: str, vkey: str, busy_timeout: float = BUSY_TIMEOUT
    ) -> Self:
        """Make a new, empty ledger in a directory, which is made if need be; raises StoreExists."""
        directory = Path(directory)
        create_database(directory / FILE_NAME, {"origin": origin, "vkey": vkey})
        return cls(directory, read_only=False, busy_timeout=busy_timeout)

    @classmethod
    def open(
        cls,
        directory: Path | str,
        *,
        read_only: bool = False,
        busy_timeout: float = BUSY_TIMEOUT,
        derive: Callable[[Self], Iterator[FactBatch]] | None = None,
    ) -> Self:
        """Open the ledger of a directory; nothing is made if there is none.

        Without permission to write, the ledger opens for reading all the same and `read_only` says so.
        `busy_timeout`: seconds to wait for another writer. `derive` gives all facts, where an older program has laid
        them out otherwise. Raises NotALedger, StoreTooNew, StoreTooOld, StoreCorrupt.
        """
        store = cls(Path(directory), read_only=read_only, busy_timeout=busy_timeout)
        try:
            if store._version < SCHEMA_VERSION:
                store._renew(derive)
        except BaseException:
            store.close()
            raise
        return store

    def _renew(self, derive: Callable[[Self], Iterator[FactBatch]] | None) -> None:
        """Bring the facts into this program's layout. Raises: StoreTooOld where that cannot be."""
        if derive is None or self.read_only:
            raise StoreTooOld(
                "{path} has facts in the layout of schema version {version}: let its owner open the ledger once with "
                "this program, which makes them anew from the entries",
                path=self.path,
                version=self._version,
            )
        try:
            self.replace_facts(derive(self))
        except StoreCorrupt as error:
            raise StoreTooOld(
                "{path} has facts in the layout of schema version {version}, and they cannot be made anew ({problem}). "
                "Nothing was changed: verify the ledger with the program that made it, and restore it from a bundle",
                path=self.path,
                version=self._version,
                problem=error.placed,
            ) from error

    def _meta(self, name: str) -> str:
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        if not rows:
            raise NotALedger(
                "{path} does not say its {name}: it is no ledger, or not a whole one",
                path=self.path,
                name=name,
            )
        return str(rows[0][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back everything; what was committed stays. Closing twice does no harm."""
        with self._lock:
            self._closed = True
            if self._main is not None:
                self._main.close()
                self._main = None
            self._engine.dispose()

    # Connections

    def _file_stamp(self) -> tuple[int, int, bool]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns, self.path.with_name(self.path.name + "-wal").exists()

    def _borrow(self) -> PoolProxiedConnection:
        if self._closed:
            raise StoreError("{path} has been closed: open the ledger again", path=self.path)
        if self._stamp is not None and self._stamp != self._file_stamp():
            raise StoreBusy(
                "{path} was opened as unchanging and has been changed: open the ledger again", path=self.path
            )
        try:
            return self._engine.raw_connection()
        except DATABASE_ERRORS as error:
            raise fault(error, self.path) from error

    def _rows(self, sql: str, values: Values) -> list[Values]:
        borrowed = self._borrow()
        try:
            return driver(borrowed).execute(sql, values).fetchall()
        except DATABASE_ERRORS as error:
            raise fault(error, self.path) from error
        finally:
            borrowed.close()

    def _writer(self) -> sqlite3.Connection:
        if self._main is None:
            self._main = self._borrow()
            self._main_head = None
            if not self.read_only:
                connection = driver(self._main)
                connection.execute("PRAGMA query_only = OFF")
                connection.execute("PRAGMA journal_mode = WAL")
                # A commit that is called off, however big, has left nothing in the file or its log.
                connection.execute("PRAGMA cache_spill = OFF")
                connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        return driver(self._main)

    def _forget_writer(self) -> None:
        if self._main is not None:
            self._main.invalidate()
            self._main = None

    # Reading

    @property
    def fact_tables(self) -> tuple[type[FactRow], ...]:
        return tuple(FACT_TABLES)

    def head(self) -> Head:
        borrowed = self._borrow()
        try:
            with translated(self.path):
                connection = driver(borrowed)
                version = data_version(connection)
                known: tuple[int, Head] | None = borrowed.info.get("head")
                if known is None or known[0] != version:
                    # A commit between the two reads makes the head newer than its version: read again next
                    # time.
                    known = borrowed.info["head"] = (version, self._read_head(connection)[0])
                return known[1]
        finally:
            borrowed.close()

    def _read_head(self, connection: sqlite3.Connection) -> tuple[Head, bool]:
        return head_from(
            self._statements.newest.rows(lambda sql, values: connection.execute(sql, values).fetchall())
        )

    def generation(self) -> int:
        # While another thread of this store writes, nobody else can commit, so what it saw is still true.
        if self._lock.acquire(blocking=False):
            try:
                with translated(self.path):
                    self._generation = data_version(self._writer())
            finally:
                self._lock.release()
        return self._generation

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        borrowed = self._borrow()
        try:
            with translated(self.path):
                connection = driver(borrowed)
                connection.execute("BEGIN")
                snapshot = SqliteSnapshot(connection, self.path, self._statements)
            try:
                yield snapshot
            finally:
                snapshot.ended = True
        finally:
            borrowed.close()  # the pool rolls back

    def triggers_missing(self) -> list[str]:
        found: dict[str, str] = dict(
            self._rows("SELECT name, sql FROM sqlite_schema WHERE type = ?", ("trigger",))
        )
        return [name for name, sql in ALL_TRIGGERS.items() if found.get(name) != sql]

    # Writing

    @contextmanager
    def _exclusive(self) -> Iterator[sqlite3.Connection]:
        """Hold the store's lock and the database's; commit on leaving, roll back on an exception."""
        if self.read_only:
            raise StoreReadOnly(
                "{path} is open for reading only: open it with permission to write", path=self.path
            )
        if not self._lock.acquire(timeout=self._busy_timeout):
            raise StoreBusy(
                "{path} is being written by another thread. Nothing was recorded: try again", path=self.path
            )
        try:
            if self._transaction is not None:
                raise StoreError("a transaction is open in this thread already: append to that one")
            with translated(self.path):
                connection = self._writer()
                connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                with translated(self.path):
                    connection.execute("COMMIT")
            except BaseException:
                self._main_head = None
                try:
                    connection.rollback()  # does nothing where SQLite has rolled back by itself
                except sqlite3.Error:
                    self._forget_writer()
                raise
        finally:
            self._lock.release()

    def _writing_head(self, connection: sqlite3.Connection) -> Head:
        """The head inside BEGIN IMMEDIATE; raises StoreCorrupt if nothing can be appended to it."""
        self._generation = data_version(connection)
        if self._main_head is not None and self._main_head[0] == self._generation:
            return self._main_head[1]
        head, whole = self._read_head(connection)
        if not whole:
            raise StoreCorrupt(
                "{path}: the last checkpoint is for {head_size} entries, the entries do not end there. "
                "Verify the ledger and restore it from a published bundle",
                path=self.path,
                head_size=head.size,
            )
        if head.size and not (head.root and head.recorded_at_ms):
            raise StoreCorrupt(
                "{path}: the last checkpoint has no root or the last entry no time. "
                "Verify the ledger and restore it from a published bundle",
                path=self.path,
                index=head.size - 1,
            )
        return head

    @contextmanager
    def writing(self) -> Iterator[SqliteTransaction]:
        with self._exclusive() as connection:
            with translated(self.path):
                head = self._writing_head(connection)
            transaction = SqliteTransaction(connection, self.path, self._statements, self._inserts, head)
            self._transaction = transaction
            try:
                yield transaction
            finally:
                self._transaction = None
                transaction.ended = True
            if transaction.failed:
                raise StoreError("an append in this transaction has failed: nothing was recorded")
        self._main_head = (self._generation, transaction.head)

    def replace_facts(self, batches: Iterator[FactBatch]) -> None:
        with self._exclusive() as connection:
            with translated(self.path):
                head = self._writing_head(connection)
                drop_fact_tables(connection)
            for batch in batches:
                with translated(self.path):
                    for row, rows in batch.items():
                        connection.executemany(self._inserts.facts[row], rows)
            with translated(self.path):
                finish_fact_tables(connection)
                if self._version < SCHEMA_VERSION:
                    set_version(connection)
                count, highest = connection.execute(
                    'SELECT count(*), max("index") FROM fact_statement'
                ).fetchone()
            if count != head.size or (highest is not None and highest != head.size - 1):
                raise StoreError(
                    "the facts cover {count} entries, the ledger has {head_size}: rebuild from all entries",
                    count=count,
                    head_size=head.size,
                )
        self._version = SCHEMA_VERSION
