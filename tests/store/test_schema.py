"""Tables, triggers and query plans: what the file itself says."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from ledger.errors import StoreError
from ledger.store import questions, reading, triggers
from ledger.store.engine import APPLICATION_ID, PAGE_SIZE, SCHEMA_VERSION
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import StatementFact
from ledger.store.sqlite import SqliteStore
from ledger.store.statements import Lookup, Question
from tests.store import samples
from tests.store.samples import ORIGIN, VKEY, commit


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed ledger of 303 entries with a row in every table, for the tests to copy."""
    directory = tmp_path_factory.mktemp("template")
    with SqliteStore.create(directory, origin=ORIGIN, vkey=VKEY) as store:
        with store.writing() as transaction:
            good = commit(0, 300)
            facts = {**good.facts, **{row: list(rows) for row, rows in samples.one_of_each(0).items()}}
            facts[StatementFact] = good.facts[StatementFact]
            transaction.append(good.entries, good.tiles, facts, good.checkpoint)
        with store.writing() as transaction:
            transaction.append(*commit(300, 3))
    return directory


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[SqliteStore]:
    shutil.copytree(template, tmp_path / "ledger")
    with SqliteStore.open(tmp_path / "ledger") as store:
        yield store


@pytest.fixture
def raw(store: SqliteStore) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody with another program, and no pragma of ours."""
    connection = sqlite3.connect(store.path, isolation_level=None)
    connection.execute("PRAGMA recursive_triggers = OFF")
    yield connection
    connection.close()


def test_fields_of_rows_equal_columns_of_tables() -> None:
    for row, table in FACT_TABLES.items():
        assert row._fields == tuple(column.name for column in table.columns)
        assert row._fields[0] == "index"


def test_the_file_says_what_it_is(raw: sqlite3.Connection) -> None:
    def pragma(name: str) -> object:
        return raw.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("application_id") == APPLICATION_ID
    assert pragma("user_version") == SCHEMA_VERSION
    assert pragma("page_size") == PAGE_SIZE
    assert pragma("journal_mode") == "wal"
    assert dict(raw.execute("SELECT name, value FROM meta")) == {
        "origin": ORIGIN,
        "vkey": VKEY,
        "version": str(SCHEMA_VERSION),
    }


def test_the_writing_connection_is_durable(store: SqliteStore) -> None:
    connection = store._writer()
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 0


def test_readers_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="readonly"):
        store._rows("DELETE FROM meta WHERE name = ?", ("other",))


def picture(raw: sqlite3.Connection) -> list[object]:
    tables = ["entry", "tile", "checkpoint", "meta", *(table.name for table in FACT_TABLES.values())]
    return [raw.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


FACT_NAMES = [table.name for table in FACT_TABLES.values()]
ATTACKS = [
    "UPDATE entry SET data = x'00' WHERE \"index\" = 1",
    'UPDATE entry SET "index" = 900 WHERE "index" = 302',
    'UPDATE OR REPLACE entry SET "index" = 3 WHERE "index" = 2',
    'DELETE FROM entry WHERE "index" = 302',
    "DELETE FROM entry",
    "INSERT INTO entry VALUES (1, x'00')",
    "INSERT INTO entry VALUES (304, x'00')",
    "INSERT INTO entry VALUES (-1, x'00')",
    "INSERT INTO entry VALUES (NULL, x'00')",
    "INSERT OR REPLACE INTO entry VALUES (1, x'00')",
    "REPLACE INTO entry VALUES (302, x'00')",
    "INSERT OR IGNORE INTO entry VALUES (304, x'00')",
    'INSERT INTO entry VALUES (1, x\'00\') ON CONFLICT ("index") DO UPDATE SET data = excluded.data',
    "UPDATE checkpoint SET note = x'00'",
    "DELETE FROM checkpoint WHERE size = 303",
    "INSERT INTO checkpoint VALUES (301, x'00')",
    "INSERT OR REPLACE INTO checkpoint VALUES (303, x'00')",
    "INSERT INTO checkpoint VALUES (303, x'00') ON CONFLICT (size) DO UPDATE SET note = excluded.note",
    "DELETE FROM tile",
    "UPDATE tile SET data = zeroblob(8192) WHERE number = 0",
    "UPDATE tile SET data = zeroblob(length(data) + 32) WHERE number = 1",
    "UPDATE tile SET data = substr(data, 1, length(data) - 32) WHERE number = 1",
    "UPDATE tile SET data = NULL WHERE number = 1",
    "UPDATE tile SET data = CAST(data || zeroblob(32) AS BLOB) WHERE number = 0",
    "UPDATE tile SET number = 7 WHERE number = 1",
    "UPDATE tile SET level = 7 WHERE number = 1",
    "INSERT OR REPLACE INTO tile VALUES (0, 1, zeroblob(8192))",
    "INSERT OR REPLACE INTO tile VALUES (0, 0, zeroblob(32))",
    "INSERT INTO tile VALUES (0, 1, zeroblob(8192)) "
    "ON CONFLICT (level, number) DO UPDATE SET data = excluded.data",
    "INSERT INTO tile VALUES (0, 9, zeroblob(33))",
    *(f"UPDATE meta SET value = 'x' WHERE name = '{name}'" for name in ("origin", "vkey", "version")),
    *(f"DELETE FROM meta WHERE name = '{name}'" for name in ("origin", "vkey", "version")),
    *(f"INSERT OR REPLACE INTO meta VALUES ('{name}', 'x')" for name in ("origin", "vkey", "version")),
    "UPDATE meta SET name = 'other' WHERE name = 'origin'",
    *(f"DELETE FROM {name}" for name in FACT_NAMES),
    *(f'UPDATE {name} SET "index" = "index"' for name in FACT_NAMES),
    *(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name} LIMIT 1" for name in FACT_NAMES),
    *(f"INSERT OR IGNORE INTO {name} SELECT * FROM {name} LIMIT 1" for name in FACT_NAMES),
    *(f"INSERT INTO {t} SELECT * FROM {t} WHERE 1 ON CONFLICT DO UPDATE SET \"index\" = 9" for t in FACT_NAMES),
    # other rows under a unique key that is not the primary one: REPLACE would delete the row that has it
    "INSERT OR REPLACE INTO fact_statement SELECT 900, id, kind, NULL, NULL, 0 FROM fact_statement LIMIT 1",
    "INSERT OR REPLACE INTO fact_statement SELECT 900, x'00', kind, merchant, merchant_seq, 0 "
    "FROM fact_statement WHERE merchant NOT NULL LIMIT 1",
    "INSERT OR REPLACE INTO fact_statement SELECT 900, x'00', 'other.kind', merchant, merchant_seq, 0 "
    "FROM fact_statement WHERE merchant NOT NULL LIMIT 1",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_recorded_stays_as_it_is(raw: sqlite3.Connection, attack: str) -> None:
    before = picture(raw)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|tile_width"):
        raw.execute(attack)
    assert picture(raw) == before


def test_what_is_new_may_still_be_added(raw: sqlite3.Connection) -> None:
    """The triggers refuse because of what they guard against, not everything."""
    raw.execute("INSERT INTO entry VALUES (303, x'00')")
    raw.execute("INSERT INTO checkpoint VALUES (304, x'00')")
    raw.execute("UPDATE tile SET data = CAST(data || zeroblob(32) AS BLOB) WHERE number = 1")
    raw.execute("UPDATE tile SET data = data WHERE number = 0")
    raw.execute("INSERT INTO meta VALUES ('note', 'a')")
    raw.execute("INSERT OR REPLACE INTO meta VALUES ('note', 'b')")
    raw.execute("DELETE FROM meta WHERE name = 'note'")


def test_a_refused_insert_of_several_rows_changes_none(raw: sqlite3.Connection) -> None:
    """Rows before the refused one stay if they are new, which anybody may add; what was recorded stays as it was."""
    recorded = 'SELECT * FROM entry WHERE "index" < 303'
    before = raw.execute(recorded).fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("INSERT OR REPLACE INTO entry VALUES (303, x'00'), (1, x'00'), (304, x'00')")
    assert raw.execute(recorded).fetchall() == before
    assert raw.execute('SELECT "index" FROM entry WHERE "index" > 302').fetchall() == [(303,)]


@pytest.mark.parametrize("name", list(triggers.ALL_TRIGGERS))
def test_a_missing_or_weakened_trigger_is_named(
    store: SqliteStore, raw: sqlite3.Connection, name: str
) -> None:
    assert store.triggers_missing() == []
    raw.execute(f"DROP TRIGGER {name}")
    assert store.triggers_missing() == [name]
    raw.execute(re.sub(r"SELECT RAISE\(\w+, (.*)\);", r"SELECT (\1);", triggers.ALL_TRIGGERS[name]))
    assert store.triggers_missing() == [name]


def test_an_entry_that_came_in_by_another_way_stops_writing(
    store: SqliteStore, raw: sqlite3.Connection
) -> None:
    raw.execute("INSERT INTO entry VALUES (303, x'00')")
    with pytest.raises(StoreError, match="the entries do not end there"), store.writing():
        pass
    assert store.head().size == 303, "reading goes on, so that it can be verified"
    assert len(list(store.entries())) == 304


# Names of tables that may be walked, by question: where every row belongs to the answer, or the range is in the key.
def plans() -> Iterator[tuple[str, str]]:
    dialect = sqlite.dialect()
    for holder in (questions.FactStatements(dialect), reading.Statements(dialect)):
        for name, asked in vars(holder).items():
            if isinstance(asked, Lookup):
                for length in (1, 4, 16):
                    yield f"{name} × {length}", asked.prepared(length).sql
            elif isinstance(asked, Question):
                yield name, asked.prepared().sql
    statements = questions.FactStatements(dialect)
    for row in FACT_TABLES:
        for following in (False, True):
            yield (
                f"page of {row.__name__}, {following}",
                statements.page(row, following=following).prepared().sql,
            )


def test_every_question_is_answered_by_an_index(raw: sqlite3.Connection) -> None:
    for name, sql in plans():
        plan = [line[3] for line in raw.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))]
        walks = [
            step
            for step in plan
            if step.startswith("SCAN") and not step.startswith(("SCAN b", "SCAN CONSTANT"))
        ]
        # `before` alone narrows nothing down when everything is asked for.
        walks += [step for step in plan if step.endswith(("(rowid<?)", "(index<?)"))]
        assert not walks, (name, plan)
