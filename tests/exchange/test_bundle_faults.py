"""Publishing when things go wrong: a damaged ledger, a crash, a full disk, attachments that are not what they were."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from ledger.exchange import outlets
from ledger.exchange.bundle import publish
from ledger.exchange.layout import claimed_size
from ledger.exchange.sources import DirectorySource, ZipSource
from ledger.store.files import sync_directory
from ledger.store.sqlite import SqliteStore
from tests.exchange import layouts

ENTRIES = layouts.sample(700)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as opened:
        yield opened


# ---------------------------------------------------------------------- a damaged ledger


def bend(folder: Path, sql: str, values: tuple[Any, ...]) -> None:
    """Change the database as somebody would who goes around the program."""
    connection = sqlite3.connect(folder / "ledger.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(sql, values)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("sql", "values", "says", "index"),
    [
        ('UPDATE entry SET data = ? WHERE "index" = 270', (b"changed",), "not the one that its hash", 270),
        ('DELETE FROM entry WHERE "index" = ?', (271,), "missing", 271),
        ("UPDATE tile SET data = ? WHERE level = 1", (bytes(32),), "do not give the root", None),
        ("UPDATE tile SET data = ? WHERE level = 0 AND number = 0", (bytes(8192),), "do not agree", None),
        ("DELETE FROM tile WHERE level = ? AND number = 0", (0,), "missing or cut off", None),
        ("UPDATE checkpoint SET note = ?", (layouts.note(ENTRIES, 299),), "root of the checkpoint", None),
        ("UPDATE checkpoint SET note = ?", (b"nonsense",), "checkpoint", None),
    ],
)
def test_a_damaged_ledger_is_not_published_over_a_good_copy(
    tmp_path: Path, sql: str, values: tuple[Any, ...], says: str, index: int | None
) -> None:
    site = tmp_path / "site"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:200]) as store:
        publish(store, site)
        layouts.grow(store, ENTRIES, 300)
    bend(tmp_path / "ledger", sql, values)
    with SqliteStore.open(tmp_path / "ledger") as store:
        with pytest.raises(StoreCorrupt, match=says) as caught:
            publish(store, site)
        assert says in layouts.refused(lambda: publish(store, tmp_path / "new.zip"), StoreCorrupt)
    assert caught.value.index == index
    assert "what was published before is whole" in str(caught.value)
    layouts.assert_whole(site, ENTRIES[:200])
    assert not (tmp_path / "new.zip").exists()


# ---------------------------------------------------------------------- crashes and full disks


def after(count: int, real: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """Works `count` times, then fails."""
    left = [count]

    def call(*args: Any, **options: Any) -> Any:
        if left[0] == 0:
            raise error
        left[0] -= 1
        return real(*args, **options)

    return call


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["fsync", "rename", "directory"])
@pytest.mark.parametrize("count", range(9))
def test_a_crash_at_any_moment_leaves_the_earlier_state_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, count: int
) -> None:
    site = tmp_path / "site"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as store:
        publish(store, site)
        layouts.grow(store, ENTRIES, 600)
        with monkeypatch.context() as patch:
            if step == "fsync":
                patch.setattr(os, "fsync", after(count, os.fsync, Killed()))
            elif step == "rename":
                patch.setattr(Path, "replace", after(count, Path.replace, Killed()))
            else:
                patch.setattr(outlets, "sync_directory", after(count, sync_directory, Killed()))
            try:
                publish(store, site)
            except Killed:
                published = claimed_size((site / "checkpoint").read_bytes())
            else:
                published = 600
        assert published in (300, 600)
        layouts.assert_whole(site, ENTRIES[:published])
        publish(store, site)
    layouts.assert_whole(site, ENTRIES[:600])


def test_a_zip_takes_its_name_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "site.zip"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as store:
        publish(store, archive)
        layouts.grow(store, ENTRIES, 600)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", after(0, Path.replace, Killed()))
            with pytest.raises(Killed):
                publish(store, archive)
        layouts.assert_whole(archive, ENTRIES[:300])
        assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "site.zip"]
        publish(store, archive)
    layouts.assert_whole(archive, ENTRIES[:600])


def test_what_another_publishing_left_behind_its_checkpoint_is_no_part_of_this_one(tmp_path: Path) -> None:
    """Full tiles beyond the checkpoint were never promised to anybody: they are compared, and replaced."""
    site = tmp_path / "site"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as store:
        publish(store, site)
        layouts.lay(site, {"tile/0/001": bytes(8192), "tile/entries/001": b"another history"})
        layouts.grow(store, ENTRIES, 600)
        publish(store, site)
    layouts.assert_whole(site, ENTRIES[:600])


def test_the_checkpoint_comes_after_everything_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is synced before it gets its name, every folder before the checkpoint gets its own."""
    steps: list[str] = []
    real_fsync, real_replace, real_sync = os.fsync, Path.replace, sync_directory

    def fsync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            steps.append("file")
        real_fsync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        steps.append(f"name {target.name}")
        return real_replace(self, target)

    def sync(folder: Path) -> None:
        steps.append(f"folder {folder.name}")
        real_sync(folder)

    with layouts.filled(tmp_path / "ledger", ENTRIES[:256]) as store:
        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(outlets, "sync_directory", sync)
        publish(store, tmp_path / "site")
    named = [step for step in steps if step.startswith("name")]
    assert sorted(named) == ["name 000", "name 000", "name 1", "name checkpoint", "name vkey"]
    for at, step in enumerate(steps):
        if step.startswith("name"):
            assert steps[at - 1] == "file"
    last = steps.index("name checkpoint")
    folders = {"folder 0", "folder 1", "folder 000.p", "folder entries", "folder tile", "folder site"}
    assert folders <= set(steps[:last])
    assert steps[last + 1 :] == ["folder site"]


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (FULL, StoreFull, "free some space and publish again"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), StoreFull, "free some space"),
        (PermissionError(errno.EACCES, "Permission denied"), StoreReadOnly, "check owner and mode"),
        (OSError(errno.EIO, "Input/output error"), StoreError, "cannot be written"),
    ],
)
def test_no_room_leaves_the_earlier_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, kind: type[StoreError], says: str
) -> None:
    site, archive = tmp_path / "site", tmp_path / "site.zip"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as store:
        publish(store, site)
        publish(store, archive)
        layouts.grow(store, ENTRIES, 600)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", after(2, os.fsync, error))
            assert says in layouts.refused(lambda: publish(store, site), kind)
        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipFile, "writestr", after(2, zipfile.ZipFile.writestr, error))
            assert says in layouts.refused(lambda: publish(store, archive), kind)
        layouts.assert_whole(site, ENTRIES[:300])
        layouts.assert_whole(archive, ENTRIES[:300])
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
        publish(store, site)
    layouts.assert_whole(site, ENTRIES[:600])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_really_full_device(store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip on a device without room: the zip's own clean-up fails too, and is not what the user sees."""
    monkeypatch.setattr(outlets, "scratch_beside", lambda _: Path("/dev/full"))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    real = zipfile.ZipFile

    def opened(file: Path, mode: str, compression: int) -> zipfile.ZipFile:
        return real(file, "w", compression)

    monkeypatch.setattr(zipfile, "ZipFile", opened)
    assert "no room" in layouts.refused(lambda: publish(store, tmp_path / "full.zip"), StoreFull)
    assert not (tmp_path / "full.zip").exists()


def test_scratch_files_of_a_killed_publishing_are_swept(store: SqliteStore, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(store, site)
    layouts.lay(site, {f".checkpoint.{'0' * 16}.new": b"", f"tile/0/.000.{'f' * 16}.new": b""})
    publish(store, site)
    assert layouts.read_all(site) == layouts.layout(ENTRIES, 300)


# ---------------------------------------------------------------------- attachments


def naming(sha256: str) -> bytes:
    return f'{{"statement":{{"body":{{"photos":[{{"bytes":1,"sha256":"{sha256}"}}]}}}}}}'.encode()


@pytest.mark.parametrize("name", ["site", "site.zip"])
def test_only_attachments_that_entries_name_travel(tmp_path: Path, name: str) -> None:
    blobs, sha256 = layouts.with_blob(tmp_path)
    orphan = blobs.put(b"a photograph that no entry names")
    quoted = b'{"note":"' + naming(orphan).replace(b'"', b'\\"') + b'"}'
    with layouts.filled(tmp_path / "ledger", [*ENTRIES[:299], naming(sha256), quoted]) as store:
        assert publish(store, tmp_path / name, blobs=blobs).blobs == 1
        with (
            ZipSource(tmp_path / name) if name.endswith("zip") else DirectorySource(tmp_path / name) as source
        ):
            assert source.attachment(sha256).value == "same"
            assert source.attachment(orphan).value == "absent"
        if name == "site":
            assert publish(store, tmp_path / name, blobs=blobs).files == 0


def test_an_attachment_that_comes_later_is_added(tmp_path: Path) -> None:
    blobs, sha256 = layouts.with_blob(tmp_path)
    path = blobs.path(sha256)
    data = path.read_bytes()
    path.unlink()
    with layouts.filled(tmp_path / "ledger", [naming(sha256), *ENTRIES]) as store:
        assert publish(store, tmp_path / "site", blobs=blobs).blobs == 0
        blobs.put(data)
        assert publish(store, tmp_path / "site", blobs=blobs).blobs == 1
    assert DirectorySource(tmp_path / "site").attachment(sha256).value == "same"


@pytest.mark.parametrize("name", ["site", "site.zip"])
def test_a_damaged_attachment_is_told_and_left_out(tmp_path: Path, name: str) -> None:
    blobs, sha256 = layouts.with_blob(tmp_path)
    blobs.path(sha256).write_bytes(b"damaged")
    with layouts.filled(tmp_path / "ledger", [*ENTRIES[:5], naming(sha256)]) as store:
        published = publish(store, tmp_path / name, blobs=blobs)
    assert published.blobs == 0
    (warning,) = published.warnings
    assert sha256 in warning
    assert "entry 5" in warning
    with ZipSource(tmp_path / name) if name.endswith("zip") else DirectorySource(tmp_path / name) as source:
        assert source.attachment(sha256).value == "absent"
