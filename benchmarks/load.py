"""A lean HTTP client in a process of its own: many connections, each with one request under way.

    python -m benchmarks.load URL CONNECTIONS SECONDS < requests      # one JSON line with the figures on stdout

`requests` are whole HTTP/1.1 requests, each behind its length in four bytes. They are sent in order, each once, over
again from the first when they have all been sent and REPEAT is given. They are read as they are needed: a file waits
for nobody, and a pipe lets a run be as long as one likes. A client library would take longer for a request than the
server does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from statistics import quantiles
from time import perf_counter, process_time
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import uvloop


class Load:
    """One run."""

    def __init__(self, requests: Iterator[bytes], seconds: float) -> None:
        self.requests = requests
        self.ends = perf_counter() + seconds
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.open = 0
        self.done = asyncio.Event()


class Connection(asyncio.Protocol):
    """Sends the next request when the last one has been answered whole."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._answer = bytearray()
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not of that class
        self._load.open += 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.open -= 1
        if not self._load.open:
            self._load.done.set()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        end = self._answer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._answer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._answer) < end + 4 + length:
            return
        self._load.took.append(perf_counter() - self._began)
        self._load.statuses[int(self._answer[9:12])] += 1
        self._answer.clear()
        self._next()

    def _next(self) -> None:
        request = next(self._load.requests, None)
        if request is None or perf_counter() > self._load.ends:
            self._transport.close()
            return
        self._began = perf_counter()
        self._transport.write(request)


async def run(
    host: str, port: int, connections: int, seconds: float, requests: Iterator[bytes]
) -> dict[str, object]:
    """The figures of one run; latencies in milliseconds."""
    load = Load(requests, seconds)
    loop = asyncio.get_running_loop()
    began, worked = perf_counter(), process_time()
    await asyncio.gather(
        *(loop.create_connection(lambda: Connection(load), host, port) for _ in range(connections))
    )
    await load.done.wait()
    elapsed = perf_counter() - began
    share = (process_time() - worked) / elapsed
    cuts = quantiles(load.took, n=100)
    return {
        "requests": len(load.took),
        "seconds": elapsed,
        "client_cores": share,
        "per_second": len(load.took) / elapsed,
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "max_ms": max(load.took) * 1000,
        "statuses": dict(load.statuses),
    }


def framed(requests: list[bytes]) -> bytes:
    """Requests as this program reads them."""
    return b"".join(len(one).to_bytes(4, "big") + one for one in requests)


def _unframed(stream: BinaryIO) -> Iterator[bytes]:
    while head := stream.read(4):
        yield stream.read(int.from_bytes(head, "big"))


def main() -> None:
    """See the module docstring."""
    url, connections, seconds, *repeat = sys.argv[1:]
    requests = _unframed(sys.stdin.buffer)
    place = urlsplit(url)
    source = cycle(requests) if repeat else requests
    figures = uvloop.run(
        run(place.hostname or "", place.port or 80, int(connections), float(seconds), source)
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
