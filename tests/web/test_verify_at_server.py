"""`custody verify https://…` at a running server: who reads signs in, and again when the session has run out."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from ledger.audit.verify import verify
from ledger.custody.home import Home
from ledger.errors import SourceError
from ledger.exchange.sign_in import SignIn
from ledger.exchange.source_http import HttpSource
from ledger_web import tls
from tests.cli.runner import Custody
from tests.custody.world import M1, World
from tests.exchange import layouts
from tests.web.e2e.served import Served, world_now

ENTRIES = 300
"""More than a bundle holds."""


def grown(world: World) -> None:
    for number in range(ENTRIES):
        world.receive(f"B{number}", "1")


class AuditedServer(Served):
    """A server over TLS by its own authority, and the folder of an auditor who has a key and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.world = world_now(folder / "ledger", grown)
        made = tls.make(folder / "tls", ["127.0.0.1"], now=datetime.now(UTC))
        super().__init__(folder / "ledger", more=["--tls-cert", made.certificate, "--tls-key", made.key])
        self.ca = folder / "tls" / "authority.cer"
        (folder / "own").mkdir()
        self.auditor = Custody(folder / "own")
        self.public = self.auditor.ok("key", "new", "me", "--no-passphrase", "--json").json["public_key"]

    def grant(self, role: str, scope: str) -> None:
        self.world.now += 1000
        body = {"public_key": self.public, "role": role, "scope": scope, "holder": None}
        self.world.must(self.world.state([self.world.operator], "key.granted", None, body))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AuditedServer]:
    made = AuditedServer(tmp_path)
    with made:
        yield made
    made.world.ledger.close()


def test_an_auditor_verifies_a_server_over_tls(server: AuditedServer) -> None:
    server.grant("auditor", "*")
    answer = server.auditor.ok("verify", server.url, "--key", "me", "--ca", server.ca, "--json")
    assert answer.json["verdict"] == "intact"
    assert answer.json["size"] == server.world.size > 256


def test_each_refusal_names_the_remedy(server: AuditedServer) -> None:
    run = server.auditor.run
    with_ca = ("verify", server.url, "--ca", server.ca, "--json")
    distrusted = run("verify", server.url, "--key", "me", "--json")
    assert (distrusted.code, "--ca" in distrusted.error["message"]) == (2, True)
    unsigned = run(*with_ca)
    assert (unsigned.code, "401" in unsigned.err, "--key" in unsigned.err) == (2, True, True)
    unknown = run(*with_ca, "--key", "me")
    assert (unknown.code, unknown.error["field"]) == (2, "--key")
    assert "custody key grant" in unknown.error["message"]
    server.grant("merchant", M1)
    narrow = run(*with_ca, "--key", "me")
    assert (narrow.code, "auditor" in narrow.error["message"]) == (2, True)
    assert run("verify", server.folder, "--key", "me", "--json").error["field"] == "--key"
    nonsense = server.folder / "nonsense"
    nonsense.write_text("x")
    assert run("verify", server.url, "--ca", nonsense, "--json").error["field"] == "--ca"


def test_a_session_that_runs_out_in_the_middle_is_begun_again(server: AuditedServer) -> None:
    server.grant("auditor", "*")
    asked: list[str] = []

    def noted(request: httpx.Request) -> None:
        if request.url.path.startswith("/tile/entries/001") and "over" not in asked:
            del request.headers["cookie"]  # as the server sees it once the session is over
            asked.append("over")
        asked.append(request.url.path)

    trust = ssl.create_default_context(cafile=server.ca.with_suffix(".crt"))
    client = httpx.Client(verify=trust, event_hooks={"request": [noted]})
    key = Home(server.auditor.ledger).key("me", lambda name: None)
    with HttpSource(server.url, client=client, ahead=1, sign_in=SignIn(key)) as source:
        assert verify(source, vkey=server.world.ledger.store.vkey).verdict == "intact"
    assert asked.count("/session") == 2


def test_what_is_no_server_is_said_to_be_none(tmp_path: Path) -> None:
    with layouts.serving(dict(layouts.layout(layouts.sample(3)))) as site:
        site.odd["checkpoint"] = layouts.whole(401)
        key = World(tmp_path / "w").operator
        with (
            HttpSource(site.url, sign_in=SignIn(key)) as source,
            pytest.raises(SourceError, match="custody serve"),
        ):
            source.checkpoint()
