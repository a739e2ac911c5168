"""Published ledgers made by the reference, a store filled from it, and a web server that misbehaves on request.

Entries are arbitrary bytes here: the layout does not look into them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from ledger.errors import LedgerError, SourceError, UsageError
from ledger.exchange.source_http import HttpSource
from ledger.exchange.sources import DirectorySource, ZipSource
from ledger.store.blobs import BlobStore
from ledger.store.sqlite import SqliteStore
from tests.reference import slow, trees

ORIGIN = "custody.example/published"
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(sha256(b"published ledgers, for tests").digest())
VKEY = slow.vkey(ORIGIN, slow.raw_public(KEY))


def sample(count: int, salt: str = "") -> list[bytes]:
    """Entries, each its own; every seventh is long."""
    return [f"entry {n} {salt}".encode() + b"." * (n % 7 * 150) for n in range(count)]


def note(entries: Sequence[bytes], size: int, key: ed25519.Ed25519PrivateKey = KEY) -> bytes:
    """The checkpoint of the first `size` entries."""
    return slow.checkpoint(ORIGIN, size, trees.Tree(entries[:size]).root(), key)


def layout(
    entries: Sequence[bytes], size: int | None = None, *, hashes_only: bool = False
) -> dict[str, bytes]:
    """Every file of the published ledger at a size, by path."""
    size = len(entries) if size is None else size
    files = trees.layout(entries, size)
    if hashes_only:
        files = {path: data for path, data in files.items() if not path.startswith("tile/entries/")}
    return {**files, "checkpoint": note(entries, size), "vkey": f"{VKEY}\n".encode()}


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def read_all(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def grow(store: SqliteStore, entries: Sequence[bytes], size: int) -> None:
    """Commit the entries up to `size`, with the reference's tiles and checkpoint."""
    start = store.head().size
    tree = trees.Tree(entries[:size])
    tiles = [
        (level, number, trees.tile(tree, level, number, width))
        for level, number, width in trees.tile_names(size)
        if (number * 256 + width) << 8 * level > start
    ]
    with store.writing() as transaction:
        transaction.append(list(enumerate(entries))[start:size], tiles, {}, (size, note(entries, size)))


def filled(folder: Path, entries: Sequence[bytes]) -> SqliteStore:
    """A store that holds the entries, under the origin and key of this module."""
    store = SqliteStore.create(folder, origin=ORIGIN, vkey=VKEY)
    if entries:
        grow(store, entries, len(entries))
    return store


def assert_whole(target: Path, entries: Sequence[bytes]) -> None:
    """A reader finds every byte that the checkpoint promises."""
    size = len(entries)
    tree = trees.Tree(entries)
    with ZipSource(target) if target.suffix == ".zip" else DirectorySource(target) as source:
        assert source.checkpoint() == note(entries, size)
        assert source.vkey == VKEY
        assert list(source.entries(0, size)) == list(enumerate(entries))
        for level, number, width in trees.tile_names(size):
            found = source.tile(level, number, width)
            assert found is not None
            assert found[: 32 * width] == trees.tile(tree, level, number, width)


def refused(call: Callable[[], object], kind: type[LedgerError] = UsageError) -> str:
    """What the call says when it refuses."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def problem(call: Callable[[], object]) -> str:
    """What the source says when it cannot be read."""
    with pytest.raises(SourceError) as caught:
        call()
    return str(caught.value)


def with_blob(tmp_path: Path) -> tuple[BlobStore, str]:
    """The attachments of the ledger in `ledger`, one of them there."""
    blobs = BlobStore(tmp_path / "ledger")
    return blobs, blobs.put(b"a certificate" * 20_000)


Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server on the loopback: `files` by path, `odd` answers by path, `asked` in order."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.odd: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.url = ""

    def count(self, path: str) -> int:
        return self.asked.count(path)


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Site]:
    """Serve until the block ends."""
    site = Site(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout: ClassVar[float] = 10

        def do_GET(self) -> None:
            path = self.path.removeprefix("/ledger/")
            site.asked.append(path)
            if path in site.odd:
                site.odd[path](self)
            elif path in site.files:
                answer(self, 200, site.files[path])
            else:
                answer(self, 404, b"nothing here")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/ledger/"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def quick(site: Site, pauses: list[float] | None = None, **options: object) -> HttpSource:
    """A web source that does not wait between tries, but writes down how long it would have."""
    waited = pauses if pauses is not None else []
    return HttpSource(site.url, pause=waited.append, **options)  # type: ignore[arg-type]


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Send a whole answer; an underscore in a header's name stands for a hyphen."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(status: int, body: bytes = b"", **headers: str) -> Answer:
    """The same answer every time."""
    return lambda handler: answer(handler, status, body, **headers)


def in_turn(*answers: Answer) -> Answer:
    """Each answer once, the last for good."""
    left = list(answers)

    def next_one(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return next_one


def cut(body: bytes, sent: int) -> Answer:
    """Announces the whole body and hangs up after `sent` bytes."""

    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:sent])
        handler.close_connection = True

    return hang_up
