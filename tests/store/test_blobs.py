"""Attachments: all there or not at all, and found out when they differ from their digest."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import StoreFull, UsageError
from ledger.store.blobs import BlobStore

PHOTO = b"\xff\xd8 a photo" * 1000
DIGEST = hashlib.sha256(PHOTO).hexdigest()


def files_below(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_a_file_lies_where_a_published_ledger_has_it(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    assert list(blobs.digests()) == []
    assert files_below(tmp_path) == [], "looking makes nothing"
    assert blobs.put(PHOTO) == DIGEST
    assert files_below(tmp_path) == [f"blobs/sha256/{DIGEST[:2]}/{DIGEST[2:]}"]
    path = blobs.open(DIGEST)
    assert path is not None
    assert path.read_bytes() == PHOTO
    assert path == blobs.path(DIGEST)
    assert blobs.verify(DIGEST) == "intact"


@settings(max_examples=20, deadline=None)
@given(contents=st.lists(st.binary(max_size=50), max_size=8))
def test_all_files_are_listed_and_intact(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    blobs = BlobStore(tmp_path_factory.mktemp("blobs"))
    digests = [blobs.put(content) for content in contents]
    assert list(blobs.digests()) == sorted(set(digests))
    assert {blobs.verify(digest) for digest in digests} <= {"intact"}


def test_absent_and_tampered_are_different_things(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    assert blobs.open(DIGEST) is None
    assert blobs.verify(DIGEST) == "absent"
    blobs.put(PHOTO)
    path = blobs.path(DIGEST)
    for damaged in (PHOTO[:-1], PHOTO + b"\0", b"", b"\xfe" + PHOTO[1:]):
        path.write_bytes(damaged)
        assert blobs.verify(DIGEST) == "tampered"
    assert blobs.put(PHOTO) == DIGEST
    assert blobs.verify(DIGEST) == "intact", "the right bytes put a damaged file right"


def test_the_same_file_again_is_not_written_again_but_renewed(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    blobs.put(PHOTO)
    before = blobs.path(DIGEST).stat()
    os.utime(blobs.path(DIGEST), (1000, 1000))
    blobs.put(PHOTO)
    after = blobs.path(DIGEST).stat()
    assert before.st_ino == after.st_ino and after.st_mtime > 1000


def test_what_is_old_goes_and_what_is_renewed_stays(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    blobs.put(PHOTO)
    assert not blobs.forget(DIGEST, 1000)
    os.utime(blobs.path(DIGEST), (999, 999))
    assert blobs.older(DIGEST, 1000)
    assert blobs.renew(DIGEST) == blobs.path(DIGEST)
    assert not blobs.forget(DIGEST, 1000)
    os.utime(blobs.path(DIGEST), (999, 999))
    assert blobs.forget(DIGEST, 1000) and blobs.verify(DIGEST) == "absent"
    assert blobs.renew(DIGEST) is None and blobs.size(DIGEST) is None
    assert blobs.forget(DIGEST, 1000)  # gone already
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["write", "fsync", "replace"])
def test_cut_short_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The disk is full at any of the three steps: no half file under the digest, nothing beside it."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    class FullStream:
        def __enter__(self) -> FullStream:
            return self

        def __exit__(self, *_: object) -> None: ...

        write = full

    def full_stream(descriptor: int, _mode: str) -> FullStream:
        os.close(descriptor)
        return FullStream()

    with monkeypatch.context() as broken:
        if name == "write":
            broken.setattr(os, "fdopen", full_stream)
        elif name == "fsync":
            broken.setattr(os, "fsync", full)
        else:
            broken.setattr(Path, "replace", full)
        with pytest.raises(StoreFull, match="free some space"):
            BlobStore(tmp_path).put(PHOTO)
    assert files_below(tmp_path) == []
    assert BlobStore(tmp_path).put(PHOTO) == DIGEST


def test_bytes_are_on_the_disk_before_they_have_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def syncing(descriptor: int) -> None:
        steps.append("sync")
        sync(descriptor)

    def naming(path: Path, target: Path) -> Path:
        steps.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "replace", naming)
    BlobStore(tmp_path).put(PHOTO)
    assert steps[:3] == ["sync", "name", "sync"], "file, name, and the directory that holds the name"


@pytest.mark.parametrize(
    "bad", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "0", DIGEST[:-1] + "\n"]
)
def test_what_is_no_digest_is_no_path(tmp_path: Path, bad: str) -> None:
    blobs = BlobStore(tmp_path)
    for use in (blobs.open, blobs.verify, blobs.path):
        with pytest.raises(UsageError, match="64 lower-case hexadecimal digits"):
            use(bad)


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    blobs.put(PHOTO)
    (blobs.path(DIGEST).parent / ".half.new").touch()
    (tmp_path / "blobs" / "sha256" / "README").touch()
    assert list(blobs.digests()) == [DIGEST]
