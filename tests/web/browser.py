"""Debian's Chromium for tests, and a web server on loopback for the files that a page loads.

    with Site() as site, Chromium() as chromium:
        page = chromium.page(site.url("/blank.html"))
        page.evaluate("async (n) => (await import('/static/js/bytes.js')).decimal(n)", "42")      # 42

Playwright keeps an event loop running in its thread for as long as a browser is open, and no other may run there. So
it has a thread of its own here, and whatever concerns a page is handed to that thread.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Page as PlaywrightPage

T = TypeVar("T")

STATIC = Path(__file__).resolve().parents[2] / "web/ledger_web/static"
WAIT_MS = 120_000
"""How long a page may take for one call: as long as a crowded machine needs."""


def chromium_path() -> str:
    """Where Chromium is. Fails with what to do if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found is not None, "there is no Chromium: `make chromium` installs Debian's"
    return found


class Chromium:
    """A browser in a thread of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chromium")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        self.call(self._start)
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self._stop)
        self._thread.shutdown()

    def call(self, work: Callable[[], T]) -> T:
        """Do something in the browser's thread."""
        return self._thread.submit(work).result()

    @property
    def browser(self) -> Browser:
        """For use in the browser's thread."""
        assert self._browser is not None
        return self._browser

    def page(self, url: str) -> Page:
        """A page in a context of its own: its storage is not shared with other pages made so."""
        return Page(self, self.call(partial(self._open, url)))

    def _open(self, url: str) -> PlaywrightPage:
        page = self.browser.new_context().new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(url)
        return page

    def _start(self) -> None:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has no sandbox for root
        quiet = [
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ]
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=chromium_path(), args=[*as_root, *quiet]
        )

    def _stop(self) -> None:
        self.browser.close()
        assert self._playwright is not None
        self._playwright.stop()


class Page:
    """A page; `evaluate` as in Playwright, from any thread."""

    def __init__(self, chromium: Chromium, page: PlaywrightPage) -> None:
        self._chromium = chromium
        self.page = page

    def evaluate(
        self, script: str, argument: object = None
    ) -> Any:  # JSON of whatever shape the script returns
        return self._chromium.call(partial(self.page.evaluate, script, argument))

    def reload(self) -> None:
        self._chromium.call(self.page.reload)

    def close(self) -> None:
        self._chromium.call(self.page.context.close)


class _Handler(SimpleHTTPRequestHandler):
    """Files of the folders that are mounted, with the types that a browser asks of modules."""

    protocol_version = "HTTP/1.1"
    mounts: ClassVar[dict[str, Path]] = {}
    extensions_map = {  # noqa: RUF012 - declared so by the class above
        ".js": "text/javascript",
        ".css": "text/css",
        ".html": "text/html; charset=utf-8",
        "": "application/octet-stream",
    }

    def translate_path(self, path: str) -> str:
        _, first, *rest = urlsplit(path).path.split("/")
        folder = self.mounts.get(first, STATIC / "nowhere")
        return str(folder.joinpath(*[part for part in rest if part not in ("", "..")]))

    def do_GET(self) -> None:
        if self.path == "/blank.html":
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", "15")
            self.end_headers()
            self.wfile.write(b"<!doctype html>")
        elif self.path.startswith("/broken/"):
            self.send_error(503)
        else:
            super().do_GET()

    def end_headers(self) -> None:
        if not self.path.startswith("/static/"):  # what a test has written over must not come from a cache
            self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Site:
    """A web server on loopback; `mount` adds folders."""

    def __init__(self) -> None:
        self.mounts = {"static": STATIC, "tests": Path(__file__).parent}

        class Handler(_Handler):
            mounts = self.mounts

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def mount(self, name: str, folder: Path) -> str:
        """Serve a folder. Returns its URL, which ends in a slash."""
        self.mounts[name] = folder
        return self.url(f"/{name}/")
