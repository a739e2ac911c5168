"""Ledger, keys, rule sets and merchants."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.custody.home import Home
from ledger.log import NoteVerifier, PrivateKey
from ledger_cli import frame
from ledger_schemas import default_rulesets
from tests.cli.runner import M1, M2, Custody

ORIGIN = ("--origin", "custody.example/x")


def test_a_new_ledger_says_how_to_trust_it(tmp_path: Path) -> None:
    custody = Custody(tmp_path)
    made = custody.ok(
        "init", tmp_path / "new", *ORIGIN, "--no-passphrase", "--earliest", "2022-01-01", "--json"
    ).json
    assert NoteVerifier.from_vkey(made["vkey"]).name == "custody.example/x"
    assert made["size"] == 1 and len(made["root"]) == len(made["operator"]) == 64
    opened = Custody(tmp_path / "new").entry(0)["statement"]
    assert opened["body"]["earliest"] == "2022-01-01" and opened["body"]["title"] == "custody.example/x"
    assert stat.S_IMODE((tmp_path / "new" / "keys" / "operator.pem").stat().st_mode) == 0o600
    out = custody.ok("init", tmp_path / "other", *ORIGIN, "--title", "二里岗", "--no-passphrase").out
    assert "Verifier key" in out and "Next:" in out


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--origin", "two words"), "NoteError"),
        (("--origin", "a+b"), "NoteError"),
        ((*ORIGIN, "--earliest", "yesterday"), "BodyInvalid"),
        ((*ORIGIN, "--jurisdiction", "Henan"), "BodyInvalid"),
        ((*ORIGIN, "--title", " "), "BodyInvalid"),
    ],
)
def test_an_impossible_ledger_leaves_nothing_behind(tmp_path: Path, more: tuple[str, ...], code: str) -> None:
    answer = Custody(tmp_path).run("init", tmp_path / "new", *more, "--no-passphrase", "--json")
    assert answer.code in (1, 2) and answer.error["code"] == code
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_taken(custody: Custody, tmp_path: Path) -> None:
    custody.refused("init", custody.ledger, *ORIGIN, "--no-passphrase", code="StoreExists", exit_code=2)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    custody.refused("init", tmp_path / "file", *ORIGIN, "--no-passphrase", code="StoreExists", exit_code=2)
    custody.refused(
        "init", tmp_path / "file" / "x", *ORIGIN, "--no-passphrase", code="SystemError", exit_code=2
    )
    (tmp_path / "empty").mkdir()
    custody.ok("init", tmp_path / "empty", *ORIGIN, "--no-passphrase")


def test_passphrases(tmp_path: Path) -> None:
    custody = Custody(tmp_path / "new")
    assert custody.run("init", tmp_path / "new", *ORIGIN).code == 2  # nobody to ask
    assert not (tmp_path / "new").exists()
    custody.ok("init", tmp_path / "new", *ORIGIN, CUSTODY_PASSPHRASE="小心")
    assert b"ENCRYPTED" in (tmp_path / "new" / "keys" / "log.pem").read_bytes()
    publish = ("ruleset", "publish", "ha-2022-cold-chain", "--json")
    wrong = custody.run(*publish, CUSTODY_PASSPHRASE="wrong")
    assert wrong.code == 2 and wrong.error["code"] == "KeyInvalid" and wrong.error["field"] == "passphrase"
    missing = custody.run(*publish)
    assert missing.code == 2 and "CUSTODY_PASSPHRASE" in missing.error["message"]
    custody.ok(*publish, CUSTODY_PASSPHRASE="小心")
    assert custody.run("key", "new", "x", CUSTODY_PASSPHRASE="").code == 2
    custody.ok("key", "new", "x", CUSTODY_PASSPHRASE="other")
    with pytest.raises(Exception, match="passphrase"):
        PrivateKey.from_pem((tmp_path / "new" / "keys" / "x.pem").read_bytes(), "小心".encode())


def test_passphrases_are_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answering(*answers: str) -> None:
        left = iter(answers)
        asked.clear()

        def answer(prompt: str, stream: object) -> str:
            asked.append(prompt)
            return next(left)

        monkeypatch.setattr("getpass.getpass", answer)

    monkeypatch.setattr(frame, "has_terminal", lambda: True)
    custody = Custody(tmp_path / "new")
    answering("", "a", "b", "小心", "小心")  # empty, then two that differ, then right
    custody.ok("init", tmp_path / "new", *ORIGIN)
    answering("wrong", "小心")  # one passphrase opens the operator's key and the log's
    answer = custody.ok("ruleset", "publish", "ha-2022-cold-chain")
    assert "Wrong passphrase" in answer.err and len(asked) == 2
    answering("1", "2", "3")
    error = custody.run("key", "grant", "operator", "--role", "auditor", "--json").error
    assert error["code"] == "KeyInvalid" and len(asked) == 3
    answering("", "", "")
    assert custody.run("key", "new", "x").code == 2


def test_keys_of_both_kinds(custody: Custody) -> None:
    for name, options, algorithm in (("a", (), "ed25519"), ("b", ("--p256",), "p256")):
        made = custody.ok("key", "new", name, *options, "--no-passphrase", "--json").json
        assert made["algorithm"] == algorithm and len(made["keyid"]) == 64
        assert (custody.ledger / "keys" / f"{name}.pub").read_text(encoding="ascii").strip() == made[
            "public_key"
        ]
    assert custody.refused("key", "new", "a", "--no-passphrase", code="UsageError", field="name", exit_code=2)
    assert custody.refused(
        "key", "new", "../a", "--no-passphrase", code="UsageError", field="name", exit_code=2
    )
    nowhere = Custody(custody.ledger / "none").run("key", "new", "a", "--no-passphrase")
    assert nowhere.code == 2 and not (custody.ledger / "none").exists()


def test_the_list_of_keys(custody: Custody, tmp_path: Path) -> None:
    custody.ok("key", "new", "spare", "--no-passphrase")
    keys = {row["name"]: row for row in custody.ok("key", "list", "--json").json}
    assert (keys["shop"]["role"], keys["shop"]["scope"]) == ("merchant", M1)
    assert keys["spare"]["role"] is None and keys["log"]["role"] == "log"
    assert "not granted" in custody.ok("key", "list").out
    (tmp_path / "device").mkdir()
    device = Custody(tmp_path / "device")
    assert device.run("key", "list").code == 2  # neither keys nor ledger
    device.ok("key", "new", "probe", "--no-passphrase")
    assert [row["name"] for row in device.ok("key", "list", "--json").json] == ["probe"]


def test_a_key_is_granted_from_wherever_it_stands(custody: Custody, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    custody.receipt("key", "grant", pem, "--role", "device", "--scope", M1, "--name", "探头 1")
    other = PrivateKey.generate("p256").public.text
    granted = custody.receipt("key", "grant", other, "--role", "auditor", "--name", "张三", "--holder", "a-1")
    body = custody.entry(granted["index"])["statement"]["body"]
    assert body["scope"] == "*" and body["public_key"] == other and body["holder"] == "a-1"
    assert set(body["name"]) == {"sealed"}
    pub = tmp_path / "third.pub"
    pub.write_text(PrivateKey.generate().public.text + "\n", encoding="ascii")
    body = custody.entry(
        custody.receipt("key", "grant", pub, "--role", "merchant", "--scope", M1, "--name", "甲")["index"]
    )
    assert body["statement"]["body"]["name"] == "甲"


def test_keys_that_cannot_be_granted(custody: Custody, tmp_path: Path) -> None:
    low = "MCowBQYDK2VwAyEA" + "A" * 43 + "="
    custody.refused("key", "grant", low, "--role", "auditor", code="KeyInvalid", field="body.public_key")
    custody.refused("key", "grant", "nobody", "--role", "auditor", code="UsageError", exit_code=2)
    custody.refused(
        "key", "grant", "MCowBQYDK2VwAyEA", "--role", "auditor", code="BodyInvalid", field="body.public_key"
    )
    custody.refused(
        "key", "grant", tmp_path / "none.pub", "--role", "auditor", code="SourceError", exit_code=2
    )
    custody.refused("key", "grant", "shop", "--role", "auditor", code="Conflict", field="body.public_key")
    custody.ok("key", "new", "new", "--no-passphrase")
    custody.refused(
        "key", "grant", "new", "--role", "boss", "--scope", "*", code="BodyInvalid", field="body.role"
    )
    custody.refused("key", "grant", "new", "--role", "merchant", code="BodyInvalid", field="body.scope")
    custody.refused(
        "key", "grant", "new", "--role", "merchant", "--scope", "M1", code="BodyInvalid", field="body.scope"
    )
    custody.refused("key", "grant", "new", "--role", "auditor", "--key", "shop", code="NotAuthorised")


def test_a_revoked_key_says_nothing_more(custody: Custody) -> None:
    keyid = next(row["keyid"] for row in custody.ok("key", "list", "--json").json if row["name"] == "shop")
    why = ("--reason", "遗失")
    custody.refused("key", "revoke", keyid[:7], *why, code="UsageError", field="KEYID", exit_code=2)
    custody.refused("key", "revoke", "0" * 64, *why, code="UsageError", field="KEYID", exit_code=2)
    custody.refused("key", "revoke", "market", *why, "--compromised-from", "999", code="CustodyRefused")
    custody.refused("key", "revoke", "operator", *why, code="CustodyRefused", field="body.keyid")
    receipt = custody.receipt("key", "revoke", keyid[:8], *why, "--compromised-from", "3")
    assert custody.entry(receipt["index"])["statement"]["body"]["compromised_from"] == 3
    custody.refused("key", "revoke", "shop", *why, code="Conflict", field="body.keyid")
    sold = ("goods", "sell", "-m", M1, "-l", "B1=1kg")
    error = custody.refused(*sold, code="NotAuthorised")
    assert "custody key grant" in error["message"]
    error = custody.refused(*sold, "--key", "shop", code="NotAuthorised")
    assert "was revoked by entry" in error["message"]
    keys = {row["name"]: row for row in custody.ok("key", "list", "--json").json}
    assert keys["shop"]["revoked_at"] == receipt["index"] and keys["shop"]["compromised_from"] == 3


def test_rule_sets(custody: Custody, tmp_path: Path) -> None:
    listed = custody.ok("ruleset", "list", "--json").json
    assert [row["code"] for row in listed] == [body["code"] for body in default_rulesets()]
    assert (
        "non-cold-chain" in custody.ok("ruleset", "list").out
        and "non-cold-chain" in custody.ok("ruleset", "list", "--defaults").out
    )
    body = custody.ok("ruleset", "show", "ha-2022-cold-chain", "--json").json
    assert body in default_rulesets()
    assert "Checks a week" in custody.ok("ruleset", "show", "ha-2022-cold-chain").out
    custody.refused("ruleset", "show", "none", code="UsageError", exit_code=2)
    custody.refused("ruleset", "publish", "ha-2022-cold-chain", code="Conflict", field="body.code")
    edited = tmp_path / "mine.json"
    edited.write_text(
        json.dumps(body | {"code": "mine", "checks_per_week": 3, "replaces": body["code"]}), encoding="utf-8"
    )
    custody.receipt("ruleset", "publish", edited)
    assert custody.ok("ruleset", "show", "mine", "--json").json["checks_per_week"] == 3
    custody.refused("ruleset", "publish", code="UsageError", field="FILE", exit_code=2)
    custody.refused(
        "ruleset", "publish", tmp_path / "none.json", code="SourceError", field="FILE", exit_code=2
    )
    elsewhere = Custody(tmp_path)  # no ledger: those that come with the program can still be read
    assert elsewhere.ok("ruleset", "show", "ha-2022-cold-chain", "--json").json == body
    assert elsewhere.run("ruleset", "list").code == 2 and elsewhere.ok("ruleset", "list", "--defaults")


def test_merchants(custody: Custody) -> None:
    rows = custody.ok("merchant", "list", "--json").json
    assert [row["merchant"] for row in rows] == [M1, M2]
    assert custody.ok("merchant", "list", "--grid", "erligang/3/08", "--json").json[0]["merchant"] == M2
    assert (
        custody.ok("merchant", "list", "--grid", "x", "--json").json == []
        and "none" in custody.ok("merchant", "list", "--grid", "x").out
    )
    custody.receipt(
        "merchant", "enroll", M2, "--address", "城东路 11 号", "--contact", "李四", "--key", "operator"
    )
    shown = custody.ok("merchant", "show", M2, "--json").json
    assert (shown["name"], shown["address"], shown["contact"]) == ("城东超市", "城东路 11 号", "李四")
    assert [key["role"] for key in shown["keys"]] == ["merchant"]
    out = custody.ok("merchant", "show", M1).out
    assert "冷库-1" in out and "二里岗冷库" in out
    custody.refused("merchant", "show", "none", code="UsageError", exit_code=2)


def test_a_supervisor_enrols_only_in_its_own_grid(custody: Custody) -> None:
    new = ("merchant", "enroll", "92410104MACU00030L", "--name", "甲", "--address", "乙", "--kind", "shop")
    goods = ("--class", "cold_chain", "--key", "officer-a")
    custody.refused(*new, *goods, "--grid", "erligang/4/01", code="NotAuthorised")
    custody.receipt(*new, *goods, "--grid", "erligang/3/01")
    custody.refused("merchant", "enroll", "92410104MACU00041E", *new[3:5], *goods, code="BodyInvalid")
    custody.refused(
        *new,
        *goods,
        "--grid",
        "erligang/3/01",
        "--zone",
        "code=A,dedicated=perhaps",
        code="UsageError",
        exit_code=2,
    )


def test_an_odd_check_character_is_only_remarked(custody: Custody) -> None:
    answer = custody.ok(
        *("merchant", "enroll", "92410104MACU000300", "--name", "甲", "--address", "乙", "--kind", "shop"),
        *("--grid", "erligang/3/01", "--class", "cold_chain", "--key", "operator"),
    )
    assert "Note: " in answer.err and "GB 32100-2015" in answer.err


def test_the_home_is_where_the_keys_are(custody: Custody) -> None:
    assert "shop" in Home(custody.ledger).keyring.names()
    (custody.ledger / "keys" / "log.pem").unlink()
    custody.refused("goods", "sell", "-m", M1, "-l", "B1=1kg", code="UsageError", exit_code=2)
    other = PrivateKey.generate()
    (custody.ledger / "keys" / "log.pem").write_bytes(other.to_pem(None))
    custody.refused("goods", "sell", "-m", M1, "-l", "B1=1kg", code="KeyInvalid", exit_code=2)
    (custody.ledger / "keys" / "shop.pem").write_bytes(b"rubbish")
    custody.refused("goods", "sell", "-m", M1, "-l", "B1=1kg", code="KeyInvalid", exit_code=2)
