"""A live ledger in SQLite, tampered with by somebody who opens the file: every table, past all guards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.audit.live import live_source
from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.errors import LedgerError
from ledger.store.blobs import BlobStore
from ledger.store.sqlite import FILE_NAME, SqliteStore
from tests.audit.memory import ORIGIN, VKEY, detail, found
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
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered(directory: Path, name: str) -> None:
    statement, (check, index) = TAMPERED[name]
    tamper(directory, statement)
    report = report_of(directory)
    assert report.verdict == "tampered"
    assert index in found(report).get(check, []), report.faults
    assert report.warnings == ()


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
