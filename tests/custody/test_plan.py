"""Plans (双随机): announced before anyone can know the seed, drawn once and as announced, drawn again by everyone."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ledger.custody.authoring import seen_of
from ledger.custody.batch import Receipt
from ledger.custody.replay import replay
from ledger.custody.supervision.draw import Shop
from ledger.custody.supervision.plan import Plan, planned, shops_of
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, Refused, SeenMismatch, UnknownReference
from ledger.log import Seen
from ledger.log.canonical import encode
from tests.custody.supervised import (
    SECRET,
    announce,
    announcement,
    card,
    check,
    draw_plan,
    drawn,
    filler,
    grown,
    publish,
    refused,
    rules,
    supervise,
)
from tests.custody.world import DAY, M1, M2, M3, World, key, ruleset
from tests.reference import lots

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"


@pytest.fixture
def street(world: World) -> World:
    return supervise(world)


def plan(world: World, week: str = "2026-W18", as_of: int | None = None) -> Plan:
    (one,) = planned(world.ledger.facts(), world.ledger.setting, week, world.size if as_of is None else as_of)
    return one


def shops(world: World, **changes: Any) -> dict[str, Shop]:
    announced = announcement(world, **changes)
    found = shops_of(world.ledger.facts(), world.ledger.setting, announced, world.size)
    assert [shop.merchant for shop in found] == sorted(shop.merchant for shop in found)
    return {shop.merchant: shop for shop in found}


def test_announced_then_drawn(street: World) -> None:
    identity, size = grown(street)
    assert plan(street).drawn is None and plan(street).checks == ()
    made = street.must(draw_plan(street, identity, size))
    done = plan(street)
    assert (done.drawn, done.seed_size, done.grid, done.id) == (made.index, size, "*", identity)
    assert len(done.checks) == 3 * 2 + 2
    assert all("officer-2" not in one.officers for one in done.checks if one.merchant == M3), (
        "out of its scope"
    )
    assert plan(street, as_of=made.index).checks == ()


def test_seed_and_result_are_those_of_the_page(street: World) -> None:
    """Computed by the reference from what anybody can read in the ledger."""
    identity, size = grown(street)
    street.must(draw_plan(street, identity, size))
    body = street.ledger.entry(street.size - 1).statement.body
    root = street.ledger.root_at(size)
    assert body["seed_root"] == root.hex()
    seed = sha256(b"custody-ledger plan v1" + root + bytes.fromhex(SECRET)).digest()
    both, one = ["officer-1", "officer-2"], ["officer-1"]
    known: list[lots.Shop] = sorted([(M1, 2, 1, 1, both), (M2, 2, 1, 1, both), (M3, 2, 1, 1, one)])
    checks = lots.draw(seed, known, [1, 2, 3, 4, 5], 2)
    assert body["result"] == sha256(encode([list(check) for check in checks])).hexdigest()
    assert body["checks"] == len(checks) == 8


def test_two_officers_where_the_rules_ask_for_them(world: World) -> None:
    """Checks are counted once, each officer's load by itself."""
    street = supervise(world, two_officers=["inspection.recorded"])
    street.grant(key("third"), "supervisor", "west", "officer-3")
    identity, size = grown(street, officers=["officer-1", "officer-2", "officer-3"])
    street.must(draw_plan(street, identity, size))
    body = street.ledger.entry(street.size - 1).statement.body
    assert body["checks"] == 8
    loads: Any = body["loads"]  # JSON
    assert sum(load["checks"] for load in loads) == 16
    assert all(len(set(one.officers)) == 2 for one in plan(street).checks)
    refused(announce(street, week="2026-W19"), CustodyRefused, "body.officers")


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"week": "2026-W16"}, CustodyRefused, "body.week"),
        ({"seed_size": 1}, CustodyRefused, "body.seed_size"),
        ({"seed_size": 2**53 - 1}, CustodyRefused, "body.seed_size"),
        ({"officers": ["officer-1", "officer-9"]}, UnknownReference, "body.officers[1]"),
        ({"officers": ["officer-2"]}, CustodyRefused, "body.officers"),
        ({"days": [3]}, CustodyRefused, "body.days"),
    ],
)
def test_announcing(street: World, changes: dict[str, Any], error: type[Refused], field: str) -> None:
    refused(announce(street, **changes), error, field)


def test_the_seed_comes_after_the_announcement(street: World) -> None:
    index = street.size
    for early in (index - 1, index, index + 1):
        refused(announce(street, seed_size=early), CustodyRefused, "body.seed_size")
    street.must(announce(street, seed_size=index + 2))


def test_who_announces_and_draws(street: World) -> None:
    body = announcement(street)
    refused(street.state([street.second], "plan.announced", None, body), NotAuthorised, "merchant")
    refused(street.state([street.k1], "plan.announced", None, body), NotAuthorised, "signatures")
    identity, size = grown(street)
    body = drawn(street, identity, size)
    refused(street.state([street.second], "plan.drawn", None, body), NotAuthorised, "merchant")
    street.must(street.state([street.operator], "plan.drawn", None, body))


def test_one_plan_for_a_week_and_a_grid(street: World) -> None:
    """Also while the first has not been drawn: who does not like what will come of it has no second try."""
    grown(street, grid="east")
    for grid in ("east", "east/1", "east/1/01", "*"):
        refused(announce(street, grid=grid), Conflict, "body.week")
    street.must(announce(street, grid="west"))
    street.must(announce(street, grid="east2"))
    street.must(announce(street, week="2026-W19"))


def test_drawing_early(street: World) -> None:
    """One entry short, with any root and any pin."""
    said = street.must(announce(street, seed_size=street.size + 3))
    size = said.index + 3
    filler(street)
    body = drawn(street, said.id, street.size)
    refused(street.state([street.officer], "plan.drawn", None, body), CustodyRefused, "body.seed_root")
    pin = seen_of(street.ledger.store.head())
    filler(street)
    unpinned = street.state([street.officer], "plan.drawn", None, drawn(street, said.id, size), seen=None)
    refused(unpinned, SeenMismatch, "seen")
    old = street.state([street.officer], "plan.drawn", None, drawn(street, said.id, size), seen=pin)
    refused(old, SeenMismatch, "seen")
    street.must(draw_plan(street, said.id, size))


def test_in_one_commit_nothing_is_drawn_from_a_seed_that_is_not_there(street: World) -> None:
    """The announcement, the seed's entries and the draw together: who could know the root chose it."""
    said = street.envelope([street.officer], "plan.announced", None, announcement(street))
    fill = {"public_key": key("f").public.text, "role": "auditor", "scope": "*", "holder": None}
    filled = street.envelope([street.operator], "key.granted", None, fill)
    identity = said.payload.split(b'"id":"')[1].split(b'"')[0].decode()
    size = street.size + 2
    body = {
        "announcement": identity, "secret": SECRET, "seed_root": "ab" * 32, "checks": 8, "result": "cd" * 32,
        "loads": [{"officer": "officer-1", "checks": 8}],
    }  # fmt: skip
    for pin in (Seen("ab" * 32, size), seen_of(street.ledger.store.head())):
        late = street.envelope([street.officer], "plan.drawn", None, body, seen=pin)
        answers = street.ledger.append([said, filled, late])
        assert [isinstance(one, Receipt) for one in answers] == [True, True, False], answers


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"secret": "5b" * 32}, "body.secret"),
        ({"with_secret": "5b" * 32}, "body.secret"),
        ({"seed_root": "ab" * 32}, "body.seed_root"),
        ({"result": "ab" * 32}, "body.result"),
        ({"checks": 7, "loads": [{"officer": "officer-1", "checks": 7}]}, "body.checks"),
        ({"loads": [{"officer": "officer-1", "checks": 8}]}, "body.loads"),
        (
            {"loads": [{"officer": "officer-1", "checks": 4}, {"officer": "officer-9", "checks": 4}]},
            "body.loads",
        ),
    ],
)
def test_drawn_otherwise_than_announced(street: World, changes: dict[str, Any], field: str) -> None:
    identity, size = grown(street)
    refused(draw_plan(street, identity, size, **changes), CustodyRefused, field)


def test_the_seed_is_of_no_other_size(street: World) -> None:
    identity, size = grown(street)
    filler(street)
    body = drawn(street, identity, size + 1)
    refused(street.state([street.officer], "plan.drawn", None, body), CustodyRefused, "body.seed_root")


def test_drawn_once(street: World) -> None:
    identity, size = grown(street)
    street.must(draw_plan(street, identity, size))
    refused(draw_plan(street, identity, size), Conflict, "body.announcement")
    body = drawn(street, identity, size) | {"announcement": NOWHERE}
    refused(street.state([street.officer], "plan.drawn", None, body), UnknownReference, "body.announcement")


def test_nothing_moves_once_the_seed_is_known(street: World) -> None:
    """Rules, officers, merchants, cards and duties that change behind the announcement are not of this plan."""
    identity, size = grown(street)
    before = drawn(street, identity, size)
    street.must(publish(street, rules("r-more", "2020-01-03", checks_per_week=5)))
    street.enroll(M2, "west/9")
    lost = {"keyid": street.second.public.keyid, "reason": "lost"}
    street.must(street.state([street.operator], "key.revoked", None, lost))
    street.must(card(street, check(street, rulesets=["r-more"]).id, ruleset="r-more"))
    assert drawn(street, identity, size) == before
    street.must(draw_plan(street, identity, size))
    assert shops(street, officers=["officer-1"])[M1].due == 5


def test_the_rules_of_the_week_itself_count(street: World) -> None:
    """A rule set that begins with the last day of the week is in force for all of it, one after it is not."""
    street.must(publish(street, rules("r-last", "2026-05-03", checks_per_week=4)))
    assert shops(street)[M1].due == 4
    street.must(publish(street, rules("r-next", "2026-05-04", checks_per_week=3)))
    assert shops(street)[M1].due == 4


def test_a_week_without_checks(street: World) -> None:
    street.must(publish(street, rules("r-none", "2026-05-03", checks_per_week=0)))
    assert shops(street) == {}


def test_what_raises_the_odds(street: World) -> None:
    """A card counts for 90 days to the Monday of the week."""
    street.later(DAY)
    assert {one.weight for one in shops(street).values()} == {1}
    check(street)
    street.must(card(street, check(street, M1).id))
    street.enroll(M2, "east/1/02", goods_classes=["non_cold_chain", "cold_chain"])
    found = shops(street)
    assert (found[M1].weight, found[M2].weight, found[M3].weight) == (1 + 3 + 2, 1 + 1, 1)
    assert shops(street, weight_card=0, weight_finding=0, weight_cold_chain=0)[M1].weight == 1
    assert shops(street, week="2026-W30")[M1].weight == 6
    assert shops(street, week="2026-W31")[M1].weight == 3, "the card is more than 90 days old by then"


def test_merchants_without_goods_or_outside_the_grid_are_not_in_it(street: World) -> None:
    street.enroll(M2, "east/1/02", goods_classes=[])
    assert set(shops(street)) == {M1, M3}
    assert set(shops(street, grid="east")) == {M1}
    assert shops(street)[M1].officers == ("officer-1", "officer-2") and shops(street)[M3].officers == (
        "officer-1",
    )


def test_a_plan_of_nobody(world: World) -> None:
    world.must(publish(world, ruleset("r-idle", valid_from="2020-02-01", checks_per_week=0)))
    identity, size = grown(world)
    world.must(draw_plan(world, identity, size))
    assert plan(world).checks == ()


def test_days_that_are_over_are_not_drawn(street: World) -> None:
    """It is Tuesday: nobody can be sent on Monday."""
    street.later(DAY)
    refused(announce(street, week="2026-W17"), CustodyRefused, "body.days")
    street.must(announce(street, week="2026-W17", days=[2, 3, 4]))


def test_a_week_that_is_over(street: World) -> None:
    street.later(6 * DAY)
    street.later(DAY)
    refused(announce(street, week="2026-W17", grid="west"), CustodyRefused, "body.week")


def test_rebuilt_facts_are_the_same(street: World) -> None:
    identity, size = grown(street)
    street.must(draw_plan(street, identity, size))
    done, store = plan(street), street.ledger.store
    before = {row: list(store.fact_rows(row)) for row in store.fact_tables}
    store.replace_facts(replay(store.entries(), street.ledger.setting))
    assert {row: list(store.fact_rows(row)) for row in store.fact_tables} == before
    assert plan(street) == done
