"""The read side of the log, as files (C2SP tlog-tiles): the bytes that `custody publish` writes, without a folder.

    /checkpoint                      the newest signed head                       public
    /vkey                            the log's verifier key                       public
    /tile/{L}/{N}[.p/{W}]            hash tiles                                   public
    /tile/entries/{N}[.p/{W}]        entry bundles, gzip where it is accepted     who may see everything
    GET  /proof/{index}              tlog-proof with the entry in it              who may see the entry
    POST /proof/{index}              tlog-proof for an entry that is handed in    public
    /consistency?from=&to=           consistency proof, hashes in hex             public

A tile's address says how many hashes it has, so its content never changes: caches may keep it for ever. Hashes tell
nothing about entries that are not known; entries are read by whoever may see them.

Full tiles, and the nodes of the tree above their hashes, stay in memory, the most recently asked for: they never
change. The right edge is kept for the newest sizes, each by itself. What is behind the newest checkpoint is not there,
whatever the database holds.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ledger import log
from ledger.custody.ledger import Ledger
from ledger.errors import ProofError, StoreCorrupt, TileError
from ledger.log import EntriesId, TileId, TileTree, leaf_hash
from ledger.log.bundles import encode_bundle
from ledger.log.entry import parse
from ledger.log.kept import KeptTree, inner_nodes
from ledger.log.tiles import parse_path
from ledger.messages import Message
from ledger.store.base import Head
from ledger_web.access import Reader
from ledger_web.faults import NotThere, NotUnderstood, NotYours
from ledger_web.service import Service
from ledger_web.statements import JSON, content_type

WIDTH: Final = 256
BYTES: Final = "application/octet-stream"
TEXT: Final = "text/plain; charset=utf-8"
PUBLIC_FOR_EVER: Final = "public, max-age=31536000, immutable"
PRIVATE_FOR_EVER: Final = "private, max-age=31536000, immutable"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}")
_HEX64: Final = re.compile(r"[0-9a-f]{64}")
_TILES_KEPT: Final = 2048
_BUNDLES_KEPT: Final = 32
_TREES_KEPT: Final = 8


class LogReads:
    """Tiles and proofs of one open ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._store = ledger.store
        self._seen = 0  # a size the ledger has reached; it never shrinks
        self._full = lru_cache(_TILES_KEPT)(self._read_full)
        self._inner = lru_cache(_TILES_KEPT)(lambda level, number: inner_nodes(self._full(level, number)))
        self._trees = lru_cache(_TREES_KEPT)(lambda size: KeptTree(self._read, size, self._inner))
        self._packed = lru_cache(_BUNDLES_KEPT)(self._pack)

    def head(self) -> Head:
        """The newest checkpoint."""
        return self._store.head()

    def hashes(self, tile: TileId) -> bytes | None:
        """A hash tile, None beyond the newest checkpoint."""
        if not self._has(tile, self._seen):
            self._seen = self.head().size
            if not self._has(tile, self._seen):
                return None
        return self._read(tile.level, tile.number, tile.width)

    @staticmethod
    def _has(tile: TileId, size: int) -> bool:
        return tile.width <= min(WIDTH, (size >> 8 * tile.level) - WIDTH * tile.number)

    def entries(self, bundle: EntriesId) -> bytes | None:
        """An entry bundle, None beyond the newest checkpoint. Raises: StoreCorrupt when an entry is missing."""
        first = WIDTH * bundle.number
        if first + bundle.width > self.head().size:
            return None
        found = [data for _, data in self._store.entries(first, first + bundle.width)]
        if len(found) != bundle.width:
            raise StoreCorrupt(
                "an entry is missing from the database: run `custody verify`, and restore from a published bundle",
                index=first,
            )
        return encode_bundle(found)

    def packed(self, bundle: EntriesId) -> bytes | None:
        """The same, packed with gzip; full ones are kept for a while."""
        return self._packed(bundle) if bundle.width == WIDTH else self._pack(bundle)

    def tree(self, size: int) -> TileTree:
        """The tree of the first `size` entries."""
        return self._trees(size)

    def proof(self, index: int, data: bytes | None, head: Head | None = None) -> bytes | None:
        """A tlog-proof against the newest checkpoint or `head`, with `data` in it; None where there is no entry."""
        head = head or self.head()
        if index >= head.size:
            return None
        return log.proof.make(data, index, self.tree(head.size).inclusion(index), head.checkpoint_note)

    def leaf(self, index: int) -> bytes | None:
        """The leaf hash of an entry, None where there is none."""
        number, place = divmod(index, WIDTH)
        tile = self.hashes(TileId(0, number, place + 1))
        return None if tile is None else tile[-32:]

    def _read(self, level: int, number: int, width: int) -> bytes:
        if width == WIDTH:
            return self._full(level, number)
        data = self._store.tile(level, number) or b""
        if len(data) < 32 * width:
            raise TileError(
                "hash tile {level}/{number} is cut off: run `custody verify`", level=level, number=number
            )
        return data[: 32 * width]

    def _read_full(self, level: int, number: int) -> bytes:
        data = self._store.tile(level, number) or b""
        if len(data) != 32 * WIDTH:  # raised, so not remembered
            raise TileError(
                "hash tile {level}/{number} is cut off: run `custody verify`", level=level, number=number
            )
        return data

    def _pack(self, bundle: EntriesId) -> bytes | None:
        data = self.entries(bundle)
        return None if data is None else gzip.compress(data, compresslevel=6, mtime=0)


# ---------------------------------------------------------------------- routes


async def checkpoint(request: Request) -> Response:
    """The newest signed note; asked for again, caches must ask too."""
    note = reads_of(request).head().checkpoint_note
    tag = f'"{sha256(note).hexdigest()[:32]}"'
    headers = {"cache-control": "no-cache", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(note, headers=headers, media_type=TEXT)


async def vkey(request: Request) -> Response:
    """The log's verifier key; whoever trusts it should have it from elsewhere too."""
    text = Service.of(request).ledger.store.vkey
    return Response(f"{text}\n", headers={"cache-control": "no-cache"}, media_type=TEXT)


async def tile(request: Request) -> Response:
    """A hash tile or an entry bundle; the address must be spelled as the standard spells it."""
    try:
        wanted = parse_path(_spelled(request))
    except TileError as error:
        raise NotThere(error.message) from error
    reads = reads_of(request)
    if isinstance(wanted, TileId):
        found = reads.hashes(wanted)
        if found is None:
            raise _beyond()
        return Response(found, headers={"cache-control": PUBLIC_FOR_EVER}, media_type=BYTES)
    service = Service.of(request)
    _require_all(service.reader(request))
    zipped = "gzip" in request.headers.get("accept-encoding", "").lower()
    data = await run_in_threadpool(reads.packed if zipped else reads.entries, wanted)
    if data is None:
        raise _beyond()
    headers = {"cache-control": PRIVATE_FOR_EVER, "vary": "accept-encoding, cookie"}
    return Response(
        data, headers=headers | ({"content-encoding": "gzip"} if zipped else {}), media_type=BYTES
    )


async def prove(request: Request) -> Response:
    """The proof of an entry that the reader may see, with the entry in it."""
    service, index = Service.of(request), _index(request)
    found = service.reader(request)
    found.require_signed_in()
    reads = reads_of(request)
    head = reads.head()
    data = service.ledger.store.entry(index) if index < head.size else None
    if data is None or not found.sees_everything:  # whoever sees everything asks for no words of it
        found.require_statement(None if data is None else parse(data).statement)
    return _proof(reads.proof(index, data, head), index)


async def prove_known(request: Request) -> Response:
    """The proof of an entry that is handed in, its bytes or their leaf hash: nothing comes out that is not known."""
    media = content_type(request, (JSON, BYTES))
    index, data = _index(request), await request.body()
    if media == BYTES:
        handed, known = data, leaf_hash(data)
    else:
        handed, known = None, _leaf_hash(data)
    reads = reads_of(request)
    if reads.leaf(index) != known:
        raise NotThere(
            Message(
                "entry {entry} of this ledger is not the one that was handed in: check the index, or ask an auditor",
                entry=index,
            ),
            index=index,
        )
    return _proof(reads.proof(index, handed), index)


async def consistency(request: Request) -> Response:
    """That the history of one size is the beginning of another: roots and proof in hex (RFC 6962 section 2.1.2)."""
    reads = reads_of(request)
    size = reads.head().size
    old = _number(request, "from")
    new = _number(request, "to") if "to" in request.query_params else size
    if new > size:
        raise NotUnderstood(
            Message("the ledger has {size} entries, so nothing can be said about {new}", size=size, new=new),
            field="to",
        )
    tree = reads.tree(new)
    try:
        proof = tree.consistency(old)
    except ProofError as error:
        raise NotUnderstood(error.message, field="from") from error
    answer = {
        "from": {"size": old, "root": tree.root_at(old).hex()},
        "to": {"size": new, "root": tree.root().hex()},
        "proof": [one.hex() for one in proof],
    }
    return Response(orjson.dumps(answer), headers={"cache-control": "no-cache"}, media_type=JSON)


ROUTES: Final = (
    ("/checkpoint", checkpoint, ("GET",)),
    ("/vkey", vkey, ("GET",)),
    ("/tile/{path:path}", tile, ("GET",)),
    ("/proof/{index}", prove, ("GET",)),
    ("/proof/{index}", prove_known, ("POST",)),
    ("/consistency", consistency, ("GET",)),
)


# ---------------------------------------------------------------------- parts


def reads_of(request: Request) -> LogReads:
    """The tiles and proofs of the service's ledger."""
    reads: LogReads = request.app.state.log_reads
    return reads


def _spelled(request: Request) -> str:
    """The path as it was sent: what is escaped, doubled or dotted is not the address of a tile."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.partition(b"?")[0].decode("ascii", "replace").removeprefix("/")


def _require_all(reader: Reader) -> None:
    """A bundle has entries about everybody. Raises: SignInNeeded, NotYours."""
    reader.require_signed_in()
    if not reader.sees_everything:
        raise NotYours(
            Message(
                "a bundle has entries about everybody, for operator and auditors: ask for the proofs of single entries"
            ),
        )


def _proof(data: bytes | None, index: int) -> Response:
    if data is None:
        raise _no_entry(index)
    headers = {
        "cache-control": "private, no-cache",
        "content-disposition": f'attachment; filename="entry-{index}.tlog-proof"',
    }
    return Response(data, headers=headers, media_type=TEXT)


def _index(request: Request) -> int:
    text = request.path_params["index"]
    if not _NUMBER.fullmatch(text):
        raise NotThere(Message("an entry is named by its number"), field="index")
    return int(text)


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise NotUnderstood(
            Message("{name} is a number of entries, such as {name}=1040", name=name),
            field=name,
        )
    return int(text)


def _leaf_hash(data: bytes) -> bytes:
    try:
        text = orjson.loads(data)["leaf_hash"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        text = None
    if not isinstance(text, str) or not _HEX64.fullmatch(text):
        raise NotUnderstood(
            Message(
                'send {"leaf_hash": "64 hex digits"}, or the bytes of the entry as application/octet-stream'
            ),
            field="leaf_hash",
        )
    return bytes.fromhex(text)


def _no_entry(index: int) -> NotThere:
    return NotThere(
        Message("the ledger has no entry {entry}: see /checkpoint for how many there are", entry=index),
        index=index,
    )


def _beyond() -> NotThere:
    return NotThere(
        Message("the ledger has not grown that far: see /checkpoint"),
        headers={"cache-control": "no-store"},
    )
