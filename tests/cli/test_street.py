"""The street office of the demonstration: what its story planted is what the ledger finds, both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from ledger.audit import spill
from ledger.audit import verify as verifying
from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody import replay as replaying
from ledger.custody.coverage import coverage
from ledger.custody.facts import Facts
from ledger.custody.home import OPERATOR_KEY, Home
from ledger.custody.ledger import Ledger
from ledger.custody.matters import read
from ledger.custody.partition import Rows
from ledger.custody.replay import replay
from ledger.custody.supervision.plan import planned
from ledger.custody.supervision.rectification import orders
from ledger.store.facts import StatementFact
from ledger_cli.street.cast import Cast
from ledger_cli.street.oversight import Planted
from ledger_cli.street.play import Clock, Player
from ledger_cli.street.weeks import FIRST_DAY, Weeks, at

WEEKS = {202226: "2022-W26", 202227: "2022-W27"}


class Street(NamedTuple):
    home: Home
    ledger: Ledger
    planted: Planted
    importers: set[str]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """420 shops of which 20 with imported goods, for two weeks."""
    played = play(tmp_path_factory.mktemp("street") / "ledger", shops=420, weeks=2)
    yield played
    played.ledger.close()


def play(folder: Path, *, shops: int, weeks: int) -> Street:
    clock, random = Clock(at(FIRST_DAY, 5)), Random("test")
    home = Home.create(
        folder, origin="custody.example/street", title="演示", jurisdiction="CN-HA", earliest=None, passphrase=None,
        clock=clock, randomness=random.randbytes,
    )  # fmt: skip
    ledger = home.open(lambda _: None, clock=clock)
    cast = Cast.of(11, shops)
    story = Weeks(
        cast,
        Player(ledger, clock, random.randbytes),
        seed=11,
        operator=home.key(OPERATOR_KEY, lambda _: None),
    )
    story.play(weeks)
    return Street(home, ledger, story.oversight.planted, {merchant.code for merchant in cast.importers})


def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    told = [play(tmp_path / name, shops=50, weeks=1) for name in ("once", "again")]
    heads = [one.ledger.store.head() for one in told]
    for one in told:
        one.ledger.close()
    assert heads[0] == heads[1]


@pytest.mark.parametrize("week", WEEKS)
def test_missed_merchants(street: Street, week: int) -> None:
    ledger = street.ledger
    found = coverage(
        ledger.store.facts, ledger.facts(), ledger.setting, week=week, as_of=ledger.store.head().size
    )
    made = street.planted.made[week]
    assert {one.merchant for one in found.missed} == {code for code in street.importers if made[code] < 2}
    assert {one.merchant: len(one.checks) for one in found.merchants if one.checks} == dict(made)


@pytest.mark.parametrize("week", WEEKS)
def test_plans_are_drawn_for_everyone(street: Street, week: int) -> None:
    ledger = street.ledger
    (plan,) = planned(ledger.facts(), ledger.setting, WEEKS[week], ledger.store.head().size)
    asked = Counter(one.merchant for one in plan.checks)
    assert set(asked) == street.importers and min(asked.values()) >= 2


def test_cards_orders_and_notices(street: Street) -> None:
    reader = street.ledger.store.facts
    cards = Counter(
        (read(row).value["card"], _week(read(row).value["day"])) for row in reader.matters_of_topic("card")
    )
    planted = street.planted
    for colour, counted in (("yellow", planted.yellow), ("red", planted.red)):
        assert {week: cards[colour, week] for week in WEEKS} == {week: counted[week] for week in WEEKS}
    found = orders(reader.matters_of_topic("order"), reader.matters_of_topic("order_step"))
    by_week = Counter(_week_of_ms(order.ordered_ms) for order in found)
    late = Counter(_week_of_ms(order.ordered_ms) for order in found if order.overdue(at(date(2022, 8, 1), 0)))
    assert {week: by_week[week] for week in WEEKS} == {week: planted.ordered[week] for week in WEEKS}
    assert {week: late[week] for week in WEEKS} == {week: planted.overdue[week] for week in WEEKS}
    sent, answered = reader.matters_of_topic("notice"), reader.matters_of_topic("notice_answer")
    assert len(sent) == sum(planted.notices.values())
    assert len(sent) - len(answered) == sum(planted.unanswered.values())
    assert sum(planted.overdue.values()) and sum(planted.yellow.values()), "the story has something of each"


def test_a_false_attestation_is_found(street: Street) -> None:
    codes = Counter(read(row).value["code"] for row in street.ledger.store.facts.matters_of_topic("finding"))
    assert codes["clearance_contradicted"]


def test_the_story_verifies(street: Street) -> None:
    with live_source(street.ledger.store, street.home.blobs, name="street") as source:
        report = verify(source, vkey=street.ledger.store.vkey)
    assert (report.verdict, report.faults) == ("intact", ())


def test_facts_on_disk_give_the_same_report(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    with live_source(street.ledger.store, street.home.blobs, name="street") as source:
        in_memory = verify(source, vkey=street.ledger.store.vkey, signatures=False)
        monkeypatch.setattr(verifying, "IN_MEMORY", 0)
        monkeypatch.setattr(spill, "KEPT", 0)
        monkeypatch.setattr(spill, "BUFFERED", 1)
        assert verify(source, vkey=street.ledger.store.vkey, signatures=False) == in_memory


class _Known(Rows[bytes, StatementFact]):
    """All statements, kept where `Facts.forget` does not reach."""

    def __init__(self, statements: list[StatementFact]) -> None:
        super().__init__(lambda row: row.id, None)
        self._all = {row.id: row for row in statements}

    def last(self, key: bytes, as_of: int) -> StatementFact | None:
        row = self._all.get(key)
        return row if row is not None and row.index < as_of else None


def test_a_replay_that_forgets_after_every_entry(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked for comes back from disk as it was: every question of every rule."""
    ledger = street.ledger
    entries = list(ledger.store.entries(0, ledger.store.head().size))
    monkeypatch.setattr(replaying, "CHUNK", 1)
    monkeypatch.setattr(spill, "KEPT", 0)
    monkeypatch.setattr(spill, "BUFFERED", 1)
    expected = list(replay(entries, ledger.setting))
    with spill.Spill() as disk:
        facts = Facts(disk)
        facts.statements = _Known([row for chunk in expected for row in chunk[StatementFact]])  # type: ignore[misc]
        for found, chunk in zip(replay(entries, ledger.setting, facts), expected, strict=True):
            assert found == chunk
            (statement,) = found[StatementFact]
            rows = [row for table, listed in found.items() if table is not StatementFact for row in listed]
            disk.take(statement, rows)  # type: ignore[arg-type]  # of its type by its key
            disk.settle(facts)


def _week(day: int) -> int:
    year, week, _ = date.fromordinal(day).isocalendar()
    return year * 100 + week


def _week_of_ms(ms: int) -> int:
    return _week(date(1970, 1, 1).toordinal() + (ms // 3_600_000 + 8) // 24)
