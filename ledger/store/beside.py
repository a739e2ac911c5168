"""Small databases beside the ledger and no part of it: opened, recognised, one transaction at a time.

What it does: makes such a file private from its first byte on, refuses one of another program or of a newer version of
this one, and gives sessions that are durable when they end. What it leaves to others: tables and what they mean
(`exchange.outbox`, the invitations of the server).

    class _Table(SQLModel, registry=registry()): ...         # tables of this file, apart from those of the ledger

    file = Beside(Path("erligang/outbox.db"), application_id=0x434C4F42, version=1, tables=_Table.metadata)
    with file.session(make=True) as session:                 # the file and its tables too, should there be none
        session.add(...)
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, event
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from ledger.errors import NotALedger, StoreTooNew
from ledger.store.faults import translated


class Beside:
    """One such file. May be shared by threads and processes: each piece of work is one transaction."""

    def __init__(
        self, path: Path, *, application_id: int, version: int, tables: MetaData, busy_timeout: float
    ) -> None:
        self.path = path
        self._application_id, self._version, self._tables = application_id, version, tables
        self._busy_timeout = busy_timeout
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)

        @event.listens_for(self._engine, "begin")
        def begin(connection: Any) -> None:  # Any: the event's arguments have no types
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def session(self, *, make: bool = False) -> Iterator[Session]:
        """One transaction, durable when the block has ended; `make`: file and tables too, should there be none.

        Raises: NotALedger, StoreTooNew, and what is wrong with the file (`faults`).
        """
        with translated(self.path):
            if make:
                # Private from its first byte on; SQLite makes an empty file a database.
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                self._prepare(session.connection(), make=make)
                yield session

    def exists(self) -> bool:
        """Whether the file and its tables are there. Raises as `session`."""
        if not self.path.exists():
            return False
        with self.session() as session:
            return _pragma(session.connection(), "user_version") > 0

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA synchronous = FULL")  # what was answered stays so
        return connection

    def _prepare(self, connection: Connection, *, make: bool) -> None:
        """Refuse a file of something else; make the tables of a new one."""
        application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
        new = not application and not connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").all()
        if not new and application != self._application_id:
            raise NotALedger("{path} is a database of something else: move it away", path=self.path)
        if version > self._version:
            raise StoreTooNew(
                "{path} has schema version {version}, this program knows {schema_version}: install the newer program",
                path=self.path,
                version=version,
                schema_version=self._version,
            )
        if new and make:
            self._tables.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id = {self._application_id}")
            connection.exec_driver_sql(f"PRAGMA user_version = {self._version}")


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
