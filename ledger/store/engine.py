"""Connections to a SQLite ledger file, its schema and its version.

What it does: makes the file (page size, WAL, tables, indexes, triggers, in one transaction, under its name
only when complete), opens it, refuses what is no ledger or of another version, and sets the pragmas of every
connection. Transactions are begun and ended by hand (`BEGIN`, `BEGIN IMMEDIATE`, `COMMIT`): the driver
never begins one of its own. What it leaves to others: what goes in (`sqlite.py`), what the schema is
(`tables.py`, `facts.py`, `triggers.py`).

The file says twice what it is: in its head (`PRAGMA application_id`, `PRAGMA user_version`) for tools that
look at files, and in `meta`, where the triggers guard it.

    version 2    the first that is still read
    version 3    batches by GTIN and trace code, grants by scope. Facts only: they are made anew from the entries

>>> hex(APPLICATION_ID), SCHEMA_VERSION
('0x434c4447', 3)
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.errors import NotALedger, StoreCorrupt, StoreExists, StoreReadOnly, StoreTooNew, StoreTooOld
from ledger.messages import Message
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.faults import translated
from ledger.store.files import publish, scratch_beside
from ledger.store.tables import LEDGER_TABLES
from ledger.store.triggers import ALL_TRIGGERS, fact_triggers, ledger_triggers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect, Engine
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

#: "CLDG": custody ledger.
APPLICATION_ID = 0x434C4447
SCHEMA_VERSION = 3
OLDEST = 2
"""Since this version only facts have changed: entries, tiles and checkpoints are kept as they are."""
PAGE_SIZE = 8192

_DIALECT: Dialect = sqlite.dialect()

_UNMERGED = Message(
    "Its log holds commits not yet merged: let its owner open the ledger once, or copy file and log"
)

_PRAGMAS = (
    "PRAGMA foreign_keys = OFF",  # there are none: facts are rebuilt, entries never go
    "PRAGMA synchronous = FULL",  # a commit that was answered survives a power cut
    "PRAGMA query_only = ON",  # only the store's one writing connection turns it off
    "PRAGMA recursive_triggers = ON",  # INSERT OR REPLACE fires delete triggers too
    "PRAGMA trusted_schema = OFF",  # a schema from elsewhere may not call into the program
    "PRAGMA cell_size_check = ON",  # damage is noticed where it is read
    "PRAGMA secure_delete = OFF",  # nothing erasable is in this file
    "PRAGMA journal_size_limit = 67108864",  # a bulk import does not leave its log behind
)


def table_sql(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield str(CreateTable(table).compile(dialect=_DIALECT))


def index_sql(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=_DIALECT))


def drop_fact_tables(connection: sqlite3.Connection) -> None:
    """Make every fact table anew, empty, without indexes and triggers, in the caller's transaction."""
    for table in FACT_TABLES.values():
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
    for sql in table_sql(list(FACT_TABLES.values())):
        connection.execute(sql)


def set_version(connection: sqlite3.Connection) -> None:
    """Let the file say that its facts are of this program's version, in the transaction that made them so."""
    triggers = ledger_triggers()
    connection.execute("DROP TRIGGER IF EXISTS meta_update")
    connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(SCHEMA_VERSION),))
    connection.execute(triggers["meta_update"])
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def finish_fact_tables(connection: sqlite3.Connection) -> None:
    """Make the indexes and triggers of filled fact tables; IntegrityError if a key stands twice."""
    tables = list(FACT_TABLES.values())
    for sql in index_sql(tables):
        connection.execute(sql)
    for table in tables:
        for sql in fact_triggers(table).values():
            connection.execute(sql)


def _build(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    tables = [*LEDGER_TABLES, *FACT_TABLES.values()]
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # before anything is written
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("BEGIN IMMEDIATE")
    for sql in (*table_sql(tables), *index_sql(tables), *ALL_TRIGGERS.values()):
        connection.execute(sql)
    connection.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?)", [*meta.items(), ("version", str(SCHEMA_VERSION))]
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


def create_database(path: Path, meta: Mapping[str, str]) -> None:
    """Make a new ledger file. `path` must be free: raises StoreExists; also StoreFull, StoreReadOnly.

    The file is made beside `path` and named when complete, so a crash leaves no half ledger.
    """
    if path.exists():
        raise StoreExists(
            "{path} exists already: open it, or choose another directory for a new ledger", path=path
        )
    scratch = scratch_beside(path)
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = sqlite3.connect(scratch, isolation_level=None)
            try:
                _build(connection, meta)
            finally:
                connection.close()
            publish(scratch, path)
        except FileExistsError as error:
            raise StoreExists(
                "{path} exists already, made by another process just now: open it, or choose another place",
                path=path,
            ) from error
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                scratch.with_name(scratch.name + suffix).unlink(missing_ok=True)


def _engine(path: Path, mode: str, busy_timeout: float) -> Engine:
    """`mode` is the query of SQLite's file URI: a missing file is never made."""
    uri = f"{path.absolute().as_uri()}?{mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            uri,
            uri=True,
            timeout=busy_timeout,
            isolation_level=None,
            check_same_thread=False,  # a connection is used by one thread at a time, not always the same one
            cached_statements=256,
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=28)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    return engine


def driver(connection: PoolProxiedConnection) -> sqlite3.Connection:
    """The sqlite3 connection inside a pooled one."""
    return cast("sqlite3.Connection", connection.driver_connection)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has committed (https://www.sqlite.org/pragma.html)."""
    return _pragma(connection, "data_version")


def _check(engine: Engine, path: Path) -> int:
    """The schema version; one of those that this program reads."""
    with translated(path):
        connection = engine.raw_connection()
        try:
            application, version = (
                _pragma(driver(connection), name) for name in ("application_id", "user_version")
            )
        finally:
            connection.close()
    if application != APPLICATION_ID:
        raise NotALedger(
            "{path} is a database, but no custody ledger: check the directory, or create one elsewhere",
            path=path,
        )
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            "{path} has schema version {version}, this program knows versions up to {schema_version}: "
            "install the newer program",
            path=path,
            version=version,
            schema_version=SCHEMA_VERSION,
        )
    if version < 1:
        raise StoreCorrupt(
            "{path} says schema version {version}, which never was: its head has been damaged",
            path=path,
            version=version,
        )
    if version < OLDEST:
        raise StoreTooOld(
            "{path} has schema version {version}, this program knows version {schema_version}: publish a bundle with "
            "the program that made it, and restore that with this one",
            path=path,
            version=version,
            schema_version=SCHEMA_VERSION,
        )
    return version


def _may(path: Path, mode: int) -> bool:
    # Files are opened with the effective user's rights, so these are asked where the system can tell.
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.exists():
        raise NotALedger(
            "there is no ledger in {parent} (no {path_name}): check the directory, or create one",
            parent=path.parent,
            path_name=path.name,
        )
    if not path.is_file():
        raise NotALedger("{path} is not a file: check the directory", path=path)
    if path.stat().st_size == 0:
        raise NotALedger(
            "{path} is empty. If a ledger stood here, it was cut off: restore it from a published bundle",
            path=path,
        )
    if not _may(path, os.R_OK):
        raise StoreReadOnly("no permission to read {path}: ask its owner, or work on a copy", path=path)


def writable(path: Path) -> bool:
    """Whether this process may write the file and, for its log, the directory."""
    return _may(path, os.W_OK) and _may(path.parent, os.W_OK)


class Opened(NamedTuple):
    """A connected ledger file."""

    engine: Engine
    unchanging: bool
    """Whether it is taken as unchanging."""
    version: int


def open_engine(path: Path, *, busy_timeout: float) -> Opened:
    """Connect to an existing ledger file.

    Where nothing may be written, the file is read as it is; SQLite can do that only if no log is left
    beside it, and nobody may write it meanwhile. Raises NotALedger, StoreTooNew, StoreTooOld, StoreCorrupt,
    StoreReadOnly, StoreBusy.
    """
    _refuse_what_is_no_file(path)
    if writable(path):
        modes = ["mode=rw"]
    else:
        log = path.with_name(path.name + "-wal")
        modes = ["mode=ro"] if log.exists() and log.stat().st_size else ["mode=ro", "mode=ro&immutable=1"]
    for mode in modes:
        engine = _engine(path, mode, busy_timeout)
        try:
            version = _check(engine, path)
        except StoreReadOnly as error:
            engine.dispose()
            if mode == modes[-1]:
                if len(modes) > 1:
                    raise
                raise StoreReadOnly("{problem}. {hint}", problem=error.message, hint=_UNMERGED) from error
        except BaseException:
            engine.dispose()
            raise
        else:
            return Opened(engine, "immutable" in mode, version)
    raise AssertionError("the loop returns or raises")
