"""Every byte counts: whichever is changed, the verdict is `tampered` and names the entry."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit.report import Report
from ledger.audit.verify import verify
from tests.audit.memory import VKEY, MemorySource, found
from tests.audit.sample import make_long, make_sample, make_tiny

CLASSES = (b"0123456789", b"abcdef", b"ghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def other_byte(old: int, rng: Random) -> int:
    """Another byte: mostly one of the same sort, so that the change gets past the syntax."""
    if rng.random() < 0.7:
        for alike in CLASSES:
            if old in alike:
                return rng.choice([byte for byte in alike if byte != old])
    return rng.choice([byte for byte in range(256) if byte != old])


def changed(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]


def assert_found(report: Report, index: int, size: int) -> None:
    """The fault is at the entry itself, at the link behind it, and in the tree."""
    assert report.verdict == "tampered"
    places = found(report)
    assert min(place for place in places["tree"] if place is not None) <= index
    assert index in places["tree"]  # the tile names it
    if index + 1 < size:
        assert index + 1 in places["chain"]


@pytest.mark.parametrize("index", range(5))
def test_every_byte_of_every_entry(index: int) -> None:
    made = make_tiny()
    rng = Random(index)
    data = made.data[index]
    recorded_at = data.index(b'"recorded_at":"') + 15
    for at in range(len(data)):
        source = made.source()
        source.data[index] = changed(data, at, other_byte(data[at], rng))
        report = verify(source, vkey=VKEY)
        assert_found(report, index, len(made.data))
        own = {check for check, places in found(report).items() if index in places}
        # Only the time of recording is said by nobody but the ledger, so that only its hashes tell.
        if not recorded_at <= at < recorded_at + 24:
            assert own - {"tree"}, f"byte {at} of entry {index}: {source.data[index][at - 20 : at + 20]!r}"


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_byte_of_any_kind(data: st.DataObject) -> None:
    made = make_sample()
    index = data.draw(st.integers(0, len(made.data) - 1))
    entry = made.data[index]
    at = data.draw(st.integers(0, len(entry) - 1))
    source = made.source(bundle=data.draw(st.booleans()))
    source.data[index] = changed(entry, at, other_byte(entry[at], Random(data.draw(st.integers(0, 9)))))
    assert_found(verify(source), index, len(made.data))


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_shorter_and_longer_entries(data: st.DataObject) -> None:
    made = make_sample()
    index = data.draw(st.integers(0, len(made.data) - 1))
    entry = made.data[index]
    at = data.draw(st.integers(0, len(entry)))
    cut, put_in = data.draw(st.integers(0, 3)), data.draw(st.binary(max_size=3))
    damaged = entry[:at] + put_in + entry[at + cut :]
    if damaged != entry:
        source = made.source()
        source.data[index] = damaged
        assert_found(verify(source), index, len(made.data))


def test_every_byte_of_every_tile() -> None:
    made = make_tiny()
    for place, data in made.tiles.items():
        for at in range(len(data)):
            source = made.source()
            source.tiles[place] = changed(data, at, data[at] ^ 1 << at % 8)
            assert found(verify(source, vkey=VKEY)) == {"tree": [at // 32]}


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_tiles_of_all_levels(data: st.DataObject) -> None:
    made = make_long()
    level, number = data.draw(st.sampled_from(sorted(made.tiles)))
    tile = made.tiles[level, number]
    at = data.draw(st.integers(0, len(tile) - 1))
    source = made.source()
    source.tiles[level, number] = changed(tile, at, tile[at] ^ 0x40)
    assert found(_without_signatures(source)) == {"tree": [(number * 256 + at // 32) * 256**level]}


def test_missing_and_short_tiles() -> None:
    made = make_long()
    for place, tile in made.tiles.items():
        first = place[1] * 256 * 256 ** place[0]
        source = made.source()
        del source.tiles[place]
        assert found(_without_signatures(source)) == {"tree": [first]}
        source = made.source()
        source.tiles[place] = tile[:-32]
        last = first + (len(tile) // 32 - 1) * 256 ** place[0]
        assert found(_without_signatures(source)) == {"tree": [last]}
        source = made.source()
        source.tiles[place] = tile + b"half a hash"
        assert found(_without_signatures(source)) == {"tree": [first]}


def test_a_wider_tile_is_as_good() -> None:
    """A published ledger may go on while it is read: what stands behind the checkpoint is not looked at."""
    source = make_tiny().source(bundle=True)
    source.tiles[0, 0] += bytes(32)
    assert verify(source).verdict == "intact"


@pytest.mark.parametrize("number", range(3))
def test_every_byte_of_every_checkpoint(number: int) -> None:
    made = make_tiny()
    rng = Random(number)
    size, note = made.notes[number]
    for at in range(len(note)):
        source = made.source()
        source.notes[number] = (size, changed(note, at, other_byte(note[at], rng)))
        report = verify(source, vkey=VKEY)
        assert report.verdict == "tampered", f"byte {at}"
        places = found(report)
        assert "checkpoint_signature" in places, f"byte {at}"
        assert all(place is None or place < size for place in places["checkpoint_signature"])


def test_every_byte_of_the_one_checkpoint_of_a_bundle() -> None:
    made = make_tiny()
    rng = Random(7)
    note = made.notes[-1][1]
    for at in range(len(note)):
        source = made.source(bundle=True)
        source.newest = changed(note, at, other_byte(note[at], rng))
        source.notes = [(5, source.newest)]
        assert verify(source, vkey=VKEY).verdict == "tampered", f"byte {at}"


def test_every_character_of_the_verifier_key() -> None:
    rng = Random(1)
    for at in range(len(VKEY)):
        source = make_tiny().source()
        source.vkey = changed(VKEY.encode(), at, other_byte(ord(VKEY[at]), rng)).decode("utf-8", "replace")
        assert "checkpoint_signature" in found(verify(source)), source.vkey


def _without_signatures(source: MemorySource) -> Report:
    return verify(source, vkey=VKEY, signatures=False)
