"""The server under measurement, as a process: the real app with its log, readers who say who they are (an auditor where
they do not), and a route that does nothing.

python -m benchmarks.served FOLDER [MS]   # says its address on stdout; its clock begins at MS; ends on SIGTERM
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from ledger.custody.home import Home
from ledger_web.access import Reader, parties_of
from ledger_web.app import make_app
from ledger_web.metrics import log_to_stderr
from ledger_web.service import Service
from ledger_web.serving import listen, serve
from ledger_web.settings import Settings


def now_ms() -> int:
    """This machine's clock."""
    return time.time_ns() // 1_000_000


def reader_of(request: Request) -> Reader:
    """Whoever asks, in the words of a header: `reader: supervisor erligang/1 officer-01`, percent-encoded."""
    ledger = Service.of(request).ledger
    size = ledger.store.head().size
    role, scope, *holder = unquote(request.headers.get("reader", "auditor *")).split(" ")
    return Reader(
        role,
        scope,
        " ".join(holder) or None,
        None,
        ledger.facts(),
        size,
        parties_of(ledger.store.facts, size),
    )


async def nothing(request: Request) -> Response:
    """A bare 204, with the request read."""
    await request.body()
    return Response(status_code=204)


def main() -> None:
    """See the module docstring."""
    log_to_stderr()
    home = Home(Path(sys.argv[1]))
    ahead = int(sys.argv[2]) - now_ms() if len(sys.argv) > 2 else 0

    def clock() -> int:
        return now_ms() + ahead

    settings = Settings()
    app = make_app(
        home,
        open_ledger=lambda: home.open(lambda name: None, clock=clock),
        settings=settings,
        reader_of=reader_of,
        clock=clock,
        randomness=os.urandom,
        more_quick=[("/nothing", nothing, ["GET", "POST"])],
    )
    serve(app, listen("127.0.0.1", 0), settings=settings, started=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
