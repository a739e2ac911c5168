"""New devices come to their key through one-time codes, and nobody else does."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.log import PrivateKey
from ledger.log.session import Challenge, session_message
from ledger.log.statement import pae
from ledger_web.challenges import enrolment_message
from ledger_web.denials import InvitationRefused
from ledger_web.faults import Busy
from ledger_web.invitations import (
    CODE_LIFE_MS,
    MOST_OPEN,
    PENDING_LIFE_MS,
    Invitations,
    digest_of,
    fingerprint,
    normal,
)
from tests.custody.world import M1, M2, M3, ORIGIN, World, key
from tests.web.phones import Device, Server
from tests.web.test_sessions import refused, revoke


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(World(tmp_path / "ledger"))


@pytest.fixture
def officer(server: Server) -> Device:
    """The supervisor of east/1, signed in."""
    device = server.device(server.world.second)
    device.sign_in()
    return device


def invite(inviter: Device, role: str = "merchant", scope: str = M2, **more: Any) -> dict[str, Any]:
    answer = inviter.post("/enrolment/invitations", {"role": role, "scope": scope, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def listed(inviter: Device) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = inviter.get("/enrolment/invitations").json()["invitations"]
    return found


def grant(server: Server, inviter: Device, body: dict[str, Any]) -> None:
    server.world.must(server.world.state([inviter.key], "key.granted", None, body))


# ---------------------------------------------------------------------- as it should be


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_from_code_to_reading(server: Server, officer: Device, algorithm: Any) -> None:
    made = invite(officer)
    phone = server.device(PrivateKey.generate(algorithm))
    about = phone.post("/enrolment/state", {"code": made["code"]}).json()
    assert (about["state"], about["role"], about["scope"]) == ("open", "merchant", M2)
    brought = phone.bring(made["code"]).json()
    assert brought["state"] == "pending"
    assert brought["fingerprint"] == fingerprint(phone.key.public)
    refused(phone.post("/session", phone.answer(phone.challenge())), 401, "ChallengeRefused")

    (waiting,) = listed(officer)
    assert waiting["fingerprint"] == brought["fingerprint"]
    assert waiting["state"] == "pending"
    assert waiting["body"] == {"public_key": phone.key.public.text, "role": "merchant", "scope": M2}
    grant(server, officer, waiting["body"])

    assert phone.state(made["code"]).json()["state"] == "granted"
    assert phone.sign_in()["scope"] == M2
    assert listed(officer)[0]["state"] == "granted"
    server.world.must(
        server.world.state(
            [officer.key], "key.revoked", None, {"keyid": phone.key.public.keyid, "reason": "遗失"}
        )
    )
    assert phone.state(made["code"]).json()["state"] == "revoked"
    assert phone.get("/session").json()["role"] == "public"


def test_the_code_as_qr(officer: Device) -> None:
    made = invite(officer)
    assert made["url"] == f"https://ledger.example:8443/enrol#{made['code']}"
    assert made["qr"].startswith("<svg")
    assert len(normal(made["code"])) * 5 - 30 >= 128  # six characters are the name it is found by


def test_a_code_may_be_typed_badly(server: Server, officer: Device) -> None:
    code = invite(officer)["code"]
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    phone = server.device()
    assert phone.bring(typed, invitation=digest_of(code)).status_code == 200


def test_everything_survives_a_restart_but_not_the_code(server: Server, officer: Device) -> None:
    used, left = invite(officer)["code"], invite(officer)["code"]
    phone = server.device()
    phone.bring(used)
    server.invitations.close()
    server.invitations = Invitations(server.world.folder, clock=server.clock)
    server.restart()
    assert phone.state(used).json()["state"] == "pending"
    refused(server.device().bring(used), 410, "InvitationRefused")
    assert server.device().bring(left).status_code == 200


# ---------------------------------------------------------------------- who may invite whom


@pytest.mark.parametrize(
    ("role", "scope"),
    [("merchant", M3), ("device", M3), ("merchant", "91410104MACU0004X0"), ("supervisor", "east/1"),
     ("office", M1), ("operator", "*"), ("auditor", "*"), ("emperor", "*")],
)  # fmt: skip
def test_a_supervisor_invites_within_its_grid_alone(officer: Device, role: str, scope: str) -> None:
    answer = officer.post("/enrolment/invitations", {"role": role, "scope": scope})
    assert refused(answer, 403, "NotYours")["field"] == "scope"
    assert listed(officer) == []


def test_an_operator_invites_everybody(server: Server) -> None:
    operator = server.device(server.world.operator)
    operator.sign_in()
    for role, scope in (("supervisor", "west"), ("office", "市场科"), ("auditor", "*"), ("device", M3)):
        invite(operator, role, scope, holder="officer-9" if role == "supervisor" else None)
    answer = operator.post("/enrolment/invitations", {"role": "merchant", "scope": "not a code"})
    assert answer.json()["code"] == "BodyInvalid"


@pytest.mark.parametrize("who", ["k1", "probe", None])
def test_others_invite_nobody_and_see_no_invitations(server: Server, who: str | None) -> None:
    device = server.device(getattr(server.world, who) if who else None)
    if who:
        device.sign_in()
    expected = (403, "NotYours") if who else (401, "SignInNeeded")
    refused(device.post("/enrolment/invitations", {"role": "merchant", "scope": M1}), *expected)
    if who:
        assert listed(device) == []
    else:
        refused(device.get("/enrolment/invitations"), *expected)


def test_invitations_of_other_grids_are_not_there(server: Server, officer: Device) -> None:
    operator = server.device(server.world.operator)
    operator.sign_in()
    made = invite(operator, "merchant", M3)
    assert listed(officer) == []
    hidden = officer.send("DELETE", f"/enrolment/invitations/{made['name']}")
    nothing = officer.send("DELETE", "/enrolment/invitations/ZZZZZZ")
    assert refused(hidden, 404, "NotThere") == refused(nothing, 404, "NotThere")
    assert server.device().bring(made["code"]).status_code == 200


def test_a_revoked_inviter_invites_no_more(server: Server, officer: Device) -> None:
    revoke(server.world, officer.key)
    refused(officer.post("/enrolment/invitations", {"role": "merchant", "scope": M2}), 401, "SignInNeeded")


# ---------------------------------------------------------------------- codes


def test_two_devices_with_one_code(server: Server, officer: Device) -> None:
    """The first one has it; the inviter sees that there was a second, and the fingerprint says which is which."""
    code = invite(officer)["code"]
    thief, phone = server.device(), server.device()
    assert thief.bring(code).status_code == 200
    refused(phone.bring(code), 410, "InvitationRefused")
    refused(phone.state(code), 410, "InvitationRefused")
    refused(phone.post("/enrolment/state", {"code": code}), 410, "InvitationRefused")
    (waiting,) = listed(officer)
    assert waiting["contested"] == 1
    assert waiting["fingerprint"] == fingerprint(thief.key.public) != fingerprint(phone.key.public)
    assert officer.send("DELETE", f"/enrolment/invitations/{waiting['name']}").status_code == 204
    assert thief.state(code).json()["state"] == "withdrawn"
    refused(thief.bring(code), 410, "InvitationRefused")


def test_two_devices_at_the_same_moment(server: Server, officer: Device) -> None:
    code = invite(officer)["code"]
    keys = [key(str(number)).public for number in range(8)]

    def bring(number: int) -> str:
        try:
            return str(server.invitations.redeem(code, keys[number]).keyid)
        except InvitationRefused:
            return ""

    with ThreadPoolExecutor(8) as crew:
        brought = [one for one in crew.map(bring, range(8)) if one]
    assert len(brought) == 1
    (waiting,) = listed(officer)
    assert (waiting["keyid"], waiting["contested"]) == (brought[0], 7)


def test_the_same_device_again_gets_the_same_answer(server: Server, officer: Device) -> None:
    code = invite(officer)["code"]
    phone = server.device()
    assert phone.bring(code).json() == phone.bring(code).json()
    assert listed(officer)[0]["contested"] == 0


def test_wrong_used_withdrawn_and_old_codes_are_told_apart_by_nobody(server: Server, officer: Device) -> None:
    used, withdrawn, old = (invite(officer) for _ in range(3))
    server.device().bring(used["code"])
    server.invitations.withdraw(withdrawn["name"])
    nearly = used["code"][:-1] + ("0" if used["code"][-1] != "0" else "1")
    answers = [server.device().bring(one) for one in (used["code"], withdrawn["code"], nearly, "", "0" * 32)]
    server.world.later(CODE_LIFE_MS)
    answers.append(server.device().bring(old["code"]))
    assert len({refused(answer, 410, "InvitationRefused")["detail"] for answer in answers}) == 1


def test_a_code_lasts_half_an_hour(server: Server, officer: Device) -> None:
    code = invite(officer)["code"]
    server.world.later(CODE_LIFE_MS - 1)
    phone = server.device()
    assert phone.bring(code).status_code == 200
    server.world.later(PENDING_LIFE_MS)
    assert phone.state(code).json()["state"] == "expired"
    refused(phone.bring(code), 410, "InvitationRefused")


def test_a_stolen_database_lets_nobody_in(server: Server, officer: Device) -> None:
    made = [invite(officer) for _ in range(3)]
    path = server.world.folder / "web.db"
    assert path.stat().st_mode & 0o077 == 0
    data = b"".join(one.read_bytes() for one in server.world.folder.glob("web.db*"))
    rows = sqlite3.connect(path).execute("SELECT * FROM invitation").fetchall()
    for one in made:
        secret = normal(one["code"])[6:]
        assert secret.encode() not in data
        assert secret not in repr(rows)
        digest = digest_of(one["code"])
        assert digest.encode() in data
        refused(server.device().bring(one["name"] + digest), 410, "InvitationRefused")
        refused(server.device().bring(digest), 410, "InvitationRefused")


def test_too_many_codes_are_not_tried(server: Server) -> None:
    guesser = server.device(address="198.51.100.9")
    answers = [guesser.bring("0" * 32).status_code for _ in range(21)]
    assert answers == [410] * 20 + [429]


def test_invitations_stay_in_bounds(server: Server, officer: Device) -> None:
    for _ in range(MOST_OPEN):
        server.invitations.invite(role="merchant", scope=M2, holder=None, by=officer.key.public.keyid)
    refused(officer.post("/enrolment/invitations", {"role": "merchant", "scope": M2}), 503, "Busy")
    server.invitations.invite(role="merchant", scope=M2, holder=None, by=None)  # others are not held up
    with pytest.raises(Busy):
        server.invitations.invite(role="merchant", scope=M2, holder=None, by=officer.key.public.keyid)
    server.world.later(CODE_LIFE_MS)
    officer.sign_in()
    for _ in range(3):
        server.device().bring(invite(officer)["code"])  # what was brought waits for nothing here
    for _ in range(MOST_OPEN):
        server.invitations.invite(role="merchant", scope=M2, holder=None, by=officer.key.public.keyid)
    server.world.later(8 * PENDING_LIFE_MS)
    server.invitations.invite(role="merchant", scope=M2, holder=None, by=None)
    rows = sqlite3.connect(server.world.folder / "web.db").execute("SELECT count(*) FROM invitation")
    assert rows.fetchone() == (1,)


def test_nothing_is_written_before_the_first_invitation(server: Server) -> None:
    refused(server.device().bring("0" * 32), 410, "InvitationRefused")
    assert not (server.world.folder / "web.db").exists()


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "web.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    with (
        Invitations(tmp_path, clock=lambda: 0) as invitations,
        pytest.raises(LedgerError, match="something else"),
    ):
        invitations.invite(role="merchant", scope=M1, holder=None, by=None)


# ---------------------------------------------------------------------- keys


def test_a_key_is_brought_by_whoever_holds_it(server: Server, officer: Device) -> None:
    """Nobody can have another's key granted, or make a device sign for another server, ledger or code."""
    code, other = invite(officer)["code"], invite(officer)["code"]
    phone = server.device()
    for wrong in (
        {"host": "evil.example"}, {"ledger": "custody.example/other"}, {"invitation": digest_of(other)},
        {"keyid": "0" * 64},
    ):  # fmt: skip
        refused(phone.bring(code, **wrong), 401, "ChallengeRefused")
    victim = server.device()
    message = enrolment_message(
        ledger=ORIGIN, host=phone.host, invitation=digest_of(code), keyid=victim.key.public.keyid
    )
    for signed in (message, pae(message[message.index(b"{") :]), b""):
        proof = b64encode(phone.key.sign(signed)).decode()
        body = {"code": code, "public_key": victim.key.public.text, "proof": proof}
        refused(phone.post("/enrolment", body), 401, "ChallengeRefused")
    assert listed(officer)[-1]["state"] == "open"
    assert phone.bring(code).status_code == 200


def test_a_proof_opens_no_session_and_a_session_proves_nothing(server: Server, officer: Device) -> None:
    asked = Challenge("x", 1)
    parts = {"ledger": ORIGIN, "host": "h", "keyid": "0" * 64}
    assert session_message(challenge=asked, **parts)[:60] != enrolment_message(invitation="x", **parts)[:60]
    code = invite(officer)["code"]
    phone = server.device(server.world.k2)
    proof = phone.key.sign(
        enrolment_message(
            ledger=ORIGIN, host=phone.host, invitation=digest_of(code), keyid=phone.key.public.keyid
        )
    )
    answer = phone.answer(phone.challenge()) | {"signature": b64encode(proof).decode()}
    refused(phone.post("/session", answer), 401, "ChallengeRefused")


@pytest.mark.parametrize("bad", [
    "", "AAAA", "MCowBQYDK2VwAyEA" + "A" * 43 + "=", "not base64",
])  # fmt: skip
def test_keys_that_are_none(server: Server, officer: Device, bad: str) -> None:
    code = invite(officer)["code"]
    phone = server.device()
    proof = b64encode(bytes(64)).decode()
    answer = phone.post("/enrolment", {"code": code, "public_key": bad, "proof": proof})
    assert answer.status_code in (400, 401)
    assert phone.bring(code).status_code == 200


def test_a_low_order_key_is_refused_where_it_is_brought(server: Server, officer: Device) -> None:
    """The neutral element verifies with R = identity and S = 0 for any message."""
    code = invite(officer)["code"]
    low = "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    proof = b64encode(b"\x01" + bytes(63)).decode()
    answer = server.device().post("/enrolment", {"code": code, "public_key": low, "proof": proof})
    refused(answer, 400, "KeyInvalid")
    assert listed(officer)[0]["state"] == "open"


def test_a_granted_key_takes_no_second_role(server: Server, officer: Device) -> None:
    phone = server.device(server.world.k1)
    refused(phone.bring(invite(officer)["code"]), 410, "InvitationRefused")
    wrong = phone.bring("0" * 32)
    nothing = server.device().bring("0" * 32)
    assert refused(wrong, 410, "InvitationRefused") == refused(nothing, 410, "InvitationRefused")


def test_granted_by_somebody_else_in_another_role_the_ledger_decides(server: Server, officer: Device) -> None:
    code = invite(officer)["code"]
    phone = server.device()
    phone.bring(code)
    server.world.grant(phone.key, "device", M1)
    assert phone.state(code).json()["state"] == "granted"
    assert phone.sign_in()["role"] == "device"
