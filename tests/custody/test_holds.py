"""Seals and recalls: goods that may not move, wherever they are, and everybody who has had some answering."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.ledger import Answer
from ledger.custody.supervision.holds import Recall, recall_status, standing_seal
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, TimeRefused, UnknownReference, UsageError
from tests.custody.supervised import check, officer, publish, refused, rules, supervise
from tests.custody.world import HOUR, M1, M2, M3, World, key, kg

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"


@pytest.fixture
def street(world: World) -> World:
    supervise(world).receive("B1")
    return world


def seal(world: World, batch: str = "B1", *, inspection: str | None = None, **more: Any) -> Answer:
    return officer(
        world, "goods.sealed", {"batch": batch, "reason": "来源可疑", "inspection": inspection}, **more
    )


def release(world: World, which: str, **more: Any) -> Answer:
    return officer(world, "goods.released", {"seal": which, "reason": "查清"}, **more)


def recall(world: World, batch: str = "B1", by_hours: int = 24, **more: Any) -> Answer:
    body = {"batch": batch, "reason": "核酸阳性", "answer_by": world.time(by_hours * HOUR)}
    return officer(world, "recall.ordered", body, **more)


def respond(
    world: World, to: str, found: str = "10", sold: str = "0", merchant: str = M1, **more: Any
) -> Answer:
    body = {"recall": to, "found": kg(found), "sold": kg(sold)}
    return world.say(merchant, "recall.answered", body, **more)


def dispose(world: World, manner: str, merchant: str = M1) -> Answer:
    body = {"manner": manner, "reason": "处理", "lines": [{"batch": "B1", "quantity": kg("1")}]}
    return world.say(merchant, "goods.disposed", body)


def adjust(world: World, difference: str) -> Answer:
    body = {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg(difference)}]}
    return world.say(M1, "goods.adjusted", body)


def hand_over(world: World, value: str = "1", sender: str = M1, to: str = M2) -> Answer:
    body = {"to": to, "lines": [{"batch": "B1", "quantity": kg(value)}]}
    return world.say(sender, "goods.handed_over", body)


# ------------------------------------------------------------------ seals


def test_sealed_goods_do_not_move(street: World) -> None:
    made = street.must(seal(street))
    street.later(HOUR)
    refused(street.sell("B1", "1"), CustodyRefused, "body.lines[0].batch")
    refused(hand_over(street), CustodyRefused, "body.lines[0].batch")
    for manner in ("returned", "consumed"):
        refused(dispose(street, manner), CustodyRefused, "body.lines[0].batch")
    refused(adjust(street, "-10"), CustodyRefused, "body.lines[0].batch")
    street.must(adjust(street, "1"))
    street.must(dispose(street, "destroyed"))
    street.must(street.sell("B1", "1", occurred_at=street.time(-2 * HOUR)))
    street.must(release(street, made.id))
    for again in (
        street.sell("B1", "1"),
        hand_over(street),
        adjust(street, "-1"),
        dispose(street, "returned"),
    ):
        street.must(again)


def test_a_receipt_of_sealed_goods_is_not_taken_back(world: World) -> None:
    """That would make them vanish; what makes more of them may be taken back."""
    street = supervise(world)
    first = street.receive("B1")
    more = street.must(adjust(street, "1"))
    sold = street.must(street.sell("B1", "1"))
    made = street.must(seal(street))
    refused(street.correct(more.id), CustodyRefused, "body.statement")
    street.must(street.correct(sold.id))
    refused(street.correct(first.id), CustodyRefused, "body.statement")
    street.must(release(street, made.id))
    street.must(street.correct(more.id))
    street.must(street.correct(first.id))


def test_a_seal_holds_what_was_split_off_wherever_it_is(street: World) -> None:
    handed = street.hand_over("B1", "4")
    street.must(street.accept(handed.id, "B1", "4"))
    on_its_way = street.hand_over("B1", "2", to=M3)
    street.must(seal(street))
    refused(street.sell("B1", "1", merchant=M2), CustodyRefused, "body.lines[0].batch")
    refused(hand_over(street, sender=M2, to=M3), CustodyRefused, "body.lines[0].batch")
    street.must(street.accept(on_its_way.id, "B1", "2", merchant=M3))
    refused(street.sell("B1", "1", merchant=M3), CustodyRefused, "body.lines[0].batch")
    street.receive("B2", merchant=M2)
    street.must(street.sell("B2", "1", merchant=M2))


def test_sealing(street: World) -> None:
    refused(seal(street, "NONE"), UnknownReference, "body.batch")
    refused(seal(street, merchant=M2), UnknownReference, "body.batch")
    refused(seal(street, inspection=NOWHERE), UnknownReference, "body.inspection")
    refused(seal(street, inspection=check(street, M2).id), CustodyRefused, "body.inspection")
    refused(seal(street, by=[street.k1]), NotAuthorised, "signatures")
    one = check(street)
    refused(seal(street, inspection=one.id, occurred_at=street.time(-HOUR)), TimeRefused, "occurred_at")
    street.must(seal(street, inspection=one.id))
    refused(seal(street), Conflict, "body.batch")
    street.receive("B3", merchant=M3)
    refused(seal(street, "B3", merchant=M3, by=[street.second]), NotAuthorised, "merchant")


def test_releasing(street: World) -> None:
    made = street.must(seal(street))
    street.later(HOUR)
    refused(release(street, NOWHERE), UnknownReference, "body.seal")
    refused(release(street, made.id, merchant=M2), CustodyRefused, "body.seal")
    refused(release(street, made.id, occurred_at=street.time(-2 * HOUR)), TimeRefused, "occurred_at")
    refused(release(street, made.id, by=[street.k1]), NotAuthorised, "signatures")
    before = street.size
    street.must(release(street, made.id, by=[street.second]))
    refused(release(street, made.id), Conflict, "body.seal")
    facts = street.ledger.facts()
    assert standing_seal(facts, "B1", before) is not None and standing_seal(facts, "B1", street.size) is None
    again = street.must(seal(street))
    refused(street.sell("B1", "1"), CustodyRefused, "body.lines[0].batch")
    street.must(release(street, again.id))


def test_two_officers_where_the_rules_ask_for_them(street: World) -> None:
    street.must(
        publish(street, rules("r-two", "2020-01-03", two_officers=["goods.sealed", "recall.ordered"]))
    )
    again = key("officer again")
    street.grant(again, "supervisor", "*", "officer-1")
    for keys in ([street.officer], [street.officer, again]):
        refused(seal(street, by=keys), NotAuthorised, "signatures")
        refused(recall(street, by=keys), NotAuthorised, "signatures")
    street.must(seal(street, by=[street.officer, street.second]))
    street.must(recall(street, by=[street.officer, street.second]))


# ------------------------------------------------------------------ recalls


def status(world: World, which: str, as_of: int | None = None) -> Recall:
    return recall_status(
        world.ledger.store.facts, world.ledger.facts(), which, world.size if as_of is None else as_of
    )


def test_a_recall_reaches_everybody_who_has_had_some(street: World) -> None:
    street.must(street.accept(street.hand_over("B1", "4").id, "B1", "3", refused="1"))
    street.must(street.accept(street.hand_over("B1", "2", sender=M2, to=M3).id, "B1", "2", merchant=M3))
    wrong = street.must(street.sell("B1", "2", merchant=M3))
    street.must(street.correct(wrong.id, merchant=M3))
    street.must(street.sell("B1", "1", merchant=M3))
    made = street.must(recall(street))
    found = status(street, made.id)
    mine = [(one.merchant, one.got, one.sold, one.held, one.answer) for one in found.holders]
    kilo = 1_000_000
    assert mine == [
        (M1, 10 * kilo, 0, 7 * kilo, None),
        *sorted([(M2, 3 * kilo, 0, kilo, None), (M3, 2 * kilo, kilo, kilo, None)]),
    ]
    before = street.size
    street.must(respond(street, made.id, "7"))
    street.must(respond(street, made.id, "0.5", "1", merchant=M3))
    street.must(respond(street, made.id, "0.75", "1", merchant=M3))
    answers = {one.merchant: one.difference for one in status(street, made.id).holders}
    assert answers == {M1: 0, M2: None, M3: -250_000}
    assert all(one.answer is None for one in status(street, made.id, before).holders)


def test_a_recall_reaches_goods_on_their_way(street: World) -> None:
    """Nobody holds what was handed over and not answered; whoever it is for is asked too, and may answer."""
    kilo = 1_000_000
    withdrawn = street.hand_over("B1", "1", to=M3)
    street.must(street.correct(withdrawn.id, merchant=M1))
    sent = street.hand_over("B1", "4")
    made = street.must(recall(street))
    found = {one.merchant: (one.held, one.coming) for one in status(street, made.id).holders}
    assert found == {M1: (6 * kilo, 0), M2: (0, 4 * kilo)}
    refused(respond(street, made.id, "0", merchant=M3), CustodyRefused, "body.recall")
    street.must(respond(street, made.id, "4", merchant=M2))
    accepted = street.must(street.accept(sent.id, "B1", "4"))
    assert {one.merchant: (one.held, one.coming) for one in status(street, made.id).holders}[M2] == (
        4 * kilo,
        0,
    )
    street.must(street.correct(accepted.id, merchant=M2))
    assert {one.merchant: (one.held, one.coming) for one in status(street, made.id).holders}[M2] == (
        0,
        4 * kilo,
    )


def test_recalled_goods_are_not_sold_but_go_back(street: World) -> None:
    street.must(street.accept(street.hand_over("B1", "4").id, "B1", "4"))
    street.must(recall(street))
    street.later(HOUR)
    refused(street.sell("B1", "1"), CustodyRefused, "body.lines[0].batch")
    refused(street.sell("B1", "1", merchant=M2), CustodyRefused, "body.lines[0].batch")
    street.must(hand_over(street, sender=M2, to=M1))
    street.must(dispose(street, "destroyed"))
    street.must(street.sell("B1", "1", occurred_at=street.time(-2 * HOUR)))


def test_recalling(street: World) -> None:
    refused(recall(street, "NONE"), UnknownReference, "body.batch")
    refused(recall(street, merchant=M2), CustodyRefused, "merchant")
    refused(recall(street, by_hours=0), CustodyRefused, "body.answer_by")
    refused(recall(street, by=[street.k1]), NotAuthorised, "signatures")
    street.must(recall(street))
    refused(recall(street), Conflict, "body.batch")


def test_answering(street: World) -> None:
    made = street.must(recall(street))
    refused(respond(street, NOWHERE), UnknownReference, "body.recall")
    refused(respond(street, made.id, merchant=M2), CustodyRefused, "body.recall")
    in_pieces = {
        "recall": made.id,
        "found": {"value": "1", "unit": "piece"},
        "sold": {"value": "0", "unit": "piece"},
    }
    refused(street.say(M1, "recall.answered", in_pieces), CustodyRefused, "body.found.unit")
    refused(respond(street, made.id, occurred_at=street.time(-HOUR)), TimeRefused, "occurred_at")
    refused(
        officer(street, "recall.answered", {"recall": made.id, "found": kg("1"), "sold": kg("0")}),
        NotAuthorised,
        "signatures",
    )
    street.must(respond(street, made.id))
    with pytest.raises(UsageError):
        status(street, NOWHERE)
    with pytest.raises(UsageError):
        status(street, made.id, made.index)
