"""The tree of one size, for whoever answers many questions about it: no node is hashed twice.

    inner = lru_cache(2048)(lambda level, number: inner_nodes(full_tile(level, number)))
    tree = KeptTree(read, size, inner)
    tree.inclusion(index)                   # as `TileTree`, the same hashes

Above the hashes of a full tile stand 254 nodes and its root. A full tile never changes, so neither do they:
`inner_nodes` makes all of them at once, and whoever hands in `inner` may keep them, for trees of every size. Full
subtrees above a partial tile do not change either, but with every size there are others: they are kept with the tree
of that size, at most 254 a level, and go with it.

Whether a node is kept or hashed anew makes no difference to any answer. May be shared by threads.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeAlias

from ledger.errors import TileError
from ledger.log.tiles import TILE_BYTES, TILE_HEIGHT, TILE_WIDTH, Node, ReadTile, TileTree
from ledger.log.tree import HASH_BYTES

Inner: TypeAlias = Callable[[int, int], bytes]
"""`inner(level, number)` gives the `inner_nodes` of that tile, which is full."""


def inner_nodes(tile: bytes) -> bytes:
    """All nodes above the 256 hashes of a full tile but its root: 128 of height 1, then 64 of height 2, to 2 of 7.

    >>> nodes = inner_nodes(bytes(256 * 32))
    >>> len(nodes) // 32, nodes[:32] == sha256(b"\\x01" + bytes(64)).digest()
    (254, True)
    """
    if len(tile) != TILE_BYTES:
        raise TileError(
            "a full tile has {count} bytes, not {found}: run `custody verify`",
            count=TILE_BYTES,
            found=len(tile),
        )
    layers = []
    layer = tile
    while len(layer) > 2 * HASH_BYTES:
        # RFC 6962 section 2.1
        layer = b"".join([sha256(b"\x01" + layer[at : at + 64]).digest() for at in range(0, len(layer), 64)])
        layers.append(layer)
    return b"".join(layers)


class KeptTree(TileTree):
    """See the module docstring."""

    def __init__(self, read: ReadTile, size: int, inner: Inner) -> None:
        super().__init__(read, size)
        self._inner = inner
        self._edge_tiles: dict[tuple[int, int], bytes] = {}
        self._edge_nodes: dict[Node, bytes] = {}

    def _fetch(self, level: int, number: int) -> bytes:
        if self._is_full(level, number):
            return super()._fetch(level, number)
        tile = self._edge_tiles.get((level, number))
        if tile is None:
            tile = self._edge_tiles[level, number] = super()._fetch(level, number)
        return tile

    def _hash(self, node: Node, tiles: dict[tuple[int, int], bytes]) -> bytes:
        height, number = node
        level, above = divmod(height, TILE_HEIGHT)
        if not above:
            return super()._hash(node, tiles)
        tile, place = divmod(number, TILE_WIDTH >> above)
        if self._is_full(level, tile):
            # before height `above` stand 128 + 64 + … nodes
            start = (TILE_WIDTH - (2 * TILE_WIDTH >> above) + place) * HASH_BYTES
            return self._inner(level, tile)[start : start + HASH_BYTES]
        found = self._edge_nodes.get(node)
        if found is None:
            found = self._edge_nodes[node] = super()._hash(node, tiles)
        return found

    def _is_full(self, level: int, number: int) -> bool:
        return TILE_WIDTH * (number + 1) <= self.size >> TILE_HEIGHT * level
