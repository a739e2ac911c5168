"""Bundles of entries (C2SP tlog-tiles, "Log entries"): up to 256, each after its length as 16 bits, big-endian.

>>> encode_bundle([b"ab", b"c"])
b'\\x00\\x02ab\\x00\\x01c'
>>> decode_bundle(b"\\x00\\x02ab\\x00\\x01c")
[b'ab', b'c']
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.errors import TileError
from ledger.log.canonical import MAX_BYTES
from ledger.log.tiles import TILE_WIDTH


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle. `TileError` for more than 256 entries, or one that is too long."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_BYTES:
            raise TileError(
                "entry {place} of the bundle has {size} bytes, at most {max_bytes} fit",
                place=len(parts) // 2,
                size=len(entry),
                max_bytes=MAX_BYTES,
            )
        parts += (len(entry).to_bytes(2, "big"), entry)
    if len(parts) // 2 > TILE_WIDTH:
        raise TileError(
            "{count} entries, at most {tile_width} go into a bundle",
            count=len(parts) // 2,
            tile_width=TILE_WIDTH,
        )
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle, unparsed. `TileError` if it is cut off or holds more than 256."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise TileError(
                "the bundle is cut off in entry {place}, at byte {size}; fetch it again",
                place=len(entries),
                size=len(data),
            )
        entries.append(data[start:at])
    if len(entries) > TILE_WIDTH:
        raise TileError(
            "{count} entries, at most {tile_width} go into a bundle",
            count=len(entries),
            tile_width=TILE_WIDTH,
        )
    return entries
