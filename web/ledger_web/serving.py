"""The server process: a socket, a web server around the app, and an end without loss.

    listening = listen("127.0.0.1", 8420)
    serve(app, listening, settings=settings, tls=Tls(cert, key), started=lambda url: …)

What it does: binds before anything else, so that a taken port is an error in words; runs uvicorn in this process; on
SIGTERM or Ctrl-C takes nothing more, answers what is under way, and returns. Senders who dribble the head of a request,
or never finish it, are cut off here; the app never hears of them (slow bodies are the shield's affair).

What it leaves to others: the app, and who may ask what of the command line (`custody serve`).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple, cast

import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ledger.errors import UsageError
from ledger.messages import Message
from ledger_web.faults import Busy, NotUnderstood
from ledger_web.languages import reader_language
from ledger_web.problems import MEDIA_TYPE, problem, respond
from ledger_web.settings import Settings

HEAD_BYTES: Final = 32_768
OTHER_FILES: Final = 256
"""Open files beside connections and what is sent and received over them: database, threads, code."""
SPARE: Final = 64
"""Connections above the most that are still answered, with 503; beyond them they are closed unheard."""
HANDSHAKE_SECONDS: Final = 10.0
JOINED_BYTES: Final = 65_536
"""What is written is sent at once from there on, so that a sender notices when its reader does not follow."""
COLLECTING: Final = (20_000, 10, 10)
"""Objects made before cycles are looked for among them: requests make hundreds each, nearly all without cycles."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Tls(NamedTuple):
    """Certificate (with its chain) and key, PEM files."""

    cert: Path
    key: Path


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises: UsageError when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(2048)  # before it is said that the server listens
        except BaseException:
            bound.close()
            raise
    except (OSError, UnicodeError) as error:
        raise UsageError(
            "cannot listen on {host} port {port}: {error}. Choose another --port, or end what uses it",
            host=host,
            port=port,
            error=getattr(error, "strerror", None) or error,
            field="--port",
        ) from error
    return bound


def require_usable(tls: Tls) -> None:
    """Raises: UsageError unless certificate and key are there and belong together."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls.cert, tls.key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UsageError(
            "{cert} and {key} cannot be used as certificate and key ({error}): give PEM files that belong "
            "together, the key without passphrase",
            cert=tls.cert,
            key=tls.key,
            error=error,
            field="--tls-cert",
        ) from error


def url_of(bound: socket.socket, *, tls: bool) -> str:
    """Where the server is reached."""
    host, port = bound.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{name}:{port}"


def connections_possible(most: int) -> int:
    """How many connections, up to `most`, this process has open files for, raising its own limit where it may.

    Each may be sending a file or a part of one. Without this whoever opens a thousand connections, which is what a
    process may have by default, keeps the server from opening anything.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * (most + SPARE) + OTHER_FILES
    may = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < may:
        resource.setrlimit(resource.RLIMIT_NOFILE, (may, hard))
        soft = may
    if soft == resource.RLIM_INFINITY:
        return most
    return max(1, min(most, (soft - OTHER_FILES) // 2 - SPARE))


def serve(
    app: ASGIApp,
    bound: socket.socket,
    *,
    settings: Settings,
    tls: Tls | None = None,
    behind_proxy: bool = False,
    started: Callable[[str], None] = lambda url: None,
) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way. For the main thread."""
    most = connections_possible(settings.connections)
    config = uvicorn.Config(
        app,
        http=type(
            "_Patient",
            (_PatientProtocol,),
            {
                "connections_most": most,
                "head_seconds": settings.head_seconds,
                "unread_seconds": settings.unread_seconds,
            },
        ),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.drain),
        ssl_certfile=None if tls is None else tls.cert,
        ssl_keyfile=None if tls is None else tls.key,
    )
    server = _Server(config, lambda: started(url_of(bound, tls=tls is not None)))
    with bound:
        server.run(sockets=[bound])


class _Server(uvicorn.Server):
    """uvicorn's server, which is told when it listens and does not die of the signal that ended it."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop: Any = asyncio.get_running_loop()
        if (
            self.config.is_ssl
        ):  # uvicorn has no setting for it, and a handshake that never ends is an open file
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        await super().startup(sockets=sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # what the program consists of stays: cycles are looked for in what came later
            gc.set_threshold(*COLLECTING)
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        gc.unfreeze()  # or what is left at the end of the process counts as leaked

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._ended) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ended(self, number: int, frame: FrameType | None) -> None:
        """Once to finish what is under way, twice to leave it."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer where all connections are taken."""
    if scope["type"] != "http":
        return
    fault = Busy(
        Message("too many are connected, and nothing of this request was taken: send it again later")
    )
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    await respond(fault, reader_language(accepted), {"connection": "close"})(scope, receive, send)


class _Joined:
    """A transport that sends what is written in one turn of the loop as one piece: head and body of an answer.

    uvicorn writes them one after the other, and each write is a system call here and a wake-up at the other end.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)
        self._size += len(data)
        if self._size > JOINED_BYTES:
            self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._parts:
            joined = b"".join(self._parts)
            self._parts.clear()
            self._size = 0
            if not self._transport.is_closing():  # else whoever asked has gone meanwhile
                self._transport.write(joined)


class _PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with limits to how long and how large the head of a request may be, and how long an answer
    may lie unread.
    """

    connections_most = 2_000
    head_seconds = 10.0
    unread_seconds = 60.0
    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", _Joined(transport, self.loop)))
        if len(self.connections) > self.connections_most + SPARE:
            transport.abort()  # each is an open file, and the ledger needs some
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        self._forget_unread()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._forget_head()
        if len(self.connections) > self.connections_most:
            self.app = _too_many  # uvicorn's own limit answers the same in plain text
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is answered like every other mistake."""
        fault = NotUnderstood(
            Message(
                "no HTTP request, or one with a head of more than {head_bytes} bytes", head_bytes=HEAD_BYTES
            ),
        )
        body = orjson.dumps(problem(fault, "zh"))
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            raise ValueError("the head is too large")  # the parser stops, and send_400_response is called

    def _expect_head(self) -> None:
        self._forget_head()
        self._head = self.loop.call_later(self.head_seconds, self._cut_off)

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _cut_off(self) -> None:
        cycle: Any = self.cycle  # None before the first request
        if cycle is None or cycle.response_complete:
            self.transport.close()
        else:  # the request before is still being answered: look again
            self._expect_head()

    # Whoever asks and does not read holds a connection that others need.

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._forget_unread()
        super().resume_writing()

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
