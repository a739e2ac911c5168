"""Tiles against the reference: proofs from them, growth in steps, paths, entry bundles.

Every tree of up to 600 leaves, and some that need three levels of tiles.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError, ProofError, TileError
from ledger.log import bundles, tiles
from ledger.log.tree import CompactRange
from tests.reference import slow
from tests.reference import trees as reference

LEAVES = [b"leaf %d" % n for n in range(66_000)]
TREE = reference.Tree(LEAVES)
HASHES = [reference.leaf_hash(leaf) for leaf in LEAVES]
LARGE = (65_535, 65_536, 65_537, 65_792, 66_000)  # around the first tile of level 2
Stored = dict[tuple[int, int], bytes]


def grown(sizes: Iterable[int]) -> tuple[Stored, tiles.TileWriter]:
    """The tiles that a store holds after appending up to each of these sizes in turn."""
    writer, stored = tiles.TileWriter(), Stored()
    for size in sizes:
        for level, number, data in writer.append(HASHES[writer.size : size]):
            stored[level, number] = data
    return stored, writer


BIG, _ = grown([66_000])


def reader(stored: Stored, seen: list[tiles.TileId] | None = None) -> tiles.ReadTile:
    """Reads whole tiles as a store has them, also where a narrower one is asked for."""

    def read(level: int, number: int, width: int) -> bytes:
        if seen is not None:
            seen.append(tiles.TileId(level, number, width))
        return stored[level, number]

    return read


def strict(size: int) -> tiles.ReadTile:
    """Gives exactly the tile that the reference publishes for this size, and refuses any other."""
    names = set(reference.tile_names(size))

    def read(level: int, number: int, width: int) -> bytes:
        assert (level, number, width) in names
        return reference.tile(TREE, level, number, width)

    return read


def fails(error: type[LedgerError], call: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(error) as caught:
        call(*arguments)
    assert caught.value.message


def test_every_tree_of_up_to_600_leaves_proves_as_the_reference_does() -> None:
    """Root, inclusion and consistency proofs of every size, from the tiles of one larger tree."""
    draw = random.Random(4)
    for size in range(1, 601):
        tree = tiles.TileTree(reader(BIG), size)
        assert tree.root() == TREE.root(size)
        # every index of the small trees; both edges and five more in each of the others
        picked = range(size) if size <= 70 else (0, 1, size - 2, size - 1, *draw.sample(range(size), 5))
        for index in picked:
            assert tree.inclusion(index) == TREE.inclusion(index, size)
            assert tree.consistency(index + 1) == TREE.consistency(index + 1, size)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 511, 512, 513, *LARGE])
def test_only_published_tiles_are_read_each_once_and_as_announced(size: int) -> None:
    draw = random.Random(size)
    for index in {0, size - 1, size // 2, *(draw.randrange(size) for _ in range(5))}:
        for want, announced, make in (
            (TREE.inclusion(index, size), tiles.TileTree.needed(size, index=index), tiles.TileTree.inclusion),
            (
                TREE.consistency(index + 1, size),
                tiles.TileTree.needed(size, old=index + 1),
                consistency_after,
            ),
        ):
            seen: list[tiles.TileId] = []
            tree = tiles.TileTree(reader(BIG, seen), size)
            assert make(tree, index) == want == make(tiles.TileTree(strict(size), size), index)
            assert sorted(seen) == announced
            assert len(seen) == len(set(seen)) <= 6
        assert tiles.TileTree(strict(size), size).leaf(index) == HASHES[index]
        both = tiles.TileTree.needed(size, index=index, old=index + 1)
        one_by_one = {*tiles.TileTree.needed(size, index=index), *tiles.TileTree.needed(size, old=index + 1)}
        assert set(both) == one_by_one
    seen = []
    assert tiles.TileTree(reader(BIG, seen), size).root() == TREE.root(size)
    assert sorted(seen) == tiles.TileTree.needed(size)


def consistency_after(tree: tiles.TileTree, index: int) -> list[bytes]:
    return tree.consistency(index + 1)


@pytest.mark.parametrize("size", [600, *LARGE])
def test_roots_at_every_past_size(size: int) -> None:
    tree = tiles.TileTree(strict(size), size)
    for past in range(size + 1) if size == 600 else random.Random(size).sample(range(size), 50):
        assert tree.root_at(past) == TREE.root(past)
        edge = tree.range_at(past)
        assert (edge.size, edge.root()) == (past, TREE.root(past))
    edge = tree.range_at(size - 300)
    edge.extend(HASHES[size - 300 : size])
    assert edge.root() == TREE.root(size)


def test_tiles_of_every_size() -> None:
    for size in (*range(601), *LARGE):
        names = list(reference.tile_names(size))
        assert list(tiles.tiles_of(size)) == names
        assert list(tiles.bundles_of(size)) == [name[1:] for name in names if name[0] == 0]
        assert tiles.right_edge(size) == [name for name in names if name[2] < 256]


def test_the_example_of_the_standard() -> None:
    """tlog-tiles, "Partial Tiles": a tree of 70,000."""
    names = list(tiles.tiles_of(70_000))
    assert len([one for one in names if one.level == 0 and one.width == 256]) == 273
    assert names[273:] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, *LARGE])
def test_built_at_once_the_tiles_are_those_of_the_reference(size: int) -> None:
    stored, writer = grown([size])
    assert stored == {
        (level, number): reference.tile(TREE, level, number, width)
        for level, number, width in reference.tile_names(size)
    }
    assert writer.size == size
    assert writer.root() == TREE.root(size)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400) | st.sampled_from([1, 255, 256, 257, 512]), max_size=12), st.data())
def test_growing_in_steps_equals_building_at_once(steps: list[int], data: st.DataObject) -> None:
    """Also when the writer is made anew from the stored right edge, and never by changing what was there."""
    stored, writer = Stored(), tiles.TileWriter()
    for size in itertools.accumulate(steps):
        if data.draw(st.booleans()):
            edge = {one.level: stored[one.level, one.number] for one in tiles.right_edge(writer.size)}
            writer = tiles.TileWriter(writer.size, edge)
        elif data.draw(st.booleans()):
            kept, writer = writer, writer.copy()
            kept.append([bytes(32)])  # what happens to the other copy does not matter
        changed = writer.append(iter(HASHES[writer.size : size]))
        assert len({one[:2] for one in changed}) == len(changed)
        for level, number, tile in changed:
            old = stored.get((level, number), b"")
            assert len(old) < len(tile)
            assert tile.startswith(old)
            stored[level, number] = tile
        assert writer.root() == TREE.root(size)
    assert stored == grown([sum(steps)])[0]


def test_a_single_leaf_at_a_time() -> None:
    assert grown(range(1, 600))[0] == grown([599])[0]
    writer = tiles.TileWriter()
    assert [one[:2] for one in writer.append(HASHES[:256])] == [(0, 0), (1, 0)]
    assert [one[:2] for one in writer.append(HASHES[256:257])] == [(0, 1)]
    assert writer.append([]) == []


def test_the_writer_refuses_what_it_cannot_go_on_from() -> None:
    edge = {0: BIG[0, 1], 1: BIG[1, 0]}
    assert tiles.TileWriter(300, edge).root() == TREE.root(300)
    fails(TileError, tiles.TileWriter, 300, {0: BIG[0, 1]})
    fails(TileError, tiles.TileWriter, 300, {**edge, 0: BIG[0, 1][: 43 * 32]})
    fails(TileError, tiles.TileWriter, 300)
    fails(TileError, tiles.TileWriter().append, [bytes(31)])
    fails(ProofError, tiles.TileWriter, -1)


@pytest.mark.parametrize("size", [1, 5, 256, 300])
def test_numbers_outside_the_tree_are_refused(size: int) -> None:
    tree = tiles.TileTree(reader(BIG), size)
    for bad in (-1, size, size + 1, 2**63, 2**64):
        fails(ProofError, tree.leaf, bad)
        fails(ProofError, tree.inclusion, bad)
        fails(ProofError, tree.consistency, bad + 1)
        fails(ProofError, tree.root_at, bad + (bad == size))
        fails(ProofError, partial(tiles.TileTree.needed, size, index=bad))
    fails(ProofError, tree.consistency, 0)
    fails(ProofError, tiles.TileTree, reader(BIG), -1)
    assert tiles.TileTree(reader({}), 0).root() == TREE.root(0)
    fails(ProofError, tiles.TileTree(reader({}), 0).leaf, 0)


def test_a_short_tile_is_named() -> None:
    tree = tiles.TileTree(lambda level, number, width: bytes(32 * width - 1), 300)
    with pytest.raises(TileError, match=r"tile/0/001\.p/44"):
        tree.inclusion(299)


def test_a_wrong_tile_never_gives_a_valid_proof() -> None:
    """One bit of any hash that a proof uses is enough."""
    draw = random.Random(3)
    for _ in range(60):
        size, wrong = draw.randrange(1, 600), dict(BIG)
        index = draw.randrange(size)
        name = draw.choice([key for key in wrong if key[0] < 2 and key[1] <= size >> 8])
        bad = bytearray(wrong[name])
        for at in range(0, len(bad), 32):
            bad[at] ^= 1 << draw.randrange(8)
        wrong[name] = bytes(bad)
        seen: list[tiles.TileId] = []
        path = tiles.TileTree(reader(wrong, seen), size).inclusion(index)
        holds = reference.verify_inclusion(index, size, HASHES[index], path, TREE.root(size))
        assert holds != any(one[:2] == name for one in seen)


@pytest.mark.parametrize("number", [0, 1, 9, 10, 255, 999, 1000, 1234, 999_999, 1_000_000, 1_234_067, 2**55])
@pytest.mark.parametrize("width", [1, 9, 10, 255, 256])
def test_paths_are_those_of_the_standard(number: int, width: int) -> None:
    for level in (0, 1, 9, 10, 63):
        text = reference.tile_path(level, number, width)
        assert tiles.path(tiles.TileId(level, number, width)) == text
        assert tiles.parse_path(text) == tiles.TileId(level, number, width)
        assert isinstance(tiles.parse_path(text), tiles.TileId)
    text = reference.tile_path("entries", number, width)
    assert tiles.path(tiles.EntriesId(number, width)) == text
    assert tiles.parse_path(text) == tiles.EntriesId(number, width)
    assert isinstance(tiles.parse_path(text), tiles.EntriesId)


@given(st.sampled_from(["tile/0/x001/234.p/5", "tile/entries/000", "tile/63/000.p/255"]), st.data())
def test_a_path_has_one_spelling(good: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good)))
    cut = data.draw(st.integers(at, min(at + 2, len(good))))
    text = good[:at] + data.draw(st.text("0123456789x/.pentris-+ \n٣", max_size=3)) + good[cut:]
    try:
        found = tiles.parse_path(text)
    except TileError:
        return
    level = found.level if isinstance(found, tiles.TileId) else "entries"
    assert reference.tile_path(level, found.number, found.width) == text
    assert 1 <= found.width <= 256


@given(st.text(max_size=30) | st.text("tile/0123456789x.pentris", max_size=30))
def test_any_other_text_is_no_path(text: str) -> None:
    try:
        found = tiles.parse_path(text)
    except TileError:
        return
    assert tiles.path(found) == text


@given(st.lists(st.binary(max_size=40), max_size=20), st.sampled_from([0, 236, 237, 256, 257]))
def test_bundles(entries: list[bytes], more: int) -> None:
    entries += [b"more"] * more
    if len(entries) > 256:
        fails(TileError, bundles.encode_bundle, entries)
        fails(TileError, bundles.decode_bundle, reference.bundle(entries))
        return
    data = bundles.encode_bundle(iter(entries))
    assert data == reference.bundle(entries)
    assert bundles.decode_bundle(data) == entries


@given(st.binary(max_size=20))
def test_any_bytes_are_a_bundle_or_refused(data: bytes) -> None:
    try:
        entries = bundles.decode_bundle(data)
    except TileError:
        return
    assert reference.bundle(entries) == data


def test_an_entry_of_full_length_fits_a_bundle() -> None:
    full = bytes(slow.MAX_ENTRY_BYTES)
    assert bundles.decode_bundle(bundles.encode_bundle([full, b"", full])) == [full, b"", full]
    fails(TileError, bundles.encode_bundle, [full + b"\0"])
    whole = bundles.encode_bundle([full])
    for cut in (1, 2, 65_535, 65_536):
        fails(TileError, bundles.decode_bundle, whole[:-cut])


def test_a_frontier_comes_back_from_tiles() -> None:
    for size in (0, 1, 3, 256, 511, 66_000):
        growing = CompactRange()
        growing.extend(HASHES[:size])
        assert tiles.TileTree(reader(BIG), size).range_at(size).hashes == growing.hashes
