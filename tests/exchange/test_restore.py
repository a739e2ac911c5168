"""Restoring a real small ledger: the same bytes, root and facts from every kind of source, or nothing at all."""

from __future__ import annotations

import errno
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody.ledger import Ledger
from ledger.errors import LedgerError, SourceError, StoreExists, StoreFull, StoreReadOnly
from ledger.exchange import restore as module
from ledger.exchange.bundle import publish
from ledger.exchange.layout import MAX_BUNDLE, LayoutSource
from ledger.exchange.restore import restore
from ledger.exchange.sources import DirectorySource, ZipSource, open_source
from ledger.log import NoteSigner, checkpoint, entry
from ledger.log.bundles import decode_bundle, encode_bundle
from ledger.store.blobs import BlobStore
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.sqlite import SqliteStore
from tests.custody.world import M1, M2, World
from tests.exchange import layouts
from tests.reference import trees

PHOTO = b"photograph of a certificate" * 9_000
LOST = b"a photograph that was never handed in"


class Lived(World):
    """A world in which all sorts of things have happened, over more than one bundle of entries."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.blobs = BlobStore(folder)
        self.photo, self.lost = self.blobs.put(PHOTO), sha256(LOST).hexdigest()
        documents = [
            {
                "type": "customs_declaration",
                "number": f"46012026100000012{n}",
                "attachment": self.attached(n, sha),
            }
            for n, sha in enumerate((self.photo, self.lost))
        ]
        self.receive("B-1", "100", documents=documents)
        handover = self.hand_over("B-1", "12.5")
        self.must(self.accept(handover.id, "B-1", "12", refused="0.5"))
        mistaken = self.must(self.sell("B-1", "1"))
        self.must(self.correct(mistaken.id))
        for n in range(50):
            self.later(60_000)
            self.receive(f"C-{n}", "8")
            envelopes = [self.envelope([self.k1], "goods.sold", M1, self.sale(f"C-{n}")) for _ in range(5)]
            for answer in self.ledger.append(envelopes):
                self.must(answer)
        assert self.size > 300

    @staticmethod
    def attached(n: int, sha256: str) -> dict[str, Any]:
        return {"bytes": 1, "media_type": "image/jpeg", "name": f"{n}.jpg", "sha256": sha256}

    @staticmethod
    def sale(batch: str) -> dict[str, Any]:
        quantity = {"value": "1.5", "unit": "kg"}
        return {"buyer": {"type": "consumers"}, "lines": [{"batch": batch, "quantity": quantity}]}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    world = Lived(tmp_path_factory.mktemp("lived") / "ledger")
    publish(world.ledger.store, world.folder.parent / "site", blobs=world.blobs)
    publish(world.ledger.store, world.folder.parent / "site.zip", blobs=world.blobs)
    yield world
    world.ledger.close()


@pytest.fixture
def site(lived: Lived, tmp_path: Path) -> Path:
    """A copy of the published ledger that a test may bend."""
    return Path(shutil.copytree(lived.folder.parent / "site", tmp_path / "site"))


def refused(call: Callable[[], object], kind: type[LedgerError] = SourceError) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def assert_nothing_left(folder: Path, *but: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(but)


def assert_same(store: SqliteStore, lived: Lived) -> None:
    """Entries, tiles, checkpoint and every row of every fact table are those of the ledger that was published."""
    original = lived.ledger.store
    assert (store.origin, store.vkey) == (original.origin, original.vkey)
    assert store.head() == original.head()
    assert list(store.entries()) == list(original.entries())
    assert list(store.checkpoints()) == [(original.head().size, original.head().checkpoint_note)]
    for level in range(3):
        assert store.tile(level, 0) == original.tile(level, 0)
        assert store.tile(level, 1) == original.tile(level, 1)
    for row in FACT_TABLES:
        rows = list(store.fact_rows(row))
        assert rows == list(original.fact_rows(row)), row.__name__


# ---------------------------------------------------------------------- the same ledger again


@pytest.mark.parametrize("kind", ["folder", "zip", "web"])
def test_the_restored_ledger_is_the_published_one(lived: Lived, tmp_path: Path, kind: str) -> None:
    parent = lived.folder.parent
    target = tmp_path / "new" / "erligang"
    if kind == "web":
        with layouts.serving(layouts.read_all(parent / "site")) as server, layouts.quick(server) as source:
            restored = restore(source, target)
            assert max(map(server.count, server.asked)) <= 2  # entries are fetched once
    else:
        with open_source(str(parent / ("site" if kind == "folder" else "site.zip"))) as source:
            restored = restore(source, target)
    head = lived.ledger.store.head()
    assert (restored.directory, restored.size, restored.root) == (target, head.size, head.root)
    assert (restored.blobs, restored.absent) == (1, 1)
    assert restored.report.verdict == "intact"
    assert {check.name: check.status for check in restored.report.checks}["facts"] == "passed"
    assert sorted(path.name for path in target.iterdir()) == ["blobs", "ledger.db"]
    assert_nothing_left(target.parent, "erligang")
    with SqliteStore.open(target) as store:
        assert_same(store, lived)
        blobs = BlobStore(target)
        assert blobs.verify(lived.photo) == "intact"
        assert blobs.verify(lived.lost) == "absent"
        with live_source(store, blobs, name="restored") as made:
            report = verify(made)
        assert report.verdict == "intact"
        assert report.faults == ()


def test_it_can_be_published_again_to_the_same_place(lived: Lived, site: Path, tmp_path: Path) -> None:
    restore(DirectorySource(site), tmp_path / "new")
    with SqliteStore.open(tmp_path / "new") as store:
        assert publish(store, site, blobs=BlobStore(tmp_path / "new")).files == 0


def test_it_can_be_read_at_once_and_written_with_the_log_key(lived: Lived, tmp_path: Path) -> None:
    restored = restore(DirectorySource(lived.folder.parent / "site"), tmp_path / "new")
    assert "keys/log.pem" in restored.note
    assert lived.ledger.store.vkey in restored.note
    store = SqliteStore.open(tmp_path / "new")
    with Ledger(store, log_key=None, clock=lambda: lived.now) as reader:
        assert reader.facts().held("B-1", M2, restored.size) == 12_000_000
        assert refused(lambda: reader.append([]), StoreReadOnly)
    store = SqliteStore.open(tmp_path / "new")
    with Ledger(store, log_key=lived.log_key, clock=lambda: lived.now) as writer:
        (answer,) = writer.append([lived.envelope([lived.k1], "goods.sold", M1, lived.sale("B-1"))])
        assert not isinstance(answer, LedgerError)
        with live_source(store, None, name="grown") as made:
            assert verify(made, attachments=False).verdict == "intact"


def test_progress_counts_entries(lived: Lived, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    restored = restore(
        DirectorySource(lived.folder.parent / "site"),
        tmp_path / "new",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(restored.size, restored.size)] * 2


def test_missing_tiles_do_no_harm(lived: Lived, site: Path, tmp_path: Path) -> None:
    """Every hash is made of the entries anew."""
    for name in ("0", "1"):
        shutil.rmtree(site / "tile" / name)
    restore(DirectorySource(site), tmp_path / "new")
    with SqliteStore.open(tmp_path / "new") as store:
        assert_same(store, lived)


def test_an_empty_folder_may_be_restored_into(
    lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path)
    restored = restore(DirectorySource(lived.folder.parent / "site"), Path("new"))
    assert restored.directory == tmp_path / "new"
    with SqliteStore.open(tmp_path / "new") as store:
        assert_same(store, lived)


# ---------------------------------------------------------------------- refused, with nothing left behind


def test_a_ledger_that_is_there_is_not_touched(lived: Lived, tmp_path: Path) -> None:
    source = DirectorySource(lived.folder.parent / "site")
    restore(source, tmp_path / "new")
    before = layouts.read_all(tmp_path / "new")
    assert "never overwrites" in refused(lambda: restore(source, tmp_path / "new"), StoreExists)
    assert layouts.read_all(tmp_path / "new") == before
    (tmp_path / "file").write_bytes(b"x")
    assert "never overwrites" in refused(lambda: restore(source, tmp_path / "file"), StoreExists)
    assert (tmp_path / "file").read_bytes() == b"x"


def test_hashes_only(lived: Lived, tmp_path: Path) -> None:
    publish(lived.ledger.store, tmp_path / "public", hashes_only=True)
    assert "hashes only" in refused(lambda: restore(DirectorySource(tmp_path / "public"), tmp_path / "new"))
    assert_nothing_left(tmp_path, "public")


def an_entry(site: Path) -> None:
    """The enrolment at index 10 says another grid."""
    bundle = site / "tile/entries/000"
    entries = decode_bundle(bundle.read_bytes())
    assert b"east/1/02" in entries[10]
    entries[10] = entries[10].replace(b"east/1/02", b"east/1/03")
    bundle.write_bytes(encode_bundle(entries))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def other_checkpoint(site: Path) -> None:
    layouts.lay(site, {"checkpoint": layouts.note(layouts.sample(3), 3)})


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (an_entry, ["nothing was restored", "Faults:", "entry 10", "custody verify"]),
        (
            lambda site: flip(site / "tile/0/000"),
            ["tile/0/000 is not what the entries give", "remove this file"],
        ),
        (lambda site: flip(site / "checkpoint"), ["checkpoint", "not good"]),
        (other_checkpoint, ["checkpoint", "not good"]),
        (lambda site: flip(site / "vkey"), ["not good"]),
        (lambda site: (site / "vkey").unlink(), ["holds no vkey"]),
        (lambda site: (site / "tile/entries/000").unlink(), ["tile/entries/000", "is missing"]),
        (lambda site: (site / "tile/entries/000").write_bytes(b"\0"), ["tile/entries/000", "damaged"]),
        (
            lambda site: flip(next((site / "blobs/sha256").glob("*/*"))),
            ["differs from its digest", "remove this file"],
        ),
    ],
)
def test_a_tampered_bundle_is_refused(
    site: Path, tmp_path: Path, bend: Callable[[Path], None], says: list[str]
) -> None:
    bend(site)
    said = refused(lambda: restore(DirectorySource(site), tmp_path / "new"))
    for text in says:
        assert text in said
    assert_nothing_left(tmp_path, "site")


def test_what_the_log_signs_must_be_signed_by_its_author_too(tmp_path: Path) -> None:
    """The log key signs a history in which one enrolment was rewritten: chains, hashes and checkpoint are right."""
    world = World(tmp_path / "ledger")
    store = world.ledger.store
    entries = [data for _, data in store.entries()]
    world.ledger.close()
    entries[-1] = entries[-1].replace(b"west/2", b"east/1")
    root = trees.Tree(entries).root()
    note = checkpoint.sign(store.origin, len(entries), root, NoteSigner(store.origin, world.log_key))
    files = trees.layout(entries, len(entries))
    layouts.lay(tmp_path / "site", {**files, "checkpoint": note, "vkey": store.vkey.encode()})
    said = refused(lambda: restore(DirectorySource(tmp_path / "site"), tmp_path / "new"))
    assert f"statement_signature at entry {len(entries) - 1}" in said
    assert_nothing_left(tmp_path, "ledger", "site")


def test_what_the_rules_do_not_allow_is_refused(tmp_path: Path) -> None:
    """A log that lets an author sell what it does not hold: all is signed, and nothing can be derived from it."""
    world = World(tmp_path / "ledger")
    store = world.ledger.store
    entries = [data for _, data in store.entries()]
    sale = world.envelope([world.k1], "goods.sold", M1, Lived.sale("B-9"))
    world.ledger.close()
    before = entry.parse(entries[-1])
    chain = [parsed for parsed in map(entry.parse, entries) if parsed.statement.merchant == M1]
    made = entry.build(
        len(entries), before.leaf_hash, len(chain), chain[-1].leaf_hash, before.recorded_at, sale
    )
    entries.append(made.data)
    root = trees.Tree(entries).root()
    note = checkpoint.sign(store.origin, len(entries), root, NoteSigner(store.origin, world.log_key))
    files = trees.layout(entries, len(entries))
    layouts.lay(tmp_path / "site", {**files, "checkpoint": note, "vkey": store.vkey.encode()})
    said = refused(lambda: restore(DirectorySource(tmp_path / "site"), tmp_path / "new"))
    assert f"custody at entry {len(entries) - 1}" in said
    assert_nothing_left(tmp_path, "ledger", "site")


def test_the_vkey_that_somebody_knows_is_believed(lived: Lived, site: Path, tmp_path: Path) -> None:
    (site / "vkey").unlink()
    source = DirectorySource(site)
    assert "not good" in refused(lambda: restore(source, tmp_path / "new", vkey=layouts.VKEY))
    assert "not good" in refused(lambda: restore(source, tmp_path / "new", vkey="nonsense"))
    restore(source, tmp_path / "new", vkey=lived.ledger.store.vkey)
    with SqliteStore.open(tmp_path / "new") as store:
        assert_same(store, lived)


# ---------------------------------------------------------------------- broken off


class Killed(BaseException):
    """The process ends here."""


STEPS = ["_compare_tiles", "derived", "_copy_blobs", "verify", "_name", "sync_directory"]


@pytest.mark.parametrize("step", STEPS)
def test_a_restore_broken_off_leaves_nothing_under_the_name(
    lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise Killed

    source = DirectorySource(lived.folder.parent / "site")
    with monkeypatch.context() as patch:
        patch.setattr(module, step, stop)
        with pytest.raises(Killed):
            restore(source, tmp_path / "new")
    assert_nothing_left(tmp_path)
    restore(source, tmp_path / "new")


def test_no_room(lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = DirectorySource(lived.folder.parent / "site")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module._Spool, "fill", full)
        said = refused(lambda: restore(source, tmp_path / "new"), StoreFull)
    assert "Nothing was restored: free some space and restore again" in said
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        said = refused(lambda: restore(source, tmp_path / "new"), StoreFull)
    assert_nothing_left(tmp_path)


def test_a_source_that_goes_away_halfway(lived: Lived, tmp_path: Path) -> None:
    files = layouts.read_all(lived.folder.parent / "site")
    last = next(path for path in files if path.startswith("tile/entries/001.p/"))
    with layouts.serving(files) as server:
        server.odd[last] = layouts.whole(503)
        with layouts.quick(server) as source:
            assert "cannot be fetched" in refused(lambda: restore(source, tmp_path / "new"))
    assert_nothing_left(tmp_path)


def test_a_damaged_zip(lived: Lived, tmp_path: Path) -> None:
    archive = tmp_path / "site.zip"
    data = bytearray((lived.folder.parent / "site.zip").read_bytes())
    data[data.index(b"tile/entries/000") + 5_000] ^= 1
    archive.write_bytes(data)
    source: LayoutSource
    with ZipSource(archive) as source:
        assert "tile/entries/000" in refused(lambda: restore(source, tmp_path / "new"))
    assert_nothing_left(tmp_path, "site.zip")


# ---------------------------------------------------------------------- what a verifier makes of the sources


@pytest.mark.parametrize("kind", ["folder", "zip", "web"])
def test_a_published_ledger_verifies_where_it_lies(lived: Lived, kind: str) -> None:
    parent = lived.folder.parent
    with layouts.serving(layouts.read_all(parent / "site")) as server:
        target = server.url if kind == "web" else str(parent / ("site" if kind == "folder" else "site.zip"))
        with open_source(target) as source:
            report = verify(source)
    assert (report.verdict, report.faults, report.warnings) == ("intact", (), ())


@pytest.mark.parametrize("kind", ["folder", "zip", "web"])
@pytest.mark.parametrize(
    ("path", "data", "fault"),
    [
        ("tile/entries/000", None, ("index", 0)),
        ("tile/entries/000", b"\0", ("index", 0)),
        ("tile/entries/000", bytes(MAX_BUNDLE + 1), ("index", 0)),
        ("tile/0/000", bytes(9_000), ("tree", 0)),
        ("tile/0/000", None, ("tree", 0)),
    ],
)
def test_one_bad_file_is_a_fault_and_not_the_end(
    lived: Lived, tmp_path: Path, kind: str, path: str, data: bytes | None, fault: tuple[str, int]
) -> None:
    files = layouts.read_all(lived.folder.parent / "site")
    files = {name: content for name, content in files.items() if name != path}
    if data is not None:
        files[path] = data
    with layouts.serving(files) as server:
        if kind == "zip":
            with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
        source: LayoutSource = (
            layouts.quick(server)
            if kind == "web"
            else open_source(
                str(tmp_path / "site.zip" if kind == "zip" else layouts.lay(tmp_path / "site", files))
            )
        )
        with source:
            report = verify(source)
    assert report.verdict == "tampered"
    assert fault in {(found.check, found.index) for found in report.faults}
    assert report.size == lived.size
