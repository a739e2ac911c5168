"""What a process keeps between commits is bounded, whoever sends what; answers do not depend on it (`test_model`)."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from ledger.custody import ledger as ledger_module
from ledger.custody.batch import Receipt
from ledger.errors import LedgerError
from ledger.log import Envelope
from tests.custody.test_admission import CLEANED
from tests.custody.world import M1, World, key, receipt

A_ROUND = 150
Said = Callable[[World, int], Envelope]


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ledger_module, "REMEMBERED_FACTS", 100)
    monkeypatch.setattr(ledger_module, "REMEMBERED_CHAINS", 50)
    yield
    tracemalloc.stop()


def by_a_stranger(world: World, number: int) -> Envelope:
    return world.envelope([key(f"stranger {number}")], "disinfection.logged", M1, CLEANED)


def who_grants_its_own_key(world: World, number: int) -> Envelope:
    stranger = key(f"stranger {number}")
    body = {"public_key": stranger.public.text, "role": "operator", "scope": "*"}
    return world.envelope([stranger], "key.granted", None, body)


def about_a_merchant_that_there_is_not(world: World, number: int) -> Envelope:
    return world.envelope([world.k1], "disinfection.logged", f"{91410100000000000 + number}X", CLEANED)


def receiving(world: World, number: int) -> Envelope:
    return world.envelope([world.k1], "goods.received", M1, receipt(f"B{number}"))


def cleaning(world: World, number: int) -> Envelope:
    return world.envelope([world.k1], "disinfection.logged", M1, CLEANED)


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        (by_a_stranger, False),
        (who_grants_its_own_key, False),
        (about_a_merchant_that_there_is_not, False),
        (receiving, True),
        (cleaning, True),
    ],
)
def test_nothing_piles_up(world: World, said: Said, accepted: bool) -> None:
    """The third and fourth round take as little as nothing: what the first two left has been forgotten."""
    held = []
    for start in range(0, 5 * A_ROUND, A_ROUND):
        if start == A_ROUND:
            tracemalloc.start()
        envelopes = [said(world, start + number) for number in range(A_ROUND)]
        for at in range(0, A_ROUND, 10):
            for answer in world.ledger.append(envelopes[at : at + 10]):
                assert isinstance(answer, Receipt if accepted else LedgerError), answer
        if start:
            del envelopes
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    assert held[-1] - held[-2] < 100 * A_ROUND
