"""The tree as tiles (C2SP tlog-tiles): how it is stored, published, and asked for proofs.

A tile holds up to 256 neighbouring hashes of 32 bytes. Those of level 0 are leaf hashes, each hash of level L+1 is the
root over one full tile of level L. Only the last tile of each level may be partial. 70,000 leaves make

    tile/0/000 … tile/0/272   tile/0/273.p/112   tile/1/000   tile/1/001.p/17   tile/2/000.p/1

and their entries stand beside them, 256 to a bundle: `tile/entries/000` and so on.

A full tile never changes and a partial one only grows, so tiles can be cached, copied and appended to for ever.
Where they are kept is up to whoever hands in a `ReadTile`.

>>> from ledger.log.tree import leaf_hash, verify_inclusion
>>> writer = TileWriter()
>>> tiles = {(level, number): data for level, number, data in writer.append(leaf_hash(bytes([n])) for n in range(3))}
>>> tree = TileTree(lambda level, number, width: tiles[level, number], 3)
>>> tree.root() == writer.root()
True
>>> verify_inclusion(1, 3, tree.leaf(1), tree.inclusion(1), tree.root())
>>> path(TileId(0, 1234067, 5))
'tile/0/x001/x234/067.p/5'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from ledger.errors import ProofError, TileError
from ledger.log._text import decimal
from ledger.log.tree import HASH_BYTES, MAX_SIZE, CompactRange, join

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
MAX_LEVEL: Final = 63

ReadTile: TypeAlias = Callable[[int, int, int], bytes]
"""`read(level, number, width)` gives at least `width` hashes of that tile, from its start; it may give more."""


class TileId(NamedTuple):
    """A tile of hashes: `width` of them, from 1 to 256."""

    level: int
    number: int
    width: int


class EntriesId(NamedTuple):
    """A bundle of entries: `width` of them, from 1 to 256."""

    number: int
    width: int


class Tile(NamedTuple):
    """A tile's content as it is to be stored."""

    level: int
    number: int
    data: bytes


# A node of the tree: the root over the 2^height leaves from number * 2^height on, all of which exist.
Node: TypeAlias = tuple[int, int]


def path(tile: TileId | EntriesId) -> str:
    """The tile's path below the root of a published ledger, as tlog-tiles fixes it."""
    groups: list[str] = []
    rest = tile.number
    while not groups or rest:
        rest, group = divmod(rest, 1000)
        groups.append(f"{group:03}")
    number = "/".join([f"x{group}" for group in reversed(groups[1:])] + groups[:1])
    level = tile.level if isinstance(tile, TileId) else "entries"
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{number}{partial}"


def parse_path(text: str) -> TileId | EntriesId:
    """The tile of a path that is exactly what `path` makes of it. `TileError` for anything else."""
    kind, _, rest = text.removeprefix("tile/").partition("/")
    digits, _, width_text = rest.partition(".p/")
    number = decimal(digits.replace("/", "").replace("x", "").lstrip("0") or "0", MAX_SIZE)
    width = decimal(width_text, TILE_WIDTH - 1) if ".p/" in rest else TILE_WIDTH
    level = 0 if kind == "entries" else decimal(kind, MAX_LEVEL)
    if number is not None and width and level is not None:
        tile: TileId | EntriesId = (
            EntriesId(number, width) if kind == "entries" else TileId(level, number, width)
        )
        if path(tile) == text:
            return tile
    raise TileError(
        "{path!a} is not a tile path such as tile/0/x001/234.p/5 or tile/entries/000", path=text[:80]
    )


def tiles_of(size: int) -> Iterator[TileId]:
    """The hash tiles that a tree of this size consists of, level by level: full ones, then the partial one."""
    for level in range(_levels(size)):
        count = size >> TILE_HEIGHT * level
        for number in range(count // TILE_WIDTH):
            yield TileId(level, number, TILE_WIDTH)
        if count % TILE_WIDTH:
            yield TileId(level, count // TILE_WIDTH, count % TILE_WIDTH)


def bundles_of(size: int) -> Iterator[EntriesId]:
    """The entry bundles that a tree of this size consists of: those of its level 0 tiles."""
    for number in range(size // TILE_WIDTH):
        yield EntriesId(number, TILE_WIDTH)
    if size % TILE_WIDTH:
        yield EntriesId(size // TILE_WIDTH, size % TILE_WIDTH)


def right_edge(size: int) -> list[TileId]:
    """The partial tiles of a tree of this size, at most one per level: what a `TileWriter` goes on from."""
    counts = [size >> TILE_HEIGHT * level for level in range(_levels(size))]
    return [
        TileId(level, count // TILE_WIDTH, count % TILE_WIDTH)
        for level, count in enumerate(counts)
        if count % TILE_WIDTH
    ]


class TileTree:
    """A tree of `size` leaves read from tiles: roots and proofs, with few reads.

    A proof in a tree of n leaves reads at most two tiles per level, each once, and hashes at most 255 nodes in each.
    Tiles are taken at their word; proofs and roots made from wrong tiles do not verify. Raises `TileError` when a
    tile is shorter than the tree needs.
    """

    def __init__(self, read: ReadTile, size: int) -> None:
        _require_size(size)
        self._read = read
        self.size = size

    def root(self) -> bytes:
        """The root over all `size` leaves."""
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """The root over the first `size` leaves."""
        self._require_within(size)
        return self._resolve([_cover(0, size)])[0]

    def range_at(self, size: int) -> CompactRange:
        """The right edge of the tree of the first `size` leaves, ready to append to."""
        self._require_within(size)
        return CompactRange(size, self._resolve([[node] for node in _cover(0, size)]))

    def leaf(self, index: int) -> bytes:
        """The hash of the leaf at 0 <= index < size."""
        _require_index(index, self.size)
        return self._resolve([[(0, index)]])[0]

    def inclusion(self, index: int) -> list[bytes]:
        """Requires 0 <= index < size. The path from that leaf's sibling up (RFC 6962 section 2.1.1)."""
        return self._resolve(_inclusion(index, self.size))

    def consistency(self, old: int) -> list[bytes]:
        """Requires 0 < old <= size. The proof from the tree of `old` to this one (RFC 6962 section 2.1.2)."""
        return self._resolve(_consistency(old, self.size))

    @staticmethod
    def needed(size: int, *, index: int | None = None, old: int | None = None) -> list[TileId]:
        """The tiles that a tree of `size` reads for `inclusion(index)`, for `consistency(old)`, or for `root()`.

        In ascending order, each once, so that a store can fetch them together; both proofs may be asked for at once.
        """
        _require_size(size)
        plan = [] if index is None else _inclusion(index, size)
        plan += [] if old is None else _consistency(old, size)
        if index is None and old is None:
            plan = [_cover(0, size)]
        places = {_place(node)[:2] for nodes in plan for node in nodes}
        return [TileId(level, number, _width(level, number, size)) for level, number in sorted(places)]

    def _resolve(self, plan: Iterable[Sequence[Node]]) -> list[bytes]:
        """For each run of full subtrees the root over them. No subtree stands in a plan twice, and each tile is
        read once, so hashing stays within one pass over each tile."""
        tiles: dict[tuple[int, int], bytes] = {}
        return [join([self._hash(node, tiles) for node in nodes]) for nodes in plan]

    def _hash(self, node: Node, tiles: dict[tuple[int, int], bytes]) -> bytes:
        """The hash of a node; `tiles` are those that have been read."""
        level, number, start, end = _place(node)
        tile = tiles.get((level, number))
        if tile is None:
            tile = tiles[level, number] = self._fetch(level, number)
        return _root_of_full(tile[start:end])

    def _fetch(self, level: int, number: int) -> bytes:
        width = _width(level, number, self.size)
        tile = self._read(level, number, width)
        if len(tile) < width * HASH_BYTES:
            raise TileError(
                "{level} has {count} bytes where the tree of {size} needs "
                "{width}; restore it from a backup or rebuild the tiles from the entries",
                level=path(TileId(level, number, width)),
                count=len(tile),
                size=self.size,
                width=width * HASH_BYTES,
            )
        return tile

    def _require_within(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ProofError("size {size} is not within the tree of {whole}", size=size, whole=self.size)


class TileWriter:
    """A growing tree that says which tiles to store: one node hash per appended leaf on average.

    Starts empty, or from the partial tiles of a stored tree: `frontier` gives the bytes of each in `right_edge(size)`
    by level. If storing fails, throw the writer away, or keep a `copy` from before.
    """

    def __init__(self, size: int = 0, frontier: Mapping[int, bytes] | None = None) -> None:
        _require_size(size)
        self._size = size
        self._edge: list[bytearray] = [bytearray() for _ in range(_levels(size))]
        for level, number, width in right_edge(size):
            tile = (frontier or {}).get(level, b"")
            if len(tile) < width * HASH_BYTES:
                raise TileError(
                    "{level} is needed to go on from {size} leaves",
                    level=path(TileId(level, number, width)),
                    size=size,
                )
            self._edge[level] += tile[: width * HASH_BYTES]
        edge = {level: bytes(tile) for level, tile in enumerate(self._edge)}
        self._hashes = list(TileTree(lambda level, _, __: edge[level], size).range_at(size).hashes)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def root(self) -> bytes:
        """The root of the tree so far."""
        return join(self._hashes)

    def append(self, leaf_hashes: Iterable[bytes]) -> list[Tile]:
        """Add leaves of 32 bytes and return every tile that is new or has grown, by level and number."""
        first = self._size
        full: list[Tile] = []
        for leaf in leaf_hashes:
            if len(leaf) != HASH_BYTES:
                raise TileError(
                    "a leaf hash has {hash_bytes} bytes, not {count}", hash_bytes=HASH_BYTES, count=len(leaf)
                )
            self._append(leaf, full)
        partial = [
            Tile(level, number, bytes(self._edge[level]))
            for level, number, _ in right_edge(self._size)
            if self._size >> TILE_HEIGHT * level != first >> TILE_HEIGHT * level
        ]
        return sorted(full + partial)

    def copy(self) -> TileWriter:
        """An independent copy: appending to one leaves the other."""
        other = TileWriter()
        other._size = self._size
        other._edge = [bytearray(tile) for tile in self._edge]
        other._hashes = list(self._hashes)
        return other

    def _append(self, node: bytes, full: list[Tile]) -> None:
        """Every full subtree whose height is a multiple of 8 is a hash of a tile, as soon as it is complete."""
        hashes, size, height = self._hashes, self._size, 0
        while True:
            if height % TILE_HEIGHT == 0:
                self._put(height // TILE_HEIGHT, node, full)
            if not size >> height & 1:
                break
            node = sha256(b"\x01" + hashes.pop() + node).digest()  # RFC 6962 section 2.1
            height += 1
        hashes.append(node)
        self._size += 1

    def _put(self, level: int, node: bytes, full: list[Tile]) -> None:
        if level == len(self._edge):
            self._edge.append(bytearray())
        tile = self._edge[level]
        tile += node
        if len(tile) == TILE_BYTES:
            full.append(Tile(level, self._size >> TILE_HEIGHT * (level + 1), bytes(tile)))
            tile.clear()


def _inclusion(index: int, size: int) -> list[list[Node]]:
    """Which subtrees make each hash of an inclusion path. Requires 0 <= index < size."""
    _require_index(index, size)
    plan: list[list[Node]] = []
    for height in range((size - 1).bit_length()):
        sibling = index >> height ^ 1
        start = sibling << height
        if start < size:  # else there is nothing on the right, and the node moves up as it is
            plan.append(_cover(start, min(start + (1 << height), size)))
    return plan


def _consistency(old: int, size: int) -> list[list[Node]]:
    """Which subtrees make each hash of a consistency proof. Requires 0 < old <= size."""
    if not 0 < old <= size:
        raise ProofError(
            "consistency is between sizes 0 < old <= new, not {old} and {size}", old=old, size=size
        )
    if old == size:
        return []
    # The path of the old tree's last leaf, from the largest full subtree on that ends with that leaf. If this
    # subtree is the whole old tree, the verifier has its hash already.
    full = (old & -old).bit_length() - 1
    seed: list[list[Node]] = [] if old == 1 << full else [[(full, (old >> full) - 1)]]
    return seed + _inclusion(old - 1, size)[full:]


def _cover(start: int, end: int) -> list[Node]:
    """The full subtrees over leaves from `start` to before `end`, largest first, as the tree splits them.

    `start` must be a multiple of the largest power of two within the range.
    """
    nodes = []
    while start < end:
        height = (end - start).bit_length() - 1
        nodes.append((height, start >> height))
        start += 1 << height
    return nodes


def _place(node: Node) -> tuple[int, int, int, int]:
    """Where the hashes under a node stand: level and number of the tile, and from which byte to which."""
    height, number = node
    level, above = divmod(height, TILE_HEIGHT)
    first = number << above
    start = first % TILE_WIDTH * HASH_BYTES
    return level, first // TILE_WIDTH, start, start + (HASH_BYTES << above)


def _width(level: int, number: int, size: int) -> int:
    """How many hashes this tile has in a tree of this size."""
    return min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - TILE_WIDTH * number)


def _root_of_full(block: bytes) -> bytes:
    """The root over 2^k hashes that stand one after the other."""
    while len(block) > HASH_BYTES:
        pairs = range(0, len(block), 2 * HASH_BYTES)
        block = b"".join(
            [sha256(b"\x01" + block[at : at + 64]).digest() for at in pairs]
        )  # RFC 6962 section 2.1
    return block


def _levels(size: int) -> int:
    return -(-size.bit_length() // TILE_HEIGHT)


def _require_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise ProofError("a tree has from 0 to {max_size} leaves, not {size}", max_size=MAX_SIZE, size=size)


def _require_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ProofError("index {entry} is not in a tree of {size}", entry=index, size=size)
