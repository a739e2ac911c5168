"""What a SQLite ledger file holds besides what the program put there: lying indexes, misplaced rows, foreign triggers.

What it does: looks at what no read of the program comes by, and what may yet make a question answer wrongly or the next
append fail: SQLite's own check of every table against its indexes, the SQL of tables, indexes and triggers, and rows
at places that no ledger has. What it leaves to others: the rows themselves (`ledger.audit` compares them with the
entries), and whether a flaw is a fault.

>>> with store.snapshot() as snapshot:                                  # doctest: +SKIP
...     snapshot.flaws()
[Flaw(table='fact_movement', index=None, detail='the database contradicts itself: row 4 missing …', grave=True)]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.messages import Message
from ledger.store.engine import index_sql, table_sql
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.tables import FULL_TILE, LEDGER_TABLES
from ledger.store.triggers import ALL_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.store.statements import Run

_HASH: Final = 32
_WIDTH: Final = FULL_TILE // _HASH
_BEYOND: Final = 2**63 - 1
"""No read of the program goes as far as this place."""
_ALL: Final = 2**31 - 1
"""Lines of a report; SQLite stops at 100 by itself."""
_UNTRUE: Final = "NULL value in fact_holder.index"
"""SQLite 3.40 says so of each row, the key of this table being in another order; `_misplaced` looks."""


class Flaw(NamedTuple):
    """`table`: one of ours, or "" where no table can be named. `grave`: answers or appends may go wrong."""

    table: str
    index: int | None  # type: ignore[assignment]  # hides tuple.index, which nobody wants here
    detail: Message
    grave: bool


def flaws(run: Run, size: int) -> Iterator[Flaw]:
    """All there are, in a database of `size` entries. Raises: StoreCorrupt where it cannot be read at all."""
    yield from _schema(run)
    yield from _indexes(run)
    yield from _misplaced(run)
    yield from _tiles(run, size)


def _expected() -> dict[tuple[str, str], tuple[str, str]]:
    """SQL of everything that the program makes, with its table, by type and name."""
    tables = [*LEDGER_TABLES, *FACT_TABLES.values()]
    known = {
        ("table", table.name): (table.name, sql) for table, sql in zip(tables, table_sql(tables), strict=True)
    }
    for table in tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        for index, sql in zip(indexes, index_sql([table]), strict=True):
            known["index", str(index.name)] = (table.name, sql)
    for name, sql in ALL_TRIGGERS.items():
        known["trigger", name] = (sql.partition(" ON ")[2].split()[0], sql)
    return known


def _schema(run: Run) -> Iterator[Flaw]:
    expected = _expected()
    ours = {table for table, _ in expected.values()}
    found: set[tuple[str, str]] = set()
    for kind, name, table, sql in run("SELECT type, name, tbl_name, sql FROM sqlite_schema", ()):
        known = expected.get((kind, name))
        if known is not None:
            found.add((kind, name))
            if (table, _plain(str(sql))) != (known[0], _plain(known[1])):
                yield Flaw(
                    known[0],
                    None,
                    Message("the {kind} {name} is not the one that this program makes", kind=kind, name=name),
                    True,
                )
        elif not str(name).startswith("sqlite_"):  # SQLite's own: keys of tables, statistics
            # On a table of ours it may take part in what is read and written.
            grave = table in ours and kind in ("trigger", "index")
            owner = table if table in ours else ""
            yield Flaw(
                owner, None, Message("the database has a foreign {kind}, {name}", kind=kind, name=name), grave
            )
    for kind, name in expected.keys() - found:
        if kind != "trigger":  # those are guards only, and `triggers_missing` names them
            yield Flaw(
                expected[kind, name][0],
                None,
                Message("the {kind} {name} is missing", kind=kind, name=name),
                True,
            )


def _indexes(run: Run) -> Iterator[Flaw]:
    """Every table against its indexes, its constraints and the pages they lie on (sqlite.org/pragma.html)."""
    for (line,) in run(f"PRAGMA integrity_check({_ALL})", ()):
        for message in str(line).splitlines():
            if message not in ("ok", _UNTRUE) and not message.startswith("*** in database"):
                yield Flaw(
                    _named(message),
                    None,
                    Message("the database contradicts itself: {message}", message=message),
                    True,
                )


def _misplaced(run: Run) -> Iterator[Flaw]:
    """Rows at places that are none: before 0, beyond all reads, or not even numbers."""
    places = [
        ("entry", "index"),
        ("checkpoint", "size"),
        *((table.name, "index") for table in FACT_TABLES.values()),
    ]
    for table, column in places:
        sql = (
            f'SELECT "{column}" FROM {table} '  # noqa: S608 - names of our own tables
            f'WHERE typeof("{column}") <> \'integer\' OR "{column}" < 0 OR "{column}" >= {_BEYOND}'
        )
        for (place,) in run(sql, ()):
            index = place if type(place) is int else None
            yield Flaw(
                table,
                index,
                Message("{table} has a row under {place!a}, where no entry can be", table=table, place=place),
                True,
            )


def _tiles(run: Run, size: int) -> Iterator[Flaw]:
    """Tiles that no tree of this size has, or of another length than it gives them. Missing ones are not told here."""
    for level, number, length in run("SELECT level, number, length(CAST(data AS BLOB)) FROM tile", ()):
        there = type(level) is type(number) is int and 0 <= level < 8 and number >= 0
        width = max(0, min(_WIDTH, (size >> 8 * level) - _WIDTH * number)) if there else 0
        if width == 0:
            yield Flaw(
                "tile",
                None,
                Message(
                    "there is a tile {number!a} of level {level!a}, which this tree has not",
                    number=number,
                    level=level,
                ),
                True,
            )
        elif length > _HASH * width:
            first = number * _WIDTH << 8 * level
            detail = Message(
                "hash tile {number} of level {level} holds more than its {width} hashes",
                number=number,
                level=level,
                width=width,
            )
            yield Flaw("tile", first, detail, True)


def _named(message: str) -> str:
    """The table of ours that a text speaks of, itself or by an index."""
    words = set(re.findall(r"\w+", message))
    for table in (*LEDGER_TABLES, *FACT_TABLES.values()):
        if table.name in words or any(str(index.name) in words for index in table.indexes):
            return table.name
    return ""


def _plain(sql: str) -> str:
    """SQL without its layout, which differs from one version of SQLAlchemy to the next."""
    return re.sub(r"\s*([(),])\s*|\s+", lambda found: found[1] or " ", sql).strip()
