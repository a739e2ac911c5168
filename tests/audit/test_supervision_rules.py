"""Supervision forced into the database with good hashes and signatures: each broken rule is found at its entry."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.audit.verify import verify
from ledger.log import PrivateKey
from tests.audit.forgeries import (
    AGAIN,
    NOWHERE,
    WEST,
    Forged,
    _entries,
    card,
    decision,
    drawn_early,
    drawn_though_voided,
    drawn_twice,
    draws,
    first,
    forged,
    is_check,
    last,
    notice,
    order,
    piled_up,
    sale,
    street,
    told,
    unpinned,
    voids,
    waived,
)
from tests.audit.memory import VKEY, Json, Said, chain, found, key
from tests.audit.sample import M1, M2, M3, kg, line
from tests.audit.supervision import (
    HOUR,
    MARKET,
    SECRET,
    STREET,
    VOIDED_WEEK,
    announcement,
    finding_of,
    voiding,
)


def granted(role: str, scope: str) -> Json:
    return {"public_key": key("straw man").public.text, "role": role, "scope": scope}


def revoked(who: PrivateKey) -> Json:
    return {"keyid": who.public.keyid, "reason": "遗失"}


BROKEN: dict[str, tuple[str, Forged]] = {
    "a supervisor that grants an operator": (
        "authority",
        forged("key.granted", None, lambda _: granted("operator", "*")),
    ),
    "a supervisor that grants a supervisor": (
        "authority",
        forged("key.granted", None, lambda _: granted("supervisor", "west"), WEST),
    ),
    "a supervisor that grants an office": (
        "authority",
        forged("key.granted", None, lambda _: granted("office", "west")),
    ),
    "a supervisor that grants a merchant elsewhere": (
        "authority",
        forged("key.granted", None, lambda _: granted("merchant", M1), WEST),
    ),
    "a supervisor that grants a merchant nobody enrolled": (
        "authority",
        forged("key.granted", None, lambda _: granted("merchant", "91410104MACU0004X0")),
    ),
    "a supervisor that revokes an operator": (
        "authority",
        forged("key.revoked", None, lambda s: revoked(s.world.operator)),
    ),
    "a supervisor that revokes another": (
        "authority",
        forged("key.revoked", None, lambda _: revoked(AGAIN)),
    ),
    "a supervisor that revokes a merchant elsewhere": (
        "authority",
        forged("key.revoked", None, lambda s: revoked(s.world.keys[M1]), WEST),
    ),
    "a merchant that grants a device": (
        "authority",
        forged("key.granted", None, lambda _: granted("device", M1), key("m1")),
    ),
    "a duty for nobody": (
        "custody",
        forged("duty.assigned", None, lambda _: {"merchants": ["91410104MACU0004X0"], "unit": STREET}),
    ),
    "a duty of somebody without a key": (
        "custody",
        forged("duty.assigned", None, lambda _: {"grid": "*", "supervisor": "officer-9"}),
    ),
    "a duty assigned out of scope": (
        "authority",
        forged("duty.assigned", None, lambda _: {"grid": "west", "unit": STREET}, WEST),
    ),
    "a plan announced twice": (
        "custody",
        forged("plan.announced", None, lambda s: announcement(s.world, "2026-W18") | {"grid": "east"}),
    ),
    "a plan whose seed is known": (
        "custody",
        forged(
            "plan.announced", None, lambda s: announcement(s.world, "2026-W21") | {"seed_size": s.world.size}
        ),
    ),
    "a plan of a week that is over": (
        "custody",
        forged("plan.announced", None, lambda s: announcement(s.world, "2026-W10")),
    ),
    "a plan with an officer who is none": (
        "custody",
        forged(
            "plan.announced", None, lambda s: announcement(s.world, "2026-W21") | {"officers": ["officer-9"]}
        ),
    ),
    "a plan of too few days": (
        "custody",
        forged("plan.announced", None, lambda s: announcement(s.world, "2026-W21") | {"days": [1]}),
    ),
    "a plan announced by a grid's officer": (
        "authority",
        forged("plan.announced", None, lambda s: announcement(s.world, "2026-W21"), WEST),
    ),
    "a plan drawn early": ("custody", forged("plan.drawn", None, drawn_early)),
    "a plan drawn twice": ("custody", forged("plan.drawn", None, drawn_twice)),
    "a plan drawn without a pin": ("seen", unpinned),
    "a plan drawn with another secret": ("custody", forged("plan.drawn", None, draws(secret="5b" * 32))),
    "a plan drawn from another seed": ("custody", forged("plan.drawn", None, draws(seed_root="ab" * 32))),
    "a plan drawn with another result": ("custody", forged("plan.drawn", None, draws(result="ab" * 32))),
    "a plan drawn with other loads": ("custody", forged("plan.drawn", None, piled_up)),
    "a plan that was never announced": ("custody", forged("plan.drawn", None, draws(announcement=NOWHERE))),
    "a plan voided by one": (
        "authority",
        forged("plan.voided", None, lambda s: voiding(s.undrawn.statement.id)),
    ),
    "a plan voided by one with two keys": (
        "authority",
        forged("plan.voided", None, lambda s: voiding(s.undrawn.statement.id), key("officer"), AGAIN),
    ),
    "a plan voided by an officer of another grid": (
        "authority",
        forged("plan.voided", None, lambda s: voiding(s.undrawn.statement.id), key("officer"), WEST),
    ),
    "a plan voided that is drawn": ("custody", voids("plan.announced")),
    "a plan voided twice": ("custody", voids("plan.voided")),
    "a voided plan drawn": ("custody", forged("plan.drawn", None, drawn_though_voided)),
    "a plan announced again by who announced the voided one": (
        "authority",
        forged("plan.announced", None, lambda s: announcement(s.world, VOIDED_WEEK), AGAIN),
    ),
    "an order of a check that does not exist": (
        "custody",
        forged("rectification.ordered", M1, order(inspection=NOWHERE)),
    ),
    "an order of a finding that does not exist": (
        "custody",
        forged("rectification.ordered", M1, order(subject="Z")),
    ),
    "an order of a waived finding": (
        "custody",
        forged("rectification.ordered", M1, lambda s: order()(s) | waived(s)),
    ),
    "an order of another merchant's finding": ("custody", forged("rectification.ordered", M2, order())),
    "an order given twice": (
        "custody",
        forged("rectification.ordered", M1, lambda s: order()(s) | finding_of(s.checked, 1)),
    ),
    "an order whose deadline is over": (
        "custody",
        forged("rectification.ordered", M1, lambda s: order(deadline=s.world.time(-HOUR))(s)),
    ),
    "an order before its check": ("custody", forged("rectification.ordered", M1, order(), early=5 * HOUR)),
    "an order out of scope": ("authority", forged("rectification.ordered", M1, order(), WEST)),
    "a report about another's order": (
        "custody",
        forged("rectification.reported", M2, lambda s: {"order": s.order, "what": "改了"}, key("m2", "p256")),
    ),
    "a rejection of what was not reported": (
        "custody",
        forged(
            "rectification.rejected",
            M1,
            lambda s: {"order": s.order, "reason": "无", "deadline": s.world.time(HOUR)},
        ),
    ),
    "a confirmation by the check before": (
        "custody",
        forged(
            "rectification.confirmed", M1, lambda s: {"order": s.order, "inspection": s.checked.statement.id}
        ),
    ),
    "a confirmation before the order": (
        "custody",
        forged("rectification.confirmed", M1, lambda s: {"order": s.order}, early=5 * HOUR),
    ),
    "a confirmation twice": (
        "custody",
        forged("rectification.confirmed", M2, lambda s: {"order": first("rectification.ordered")(s)}),
    ),
    "a confirmation by the merchant": (
        "authority",
        forged("rectification.confirmed", M1, lambda s: {"order": s.order}, key("m1")),
    ),
    "a card that skips a step": ("custody", forged("card.issued", M1, lambda s: card(s.checked, 2))),
    "a card softened": ("custody", forged("card.issued", M3, lambda s: card(s.third, 1))),
    "a card that should close": (
        "custody",
        forged("card.issued", M3, lambda s: card(s.third, 2, closes=False)),
    ),
    "a card under rules not in force": (
        "custody",
        forged("card.issued", M1, lambda s: card(s.checked, 1, ruleset="none")),
    ),
    "a card twice for a check": (
        "custody",
        forged("card.issued", M2, lambda s: card(next(e for e in _entries(s.world) if is_check(e, M2)), 2)),
    ),
    "a card lifted twice": (
        "custody",
        forged("card.lifted", M2, lambda s: {"card": first("card.issued")(s), "reason": "改好"}),
    ),
    "a card lifted by the merchant": (
        "authority",
        forged("card.lifted", M3, lambda s: {"card": s.red, "reason": "改好"}, key("m3")),
    ),
    "goods received while closed": (
        "custody",
        forged(
            "goods.received",
            M3,
            lambda s: {
                "lines": [{"batch": "N", "goods_class": "cold_chain", "name": "鱼", "quantity": kg("1")}]
            },
            key("m3"),
        ),
    ),
    "goods sold while closed": (
        "custody",
        forged(
            "goods.sold",
            M3,
            lambda s: {"buyer": {"type": "consumers"}, "lines": [line("A-1-b", "1")]},
            key("m3"),
        ),
    ),
    "a suspension by one officer": ("authority", forged("suspension.decided", M1, decision)),
    "a suspension by one officer with two keys": (
        "authority",
        forged("suspension.decided", M1, decision, key("officer"), AGAIN),
    ),
    "a batch sealed twice": (
        "custody",
        forged("goods.sealed", M1, lambda _: {"batch": "A-1", "reason": "可疑"}),
    ),
    "a batch sealed that was never there": (
        "custody",
        forged("goods.sealed", M1, lambda _: {"batch": "NONE", "reason": "可疑"}),
    ),
    "sealed goods sold": ("custody", forged("goods.sold", M1, sale, key("m1"))),
    "sealed goods sold by another": ("custody", forged("goods.sold", M2, sale, key("m2", "p256"))),
    "sealed goods handed over": (
        "custody",
        forged("goods.handed_over", M1, lambda _: {"to": M2, "lines": [line("A-1", "1")]}, key("m1")),
    ),
    "sealed goods lost at a stock-take": (
        "custody",
        forged(
            "goods.adjusted",
            M1,
            lambda _: {"reason": "盘点", "lines": [{"batch": "A-1", "difference": kg("-1")}]},
            key("m1"),
        ),
    ),
    "a seal released twice": (
        "custody",
        forged("goods.released", M1, lambda s: {"seal": first("goods.sealed")(s), "reason": "查清"}),
    ),
    "a seal released by the merchant": (
        "authority",
        forged("goods.released", M1, lambda s: {"seal": s.seal, "reason": "查清"}, key("m1")),
    ),
    "a recall twice": (
        "custody",
        forged(
            "recall.ordered",
            M1,
            lambda s: {"batch": "A-1", "reason": "阳性", "answer_by": s.world.time(HOUR)},
        ),
    ),
    "a recall where the goods did not come in": (
        "custody",
        forged(
            "recall.ordered",
            M2,
            lambda s: {"batch": "A-1-b", "reason": "阳性", "answer_by": s.world.time(HOUR)},
        ),
    ),
    "a recall answered by one who had none": (
        "custody",
        forged(
            "recall.answered",
            M3,
            lambda s: {"recall": last("recall.ordered")(s), "found": kg("0"), "sold": kg("0")},
            key("m3"),
        ),
    ),
    "a notice to the wrong office": ("custody", forged("notice.sent", M1, notice(office=STREET))),
    "a notice twice": ("custody", forged("notice.sent", M2, told)),
    "a notice of no finding": ("custody", forged("notice.sent", M1, notice(subject="Z"))),
    "a notice answered by the wrong office": (
        "authority",
        forged(
            "notice.acknowledged",
            M2,
            lambda s: {"notice": first("notice.sent")(s), "answer": "好"},
            key(STREET),
        ),
    ),
    "a notice answered by an officer": (
        "authority",
        forged("notice.acknowledged", M2, lambda s: {"notice": first("notice.sent")(s), "answer": "好"}),
    ),
    "a notice answered twice": (
        "custody",
        forged(
            "notice.acknowledged",
            M2,
            lambda s: {"notice": first("notice.sent")(s), "answer": "好"},
            key(MARKET),
        ),
    ),
}


def test_a_voided_plan_is_announced_again_by_another() -> None:
    again = forged("plan.announced", None, lambda s: announcement(s.world, VOIDED_WEEK), key("operator"))
    assert report_of(again)[0] == {}


def test_what_was_not_drawn_is_named() -> None:
    """No fault, and nothing that a reader of the report could overlook."""
    s = street()
    made = s.world.chainer.made
    entries = _entries(s.world)
    void = next(entry for entry in entries if entry.statement.kind == "plan.voided")
    lost = next(one for one in entries if one.statement.id == void.statement.body["announcement"])
    (custody,) = [one for one in verify(made.source(), vkey=VKEY).checks if one.name == "custody"]
    assert (
        f"plans voided: {VOIDED_WEEK} * (announced by entry {lost.index}, voided by entry {void.index} after its seed "
        "was known)"
    ) in custody.detail
    assert (
        f"plans announced and not drawn: 2026-W19 * (announced by entry {s.undrawn.index}); 2026-W20 * (announced by "
        f"entry {s.early.index})"
    ) in custody.detail


def report_of(make: Forged) -> tuple[dict[str, list[int | None]], int, tuple[Any, ...]]:
    s = street()
    made = s.world.chainer.made
    said = [*made.said, Said(make(s), s.world.now + 1000)]
    report = verify(chain(said, [*made.commits, len(said)], blobs=made.blobs).source(), vkey=VKEY)
    return found(report), len(said) - 1, report.faults


def test_nothing_is_wrong_before() -> None:
    assert verify(street().world.chainer.made.source(), vkey=VKEY).verdict == "intact"


def test_the_true_draw_is_right() -> None:
    """So that what is wrong with the others is what their names say."""
    assert report_of(forged("plan.drawn", None, draws()))[0] == {}
    assert report_of(forged("rectification.ordered", M1, order()))[0] == {}
    assert report_of(forged("notice.sent", M1, notice()))[0] == {}
    assert report_of(forged("key.granted", None, lambda _: granted("merchant", M1)))[0] == {}
    assert report_of(forged("key.revoked", None, lambda s: revoked(s.world.keys[M1])))[0] == {}
    assert SECRET != "5b" * 32


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_of_supervision(name: str) -> None:
    rule, make = BROKEN[name]
    places, index, faults = report_of(make)
    assert set(places[rule]) == {index}, faults
    assert set(places) == {rule}, faults
