"""Supervisors grant and revoke keys of merchants and devices in their grid, and no other key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.custody.batch import Receipt
from ledger.errors import Conflict, NotAuthorised
from ledger.log import PrivateKey
from tests.custody.world import M1, M2, M3, World, key

NOBODY = "91410104MACU0004X0"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`second` is supervisor of east/1, where M1 and M2 are; `officer` of everything."""
    return World(tmp_path / "ledger")


def grant(new: PrivateKey, role: str, scope: str, holder: str | None = None) -> dict[str, Any]:
    return {"public_key": new.public.text, "role": role, "scope": scope, "holder": holder}


def revoke(old: PrivateKey, **more: Any) -> dict[str, Any]:
    return {"keyid": old.public.keyid, "reason": "手机遗失", **more}


@pytest.mark.parametrize("role", ["merchant", "device"])
def test_a_supervisor_grants_and_revokes_in_its_grid(world: World, role: str) -> None:
    phone = key("phone", "p256")
    assert isinstance(world.state([world.second], "key.granted", None, grant(phone, role, M2)), Receipt)
    facts = world.ledger.facts()
    found = facts.grant(phone.public.keyid, world.size)
    assert found is not None
    assert (found.role, found.scope) == (role, M2)
    assert isinstance(world.state([world.second], "key.revoked", None, revoke(phone)), Receipt)
    again = world.state([world.second], "key.granted", None, grant(phone, role, M2))
    assert isinstance(again, Conflict)


def test_what_was_handed_out_speaks_for_that_merchant_alone(world: World) -> None:
    phone = key("phone", "p256")
    world.must(world.state([world.second], "key.granted", None, grant(phone, "merchant", M1)))
    world.keys[M1] = phone
    world.receive("B1")
    world.keys[M2] = phone
    body = {"title": "承诺书", "version": "1", "text_sha256": "0" * 64}
    assert isinstance(world.say(M2, "commitment.signed", body), NotAuthorised)
    assert isinstance(world.say(M1, "commitment.signed", body), Receipt)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("merchant", M3),  # another grid
        ("device", M3),
        ("merchant", NOBODY),  # nobody has enrolled it
        ("supervisor", "east/1"),
        ("supervisor", "east/1/01"),
        ("office", "east/1"),
        ("office", M1),  # a scope is plain text: an office may be called like a merchant
        ("supervisor", M1),
        ("auditor", "*"),
        ("operator", "*"),
    ],
)
def test_a_supervisor_grants_nothing_else(world: World, role: str, scope: str) -> None:
    size = world.size
    assert isinstance(
        world.state([world.second], "key.granted", None, grant(key("new"), role, scope)), NotAuthorised
    )
    if scope != M3:  # nor does one of everything, whose grid covers M3
        answer = world.state([world.officer], "key.granted", None, grant(key("new"), role, scope))
        assert isinstance(answer, NotAuthorised)
    assert world.size == size
    assert isinstance(
        world.state([world.operator], "key.granted", None, grant(key("new"), role, scope)), Receipt
    )


@pytest.mark.parametrize("whose", ["operator", "officer", "k3"])
def test_a_supervisor_revokes_nothing_else(world: World, whose: str) -> None:
    old = getattr(world, whose)
    second = key("second operator")
    world.grant(second, "operator", "*")
    assert isinstance(world.state([world.second], "key.revoked", None, revoke(old)), NotAuthorised)
    assert isinstance(world.state([second], "key.revoked", None, revoke(old)), Receipt)


def test_a_supervisor_learns_nothing_of_keys_that_never_were(world: World) -> None:
    assert isinstance(world.state([world.second], "key.revoked", None, revoke(key("x"))), NotAuthorised)


def test_a_supervisor_cannot_give_its_own_key_another_role(world: World) -> None:
    answer = world.state([world.second], "key.granted", None, grant(world.second, "merchant", M1))
    assert isinstance(answer, Conflict)


@pytest.mark.parametrize("who", ["k1", "probe"])
def test_merchants_and_devices_grant_nothing(world: World, who: str) -> None:
    signer = getattr(world, who)
    for kind, body in (
        ("key.granted", grant(key("new"), "device", M1)),
        ("key.revoked", revoke(world.probe if who == "k1" else world.k1)),
    ):
        assert isinstance(world.state([signer], kind, None, body), NotAuthorised)


def test_a_merchant_that_moved_is_its_new_supervisors_affair(world: World) -> None:
    world.enroll(M1, "west/2")
    assert isinstance(world.state([world.second], "key.revoked", None, revoke(world.k1)), NotAuthorised)
    assert isinstance(world.state([world.officer], "key.revoked", None, revoke(world.k1)), Receipt)


def test_a_revoked_supervisor_hands_nothing_out(world: World) -> None:
    world.must(world.state([world.operator], "key.revoked", None, revoke(world.second)))
    answer = world.state([world.second], "key.granted", None, grant(key("new"), "merchant", M1))
    assert isinstance(answer, NotAuthorised)


def test_a_key_granted_in_the_same_commit_is_judged_there(world: World) -> None:
    """Enrolled, granted and used in one batch, each by whom it has to be."""
    new = key("new shop")
    enrolment = {
        "name": "新店", "address": "东街 2 号", "grid": "east/1/03", "place_kind": "shop",
        "goods_classes": ["non_cold_chain"],
    }  # fmt: skip
    early = world.envelope([world.second], "key.granted", None, grant(key("early"), "merchant", NOBODY))
    answers = world.ledger.append(
        [
            early,
            world.envelope([world.second], "merchant.enrolled", NOBODY, enrolment),
            world.envelope([world.second], "key.granted", None, grant(new, "merchant", NOBODY)),
        ]
    )
    assert [isinstance(answer, Receipt) for answer in answers] == [False, True, True]
    assert isinstance(answers[0], NotAuthorised)
    assert "not enrolled" in answers[0].message
