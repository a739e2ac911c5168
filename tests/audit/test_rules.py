"""What signed statements may say where they stand: the rules of admission, asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.log import PrivateKey, Seen
from ledger.log.statement import Envelope
from tests.audit.memory import VKEY, Chained, Json, Said, altered, chain, detail, forge, found, key
from tests.audit.sample import HOUR, M1, M2, M3, World, check, kg, line, make_sample, set_up, trade


def grown(*added: Callable[[World], Envelope]) -> tuple[Chained, int]:
    """A small good ledger with statements at its end that admission would have refused; and the first one's index."""
    world = World()
    set_up(world)
    trade(world, "A")
    first = world.size
    said = list(world.chainer.made.said)
    for make in added:
        world.now += 1000
        said.append(Said(make(world), world.now))
    return chain(said, [*world.chainer.made.commits, len(said)], blobs=world.chainer.made.blobs), first


def report_of(*added: Callable[[World], Envelope]) -> tuple[Report, int]:
    made, first = grown(*added)
    return verify(made.source(), vkey=VKEY), first


def signed(
    kind: str, merchant: str | None, body: Json, keys: Sequence[str] = ("m1",), **more: Any
) -> Callable[[World], Envelope]:
    return lambda world: world.sign(kind, merchant, body, [_key(name) for name in keys], **more)


def _key(name: str) -> PrivateKey:
    return key(name, "p256" if name in ("m2", "second") else "ed25519")


def sold(batch: str, value: str) -> Json:
    return {"buyer": {"type": "consumers"}, "lines": [line(batch, value)]}


DONE: Json = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}
KEY_TEXT = key("somebody new").public.text
LOW_ORDER = "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

BROKEN: dict[str, tuple[str, Callable[[World], Envelope]]] = {
    "more sold than held": ("custody", signed("goods.sold", M1, sold("A-1", "1000"))),
    "sold what another holds": ("custody", signed("goods.sold", M3, sold("A-1-b", "1"), ["m3"])),
    "an unknown batch": ("custody", signed("goods.sold", M1, sold("NONE", "1"))),
    "a batch twice": (
        "custody",
        signed(
            "goods.received",
            M1,
            {"lines": [{"batch": "A-1", "goods_class": "cold_chain", "name": "鱼", "quantity": kg("1")}]},
        ),
    ),
    "handed over more than held": (
        "custody",
        signed("goods.handed_over", M1, {"to": M2, "lines": [line("A-1", "99")]}),
    ),
    "disposed of more than held": (
        "custody",
        signed(
            "goods.disposed",
            M2,
            {"manner": "destroyed", "reason": "坏", "lines": [line("A-1", "99")]},
            ["m2"],
        ),
    ),
    "for another ledger": (
        "custody",
        signed("disinfection.logged", M1, DONE, ledger="custody.example/other"),
    ),
    "in the future": (
        "custody",
        lambda world: signed("disinfection.logged", M1, DONE, occurred_ms=world.now + HOUR)(world),
    ),
    "long ago": ("custody", signed("disinfection.logged", M1, DONE, occurred_ms=0)),
    "a merchant not enrolled": ("custody", signed("disinfection.logged", "91410104MACU0004X0", DONE)),
    "an unknown statement corrected": (
        "custody",
        signed(
            "statement.corrected",
            M1,
            {
                "statement": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55",
                "reason": "wrong_data",
                "explanation": "错",
            },
        ),
    ),
    "a key that signs for another merchant": ("authority", signed("disinfection.logged", M1, DONE, ["m3"])),
    "one of two keys not entitled": ("authority", signed("disinfection.logged", M1, DONE, ["m1", "m3"])),
    "a device that sells": ("authority", signed("goods.sold", M1, sold("A-1", "1"), ["probe"])),
    "a merchant that grants keys": (
        "authority",
        signed("key.granted", None, {"public_key": KEY_TEXT, "role": "operator", "scope": "*"}),
    ),
    "a key that grants itself": (
        "authority",
        signed(
            "key.granted", None, {"public_key": KEY_TEXT, "role": "operator", "scope": "*"}, ["somebody new"]
        ),
    ),
    "a key of low order": (
        "authority",
        signed("key.granted", None, {"public_key": LOW_ORDER, "role": "auditor", "scope": "*"}, ["operator"]),
    ),
    "a checkpoint of another history": (
        "seen",
        signed("disinfection.logged", M1, DONE, seen=Seen("ab" * 32, 5)),
    ),
    "a checkpoint of the future": (
        "seen",
        signed("disinfection.logged", M1, DONE, seen=Seen("ab" * 32, 10**6)),
    ),
    "a merchant where there must be none": (
        "schema",
        signed("key.granted", M1, {"public_key": KEY_TEXT, "role": "auditor", "scope": "*"}, ["operator"]),
    ),
    "no merchant where there must be one": ("schema", signed("disinfection.logged", None, DONE)),
    "a body with an unknown field": ("schema", signed("disinfection.logged", M1, DONE | {"colour": "red"})),
    "a body without a field": ("schema", signed("disinfection.logged", M1, {"target": "shelf"})),
    "a second opening": (
        "custody",
        signed(
            "ledger.opened",
            None,
            {"title": "二", "jurisdiction": "CN", "operator_key": KEY_TEXT, "log_key": KEY_TEXT},
            ["operator"],
        ),
    ),
}

NOT_THE_SIGNERS = {"a merchant not enrolled", "no merchant where there must be one"}
"""Where the signers speak for another merchant than the statement names."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_broken_by_an_entry_with_good_hashes_and_signatures(name: str) -> None:
    rule, make = BROKEN[name]
    report, index = report_of(make)
    places = found(report)
    assert index in places[rule], report.faults
    assert set(places) <= {rule, *(("authority",) if name in NOT_THE_SIGNERS else ())}


def test_what_comes_after_a_broken_rule_is_still_checked() -> None:
    report, index = report_of(
        BROKEN["more sold than held"][1],
        signed("disinfection.logged", M1, DONE),
        BROKEN["a key that signs for another merchant"][1],
        BROKEN["a body without a field"][1],
    )
    assert found(report) == {"custody": [index], "authority": [index + 2], "schema": [index + 3]}


def test_one_broken_rule_does_not_hide_another() -> None:
    """Wrong key, wrong pin, wrong time and an overdraft, all in one statement."""
    report, index = report_of(
        lambda world: world.sign(
            "goods.sold",
            M1,
            sold("A-1", "1000"),
            [_key("m3")],
            seen=Seen("ab" * 32, 3),
            occurred_ms=world.now + HOUR,
        )
    )
    assert found(report) == {"authority": [index], "seen": [index], "custody": [index, index]}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one dropped", lambda findings: findings.pop()),
        ("all dropped", lambda findings: findings.clear()),
        ("one made up", lambda findings: findings.append(findings[0] | {"subject": "Z"})),
        ("one made another", lambda findings: findings[0].update(subject="Z")),
    ],
)
def test_findings_are_computed_again(name: str, change: Callable[[list[Json]], None]) -> None:
    made = make_sample()
    index = made.find("inspection.recorded", -1)

    def drop(parsed: Json) -> None:
        parsed["body"]["waivers"] = []
        change(parsed["body"]["findings"])

    officers = [key("second", "p256")]
    forged = forge(made, {index: altered(made.said[index].envelope, drop, officers)})
    report = verify(forged.source(), vkey=VKEY)
    assert found(report) == {"inspection": [index]}, name


def test_a_check_without_a_pin() -> None:
    made = make_sample()
    index = made.find("inspection.recorded", -1)
    forged = forge(made, {index: altered(made.said[index].envelope, _unpinned, [key("second", "p256")])})
    assert found(verify(forged.source(), vkey=VKEY)) == {"inspection": [index]}


def _unpinned(parsed: Json) -> None:
    parsed["seen"] = None


def test_a_ledger_that_does_not_begin_with_its_opening() -> None:
    """Nobody is entitled to anything in it, and every entry says so."""
    made = make_sample()
    source = made.source(bundle=True)
    del source.data[0]
    source.notes = made.notes[-2:-1]
    report = verify(source, vkey=VKEY)
    places = found(report)
    assert places["authority"][0] == 0
    assert "a ledger begins with ledger.opened" in next(
        f.detail for f in report.faults if f.check == "authority"
    )


def test_the_opening_is_signed_by_the_key_it_names() -> None:
    made = make_sample()
    forged = forge(made, {0: altered(made.said[0].envelope, lambda _: None, [key("somebody else")])})
    assert 0 in found(verify(forged.source(), vkey=VKEY))["statement_signature"]


def test_a_broken_opening_does_not_stop_anything() -> None:
    source = make_sample().source()
    source.data[0] = b"{}"
    places = found(verify(source))
    assert places["encoding"] == [0]
    assert places["chain"] == [1]


def test_a_check_needs_rules_that_hold_whatever_was_tampered_with() -> None:
    """Checks go on when the statements that they rest on are gone."""
    world = World()
    set_up(world)
    trade(world, "A")
    check(world, "A")
    made = world.chainer.made
    for index in range(1, len(made.data)):
        source = made.source()
        source.data[index] = source.data[index].replace(b'"body":{', b'"body":{"x":', 1)
        report = verify(source, signatures=False)
        assert index in found(report)["encoding"]


def test_a_kind_that_only_a_newer_program_knows() -> None:
    """Not called tampering: everything but its meaning is checked, and the verdict says what is missing."""
    report, _ = report_of(signed("weather.observed", M1, {}))
    assert (report.verdict, report.faults) == ("incomplete", ())
    assert "1 weather.observed" in detail(report, "schema")


@pytest.mark.parametrize("kind", ["commitment.signed", "disinfection.logged"])
def test_an_entry_of_nobody_for_another_ledger(kind: str) -> None:
    """Two rules broken at once: the one that the others rely on comes first."""
    body = {"title": "承诺书", "version": "1"} if kind == "commitment.signed" else DONE
    report, index = report_of(signed(kind, None, body, ledger="other.example/x"))
    assert found(report)["schema"] == [index]
