"""The Merkle tree as the entries give it, and the root of every size it ever had (RFC 6962 section 2.1).

    tree = RecomputedTree(scratch)
    tree.extend(leaves)                  # up to the next multiple of 256
    tree.root_at(1040)                   # of any size up to tree.size

What it does: hashes 256 leaves at a time, keeps the hashes of full subtrees from 256 leaves on in memory (64
bytes for 256 entries) and leaves the leaf hashes to the scratch file, so that roots of past sizes cost little
memory and little time. What it leaves to others: comparing with what is stored and claimed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ledger.audit.scratch import Scratch
from ledger.log.tree import HASH_BYTES, join

WIDTH: Final = 256
"""Leaves under one hash of a tile of level 1: 2^8."""
HEIGHT: Final = 8

_REMEMBERED_ROOTS: Final = 16_384
_REMEMBERED_TILES: Final = 64

_Layers = list[list[bytes]]
"""Hashes of the full subtrees over at most 256 leaves, by height from 0."""


class RecomputedTree:
    """See the module docstring."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._size = 0
        self._full: list[bytearray] = []  # by height from 8: hashes of full subtrees, one after the other
        self._layers: OrderedDict[int, _Layers] = OrderedDict()  # of recent tiles
        self._roots: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        return self._size

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes: 256, or fewer once, at the end."""
        if not leaves:
            return
        number, inside = divmod(self._size, WIDTH)
        if inside or len(leaves) > WIDTH:
            raise ValueError("leaves come by whole tiles, only the last of them may be shorter")
        self._scratch.add_leaves(leaves)
        layers = _layers(list(leaves))
        self._remember(number, layers)
        self._size += len(leaves)
        if len(leaves) == WIDTH:
            self._add_full(layers[HEIGHT][0])

    def tiles(self, level: int) -> tuple[int, int]:
        """How many hashes the tiles of a level from 1 on hold in all: number of full tiles, width of the last one."""
        return divmod(self._size >> HEIGHT * level, WIDTH)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first `width` hashes of a tile of a level from 1 on."""
        start = number * WIDTH * HASH_BYTES
        return bytes(self._full[HEIGHT * (level - 1)][start : start + width * HASH_BYTES])

    def root(self) -> bytes:
        return self.root_at(self._size)

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries. Raises: ValueError beyond the present size."""
        found = self._roots.get(size)
        if found is None:
            if not 0 <= size <= self._size:
                raise ValueError(f"there are {self._size} entries, not {size}")
            if len(self._roots) >= _REMEMBERED_ROOTS:
                self._roots.clear()
            found = self._roots[size] = join(self._frontier(size))
        return found

    def _frontier(self, size: int) -> list[bytes]:
        """Roots of the full subtrees of a tree of `size`, the largest first: one for each bit that is set."""
        number, inside = divmod(size, WIDTH)
        hashes = []
        for height in range(number.bit_length() - 1, -1, -1):
            if number >> height & 1:
                at = ((number >> height) - 1) * HASH_BYTES
                hashes.append(bytes(self._full[height][at : at + HASH_BYTES]))
        if inside:
            layers = self._layers_of(number)
            heights = (height for height in range(HEIGHT - 1, -1, -1) if inside >> height & 1)
            hashes.extend(layers[height][(inside >> height) - 1] for height in heights)
        return hashes

    def _layers_of(self, number: int) -> _Layers:
        found = self._layers.get(number)
        if found is None:
            start = number * WIDTH
            found = _layers(self._scratch.leaves(start, min(start + WIDTH, self._size)))
            self._remember(number, found)
        return found

    def _remember(self, number: int, layers: _Layers) -> None:
        self._layers[number] = layers
        if len(self._layers) > _REMEMBERED_TILES:
            self._layers.popitem(last=False)

    def _add_full(self, node: bytes) -> None:
        """Append the hash of a full subtree of 256 leaves, and of all that it makes full above."""
        for row in self._full:
            row.extend(node)
            if len(row) // HASH_BYTES % 2:
                return
            # node = SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1
            node = sha256(b"\x01" + row[-2 * HASH_BYTES :]).digest()
        self._full.append(bytearray(node))


def _layers(leaves: list[bytes]) -> _Layers:
    layers = [leaves]
    while len(layers[-1]) > 1:
        pairs = iter(layers[-1])
        # node = SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1; a hash without a partner is no full subtree's
        layers.append(
            [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        )
    return layers
