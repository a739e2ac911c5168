"""Goods: what a refusal says, how units and zones are kept apart, and what trace and holdings show."""

from __future__ import annotations

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.goods import plain
from ledger.custody.holdings import holdings
from ledger.custody.trace import trace_batch
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, UnknownReference, UsageError
from tests.custody.world import M1, M2, M3, World, kg, receipt


def test_more_than_is_held_says_how_much_there_is(world: World) -> None:
    world.receive("B1", "10")
    answer = world.sell("B1", "10.000001")
    assert isinstance(answer, CustodyRefused)
    assert answer.field == "body.lines[0].quantity"
    assert "10.000001" in answer.message
    assert "the 10 held" in answer.message


def test_exact_decimals(world: World) -> None:
    world.receive("B1", "0.3")
    for _ in range(3):
        world.must(world.sell("B1", "0.1"))
    assert world.held("B1") == 0
    assert isinstance(world.sell("B1", "0.000001"), CustodyRefused)


def test_a_batch_id_is_one_receipt_line_of_the_whole_ledger(world: World) -> None:
    first = world.receive("B1")
    answer = world.say(M2, "goods.received", receipt("B1"))
    assert isinstance(answer, Conflict)
    assert f"entry {first.index}" in answer.message


def test_units_of_a_batch_do_not_mix(world: World) -> None:
    world.receive("B1")
    body = {
        "buyer": {"type": "consumers"},
        "lines": [{"batch": "B1", "quantity": {"value": "1", "unit": "box"}}],
    }
    answer = world.say(M1, "goods.sold", body)
    assert isinstance(answer, CustodyRefused)
    assert answer.field == "body.lines[0].quantity.unit"


def test_unknown_things_are_named(world: World) -> None:
    assert isinstance(world.sell("none", "1"), UnknownReference)
    answer = world.say(
        M1, "goods.received", receipt("B1", lines=[{**receipt("B1")["lines"][0], "zone": "Z9"}])
    )
    assert isinstance(answer, UnknownReference)
    assert "D1" in answer.message
    world.receive("B1")
    body = {"to": "91410104MACU0009X1", "lines": [{"batch": "B1", "quantity": kg("1")}]}
    assert isinstance(world.say(M1, "goods.handed_over", body), UnknownReference)
    answer = world.accept("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "B1", "1")
    assert isinstance(answer, UnknownReference)


def test_a_handover_is_answered_once_by_its_receiver_and_adds_up(world: World) -> None:
    world.receive("B1")
    sent = world.hand_over("B1", "4")
    assert world.held("B1") == 6_000_000
    assert world.held("B1", M2) == 0
    assert isinstance(world.accept(sent.id, "B1", "4", merchant=M3), CustodyRefused)
    assert isinstance(world.accept(sent.id, "B1", "3.9"), CustodyRefused)
    assert isinstance(world.accept(sent.id, "B2", "4"), CustodyRefused)
    assert isinstance(world.accept(sent.id, "B1", "2", refused="1.5", missing="0.5"), Receipt)
    assert (world.held("B1"), world.held("B1", M2)) == (7_500_000, 2_000_000)
    assert isinstance(world.accept(sent.id, "B1", "4"), Conflict)


def test_nobody_hands_over_to_oneself(world: World) -> None:
    world.receive("B1")
    body = {"to": M1, "lines": [{"batch": "B1", "quantity": kg("1")}]}
    assert isinstance(world.say(M1, "goods.handed_over", body), CustodyRefused)


def test_stock_take(world: World) -> None:
    world.receive("B1")
    change = {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg("-10.5")}]}
    assert isinstance(world.say(M1, "goods.adjusted", change), CustodyRefused)
    world.must(
        world.say(
            M1, "goods.adjusted", {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg("-0.5")}]}
        )
    )
    assert world.held("B1") == 9_500_000
    stranger = {"reason": "盘点", "lines": [{"batch": "B1", "difference": kg("1")}]}
    assert isinstance(world.say(M2, "goods.adjusted", stranger), CustodyRefused)


def test_corrections_go_backwards(world: World) -> None:
    came = world.receive("B1")
    sold = world.must(world.sell("B1", "4"))
    assert isinstance(world.correct(came.id), CustodyRefused)
    world.must(world.correct(sold.id))
    assert world.held("B1") == 10_000_000
    assert isinstance(world.correct(sold.id), Conflict)
    world.must(world.correct(came.id))
    assert world.held("B1") == 0
    assert world.held("B1", as_of=sold.index + 1) == 6_000_000
    assert isinstance(world.sell("B1", "1"), UnknownReference)
    world.receive("B1", "3")
    assert world.held("B1") == 3_000_000


def test_an_answered_handover_is_taken_back_from_the_receiver_on(world: World) -> None:
    world.receive("B1")
    sent = world.hand_over("B1", "4")
    answer = world.must(world.accept(sent.id, "B1", "3", refused="1"))
    assert isinstance(world.correct(sent.id), CustodyRefused)
    world.must(world.correct(answer.id, merchant=M2))
    assert (world.held("B1"), world.held("B1", M2)) == (6_000_000, 0)
    assert isinstance(world.accept(sent.id, "B1", "4"), Receipt)
    world.receive("B2")
    other = world.hand_over("B2", "1")
    world.must(world.correct(other.id))
    assert world.held("B2") == 10_000_000
    assert isinstance(world.accept(other.id, "B2", "1"), UnknownReference)


def test_only_the_author_corrects(world: World) -> None:
    came = world.receive("B1")
    assert isinstance(world.correct(came.id, merchant=M2), CustodyRefused)
    body = {"statement": came.id, "reason": "did_not_happen", "explanation": "x"}
    assert isinstance(world.state([world.officer], "statement.corrected", M1, body), NotAuthorised)
    enrolled = next(entry for entry in world.entries() if entry.statement.kind == "merchant.enrolled")
    again = {**body, "statement": enrolled.statement.id}
    assert isinstance(world.state([world.officer], "statement.corrected", M1, again), CustodyRefused)
    assert isinstance(world.correct("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"), UnknownReference)


def test_trace_goes_back_to_the_supplier_and_forward_to_everyone(world: World) -> None:
    came = world.receive("B1", "10")
    sent = world.hand_over("B1", "4")
    middle = world.size
    world.must(world.accept(sent.id, "B1", "2.5", refused="1", missing="0.5"))
    world.must(world.sell("B1", "1", merchant=M2))
    world.must(world.sell("B1", "2"))
    further = world.hand_over("B1", "1.5", sender=M2, to=M3)
    trace = trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=world.size)
    assert trace.origin.entry.index == came.index
    assert trace.origin.receipt.supplier is not None
    assert trace.origin.receipt.supplier.name == "Mar del Sur S.A."
    assert dict(trace.holders) == {M1: 5_000_000}
    assert trace.on_the_way == 1_500_000
    assert [step.action for step in trace.steps] == [
        "received", "handed_over", "accepted", "missing", "returned", "sold", "sold", "handed_over",
    ]  # fmt: skip
    assert trace.steps[-1].id == further.id
    assert set(trace.names) == {M1, M2, M3}
    explained = (
        sum(trace.holders.values()) + trace.on_the_way + trace.totals["sold"] + trace.totals["missing"]
    )
    assert explained == trace.totals["received"]
    before = trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=middle)
    assert before.on_the_way == 4_000_000
    with pytest.raises(UsageError, match="B1"):
        trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=came.index)


def test_trace_of_a_receipt_taken_back(world: World) -> None:
    came = world.receive("B1")
    assert not trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=world.size).taken_back
    world.must(world.correct(came.id))
    trace = trace_batch(world.ledger.store, world.ledger.facts(), "B1", as_of=world.size)
    assert trace.taken_back
    assert not trace.holders


def test_holdings_name_what_is_held_and_where_it_came_from(world: World) -> None:
    world.receive("B1")
    world.receive("B2", "3")
    world.must(world.accept(world.hand_over("B1", "4").id, "B1", "4"))
    world.must(world.sell("B2", "3"))
    mine = holdings(world.ledger.facts(), M1, as_of=world.size)
    assert [(h.batch, plain(h.amount), h.unit, h.origin) for h in mine] == [("B1", "6", "kg", M1)]
    theirs = holdings(world.ledger.facts(), M2, as_of=world.size)
    assert [(h.batch, plain(h.amount), h.origin) for h in theirs] == [("B1", "4", M1)]
