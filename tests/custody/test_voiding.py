"""A plan that cannot be drawn is voided by two, stays in sight, and nobody draws the same week twice."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.custody.replay import replay
from ledger.custody.supervision.plan import planned, undrawn
from ledger.custody.supervision.weekly import weekly
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, TimeRefused, UnknownReference
from ledger.log import PrivateKey
from tests.custody.supervised import (
    announce,
    announcement,
    draw_plan,
    drawn,
    filler,
    grown,
    refused,
    supervise,
)
from tests.custody.world import DAY, HOUR, World, key

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"
THIRD, WEST = key("third officer"), key("west officer")


@pytest.fixture
def street(world: World) -> World:
    """officer-1 is for all grids, officer-2 for the east, officer-3 for all, officer-4 for the west."""
    supervise(world)
    world.grant(THIRD, "supervisor", "*", "officer-3")
    world.grant(WEST, "supervisor", "west", "officer-4")
    return world


def void(world: World, announced: str, *keys: PrivateKey, **more: Any) -> Answer:
    body = {"announcement": announced, "reason": more.pop("reason", "秘密值遗失")}
    return world.state([*keys] or [world.operator, THIRD], "plan.voided", None, body, **more)


def again(world: World, *keys: PrivateKey, **changes: Any) -> Answer:
    return world.state([*keys], "plan.announced", None, announcement(world, **changes))


def test_who_lost_the_secret_gets_the_week_drawn_by_another(street: World) -> None:
    identity, size = grown(street)
    lost = street.must(void(street, identity))
    refused(draw_plan(street, identity, size), Conflict, "body.announcement")
    refused(again(street, street.officer), NotAuthorised, "signatures")
    said = street.must(again(street, THIRD))
    filler(street)
    street.must(draw_plan(street, said.id, said.index + 2))
    first, second = planned(street.ledger.facts(), street.ledger.setting, "2026-W18", street.size)
    assert first.voided is not None and first.voided.index == lost.index and first.checks == ()
    assert first.voided.reason == "秘密值遗失" and first.voided.seed_known
    assert second.replaces == (first.index,) and len(second.checks) == 8 and second.voided is None
    left = undrawn(street.ledger.store.facts, street.ledger.facts(), street.size)
    assert [plan.index for plan in left] == [first.index]


def test_whether_the_seed_was_known_is_computed(street: World) -> None:
    """The last entry of the seed makes the difference: a void that is one itself knows nothing."""
    for week, between, known in (("2026-W18", 0, False), ("2026-W19", 1, True)):
        said = street.must(announce(street, week=week))
        for _ in range(between):
            filler(street)
        street.must(void(street, said.id))
        (plan,) = planned(street.ledger.facts(), street.ledger.setting, week, street.size)
        assert plan.voided is not None and plan.voided.seed_known is known


def test_two_who_are_not_the_announcers_alone(street: World) -> None:
    said = street.must(announce(street)).id
    nameless, other_operator, same = key("nameless"), key("operator 2"), key("officer-1 again")
    street.grant(nameless, "supervisor", "*", None)
    street.grant(other_operator, "operator", "*", None)
    street.grant(same, "supervisor", "*", "officer-1")
    for keys in (
        (street.operator,),
        (street.officer,),
        (street.operator, other_operator),
        (street.officer, same),
        (street.officer, nameless),
    ):
        refused(void(street, said, *keys), NotAuthorised, "signatures")
    street.must(void(street, said, street.officer, THIRD))
    both = street.must(
        street.state([street.officer, THIRD], "plan.announced", None, announcement(street, week="2026-W19"))
    )
    refused(void(street, both.id, street.officer, THIRD), NotAuthorised, "signatures")
    street.must(void(street, both.id, street.officer, street.operator))


def test_an_officer_of_the_plan_may_void_it_and_one_of_another_grid_may_not(street: World) -> None:
    said = street.must(announce(street)).id
    refused(void(street, said, street.operator, WEST), NotAuthorised, "signatures")
    refused(void(street, said, street.operator, street.k1), NotAuthorised, "signatures")
    street.must(void(street, said, street.operator, street.second))
    west = street.must(announce(street, week="2026-W19", grid="west", officers=["officer-1", "officer-3"])).id
    refused(void(street, west, street.operator, street.second), NotAuthorised, "signatures")
    street.must(void(street, west, street.operator, WEST))


def test_what_is_not_voided(street: World) -> None:
    identity, size = grown(street)
    refused(void(street, NOWHERE), UnknownReference, "body.announcement")
    refused(void(street, identity, occurred_at=street.time(-HOUR)), TimeRefused, "occurred_at")
    street.must(draw_plan(street, identity, size))
    refused(void(street, identity), Conflict, "body.announcement")
    other = street.must(announce(street, week="2026-W19")).id
    street.must(void(street, other))
    refused(void(street, other), Conflict, "body.announcement")


def test_a_week_that_is_over_stays_as_it_is(street: World) -> None:
    said = street.must(announce(street)).id  # of W18, in W17
    street.later(14 * DAY)
    refused(void(street, said), CustodyRefused, "body.announcement")


def test_nobody_who_knew_one_draw_announces_another(street: World) -> None:
    """Neither for a part of the grid, nor with another key, nor after a second void."""
    said = street.must(announce(street)).id
    street.must(void(street, said))
    same = key("officer-1 again")
    street.grant(same, "supervisor", "*", "officer-1")
    for changes in ({}, {"grid": "east"}, {"grid": "west"}):
        refused(again(street, same, **changes), NotAuthorised, "signatures")
        refused(again(street, THIRD, street.officer, **changes), NotAuthorised, "signatures")
    second = street.must(again(street, THIRD, grid="east"))
    refused(again(street, street.operator, grid="east/1"), Conflict, "body.week")
    street.must(void(street, second.id, street.officer, street.operator))
    for who in (street.officer, THIRD):
        refused(again(street, who, grid="east"), NotAuthorised, "signatures")
    street.must(again(street, street.operator, grid="east"))
    street.must(again(street, THIRD, grid="west"))


def test_in_one_commit(street: World) -> None:
    """What is announced and voided in the same batch is judged as if each came by itself."""
    said = street.envelope([street.officer], "plan.announced", None, announcement(street))
    identity = said.payload.split(b'"id":"')[1].split(b'"')[0].decode()
    body = {"announcement": identity, "reason": "写错了人"}
    ended = street.envelope([street.officer, THIRD], "plan.voided", None, body)
    more = announcement(street, seed_size=street.size + 9)
    same = street.envelope([street.officer], "plan.announced", None, more)
    other = street.envelope([THIRD], "plan.announced", None, more)
    answers = street.ledger.append([said, ended, same, other])
    assert [isinstance(one, Receipt) for one in answers] == [True, True, False, True], answers


def test_the_week_names_them(street: World) -> None:
    """Also after the draw that took its place; coverage counts on."""
    identity, _ = grown(street)
    lost = street.must(void(street, identity))
    street.later(7 * DAY)
    said = street.must(again(street, THIRD))
    ledger = street.ledger

    def states() -> list[tuple[int, str, int | None, tuple[int, ...]]]:
        found = weekly(ledger.store.facts, ledger.facts(), ledger.setting, week=202618, as_of=street.size)
        assert (found.due, found.required, len(found.missed)) == (3, 6, 3)
        return [(one.index, one.state, one.ended, one.replaces) for one in found.announced]

    first = (lost.index - 2, "voided_known", lost.index, ())
    assert states() == [first, (said.index, "waiting", None, (first[0],))]
    filler(street)
    assert states()[1][1] == "ready"
    made = street.must(street.state([THIRD], "plan.drawn", None, drawn(street, said.id, said.index + 2)))
    assert states() == [first, (said.index, "drawn", made.index, (first[0],))]


def test_rebuilt_facts_are_the_same(street: World) -> None:
    identity, _ = grown(street)
    street.must(void(street, identity))
    store = street.ledger.store
    before = {row: list(store.fact_rows(row)) for row in store.fact_tables}
    store.replace_facts(replay(store.entries(), street.ledger.setting))
    assert {row: list(store.fact_rows(row)) for row in store.fact_tables} == before
