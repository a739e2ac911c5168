"""`custody device`: codes made and devices granted at the desk. Bringing a code is for `tests/web`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.log import PrivateKey, PublicKey
from ledger_cli.commands import device_grant, device_withdraw
from ledger_cli.frame import now_ms
from ledger_web.denials import InvitationRefused
from ledger_web.invitations import Invitations, fingerprint
from tests.cli.runner import M1, M2, Custody

Bring = Callable[[str, PrivateKey], str]


@pytest.fixture
def bring(custody: Custody) -> Bring:
    """Bring a code with a key, as the server does it; gives the fingerprint."""

    def brought(code: str, key: PrivateKey) -> str:
        with Invitations(custody.ledger, clock=now_ms) as invitations:
            invitations.redeem(code, key.public)
        return fingerprint(key.public)

    return brought


def invite(custody: Custody, role: str = "merchant", subject: str = M1, *more: str) -> str:
    code: str = custody.ok("device", "invite", "--role", role, "--subject", subject, *more, "--json").json[
        "code"
    ]
    return code


def states(custody: Custody) -> list[str]:
    return [one["state"] for one in custody.ok("device", "list", "--json").json]


def test_the_examples_of_grant_run(custody: Custody, bring: Bring) -> None:
    for number, line in enumerate(device_grant.EXAMPLES.strip().splitlines()):
        bring(invite(custody, "merchant", (M1, M2)[number]), PrivateKey.from_seed(bytes([number]) * 32))
        custody.ok(*shlex.split(line)[1:])
    assert states(custody) == ["granted", "granted"]
    assert custody.ok("verify").code == 0


def test_the_examples_of_withdraw_run(custody: Custody, bring: Bring) -> None:
    by_name, by_fingerprint = (
        shlex.split(line)[1:] for line in device_withdraw.EXAMPLES.strip().splitlines()
    )
    custody.ok(
        *by_name[:-1], invite(custody)[:6]
    )  # what stands in an example, another code has by chance alone
    seed = b"\x00" * 32
    assert bring(invite(custody), PrivateKey.from_seed(seed)) == by_fingerprint[-1]
    custody.ok(*by_fingerprint)
    assert states(custody) == ["withdrawn", "withdrawn"]


def test_a_code_is_withdrawn_and_counts_no_more(custody: Custody, bring: Bring) -> None:
    code = invite(custody)
    shown = custody.ok("device", "withdraw", code.lower(), "--json").json
    assert shown == {"name": code[:6], "state": "withdrawn"}
    with pytest.raises(InvitationRefused):
        bring(code, PrivateKey.generate("p256"))
    assert custody.ok("device", "withdraw", code, "--json").json == shown  # it stays so
    waiting = invite(custody)
    seen = bring(waiting, PrivateKey.generate("p256"))
    custody.ok("device", "withdraw", seen)
    custody.refused("device", "grant", seen, code="UsageError", field="DEVICE", exit_code=2)
    assert states(custody) == ["withdrawn", "withdrawn"]


def test_what_cannot_be_withdrawn_is_refused_and_says_what_to_do(custody: Custody, bring: Bring) -> None:
    for text in ("7K4MQ2", "1234", "", "张三", "\x00", "x" * 5_000):
        custody.refused("device", "withdraw", text, code="UsageError", field="CODE", exit_code=2)
    guessed = invite(custody)[:6] + "0" * 26
    assert custody.run("device", "withdraw", guessed, "--json").error["code"] == "InvitationRefused"
    key = PrivateKey.generate("p256")
    seen = bring(invite(custody), key)
    custody.ok("device", "grant", seen)
    error = custody.refused("device", "withdraw", seen, code="UsageError", field="CODE", exit_code=2)
    assert f"custody key revoke {key.public.keyid[:16]}" in error["message"]
    assert states(custody) == ["granted", "open"]


def test_a_device_is_granted_by_its_fingerprint(custody: Custody, bring: Bring) -> None:
    code = invite(custody, "supervisor", "erligang/3", "--holder", "officer-7")
    assert states(custody) == ["open"]
    key = PrivateKey.generate("p256")
    seen = bring(code, key)
    assert custody.ok("device", "list", "--pending", "--json").json[0]["fingerprint"] == seen
    entry = custody.entry(
        custody.receipt("device", "grant", seen.replace(" ", ""), "--name", "张三")["index"]
    )
    body = entry["statement"]["body"]
    assert body["public_key"] == key.public.text
    assert (body["role"], body["scope"], body["holder"]) == ("supervisor", "erligang/3", "officer-7")
    assert set(body["name"]) == {"sealed"}
    assert states(custody) == ["granted"]
    custody.refused("device", "grant", seen, code="UsageError", field="DEVICE", exit_code=2)
    custody.ok("key", "revoke", key.public.keyid, "--reason", "遗失")
    assert states(custody) == ["revoked"]


def test_nobody_is_granted_unseen(custody: Custody, bring: Bring) -> None:
    """By code alone a script would grant whoever was quicker."""
    code = invite(custody)
    custody.refused("device", "grant", code, code="UsageError", field="DEVICE", exit_code=2)
    seen = bring(code, PrivateKey.generate("p256"))
    error = custody.refused("device", "grant", code, code="UsageError", field="DEVICE", exit_code=2)
    assert seen in error["message"]
    assert states(custody) == ["pending"]


def test_somebody_at_the_terminal_compares(
    custody: Custody, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_grant, "_somebody_there", lambda: True)
    code = invite(custody)
    seen = bring(code, PrivateKey.generate("p256"))
    no = custody.run("device", "grant", code, input="n\n")
    assert (no.code, states(custody)) == (2, ["pending"])
    assert seen in no.out
    custody.ok("device", "grant", code, input="y\n")
    assert states(custody) == ["granted"]


def test_a_contested_code_is_granted_by_fingerprint_alone(
    custody: Custody, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_grant, "_somebody_there", lambda: True)
    code = invite(custody)
    thief = bring(code, PrivateKey.generate("p256"))
    with pytest.raises(InvitationRefused):
        bring(code, PrivateKey.generate("p256"))
    error = custody.run("device", "grant", code, input="y\n")
    assert "several devices" in error.err
    assert states(custody) == ["pending"]
    custody.receipt("device", "grant", thief)


def test_a_supervisors_key_grants_a_merchants_device_and_no_other(custody: Custody, bring: Bring) -> None:
    merchant = bring(invite(custody), PrivateKey.generate("p256"))
    officer = bring(invite(custody, "supervisor", "erligang/3"), PrivateKey.generate("p256"))
    assert custody.receipt("device", "grant", merchant, "--key", "officer-a")["status"] == "accepted"
    custody.refused("device", "grant", officer, "--key", "officer-a", code="NotAuthorised")
    custody.receipt("device", "grant", officer)


def test_a_supervisor_without_the_operators_key_needs_no_choice(custody: Custody, bring: Bring) -> None:
    for name in ("operator", "officer-b"):
        for suffix in (".pem", ".pub"):
            (custody.ledger / "keys" / f"{name}{suffix}").unlink()
    seen = bring(invite(custody), PrivateKey.generate("p256"))
    index = custody.receipt("device", "grant", seen)["index"]
    signer = custody.entry(index)["signatures"][0]["keyid"]
    public = (custody.ledger / "keys" / "officer-a.pub").read_text().strip()
    assert signer == PublicKey.from_base64(public).keyid


@pytest.mark.parametrize(
    ("role", "subject", "code"),
    [
        ("merchant", "91410104MACU0003XA", "UsageError"),
        ("emperor", "*", "BodyInvalid"),
        ("merchant", "erligang", "BodyInvalid"),
    ],
)
def test_codes_for_keys_that_could_not_be_granted(
    custody: Custody, role: str, subject: str, code: str
) -> None:
    found = custody.run("device", "invite", "--role", role, "--subject", subject, "--json")
    assert found.error["code"] == code
    assert not (custody.ledger / "web.db").exists()


def test_codes_are_for_people_and_cameras(custody: Custody) -> None:
    shown = custody.ok(
        "device", "invite", "--role", "merchant", "--subject", M1, "--url", "https://192.168.1.20:8443/"
    )
    assert "https://192.168.1.20:8443/enrol#" in shown.out
    assert "█" in shown.out
    secret = shown.out.split("Code")[1].split()[0]
    assert secret.replace("-", "")[6:] not in custody.ok("device", "list", "--json").out


def test_there_must_be_a_ledger(tmp_path: Path) -> None:
    nowhere = Custody(tmp_path)
    for words in (
        ("invite", "--role", "merchant", "--subject", M1),
        ("list",),
        ("grant", "1234"),
        ("withdraw", "1234"),
    ):
        answer: Any = nowhere.run("device", *words, "--json")
        assert answer.error["code"] == "NotALedger"
    assert list(tmp_path.iterdir()) == []
