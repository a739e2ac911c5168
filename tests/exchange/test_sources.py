"""Reading a published ledger from a folder, a zip and the web: the same bytes from each, and nothing but our errors."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.audit.source import Attached, Source, StoredNote
from ledger.errors import SourceError
from ledger.exchange.layout import MAX_BUNDLE, LayoutSource, claimed_size, width_at
from ledger.exchange.source_http import HttpSource
from ledger.exchange.sources import DirectorySource, ZipSource, open_source
from tests.exchange import layouts
from tests.reference import trees

ENTRIES = layouts.sample(600)
FILES = layouts.layout(ENTRIES)
BLOB = b"a photograph" * 10_000
SHA = sha256(BLOB).hexdigest()
BLOB_PATH = f"blobs/sha256/{SHA[:2]}/{SHA[2:]}"

Opener = Callable[[dict[str, bytes]], LayoutSource]


def zipped(file: Path, files: dict[str, bytes], top: str = "", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(file, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(top + path, data)
    return file


@pytest.fixture(params=["folder", "zip", "zip with a folder", "web"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Makes a source of files, once for each kind of place."""
    open_things: list[Callable[[], object]] = []

    def make(files: dict[str, bytes]) -> LayoutSource:
        if request.param == "folder":
            source: LayoutSource = DirectorySource(layouts.lay(tmp_path / "site", files))
        elif request.param == "web":
            serving = layouts.serving(files)
            source = layouts.quick(serving.__enter__())
            open_things.append(lambda: serving.__exit__(None, None, None))
        else:
            top = "" if request.param == "zip" else "erligang/"
            source = ZipSource(zipped(tmp_path / "site.zip", files, top))
        open_things.insert(0, source.close)
        return source

    yield make
    for close in open_things:
        close()


# ---------------------------------------------------------------------- every place alike


def test_every_place_gives_the_same_ledger(opener: Opener) -> None:
    source: Source = opener({**FILES, BLOB_PATH: BLOB})
    assert source.checkpoint() == FILES["checkpoint"]
    assert list(source.checkpoints()) == [StoredNote(None, FILES["checkpoint"])]
    assert source.vkey == layouts.VKEY
    assert list(source.entries(0, 600)) == list(enumerate(ENTRIES))
    assert source.facts() is None
    assert source.warnings() == []
    assert source.attachment(SHA) is Attached.SAME
    assert source.attachment("ab" * 32) is Attached.ABSENT
    tree = trees.Tree(ENTRIES)
    for level, number, width in trees.tile_names(600):
        assert source.tile(level, number, width) == trees.tile(tree, level, number, width)
    assert source.tile(0, 3, 1) is None
    assert source.tile(2, 0, 1) is None


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (0, 1), (255, 257), (256, 512), (300, 600), (599, 600)])
def test_any_span_of_entries(opener: Opener, start: int, stop: int) -> None:
    assert list(opener(FILES).entries(start, stop)) == list(enumerate(ENTRIES))[start:stop]


def test_a_partial_tile_that_has_gone_is_read_from_the_full_one(opener: Opener) -> None:
    """C2SP tlog-tiles: a log may drop partial tiles once the full tile is there."""
    early = {**layouts.layout(ENTRIES), "checkpoint": layouts.note(ENTRIES, 300)}
    source = opener(early)
    assert list(source.entries(0, 300)) == list(enumerate(ENTRIES[:300]))
    full = source.tile(0, 1, 44)
    assert full is not None
    assert full[: 44 * 32] == trees.tile(trees.Tree(ENTRIES), 0, 1, 44)


def test_a_wider_partial_tile_serves_where_names_can_be_listed(tmp_path: Path) -> None:
    early = {**layouts.layout(ENTRIES), "checkpoint": layouts.note(ENTRIES, 520)}
    folder = DirectorySource(layouts.lay(tmp_path / "site", early))
    with ZipSource(zipped(tmp_path / "site.zip", early)) as archive:
        for source in (folder, archive):
            assert list(source.entries(510, 520)) == list(enumerate(ENTRIES))[510:520]
            found = source.tile(0, 2, 8)
            assert found is not None
            assert found[:256] == trees.tile(trees.Tree(ENTRIES), 0, 2, 8)


def test_what_is_missing_is_named(opener: Opener) -> None:
    files = {path: data for path, data in FILES.items() if path not in ("tile/entries/001", "vkey")}
    source = opener(files)
    stream = source.entries(0, 600)
    assert [next(stream) for _ in range(256)] == list(enumerate(ENTRIES[:256]))
    with pytest.raises(SourceError, match=r"tile/entries/001 is missing.*another copy") as caught:
        next(stream)
    assert caught.value.index == 256
    assert source.vkey is None
    assert any("vkey is missing" in warning for warning in source.warnings())
    assert "entries/002.p/88" in layouts.problem(lambda: list(source.entries(512, 601)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "holds 0 entries where its name says 256"),
        (FILES["tile/entries/001"][:-1], "damaged"),
        (FILES["tile/entries/001"] + b"\0", "damaged"),
        (FILES["tile/entries/001"] + b"\0\1x", "damaged"),
        (trees.bundle(ENTRIES[256:511]), "holds 255 entries"),
    ],
)
def test_a_bundle_that_is_none(opener: Opener, data: bytes, says: str) -> None:
    source = opener({**FILES, "tile/entries/001": data})
    said = layouts.problem(lambda: list(source.entries(300, 310)))
    assert "tile/entries/001" in said
    assert says in said


def test_entries_are_read_even_where_the_checkpoint_cannot(opener: Opener) -> None:
    """Nobody knows how many there must be, so all that are there are given; the web tells only of full bundles."""
    source = opener({**FILES, "checkpoint": b"nonsense"})
    found: list[tuple[int, bytes]] = []
    with pytest.raises(SourceError, match="missing") as caught:
        found.extend(source.entries(100, 2**63))
    whole = 512 if isinstance(source, HttpSource) else 600
    assert caught.value.index == whole
    stream = source.entries(100, 2**63)
    assert [next(stream) for _ in range(whole - 100)] == list(enumerate(ENTRIES))[100:whole]


def test_damaged_tiles_and_notes_are_handed_over_as_they_stand(opener: Opener) -> None:
    source = opener({**FILES, "tile/0/001": b"short", "checkpoint": b"\xff no note", "vkey": b"\xff\n"})
    assert source.tile(0, 1, 256) == b"short"
    assert source.checkpoint() == b"\xff no note"
    assert source.vkey == "�"


def test_oversized_files_are_not_read_whole(opener: Opener) -> None:
    source = opener(
        {
            **FILES,
            "tile/0/000": bytes(100_000),
            "tile/entries/000": bytes(MAX_BUNDLE + 1),
            "vkey": bytes(5000),
        }
    )
    assert source.tile(0, 0, 256) == bytes(
        8193
    )  # one byte more than there can be, so that it counts as damaged
    with pytest.raises(SourceError, match="tile/entries/000 is longer than") as caught:
        list(source.entries(5, 7))
    assert caught.value.index == 0
    assert "vkey is longer than" in layouts.problem(lambda: source.vkey)
    assert "checkpoint is longer than" in layouts.problem(
        lambda: opener({"checkpoint": bytes(70_000)}).checkpoint()
    )


def test_a_tile_and_a_bundle_may_be_as_large_as_they_can_be(opener: Opener) -> None:
    entries = [bytes([n % 256]) * 65_535 for n in range(256)]
    source = opener(layouts.layout(entries))
    assert list(source.entries(0, 256)) == list(enumerate(entries))


def test_attachments_that_differ(opener: Opener) -> None:
    source = opener({**FILES, BLOB_PATH: BLOB + b"!"})
    assert source.attachment(SHA) is Attached.DIFFERS
    pieces = source.blob(SHA)
    assert pieces is not None
    assert b"".join(pieces) == BLOB + b"!"
    assert source.blob("ab" * 32) is None
    for digest in ("../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", ""):
        assert "no digest" in layouts.problem(lambda digest=digest: source.attachment(digest))  # type: ignore[misc]


def test_hashes_only(opener: Opener) -> None:
    source = opener(layouts.layout(ENTRIES, hashes_only=True))
    assert source.is_hashes_only()
    assert source.tile(1, 0, 2) == FILES["tile/1/000.p/2"]
    assert "is missing" in layouts.problem(lambda: list(source.entries(0, 1)))


def test_a_full_bundle_is_not_hashes_only(opener: Opener) -> None:
    assert not opener(FILES).is_hashes_only()


def test_one_checkpoint_is_settled_on(tmp_path: Path) -> None:
    folder = layouts.lay(tmp_path / "site", layouts.layout(ENTRIES, 300))
    source = DirectorySource(folder)
    layouts.lay(folder, layouts.layout(ENTRIES, 600))
    assert claimed_size(source.checkpoint()) == 300
    assert list(source.entries(0, 300)) == list(enumerate(ENTRIES[:300]))


def test_stray_and_leftover_names_are_told(tmp_path: Path) -> None:
    strays = {
        "index.html": b"",
        "tile/0/1": b"",
        "tile/0/000.p/256": b"",
        "blobs/sha256/ab/cd": b"",
        ".DS_Store": b"",
    }
    beyond = {"tile/0/009": b"", "tile/entries/002.p/200": b""}
    files = {**FILES, **strays, **beyond, "blobs/readme": b"", BLOB_PATH: BLOB}
    with ZipSource(zipped(tmp_path / "site.zip", files)) as archive:
        for source in (archive, DirectorySource(layouts.lay(tmp_path / "site", files))):
            first, second = source.warnings()
            assert first.startswith("6 files that are no part of a published ledger: .DS_Store, blobs/")
            assert first.endswith(" …")
            assert second.startswith("2 tiles beyond the checkpoint's 600 entries")
            assert second.endswith("tile/0/009, tile/entries/002.p/200")


@given(st.integers(0, 300_000))
def test_widths_are_those_of_the_tree(size: int) -> None:
    widths = {(level, number): width for level, number, width in trees.tile_names(size)}
    for level in range(3):
        for number in range((size >> 8 * (level + 1)) + 2):
            assert width_at(size, level, number) == widths.get((level, number), 0)


# ---------------------------------------------------------------------- which source


def test_open_source_recognises(tmp_path: Path) -> None:
    folder = layouts.lay(tmp_path / "site", FILES)
    archive = zipped(tmp_path / "backup.zip", FILES)
    unnamed = zipped(tmp_path / "backup", FILES)
    for target, kind in ((folder, DirectorySource), (archive, ZipSource), (unnamed, ZipSource)):
        with open_source(str(target)) as source:
            assert type(source) is kind
            assert source.name == str(target)
    with open_source("HTTP://127.0.0.1:9/x") as source:
        assert type(source) is HttpSource


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nothing", "there is no such file"),
        ("empty", "holds no `checkpoint`"),
        ("live", "not that of a live ledger"),
        ("text", "neither a folder, a .zip file nor a URL"),
        ("text.zip", "is no whole zip file"),
        ("no.zip", "holds no `checkpoint`"),
        ("two.zip", "several ledgers"),
        ("missing.zip", "cannot be read"),
        ("ftp://127.0.0.1/x", "only http"),
        ("https://127.0.0.1/x?token=1", "without"),
        ("http://", "plain http"),
        ("http://[::1/", "URL"),
    ],
)
def test_open_source_says_what_is_there_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    layouts.lay(Path("live"), {"ledger.db": b"SQLite format 3\0"})
    layouts.lay(Path(), {"text": b"hello", "text.zip": b"hello"})
    zipped(Path("no.zip"), {"readme": b""})
    zipped(Path("two.zip"), {"a/checkpoint": b"", "b/checkpoint": b""})
    assert says in layouts.problem(lambda: open_source(target))


# ---------------------------------------------------------------------- folders


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    folder = layouts.lay(
        tmp_path / "site", {path: data for path, data in FILES.items() if path != "tile/0/000"}
    )
    os.mkfifo(folder / "tile/0/000")
    source = DirectorySource(folder)
    assert source.tile(0, 0, 256) == b""
    assert "no plain file" in source.warnings()[0]


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    folder = layouts.lay(tmp_path / "site", {**FILES, BLOB_PATH: b""})
    for path in ("tile/0/000", "tile/entries/000", BLOB_PATH):
        (folder / path).unlink()
        (folder / path).mkdir()
    source = DirectorySource(folder)
    assert source.tile(0, 0, 256) == b""
    assert source.attachment(SHA) is Attached.DIFFERS
    with pytest.raises(SourceError, match="no plain file") as caught:
        list(source.entries(0, 1))
    assert caught.value.index == 0
    assert len(source.warnings()) == 2


# ---------------------------------------------------------------------- zips


def test_a_name_held_twice(tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("checkpoint", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("checkpoint", b"two")
    assert "twice" in layouts.problem(lambda: ZipSource(file))


def test_an_encrypted_entry(tmp_path: Path) -> None:
    file = zipped(tmp_path / "site.zip", FILES)
    data = bytearray(file.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.index(b"tile/0/000", data.index(b"PK\x01\x02")))
    data[at + 8] |= 1  # general purpose flag of the central directory
    file.write_bytes(data)
    with ZipSource(file) as source:
        assert source.tile(0, 0, 256) == b""
        assert "encrypted" in source.warnings()[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    with ZipSource(zipped(tmp_path / "site.zip", FILES, method=method)) as source:
        assert "zip it again" in layouts.problem(source.checkpoint)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """An attachment has no known size: only the ratio of packed to unpacked gives it away."""
    file = zipped(tmp_path / "site.zip", {**FILES, BLOB_PATH: bytes(8_000_000)})
    with ZipSource(file) as source:
        assert source.attachment(SHA) is Attached.DIFFERS  # 1 : 1,000 is what deflate can do
    data = bytearray(file.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)
    file.write_bytes(data)
    with ZipSource(file) as source:
        assert source.attachment(SHA) is Attached.DIFFERS
        assert "no honest zip" in source.warnings()[0]
        assert "no honest zip" in layouts.problem(lambda: list(source.blob(SHA) or ()))


def test_a_size_that_lies_low_gives_no_more_than_it_says(tmp_path: Path) -> None:
    file = zipped(tmp_path / "site.zip", {**FILES, "tile/0/000": bytes(10_000_000)})
    data = bytearray(file.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.index(b"tile/0/000", data.index(b"PK\x01\x02")))
    data[at + 24 : at + 28] = struct.pack("<I", 8192)
    file.write_bytes(data)
    with ZipSource(file) as source:
        assert source.tile(0, 0, 256) == b""
        assert "tile/0/000" in source.warnings()[0]


SMALL = layouts.sample(5)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_zip_gives_our_error_or_the_true_bytes(tmp_path: Path, data: st.DataObject) -> None:
    """Flip or cut anywhere: no traceback, and bytes that pass the zip's own check sums."""
    whole = zipped(tmp_path / "whole.zip", layouts.layout(SMALL)).read_bytes()
    changed = bytearray(whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole)
    if changed:
        for _ in range(data.draw(st.integers(1, 3))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "damaged.zip"
    file.write_bytes(changed)
    try:
        with ZipSource(file) as source:
            source.warnings()
            source.tile(0, 0, 5)
            source.attachment(SHA)
            assert list(source.entries(0, 5)) == list(enumerate(SMALL))
    except SourceError:
        pass
