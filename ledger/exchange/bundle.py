"""Publishing a ledger: the one layout that others verify, and that it is restored from (format, section 6).

    publish(store, Path("site"), blobs=BlobStore(home))       # a folder for any static web server
    publish(store, Path("backup.zip"))                        # the same in one file
    publish(store, Path("public"), hashes_only=True)          # hash tiles and checkpoint, no entries

What it does: reads the ledger in one snapshot and writes checkpoint, verifier key, hash tiles, entry bundles and those
attachments that entries name, a bundle at a time in memory. A folder that holds an earlier state of the same ledger is
extended: full tiles stand as they are. Entries are compared with the hashes on the way, since a backup of a damaged
ledger would put a bad copy where a good one was.

What it leaves to others: reading the layout (`layout`, `sources`), and writing files so that a crash does no harm
(`outlets`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import LedgerError, NoteError, ProofError, StoreCorrupt, UsageError
from ledger.exchange.layout import (
    CHECKPOINT,
    MAX_TILE,
    VKEY,
    WIDTH,
    LayoutSource,
    blob_path,
    bundle_path,
    tile_path,
)
from ledger.exchange.outlets import FolderOutlet, Outlet, ZipOutlet
from ledger.exchange.sources import DirectorySource, ZipSource
from ledger.log import Checkpoint, NoteVerifier, checkpoint
from ledger.log.bundles import encode_bundle
from ledger.log.tiles import TileId, TileTree, right_edge, tiles_of
from ledger.log.tree import leaf_hash, root_of, verify_consistency
from ledger.messages import Message
from ledger.store.base import Snapshot, Store
from ledger.store.blobs import BlobStore

__all__ = ["Progress", "Published", "digests_named", "publish"]

Progress = Callable[[int, int], None]
"""Called with the entries done and the entries there are."""

_DIGEST: Final = re.compile(rb'"sha256":"([0-9a-f]{64})"')
"""An attachment's digest in entry bytes. Inside a string quotation marks are escaped, so only a field looks so."""
_PRIVATE: Final = ("ledger.db", "keys", "disclosures.db")


class Published(NamedTuple):
    """What `publish` did. `before` is the size that was published already, 0 where nothing was."""

    target: Path
    size: int
    root: bytes
    before: int
    files: int
    bytes: int
    blobs: int
    warnings: tuple[Message, ...]


def publish(
    store: Store,
    directory: Path,
    *,
    hashes_only: bool = False,
    blobs: BlobStore | None = None,
    progress: Progress | None = None,
) -> Published:
    """Write the ledger as it stands to a folder, or to a zip file where the name ends in .zip.

    The checkpoint goes last: readers meanwhile, and a crash at any moment, find the earlier state or the new one.
    Without `blobs` no attachment travels; with `hashes_only` neither entries nor attachments do.

    Raises: UsageError when the target holds something else, another ledger, a later or a different history;
    StoreCorrupt when the ledger's own entries, hashes and checkpoint do not agree; StoreFull, StoreReadOnly, StoreBusy.
    """
    target = Path(directory)
    outlet: Outlet = ZipOutlet(target) if _is_zip(target) else FolderOutlet(_free_of_secrets(target))
    with outlet, store.snapshot() as snapshot:
        publishing = _Publishing(store, snapshot, outlet, hashes_only)
        publishing.check_ledger()
        publishing.check_target()
        outlet.put(VKEY, f"{store.vkey}\n".encode())
        publishing.write_tiles(progress)
        copied, warnings = publishing.write_blobs(blobs)
        outlet.finish(publishing.note)
        if isinstance(outlet, FolderOutlet):
            outlet.sweep(_partials(publishing.before) | _partials(publishing.size))
        return Published(
            target,
            publishing.size,
            publishing.root,
            publishing.before,
            outlet.files,
            outlet.bytes,
            copied,
            warnings,
        )


class _Publishing:
    """One snapshot on its way to one outlet."""

    def __init__(self, store: Store, snapshot: Snapshot, outlet: Outlet, hashes_only: bool) -> None:
        self._store = store
        self._snapshot = snapshot
        self._outlet = outlet
        self._hashes_only = hashes_only
        head = snapshot.head()
        self.size, self.root, self.note = head.size, head.root, head.checkpoint_note
        self.before = 0
        self._verifier = NoteVerifier.from_vkey(store.vkey)
        self._tile = lru_cache(maxsize=16)(self._read_tile)
        self._tree = TileTree(lambda level, number, _: self._tile(level, number), self.size)

    # ------------------------------------------------------------------ before anything is written

    def check_ledger(self) -> None:
        """The newest checkpoint is signed by the log's key, and the tiles lead to its root."""
        if not self.size:
            raise UsageError("the ledger is empty: there is nothing to publish yet")
        try:
            opened = checkpoint.open(self.note, self._verifier)
        except NoteError as error:
            raise self._damaged(
                Message("the newest checkpoint is not good: {problem}", problem=error.message)
            ) from error
        if (opened.size, opened.root) != (self.size, self._tree.root()):
            raise self._damaged(
                Message(
                    "the hash tiles do not give the root of the checkpoint at size {size}", size=self.size
                )
            )

    def check_target(self) -> None:
        """What stands there is nothing, or an earlier state of this very ledger, published the same way."""
        target = self._outlet.target
        if isinstance(self._outlet, ZipOutlet):
            if target.exists():
                with _opened(lambda: ZipSource(target), target) as standing:
                    self._check_standing(standing)
            return
        if (target / CHECKPOINT).exists():
            with _opened(lambda: DirectorySource(target), target) as standing:
                self._check_standing(standing)
        elif (target / VKEY).exists():
            self._check_vkey((target / VKEY).read_text("utf-8", "replace").strip())
        elif strange := sorted(path.name for path in target.iterdir() if path.name[0] != "."):
            raise UsageError(
                "{target} is no published ledger and not empty ({strange}): publish to a new folder",
                target=target,
                strange=", ".join(strange[:5]),
            )

    def _check_standing(self, standing: LayoutSource) -> None:
        name = standing.name
        if standing.vkey is not None:
            self._check_vkey(standing.vkey)
        try:
            earlier = checkpoint.open(standing.checkpoint(), self._verifier)
        except NoteError as error:
            raise UsageError(
                "the checkpoint in {name} is not by the log key of this ledger ({problem}): publish to a new "
                "folder",
                name=name,
                problem=error.message,
            ) from error
        if earlier.size > self.size:
            raise UsageError(
                "{name} holds {earlier} entries, this ledger only {size}: it is an old copy or has lost "
                "entries. Keep both, and restore from what is published",
                name=name,
                earlier=earlier.size,
                size=self.size,
            )
        if earlier.size:
            self._check_history(earlier, name)
        if earlier.size and standing.is_hashes_only() != self._hashes_only:
            was, now = Message("hashes only"), Message("entries too")
            if self._hashes_only:
                was, now = now, was
            raise UsageError(
                "{name} holds {was}, now {now} are to be published: publish those to a folder of their own",
                name=name,
                was=was,
                now=now,
            )
        if isinstance(self._outlet, FolderOutlet):
            self.before = earlier.size

    def _check_history(self, earlier: Checkpoint, name: str) -> None:
        """This ledger's tree begins with the one that is published."""
        own = self._tree.root_at(earlier.size)
        try:
            verify_consistency(earlier.size, self.size, self._tree.consistency(earlier.size), own, self.root)
        except ProofError as error:
            raise self._damaged(Message("the hash tiles do not agree with each other")) from error
        if own != earlier.root:
            raise UsageError(
                "{name} holds another history: its root at size {earlier} is not this ledger's. Keep both, and "
                "tell an auditor",
                name=name,
                earlier=earlier.size,
            )

    def _check_vkey(self, vkey: str) -> None:
        if vkey != self._store.vkey:
            raise UsageError(
                "{target} belongs to another ledger ({vkey}): publish {origin} to a new folder",
                target=self._outlet.target,
                vkey=vkey[:120],
                origin=self._store.origin,
            )

    # ------------------------------------------------------------------ tiles and entries

    def write_tiles(self, progress: Progress | None) -> None:
        """Every tile and bundle that is not there from before."""
        for tile in tiles_of(self.size):
            path = tile_path(tile.level, tile.number, tile.width)
            if not (self._stands(tile) and self._outlet.holds(path, MAX_TILE)):
                self._outlet.put(path, self._checked_tile(tile))
            if tile.level == 0:
                if not self._hashes_only:
                    self._write_bundle(tile)
                if progress is not None:
                    progress(tile.number * WIDTH + tile.width, self.size)

    def _stands(self, tile: TileId) -> bool:
        """Whether the tile was full already at the size published before: then nobody writes it again."""
        return (tile.number + 1) << 8 * (tile.level + 1) <= self.before

    def _write_bundle(self, tile: TileId) -> None:
        path = bundle_path(tile.number, tile.width)
        if self._stands(tile) and self._outlet.holds(path):
            return
        first = tile.number * WIDTH
        hashes = self._tile(0, tile.number)
        entries: list[bytes] = []
        for index, data in self._snapshot.entries(first, first + tile.width):
            at = len(entries)
            if index != first + at:
                break
            if leaf_hash(data) != hashes[32 * at : 32 * at + 32]:
                raise self._damaged(
                    Message("the entry is not the one that its hash in the tree was made of"), index
                )
            entries.append(data)
        if len(entries) != tile.width:
            raise self._damaged(Message("the entry is missing"), first + len(entries))
        self._outlet.put(path, encode_bundle(entries))

    def _checked_tile(self, tile: TileId) -> bytes:
        """The bytes of a tile; a full one must have the root that the tile above has for it."""
        data = self._tile(tile.level, tile.number)[: 32 * tile.width]
        if tile.width == WIDTH:
            above = self._tile(tile.level + 1, tile.number // WIDTH)
            at = 32 * (tile.number % WIDTH)
            if root_of(data[i : i + 32] for i in range(0, MAX_TILE, 32)) != above[at : at + 32]:
                raise self._damaged(
                    Message(
                        "hash tile {tile_level} and the one above do not agree",
                        tile_level=tile_path(tile.level, tile.number, WIDTH),
                    )
                )
        return data

    def _read_tile(self, level: int, number: int) -> bytes:
        data = self._snapshot.tile(level, number)
        width = max(0, min(WIDTH, (self.size >> 8 * level) - WIDTH * number))
        if data is None or len(data) < 32 * width:
            raise self._damaged(
                Message("hash tile {level}/{number} is missing or cut off", level=level, number=number)
            )
        return data

    def _damaged(self, problem: Message, index: int | None = None) -> StoreCorrupt:
        return StoreCorrupt(
            "{problem}. Nothing was published, what was published before is whole: run `custody verify`, and restore "
            "from there",
            problem=problem,
            index=index,
        )

    # ------------------------------------------------------------------ attachments

    def write_blobs(self, blobs: BlobStore | None) -> tuple[int, tuple[Message, ...]]:
        """Copy the attachments that entries name and that are not there yet; how many, and what could not be copied."""
        if blobs is None or self._hashes_only:
            return 0, ()
        waiting = {sha256 for sha256 in blobs.digests() if not self._outlet.holds(blob_path(sha256))}
        copied = 0
        warnings: list[Message] = []
        for sha256, index in self._named(waiting):
            if self._outlet.copy(blob_path(sha256), blobs.path(sha256), sha256):
                copied += 1
            else:
                warnings.append(
                    Message(
                        "attachment {sha256} of entry {entry} differs from its digest and was not published",
                        sha256=sha256,
                        entry=index,
                    )
                )
        return copied, tuple(warnings)

    def _named(self, waiting: set[str]) -> Iterator[tuple[str, int]]:
        """Those of the digests that entries name: a file that no entry speaks of is nobody's to see. Newest first."""
        for start, stop in ((self.before, self.size), (0, self.before)):
            if not waiting:
                return
            for index, data in self._snapshot.entries(start, stop):
                for sha256 in digests_named(data):
                    if sha256 in waiting:
                        waiting.remove(sha256)
                        yield sha256, index


def digests_named(data: bytes) -> list[str]:
    """Digests of the attachments that entry bytes name."""
    return [found.decode() for found in _DIGEST.findall(data)]


def _is_zip(target: Path) -> bool:
    return target.suffix.lower() == ".zip" and not target.is_dir()


def _free_of_secrets(target: Path) -> Path:
    """Raises: UsageError for a ledger's own folder, whose keys would go out with it, and for a file."""
    if target.exists() and not target.is_dir():
        raise UsageError("{target} is a file: give a folder, or a name ending in .zip", target=target)
    if any((target / name).exists() for name in _PRIVATE):
        raise UsageError(
            "{target} holds a ledger and its keys: publish to a folder of its own, such as {folder}",
            target=target,
            folder=target / "published",
        )
    return target


def _opened(open_it: Callable[[], LayoutSource], target: Path) -> LayoutSource:
    try:
        return open_it()
    except LedgerError as error:
        raise UsageError(
            "{target} is there and is no published ledger ({problem}): choose another name",
            target=target,
            problem=error.message,
        ) from error


def _partials(size: int) -> set[str]:
    """Names of the partial tiles and the partial bundle of a tree."""
    tiles = right_edge(size)
    names = {tile_path(tile.level, tile.number, tile.width) for tile in tiles}
    return names | {bundle_path(tile.number, tile.width) for tile in tiles if tile.level == 0}
