"""Figures for prometheus, and one JSON line a request on stderr. Neither says anything about a person.

    {"at": "2026-11-24T08:00:00.123Z", "level": "info", "event": "request", "method": "GET",
     "route": "/api/merchants/{merchant}/holdings", "status": 200, "ms": 3.1}

A route is its pattern, never the address asked for: addresses carry credit codes, and queries carry more. A failure is
told by its class and the lines of the program it went through, not by its message. Each app has a registry of its own.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from functools import cache, lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Final

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from ledger_web.service import Service

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)
_STATEMENTS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

log = logging.getLogger("custody")


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "custody_request_seconds",
            "Seconds from head to the end of the answer",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._of_kind = cache(self._seconds.labels)  # as many as there are series
        self._statements = Counter(
            "custody_statements", "Statements answered", ("answer",), registry=self.registry
        )
        self._batch = Histogram(
            "custody_commit_statements", "Statements in a commit", buckets=_STATEMENTS, registry=self.registry
        )
        self._commit = Histogram(
            "custody_commit_seconds", "Seconds of a durable commit", buckets=_SECONDS, registry=self.registry
        )

    def watch(self, service: Service) -> None:
        """Figures that are read off the service when they are asked for."""
        for name, words, read in (
            ("custody_queue_statements", "Statements waiting for a commit", lambda: service.queue.waiting),
            ("custody_queue_bytes", "Bytes waiting for a commit", lambda: service.queue.waiting_bytes),
            ("custody_entries", "Entries in the ledger", lambda: service.ledger.store.head().size),
        ):
            Gauge(name, words, registry=self.registry).set_function(read)

    def committed(self, statements: int, seconds: float) -> None:
        """Count a commit."""
        self._batch.observe(statements)
        self._commit.observe(seconds)

    def answered(self, answer: str, count: int = 1) -> None:
        """Count statements: ``accepted``, ``again``, ``refused``."""
        self._statements.labels(answer).inc(count)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._of_kind(method, route, str(status)).observe(seconds)


class Watched:
    """ASGI around an app: counts each request and writes its line."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 500

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        finally:
            seconds = perf_counter() - began
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _route_of(scope)
            self._metrics.request(method, route, status, seconds)
            if log.isEnabledFor(logging.INFO):
                log.info(
                    "request",
                    extra={
                        "method": method,
                        "route": route,
                        "status": status,
                        "ms": round(seconds * 1000, 2),
                    },
                )


def _route_of(scope: Scope) -> str:
    """The pattern of the route that answered, or the name of its function; "none" where there was none."""
    pattern: str | None = getattr(scope.get("route"), "path", None)
    return pattern or str(getattr(scope.get("endpoint"), "__name__", "none"))


@lru_cache(1)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()[:19]


class JsonLines(logging.Formatter):
    """A record as one line of JSON: what was given as `extra`, and of a failure its class and where it was."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": f"{_second(int(record.created))}.{int(record.created * 1000) % 1000:03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name.startswith("custody") else record.name,
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[0] is not None:
            line["failure"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return orjson.dumps(line, default=str).decode()


def log_to_stderr(level: int = logging.INFO) -> None:
    """Write the program's and the web server's log as JSON lines on stderr."""
    # what no line says is not found out for each: a line would cost as much as all else of a request
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the documented switch
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("custody", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler] if name != "uvicorn.error" else []
        logger.setLevel(level if name == "custody" else logging.WARNING)
        logger.propagate = name == "uvicorn.error"
