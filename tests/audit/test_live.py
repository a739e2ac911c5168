"""A live ledger in SQLite, tampered with by somebody who opens the file: every table, past all guards."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.audit.live import live_source
from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.errors import LedgerError
from ledger.log import checkpoint
from ledger.store.blobs import BlobStore
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.sqlite import FILE_NAME, SqliteStore
from tests.audit.memory import ORIGIN, SIGNER, VKEY, detail, found
from tests.audit.sample import make_sample


def store(directory: Path) -> None:
    """The sample as the store would have taken it in, commit by commit."""
    made = make_sample()
    with SqliteStore.create(directory, origin=ORIGIN, vkey=VKEY) as new:
        start = 0
        for size, note in made.notes:
            span = range(start, size)
            tiles = [(level, number, data[: 32 * size]) for (level, number), data in made.tiles.items()]
            rows = {table: [row for row in rows if row[0] in span] for table, rows in made.rows.items()}
            with new.writing() as transaction:
                transaction.append([(n, made.data[n]) for n in span], tiles, rows, (size, note))  # type: ignore[arg-type]
            start = size
    blobs = BlobStore(directory)
    for content in made.blobs.values():
        blobs.put(content)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    store(tmp_path)
    yield tmp_path


def report_of(directory: Path) -> Report:
    opened = SqliteStore.open(directory, read_only=True)
    with opened, live_source(opened, BlobStore(directory), name="here") as source:
        return verify(source, vkey=VKEY)


def tamper(directory: Path, *statements: str) -> None:
    """Drop the guards, do it, and put the guards back, as if nothing had been."""
    connection = sqlite3.connect(directory / FILE_NAME)
    guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        connection.execute(statement)
    for _, sql in guards:
        connection.execute(sql)
    connection.commit()
    connection.close()


def test_untouched(directory: Path) -> None:
    report = report_of(directory)
    assert (report.verdict, report.faults, report.warnings) == ("intact", (), ())
    assert {check.status for check in report.checks if check.name != "witness"} == {"passed"}


SIZE, CARD = len(make_sample().data), make_sample().find("card.issued")
PUT_IN = "INSERT INTO fact_holder (\"index\", merchant, batch) VALUES ({}, 'X', 'Y')"
TAMPERED = {
    "an entry changed": (
        "UPDATE entry SET data = CAST(replace(CAST(data AS TEXT), '含氯', '含水') AS BLOB) WHERE \"index\" = 26",
        ("statement_signature", 26),
    ),
    "an entry gone": ('DELETE FROM entry WHERE "index" = 20', ("index", 20)),
    "an entry stored as text": (
        "UPDATE entry SET data = CAST(data AS TEXT) || ' ' WHERE \"index\" = 20",
        ("encoding", 20),
    ),
    "an entry that is a number": ('UPDATE entry SET data = 7 WHERE "index" = 20', ("encoding", 20)),
    "an entry put in": (
        f'INSERT INTO entry VALUES ({SIZE}, (SELECT data FROM entry WHERE "index" = {SIZE - 1}))',
        ("index", SIZE),
    ),
    "an entry far away": ("INSERT INTO entry VALUES (900, x'7b7d')", ("encoding", SIZE)),
    "a tile changed": ("UPDATE tile SET data = zeroblob(length(data))", ("tree", 0)),
    "a tile gone": ("DELETE FROM tile", ("tree", 0)),
    "a tile that is text": ("UPDATE tile SET data = 'x'", ("tree", 0)),
    "a checkpoint changed": (
        "UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), 'audit', 'audio') AS BLOB) WHERE size = 19",
        ("checkpoint_signature", 18),
    ),
    "the newest checkpoint gone": (
        f"DELETE FROM checkpoint WHERE size = {SIZE}",
        ("tree", make_sample().commits[-2]),
    ),
    "all checkpoints gone": ("DELETE FROM checkpoint", ("checkpoint_signature", None)),
    "another key": (
        "UPDATE meta SET value = replace(value, '+A', '+B') WHERE name = 'vkey'",
        ("checkpoint_signature", None),
    ),
    "a fact changed": ('UPDATE fact_movement SET held = held + 1 WHERE "index" = 14', ("facts", 14)),
    "a fact gone": ('DELETE FROM fact_statement WHERE "index" = 33', ("facts", 33)),
    "a fact put in": (
        PUT_IN.format(30),
        ("facts", 30),
    ),
    "a fact of no entry": (
        PUT_IN.format(99),
        ("facts", 99),
    ),
    "a card taken away": ("DELETE FROM fact_matter WHERE topic = 'card'", ("facts", CARD)),
    "a seal put under another batch": (
        "UPDATE fact_matter SET \"key\" = 'A-2' WHERE topic = 'seal'",
        ("facts", make_sample().find("goods.sealed")),
    ),
    "a card made yellow": ("UPDATE fact_matter SET value = replace(value, 'yellow', 'red')", ("facts", CARD)),
    "a fact before all entries": (
        PUT_IN.format(-9),
        ("facts", -9),
    ),
    "a fact behind all reads": (PUT_IN.format(2**63 - 1), ("facts", 2**63 - 1)),
    "a fact under a text": (PUT_IN.format("'abc'"), ("facts", None)),
    "a fact under bytes": (PUT_IN.format("x'ff'"), ("facts", None)),
    "an entry before all others": ("INSERT INTO entry VALUES (-1, x'7b7d')", ("index", -1)),
    "an entry behind all reads": (f"INSERT INTO entry VALUES ({2**63 - 1}, x'7b7d')", ("index", 2**63 - 1)),
    "a checkpoint before all others": ("INSERT INTO checkpoint VALUES (-1, x'00')", ("tree", -1)),
    "a tile that has grown too long": (
        "UPDATE tile SET data = CAST(data || zeroblob(32) AS BLOB)",
        ("tree", 0),
    ),
    "a tile of a level that there is not": ("INSERT INTO tile VALUES (3, 0, zeroblob(32))", ("tree", None)),
    "a tile before all others": ("INSERT INTO tile VALUES (-1, 0, zeroblob(32))", ("tree", None)),
    "another origin": (
        "UPDATE meta SET value = 'custody.example/another' WHERE name = 'origin'",
        ("checkpoint_signature", None),
    ),
    "a column more": ("ALTER TABLE fact_movement ADD COLUMN another", ("facts", None)),
    "an index gone": ("DROP INDEX fact_movement_holding", ("facts", None)),
    "an index more": ("CREATE UNIQUE INDEX another ON entry (data)", ("index", None)),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered(directory: Path, name: str) -> None:
    statement, (check, index) = TAMPERED[name]
    tamper(directory, statement)
    report = report_of(directory)
    assert report.verdict == "tampered"
    assert index in found(report).get(check, []), report.faults
    assert report.warnings == ()


LYING = ["fact_movement_holding", "fact_statement_chain", "fact_statement_id", "fact_holder_index"]


@pytest.mark.parametrize("name", LYING)
def test_an_index_that_leaves_a_row_out(directory: Path, name: str) -> None:
    """Questions go through indexes, so what an index does not show is as good as gone."""
    connection = sqlite3.connect(directory / FILE_NAME, isolation_level=None)
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    connection.execute(f"DROP INDEX {name}")
    connection.execute(f'{sql} WHERE "index" <> 14')
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, name))
    connection.close()
    report = report_of(directory)
    assert set(found(report)) == {"facts"}
    assert any(fault.index is None and name in fault.detail for fault in report.faults)


def test_a_row_that_only_its_index_shows(directory: Path) -> None:
    """The mirror of it: the holder has gone from its table, and a replay would still find it by its entry."""
    connection = sqlite3.connect(directory / FILE_NAME, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    index = ("fact_holder_index",)
    row = connection.execute(
        "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = ?", index
    )
    kept = row.fetchone()
    connection.execute("DELETE FROM sqlite_schema WHERE name IN ('fact_holder_index', 'fact_holder_delete')")
    connection.close()
    connection = sqlite3.connect(directory / FILE_NAME, isolation_level=None)
    connection.execute('DELETE FROM fact_holder WHERE "index" = 14')
    assert connection.execute("SELECT changes()").fetchone() > (0,)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", kept)
    connection.close()
    report = report_of(directory)
    assert set(found(report)) == {"facts"}
    assert any("wrong # of entries in index fact_holder_index" in fault.detail for fault in report.faults)


IGNORED = "CREATE TRIGGER another BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END"


def test_a_foreign_trigger_on_a_table_of_ours(directory: Path) -> None:
    """It could let receipts be given and nothing be stored."""
    tamper(directory, IGNORED)
    report = report_of(directory)
    assert found(report) == {"index": [None]}
    assert "a foreign trigger, another" in report.faults[0].detail


def test_a_guard_that_has_been_weakened(directory: Path) -> None:
    tamper(directory)  # nothing
    connection = sqlite3.connect(directory / FILE_NAME)
    connection.execute("DROP TRIGGER entry_insert")
    connection.execute(IGNORED.replace("another", "entry_insert"))
    connection.commit()
    connection.close()
    assert found(report_of(directory)) == {"index": [None]}


def test_foreign_tables_and_views_are_a_warning(directory: Path) -> None:
    tamper(directory, "CREATE TABLE another (a)", "CREATE VIEW shown AS SELECT * FROM entry", "ANALYZE")
    report = report_of(directory)
    assert (report.verdict, report.faults) == ("intact", ())
    assert [warning.rpartition(" ")[2] for warning in report.warnings] == ["another", "shown"]


def test_a_ledger_of_nothing(directory: Path) -> None:
    """Wholesale deletion, signed by the log: what is left is no ledger."""
    tables = ("entry", "tile", "checkpoint", *(table.name for table in FACT_TABLES.values()))
    tamper(directory, *(f"DELETE FROM {table}" for table in tables))
    empty = checkpoint.sign(ORIGIN, 0, hashlib.sha256(b"").digest(), SIGNER)
    tamper(directory, f"INSERT INTO checkpoint VALUES (0, x'{empty.hex()}')")
    report = report_of(directory)
    assert [(fault.check, fault.index) for fault in report.faults] == [("index", 0)]
    assert "a ledger begins with ledger.opened" in report.faults[0].detail


def test_a_guard_gone_is_a_warning(directory: Path) -> None:
    connection = sqlite3.connect(directory / FILE_NAME)
    (name,) = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchone()
    connection.execute(f"DROP TRIGGER {name}")
    connection.commit()
    connection.close()
    report = report_of(directory)
    assert report.verdict == "intact"
    assert name in report.warnings[0]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(lambda path: path.write_bytes(b"another"), "tampered"), (lambda path: path.unlink(), "intact")],
)
def test_attachments(directory: Path, change: Callable[[Path], object], verdict: str) -> None:
    change(next(path for path in sorted((directory / "blobs").rglob("*")) if path.is_file()))
    report = report_of(directory)
    assert report.verdict == verdict
    assert ("absent" in detail(report, "attachments")) == (verdict == "intact")


def test_without_attachments_at_hand(directory: Path) -> None:
    with SqliteStore.open(directory, read_only=True) as opened, live_source(opened, None, name="x") as source:
        assert source.name == "x"
        assert verify(source).verdict == "incomplete"


def test_a_damaged_file_is_no_verdict(directory: Path) -> None:
    """A page overwritten: what SQLite cannot read is an error, or a fault, and never intact."""
    path = directory / FILE_NAME
    data = bytearray(path.read_bytes())
    data[8192 * 3 : 8192 * 4] = bytes(8192)
    path.write_bytes(data)
    try:
        assert report_of(directory).verdict == "tampered"
    except LedgerError as error:
        assert error.message


def test_appends_meanwhile_are_not_seen(directory: Path) -> None:
    made = make_sample()
    with SqliteStore.open(directory) as opened, live_source(opened, BlobStore(directory), name="x") as source:
        source.checkpoint()
        tamper_free = (SIZE, made.data[-1])
        with opened.writing() as transaction:
            transaction.append([tamper_free], [], {}, (SIZE + 1, made.notes[-1][1]))
        assert verify(source).size == SIZE
