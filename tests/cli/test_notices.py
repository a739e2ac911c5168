"""`custody notice`: findings told to both offices, once, delivered over a real webhook, and answered."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.authoring import Author
from ledger.custody.batch import Receipt
from ledger.custody.home import Home
from ledger.exchange.outbox import Outbox
from ledger_cli.frame import now_ms
from tests.cli.runner import M1, M2, Custody

REGULATOR, UNIT = "市场科", "城东社区"


class Hook:
    """A webhook on this machine that answers with `status`, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 200:
                    hook.told.append(json.loads(data) | {"path": self.path})
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def address(self, path: str) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def told(stocked: Custody, hook: Hook) -> Custody:
    """M1 was checked and something was found; both offices are known, responsible, and have an address."""
    for name, office in (("office-a", REGULATOR), ("office-b", UNIT)):
        stocked.ok("key", "new", name, "--no-passphrase")
        stocked.ok("key", "grant", name, "--role", "office", "--scope", office)
    state(stocked, "duty.assigned", None, {"merchants": [M1], "regulator": REGULATOR, "unit": UNIT})
    stocked.receipt("inspect", M1, "--all-ok", "--key", "officer-a", "--count", "B1=11.5kg")
    configure(stocked, {REGULATOR: [hook.address("a")], UNIT: [hook.address("b")]})
    return stocked


def state(custody: Custody, kind: str, merchant: str | None, body: dict[str, Any]) -> None:
    home = Home(custody.ledger)
    author = Author(
        "custody.example/erligang",
        [home.key("operator", lambda _: None)],
        clock=now_ms,
        randomness=os.urandom,
    )
    with home.open(lambda _: None, clock=now_ms) as ledger:
        (answer,) = ledger.append([author.state(kind, merchant, body, seen=None)])
    assert isinstance(answer, Receipt), answer


def configure(custody: Custody, offices: dict[str, Any], mode: int = 0o600) -> Path:
    path = custody.ledger / "notices.toml"
    lines = [
        f"{json.dumps(name, ensure_ascii=False)} = {json.dumps(value)}" for name, value in offices.items()
    ]
    path.write_text("\n".join(["[offices]", *lines, ""]), encoding="utf-8")
    path.chmod(mode)
    return path


def send(custody: Custody) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = custody.ok("notice", "send", "--key", "operator", "--json").json["notices"]
    return found


def test_a_finding_goes_to_both_offices_and_both_answer(told: Custody, hook: Hook) -> None:
    sent = send(told)
    assert {one["office"] for one in sent} == {REGULATOR, UNIT} and all(one["error"] is None for one in sent)
    assert ("stock_differs", "B1") in {(one["code"], one["subject"]) for one in sent}
    assert len(sent) == 2 * len({(one["code"], one["subject"]) for one in sent})
    assert send(told) == []

    delivered = told.ok("notice", "deliver", "--json").json
    assert {one["id"] for one in delivered["delivered"]} == {one["id"] for one in sent}
    assert len(hook.told) == len(sent) and {one["path"] for one in hook.told} == {"/a", "/b"}
    message = next(one for one in hook.told if "stock_differs" in one["message"] or "ledger" in one["title"])
    assert "二里岗冷库" in message["message"] and "custody notice acknowledge" in message["message"]
    assert told.ok("notice", "deliver", "--json").json == {"delivered": [], "waiting": []}
    assert len(hook.told) == len(sent)

    mine = [one for one in sent if one["office"] == REGULATOR]
    told.refused(
        "notice", "acknowledge", mine[0]["id"], "--answer", "x", "--key", "office-b", code="NotAuthorised"
    )
    told.refused("notice", "acknowledge", 0, "--answer", "x", code="UsageError", field="NOTICE", exit_code=2)
    told.refused("notice", "acknowledge", "nonsense", "--answer", "x", code="UsageError", exit_code=2)
    told.refused("notice", "acknowledge", mine[0]["id"], code="BodyInvalid", field="body.answer")
    told.receipt("notice", "acknowledge", mine[0]["index"], "--answer", "已派人跟进")
    told.refused("notice", "acknowledge", mine[0]["index"], "--answer", "x", code="Conflict")

    listed = told.ok("notice", "list", "--unanswered", "--office", REGULATOR, "--json").json
    assert listed["offices"] == [{"office": REGULATOR, "told": len(mine), "unanswered": len(mine) - 1}]
    assert mine[0]["id"] not in {one["id"] for one in listed["notices"]}
    assert {one["delivery"] for one in listed["notices"]} == {"delivered"}
    out = told.ok("notice", "list").out
    assert f"{UNIT}: told {len(mine)}, unanswered {len(mine)}" in out
    assert told.ok("verify", "--json").json["verdict"] == "intact"


def test_a_failing_service_is_tried_again_and_told_once(told: Custody, hook: Hook) -> None:
    count = len(send(told))
    hook.status = 500
    answer = told.run("notice", "deliver", "--json")
    assert answer.code == 3 and len(answer.json["waiting"]) == count
    (reason,) = answer.json["waiting"][0]["reasons"]
    assert "500" in reason["reason"] and reason["next_at"] and reason["address"] == 1
    hook.status = 200
    assert told.run("notice", "deliver").code == 3  # its time has not come
    assert not hook.told
    told.ok("notice", "deliver", "--now")
    assert len(hook.told) == count
    told.ok("notice", "deliver", "--now")
    assert len(hook.told) == count


def test_an_address_is_not_told_again_because_another_failed(told: Custody, hook: Hook) -> None:
    count = len(send(told)) // 2
    dead = "json://127.0.0.1:9/secret-token"
    configure(told, {REGULATOR: [hook.address("a"), dead], UNIT: [hook.address("b")]})
    answer = told.run("notice", "deliver")
    assert answer.code == 3 and len(hook.told) == 2 * count
    assert f"{REGULATOR}" in answer.out and "secret-token" not in answer.out + answer.err
    assert b"secret-token" not in (told.ledger / "outbox.db").read_bytes()
    assert told.run("notice", "deliver", "--now").code == 3 and len(hook.told) == 2 * count
    configure(told, {REGULATOR: [hook.address("a"), hook.address("c")], UNIT: [hook.address("b")]})
    told.ok("notice", "deliver", "--now")
    assert [one["path"] for one in hook.told].count("/c") == count and len(hook.told) == 3 * count


class Crash(BaseException):
    """The machine goes off: nothing of this program runs any more."""


def test_a_crash_between_ledger_and_outbox_forgets_nothing(
    told: Custody, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Outbox.put

    def crash(outbox: Outbox, notices: Any, **more: Any) -> int:
        rows = list(notices)
        if rows:
            raise Crash
        return put(outbox, rows, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", crash)
        with pytest.raises((Crash, AssertionError)):
            told.run("notice", "send", "--key", "operator")
    count = len(told.ok("notice", "list", "--json").json["notices"])
    assert count and not hook.told
    assert send(told) == []
    told.ok("notice", "deliver")
    assert len(hook.told) == count


def test_a_crash_while_sending_is_neither_repeated_nor_forgotten(
    told: Custody, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(told)

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "arrived", crash)
        with pytest.raises((Crash, AssertionError)):
            told.run("notice", "deliver")
    assert len(hook.told) == 1
    answer = told.run("notice", "deliver", "--now", "--json")
    assert answer.code == 3 and len(hook.told) == len(sent)  # the others went, this one did not go again
    (waiting,) = answer.json["waiting"]
    assert "interrupted" in waiting["reasons"][0]["reason"] and waiting["reasons"][0]["next_at"] is None
    other = next(one for one in sent if one["id"] != waiting["id"])
    told.refused("notice", "deliver", "--again", other["id"], code="UsageError", field="--again", exit_code=2)
    told.ok("notice", "deliver", "--arrived", waiting["index"])
    assert len(hook.told) == len(sent)


def test_an_interrupted_notice_is_sent_again_on_request(
    told: Custody, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(told)
    with monkeypatch.context() as patch:
        patch.setattr("ledger.exchange.delivery.AppriseChannel.send", _crash)
        with pytest.raises((Crash, AssertionError)):
            told.run("notice", "deliver")
    (waiting,) = told.run("notice", "deliver", "--json").json["waiting"]
    told.ok("notice", "deliver", "--again", waiting["id"])
    assert len(hook.told) == len(sent)


def _crash(*_: object) -> None:
    raise Crash


def test_a_ledger_without_its_outbox_asks_what_was_delivered(told: Custody, hook: Hook) -> None:
    count = len(send(told))
    told.ok("notice", "deliver")
    (told.ledger / "outbox.db").unlink()
    for command in (("notice", "deliver"), ("notice", "send", "--key", "operator")):
        error = told.refused(*command, code="UsageError", field="--earlier", exit_code=2)
        assert "--earlier done" in error["message"]
    assert not (told.ledger / "outbox.db").exists()
    told.refused("notice", "deliver", "--earlier", "perhaps", code="UsageError", exit_code=2)
    (told.ledger / "notices.toml").chmod(0o644)
    told.refused("notice", "deliver", "--earlier", "deliver", code="UsageError", exit_code=2)
    (told.ledger / "notices.toml").chmod(0o600)
    told.ok("notice", "deliver", "--earlier", "done")
    assert len(hook.told) == count
    for choice in ("deliver", "done"):
        told.refused(
            "notice", "deliver", "--earlier", choice, code="UsageError", field="--earlier", exit_code=2
        )
    (told.ledger / "outbox.db").unlink()
    told.ok("notice", "deliver", "--earlier", "deliver")
    assert len(hook.told) == 2 * count


def test_what_an_office_has_answered_is_not_sent_to_it_any_more(told: Custody, hook: Hook) -> None:
    sent = send(told)
    told.receipt("notice", "acknowledge", sent[0]["id"], "--answer", "已知悉")
    told.ok("notice", "deliver")
    assert len(hook.told) == len(sent) - 1
    listed = told.ok("notice", "list", "--json").json["notices"]
    assert {one["id"]: one["delivery"] for one in listed}[sent[0]["id"]] == "answered"


def test_wrong_addresses_are_told_and_nothing_is_sent(told: Custody, hook: Hook) -> None:
    send(told)
    for offices, field in (
        ({REGULATOR: [hook.address("a")], "无此单位": [hook.address("b")]}, "offices.无此单位"),
        ({REGULATOR: ["nothing://secret"]}, f"offices.{REGULATOR}[0]"),
        ({REGULATOR: [hook.address("a"), "just text"]}, f"offices.{REGULATOR}[1]"),
        ({REGULATOR: [7]}, f"offices.{REGULATOR}[0]"),
        ({REGULATOR: []}, f"offices.{REGULATOR}"),
        ({REGULATOR: "json://x"}, f"offices.{REGULATOR}"),
        ({REGULATOR: [hook.address("a")] * 2}, f"offices.{REGULATOR}"),
    ):
        configure(told, offices)
        error = told.refused("notice", "deliver", code="UsageError", field=field, exit_code=2)
        assert "secret" not in error["message"]
    path = configure(told, {REGULATOR: [hook.address("a")]}, 0o644)
    error = told.refused("notice", "deliver", code="UsageError", field="notices.toml", exit_code=2)
    assert "chmod 600" in error["message"]
    for text, code, field in (
        (b"[offices", "SourceError", "notices.toml"),
        (b"\xff", "SourceError", "notices.toml"),
        (b"x" * 1_000_001, "SourceError", "notices.toml"),
        (b"", "UsageError", "offices"),
        (b"[offices]\n[other]\n", "UsageError", "other"),
    ):
        path.write_bytes(text)
        path.chmod(0o600)
        told.refused("notice", "deliver", code=code, field=field, exit_code=2)
    path.unlink()
    error = told.refused("notice", "deliver", code="UsageError", field="notices.toml", exit_code=2)
    assert "[offices]" in error["message"]
    path.mkdir()
    told.refused("notice", "deliver", code="SourceError", exit_code=2)
    path.rmdir()
    assert not hook.told
    configure(told, {UNIT: [hook.address("b")]})
    answer = told.run("notice", "deliver", "--json")
    assert (
        answer.code == 3 and "no address of this office" in answer.json["waiting"][0]["reasons"][0]["reason"]
    )


def test_an_outbox_that_is_none_is_left_alone(told: Custody) -> None:
    path = told.ledger / "outbox.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (text)")
    other.close()
    told.refused("notice", "send", "--key", "operator", code="NotALedger", exit_code=2)
    path.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    told.refused("notice", "send", "--key", "operator", code="StoreCorrupt", exit_code=2)
    path.unlink()
    send(told)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 2")
    other.close()
    told.refused("notice", "deliver", code="StoreTooNew", exit_code=2)


def test_addresses_and_outbox_are_private_and_one_delivers_at_a_time(told: Custody) -> None:
    send(told)
    assert (told.ledger / "outbox.db").stat().st_mode & 0o777 == 0o600
    with Outbox(told.ledger) as outbox, outbox.alone():
        told.refused("notice", "deliver", code="StoreBusy", exit_code=2)


def test_watching_goes_on_after_a_failure(told: Custody, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    hook.status = 500
    count = len(send(told))
    rounds = iter(range(5))

    def pause(_seconds: float) -> None:
        match next(rounds):
            case 0:
                (told.ledger / "notices.toml").chmod(0o644)
            case 1:
                hook.status = 200
                (told.ledger / "notices.toml").chmod(0o600)
                with sqlite3.connect(told.ledger / "outbox.db") as outbox:
                    outbox.execute("UPDATE try SET next_ms = 0")
                outbox.close()
            case 3:
                raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)
    answer = told.run("notice", "deliver", "--watch", "--json")
    first, second = map(json.loads, answer.out.splitlines())
    assert len(first["waiting"]) == count and len(second["delivered"]) == count == len(hook.told)
    assert json.loads(answer.err.splitlines()[0])["error"]["code"] == "UsageError"
    assert answer.code == 130


def test_notices_can_be_looked_at_before_and_signed_elsewhere(told: Custody, tmp_path: Path) -> None:
    size = told.size()
    shown = told.ok("notice", "send", "--key", "operator", "--dry-run").out
    assert "Notices due" in shown and REGULATOR in shown and told.size() == size
    file = tmp_path / "notices.dsse"
    told.ok("notice", "send", "--key", "operator", "--out", file)
    assert told.size() == size
    told.ok("submit", file)
    assert told.size() > size and send(told) == []
    told.refused("notice", "send", "--body", "-", code="UsageError", field="--body", exit_code=2)


def test_nobody_responsible_is_said_and_a_key_out_of_scope_refused(told: Custody) -> None:
    told.receipt(
        "inspect", M2, "--all-ok", "--key", "officer-a", "--unlisted", "name=牛肉,quantity=3kg,note=无标签"
    )
    week = told.ok("coverage", "--json").json["week"]
    shown = told.ok("notice", "send", "--week", week, "--key", "operator", "--dry-run", "--json").json
    assert {one["merchant"] for one in shown["nobody_responsible"]} == {M2}
    assert "no office has this duty" in told.ok("notice", "send", "--key", "operator", "--dry-run").out
    assert (
        told.ok("notice", "send", "--week", "2020-W01", "--key", "operator", "--json").json["notices"] == []
    )
    answer = told.run("notice", "send", "--key", "office-a", "--json")
    assert answer.code == 1
    assert {one["error"]["code"] for one in answer.json["notices"]} == {"NotAuthorised"}


def test_one_office_in_both_capacities_is_refused_until_another_is_assigned(told: Custody) -> None:
    told.ok("duty", "assign", "--merchant", M1, "--unit", REGULATOR, "--key", "operator")
    answer = told.run("notice", "send", "--key", "operator", "--json")
    assert answer.code == 1
    assert {one["error"]["code"] for one in answer.json["notices"]} == {"CustodyRefused"}
    assert told.run("notice", "list", "--json").json["notices"] == []
    told.ok("duty", "assign", "--merchant", M1, "--unit", UNIT, "--key", "operator")
    assert {one["office"] for one in send(told)} == {REGULATOR, UNIT}
