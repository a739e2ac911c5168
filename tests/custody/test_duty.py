"""Duties (包保责任): who is responsible for whom, as of when, and that nobody is left out."""

from __future__ import annotations

import pytest

from ledger.custody.supervision.duty import Duty, duties
from ledger.errors import NotAuthorised, UnknownReference
from tests.custody.supervised import HEALTH, MARKET, STREET, assign, refused
from tests.custody.world import M1, M2, M3, World, key


@pytest.fixture
def offices(world: World) -> World:
    for office in (MARKET, STREET, HEALTH):
        world.grant(key(office), "office", office)
    return world


def who(world: World, merchant: str, as_of: int | None = None) -> Duty:
    found = duties(world.ledger.facts(), world.size if as_of is None else as_of)
    return next(duty for duty in found if duty.merchant == merchant)


def test_nobody_is_responsible_until_somebody_is_assigned(offices: World) -> None:
    listed = duties(offices.ledger.facts(), offices.size)
    assert [duty.merchant for duty in listed] == [M1, M2, M3]
    assert all(duty.missing == ("supervisor", "regulator", "unit") for duty in listed)
    offices.must(assign(offices, grid="*", supervisor="officer-1", regulator=MARKET, unit=STREET))
    assert not any(duty.missing for duty in duties(offices.ledger.facts(), offices.size))


def test_the_nearest_assignment_counts_for_each_role_by_itself(offices: World) -> None:
    everywhere = offices.must(
        assign(offices, grid="*", supervisor="officer-1", regulator=MARKET, unit=STREET)
    )
    grid = offices.must(assign(offices, grid="east/1", supervisor="officer-2"))
    one = offices.must(assign(offices, merchants=[M2], unit=HEALTH))
    assert who(offices, M1)[3:] == ("officer-2", MARKET, STREET, (grid.index, everywhere.index))
    assert who(offices, M2)[3:] == ("officer-2", MARKET, HEALTH, (one.index, grid.index, everywhere.index))
    assert who(offices, M3)[3:] == ("officer-1", MARKET, STREET, (everywhere.index,))


def test_a_grid_is_not_the_one_whose_name_begins_like_it(offices: World) -> None:
    offices.must(assign(offices, grid="east/1/0", supervisor="officer-1"))
    assert who(offices, M1).supervisor is None


def test_assigning_again_ends_the_old_duty_and_not_what_was(offices: World) -> None:
    offices.grant(key("second again"), "supervisor", "east", "officer-2")
    first = offices.must(assign(offices, grid="east", supervisor="officer-1", regulator=MARKET))
    second = offices.must(assign(offices, grid="east", supervisor="officer-2"))
    assert who(offices, M1)[3:5] == ("officer-2", MARKET)
    assert who(offices, M1, second.index).supervisor == "officer-1"
    assert who(offices, M1, first.index).supervisor is None


def test_the_supervisor_named_at_enrolment_stands_in(offices: World) -> None:
    offices.enroll(M1, "east/1/01", supervisor="officer-9")
    assert who(offices, M1).supervisor == "officer-9"
    offices.must(assign(offices, grid="*", supervisor="officer-1"))
    assert who(offices, M1).supervisor == "officer-1"


def test_a_merchant_that_moves_comes_under_the_duty_of_its_new_grid(offices: World) -> None:
    offices.grant(key("second again"), "supervisor", "west", "officer-2")
    offices.must(assign(offices, grid="east", supervisor="officer-1"))
    offices.must(assign(offices, grid="west", supervisor="officer-2"))
    before = offices.size
    offices.enroll(M1, "west/7")
    assert (who(offices, M1).supervisor, who(offices, M1, before).supervisor) == ("officer-2", "officer-1")


def test_one_office_in_both_capacities_is_one_too_few(offices: World) -> None:
    """Even where two assignments bring it about, each of them in order."""
    offices.must(assign(offices, grid="*", supervisor="officer-1", regulator=MARKET, unit=STREET))
    offices.must(assign(offices, grid="east", unit=MARKET))
    assert who(offices, M1).missing == ("unit",) and who(offices, M3).missing == ()


def test_whoever_is_responsible_can_check_there(offices: World) -> None:
    """officer-2 has a key for east/1."""
    offices.must(assign(offices, grid="east/1", supervisor="officer-2"))
    refused(assign(offices, grid="east", supervisor="officer-2"), NotAuthorised, "body.grid")
    refused(assign(offices, merchants=[M1, M3], supervisor="officer-2"), NotAuthorised, "body.merchants[1]")


def test_refusals(offices: World) -> None:
    unknown = "91410104MACU0004X0"
    refused(assign(offices, merchants=[M1, unknown], unit=STREET), UnknownReference, "body.merchants[1]")
    refused(assign(offices, grid="*", supervisor="officer-7"), UnknownReference, "body.supervisor")
    refused(assign(offices, grid="*", supervisor=MARKET), UnknownReference, "body.supervisor")
    refused(assign(offices, grid="*", regulator="officer-1"), UnknownReference, "body.regulator")
    refused(assign(offices, grid="*", regulator=MARKET, unit="no such office"), UnknownReference, "body.unit")
    refused(assign(offices, [offices.second], grid="east/1", unit=STREET), NotAuthorised, "merchant")
    refused(assign(offices, [offices.k1], grid="*", unit=STREET), NotAuthorised, "signatures")


def test_whose_only_key_was_revoked_is_responsible_for_nothing_new(offices: World) -> None:
    """But with a new key of the same holder again."""
    lost = {"keyid": offices.second.public.keyid, "reason": "lost"}
    offices.must(offices.state([offices.operator], "key.revoked", None, lost))
    refused(assign(offices, grid="*", supervisor="officer-2"), UnknownReference, "body.supervisor")
    offices.grant(key("second again"), "supervisor", "*", "officer-2")
    offices.must(assign(offices, grid="*", supervisor="officer-2"))


def test_of_two_grids_the_nearer_one_counts(offices: World) -> None:
    """Whichever was assigned last."""
    offices.must(assign(offices, grid="east/1", supervisor="officer-2"))
    offices.must(assign(offices, grid="east", supervisor="officer-1"))
    assert who(offices, M1).supervisor == "officer-2"
