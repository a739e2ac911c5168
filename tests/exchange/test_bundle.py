"""Publishing: the layout to the byte, grown in place, never half a state, never somebody else's folder."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import (
    StoreBusy,
)
from ledger.exchange.bundle import publish
from ledger.exchange.layout import claimed_size
from ledger.exchange.sources import DirectorySource
from ledger.store.sqlite import SqliteStore
from tests.exchange import layouts
from tests.reference import slow, trees

ENTRIES = layouts.sample(700)
VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/format-v1.json"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as opened:
        yield opened


# ---------------------------------------------------------------------- the bytes


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 512, 700])
def test_the_layout_is_that_of_the_reference(tmp_path: Path, size: int) -> None:
    with layouts.filled(tmp_path / "ledger", ENTRIES[:size]) as store:
        published = publish(store, tmp_path / "site")
    assert layouts.read_all(tmp_path / "site") == layouts.layout(ENTRIES, size)
    assert (published.size, published.root, published.before) == (size, trees.Tree(ENTRIES[:size]).root(), 0)
    assert published.files == len(layouts.layout(ENTRIES, size))
    assert published.bytes == sum(map(len, layouts.layout(ENTRIES, size).values()))


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not beside the project")
def test_golden_vectors(tmp_path: Path) -> None:
    """The published bytes at sizes 1, 255, 256, 257 and 300 have the digests that everybody agreed on."""
    vectors = json.loads(VECTORS.read_text("utf-8"))
    entries = [item["entry"].encode() for item in vectors["entries"]]
    for size_text, digests in vectors["tiles_sha256"].items():
        size = int(size_text)
        tree = trees.Tree(entries[:size])
        tiles = [
            (level, number, trees.tile(tree, level, number, width))
            for level, number, width in trees.tile_names(size)
        ]
        note = vectors["checkpoints"][size_text].encode()
        folder = tmp_path / f"ledger{size}"
        with SqliteStore.create(folder, origin=vectors["origin"], vkey=vectors["vkey"]) as store:
            with store.writing() as transaction:
                transaction.append(list(enumerate(entries[:size])), tiles, {}, (size, note))
            publish(store, tmp_path / f"site{size}")
        files = layouts.read_all(tmp_path / f"site{size}")
        assert files.pop("checkpoint") == note
        assert files.pop("vkey").decode().strip() == vectors["vkey"]
        assert {path: hashlib.sha256(data).hexdigest() for path, data in files.items()} == digests


def test_hashes_only(store: SqliteStore, tmp_path: Path) -> None:
    blobs, _ = layouts.with_blob(tmp_path)
    published = publish(store, tmp_path / "public", hashes_only=True, blobs=blobs)
    assert layouts.read_all(tmp_path / "public") == layouts.layout(ENTRIES, 300, hashes_only=True)
    assert published.blobs == 0


def test_a_zip_holds_the_same_and_is_the_same_every_time(store: SqliteStore, tmp_path: Path) -> None:
    publish(store, tmp_path / "one.zip")
    publish(store, tmp_path / "two.ZIP")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == layouts.layout(ENTRIES, 300)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.ZIP").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "one.zip", "two.ZIP"]


def test_progress_counts_entries(store: SqliteStore, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    publish(store, tmp_path / "site", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(256, 300), (300, 300)]


# ---------------------------------------------------------------------- growing in place


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=2, max_size=4, unique=True).map(sorted))
def test_a_folder_grows_and_full_tiles_are_never_written_again(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    tmp_path = tmp_path_factory.mktemp("grow")
    site = tmp_path / "site"
    full: dict[Path, int] = {}
    with layouts.filled(tmp_path / "ledger", []) as store:
        for size in sizes:
            layouts.grow(store, ENTRIES, size)
            publish(store, site)
            layouts.assert_whole(site, ENTRIES[:size])
            assert {path: path.stat().st_mtime_ns for path in full} == full
            full = {
                path: path.stat().st_mtime_ns
                for path in (site / "tile").rglob("*")
                if path.is_file() and path.parent.suffix != ".p"
            }
    files = layouts.read_all(site)
    expected = layouts.layout(ENTRIES, sizes[-1])
    assert {path: files[path] for path in expected} == expected
    partials = {path for path in files if ".p/" in path} - set(expected)
    before = set(layouts.layout(ENTRIES, sizes[-2]))
    for path in partials - before:  # older ones stay only while no full tile has taken their place
        assert path.split(".p/")[0] not in files


def test_partial_tiles_stay_one_publishing_longer_than_they_must(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with layouts.filled(tmp_path / "ledger", ENTRIES[:300]) as store:
        publish(store, site)
        layouts.grow(store, ENTRIES, 400)
        publish(store, site)
        assert {path.name for path in (site / "tile/0/001.p").iterdir()} == {"44", "144"}
        layouts.grow(store, ENTRIES, 600)
        publish(store, site)
        assert {path.name for path in (site / "tile/0/001.p").iterdir()} == {"144"}
        assert {path.name for path in (site / "tile/entries/001.p").iterdir()} == {"144"}
        publish(store, site)
        assert not (site / "tile/0/001.p").exists()
        assert not (site / "tile/entries/001.p").exists()
    # level 1 is still partial, and so the one from before stays
    early = {"tile/1/000.p/1": layouts.layout(ENTRIES, 400)["tile/1/000.p/1"]}
    assert layouts.read_all(site) == {**layouts.layout(ENTRIES, 600), **early}


def test_nothing_new_writes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    publish(store, tmp_path / "site")
    again = publish(store, tmp_path / "site")
    assert (again.files, again.bytes, again.before, again.size) == (0, 0, 300, 300)


def test_a_lost_or_cut_file_is_put_back(store: SqliteStore, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(store, site)
    (site / "tile/0/000").write_bytes(b"cut")
    (site / "tile/entries/000").unlink()
    (site / "tile/0/001.p/44").write_bytes(bytes(44 * 32))
    (site / "vkey").unlink()
    assert publish(store, site).files == 4
    assert layouts.read_all(site) == layouts.layout(ENTRIES, 300)


def test_readers_never_see_half_a_state(tmp_path: Path) -> None:
    """A reader that opens the folder at any moment of a publishing can read all that its checkpoint promises."""
    site = tmp_path / "site"
    seen: set[int] = set()
    failed: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                source = DirectorySource(site)
                size = claimed_size(source.checkpoint())
                assert size is not None
                assert list(source.entries(0, size)) == list(enumerate(ENTRIES[:size]))
                seen.add(size)
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever it is, the test fails with it
            failed.append(error)

    with layouts.filled(tmp_path / "ledger", ENTRIES[:10]) as store:
        publish(store, site)
        reader = threading.Thread(target=read)
        reader.start()
        for size in range(30, 701, 67):
            layouts.grow(store, ENTRIES, size)
            publish(store, site)
        stop.set()
        reader.join()
    assert failed == []
    assert len(seen) > 1


# ---------------------------------------------------------------------- whose folder it is


def test_another_ledgers_folder(store: SqliteStore, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(store, site)
    before = layouts.read_all(site)
    with SqliteStore.create(tmp_path / "other", origin="custody.example/other", vkey=other_vkey()) as other:
        entries = layouts.sample(1, "other")
        note = slow.checkpoint("custody.example/other", 1, trees.Tree(entries).root(), layouts.KEY)
        with other.writing() as transaction:
            transaction.append([(0, entries[0])], [(0, 0, trees.leaf_hash(entries[0]))], {}, (1, note))
        assert "another ledger" in layouts.refused(lambda: publish(other, site))
        (site / "vkey").unlink()
        assert "not by the log key" in layouts.refused(lambda: publish(other, site))
    del before["vkey"]
    assert layouts.read_all(site) == before


def other_vkey() -> str:
    return slow.vkey("custody.example/other", slow.raw_public(layouts.KEY))


@pytest.mark.parametrize("name", ["site", "site.zip"])
def test_an_older_copy_of_the_ledger_does_not_take_back_what_is_published(
    store: SqliteStore, tmp_path: Path, name: str
) -> None:
    publish(store, tmp_path / name)
    with layouts.filled(tmp_path / "old", ENTRIES[:299]) as old:
        assert "holds 300 entries, this ledger only 299" in layouts.refused(
            lambda: publish(old, tmp_path / name)
        )
    layouts.assert_whole(tmp_path / name, ENTRIES[:300])


@pytest.mark.parametrize("name", ["site", "site.zip"])
def test_another_history_of_the_same_ledger(store: SqliteStore, tmp_path: Path, name: str) -> None:
    publish(store, tmp_path / name)
    with layouts.filled(tmp_path / "fork", [*ENTRIES[:299], b"other", b"history"]) as fork:
        assert "another history" in layouts.refused(lambda: publish(fork, tmp_path / name))
    layouts.assert_whole(tmp_path / name, ENTRIES[:300])


@pytest.mark.parametrize("name", ["site", "site.zip"])
def test_entries_do_not_slip_into_a_folder_of_hashes(store: SqliteStore, tmp_path: Path, name: str) -> None:
    publish(store, tmp_path / name, hashes_only=True)
    assert "holds hashes only" in layouts.refused(lambda: publish(store, tmp_path / name))
    publish(store, tmp_path / f"full{name}")
    assert "holds entries too" in layouts.refused(
        lambda: publish(store, tmp_path / f"full{name}", hashes_only=True)
    )


def test_targets_that_are_something_else(store: SqliteStore, tmp_path: Path) -> None:
    layouts.lay(tmp_path / "photos", {"2026/a.jpg": b""})
    layouts.lay(tmp_path, {"file": b"", "text.zip": b"hello"})
    assert "not empty (2026)" in layouts.refused(lambda: publish(store, tmp_path / "photos"))
    assert "is a file" in layouts.refused(lambda: publish(store, tmp_path / "file"))
    assert "no published ledger" in layouts.refused(lambda: publish(store, tmp_path / "text.zip"))
    assert (tmp_path / "text.zip").read_bytes() == b"hello"
    assert "its keys" in layouts.refused(lambda: publish(store, tmp_path / "ledger"))
    assert list((tmp_path / "ledger").glob("tile")) == []


def test_a_web_root_with_pages_of_its_own_stays_so(store: SqliteStore, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(store, site)
    layouts.lay(site, {"index.html": b"<p>", ".well-known/a.new": b"", ".notes.new": b""})
    publish(store, site)
    assert {"index.html", ".well-known/a.new", ".notes.new"} <= set(layouts.read_all(site))


def test_an_empty_ledger(tmp_path: Path) -> None:
    with layouts.filled(tmp_path / "ledger", []) as store:
        assert "nothing to publish" in layouts.refused(lambda: publish(store, tmp_path / "site"))
    assert not (tmp_path / "site").exists()


def test_one_publisher_at_a_time(store: SqliteStore, tmp_path: Path) -> None:
    site = tmp_path / "site"

    def second(*_: int) -> None:
        assert "right now" in layouts.refused(lambda: publish(store, site), StoreBusy)

    publish(store, site, progress=second)
    publish(store, site)
