"""The four tables that are the ledger: entry, tile, checkpoint, meta.

What it does: declares them as SQLModel tables. Derived tables stand in `facts.py`, the triggers that make
all of them append-only in `triggers.py`. Indexes and widths are chosen for SQLite: `"index" INTEGER PRIMARY
KEY` is the row number itself and costs nothing.

    entry("index", data)            data: canonical entry bytes, at most 65,535
    tile(level, number, data)       data: 1 to 256 hashes of 32 bytes; grows until full
    checkpoint(size, note)          note: the signed note made at the commit that reached this size
    meta(name, value)               origin, vkey, version: never change

>>> [column.name for column in table_of(EntryRow).columns]
['index', 'data']
"""

# No `from __future__ import annotations`: SQLModel reads the types.
from typing import cast

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, Table, inspect
from sqlmodel import Field, SQLModel

#: 64 bits wherever it runs; SQLite makes a row number of it only under the name INTEGER.
Big = BigInteger().with_variant(Integer(), "sqlite")

#: A full tile: 256 hashes of 32 bytes (C2SP tlog-tiles).
FULL_TILE = 8192


class EntryRow(SQLModel, table=True):
    """One entry. `index` continues without gaps from 0."""

    __tablename__ = "entry"

    index: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    data: bytes = Field(sa_type=LargeBinary)


class TileRow(SQLModel, table=True):
    """One hash tile; WITHOUT ROWID because it is only ever found by its place."""

    __tablename__ = "tile"
    __table_args__ = (
        CheckConstraint(
            f"length(data) BETWEEN 32 AND {FULL_TILE} AND length(data) % 32 = 0", name="tile_width"
        ),
        {"sqlite_with_rowid": False},
    )

    level: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    data: bytes = Field(sa_type=LargeBinary)


class CheckpointRow(SQLModel, table=True):
    """The signed note of every size the ledger had after a commit."""

    __tablename__ = "checkpoint"

    size: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    note: bytes = Field(sa_type=LargeBinary)


class MetaRow(SQLModel, table=True):
    """Names and values about the ledger itself."""

    __tablename__ = "meta"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True)
    value: str


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a SQLModel class (SQLModel does not declare it to type checkers)."""
    return cast("Table", inspect(model).local_table)


#: In the order in which they are made.
LEDGER_TABLES: tuple[Table, ...] = tuple(
    table_of(model) for model in (MetaRow, EntryRow, TileRow, CheckpointRow)
)
