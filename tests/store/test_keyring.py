"""Keys as files: for their owner only, and never overwritten."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import StoreError, UsageError
from ledger.store.keyring import Keyring

PEM = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n"
PUBLIC = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    ring.add("log", PEM, PUBLIC)
    assert mode(tmp_path / "keys") == 0o700
    assert mode(tmp_path / "keys" / "log.pem") == 0o600
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["log.pem", "log.pub"]
    assert ring.exposed() == []


def test_a_private_key_is_closed_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    sync = os.fsync

    def look(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    Keyring(tmp_path).add("log", PEM, PUBLIC)
    assert seen[-1] == 0o600
    assert len(seen) == 2


def test_what_was_stored_comes_back(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    assert ring.names() == []
    assert not (tmp_path / "keys").exists()
    ring.add("operator", PEM, PUBLIC + "\n")
    ring.add("log", PEM * 2, PUBLIC)
    assert ring.names() == ["log", "operator"]
    assert ring.pem("operator") == PEM
    assert ring.pem("log") == PEM * 2
    assert ring.public("operator") == PUBLIC
    assert (tmp_path / "keys" / "operator.pub").read_bytes() == f"{PUBLIC}\n".encode()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    ring.add("log", PEM, PUBLIC)
    for pem, public in ((b"other", PUBLIC), (PEM, PUBLIC), (b"other", "other")):
        with pytest.raises(UsageError, match="choose another name"):
            ring.add("log", pem, public)
    assert (ring.pem("log"), ring.public("log")) == (PEM, PUBLIC)


def test_nothing_is_overwritten_by_the_slower_of_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process stores a key after we have looked."""
    ring = Keyring(tmp_path)
    (tmp_path / "keys").mkdir()
    link = Path.hardlink_to

    def somebody_is_faster(path: Path, target: Path) -> None:
        if path.suffix == ".pem":
            path.write_bytes(b"theirs")
        link(path, target)

    monkeypatch.setattr(Path, "hardlink_to", somebody_is_faster)
    with pytest.raises(UsageError, match="choose another name"):
        ring.add("log", PEM, PUBLIC)
    assert (tmp_path / "keys" / "log.pem").read_bytes() == b"theirs"
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["log.pem", "log.pub"]


def test_an_add_cut_short_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring(tmp_path)
    link = Path.hardlink_to

    def dies_at_the_private_half(path: Path, target: Path) -> None:
        if path.suffix == ".pem":
            raise OSError(5, "Input/output error")
        link(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "hardlink_to", dies_at_the_private_half)
        with pytest.raises(StoreError, match="Input/output error"):
            ring.add("log", PEM, PUBLIC)
    assert ring.names() == []
    with pytest.raises(UsageError, match="choose another name"):
        ring.add("log", PEM, "another public half")
    ring.add("log", PEM, PUBLIC)
    assert ring.pem("log") == PEM


def test_file_systems_without_links_do_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(_path: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    ring = Keyring(tmp_path)
    ring.add("log", PEM, PUBLIC)
    assert ring.pem("log") == PEM
    assert mode(tmp_path / "keys" / "log.pem") == 0o600
    with pytest.raises(UsageError, match="choose another name"):
        ring.add("log", b"other", PUBLIC)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../log", "a/b", "A", "-a", ".a", "_a", "a b", "键", "a\n", "a\0", "a" * 65]
)
def test_names_that_are_no_names(tmp_path: Path, name: str) -> None:
    ring = Keyring(tmp_path)
    for use in (lambda: ring.add(name, PEM, PUBLIC), lambda: ring.pem(name), lambda: ring.public(name)):
        with pytest.raises(UsageError, match="cannot name a key") as caught:
            use()
        assert caught.value.field == "name"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "0", "a..b", "log-2026_11.old", "a" * 64])
def test_names_that_are(tmp_path: Path, name: str) -> None:
    ring = Keyring(tmp_path)
    ring.add(name, PEM, PUBLIC)
    assert ring.names() == [name]


def test_an_unknown_key_names_the_known_ones(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    with pytest.raises(UsageError, match=r"no key named log \(known: none yet\)"):
        ring.pem("log")
    ring.add("operator", PEM, PUBLIC)
    with pytest.raises(UsageError, match="known: operator"):
        ring.public("log")


def test_a_key_that_others_may_read_is_named(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    for name in ("a", "b", "c"):
        ring.add(name, PEM, PUBLIC)
    (tmp_path / "keys" / "b.pem").chmod(0o640)
    (tmp_path / "keys" / "c.pem").chmod(0o602)
    assert ring.exposed() == ["b", "c"]
