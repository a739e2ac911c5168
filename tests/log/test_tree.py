"""Roots and the verification of proofs against the recursive definitions of RFC 6962."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.log import tree as fast
from tests.reference import trees as slow

LEAVES = [b"leaf %d" % n for n in range(3000)]
EDGES = (511, 512, 513, 600)
Path = list[bytes]


@pytest.fixture(scope="module")
def tree() -> slow.Tree:
    return slow.Tree(LEAVES)


def holds(check: Callable[[], None]) -> bool:
    """Only ProofError may come out of a verification, and it says something."""
    try:
        check()
    except ProofError as error:
        assert error.message
        return False
    return True


def included(index: int, size: int, leaf: bytes, path: Path, root: bytes) -> bool:
    verdict = holds(lambda: fast.verify_inclusion(index, size, leaf, path, root))
    assert verdict == slow.verify_inclusion(index, size, leaf, path, root)
    return verdict


def consistent(old: int, new: int, path: Path, old_root: bytes, new_root: bytes) -> bool:
    verdict = holds(lambda: fast.verify_consistency(old, new, path, old_root, new_root))
    assert verdict == slow.verify_consistency(old, new, path, old_root, new_root)
    return verdict


def bent(path: Path, draw: random.Random) -> Iterator[Path]:
    """Every hash dropped, doubled, swapped with the next, shortened, lengthened, or one bit of it flipped."""
    foreign = draw.randbytes(32)
    yield [*path, foreign]
    for at, one in enumerate(path):
        before, after = path[:at], path[at + 1 :]
        yield before + after
        yield [*before, foreign, one, *after]
        yield [*before, one, one, *after]
        if after and after[0] != one:
            yield [*before, after[0], one, *after[1:]]
        bit = draw.randrange(256)
        yield [*before, (int.from_bytes(one, "big") ^ 1 << bit).to_bytes(32, "big"), *after]
        yield [*before, one[:-1], *after]
        yield [*before, one + b"\0", *after]


def test_hashes() -> None:
    assert slow.Tree([]).root() == fast.EMPTY_ROOT
    for data in (b"", b"\0", b"\1", bytes(64), b"x" * 70_000):
        assert fast.leaf_hash(data) == slow.leaf_hash(data)
    assert fast.node_hash(b"l" * 32, b"r" * 32) == slow.node_hash(b"l" * 32, b"r" * 32)
    assert fast.node_hash(b"l" * 32, b"r" * 32) != fast.leaf_hash(b"l" * 32 + b"r" * 32)


def test_every_root_up_to_600(tree: slow.Tree) -> None:
    growing = fast.CompactRange()
    hashes: list[bytes] = []
    for size in range(601):
        assert growing.size == size
        assert growing.root() == tree.root(size) == fast.root_of(hashes)
        resumed = fast.CompactRange(size, growing.hashes)
        assert resumed.root() == growing.root()
        hashes.append(fast.leaf_hash(LEAVES[size]))
        kept = growing.copy()
        growing.append(hashes[-1])
        assert kept.root() == tree.root(size) != growing.root()


@given(st.lists(st.binary(max_size=3), max_size=70), st.integers(0, 70))
def test_roots_of_any_leaves_in_two_steps(leaves: list[bytes], cut: int) -> None:
    hashes = [fast.leaf_hash(leaf) for leaf in leaves]
    growing = fast.CompactRange()
    growing.extend(hashes[:cut])
    growing.extend(hashes[cut:])
    assert growing.root() == fast.root_of(iter(hashes)) == slow.Tree(leaves).root()


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, []), (1, []), (0, [bytes(32)]), (3, [bytes(32)]), (1, [bytes(31)]), (2**63, [bytes(32)])],
)
def test_a_frontier_that_is_none(size: int, hashes: Path) -> None:
    with pytest.raises(ProofError):
        fast.CompactRange(size, hashes)
    with pytest.raises(ProofError):
        fast.CompactRange().append(b"short")


def test_the_largest_tree_is_that_of_signed_64_bits() -> None:
    assert fast.CompactRange(2**63 - 1, [bytes(32)] * 63).size == 2**63 - 1
    path = [bytes(32)] * 63
    root = slow.root_by_path(2**63 - 2, 2**63 - 1, bytes(32), path[:62])
    fast.verify_inclusion(2**63 - 2, 2**63 - 1, bytes(32), path[:62], root)
    root = slow.root_by_path(2**63 - 1, 2**63, bytes(32), path)
    assert not holds(lambda: fast.verify_inclusion(2**63 - 1, 2**63, bytes(32), path, root))
    assert not holds(lambda: fast.verify_consistency(2**63, 2**63, [], root, root))


def test_every_inclusion_proof_verifies(tree: slow.Tree) -> None:
    """All indices of all sizes up to 300, and of some larger ones."""
    for size in (*range(1, 301), *EDGES):
        root = tree.root(size)
        for index in range(size):
            path = tree.inclusion(index, size)
            fast.verify_inclusion(index, size, tree.mth(index, index + 1), path, root)


def test_every_consistency_proof_verifies(tree: slow.Tree) -> None:
    for new in (*range(1, 301), *EDGES):
        for old in range(1, new + 1):
            path = tree.consistency(old, new)
            fast.verify_consistency(old, new, path, tree.root(old), tree.root(new))


def test_a_bent_inclusion_proof_is_refused(tree: slow.Tree) -> None:
    draw = random.Random(1)
    for size in (*range(1, 20), 31, 32, 33, 100, 257):
        for index in range(size) if size < 20 else draw.sample(range(size), 10):
            leaf, path, root = tree.mth(index, index + 1), tree.inclusion(index, size), tree.root(size)
            assert included(index, size, leaf, path, root)
            for bad in bent(path, draw):
                assert not included(index, size, leaf, bad, root)
            assert not included(index, size, tree.mth(index + 1, index + 2), path, root)
            assert not included(index, size, leaf, path, tree.root(size + 1))
            assert not included(size, size, leaf, path, root)
            assert not included(-1, size, leaf, path, root)


def test_a_bent_consistency_proof_is_refused(tree: slow.Tree) -> None:
    draw = random.Random(2)
    for new in (*range(1, 20), 31, 32, 33, 100, 257):
        for old in range(1, new + 1) if new < 20 else draw.sample(range(1, new), 10):
            path, old_root, new_root = tree.consistency(old, new), tree.root(old), tree.root(new)
            assert consistent(old, new, path, old_root, new_root)
            for bad in bent(path, draw):
                assert not consistent(old, new, bad, old_root, new_root)
            assert not consistent(old, new, path, tree.root(old - 1), new_root)
            assert not consistent(old, new, path, old_root, tree.root(new + 1))
            assert not consistent(new + 1, new, path, old_root, new_root)
            assert not consistent(0, new, [], fast.EMPTY_ROOT, new_root)


def test_every_single_bit_of_a_proof_counts(tree: slow.Tree) -> None:
    path, leaf, root = tree.inclusion(42, 300), tree.mth(42, 43), tree.root(300)
    growth = tree.consistency(42, 300)
    for bit in range(256):
        for proof, at in ((path, bit % len(path)), (growth, bit % len(growth))):
            flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
            bad = [*proof[:at], flipped, *proof[at + 1 :]]
            if proof is path:
                assert not included(42, 300, leaf, bad, root)
            else:
                assert not consistent(42, 300, bad, tree.root(42), root)


def test_the_border_between_two_hashes_does_not_move(tree: slow.Tree) -> None:
    """SHA-256(0x01 ‖ left ‖ right) alone would not tell 33 and 31 bytes from 32 and 32."""
    leaf, sibling, root = tree.mth(0, 1), tree.mth(1, 2), tree.root(2)
    assert slow.node_hash(leaf + sibling[:1], sibling[1:]) == root
    assert not included(0, 2, leaf + sibling[:1], [sibling[1:]], root)
    assert not included(0, 2, leaf[:-1], [leaf[-1:] + sibling], root)
    assert not consistent(1, 2, [sibling[1:]], leaf + sibling[:1], root)
    assert not consistent(1, 1, [], b"", b"")


def test_other_places_are_judged_alike(tree: slow.Tree) -> None:
    """A path binds the size by its shape only (RFC 6962), so some other numbers hold for it by right."""
    by_right = 0
    for size in range(1, 12):
        for index in range(size):
            leaf, path, root = tree.mth(index, index + 1), tree.inclusion(index, size), tree.root(size)
            for other in range(20):
                for place in range(other + 2):
                    by_right += included(place, other, leaf, path, root) and (place, other) != (index, size)
            growth = tree.consistency(index + 1, size)
            for other in range(20):
                for older in range(other + 1):
                    consistent(older, other, growth, tree.root(index + 1), root)
    assert by_right


@settings(max_examples=60)
@given(st.integers(1, 2999), st.data())
def test_random_larger_trees(size: int, data: st.DataObject) -> None:
    tree = shared_tree()
    index = data.draw(st.integers(0, size - 1))
    assert included(index, size, tree.mth(index, index + 1), tree.inclusion(index, size), tree.root(size))
    growth = tree.consistency(index + 1, size)
    assert consistent(index + 1, size, growth, tree.root(index + 1), tree.root(size))


_SHARED: list[slow.Tree] = []


def shared_tree() -> slow.Tree:
    """Hypothesis takes no module fixtures; subtree hashes are remembered between its examples."""
    if not _SHARED:
        _SHARED.append(slow.Tree(LEAVES))
    return _SHARED[0]


HASHES = st.binary(min_size=32, max_size=32)
ANY_HASH = HASHES | st.binary(max_size=34)
NUMBERS = st.integers(-3, 40) | st.sampled_from([2**62, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30])


@given(NUMBERS, NUMBERS, ANY_HASH, st.lists(ANY_HASH, max_size=70), ANY_HASH)
def test_nonsense_is_refused_with_a_proof_error(a: int, b: int, one: bytes, path: Path, two: bytes) -> None:
    assert not holds(lambda: fast.verify_inclusion(a, b, one, path, two)) or (b == 1 and one == two)
    assert not holds(lambda: fast.verify_consistency(a, b, path, one, two)) or (a == b and one == two)
