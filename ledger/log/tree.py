"""The Merkle tree of RFC 6962 section 2.1 with SHA-256: hashes, roots, and the verification of proofs.

    leaf  = SHA-256(0x00 ‖ entry bytes)
    node  = SHA-256(0x01 ‖ left ‖ right)
    empty = SHA-256()

Everything here works on hashes handed in; making proofs from stored tiles is the work of `ledger.log.tiles`.

>>> tree = CompactRange()
>>> for entry in (b"a", b"b", b"c"):
...     tree.append(leaf_hash(entry))
>>> tree.root() == node_hash(node_hash(leaf_hash(b"a"), leaf_hash(b"b")), leaf_hash(b"c"))
True
>>> path = [node_hash(leaf_hash(b"a"), leaf_hash(b"b"))]
>>> verify_inclusion(2, 3, leaf_hash(b"c"), path, tree.root())
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from ledger.errors import ProofError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256().digest()
"""Root of the tree without leaves: the hash of nothing (RFC 6962 section 2.1)."""
MAX_SIZE: Final = 2**63 - 1
"""The largest tree that can be spoken of, as in C2SP tlog-cosignature and in Go's `int64`."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 6962 section 2.1: 32 bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1: 32 bytes of two times 32."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes; `EMPTY_ROOT` over none. Takes 32 bytes of memory per leaf: see `CompactRange`."""
    layer = list(hashes)
    if not layer:
        return EMPTY_ROOT
    while len(layer) > 1:
        # A hash without a partner moves up as it is. This gives the same tree as splitting at the largest power
        # of two, because every left subtree is then full.
        lonely = layer[-1:] if len(layer) % 2 else []
        layer = [sha256(b"\x01" + a + b).digest() for a, b in zip(layer[::2], layer[1::2], strict=False)]
        layer += lonely
    return layer[0]


def join(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring full subtrees, each smaller than the one on its left. `EMPTY_ROOT` over none."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in hashes[-2::-1]:
        root = sha256(b"\x01" + left + root).digest()
    return root


class CompactRange:
    """The right edge of a growing tree: one hash per set bit of `size`, the largest full subtree first.

    Appending costs one node hash on average, the root at any moment at most log2(size).
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= MAX_SIZE or len(hashes) != size.bit_count() or not _are_hashes(hashes):
            raise ProofError(
                "a tree of {size} has {depth} full subtrees of 32 bytes each",
                size=size,
                depth=max(size, 0).bit_count(),
            )
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """How many leaves have been appended."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the full subtrees, from left to right: with `size`, all that is needed to go on later."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Add the 32-byte hash of the next leaf."""
        if len(leaf_hash) != HASH_BYTES:
            raise ProofError("a leaf hash has 32 bytes, not {count}", count=len(leaf_hash))
        hashes, size = self._hashes, self._size
        while size & 1:
            leaf_hash = sha256(b"\x01" + hashes.pop() + leaf_hash).digest()
            size >>= 1
        hashes.append(leaf_hash)
        self._size += 1

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append each."""
        for leaf in leaf_hashes:
            self.append(leaf)

    def root(self) -> bytes:
        """The root of the tree so far."""
        return join(self._hashes)

    def copy(self) -> CompactRange:
        """An independent copy: appending to one leaves the other."""
        return CompactRange(self._size, self._hashes)


def verify_inclusion(index: int, size: int, leaf_hash: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Requires 0 <= index < size. Raise `ProofError` unless the path leads from the leaf to the root.

    `path` runs from the leaf's sibling up (RFC 6962 section 2.1.1). The check is that of RFC 9162 section 2.1.3.2;
    how many hashes there must be is known beforehand, so a path of another length is named as such.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError("index {entry} is not in a tree of {size}", entry=index, size=size)
    below, above = _path_shape(index, size)
    _require_hashes(path, below + above, (leaf_hash, root))
    node = _climb(leaf_hash, path[:below], index)
    if _climb_edge(node, path[below:]) != root:
        raise ProofError(
            "the path from entry {entry} does not lead to the root of the tree of {size}; entry, path or "
            "checkpoint were changed or do not belong together",
            entry=index,
            size=size,
        )


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Requires 0 < old <= new. Raise `ProofError` unless the tree of `new` begins with the tree of `old`.

    `path` as in RFC 6962 section 2.1.2, the check as in RFC 9162 section 2.1.4.2. The path is empty if and only if
    the sizes are equal.
    """
    if not 0 < old <= new <= MAX_SIZE:
        raise ProofError("consistency is between sizes 0 < old <= new, not {old} and {new}", old=old, new=new)
    if old == new:
        _require_hashes(path, 0, (old_root, new_root))
        if old_root != new_root:
            raise ProofError(
                "two different roots for the same size {old}: the log has shown two histories", old=old
            )
        return
    # The proof is the path of the old tree's last leaf in the new tree, from the largest full subtree on that
    # ends with that leaf. If that subtree is the whole old tree, its hash is the old root and is left out.
    full = (old & -old).bit_length() - 1
    below, above = _path_shape(old - 1, new)
    below -= full
    whole = old == 1 << full
    _require_hashes(path, below + above + (not whole), (old_root, new_root))
    seed, rest = (old_root, path) if whole else (path[0], path[1:])
    turns = (old - 1) >> full
    lefts = [node for height, node in enumerate(rest[:below]) if turns >> height & 1]
    if _climb_edge(_climb_edge(seed, lefts), rest[below:]) != old_root:
        raise ProofError("the proof does not lead to the root of the tree of {old}", old=old)
    if _climb_edge(_climb(seed, rest[:below], turns), rest[below:]) != new_root:
        raise ProofError(
            "the tree of {new} does not extend the tree of {old}: history was changed", new=new, old=old
        )


def _path_shape(index: int, size: int) -> tuple[int, int]:
    """Length of a path below and above the height where it meets the tree's right edge."""
    below = (index ^ (size - 1)).bit_length()
    return below, (index >> below).bit_count()


def _climb(node: bytes, path: Sequence[bytes], turns: int) -> bytes:
    """Up through full or ragged subtrees: bit `height` of `turns` says whether the path's hash stands on the left."""
    for height, sibling in enumerate(path):
        left, right = (sibling, node) if turns >> height & 1 else (node, sibling)
        node = sha256(b"\x01" + left + right).digest()
    return node


def _climb_edge(node: bytes, path: Sequence[bytes]) -> bytes:
    """Up along the right edge: every hash of the path stands on the left."""
    for left in path:
        node = sha256(b"\x01" + left + node).digest()
    return node


def _are_hashes(hashes: Iterable[bytes]) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)


def _require_hashes(path: Sequence[bytes], length: int, others: Sequence[bytes]) -> None:
    if len(path) != length:
        raise ProofError(
            "the path has {count} hashes where {length} are needed", count=len(path), length=length
        )
    if not (_are_hashes(path) and _are_hashes(others)):
        raise ProofError("every hash of a proof has 32 bytes")
