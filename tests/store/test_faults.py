"""What can be wrong with a file, a disk or a permission, and what the user is told."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import exc

from ledger import errors
from ledger.errors import (
    NotALedger,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreTooNew,
    StoreTooOld,
)
from ledger.store import faults, files
from ledger.store.engine import SCHEMA_VERSION
from ledger.store.facts import RulesetFact
from ledger.store.sqlite import SqliteStore
from tests.store import samples
from tests.store.samples import ORIGIN, VKEY, commit
from tests.store.suite import append, state_of

PAGE = 8192


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A closed ledger of 600 entries."""
    with SqliteStore.create(tmp_path / "ledger", origin=ORIGIN, vkey=VKEY) as store:
        append(store, commit(0, 600))
    return tmp_path / "ledger"


def read_all(directory: Path) -> None:
    with SqliteStore.open(directory) as store:
        state_of(store)


# Opening


def test_a_database_of_something_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("CREATE TABLE entry (data)")
    connection.close()
    with pytest.raises(NotALedger, match=r"ledger\.db is a database, but no custody ledger"):
        SqliteStore.open(tmp_path)


@pytest.mark.parametrize(
    "content", [b"no database at all\n" * 100, bytes(10_000), b"SQLite format 3\0" + bytes(50)]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"ledger\.db") as caught:
        SqliteStore.open(tmp_path)
    assert caught.value.code in {"NotALedger", "StoreCorrupt"}
    assert (tmp_path / "ledger.db").read_bytes() == content


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    with pytest.raises(NotALedger, match=r"is empty.*published bundle"):
        SqliteStore.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(NotALedger, match="not a file"):
        SqliteStore.open(tmp_path)


def test_a_newer_version(directory: Path) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    connection.close()
    with pytest.raises(
        StoreTooNew, match=f"version {SCHEMA_VERSION + 6}, .* up to {SCHEMA_VERSION}: install"
    ):
        SqliteStore.open(directory)


def test_an_older_version(directory: Path) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(StoreTooOld, match=f"version 1, .* version {SCHEMA_VERSION}: publish a bundle"):
        SqliteStore.open(directory)


def test_a_version_that_never_was(directory: Path) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute("PRAGMA user_version = 0")
    connection.close()
    with pytest.raises(StoreCorrupt, match="never was"):
        SqliteStore.open(directory)


def test_a_ledger_that_does_not_say_whose_it_is(directory: Path) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute("DROP TRIGGER meta_delete")
        connection.execute("DELETE FROM meta WHERE name = 'vkey'")
    connection.close()
    with pytest.raises(NotALedger, match="does not say its vkey"):
        SqliteStore.open(directory)


def test_a_creation_cut_short_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ledger.store.engine.publish", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full"))
    )
    with pytest.raises(StoreFull):
        SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY)
    assert list(tmp_path.iterdir()) == []


def test_two_creations_at_once_make_one_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody_is_faster(scratch: Path, target: Path) -> None:
        target.write_bytes(b"theirs")
        real(scratch, target)

    real = files.publish
    monkeypatch.setattr("ledger.store.engine.publish", somebody_is_faster)
    with pytest.raises(errors.StoreExists):
        SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY)
    assert (tmp_path / "ledger.db").read_bytes() == b"theirs"
    assert len(list(tmp_path.iterdir())) == 1


# Damage


def test_damaged_pages_are_named_as_damage(directory: Path) -> None:
    path = directory / "ledger.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * (size - PAGE))
    with pytest.raises(StoreCorrupt, match=r"ledger\.db is damaged.*Keep the damaged file.*published bundle"):
        read_all(directory)


def test_a_damaged_first_page(directory: Path) -> None:
    with (directory / "ledger.db").open("r+b") as file:
        file.write(b"\0" * 40)
    with pytest.raises(StoreCorrupt, match="published bundle"):
        SqliteStore.open(directory)


@pytest.mark.parametrize("keep", [PAGE, PAGE + 100, 5 * PAGE, 20 * PAGE])
def test_a_file_cut_off(directory: Path, keep: int) -> None:
    os.truncate(directory / "ledger.db", keep)
    with pytest.raises(StoreCorrupt, match=r"damaged"):
        read_all(directory)


def test_any_damage_is_an_error_of_ours_or_none(directory: Path, tmp_path: Path) -> None:
    """Garbage anywhere: reading works or says in our words what is wrong; never anything else."""
    choose = random.Random(4)
    original = (directory / "ledger.db").read_bytes()
    found = 0
    for number in range(60):
        copy = tmp_path / str(number)
        copy.mkdir()
        data = bytearray(original)
        for _ in range(choose.randrange(1, 4)):
            place, length = choose.randrange(len(data)), choose.choice([1, 4, 100, PAGE])
            data[place : place + length] = choose.randbytes(len(data[place : place + length]))
        (copy / "ledger.db").write_bytes(data)
        try:
            read_all(copy)
            with SqliteStore.open(copy) as store:
                append(store, commit(store.head().size, 1))
        except StoreError as error:
            found += 1
            assert str(copy / "ledger.db") in str(error) or error.index is not None
    assert found > 10


def test_a_missing_entry_is_damage_not_usage(directory: Path) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute("DROP TRIGGER entry_delete")
        connection.execute('DELETE FROM entry WHERE "index" IN (5, 599)')
    connection.close()
    with SqliteStore.open(directory) as store:
        with pytest.raises(StoreCorrupt, match="missing") as caught:
            store.entry(5)
        assert caught.value.index == 5
        assert store.head().size == 600
        with pytest.raises(StoreCorrupt, match="do not end there"), store.writing():
            pass


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entry SET data = x'7b7d' WHERE \"index\" = 599",
        "UPDATE entry SET data = CAST(replace(data, '2026-', '2026+') AS BLOB) WHERE \"index\" = 599",
        "UPDATE checkpoint SET note = x'41'",
        "UPDATE checkpoint SET note = CAST('a' || char(10) || '600' || char(10) || 'AAAA' || char(10) AS BLOB)",
    ],
)
def test_a_head_that_cannot_be_read_stops_writing_only(directory: Path, damage: str) -> None:
    with sqlite3.connect(directory / "ledger.db") as connection:
        for table in ("entry", "checkpoint"):
            connection.execute(f"DROP TRIGGER {table}_update")
        connection.execute(damage)
    connection.close()
    with SqliteStore.open(directory) as store:
        head = store.head()
        assert head.size == 600
        assert not (head.root and head.recorded_at_ms)
        assert len(list(store.entries())) == 600
        with pytest.raises(StoreCorrupt, match="Verify the ledger"), store.writing():
            pass


@pytest.mark.parametrize("value", ["CAST(data AS TEXT)", "CAST(x'ff41' AS TEXT)", "7", "1.5"])
def test_bytes_come_as_bytes_whatever_they_have_been_made(directory: Path, value: str) -> None:
    """A type changed by a tamperer must not stop verification, which has to name the entry."""
    with sqlite3.connect(directory / "ledger.db") as connection:
        for table in ("entry", "checkpoint"):
            connection.execute(f"DROP TRIGGER {table}_update")
        connection.execute(f'UPDATE entry SET data = {value} WHERE "index" IN (5, 599)')
        connection.execute("UPDATE checkpoint SET note = CAST(note AS TEXT)")
    connection.close()
    with SqliteStore.open(directory) as store:
        assert {type(data) for _, data in store.entries()} == {bytes}
        assert isinstance(store.entry(5), bytes)
        assert isinstance(store.head().checkpoint_note, bytes)
        if "data" in value:
            assert store.entry(5) == samples.entry_of(5)


def test_a_dropped_fact_table(directory: Path) -> None:
    with SqliteStore.open(directory) as store, sqlite3.connect(store.path) as connection:
        connection.execute("DROP TABLE fact_event")
        with pytest.raises(StoreCorrupt, match="no such table: fact_event"):
            store.facts.events_by_merchant([samples.MERCHANTS[0]])
        assert store.triggers_missing() == ["fact_event_insert", "fact_event_update", "fact_event_delete"]
        store.replace_facts(iter([commit(0, 600).facts]))
        assert store.triggers_missing() == []
    connection.close()


# Locked, full


def test_a_database_locked_by_another_program(directory: Path) -> None:
    other = sqlite3.connect(directory / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with SqliteStore.open(directory, busy_timeout=0.05) as store:
        for _ in range(2):
            with pytest.raises(StoreBusy, match=r"ledger\.db.*try again"), store.writing():
                pass
        with pytest.raises(StoreBusy):
            store.replace_facts(iter([]))
        assert store.head().size == 600
        other.execute("ROLLBACK")
        append(store, commit(600, 1))
        assert store.head().size == 601
    other.close()


def test_a_full_database(directory: Path) -> None:
    with SqliteStore.open(directory) as store:
        before = state_of(store)
        writer = store._writer()
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count = {pages + 2}")
        for _ in range(2):
            with pytest.raises(StoreFull, match=r"no room.*earlier entries are safe.*free some space"):
                append(store, commit(600, 500))
            assert state_of(store) == before
        with pytest.raises(StoreFull):
            store.replace_facts(
                iter([{**commit(0, 600).facts, RulesetFact: [RulesetFact(0, "a", "x" * 1_000_000)]}])
            )
        assert state_of(store) == before
        writer.execute("PRAGMA max_page_count = 1000000")
        append(store, commit(600, 500))
        assert store.head().size == 1100


def test_a_writing_connection_that_breaks_is_replaced(directory: Path) -> None:
    with SqliteStore.open(directory) as store:
        with pytest.raises(StoreError), store.writing():
            store._writer().close()
        append(store, commit(600, 1))
        assert store.head().size == 601


# Permissions


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who may do everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared(directory: Path) -> Iterator[Path]:
    """The ledger in a place that others can reach."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    shutil.copytree(directory, place / "ledger")
    yield place / "ledger"
    (place / "ledger").chmod(0o755)
    shutil.rmtree(place)


def forbid_writing(directory: Path) -> None:
    for path in directory.iterdir():
        path.chmod(0o444)
    directory.chmod(0o555)


def test_what_may_not_be_written_can_still_be_read(shared: Path, directory: Path) -> None:
    with SqliteStore.open(directory) as original:
        expected = state_of(original)
    forbid_writing(shared)
    with as_nobody(), SqliteStore.open(shared) as store:
        assert store.read_only
        assert state_of(store) == expected
        with store.snapshot() as snapshot:
            assert snapshot.head().size == 600
        store.generation()
        with pytest.raises(StoreReadOnly, match="permission"), store.writing():
            pass
    assert [path.name for path in shared.iterdir()] == ["ledger.db"]


def test_reading_beside_a_writer_without_permission_to_write(shared: Path) -> None:
    with SqliteStore.open(shared) as writer:
        append(writer, commit(600, 1))
        shared.chmod(0o555)
        with as_nobody(), SqliteStore.open(shared) as reader:
            assert reader.head().size == 601
            with pytest.raises(StoreReadOnly), reader.writing():
                pass
        shared.chmod(0o755)
        append(writer, commit(601, 1))
        with as_nobody(), SqliteStore.open(shared) as reader:
            assert reader.head().size == 602


def test_commits_still_in_a_log_are_not_passed_over(shared: Path, tmp_path: Path) -> None:
    with SqliteStore.open(shared) as writer:
        append(writer, commit(600, 1))
        for name in ("ledger.db", "ledger.db-wal"):
            shutil.copy(shared / name, tmp_path / name)
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copy(tmp_path / name, shared / name)
    forbid_writing(shared)
    with as_nobody(), pytest.raises(StoreReadOnly, match="commits not yet merged"):
        SqliteStore.open(shared)


def test_a_ledger_read_as_unchanging_that_changes(shared: Path) -> None:
    shared.chmod(0o555)
    with as_nobody():
        reader = SqliteStore.open(shared)
        assert reader.head().size == 600
    shared.chmod(0o755)
    with SqliteStore.open(shared) as writer:
        append(writer, commit(600, 1))
    with as_nobody(), pytest.raises(StoreBusy, match="open the ledger again"):
        reader.head()
    reader.close()


def test_a_file_that_may_not_be_read(shared: Path) -> None:
    (shared / "ledger.db").chmod(0)
    with as_nobody(), pytest.raises(StoreReadOnly, match=r"permission.*ledger\.db"):
        SqliteStore.open(shared)


def test_a_place_where_nothing_may_be_made(shared: Path) -> None:
    shared.parent.chmod(0o555)
    with as_nobody(), pytest.raises(StoreReadOnly):
        SqliteStore.create(shared.parent / "new", origin=ORIGIN, vkey=VKEY)


# The table of faults itself


def sqlite_error(code: int, message: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY, "database is locked"), StoreBusy),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"), StoreBusy),
        (sqlite_error(sqlite3.SQLITE_LOCKED_SHAREDCACHE, "table is locked"), StoreBusy),
        (sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"), StoreFull),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"), StoreFull),
        (sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE, "disk I/O error"), StoreFull),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ, "disk I/O error"), StoreCorrupt),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"), StoreError),
        (sqlite_error(sqlite3.SQLITE_CORRUPT, "malformed"), StoreCorrupt),
        (sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX, "malformed"), StoreCorrupt),
        (sqlite_error(sqlite3.SQLITE_NOTADB, "file is not a database"), StoreCorrupt),
        (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY, "readonly"), StoreReadOnly),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN, "unable to open"), StoreReadOnly),
        (UnicodeDecodeError("utf-8", b"\xdb", 0, 1, "invalid"), StoreCorrupt),
        (sqlite3.OperationalError("Could not decode to UTF-8 column"), StoreCorrupt),
        (sqlite3.ProgrammingError("Cannot operate on a closed database."), StoreError),
        (exc.OperationalError("SELECT", (), sqlite_error(sqlite3.SQLITE_BUSY, "locked")), StoreBusy),
        (exc.TimeoutError("QueuePool limit"), StoreBusy),
        (exc.ArgumentError("no"), StoreError),
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/a/file"), StoreFull),
        (PermissionError(errno.EACCES, "Permission denied", "/a/file"), StoreReadOnly),
        (OSError(errno.EIO, "Input/output error"), StoreError),
        (StoreBusy("ours already"), StoreBusy),
    ],
)
def test_every_error_gets_a_name_and_a_place(error: Exception, kind: type[StoreError]) -> None:
    found = faults.fault(error, Path("market/ledger.db"))
    assert type(found) is kind
    if not isinstance(error, StoreError):
        named = "/a/file" if isinstance(error, OSError) and error.filename else "market/ledger.db"
        assert named in found.message


def test_translation_keeps_the_cause() -> None:
    cause = sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full")
    with pytest.raises(StoreFull) as caught, faults.translated(Path("x")):
        raise cause
    assert caught.value.__cause__ is cause


def test_errors_of_others_pass_through() -> None:
    def fails() -> None:
        raise KeyError("mine")

    call: Callable[[], None] = fails
    with pytest.raises(KeyError, match="mine"), faults.translated(Path("x")):
        call()
