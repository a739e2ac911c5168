"""Signing in with a key, and everything somebody without one may try instead."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import EncodingError, EnvelopeError, SignatureInvalid
from ledger.log import PrivateKey, checkpoint, statement
from ledger.log.note import NoteSigner
from ledger.log.session import Challenge, session_message
from ledger_web.challenges import Challenges
from ledger_web.denials import ChallengeRefused, TooMany
from ledger_web.faults import Busy
from ledger_web.limits import Limiter
from ledger_web.sessions import LIFE_MS, PER_KEY, Sessions
from tests.custody.world import M1, M2, ORIGIN, World, key
from tests.web.phones import Device, Server


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(World(tmp_path / "ledger"))


@pytest.fixture
def phone(server: Server) -> Device:
    return server.device(server.world.k2)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


def revoke(world: World, who: PrivateKey) -> None:
    body = {"keyid": who.public.keyid, "reason": "遗失"}
    world.must(world.state([world.operator], "key.revoked", None, body))


# ---------------------------------------------------------------------- as it should be


@pytest.mark.parametrize(("who", "role", "scope"), [
    ("k1", "merchant", M1), ("k2", "merchant", M2), ("probe", "device", M1),
    ("second", "supervisor", "east/1"), ("operator", "operator", "*"),
])  # fmt: skip
def test_a_granted_key_signs_in(server: Server, who: str, role: str, scope: str) -> None:
    device = server.device(getattr(server.world, who))
    assert device.get("/session").json()["role"] == "public"
    assert device.sign_in()["role"] == role
    found = device.get("/session").json()
    assert (found["role"], found["scope"], found["keyid"]) == (role, scope, device.key.public.keyid)
    assert found["expires"] == server.world.now + LIFE_MS


def test_the_cookie(server: Server, phone: Device) -> None:
    answer = phone.post("/session", phone.answer(phone.challenge()))
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-custody=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "samesite=strict", "secure", "path=/", "max-age=900"}
    assert answer.headers["cache-control"] == "no-store"
    assert cookie.split("=", 1)[1].split(";")[0] not in answer.text


def test_the_cookie_on_the_loopback_address(server: Server) -> None:
    phone = server.device(server.world.k2, base="http://127.0.0.1:8000")
    answer = phone.post("/session", phone.answer(phone.challenge()))
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("custody=")
    assert "secure" not in cookie.lower()
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert phone.get("/session").json()["role"] == "merchant"


def test_without_tls_off_the_loopback_address_no_browser_keeps_it(server: Server) -> None:
    phone = server.device(server.world.k2, base="http://ledger.example:8000")
    answer = phone.post("/session", phone.answer(phone.challenge()))
    assert answer.headers["set-cookie"].startswith("__Host-custody=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert phone.get("/session").json()["role"] == "public"


def test_signing_out_ends_the_session_on_the_server(phone: Device) -> None:
    phone.sign_in()
    stolen = dict(phone.cookies)
    assert phone.send("DELETE", "/session").status_code == 204
    assert phone.get("/session").json()["role"] == "public"
    phone.cookies.update(stolen)
    assert phone.get("/session").json()["role"] == "public"


# ---------------------------------------------------------------------- attacks on challenges


def test_a_challenge_counts_once(phone: Device) -> None:
    answer = phone.answer(phone.challenge())
    assert phone.post("/session", answer).status_code == 200
    phone.cookies.clear()
    refused(phone.post("/session", answer), 401, "ChallengeRefused")


def test_a_challenge_counts_once_however_it_is_spelled(phone: Device) -> None:
    """Base64 has several spellings of the same bytes; a second one is not a second challenge."""
    asked = phone.challenge()
    assert phone.post("/session", phone.answer(asked)).status_code == 200
    for text in (
        asked.text + "=",
        asked.text + "\n",
        asked.text[:-1] + chr(ord(asked.text[-1]) ^ 1),
        asked.text + "AAAA",
    ):
        refused(phone.post("/session", phone.answer(asked._replace(text=text))), 401, "ChallengeRefused")


def test_a_challenge_ends(server: Server, phone: Device) -> None:
    answer = phone.answer(phone.challenge())
    server.world.later(120_000)
    refused(phone.post("/session", answer), 401, "ChallengeRefused")


def test_a_challenge_is_of_this_server(server: Server, phone: Device) -> None:
    other = Challenges(bytes(32), ledger=ORIGIN, clock=server.clock, randomness=bytes).issue(phone.host)
    refused(phone.post("/session", phone.answer(other)), 401, "ChallengeRefused")
    for text in ("", "AAAA", "é", "!" * 96, phone.challenge().text[:-4]):
        refused(phone.post("/session", phone.answer(Challenge(text, 0))), 401, "ChallengeRefused")
    longer = phone.challenge()
    moved = longer._replace(expires_ms=longer.expires_ms + 1)
    refused(phone.post("/session", phone.answer(moved)), 401, "ChallengeRefused")


def test_a_page_elsewhere_gets_nothing_from_passing_a_challenge_on(server: Server, phone: Device) -> None:
    """The device signs the name under which it was asked, not the one it was told."""
    evil = server.device(server.world.k2)
    answer = phone.answer(evil.challenge(), host="evil.example")
    refused(evil.post("/session", answer), 401, "ChallengeRefused")
    refused(server.device(base="https://evil.example").post("/session/challenge"), 421, "WrongHost")
    second = server.device(server.world.k2, base="https://second.example")
    refused(phone.post("/session", phone.answer(second.challenge())), 401, "ChallengeRefused")


@pytest.mark.parametrize("other", [{"ledger": "custody.example/other"}, {"keyid": "0" * 64}])
def test_what_is_signed_is_for_this_ledger_and_key(phone: Device, other: dict[str, str]) -> None:
    refused(phone.post("/session", phone.answer(phone.challenge(), **other)), 401, "ChallengeRefused")


def test_a_signature_of_something_else_opens_nothing(server: Server, phone: Device) -> None:
    asked = phone.challenge()
    message = session_message(ledger=ORIGIN, host=phone.host, challenge=asked, keyid=phone.key.public.keyid)
    payload = message[message.index(b"{") :]
    for wrong in (payload, statement.pae(payload), message + b"\n", b""):
        refused(phone.post("/session", phone.signed(asked, wrong)), 401, "ChallengeRefused")
    assert phone.post("/session", phone.signed(asked, message)).status_code == 200


def test_a_signed_challenge_is_no_statement_and_no_checkpoint(server: Server, phone: Device) -> None:
    """Whatever the ledger makes a device sign to read can never be recorded in its name."""
    asked = phone.challenge()
    message = session_message(ledger=ORIGIN, host=phone.host, challenge=asked, keyid=phone.key.public.keyid)
    signature = phone.key.sign(message)
    payload = message[message.index(b"{") :]
    envelope = statement.Envelope(payload, (statement.Signature(phone.key.public.keyid, signature),))
    size = server.world.size
    (answer,) = server.world.ledger.append([envelope])
    assert server.world.size == size
    assert not phone.key.public.verify(signature, statement.pae(payload))
    assert isinstance(answer, EncodingError | EnvelopeError | SignatureInvalid)
    note = checkpoint.sign(ORIGIN, 1, bytes(32), NoteSigner(ORIGIN, key("log")))
    assert not note.startswith(b"DSSEv1")


# ---------------------------------------------------------------------- attacks on keys and sessions


def test_unknown_keys_and_wrong_signatures_are_told_apart_by_nobody(server: Server, phone: Device) -> None:
    stranger = server.device(key("stranger"))
    unknown = stranger.post("/session", stranger.answer(stranger.challenge()))
    forged = phone.answer(phone.challenge())
    forged["signature"] = b64encode(stranger.key.sign(b"x")).decode()
    assert refused(unknown, 401, "ChallengeRefused") == refused(
        phone.post("/session", forged), 401, "ChallengeRefused"
    )


def test_a_revoked_key_ends_at_once(server: Server, phone: Device) -> None:
    phone.sign_in()
    assert phone.get(f"/merchant/{M2}").status_code == 200
    revoke(server.world, phone.key)
    assert phone.get("/session").json()["role"] == "public"
    refused(phone.get(f"/merchant/{M2}"), 401, "SignInNeeded")
    refused(phone.post("/session", phone.answer(phone.challenge())), 401, "KeyRevoked")


def test_a_session_ends_however_much_it_is_used(server: Server, phone: Device) -> None:
    phone.sign_in()
    for _ in range(14):
        server.world.later(60_000)
        assert phone.get("/session").json()["role"] == "merchant"
    server.world.later(60_000)
    assert phone.get("/session").json()["role"] == "public"


def test_nobody_fixes_a_session_beforehand(server: Server, phone: Device) -> None:
    """The id is made when the key has been shown; one that was planted before is worth nothing afterwards."""
    attacker = server.device(server.world.k1)
    attacker.sign_in()
    planted = attacker.cookies["__Host-custody"]
    phone.cookies.set("__Host-custody", planted, domain="ledger.example", path="/")
    assert phone.sign_in()["scope"] == M2
    assert phone.cookies["__Host-custody"] != planted
    assert attacker.get("/session").json()["role"] == "public"
    signed_in = phone.cookies["__Host-custody"]
    phone.cookies.clear()
    phone.cookies.set(
        "custody", signed_in, domain="ledger.example", path="/"
    )  # any page could plant this name
    assert phone.get("/session").json()["role"] == "public"


def test_the_server_keeps_no_id_of_a_session(server: Server, phone: Device) -> None:
    phone.sign_in()
    (token,) = dict(phone.cookies).values()
    assert token not in repr(vars(server.gate.sessions))


def test_a_restart_ends_sessions_and_challenges(server: Server, phone: Device) -> None:
    phone.sign_in()
    answer = phone.answer(phone.challenge())
    server.restart()
    assert phone.get("/session").json()["role"] == "public"
    refused(phone.post("/session", answer), 401, "ChallengeRefused")


# ---------------------------------------------------------------------- other sites, other forms


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"}, {"origin": "http://ledger.example:8443"},
    {"origin": "https://ledger.example"},
])  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/session/challenge"), ("POST", "/session"), ("DELETE", "/session"),
    ("POST", "/enrolment/invitations"), ("POST", "/enrolment"), ("DELETE", "/enrolment/invitations/ABCDEF"),
])  # fmt: skip
def test_other_sites_post_nothing(phone: Device, headers: dict[str, str], method: str, path: str) -> None:
    refused(phone.send(method, path, json={}, headers=headers), 403, "CrossSite")


def test_the_page_of_this_site_posts(phone: Device) -> None:
    headers = {"origin": phone.base, "sec-fetch-site": "same-origin"}
    assert phone.post("/session", phone.answer(phone.challenge()), headers=headers).status_code == 200


def test_behind_a_proxy_that_speaks_tls_the_page_posts(server: Server) -> None:
    """The server itself is asked in the open then; what counts is what the reader has in the address bar."""
    phone = server.device(server.world.k2, base="http://ledger.example")
    headers = {"origin": "https://ledger.example", "sec-fetch-site": "same-origin"}
    answer = phone.post("/session", phone.answer(phone.challenge()), headers=headers)
    assert answer.headers["set-cookie"].startswith("__Host-custody=")


def test_a_form_is_no_answer(phone: Device) -> None:
    answer = phone.answer(phone.challenge())
    refused(phone.send("POST", "/session", data=answer), 415, "WrongType")
    assert phone.post("/session", answer | {"role": "operator"}).status_code == 422
    assert phone.post("/session", answer | {"keyid": "x"}).status_code == 422


def test_the_reader_reads_refusals_in_its_language(phone: Device) -> None:
    asked = Challenge("x", 0)
    zh = phone.post("/session", phone.answer(asked)).json()
    en = phone.post("/session", phone.answer(asked), headers={"accept-language": "en"}).json()
    assert zh["title"] == "身份验证未通过"
    assert en["title"] == "Sign-in refused"
    assert "new challenge" in en["detail"]


# ---------------------------------------------------------------------- too much of everything


def test_too_many_tries_wait(server: Server) -> None:
    tired = server.device(address="198.51.100.7")
    answers = [tired.post("/session/challenge") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    refused(answers[-1], 429, "TooMany")
    assert answers[-1].headers["retry-after"] == "1"
    assert server.device(address="198.51.100.8").post("/session/challenge").status_code == 200
    server.world.later(1_000)
    assert tired.post("/session/challenge").status_code == 200


def test_limits_stay_in_bounds() -> None:
    limiter = Limiter(every_ms=1_000, burst=2, most=100, clock=lambda: 0)
    for number in range(1_000):
        limiter.take(str(number))
    assert len(limiter) == 100
    limiter.take("999")
    with pytest.raises(TooMany):
        limiter.take("999")


def test_a_clock_that_is_set_back_shuts_nobody_out() -> None:
    now = [86_400_000]
    limiter = Limiter(every_ms=1_000, burst=2, clock=lambda: now[0])
    limiter.take("shop")
    now[0] = 0
    with pytest.raises(TooMany):
        for _ in range(3):
            limiter.take("shop")
    now[0] = 3_000
    limiter.take("shop")


def test_sessions_stay_in_bounds() -> None:
    now = [0]
    sessions = Sessions(clock=lambda: now[0], most=100)
    kept, _ = sessions.begin("quiet")
    tokens = [sessions.begin("loud")[0] for _ in range(200)]
    assert len(sessions) == 1 + PER_KEY
    assert sessions.find(kept) is not None  # one key drives out nobody but itself
    assert sessions.find(tokens[0]) is None
    assert sessions.find(tokens[-1]) is not None
    for number in range(200):
        sessions.begin(f"key {number}")
    assert len(sessions) == 100
    now[0] = LIFE_MS
    sessions.begin("late")
    assert len(sessions) == 1


def test_challenges_stay_in_bounds() -> None:
    now = [0]
    challenges = Challenges(bytes(32), ledger=ORIGIN, clock=lambda: now[0], randomness=bytes, most_spent=2)

    def another() -> Challenge:
        now[0] += 1
        return challenges.issue("h")

    for _ in range(2):
        challenges.spend(another())
    with pytest.raises(Busy):
        challenges.spend(another())
    now[0] += 120_000
    last = another()
    challenges.spend(last)
    with pytest.raises(ChallengeRefused):
        challenges.spend(last)
