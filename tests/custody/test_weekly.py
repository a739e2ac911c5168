"""The week's numbers are those of a slow recount from the entries, whatever else stands in the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.coverage import parse_week
from ledger.custody.supervision.plan import planned
from ledger.custody.supervision.weekly import Weekly, weekly
from ledger.custody.supervision.weekly_scope import third_level
from ledger.errors import UsageError
from ledger.log import Entry
from tests.custody.street_week import NUMBER, WEEK, play
from tests.custody.supervised import CODE, MARKET, STREET
from tests.custody.world import M1, M2, M3, World

FIRST, LAST = date(2026, 4, 27), date(2026, 5, 3)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play(World(tmp_path_factory.mktemp("weekly") / "ledger"))


def ask(world: World, week: str = WEEK, as_of: int | None = None, grid: str = "*") -> Weekly:
    size = world.size if as_of is None else as_of
    ledger = world.ledger
    return weekly(
        ledger.store.facts, ledger.facts(), ledger.setting, week=parse_week(week), as_of=size, grid=grid
    )


class Recount:
    """All from the entries themselves, one after the other."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        back = {
            entry.statement.body["statement"]
            for entry in entries
            if entry.statement.kind == "statement.corrected"
        }
        self.stand = [entry for entry in entries if entry.statement.id not in back]

    def of_week(self, kind: str) -> list[Entry]:
        return [entry for entry in self.stand if entry.statement.kind == kind and _in_week(_day(entry))]

    def steps(self, order: Entry) -> list[Entry]:
        return [
            entry
            for entry in self.stand
            if entry.statement.kind == "rectification.confirmed" and entry.statement.body["order"] == order.statement.id
        ]  # fmt: skip


def _day(entry: Entry) -> date:
    return date.fromisoformat(entry.statement.occurred_at[:10])


def _in_week(day: date) -> bool:
    return FIRST <= day <= LAST


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_checks_and_who_was_missed(street: World) -> None:
    found, checks = ask(street), Recount(street.entries()).of_week("inspection.recorded")
    assert (found.week, found.first_day, found.last_day, found.as_of) == (WEEK, FIRST, LAST, street.size)
    assert found.checks == len(checks) == 3
    by_grid: defaultdict[str, Counter[int]] = defaultdict(Counter)
    grid_of = {M1: "east/1/01", M2: "east/1/02", M3: "west/2"}
    for one in checks:
        by_grid[grid_of[one.statement.merchant or ""]][_day(one).weekday()] += 1
    for grid in found.grids:
        assert grid.made == tuple(by_grid[grid.grid][day] for day in range(7))
        assert grid.required == 2 and grid.merchants == 1
    assert [(one.merchant, one.counted, one.supervisor) for one in found.missed] == [
        (M2, 1, "officer-1"),
        (M3, 0, "officer-1"),
    ]
    assert (found.due, found.required, found.counted, found.checked) == (3, 6, 3, 2)


def test_findings_standing_and_waived(street: World) -> None:
    standing: Counter[str] = Counter()
    let_pass: Counter[str] = Counter()
    with_findings = 0
    for one in Recount(street.entries()).of_week("inspection.recorded"):
        body: Any = one.statement.body
        waivers = {(waiver["code"], waiver.get("subject")) for waiver in body.get("waivers", ())}
        stands = [f["code"] for f in body.get("findings", ()) if (f["code"], f.get("subject")) not in waivers]
        standing.update(stands)
        let_pass.update(code for code, _ in waivers)
        with_findings += bool(stands)
    found = ask(street)
    assert {one.code: one.standing for one in found.findings if one.standing} == dict(standing)
    assert {one.code: one.waived for one in found.findings if one.waived} == dict(let_pass) != {}
    assert found.with_findings == with_findings
    counts = [one.standing for one in found.findings]
    assert counts == sorted(counts, reverse=True)


def test_cards_of_the_week_alone(street: World) -> None:
    issued = Recount(street.entries()).of_week("card.issued")
    found = ask(street).cards
    assert [(one.index, one.card, one.merchant, one.closes) for one in found] == [
        (one.index, one.statement.body["card"], one.statement.merchant, one.statement.body["closes"])
        for one in issued
    ]
    assert [one.card for one in found] == ["red"] and not found[0].lifted
    assert [one.card for one in ask(street, "2026-W17").cards] == ["yellow"]


def test_orders_and_how_they_ended(street: World) -> None:
    recount = Recount(street.entries())
    ordered = recount.of_week("rectification.ordered")
    now = _ms(street.entries()[-1].recorded_at)
    minutes, same, later, overdue = [], 0, 0, 0
    for one in ordered:
        steps = recount.steps(one)
        done = _ms(steps[0].statement.occurred_at) if steps else now
        overdue += done > _ms(str(one.statement.body["deadline"]))
        if steps:
            minutes.append((done - _ms(one.statement.occurred_at)) // 60_000)
            same += _day(steps[0]) == _day(one)
            later += _day(steps[0]) != _day(one)
    found = ask(street).rectification
    assert (found.ordered, found.same_day, found.later, found.overdue) == (len(ordered), same, later, overdue)
    assert (len(ordered), same, later, overdue, found.open) == (3, 1, 1, 2, 1)
    assert found.longest_minutes == max(minutes) and found.median_minutes == sum(minutes) // 2
    assert found.carried == 1
    assert [(day.day, day.ordered) for day in found.days if day.ordered] == [
        (FIRST, 2),
        (FIRST + timedelta(days=3), 1),
    ]
    assert [one.merchant for one in found.late] == [M1, M2]


def test_an_order_is_overdue_only_once_time_has_passed(street: World) -> None:
    """As of the order itself nothing is late yet: the report of an index never changes."""
    last = Recount(street.entries()).of_week("rectification.ordered")[-1]
    before = ask(street, as_of=last.index + 1).rectification
    assert (before.ordered, before.open, before.overdue) == (3, 1, 1)
    assert ask(street, as_of=last.index + 1) == ask(street, as_of=last.index + 1)


def test_plan_against_done(street: World) -> None:
    """Matched by hand: a check drawn is made if there is one of the merchant, first on its day, then on another."""
    (plan,) = planned(street.ledger.facts(), street.ledger.setting, WEEK, street.size)
    made: dict[str, list[int]] = defaultdict(list)
    for one in Recount(street.entries()).of_week("inspection.recorded"):
        made[one.statement.merchant or ""].append(_day(one).isoweekday())
    on_day = other = 0
    for merchant, days in made.items():
        drawn = [one.day for one in plan.checks if one.merchant == merchant]
        exact = sum((Counter(days) & Counter(drawn)).values())
        on_day += exact
        other += min(len(days), len(drawn)) - exact
    found = ask(street).plan
    assert (found.planned, found.on_day, found.other_day) == (len(plan.checks), on_day, other)
    assert found.undone == found.planned - found.done and found.to_come == 0
    assert found.unplanned == 3 - found.done
    assert sum(one.planned for one in found.officers) == sum(len(one.officers) for one in plan.checks)
    assert sum(sum(grid.planned) for grid in ask(street).grids) == found.planned
    assert ask(street, "2026-W17").plan.planned == 0


def test_temperatures_beyond_the_limit_of_their_zone(street: World) -> None:
    read = Recount(street.entries()).of_week("temperature.logged")
    warm = [one for one in read if float(str(one.statement.body["maximum"])) > -18]
    found = ask(street)
    assert found.readings == len(read) == 2
    assert [(one.index, one.merchant, one.zone, one.high, one.upper_limit) for one in found.excursions] == [
        (one.index, M3, "F1", -1200, -1800) for one in warm
    ]
    (only,) = found.excursions
    assert only.ended * 1000 == _ms(str(warm[0].statement.body["ended_at"]))


def test_notices_and_answers(street: World) -> None:
    sent = Recount(street.entries()).of_week("notice.sent")
    found = ask(street)
    assert sum(one.sent for one in found.notices) == len(sent) == 2
    assert [(one.capacity, one.sent, one.answered) for one in found.notices] == [
        ("regulator", 1, 1),
        ("unit", 1, 0),
    ]
    assert [one.office for one in found.unanswered] == [STREET] != [MARKET]


def test_notices_that_nobody_sent(street: World) -> None:
    """Each finding that is to be told, to two offices, without those that were told."""
    recount = Recount(street.entries())
    due: Counter[tuple[str, str]] = Counter()
    for one in recount.of_week("inspection.recorded"):
        body: Any = one.statement.body
        due[one.statement.merchant or "", one.statement.id] += sum(
            finding["code"] == CODE for finding in body["findings"]
        )
    expected = {
        (merchant, capacity): sum(count for (of, _), count in due.items() if of == merchant)
        for merchant, _ in due
        for capacity in ("regulator", "unit")
    }
    for one in recount.of_week("notice.sent"):
        expected[one.statement.merchant or "", str(one.statement.body["capacity"])] -= 1
    found = ask(street)
    assert {(one.merchant, one.capacity): one.findings for one in found.unsent} == {
        key: count for key, count in expected.items() if count
    }
    assert sum(one.unsent for one in found.notices) == sum(expected.values()) == 4
    assert {one.office for one in found.unsent} == {MARKET, STREET}
    assert not ask(street, grid="west").unsent


def test_plans_announced_for_the_week(street: World) -> None:
    (plan,) = ask(street).announced
    (said,) = [one for one in street.entries() if one.statement.kind == "plan.announced"]
    assert (plan.index, plan.grid, plan.state, plan.replaces) == (said.index, "*", "drawn", ())
    (before,) = ask(street, "2026-W17", as_of=plan.ended).announced or (None,)
    assert before is None, "it is of another week"
    assert ask(street, as_of=street.size, grid="west").announced == (plan,), "it is for all grids"


def test_entries_recorded_late(street: World) -> None:
    recount = Recount(street.entries())
    late: Counter[str] = Counter()
    logged = 0
    for one in recount.stand:
        recorded = datetime.fromisoformat(one.recorded_at) + timedelta(hours=8)
        if not _in_week(recorded.date()) or one.statement.kind not in (
            "temperature.logged",
            "disinfection.logged",
        ):
            continue
        logged += 1
        late[one.statement.merchant or ""] += (
            _ms(one.recorded_at) - _ms(one.statement.occurred_at) > 24 * 3_600_000
        )
    found = ask(street)
    assert found.logged == logged == 4
    assert (
        {one.merchant: one.entries for one in found.late}
        == {one: n for one, n in late.items() if n}
        == {M1: 1}
    )
    assert found.late[0].longest_minutes == 25 * 60


def test_a_grid_alone(street: World) -> None:
    """The parts of the grids add up to the whole, and nothing of another grid is in them."""
    whole, east, west = ask(street), ask(street, grid="east/1"), ask(street, grid="west")
    assert east.checks + west.checks == whole.checks and {one.grid for one in west.grids} == {"west/2"}
    assert len(east.cards) == 1 and not west.cards
    assert (east.rectification.ordered, west.rectification.ordered) == (3, 0)
    assert not east.excursions and len(west.excursions) == 1
    assert east.plan.planned + west.plan.planned == whole.plan.planned
    assert sum(one.sent for one in west.notices) == 0 and not west.late


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"week": "2026-W20"}, "outside of the ledger"),
        ({"week": "2026-W16"}, "outside of the ledger"),
        ({"grid": "north"}, "no merchant is enrolled in grid"),
        ({"as_of": 0}, "as of entry 0"),
    ],
)
def test_questions_that_have_no_answer(street: World, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ask(street, **asked)


def test_a_week_in_which_nothing_happened(tmp_path: Path) -> None:
    world = World(tmp_path / "ledger")
    found = ask(world, "2026-W17")
    assert (found.checks, found.findings, found.cards, found.excursions, found.late) == (0, (), (), (), ())
    assert len(found.missed) == 3 and found.rectification.median_minutes is None
    assert parse_week(WEEK) == NUMBER
    assert third_level("a/b/c/d") == "a/b/c" and third_level("a") == "a"
    world.ledger.close()
