"""Who sees what; and what may not be seen is answered like what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.log import PrivateKey
from ledger_web.access import Reader, parties_of
from tests.custody.supervised import HEALTH, MARKET, STREET, assign, check, notice, supervise
from tests.custody.world import M1, M2, M3, World, key
from tests.web.phones import Server
from tests.web.test_sessions import refused

NOBODY = "91410104MACU0004X0"
OFFICE = key("market office")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A goes from M1 to M2 (all of it refused again by M3); C is M1's alone, W is M3's alone."""
    world = World(tmp_path_factory.mktemp("access") / "ledger")
    world.grant(OFFICE, "office", "市场科")
    world.grant(key("town"), "office", "街道办")
    world.grant(key("auditor"), "auditor", "*")
    for batch in ("A", "C"):
        world.receive(batch)
    world.receive("W", merchant=M3)
    world.must(world.accept(sent(world, "A", M1, M2), "A", "5"))
    world.must(world.accept(sent(world, "A", M1, M3), "A", "0", merchant=M3, refused="5"))
    sent(world, "W", M3, M1)  # on the way
    duty = {"merchants": [M2], "regulator": "市场科", "unit": "街道办"}
    world.must(world.state([world.officer], "duty.assigned", None, duty))
    yield world
    world.ledger.close()


def sent(world: World, batch: str, sender: str, to: str) -> str:
    return world.ledger.entry(world.hand_over(batch, "5", sender=sender, to=to).index).statement.id


def reader(world: World, who: PrivateKey | None) -> Reader:
    size, facts = world.size, world.ledger.facts()
    found = facts.grant(who.public.keyid, size) if who else None
    return Reader.of(found, facts, size, parties_of(world.ledger.store.facts, size))


def who(world: World, name: str) -> PrivateKey | None:
    named = {"office": OFFICE, "auditor": key("auditor"), "nobody": None}
    return named[name] if name in named else getattr(world, name)


SEEN = {
    "operator": ({M1, M2, M3}, {"A", "C", "W"}),
    "auditor": ({M1, M2, M3}, {"A", "C", "W"}),
    "officer": ({M1, M2, M3}, {"A", "C", "W"}),
    "second": ({M1, M2}, {"A", "C", "W"}),  # W is on its way into the grid
    "k1": ({M1}, {"A", "C", "W"}),
    "probe": ({M1}, {"A", "C", "W"}),
    "k2": ({M2}, {"A"}),
    "k3": ({M3}, {"A", "W"}),  # A was offered to it
    "office": ({M2}, {"A"}),
    "nobody": (set(), set()),
}


@pytest.mark.parametrize("name", SEEN)
def test_merchants_and_batches(world: World, name: str) -> None:
    found = reader(world, who(world, name))
    merchants, batches = SEEN[name]
    assert set(found.visible([M1, M2, M3, NOBODY])) == merchants
    assert {batch for batch in ("A", "C", "W", "X") if found.may_see_batch(batch)} == batches


def test_movements_are_ones_own_side_of_a_batch(world: World) -> None:
    shop = reader(world, world.k2)
    assert shop.may_see_movement(M1, M2)
    assert shop.may_see_movement(M2, "consumers")
    assert not shop.may_see_movement(M1, M3)
    assert not shop.may_see_movement(M1, "consumers")


# Of the entries of `world`, by kind and merchant, those that each reader may read.
def readable(world: World, name: str) -> set[str]:
    found = reader(world, who(world, name))
    entries = enumerate(world.entries())
    return {
        f"{entry.statement.kind} {(entry.statement.merchant or '')[-6:]} {index}".replace("  ", " ")
        for index, entry in entries
        if found.may_see_statement(entry.statement)
    }


def test_entries(world: World) -> None:
    everything = readable(world, "auditor")
    assert len(everything) == world.size
    assert readable(world, "nobody") == set()
    shop = {one.rsplit(" ", 1)[0] for one in readable(world, "k2")}
    assert shop == {
        "ledger.opened", "ruleset.published", "key.granted", "merchant.enrolled 00022R",
        "goods.accepted 00022R", "goods.handed_over 00014Y",
    }  # fmt: skip
    (handed,) = [one for one in readable(world, "k2") if one.startswith("goods.handed_over")]
    assert world.ledger.entry(int(handed.rsplit(" ", 1)[1])).statement.body["to"] == M2
    sender = {one.rsplit(" ", 1)[0] for one in readable(world, "k1") if one.startswith("goods.accepted")}
    assert sender == {"goods.accepted 00022R", "goods.accepted 0003XA"}  # answers to what it sent
    assert not any(one.startswith(("duty", "plan")) for one in readable(world, "k1"))
    assert any(one.startswith("duty") for one in readable(world, "office"))


def test_keys_of_other_merchants_are_nobody_elses_affair(world: World) -> None:
    def scopes(name: str) -> set[str]:
        return {
            str(world.ledger.entry(int(one.rsplit(" ", 1)[1])).statement.body["scope"])
            for one in readable(world, name)
            if one.startswith("key.granted")
        }

    checkers = {"*", "east/1", "市场科", "街道办"}
    assert scopes("k2") == checkers | {M2}
    assert scopes("second") == checkers | {M1, M2}


def test_plans_are_for_those_who_check(world: World) -> None:
    seeing = {name for name in SEEN if reader(world, who(world, name)).may_see_plans}
    assert seeing == {"operator", "auditor", "officer", "second"}
    like = world.ledger.entry(0).statement
    for kind in ("plan.announced", "plan.drawn"):
        plan = like._replace(kind=kind, body={"week": "2026-W18"})
        assert {name for name in SEEN if reader(world, who(world, name)).may_see_statement(plan)} == seeing


def test_grids(world: World) -> None:
    assert reader(world, world.second).grids == ("east/1",)
    assert reader(world, world.second).may_see_grid("east/1/02")
    assert not reader(world, world.second).may_see_grid("east")
    assert reader(world, key("auditor")).grids == ("*",)
    assert reader(world, world.k1).grids == reader(world, None).grids == ()


def test_guessing_teaches_nothing(world: World) -> None:
    """Another's id, one of nobody and one that cannot be are one answer, over HTTP, word for word."""
    server = Server(world)
    shop = server.device(world.k2)
    shop.sign_in()
    assert shop.get(f"/merchant/{M2}").status_code == 200
    assert shop.get("/batch/A").status_code == 200
    for path, names in (("/merchant/", (M1, M3, NOBODY, "*", "x")), ("/batch/", ("C", "W", "X", "*"))):
        answers = [shop.get(path + name) for name in names]
        assert len({refused(answer, 404, "NotThere")["detail"] for answer in answers}) == 1
        assert len({len(answer.content) for answer in answers}) == 1
    stranger = server.device()
    for path in (f"/merchant/{M2}", f"/merchant/{NOBODY}", "/batch/A", "/batch/X"):
        refused(stranger.get(path), 401, "SignInNeeded")


def test_what_counts_is_now(tmp_path: Path) -> None:
    world = World(tmp_path / "ledger")
    world.enroll(M2, "west/2")
    assert set(reader(world, world.second).visible([M1, M2, M3])) == {M1}
    world.grant(OFFICE, "office", "市场科")
    world.grant(key("other"), "office", "药监科")
    for office in ("市场科", "药监科"):
        duty = {"merchants": [M1], "regulator": office}
        world.must(world.state([world.officer], "duty.assigned", None, duty))
    assert reader(world, OFFICE).visible([M1]) == []
    assert reader(world, key("other")).visible([M1]) == [M1]
    world.ledger.close()


def test_an_office_is_not_a_merchant_of_that_name(tmp_path: Path) -> None:
    """Scopes are plain text: an office called like a merchant or a grid sees what an office sees."""
    world = World(tmp_path / "ledger")
    world.receive("A")
    world.grant(key("odd grid"), "supervisor", M1)
    assert reader(world, key("odd grid")).visible([M1, M2, M3]) == []
    assert reader(world, key("odd grid")).merchant is None
    for name in (M1, "east/1", "*"):
        world.grant(key(f"office {name}"), "office", name)
        found = reader(world, key(f"office {name}"))
        assert found.visible([M1, M2, M3]) == []
        assert not found.may_see_batch("A")
    world.ledger.close()


def test_an_office_sees_the_check_it_was_told_of(tmp_path: Path) -> None:
    """Also when the duty has gone to another since: it has to answer, and what it answers is about that check."""
    world = supervise(World(tmp_path / "ledger"))
    told, other = check(world), check(world)
    world.must(notice(world, told.id))
    world.must(assign(world, merchants=[M1], regulator=HEALTH))
    office = reader(world, key(MARKET))
    assert office.visible([M1]) == []
    assert office.may_see_check(told.id, M1)
    assert not office.may_see_check(other.id, M1)
    entries = {one.statement.id: one.statement for one in world.entries()}
    assert office.may_see_statement(entries[told.id])
    assert not office.may_see_statement(entries[other.id])
    (sent,) = [one for one in entries.values() if one.kind == "notice.sent"]
    assert office.may_see_statement(sent)
    assert reader(world, world.k1).may_see_statement(sent)
    assert not reader(world, world.k2).may_see_statement(sent)
    assert not reader(world, key(STREET)).may_see_check("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", M2[:-1])
    world.ledger.close()


def test_a_recall_concerns_every_holder(tmp_path: Path) -> None:
    world = World(tmp_path / "ledger")
    world.receive("A")
    world.must(world.accept(sent(world, "A", M1, M2), "A", "5"))
    body = {"batch": "A", "reason": "检出超标", "answer_by": world.time(24 * 3_600_000)}
    world.must(world.state([world.officer], "recall.ordered", M1, body))
    recall = world.entries()[-1].statement
    assert reader(world, world.k2).may_see_statement(recall)
    assert not reader(world, world.k3).may_see_statement(recall)
    world.ledger.close()
