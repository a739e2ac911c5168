"""A real server in a process of its own, whose readers are all operators: they see everything and may send attachments.

python -m tests.web.process FOLDER '{"idle": 1}'      # says its address on stdout; ends on SIGTERM
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from starlette.requests import Request

from ledger.custody.home import Home
from ledger_web.access import Reader, parties_of
from ledger_web.app import make_app
from ledger_web.service import Service
from ledger_web.serving import listen, serve
from ledger_web.settings import Settings


class Server(NamedTuple):
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Server]:
    """A server on a ledger; ended on leaving, whatever has become of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.web.process", str(folder), json.dumps(settings)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), url
        yield Server(url, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


ROLE = "operator"
"""Sees everything, as auditors do, and may send attachments."""


def _operator(request: Request) -> Reader:
    ledger = Service.of(request).ledger
    size = ledger.store.head().size
    return Reader(ROLE, "*", None, "a" * 64, ledger.facts(), size, parties_of(ledger.store.facts, size))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def main() -> None:
    """See the module docstring."""
    given = json.loads(sys.argv[2])
    if most := given.pop("file_bytes", None):  # writing beyond fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    home, settings = Home(Path(sys.argv[1])), Settings(**given)
    app = make_app(
        home,
        open_ledger=lambda: home.open(lambda name: None, clock=_now_ms),
        settings=settings,
        reader_of=_operator,
        clock=_now_ms,
        randomness=os.urandom,
    )
    serve(app, listen("127.0.0.1", 0), settings=settings, started=lambda url: print(url, flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
