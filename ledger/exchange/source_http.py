"""A published ledger on a web server: plain GET of the layout's names, a few of them ahead of need.

    with HttpSource("https://ledger.example/erligang/") as source:
        report = verify(source)

What it does: keeps connections open, fetches the next bundles while the present one is worked on, tries again what may
pass (no connection, 429, 5xx; `Retry-After` is honoured), follows redirects only to http or https and never down from
https, and bounds every answer in bytes and time. Compressed answers are unpacked no further than the limit.

Where the server asks who reads (401), it signs in with the key that was handed in, and again when the session has
run out.

What it leaves to others: what the bytes mean (`layout`), and whether they are true (`ledger.audit`). Proxies are those
of the environment, and so are certificates unless an authority of one's own is handed in.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import httpx

from ledger.errors import SourceError
from ledger.exchange.layout import CHUNK, MAX_TILE, LayoutSource, T, tile_path
from ledger.exchange.sign_in import SignIn
from ledger.messages import Message, message

__all__ = ["HttpSource"]

_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_REDIRECTS: Final = 5
_ABSENT: Final = (404, 410)
_TRANSIENT: Final = (408, 425, 429, 500, 502, 503, 504)
_PATIENCE: Final = 60.0
"""Seconds that an answer may take whatever its size; beyond them it must have come at 1,024 bytes a second."""
_SLOWEST: Final = 1_024
_MAX_BLOB: Final = 1 << 32
_IN_MEMORY: Final = 1 << 20
"""Larger attachments go through a temporary file."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class _Transient(Exception):
    """This answer may be another one later: what went wrong, and the seconds that the server asks to wait."""

    def __init__(self, problem: Message, wait: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.wait = wait


class HttpSource(LayoutSource):
    """A published ledger under a URL; `ahead` requests run at a time. Tests hand in `client`, `pause` and `now`.

    `sign_in` is who reads, where the server asks; `authority` the certificate, DER or PEM, of whoever vouches for it.
    """

    def __init__(
        self,
        url: str,
        *,
        sign_in: SignIn | None = None,
        authority: bytes | None = None,
        client: httpx.Client | None = None,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        ahead: int = 4,
    ) -> None:
        try:
            base = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise SourceError("{url!r} is no URL: {error}", url=url, error=error) from error
        if base.scheme not in ("http", "https") or not base.host or base.query or base.fragment:
            raise SourceError(
                "{url}: give the plain http(s) address of the folder with `checkpoint`, without ? and #",
                url=url,
            )
        # a password in the address is for the server, not for messages and reports
        super().__init__(str(base.copy_with(userinfo=b"")))
        self._base = base.copy_with(path=base.path.rstrip("/") + "/")
        self._client = client or httpx.Client(
            timeout=httpx.Timeout(20.0, connect=10.0),
            limits=httpx.Limits(max_connections=ahead + 1),
            verify=True if authority is None else _vouched_for(authority),
        )
        self._sign_in = sign_in
        self._pause = pause
        self._now = now
        self._ahead = ahead
        self._lost = False
        self._wants_leaves = False
        self._leaves: dict[int, bytes] = {}
        self._threads = ThreadPoolExecutor(ahead, thread_name_prefix="fetch")

    def read(self, path: str, limit: int) -> bytes | None:
        def whole(response: httpx.Response) -> bytes:
            self._refuse_page(path, response)
            return b"".join(self._body(path, response, limit))

        return self._patiently(path, whole)

    def stream(self, path: str) -> Iterator[bytes] | None:
        """Fetched whole before the first piece, so that a connection lost midway can be tried again."""

        def spooled(response: httpx.Response) -> IO[bytes]:
            file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by whoever reads it
            size = 0
            try:
                for piece in self._body(path, response, _MAX_BLOB):
                    size += file.write(piece)
                file.seek(0)
            except BaseException:
                file.close()
                raise
            if size > _MAX_BLOB:
                file.close()
                raise SourceError(
                    "{path} is longer than {max_blob} bytes: copy the ledger by other means",
                    path=self.at(path),
                    max_blob=_MAX_BLOB,
                )
            return file

        file = self._patiently(path, spooled)
        return None if file is None else _drained(file)

    def in_order(self, work: Callable[[int], T], numbers: Iterable[int]) -> Iterator[T]:
        waiting: deque[Future[T]] = deque()
        try:
            for number in numbers:
                waiting.append(self._threads.submit(work, number))
                if len(waiting) >= self._ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        if level == 0:
            self._wants_leaves = True
            if len(found := self._leaves.pop(number, b"")) >= 32 * width:
                return found
        return super().tile(level, number, width)

    def is_reached(self) -> bool:
        return not self._lost

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._client.close()

    def _bundle(self, number: int, need: int) -> list[bytes]:
        """Once somebody compares entries with the tile over them, the tile is fetched along with the bundle."""
        entries = super()._bundle(number, need)
        if self._wants_leaves and len(self._leaves) < 4 * self._ahead:
            with suppress(SourceError):  # met again by whoever asks for the tile
                found = self._widest(partial(tile_path, 0, number), self._width(0, number), need, MAX_TILE)
                if found is not None:
                    self._leaves[number] = found[0]
        return entries

    # ------------------------------------------------------------------ one name

    def _patiently(self, path: str, use: Callable[[httpx.Response], T]) -> T | None:
        """`use` on the answer, None when there is nothing under the name; tried again on what may pass."""
        pause = _FIRST_PAUSE
        problem = ""
        for attempt in range(_ATTEMPTS):
            try:
                with self._answer(path) as response:
                    return None if response is None else use(response)
            except _Transient as error:
                problem, wait = error.problem, error.wait
            except httpx.TransportError as error:
                if _is_distrust(error):
                    raise self._gone(path, _distrusted(error)) from error
                problem, wait = _said(error), None
            if attempt + 1 < _ATTEMPTS:
                self._pause(min(pause if wait is None else wait, _LONGEST_PAUSE))
                pause *= 2
        raise self._gone(
            path,
            Message(
                "cannot be fetched, tried {attempts} times: {problem}. Check the address and the connection, or try "
                "again later",
                attempts=_ATTEMPTS,
                problem=problem,
            ),
        )

    def _gone(self, path: str, why: Message) -> SourceError:
        """An error about the place rather than about one file of it."""
        self._lost = True
        return SourceError("{path}: {why}", path=self.at(path), why=why)

    @contextmanager
    def _answer(self, path: str) -> Iterator[httpx.Response | None]:
        """The answer with status 200, its body still to be read; None for a name that is not there."""
        url = self._base.copy_with(path=self._base.path + path)
        asked_again = False
        for _ in range(_REDIRECTS + 1):
            times = self._sign_in.times if self._sign_in else 0
            request = self._client.build_request("GET", url, headers={"accept-encoding": "gzip, identity"})
            response = self._client.send(request, stream=True, follow_redirects=False)
            try:
                if response.has_redirect_location:
                    url = self._next(path, url, response)
                    continue
                if response.status_code == 401 and self._sign_in is not None and not asked_again:
                    response.close()
                    self._sign_in.again(self._client, self._base, times)
                    asked_again = True
                    continue
                yield self._judged(path, response)
                return
            finally:
                response.close()
        raise self._gone(
            path,
            Message("redirected more than {redirects} times. Give the final address", redirects=_REDIRECTS),
        )

    def _next(self, path: str, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers["location"])  # httpx has refused what is no address
        if target.scheme not in (("https",) if url.scheme == "https" else ("http", "https")):
            raise self._gone(
                path,
                Message(
                    "redirected from {scheme} to {target_scheme}, which is not followed. Give the final address",
                    scheme=url.scheme,
                    target_scheme=target.scheme,
                ),
            )
        return target

    def _judged(self, path: str, response: httpx.Response) -> httpx.Response | None:
        status = response.status_code
        if status == 200 or status in _ABSENT:
            self._lost = False
            return response if status == 200 else None
        said = Message("the server answers {status}", status=f"{status} {response.reason_phrase}".strip())
        if status in _TRANSIENT:
            raise _Transient(said, _retry_after(response.headers.get("retry-after")))
        if status == 401:
            raise self._gone(
                path,
                Message(
                    "{said}. Ask its keeper for access: at a `custody serve`, sign in with --key NAME, a key granted "
                    "to an auditor",
                    said=said,
                ),
            )
        if status == 403:
            raise self._gone(
                path,
                Message(
                    "{said}. Ask its keeper for access: the whole ledger is for operator and auditors, so the key has "
                    "to be granted as auditor",
                    said=said,
                ),
            )
        raise self._gone(path, Message("{said}. Give the address of the folder with `checkpoint`", said=said))

    def _refuse_page(self, path: str, response: httpx.Response) -> None:
        """Many servers answer a name they do not have with a page and status 200."""
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            raise SourceError(
                "{path}: the server sends a web page instead. Give the address of the folder with "
                "`checkpoint`",
                path=self.at(path),
            )

    # ------------------------------------------------------------------ bodies

    def _body(self, path: str, response: httpx.Response, limit: int) -> Iterator[bytes]:
        """The unpacked body, cut off behind `limit` + 1 bytes; an error when it comes too slowly."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip", ""):
            raise SourceError(
                "{path}: sent as {encoding}, which was not asked for. Serve it as it is or as gzip",
                path=self.at(path),
                encoding=encoding,
            )
        inflate = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        began = self._now()
        raw = unpacked = 0
        for packed in response.iter_raw():
            raw += len(packed)
            if self._now() - began > _PATIENCE + raw / _SLOWEST:
                seconds = self._now() - began
                raise self._gone(
                    path,
                    Message(
                        "{raw} bytes in {seconds:.0f} seconds is too slow. Try another connection",
                        raw=raw,
                        seconds=seconds,
                    ),
                )
            room = limit + 1 - unpacked
            piece = packed[:room] if inflate is None else _inflated(inflate, packed, room)
            unpacked += len(piece)
            yield piece
            if unpacked > limit:
                return
        if inflate is not None and (inflate.unused_data or not inflate.eof):
            raise _Transient(Message("the compressed answer ends too early or too late"))


def _inflated(inflate: zlib._Decompress, packed: bytes, room: int) -> bytes:
    try:
        return inflate.decompress(packed, room)
    except zlib.error as error:
        raise _Transient(Message("the compressed answer is damaged ({error})", error=error)) from error


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3); None where it says nothing usable."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _drained(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _said(error: httpx.TransportError) -> Message:
    return message(str(error).rstrip(".") or type(error).__name__)


def _vouched_for(authority: bytes) -> ssl.SSLContext:
    """Trust in one authority and no other. Raises: SourceError for what is no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        pem = b"-----BEGIN" in authority
        context.load_verify_locations(cadata=authority.decode("ascii") if pem else authority)
    except (ssl.SSLError, ValueError) as error:
        raise SourceError(
            "that is no certificate: give authority.cer, which `custody tls make` made", field="--ca"
        ) from error
    return context


def _is_distrust(error: httpx.TransportError) -> bool:
    """Whether nobody trusted vouches for the server: trying again changes nothing."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _distrusted(error: httpx.TransportError) -> Message:
    return Message(
        "nobody vouches for this server ({error}). Give the certificate of its authority with --ca, such as "
        "authority.cer of `custody tls make`",
        error=error,
    )
