"""The draw of a plan raced against its page (`lots`), and what people are promised of every draw."""

from __future__ import annotations

import doctest
from collections import Counter
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.custody.supervision.draw import Assignment, Shop, Stream, draw
from tests.reference import lots

OFFICERS = [f"officer-{n}" for n in range(6)]


@st.composite
def shops(draw_: st.DrawFn) -> list[Shop]:
    """Shops in order of credit code, each with enough officers."""
    made = []
    for number in range(draw_(st.integers(0, 12))):
        able = draw_(st.lists(st.sampled_from(OFFICERS), min_size=2, unique=True).map(sorted))
        made.append(
            Shop(
                f"M{number:02d}",
                draw_(st.integers(0, 4)),
                draw_(st.integers(1, 2)),
                draw_(st.integers(1, 3001)),
                tuple(able),
            )
        )
    return made


SEEDS = st.binary(min_size=32, max_size=32)
DAYS = st.lists(st.integers(1, 7), min_size=1, unique=True).map(sorted)


def test_the_page_has_true_examples() -> None:
    assert doctest.testmod(lots).failed == 0


@given(SEEDS, shops(), DAYS, st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_the_draw_is_the_one_on_its_page(seed: bytes, drawn: list[Shop], days: list[int], extra: int) -> None:
    mine = [(s.merchant, s.due, s.together, s.weight, list(s.officers)) for s in drawn]
    theirs = draw(seed, drawn, days=days, extra=extra)
    assert [(one.merchant, one.day, list(one.officers)) for one in theirs] == lots.draw(
        seed, mine, days, extra
    )


@given(SEEDS, st.lists(st.one_of(st.integers(1, 50), st.integers(2**63, 2**64)), max_size=40))
def test_numbers_are_those_of_the_page(seed: bytes, limits: list[int]) -> None:
    """Limits above half the range throw away nearly every other number."""
    stream, mine = Stream(seed), lots.Numbers(seed)
    assert [stream.below(limit) for limit in limits] == [mine.below(limit) for limit in limits]


@given(SEEDS, shops(), DAYS, st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_what_every_draw_promises(seed: bytes, drawn: list[Shop], days: list[int], extra: int) -> None:
    checks = draw(seed, drawn, days=days, extra=extra)
    of = {shop.merchant: [one for one in checks if one.merchant == shop.merchant] for shop in drawn}
    room = sum(max(shop.due, 1) for shop in drawn)
    assert len(checks) == sum(shop.due for shop in drawn) + min(extra, room)
    for shop in drawn:
        _promised(shop, of[shop.merchant], days)
    assert checks == sorted(checks)


def _promised(shop: Shop, checks: list[Assignment], days: list[int]) -> None:
    """As often as due, never more than twice that; able and different officers; days as far apart as they can be."""
    assert shop.due <= len(checks) <= max(2 * shop.due, shop.due + 1)
    for one in checks:
        assert len(set(one.officers)) == len(one.officers) == shop.together
        assert set(one.officers) <= set(shop.officers)
        assert one.day in days
    places = sorted(days.index(one.day) for one in checks)
    if len(checks) <= len(days):
        assert len(set(places)) == len(places), "each check has a day of its own"
    for place, after in zip(places, [*places[1:], places[0] + len(days)] if places else [], strict=True):
        assert after - place >= len(days) // len(checks)


@given(SEEDS, st.integers(1, 30), st.integers(1, 2), st.integers(2, 6), DAYS, st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_loads_are_even(
    seed: bytes, count: int, together: int, officers: int, days: list[int], extra: int
) -> None:
    """Where all may check everywhere, nobody has two checks more than another."""
    able = tuple(OFFICERS[:officers])
    drawn = [Shop(f"M{n:02d}", 2, together, 1, able) for n in range(count)]
    checks = draw(seed, drawn, days=days, extra=extra)
    loads = Counter(dict.fromkeys(able, 0))
    loads.update(officer for one in checks for officer in one.officers)
    assert max(loads.values()) - min(loads.values()) <= 1


@given(SEEDS, st.integers(1, 40), st.integers(1, 3), DAYS)
@settings(max_examples=200, deadline=None)
def test_days_are_even(seed: bytes, count: int, due: int, days: list[int]) -> None:
    """No day has more checks than another by more than those of one shop."""
    drawn = [Shop(f"M{n:02d}", due, 1, 1, ("a",)) for n in range(count)]
    busy = Counter(dict.fromkeys(days, 0))
    busy.update(one.day for one in draw(seed, drawn, days=days, extra=0))
    assert max(busy.values()) - min(busy.values()) <= due


def test_narrow_scopes_do_not_pile_work_on_those_who_may_go_everywhere() -> None:
    """Ten shops only one officer may check, ten open to two: the free one takes the shops that are open."""
    drawn = [Shop(f"A{n}", 1, 1, 1, ("narrow",)) for n in range(10)]
    drawn += [Shop(f"B{n}", 1, 1, 1, ("free", "narrow")) for n in range(10)]
    for number in range(50):
        checks = draw(sha256(b"%d" % number).digest(), drawn, days=[1], extra=0)
        loads = Counter(one.officers[0] for one in checks)
        assert loads["free"] >= 5


def test_odds_of_an_extra_check_are_those_of_the_weights() -> None:
    """Weights 1, 2 and 5 among three shops, one extra check: 1/8, 2/8 and 5/8 (fixed seeds, chi squared at 0.1 %)."""
    weights, runs = (1, 2, 5), 8000
    drawn = [Shop(f"M{n}", 1, 1, weight, ("a",)) for n, weight in enumerate(weights)]
    found: Counter[str] = Counter()
    for number in range(runs):
        checks = draw(sha256(b"odds %d" % number).digest(), drawn, days=[1], extra=1)
        found.update(Counter(one.merchant for one in checks) - Counter(shop.merchant for shop in drawn))
    expected = [runs * weight / sum(weights) for weight in weights]
    chi = sum((found[f"M{n}"] - want) ** 2 / want for n, want in enumerate(expected))
    assert sum(found.values()) == runs and chi < 13.8


def test_every_day_and_every_officer_is_as_likely() -> None:
    days, officers, runs = (1, 3, 5), ("a", "b", "c", "d"), 6000
    found: Counter[tuple[int, str]] = Counter()
    for number in range(runs):
        (check,) = draw(
            sha256(b"even %d" % number).digest(), [Shop("M", 1, 1, 1, officers)], days=days, extra=0
        )
        found[check.day, check.officers[0]] += 1
    want = runs / 12
    chi = sum((found[day, officer] - want) ** 2 / want for day in days for officer in officers)
    assert chi < 31.3  # 11 degrees of freedom, 0.1 %
