"""`custody submit`: envelopes in, one receipt a line out, and nothing acknowledged is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.authoring import Author
from ledger.custody.home import Home
from ledger.log import Envelope, PrivateKey
from ledger.log.statement import MAX_ENVELOPE_BYTES, encode_envelope
from ledger_cli.frame import now_ms
from tests.cli.runner import M1, Answer, Custody

SHELF = {"target": "shelf", "place": "货架", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}


def author(custody: Custody, key: str = "shop", origin: str = "custody.example/erligang") -> Author:
    signer = Home(custody.ledger).key(key, lambda _: None)
    return Author(origin, [signer], clock=now_ms, randomness=os.urandom)


def disinfected(who: Author, **changes: Any) -> Envelope:
    return who.state("disinfection.logged", M1, SHELF, seen=None, **changes)


def answers(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def test_every_line_is_answered_in_order(custody: Custody) -> None:
    shop = author(custody)
    good = [encode_envelope(disinfected(shop)) for _ in range(3)]
    lines = [
        good[0],
        b"not json",
        b"",
        good[1],
        b"\xff\xfe",
        good[0],
        b"x" * (MAX_ENVELOPE_BYTES + 1),
        good[2],
    ]
    size = custody.size()
    answer = custody.run("submit", "-", input=b"\n".join(lines))
    assert answer.code == 1
    got = answers(answer)
    assert [(one["line"], one["status"]) for one in got] == [
        *((1, "accepted"), (2, "refused"), (4, "accepted"), (5, "refused"), (6, "accepted"), (7, "refused")),
        (8, "accepted"),
    ]
    assert [got[n]["index"] for n in (0, 2, 4, 6)] == [size, size + 1, size, size + 2]
    assert got[4]["again"] and not got[0]["again"] and got[4]["leaf_hash"] == got[0]["leaf_hash"]
    assert got[1]["code"] and got[1]["zh"] and got[1]["message"] and "field" in got[1]
    assert "131072" in got[5]["message"].replace(",", "")
    assert "accepted 4, refused 3" in answer.err


def test_what_was_written_with_out_comes_in_later_and_twice(stocked: Custody, tmp_path: Path) -> None:
    out = tmp_path / "later.dsse"
    for amount in ("1kg", "2kg"):
        written = stocked.ok("goods", "sell", "-m", M1, "-l", f"B1={amount}", "--out", out, "--json").json
        assert written["status"] == "written"
    size = stocked.size()
    first = stocked.ok("submit", out)
    assert [one["index"] for one in answers(first)] == [size, size + 1]
    second = stocked.ok("submit", out)
    assert [(one["index"], one["again"]) for one in answers(second)] == [(size, True), (size + 1, True)]
    assert stocked.size() == size + 2


def test_each_refusal_has_its_code(stocked: Custody) -> None:
    shop = author(stocked)
    stranger = Author(shop.ledger, [PrivateKey.generate()], clock=now_ms, randomness=os.urandom)
    known = disinfected(shop)
    other = shop.state("disinfection.logged", M1, SHELF | {"place": "门口"}, seen=None, id=shop.new_id())
    same_id = shop.state(
        "disinfection.logged", M1, SHELF | {"place": "后门"}, seen=None, id=json.loads(known.payload)["id"]
    )
    sale = {
        "buyer": {"type": "consumers"},
        "lines": [{"batch": "B1", "quantity": {"value": "99", "unit": "kg"}}],
    }
    wrong_unit = sale | {"lines": [{"batch": "B1", "quantity": {"value": "1", "unit": "box"}}]}
    cases = {
        "NotAuthorised": disinfected(stranger),
        "SignatureInvalid": Envelope(other.payload, known.signatures),
        "Conflict": same_id,
        "WrongLedger": disinfected(author(stocked, origin="custody.example/elsewhere")),
        "TimeRefused": disinfected(shop, occurred_at="2099-01-01T00:00:00+08:00"),
        "CustodyRefused": shop.state("goods.sold", M1, sale, seen=None),
        "EncodingError": Envelope(known.payload.replace(b'"body":{', b'"body": {'), known.signatures),
    }
    more = {
        "TimeRefused": disinfected(shop, occurred_at="1999-12-31T23:59:59+08:00"),
        "CustodyRefused": shop.state("goods.sold", M1, wrong_unit, seen=None),
        "NotAuthorised": disinfected(author(stocked, "market")),
    }
    envelopes = [known, *cases.values(), *more.values()]
    answer = stocked.run("submit", "-", input=b"\n".join(map(encode_envelope, envelopes)))
    got = answers(answer)
    assert answer.code == 1 and got[0]["status"] == "accepted"
    assert [one.get("code") for one in got[1:]] == [*cases, *more]
    assert all(one["zh"] and one["message"] for one in got[1:])


def test_more_than_a_commit_holds(custody: Custody) -> None:
    shop = author(custody)
    size = custody.size()
    lines = b"\n".join(encode_envelope(disinfected(shop)) for _ in range(1203))
    got = answers(custody.ok("submit", "-", input=lines))
    assert [one["index"] for one in got] == list(range(size, size + 1203))
    assert {one["checkpoint_size"] for one in got} == {size + 1000, size + 1203}


def test_whoever_feeds_one_line_and_waits_gets_the_answer(custody: Custody) -> None:
    shop = author(custody)
    command = [
        sys.executable,
        "-c",
        "from ledger_cli.app import main; main()",
        "--ledger",
        str(custody.ledger),
    ]
    with subprocess.Popen(
        [*command, "submit", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for _ in range(2):
            process.stdin.write(encode_envelope(disinfected(shop)) + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["status"] == "accepted"
        process.stdin.close()
    assert process.returncode == 0


def test_a_failing_database_stops_with_what_was_acknowledged(
    custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.custody.ledger import Ledger
    from ledger.errors import StoreFull

    append, calls = Ledger.append, []

    def failing(self: Ledger, envelopes: Any) -> Any:
        calls.append(len(envelopes))
        if len(calls) > 1:
            raise StoreFull("no space left on the disk: free some and submit again")
        return append(self, envelopes)

    monkeypatch.setattr(Ledger, "append", failing)
    shop = author(custody)
    size = custody.size()
    lines = b"\n".join(encode_envelope(disinfected(shop)) for _ in range(1100))
    answer = custody.run("submit", "-", input=lines)
    assert answer.code == 2 and "Error StoreFull: " in answer.err
    assert len(answers(answer)) == 1000 == custody.size() - size


def test_a_file_that_is_not_there(custody: Custody, tmp_path: Path) -> None:
    custody.refused("submit", tmp_path / "none", code="SourceError", field="FILE", exit_code=2)
    custody.refused("submit", tmp_path, code="SourceError", field="FILE", exit_code=2)
