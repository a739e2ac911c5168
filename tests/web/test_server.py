"""The server as a process, over a real socket."""

from __future__ import annotations

import re
import resource
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.custody.home import Home
from tests.cli.runner import Custody
from tests.custody.world import M1
from tests.web.conftest import Web
from tests.web.process import Server, running

pytestmark = pytest.mark.slow
JSON = {"content-type": "application/json"}
WHOLE = {"content-type": "application/octet-stream", "upload-offset": "0", "upload-complete": "?1"}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for, and refused


@pytest.fixture
def served(web: Web) -> Web:
    """A ledger that no other store has open, and ten statements of M1 signed for it."""
    web.world.ledger.close()
    return web


def test_a_published_ledger_can_be_verified_from_the_server(web: Web) -> None:
    web.world.receive("B1", "10")
    web.home.blobs.put(b"a certificate")
    web.world.ledger.close()
    with running(web.home.directory) as server:
        report = Custody(web.home.directory).ok("verify", server.url, "--json").json
    assert report["verdict"] == "intact"
    assert not report["faults"]


def with_photo(web: Web, number: int) -> tuple[bytes, bytes]:
    """A statement, and the photo that it names."""
    photo = f"photo {number} ".encode() * 3_000
    named = {
        "sha256": sha256(photo).hexdigest(),
        "bytes": len(photo),
        "media_type": "image/jpeg",
        "name": "a.jpg",
    }
    body = {"target": "premises", "place": "专区", "agent": "氯", "method": "喷洒", "contact_minutes": 30}
    return photo, web.envelope("disinfection.logged", M1, **body, photos=[named])


def test_kill_under_load_loses_nothing_that_was_acknowledged(web: Web) -> None:
    """Statements, each after its photo; whatever was answered is there after a kill, photos too."""
    pairs = [with_photo(web, number) for number in range(400)]
    sent = [envelope for _, envelope in pairs]
    web.world.ledger.close()
    receipts: list[dict[str, Any]] = []
    photos: list[str] = []
    enough = threading.Event()

    def post(url: str, share: list[tuple[bytes, bytes]]) -> None:
        with httpx.Client(base_url=url, timeout=10) as client:
            for photo, one in share:
                digest = sha256(photo).hexdigest()
                try:
                    there = client.patch(f"/blobs/uploads/{digest}", content=photo, headers=WHOLE)
                    if there.status_code == 201:
                        photos.append(digest)
                    answer = client.post("/statements", content=one, headers=JSON)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    receipts.append(answer.json()["accepted"])
                if len(receipts) > 60:
                    enough.set()

    with running(web.home.directory) as server, ThreadPoolExecutor(8) as threads:
        for n in range(8):
            threads.submit(post, server.url, pairs[n::8])
        assert enough.wait(60)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    assert (
        len(receipts) > 60 and 30 < len(photos) < 400
    )  # a photo may be turned away for now; its statement is not
    assert [web.home.blobs.verify(digest) for digest in photos] == ["intact"] * len(photos)
    with Home(web.home.directory).open(clock=lambda: 0) as ledger:
        assert ledger.store.head().size >= max(one["checkpoint_size"] for one in receipts)
        for one in receipts:
            entry = ledger.entry(one["index"])
            assert (entry.leaf_hash.hex(), entry.statement.id) == (one["leaf_hash"], one["id"])
    with running(web.home.directory) as server, httpx.Client(base_url=server.url) as client:
        answers = [client.post("/statements", content=one, headers=JSON).json()["accepted"] for one in sent]
    assert len({one["index"] for one in answers}) == len(sent)
    again = {one["id"]: one["index"] for one in answers}
    assert all(again[one["id"]] == one["index"] for one in receipts)


def test_a_full_queue_says_so_and_loses_nothing(web: Web) -> None:
    sent = [web.envelope() for _ in range(3)]
    web.world.ledger.close()
    with running(web.home.directory, queue_statements=1) as server, ThreadPoolExecutor(2) as threads:

        def post(one: bytes) -> httpx.Response:
            return httpx.post(f"{server.url}/statements", content=one, headers=JSON, timeout=60)

        holder = sqlite3.connect(web.home.directory / "ledger.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")  # the first waits for this, the second for the first
        first = threads.submit(post, sent[0])
        wait_until(server, 1)
        second = threads.submit(post, sent[1])
        wait_until(server, 2)
        third = post(sent[2])
        holder.execute("ROLLBACK")
        holder.close()
        assert (third.status_code, third.json()["code"]) == (503, "Busy")
        assert int(third.headers["retry-after"]) > 0
        assert [first.result().status_code, second.result().status_code] == [201, 201]
        assert post(sent[2]).status_code == 201


def wait_until(server: Server, waiting: int) -> None:
    """Until that many statements wait in the queue."""
    for _ in range(200):
        if httpx.get(f"{server.url}/healthz").json()["waiting"] >= waiting:
            return
        time.sleep(0.05)
    raise AssertionError("nothing waits")


def test_senders_who_never_finish_are_cut_off(served: Web) -> None:
    with running(served.home.directory, head_seconds=0.5, idle=0.5) as server:
        for start in (
            b"",
            b"GET /checkpoint HT",
            b"GET /checkpoint HTTP/1.1\r\nhost: localhost\r\nx: ",
        ):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
                one.sendall(start)
                assert one.recv(1000) == b""
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
            one.sendall(
                b"POST /statements HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                b"content-length: 100\r\n\r\n{"
            )
            answer = whole(one)
        assert answer.startswith(b"HTTP/1.1 408") and b"application/problem+json" in answer
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
            one.sendall(b"this is no HTTP\r\n\r\n")
            answer = whole(one)
        assert answer.startswith(b"HTTP/1.1 400") and b"application/problem+json" in answer
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
            one.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"a: b\r\n" * 20_000)
            answer = whole(one)  # closed with bytes unread, so the answer may be lost on the way
        assert not answer or answer.startswith(b"HTTP/1.1 400")
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_many_idle_connections_keep_nobody_out(web: Web) -> None:
    sent = web.envelope()
    web.world.ledger.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as held:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))  # the server is started with it
        try:
            server = held.enter_context(running(web.home.directory, head_seconds=60))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(300):
            held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        answer = httpx.post(f"{server.url}/statements", content=sent, headers=JSON, timeout=30)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(("patience", "cut"), [(0.5, True), (60, False)])
def test_readers_who_take_nothing_are_cut_off(served: Web, patience: float, cut: bool) -> None:
    """Else anybody could hold every connection there is, without a byte a minute."""
    asked = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with running(served.home.directory, unread_seconds=patience) as server, socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(30)
        one.connect(("127.0.0.1", server.port))
        one.sendall(asked * 100 + asked.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
        time.sleep(2)
        assert (whole(one).count(b"HTTP/1.1 200") < 101) is cut
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def whole(one: socket.socket) -> bytes:
    """What comes until the connection ends."""
    found = b""
    try:
        while piece := one.recv(65_536):
            found += piece
    except ConnectionResetError:  # it was closed with our bytes unread
        pass
    return found


def test_an_answer_comes_in_one_piece(web: Web) -> None:
    """Head and body in two would wake whoever waits for them twice."""
    with (
        running(web.home.directory) as server,
        socket.create_connection(("127.0.0.1", server.port)) as sender,
    ):
        for _ in range(50):
            sender.sendall(b"GET /tile/0/000.p/5 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            head, _, body = sender.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ") and len(body) == 5 * 32


def test_whoever_leaves_before_the_answer_disturbs_nobody(web: Web) -> None:
    asked = b"GET /tile/0/000.p/5 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    with running(web.home.directory) as server:
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", server.port)) as sender:
                sender.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )  # ends with a reset
                sender.sendall(asked)
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_custody_serve(served: Web, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from ledger_cli.app import main; main()",
        "--ledger",
        str(served.home.directory),
    ]
    process = subprocess.Popen([*command, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        (url,) = re.findall(r"http://[\d.:]+", process.stderr.readline())
        with httpx.Client(base_url=url) as client:
            assert client.get("/checkpoint").status_code == 200
            assert client.get("/proof/1").status_code == 401
            assert client.post("/statements", content=b"{}", headers=JSON).status_code == 400
        taken = subprocess.run(
            [*command, "serve", "--port", url.rpartition(":")[2]], capture_output=True, text=True, check=False
        )
        assert taken.returncode == 2 and "--port" in taken.stderr
        assert "换一个端口" in taken.stderr  # an error of the server, in the language of the command
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    lines = rest.splitlines()
    assert '"route":"checkpoint"' in rest and "已停止" in lines[-1]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--host", EVERYWHERE), "--host"),
        (("--host", "192.0.2.1"), "--host"),
        (("--host", EVERYWHERE, "--behind-proxy"), "--public-host"),
        (("--tls-cert", "a.pem"), "--tls-cert"),
        (("--tls-cert", "a.pem", "--tls-key", "b.pem"), "--tls-cert"),
    ],
)
def test_what_serve_refuses(served: Web, words: tuple[str, ...], field: str) -> None:
    Custody(served.home.directory).refused("serve", *words, code="UsageError", field=field, exit_code=2)
