"""The tree and its tiles by plain recursion: RFC 6962 section 2.1 and C2SP tlog-tiles, word for word.

Proofs are verified by reading their own recursive definition backwards, not by the loops of RFC 9162, so that
the two ways can disagree. Notes, entries and signatures stand in `slow`.

>>> Tree([b"a", b"b"]).root() == node_hash(leaf_hash(b"a"), leaf_hash(b"b"))
True
>>> tile_path(0, 1234067, 256), tile_path("entries", 3, 44)
('tile/0/x001/x234/067', 'tile/entries/003.p/44')
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence


class WrongError(ValueError):
    """Not what the format says."""


# ---------------------------------------------------------------- tree (format 3, RFC 6962 section 2.1)
def leaf_hash(data: bytes) -> bytes:
    """MTH({d(0)}) = SHA-256(0x00 || d(0))."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(n: int) -> int:
    """k, the largest power of two smaller than n (n > 1)."""
    k = 1
    while 2 * k < n:
        k = 2 * k
    return k


class Tree:
    """The recursive definitions over D[lo:hi] of one list of entries. Only subtree hashes are remembered."""

    def __init__(self, data: Sequence[bytes]) -> None:
        self.data = data
        self._known: dict[tuple[int, int], bytes] = {}

    def mth(self, lo: int, hi: int) -> bytes:
        """Merkle Tree Hash of D[lo:hi], section 2.1."""
        if (lo, hi) not in self._known:
            n = hi - lo
            if n == 0:
                value = hashlib.sha256(b"").digest()
            elif n == 1:
                value = leaf_hash(self.data[lo])
            else:
                k = split(n)
                value = node_hash(self.mth(lo, lo + k), self.mth(lo + k, hi))
            self._known[lo, hi] = value
        return self._known[lo, hi]

    def root(self, size: int | None = None) -> bytes:
        return self.mth(0, len(self.data) if size is None else size)

    def inclusion(self, m: int, size: int) -> list[bytes]:
        """PATH(m, D[0:size]), section 2.1.1."""
        return self._path(m, 0, size)

    def _path(self, m: int, lo: int, hi: int) -> list[bytes]:
        if hi - lo == 1:
            return []
        k = split(hi - lo)
        if m < k:
            return [*self._path(m, lo, lo + k), self.mth(lo + k, hi)]
        return [*self._path(m - k, lo + k, hi), self.mth(lo, lo + k)]

    def consistency(self, m: int, size: int) -> list[bytes]:
        """PROOF(m, D[0:size]) = SUBPROOF(m, D[0:size], true), section 2.1.2, 0 < m <= size."""
        return self._subproof(m, 0, size, whole=True)

    def _subproof(self, m: int, lo: int, hi: int, *, whole: bool) -> list[bytes]:
        n = hi - lo
        if m == n:
            return [] if whole else [self.mth(lo, hi)]
        k = split(n)
        if m <= k:
            return [*self._subproof(m, lo, lo + k, whole=whole), self.mth(lo + k, hi)]
        return [*self._subproof(m - k, lo + k, hi, whole=False), self.mth(lo, lo + k)]


def root_by_path(m: int, n: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to: PATH read backwards."""
    if n == 1:
        if path:
            raise WrongError("proof too long")
        return leaf
    if not path:
        raise WrongError("proof too short")
    k = split(n)
    if m < k:
        return node_hash(root_by_path(m, k, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_path(m - k, n - k, leaf, path[:-1]))


def roots_by_proof(
    m: int, n: int, old: bytes, path: Sequence[bytes], whole: bool = True
) -> tuple[bytes, bytes]:
    """The roots at size m and n that a consistency proof leads to: SUBPROOF read backwards."""
    if m == n:
        if len(path) != (0 if whole else 1):
            raise WrongError("proof of a wrong length")
        return (old, old) if whole else (path[0], path[0])
    if not path:
        raise WrongError("proof too short")
    k = split(n)
    if m <= k:
        before, after = roots_by_proof(m, k, old, path[:-1], whole)
        return before, node_hash(after, path[-1])
    before, after = roots_by_proof(m - k, n - k, old, path[:-1], whole=False)
    return node_hash(path[-1], before), node_hash(path[-1], after)


def hashes(*values: bytes) -> bool:
    """Are these SHA-256 hashes: 32 bytes each?"""
    return all(len(value) == 32 for value in values)


def verify_inclusion(m: int, n: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    try:
        return hashes(leaf, root, *path) and 0 <= m < n and root_by_path(m, n, leaf, path) == root
    except WrongError:
        return False


def verify_consistency(m: int, n: int, path: Sequence[bytes], old: bytes, new: bytes) -> bool:
    try:
        return hashes(old, new, *path) and 0 < m <= n and roots_by_proof(m, n, old, path) == (old, new)
    except WrongError:
        return False


# ---------------------------------------------------------------- published layout (C2SP tlog-tiles)
def tile_path(level: int | str, number: int, width: int) -> str:
    """``tile/<L>/<N>[.p/<W>]`` with N in groups of three digits, all but the last led by an x."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def tile_names(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every hash tile that a tree of this size consists of."""
    level = 0
    while size >> (8 * level):
        full, partial = divmod(size >> (8 * level), 256)
        for number in range(full):
            yield level, number, 256
        if partial:
            yield level, full, partial
        level += 1


def tile(tree: Tree, level: int, number: int, width: int) -> bytes:
    """MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l]) for i below the width."""
    span = 256**level
    first = number * 256
    return b"".join(tree.mth(i * span, (i + 1) * span) for i in range(first, first + width))


def bundle(entries: Sequence[bytes]) -> bytes:
    """Big-endian uint16 length before each entry."""
    return b"".join(len(data).to_bytes(2, "big") + data for data in entries)


def layout(entries: Sequence[bytes], size: int) -> dict[str, bytes]:
    """Every tile and entry bundle of the ledger at this size, by path."""
    tree = Tree(entries[:size])
    files = {tile_path(*name): tile(tree, *name) for name in tile_names(size)}
    for _, number, width in (name for name in tile_names(size) if name[0] == 0):
        first = number * 256
        files[tile_path("entries", number, width)] = bundle(entries[first : first + width])
    return files
