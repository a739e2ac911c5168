"""A published ledger made into a ledger again: from a folder, a zip or a URL (format, section 6).

    with open_source("backup.zip") as source:
        restored = restore(source, Path("erligang"))
    print(restored.note)

What it does: fetches the entries once, checks that they give the root of the signed checkpoint, writes the same bytes
into a new database, derives tiles and facts from them anew, copies the attachments, and then has the whole verified as
any auditor would, facts included. Only what stands that test gets the name asked for; a ledger that is there already is
never touched, and a failure half-way leaves nothing.

What it leaves to others: reading the layout (`layout`, `sources`), the verdict (`ledger.audit`), and the keys: they are
in no bundle, so a restored ledger can be read and verified, and written again once the log key is put back.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NamedTuple, overload

from ledger.audit.live import live_source
from ledger.audit.report import Fault, Report
from ledger.audit.verify import verify
from ledger.custody.replay import derived
from ledger.errors import FormatError, KeyInvalid, NoteError, Refused, SourceError, StoreCorrupt, StoreExists
from ledger.exchange.bundle import Progress, digests_named
from ledger.exchange.layout import LayoutSource, blob_path, tile_path
from ledger.exchange.outlets import explained
from ledger.log import NoteVerifier, checkpoint
from ledger.log.checkpoint import Checkpoint
from ledger.log.tiles import TileWriter
from ledger.log.tree import leaf_hash
from ledger.messages import Message, joined
from ledger.store.blobs import BlobStore
from ledger.store.files import sync_directory
from ledger.store.sqlite import SqliteStore

__all__ = ["Restored", "restore"]

_CHUNK: Final = 4_096
"""Entries hashed at a time."""
_NAMED: Final = 5
"""How many faults a refusal lists."""


_explained = partial(explained, stands=Message("Nothing was restored"), again=Message("restore"))


class Restored(NamedTuple):
    """What `restore` made. `absent`: attachments that entries name and the source does not have."""

    directory: Path
    size: int
    root: bytes
    blobs: int
    absent: int
    report: Report
    note: Message


def restore(
    source: LayoutSource, directory: Path, *, vkey: str | None = None, progress: Progress | None = None
) -> Restored:
    """Make a new ledger at `directory` out of a published one; `vkey` is believed rather than the source's own.

    `progress` counts entries twice: while they are fetched, and while they are verified.

    Raises: StoreExists when something is there already; SourceError when the source cannot be read, holds no entries,
    or has been tampered with (naming the faults); StoreFull, StoreReadOnly, StoreError.
    """
    directory = Path(os.path.abspath(directory))  # noqa: PTH100 - resolve() would follow a link away from its folder
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StoreExists(
            "{directory} is there already and not empty: a restore never overwrites, choose a new folder",
            directory=directory,
        )
    vkey = vkey or source.vkey
    head = _signed_head(source, vkey)
    if source.is_hashes_only():
        raise SourceError(
            "{source_name} holds hashes only, no entries: restore from a bundle that was published in full",
            source_name=source.name,
        )
    scratch = directory.with_name(f".{directory.name}.{secrets.token_hex(8)}.restoring")
    with _explained(scratch):
        scratch.mkdir(parents=True)
    try:
        restored = _build(source, head, str(vkey), scratch, progress)
        with _explained(directory):
            _name(scratch, directory)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return restored._replace(directory=directory)


def _signed_head(source: LayoutSource, vkey: str | None) -> Checkpoint:
    if vkey is None:
        raise SourceError(
            "{source_name} holds no vkey: give the log's verifier key, which its keeper can tell you",
            source_name=source.name,
        )
    try:
        head = checkpoint.open(source.checkpoint(), NoteVerifier.from_vkey(vkey))
    except (NoteError, KeyInvalid) as error:
        raise SourceError(
            "the checkpoint of {source_name} is not good: {problem}. Give the right verifier key, or another "
            "copy",
            source_name=source.name,
            problem=error.message,
        ) from error
    if head.size == 0:
        raise SourceError(
            "{source_name} is the bundle of an empty ledger: create a ledger instead", source_name=source.name
        )
    return head


def _build(
    source: LayoutSource, head: Checkpoint, vkey: str, scratch: Path, progress: Progress | None
) -> Restored:
    """The whole ledger in the scratch folder, verified; closed, so that the folder can be renamed."""
    blobs = BlobStore(scratch)
    with SqliteStore.create(scratch, origin=head.origin, vkey=vkey) as store:
        with _Spool(scratch) as spool:
            with _explained(scratch):
                spool.fill(source.entries(0, head.size), head.size, progress)
            if spool.root() != head.root:
                raise _refusal(source, vkey, Message("its entries do not give the root of its checkpoint"))
            _compare_tiles(source, spool.tiles())
            with store.writing() as transaction:
                transaction.append(spool, spool.tiles(), {}, (head.size, head.note))
        try:
            store.replace_facts(derived(store))
        except (FormatError, Refused, StoreCorrupt) as error:
            raise _refusal(source, vkey, error.placed) from error
        digests = sorted({found for _, data in store.entries() for found in digests_named(data)})
        copied = _copy_blobs(source, blobs, digests)
        with live_source(store, blobs, name=source.name) as made:
            report = verify(made, vkey=vkey, progress=progress or _quiet)
    if report.verdict == "tampered":
        raise _refused(source.name, report, Message("it does not pass verification"))
    return Restored(scratch, head.size, head.root, copied, len(digests) - copied, report, _note(vkey))


# ---------------------------------------------------------------------- entries and tiles


class _Spool(Sequence[tuple[int, bytes]]):
    """The entries of a source, fetched once and kept in a temporary file; in memory are the tiles only.

    A source may be far away, and writing goes over the entries twice.
    """

    def __init__(self, folder: Path) -> None:
        self._file: IO[bytes] = TemporaryFile(dir=folder)  # noqa: SIM115 - closed on leaving
        self._count = 0
        self._last = b""
        self._writer = TileWriter()
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def fill(self, entries: Iterable[tuple[int, bytes]], size: int, progress: Progress | None) -> None:
        """Take in all `size` entries. Raises: SourceError when they are not numbered without gaps."""
        remaining = iter(entries)
        while chunk := list(islice(remaining, _CHUNK)):
            for index, data in chunk:
                if index != self._count:
                    raise SourceError(
                        "entry {entry} comes where entry {count} must be: take another copy",
                        entry=index,
                        count=self._count,
                    )
                self._file.write(len(data).to_bytes(4))
                self._file.write(data)
                self._last = data
                self._count += 1
            for level, number, data in self._writer.append([leaf_hash(data) for _, data in chunk]):
                self._tiles[level, number] = data
            if progress is not None:
                progress(self._count, size)
        if self._count != size:
            raise SourceError(
                "there are {count} entries where the checkpoint says {size}: take another copy",
                count=self._count,
                size=size,
            )

    def root(self) -> bytes:
        return self._writer.root()

    def tiles(self) -> list[tuple[int, int, bytes]]:
        return [(level, number, data) for (level, number), data in self._tiles.items()]

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self._file.seek(0)
        for index in range(self._count):
            yield index, self._file.read(int.from_bytes(self._file.read(4)))

    @overload
    def __getitem__(self, at: int) -> tuple[int, bytes]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[int, bytes]]: ...
    def __getitem__(self, at: int | slice) -> tuple[int, bytes] | Sequence[tuple[int, bytes]]:
        """The last entry, which is all that a store looks up."""
        if at != -1 or not self._count:
            raise IndexError(at)
        return self._count - 1, self._last


def _compare_tiles(source: LayoutSource, tiles: list[tuple[int, int, bytes]]) -> None:
    """Raises: SourceError naming the first stored tile that is not what the entries give; a missing one is no harm."""

    def differs(at: int) -> bool:
        level, number, data = tiles[at]
        found = source.tile(level, number, len(data) // 32)
        return found is not None and found[: len(data)] != data

    for at, bad in enumerate(source.in_order(differs, range(len(tiles)))):
        if bad:
            level, number, data = tiles[at]
            raise SourceError(
                "{level} is not what the entries give: the bundle has "
                "been tampered with or damaged. Take another copy; if there is none, remove this file and restore "
                "again",
                level=source.at(tile_path(level, number, len(data) // 32)),
            )


# ---------------------------------------------------------------------- attachments


def _copy_blobs(source: LayoutSource, blobs: BlobStore, digests: list[str]) -> int:
    """Copy what the source has of them; how many. Raises: SourceError for a file that differs from its digest."""

    def copy(at: int) -> bool:
        sha256 = digests[at]
        pieces = source.blob(sha256)
        if pieces is None:
            return False
        path = blobs.path(sha256)
        digest = hashlib.sha256()
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                for piece in pieces:
                    digest.update(piece)
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            sync_directory(path.parent)
        if digest.hexdigest() != sha256:
            raise SourceError(
                "{sha256} differs from its digest: the bundle has been tampered with or "
                "damaged. Take another copy; if there is none, remove this file and restore again",
                sha256=source.at(blob_path(sha256)),
            )
        return True

    return sum(source.in_order(copy, range(len(digests))))


# ---------------------------------------------------------------------- refusing, naming


def _refusal(source: LayoutSource, vkey: str, why: Message) -> SourceError:
    """The source's own faults, each with its entry, as the verifier finds them."""
    return _refused(source.name, verify(source, vkey=vkey), why)


def _refused(name: str, report: Report, why: Message) -> SourceError:
    if not report.faults:
        return SourceError(
            "{name} has been tampered with or damaged, nothing was restored: {why}. Take another copy, and run "
            "`custody verify` on this one for the whole damage",
            name=name,
            why=why,
        )
    faults = [_told(fault) for fault in report.faults[:_NAMED]]
    more = len(report.faults) - _NAMED
    if more > 0:
        faults.append(Message("and {more} more", more=more))
    return SourceError(
        "{name} has been tampered with or damaged, nothing was restored: {why}. Faults: {faults}. Take another "
        "copy, and run `custody verify` on this one for the whole damage",
        name=name,
        why=why,
        faults=joined(faults),
    )


def _told(fault: Fault) -> Message:
    if fault.index is None:
        return Message("{check}: {problem}", check=fault.check, problem=fault.detail)
    return Message(
        "{check} at entry {entry}: {problem}", check=fault.check, entry=fault.index, problem=fault.detail
    )


def _name(scratch: Path, directory: Path) -> None:
    """Give the finished folder its name, durably."""
    for folder in (scratch / "blobs" / "sha256", scratch / "blobs", scratch):
        if folder.is_dir():
            sync_directory(folder)
    if directory.exists():
        directory.rmdir()  # empty, or this fails
    scratch.rename(directory)
    sync_directory(directory.parent)


def _quiet(_done: int, _total: int) -> None:
    """No progress is shown."""


def _note(vkey: str) -> Message:
    return Message(
        "The keys of a ledger are in no bundle: this one can be read and verified. To append to it, put the log "
        "key of {vkey} back as keys/log.pem, and the operator's as keys/operator.pem",
        vkey=vkey,
    )
