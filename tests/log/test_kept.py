"""A tree that keeps its nodes answers as one that hashes them anew, whatever was asked before, and of which size."""

from __future__ import annotations

import random
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import TileError
from ledger.log.kept import KeptTree, inner_nodes
from ledger.log.tiles import TileTree, TileWriter
from ledger.log.tree import leaf_hash, verify_consistency, verify_inclusion
from tests.reference import trees as reference

LEAVES = [b"leaf %d" % n for n in range(66_000)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
TREE = reference.Tree(LEAVES)


class Log:
    """A growing log whose tiles are overwritten as they grow, with everything kept that the server keeps."""

    def __init__(self, kept: int) -> None:
        self.writer = TileWriter()
        self.stored: dict[tuple[int, int], bytes] = {}
        self.inner = lru_cache(kept)(lambda level, number: inner_nodes(self.stored[level, number]))
        self.tree = lru_cache(4)(lambda size: KeptTree(self.read, size, self.inner))

    def grow(self, size: int) -> None:
        for level, number, data in self.writer.append(HASHES[self.writer.size : size]):
            self.stored[level, number] = data

    def read(self, level: int, number: int, width: int) -> bytes:
        return self.stored[level, number]


sizes = st.one_of(
    st.integers(1, 1_500), st.sampled_from((255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_800))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(sizes, min_size=1, max_size=6), st.integers(1, 3), st.randoms(use_true_random=False))
def test_every_answer_is_that_of_a_tree_that_keeps_nothing(
    steps: list[int], kept: int, chance: random.Random
) -> None:
    log, seen = Log(kept), []
    for size in sorted(steps):
        log.grow(size)
        seen.append(size)
        for asked in chance.sample(seen, min(3, len(seen))):  # older sizes are asked for again and again
            tree, plain = log.tree(asked), TileTree(log.read, asked)
            assert tree.root() == plain.root() == TREE.root(asked)
            for index in {0, asked - 1, *(chance.randrange(asked) for _ in range(8))}:
                path = tree.inclusion(index)
                assert path == plain.inclusion(index)
                verify_inclusion(index, asked, HASHES[index], path, tree.root())
            old = chance.randint(1, asked)
            proof = tree.consistency(old)
            assert proof == plain.consistency(old)
            verify_consistency(old, asked, proof, tree.root_at(old), tree.root())


def test_a_full_tile_is_hashed_once_for_all_sizes_and_proofs() -> None:
    log, asked = Log(16), []
    read = log.read
    log.read = lambda level, number, width: asked.append((level, number)) or read(level, number, width)  # type: ignore[func-returns-value,method-assign]
    log.grow(700)
    for size in (600, 650, 700):
        for index in range(0, size, 5):
            log.tree(size).inclusion(index)
    assert log.inner.cache_info().misses == 2  # of level 0; the tile of level 1 is not full
    assert asked.count((0, 2)) == 3  # the edge, once for each size


@pytest.mark.parametrize("tile", [b"", bytes(255 * 32), bytes(257 * 32)])
def test_only_a_full_tile_has_all_nodes(tile: bytes) -> None:
    with pytest.raises(TileError):
        inner_nodes(tile)
