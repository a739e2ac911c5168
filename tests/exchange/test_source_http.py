"""A published ledger on a web server: patience, limits, redirects, and requests ahead of need."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from ledger.errors import SourceError
from ledger.exchange.layout import MAX_BUNDLE
from ledger.exchange.source_http import HttpSource
from tests.exchange import layouts
from tests.reference import trees

ENTRIES = layouts.sample(600)
FILES = layouts.layout(ENTRIES)


# ---------------------------------------------------------------------- the web

BOMB = gzip.compress(bytes(50_000_000))


def test_transient_errors_are_tried_again() -> None:
    body = FILES["checkpoint"]
    with layouts.serving(dict(FILES)) as site:
        site.odd["checkpoint"] = layouts.in_turn(
            layouts.whole(503, Retry_After="7"),
            layouts.whole(500),
            layouts.cut(body, 20),
            layouts.whole(200, body),
        )
        pauses: list[float] = []
        with layouts.quick(site, pauses) as source:
            assert source.checkpoint() == body
    assert pauses == [7.0, 1.0, 2.0]


def test_trying_again_has_an_end() -> None:
    with layouts.serving(dict(FILES)) as site:
        site.odd["tile/0/000"] = layouts.whole(503, Retry_After="86400")
        pauses: list[float] = []
        with layouts.quick(site, pauses) as source:
            said = layouts.problem(lambda: source.tile(0, 0, 256))
        assert site.count("tile/0/000") == 4
    assert pauses == [30.0, 30.0, 30.0]
    assert "tile/0/000: cannot be fetched, tried 4 times" in said
    assert "503" in said
    assert "try again later" in said


@pytest.mark.parametrize("when", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-5"])
def test_a_retry_after_that_is_past_or_none(when: str) -> None:
    with layouts.serving(dict(FILES)) as site:
        site.odd["checkpoint"] = layouts.in_turn(
            layouts.whole(429, Retry_After=when), layouts.whole(200, FILES["checkpoint"])
        )
        pauses: list[float] = []
        with layouts.quick(site, pauses) as source:
            source.checkpoint()
    assert pauses in ([0.0], [0.5])


def test_a_body_that_is_always_cut_off() -> None:
    with layouts.serving(dict(FILES)) as site:
        site.odd["tile/entries/000"] = layouts.cut(FILES["tile/entries/000"], 1000)
        with layouts.quick(site) as source:
            assert "tile/entries/000: cannot be fetched" in layouts.problem(
                lambda: list(source.entries(0, 1))
            )
        assert site.count("tile/entries/000") == 4


def test_nobody_answers() -> None:
    with layouts.serving({}) as site:
        pass
    with layouts.quick(site) as source:
        assert "cannot be fetched, tried 4 times" in layouts.problem(source.checkpoint)


def test_a_server_that_hangs_is_left() -> None:
    done = threading.Event()
    with layouts.serving(dict(FILES)) as site, httpx.Client(timeout=0.05) as client:
        site.odd["checkpoint"] = lambda _: done.wait(10)  # type: ignore[assignment]
        with layouts.quick(site, client=client) as source:
            said = layouts.problem(source.checkpoint)
        done.set()
    assert "checkpoint: cannot be fetched" in said


def test_a_body_that_drips_is_left() -> None:
    """Every piece comes in time, all of them together never would."""
    clock = iter(range(0, 100_000, 20))
    with layouts.serving(dict(FILES)) as site:

        def drip(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "8192")
            handler.end_headers()
            for _ in range(20):
                try:
                    handler.wfile.write(b"x" * 32)
                except OSError:
                    return
                time.sleep(0.01)

        site.odd["tile/0/000"] = drip
        with layouts.quick(site, now=lambda: float(next(clock))) as source:
            assert "too slow" in layouts.problem(lambda: source.tile(0, 0, 256))


@pytest.mark.parametrize(
    ("answer", "says", "index"),
    [
        (layouts.whole(200, b"<html>", Content_Type="text/html; charset=utf-8"), "web page instead", 0),
        (layouts.whole(200, b"x", Content_Encoding="br"), "sent as br", 0),
        (layouts.whole(200, bytes(MAX_BUNDLE + 1)), f"longer than {MAX_BUNDLE} bytes", 0),
        (layouts.whole(200, BOMB, Content_Encoding="gzip"), f"longer than {MAX_BUNDLE} bytes", 0),
        (layouts.whole(200, b"no gzip", Content_Encoding="gzip"), "compressed answer is damaged", None),
        (layouts.whole(200, gzip.compress(b"ab")[:-3], Content_Encoding="gzip"), "ends too early", None),
        (layouts.whole(200, gzip.compress(b"ab") + b"c", Content_Encoding="gzip"), "too late", None),
        (layouts.whole(403), "Ask its keeper", None),
        (layouts.whole(418), "answers 418", None),
        (layouts.whole(204), "answers 204", None),
        (layouts.whole(302, Location="ftp://127.0.0.1/x"), "from http to ftp", None),
        (layouts.whole(302, Location="file:///etc/passwd"), "from http to file", None),
        (layouts.whole(302, Location="000"), "more than 5 times", None),
        (layouts.whole(302, Location="http://[::1/"), "cannot be fetched", None),
    ],
)
def test_odd_answers(answer: layouts.Answer, says: str, index: int | None) -> None:
    """An error about one file has the index of its first entry; one about the server has none, so nobody goes on."""
    with layouts.serving(dict(FILES)) as site:
        site.odd["tile/entries/000"] = answer
        with layouts.quick(site) as source, pytest.raises(SourceError) as caught:
            list(source.entries(0, 1))
    assert says in str(caught.value)
    assert "tile/entries/000" in str(caught.value)
    assert caught.value.index == index


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit() -> None:
    tracemalloc.start()
    with layouts.serving(dict(FILES)) as site:
        site.odd["tile/0/000"] = layouts.whole(200, BOMB, Content_Encoding="gzip")
        with layouts.quick(site) as source:
            assert source.tile(0, 0, 256) == bytes(8193)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_server_that_comes_back_is_reached_again() -> None:
    with layouts.serving(dict(FILES)) as site:
        site.odd["tile/0/000"] = layouts.whole(503)
        with layouts.quick(site) as source:
            layouts.problem(lambda: source.tile(0, 0, 256))
            assert not source.is_reached()
            del site.odd["tile/0/000"]
            assert source.tile(0, 0, 256) == FILES["tile/0/000"]
            assert source.is_reached()


def test_leaf_tiles_come_along_with_their_bundles() -> None:
    """A verifier asks for the tile after the 256 entries below it: by then it is there, and is fetched once."""
    entries = layouts.sample(12 * 256)
    files = layouts.layout(entries)
    tree = trees.Tree(entries)
    with layouts.serving(files) as site, layouts.quick(site) as source:
        source.checkpoint()
        for index, _ in source.entries(0, len(entries)):
            if index % 256 == 255:
                asked = len(site.asked)
                assert source.tile(0, index // 256, 256) == trees.tile(tree, 0, index // 256, 256)
                if index > 8 * 256:
                    assert f"tile/0/{index // 256:03}" in site.asked[:asked]
        tiles = [path for path in site.asked if path.startswith("tile/0/")]
        assert len(tiles) == len(set(tiles)) == 12


def test_redirects_and_gzip_are_followed() -> None:
    tile = FILES["tile/0/000"]
    with layouts.serving({**FILES, "elsewhere": gzip.compress(tile)}) as site:
        site.odd["tile/0/000"] = layouts.whole(302, Location="/ledger/elsewhere")
        site.odd["elsewhere"] = layouts.whole(200, gzip.compress(tile), Content_Encoding="gzip")
        with layouts.quick(site) as source:
            assert source.tile(0, 0, 256) == tile


def test_a_redirect_down_from_https_is_refused() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": f"http://{request.url.host}{request.url.path}"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        source = HttpSource("https://ledger.example/erligang", client=client)
        assert "from https to http" in layouts.problem(source.checkpoint)
        source.close()


def test_a_password_in_the_address_is_sent_and_not_shown() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization", ""))
        return httpx.Response(401)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        source = HttpSource("https://reader:secret@ledger.example/erligang", client=client)
        said = layouts.problem(source.checkpoint)
        source.close()
    assert seen == ["Basic cmVhZGVyOnNlY3JldA=="]
    assert "secret" not in said + source.name
    assert source.name == "https://ledger.example/erligang"


def test_bundles_are_fetched_ahead() -> None:
    """With four requests at a time, twelve bundles at 50 ms each take the time of three or four, not of twelve."""
    entries = layouts.sample(12 * 256)
    files = layouts.layout(entries)
    together: list[int] = []
    busy = [0]
    lock = threading.Lock()
    with layouts.serving(files) as site:

        def slowly(path: str) -> layouts.Answer:
            def late(handler: BaseHTTPRequestHandler) -> None:
                with lock:
                    busy[0] += 1
                    together.append(busy[0])
                time.sleep(0.05)
                with lock:
                    busy[0] -= 1
                layouts.answer(handler, 200, files[path])

            return late

        for path in files:
            if path.startswith("tile/entries/"):
                site.odd[path] = slowly(path)
        with layouts.quick(site) as source:
            assert list(source.entries(0, len(entries))) == list(enumerate(entries))
    assert max(together) == 4


def test_leaving_early_fetches_no_more_than_was_begun() -> None:
    entries = layouts.sample(40 * 256)
    with layouts.serving(layouts.layout(entries)) as site, layouts.quick(site) as source:
        stream = source.entries(0, len(entries))
        assert next(stream) == (0, entries[0])
        del stream
        source.close()
        assert len([path for path in site.asked if path.startswith("tile/entries/")]) <= 5
