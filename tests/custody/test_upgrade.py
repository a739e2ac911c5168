"""A ledger of schema version 2 opens: its facts are made anew, and nothing else of it changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody.home import Home
from ledger.errors import StoreTooOld
from ledger.store.engine import SCHEMA_VERSION
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.sqlite import SqliteStore
from ledger.store.tables import LEDGER_TABLES
from ledger.store.triggers import ALL_TRIGGERS
from tests.custody.world import M1, World, receipt

Content = dict[str, list[tuple[object, ...]]]
Old = tuple[Home, Content]

TABLES = [table.name for table in (*LEDGER_TABLES, *FACT_TABLES.values())]


def turn_back(path: Path) -> None:
    """Lay the file out as version 2 did: no GTIN, lot and trace code of batches, no index of grants by scope."""
    connection = sqlite3.connect(path, isolation_level=None)
    guarded = [name for name in ALL_TRIGGERS if name.startswith(("fact_batch", "meta"))]
    for name in guarded:
        connection.execute(f"DROP TRIGGER {name}")
    for index in ("fact_batch_gtin", "fact_batch_trace_code", "ix_fact_grant_scope"):
        connection.execute(f"DROP INDEX {index}")
    for column in ("gtin", "lot", "trace_code"):
        connection.execute(f"ALTER TABLE fact_batch DROP COLUMN {column}")
    connection.execute("UPDATE meta SET value = '2' WHERE name = 'version'")
    for name in guarded:
        connection.execute(ALL_TRIGGERS[name])
    connection.execute("PRAGMA user_version = 2")
    connection.close()


def content(path: Path) -> Content:
    connection = sqlite3.connect(path)
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    connection.close()
    return found


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    """A closed ledger of version 2, and what it held as one of this version."""
    world = World(tmp_path / "ledger")
    body = receipt("B-1", "10")
    body["lines"][0] |= {"gtin": "6291041500213", "lot": "L9", "trace_code": "https://trace.example/B-1"}
    world.must(world.say(M1, "goods.received", body))
    world.receive("B-2", "5")
    world.must(world.sell("B-1", "1"))
    world.ledger.close()
    path = world.folder / "ledger.db"
    before = content(path)
    turn_back(path)
    yield Home(world.folder), before


def test_it_opens_with_all_its_facts(old: Old) -> None:
    home, before = old
    store = home.store()
    assert store.triggers_missing() == []
    assert [row.batch for row in store.facts.batches_by_gtin(["06291041500213"])] == ["B-1"]
    with live_source(store, home.blobs, name="upgraded") as source:
        report = verify(source)
    store.close()
    assert report.verdict == "intact", report
    assert content(home.directory / "ledger.db") == before
    SqliteStore.open(home.directory).close()  # it says its version, so nothing is to be done again


def test_whoever_may_not_write_it_is_told_who_must(
    old: Old,
) -> None:
    home, _ = old
    with pytest.raises(StoreTooOld, match="version 2: let its owner open the ledger once"):
        SqliteStore.open(home.directory, read_only=True)


def test_a_ledger_that_cannot_be_replayed_stays_as_it_is(
    old: Old,
) -> None:
    home, _ = old
    path = home.directory / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entry_update")
        connection.execute("UPDATE entry SET data = CAST(replace(CAST(data AS TEXT), 'B-2', 'B-1') AS BLOB)")
    connection.close()
    before = content(path)
    with pytest.raises(StoreTooOld, match=r"cannot be made anew \(.*Nothing was changed"):
        home.store()
    assert content(path) == before
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
    assert SCHEMA_VERSION == 3, "the next version wants its own turn_back"
