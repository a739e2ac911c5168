"""What comes in and what is refused at the door: ledger, time, `seen`, ids, signatures, authority."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import log
from ledger.custody.batch import Receipt
from ledger.errors import (
    BodyInvalid,
    Conflict,
    CustodyRefused,
    KeyInvalid,
    LedgerError,
    NotAuthorised,
    SeenMismatch,
    SignatureInvalid,
    TimeRefused,
    UnknownReference,
    WrongLedger,
)
from ledger.log import Envelope, Seen
from tests.custody.world import HOUR, M1, M2, M3, World, key, kg, receipt, ruleset

CLEANED = {
    "target": "premises",
    "place": "一号库",
    "agent": "含氯消毒液",
    "concentration": "500 mg/L",
    "method": "喷洒",
    "contact_minutes": 30,
}


def test_a_receipt_says_where_the_entry_stands_and_the_entry_says_what_was_signed(world: World) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    (answer,) = world.ledger.append([envelope])
    assert isinstance(answer, Receipt)
    entry = world.ledger.entry(answer.index)
    assert log.entry.statement_bytes(entry.data) == envelope.payload
    assert entry.leaf_hash.hex() == answer.leaf_hash
    assert answer.size == world.size == answer.index + 1
    previous = world.ledger.entry(answer.index - 1)
    assert entry.prev == previous.leaf_hash.hex()


def test_each_merchant_has_its_own_chain(world: World) -> None:
    for merchant in (M1, M2, M1, M3, M1):
        world.must(world.say(merchant, "disinfection.logged", CLEANED))
    for merchant in (M1, M2, M3):
        chain = [entry for entry in world.entries() if entry.statement.merchant == merchant]
        assert [entry.merchant_seq for entry in chain] == list(range(len(chain)))
        links = [None, *(entry.leaf_hash.hex() for entry in chain)]
        assert [entry.merchant_prev for entry in chain] == links[:-1]


def test_the_same_statement_again_gets_its_first_receipt(world: World) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    (first,) = world.ledger.append([envelope])
    world.later(HOUR)
    size = world.size
    (second,) = world.ledger.append([envelope])
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert second._replace(again=False) == first
    assert second.again
    assert world.size == size


def test_the_same_statement_twice_in_one_batch_is_one_entry(world: World) -> None:
    envelope = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    size = world.size
    one, two = world.ledger.append([envelope, envelope])
    assert isinstance(one, Receipt)
    assert isinstance(two, Receipt)
    assert (one.index, one.size, two.again) == (two.index, two.size, True)
    assert world.size == size + 1


def test_another_statement_under_a_used_id_is_a_conflict(world: World) -> None:
    first = world.must(world.say(M1, "disinfection.logged", CLEANED))
    answer = world.say(M1, "disinfection.logged", {**CLEANED, "contact_minutes": 5}, id=first.id)
    assert isinstance(answer, Conflict)
    assert str(first.index) in answer.message


def test_a_refused_statement_does_not_stop_the_others(world: World) -> None:
    good = [world.envelope([world.k1], "disinfection.logged", M1, CLEANED) for _ in range(3)]
    bad = world.envelope([world.k2], "disinfection.logged", M1, CLEANED)
    answers = world.ledger.append([good[0], bad, *good[1:]])
    assert [isinstance(answer, Receipt) for answer in answers] == [True, False, True, True]
    indexes = [answer.index for answer in answers if isinstance(answer, Receipt)]
    assert indexes == [indexes[0], indexes[0] + 1, indexes[0] + 2]


def test_a_batch_of_refusals_writes_nothing(world: World) -> None:
    before = world.ledger.store.head()
    world.ledger.append([world.envelope([world.k2], "disinfection.logged", M1, CLEANED)])
    assert world.ledger.store.head() == before


def test_a_statement_for_another_ledger(world: World) -> None:
    answer = world.say(M1, "disinfection.logged", CLEANED, ledger="custody.example/other")
    assert isinstance(answer, WrongLedger)
    assert answer.field == "ledger"


@pytest.mark.parametrize(("offset", "error"), [(4 * 60_000, None), (6 * 60_000, TimeRefused)])
def test_the_future(world: World, offset: int, error: type[LedgerError] | None) -> None:
    answer = world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(offset))
    assert isinstance(answer, error or Receipt)


@pytest.mark.parametrize(
    ("when", "error"), [("2000-01-01T00:00:00+08:00", None), ("1999-12-31T23:59:59+08:00", TimeRefused)]
)
def test_the_far_past(world: World, when: str, error: type[LedgerError] | None) -> None:
    assert isinstance(world.say(M1, "disinfection.logged", CLEANED, occurred_at=when), error or Receipt)


def test_recorded_at_never_runs_backwards(world: World) -> None:
    first = world.must(world.say(M1, "disinfection.logged", CLEANED))
    when = world.time()
    world.later(-3 * HOUR)
    second = world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=when))
    assert second.recorded_at == first.recorded_at


def test_seen_must_be_of_this_history(world: World) -> None:
    head = world.ledger.store.head()
    past = Seen(world.ledger.tree(head.size).root_at(5).hex(), 5)
    assert isinstance(world.say(M1, "disinfection.logged", CLEANED, seen=past), Receipt)
    other = Seen("ab" * 32, 5)
    answer = world.say(M1, "disinfection.logged", CLEANED, seen=other)
    assert isinstance(answer, SeenMismatch)
    assert answer.field == "seen.root"
    ahead = Seen(head.root.hex(), world.size + 1)
    answer = world.say(M1, "disinfection.logged", CLEANED, seen=ahead)
    assert isinstance(answer, SeenMismatch)
    assert answer.field == "seen.size"


def test_a_signature_over_other_bytes(world: World) -> None:
    one = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    two = world.envelope([world.k1], "disinfection.logged", M1, {**CLEANED, "contact_minutes": 31})
    (answer,) = world.ledger.append([Envelope(one.payload, two.signatures)])
    assert isinstance(answer, SignatureInvalid)


def test_one_bad_signature_of_two(world: World) -> None:
    both = world.envelope([world.officer, world.second], "merchant.enrolled", M1, _enrolment("east/1/01"))
    (fine,) = world.ledger.append([both])
    assert isinstance(fine, Receipt)
    again = world.envelope([world.officer, world.second], "merchant.enrolled", M1, _enrolment("east/1/02"))
    broken = tuple(
        sig._replace(sig=both.signatures[place].sig) if place == 1 else sig
        for place, sig in enumerate(again.signatures)
    )
    (answer,) = world.ledger.append([Envelope(again.payload, broken)])
    assert isinstance(answer, SignatureInvalid)


def test_a_key_nobody_granted(world: World) -> None:
    answer = world.state([key("stranger")], "disinfection.logged", M1, CLEANED)
    assert isinstance(answer, NotAuthorised)


def test_a_key_granted_in_the_same_batch_may_speak(world: World) -> None:
    new = key("new phone")
    body = {"public_key": new.public.text, "role": "merchant", "scope": M1}
    grant = world.envelope([world.operator], "key.granted", None, body)
    said = world.envelope([new], "disinfection.logged", M1, CLEANED)
    assert all(isinstance(answer, Receipt) for answer in world.ledger.append([grant, said]))
    assert isinstance(world.ledger.append([said])[0], Receipt)


def test_before_its_grant_a_key_may_not_speak_even_in_the_same_batch(world: World) -> None:
    new = key("new phone")
    body = {"public_key": new.public.text, "role": "merchant", "scope": M1}
    grant = world.envelope([world.operator], "key.granted", None, body)
    said = world.envelope([new], "disinfection.logged", M1, CLEANED)
    answers = world.ledger.append([said, grant])
    assert isinstance(answers[0], NotAuthorised)
    assert isinstance(answers[1], Receipt)


@pytest.mark.parametrize(
    ("who", "kind", "merchant"),
    [
        ("k2", "disinfection.logged", M1),
        ("officer", "disinfection.logged", M1),
        ("operator", "goods.received", M1),
        ("probe", "disinfection.logged", M1),
        ("k1", "merchant.enrolled", M1),
        ("second", "merchant.enrolled", M3),
    ],
)
def test_out_of_role_or_scope(world: World, who: str, kind: str, merchant: str) -> None:
    body = {
        "disinfection.logged": CLEANED,
        "goods.received": receipt("B"),
        "merchant.enrolled": _enrolment("east/1/01"),
    }[kind]
    answer = world.state([getattr(world, who)], kind, merchant, body)
    assert isinstance(answer, NotAuthorised)


def test_a_supervisor_cannot_take_a_merchant_from_another_grid(world: World) -> None:
    assert isinstance(
        world.state([world.second], "merchant.enrolled", M3, _enrolment("east/1/09")), NotAuthorised
    )
    assert isinstance(world.state([world.second], "merchant.enrolled", M1, _enrolment("east/1/09")), Receipt)


def test_revoked_keys_are_refused_from_then_on(world: World) -> None:
    world.must(world.say(M1, "disinfection.logged", CLEANED))
    revoke = {"keyid": world.k1.public.keyid, "reason": "手机丢失", "compromised_from": 3}
    world.must(world.state([world.operator], "key.revoked", None, revoke))
    answer = world.say(M1, "disinfection.logged", CLEANED)
    assert isinstance(answer, NotAuthorised)
    assert "revoked" in answer.message
    assert isinstance(world.state([world.operator], "key.revoked", None, revoke), Conflict)


def test_revoking_has_limits(world: World) -> None:
    own = {"keyid": world.operator.public.keyid, "reason": "x"}
    assert isinstance(world.state([world.operator], "key.revoked", None, own), CustodyRefused)
    unknown = {"keyid": "ab" * 32, "reason": "x"}
    assert isinstance(world.state([world.operator], "key.revoked", None, unknown), UnknownReference)
    ahead = {"keyid": world.k1.public.keyid, "reason": "x", "compromised_from": world.size + 5}
    assert isinstance(world.state([world.operator], "key.revoked", None, ahead), CustodyRefused)


def test_grants_have_limits(world: World) -> None:
    again = {"public_key": world.k1.public.text, "role": "merchant", "scope": M2}
    assert isinstance(world.state([world.operator], "key.granted", None, again), Conflict)
    for role, scope in (("merchant", "*"), ("device", "east/1")):
        body = {"public_key": key(f"{role} {scope}").public.text, "role": role, "scope": scope}
        with pytest.raises(BodyInvalid, match=r"body\.scope"):
            world.envelope([world.operator], "key.granted", None, body)
    for role, scope in (("operator", "east/1"), ("auditor", M1)):
        body = {"public_key": key(f"{role} {scope}").public.text, "role": role, "scope": scope}
        assert isinstance(world.state([world.operator], "key.granted", None, body), CustodyRefused)
    low_order = "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    body = {"public_key": low_order, "role": "auditor", "scope": "*"}
    answer = world.state([world.operator], "key.granted", None, body)
    assert isinstance(answer, KeyInvalid)
    assert answer.field == "body.public_key"


def test_an_unknown_merchant(world: World) -> None:
    stranger = "91410104MACU0009X1"
    phone = key("stranger's phone")
    world.grant(phone, "merchant", stranger)
    assert isinstance(world.state([phone], "disinfection.logged", stranger, CLEANED), UnknownReference)


def test_a_merchant_where_none_belongs_and_none_where_one_belongs(world: World) -> None:
    assert isinstance(world.state([world.operator], "ruleset.published", M1, ruleset("x")), BodyInvalid)
    assert isinstance(world.state([world.k1], "disinfection.logged", None, CLEANED), BodyInvalid)


def test_a_merchant_code_of_the_wrong_shape(world: World) -> None:
    assert isinstance(
        world.state([world.officer], "merchant.enrolled", "shop-1", _enrolment("a")), CustodyRefused
    )


def test_the_ledger_is_opened_once(world: World) -> None:
    body = {
        "title": "again",
        "jurisdiction": "CN-HA",
        "operator_key": key("x").public.text,
        "log_key": key("y").public.text,
    }
    assert isinstance(world.state([world.operator], "ledger.opened", None, body), Conflict)


def test_rule_sets_are_published_once_and_replace_what_exists(world: World) -> None:
    assert isinstance(world.state([world.operator], "ruleset.published", None, ruleset()), Conflict)
    long = ruleset("r3", replaces="r-dry", briefing={"title": "明" * 150, "version": "卡" * 50})
    answer = world.state([world.operator], "ruleset.published", None, long)
    assert isinstance(answer, CustodyRefused)
    assert answer.field == "body.briefing.title"
    missing = ruleset("r2", replaces="none-such")
    assert isinstance(world.state([world.operator], "ruleset.published", None, missing), UnknownReference)
    assert isinstance(
        world.state([world.operator], "ruleset.published", None, ruleset("r2", replaces="r-dry")), Receipt
    )


def test_a_body_with_several_faults_names_them_all(world: World) -> None:
    body = {
        **receipt("B1"),
        "lines": [{"batch": "B 1", "goods_class": "warm", "name": "x", "quantity": kg("1e3")}],
    }
    author = world.envelope([world.k1], "disinfection.logged", M1, CLEANED)
    statement = log.statement.parse_statement(author.payload)
    payload = log.statement.build_statement(
        body=body,
        id=statement.id,
        kind="goods.received",
        ledger=statement.ledger,
        merchant=M1,
        occurred_at=statement.occurred_at,
        seen=None,
    )
    (answer,) = world.ledger.append([log.statement.sign(payload, [world.k1])])
    assert isinstance(answer, BodyInvalid)
    for field in ("body.lines[0].batch", "body.lines[0].goods_class", "body.lines[0].quantity.value"):
        assert field in answer.message


def test_threads_take_turns(world: World) -> None:
    envelopes = [world.envelope([world.k1], "disinfection.logged", M1, CLEANED) for _ in range(40)]
    with ThreadPoolExecutor(8) as threads:
        answers = [
            answer for part in threads.map(lambda e: world.ledger.append([e]), envelopes) for answer in part
        ]
    indexes = sorted(answer.index for answer in answers if isinstance(answer, Receipt))
    assert indexes == list(range(indexes[0], indexes[0] + 40))


def _enrolment(grid: str) -> dict[str, object]:
    return {
        "name": "商户",
        "address": "二里岗街 1 号",
        "grid": grid,
        "place_kind": "shop",
        "goods_classes": ["non_cold_chain"],
        "zones": [],
        "staff_count": 1,
    }
