"""Stored hash tiles against those that the entries give, byte for byte (format, section 10: part of `tree`).

    compare_leaves(source, start, leaves, outcome)      # the tile of level 0 that 256 entries fill
    compare_upper(source, tree, outcome)                # all levels above, once the tree is whole

What it does: names the first entry under the first hash that differs, one fault a tile. What it leaves to
others: computing the hashes (`recomputed`), and tiles that no tree of this size has.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.audit.outcome import Outcome
from ledger.audit.recomputed import HEIGHT, WIDTH, RecomputedTree
from ledger.audit.source import Source
from ledger.log.tree import HASH_BYTES
from ledger.messages import Message


def compare_leaves(source: Source, start: int, leaves: Sequence[bytes], outcome: Outcome) -> None:
    """The tile of level 0 over the entries from `start` on, a multiple of 256."""
    number = start // WIDTH
    _compare(source.tile(0, number, len(leaves)), 0, number, b"".join(leaves), outcome)


def compare_upper(source: Source, tree: RecomputedTree, outcome: Outcome) -> None:
    """Every tile of the levels above 0."""
    level = 1
    while tree.size >> HEIGHT * level:
        full, rest = tree.tiles(level)
        widths = [WIDTH] * full + ([rest] if rest else [])
        for number, width in enumerate(widths):
            computed = tree.tile(level, number, width)
            _compare(source.tile(level, number, width), level, number, computed, outcome)
        level += 1


def _compare(stored: bytes | None, level: int, number: int, computed: bytes, outcome: Outcome) -> None:
    outcome.looked("tree")
    first = number * WIDTH << HEIGHT * level
    if stored is None:
        outcome.fault(
            "tree",
            first,
            Message("hash tile {number} of level {level} is missing", number=number, level=level),
        )
        return
    stored, rest = stored[: len(computed)], len(stored) % HASH_BYTES
    if stored == computed and not rest:
        return
    pairs = range(0, len(computed), HASH_BYTES)
    differing = [
        at // HASH_BYTES for at in pairs if stored[at : at + HASH_BYTES] != computed[at : at + HASH_BYTES]
    ]
    if not differing:
        outcome.fault(
            "tree",
            first,
            Message("hash tile {number} of level {level} ends in half a hash", number=number, level=level),
        )
        return
    detail = Message(
        "hash {place} of tile {number} of level {level} is not that of the entries",
        place=differing[0],
        number=number,
        level=level,
    )
    if len(differing) > 1:
        detail = Message("{problem}, and {more} more in it", problem=detail, more=len(differing) - 1)
    outcome.fault("tree", first + (differing[0] << HEIGHT * level), detail)
