"""What happens inside one SQLite transaction: appending, or reading a view that does not change.

What it does: checks what an append must satisfy, then writes it with prepared statements and plain tuples:
no unit of work, no objects per row. What it leaves to others: beginning, committing, rolling back
(`sqlite.py`), and the triggers that check the same once more (`triggers.py`).

>>> transaction.append([(7, entry)], [(0, 0, tile)], {StatementFact: [fact]}, (8, note))   # doctest: +SKIP
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.errors import StoreError
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.faults import DATABASE_ERRORS, fault
from ledger.store.reading import Reading, Statements, head_from
from ledger.store.soundness import flaws
from ledger.store.statements import insert_sql
from ledger.store.tables import CheckpointRow, EntryRow, TileRow, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.engine import Dialect

    from ledger.store.base import Head
    from ledger.store.facts import FactBatch
    from ledger.store.soundness import Flaw
    from ledger.store.statements import Values


class Inserts:
    """The inserts of a commit, as SQL."""

    def __init__(self, dialect: Dialect) -> None:
        tile = upsert(table_of(TileRow))
        grow = tile.on_conflict_do_update(
            index_elements=["level", "number"], set_={"data": tile.excluded.data}
        )
        self.tile = str(grow.compile(dialect=dialect))
        self.entry = insert_sql(table_of(EntryRow), dialect)
        self.checkpoint = insert_sql(table_of(CheckpointRow), dialect)
        self.facts = {row: insert_sql(table, dialect) for row, table in FACT_TABLES.items()}


class SqliteTransaction(Reading):
    """The one writer; see `base.Transaction`. Given out by `SqliteStore.writing`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        statements: Statements,
        inserts: Inserts,
        head: Head,
    ) -> None:
        super().__init__(self._rows, statements)
        self._connection = connection
        self._path = path
        self._inserts = inserts
        self.head = head
        self.appended = False
        self.failed = False
        self.ended = False

    def _rows(self, sql: str, values: Values) -> list[Values]:
        self._still_open()
        try:
            return self._connection.execute(sql, values).fetchall()
        except DATABASE_ERRORS as error:
            raise fault(error, self._path) from error

    def _still_open(self) -> None:
        if self.ended:
            raise StoreError("this transaction has ended: begin another one with writing()")

    def append(
        self,
        entries: Sequence[tuple[int, bytes]],
        tiles: Sequence[tuple[int, int, bytes]],
        facts: FactBatch,
        checkpoint: tuple[int, bytes],
    ) -> None:
        self._still_open()
        # Whatever goes wrong below, what is half done must not be committed by a caller who goes on.
        failed, self.failed = self.failed, True
        if failed:
            raise StoreError("an append in this transaction has failed: leave it and begin another one")
        start, stop = self.head.size, self.head.size + len(entries)
        _check_append(start, stop, entries, facts, checkpoint)
        execute = self._connection.executemany
        try:
            execute(self._inserts.entry, entries)
            if tiles:
                execute(self._inserts.tile, tiles)
            for row, rows in facts.items():
                if rows:
                    execute(self._inserts.facts[row], rows)
            execute(self._inserts.checkpoint, (checkpoint,))
        except DATABASE_ERRORS as error:
            raise fault(error, self._path) from error
        self.head = head_from([(checkpoint[0], checkpoint[1], entries[-1][1], stop - 1)])[0]
        self.appended = True
        self.failed = False


def _check_append(
    start: int,
    stop: int,
    entries: Sequence[tuple[int, bytes]],
    facts: FactBatch,
    checkpoint: tuple[int, bytes],
) -> None:
    if start == stop:
        raise StoreError("nothing to append: a commit brings at least one entry")
    for expected, (index, _data) in enumerate(entries, start):
        if index != expected:
            raise StoreError(
                "entry {expected} must come next: read the head inside writing() and number from there",
                expected=expected,
                field="entries",
                index=index,
            )
    if checkpoint[0] != stop:
        raise StoreError(
            "the checkpoint is for {checkpoint} entries, with these the ledger has {stop}",
            checkpoint=checkpoint[0],
            stop=stop,
            field="checkpoint",
        )
    for row, rows in facts.items():
        if row not in FACT_TABLES:
            raise StoreError("{type} is no fact of this store", type=row.__name__, field="facts")
        for fact in rows:
            if not start <= fact[0] < stop:
                raise StoreError(
                    "{type} must come from the entries appended with it",
                    type=row.__name__,
                    field="facts",
                    index=fact[0],
                )


class SqliteSnapshot(Reading):
    """A view that does not change; see `base.Snapshot`. Given out by `SqliteStore.snapshot`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, statements: Statements) -> None:
        super().__init__(self._rows, statements)
        self._connection = connection
        self._path = path
        self.ended = False
        # BEGIN alone does not fix the view, the first read does.
        self._head = head_from(statements.newest.rows(self._rows))[0]

    def _rows(self, sql: str, values: Values) -> list[Values]:
        if self.ended:
            raise StoreError("this snapshot has ended: take another one with snapshot()")
        try:
            return self._connection.execute(sql, values).fetchall()
        except DATABASE_ERRORS as error:
            raise fault(error, self._path) from error

    def head(self) -> Head:
        return self._head

    def flaws(self) -> list[Flaw]:
        return list(flaws(self._rows, self._head.size))
