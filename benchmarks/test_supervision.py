"""Supervision over a big ledger: a week's plan, what a supervisor sees, a recall that reaches ten thousand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import Times, repeat, report
from benchmarks.town import MERCHANTS, Town
from ledger import log
from ledger.custody.authoring import CHINA, instant, seen_of, uuid7
from ledger.custody.home import OPERATOR_KEY, Home
from ledger.custody.ledger import Ledger
from ledger.custody.preparing import Picture, look
from ledger.custody.supervision.draw import Assignment, draw
from ledger.custody.supervision.duty import Duty, duties
from ledger.custody.supervision.holds import Recall, recall_status
from ledger.custody.supervision.plan import shops_of
from ledger.custody.supervision.weekly import weekly
from ledger.errors import LedgerError
from ledger.exchange.report.content import content
from ledger.exchange.report.files import write
from ledger.exchange.report.parts import About
from ledger.exchange.report.words import Words
from ledger.log import Envelope, SigningKey
from ledger.log.times import parse_instant
from ledger.store.facts import GrantFact, MerchantFact
from ledger_cli.street.cast import Cast, key_of
from ledger_cli.street.play import Clock
from ledger_cli.street.weeks import at

OFFICERS = 40
HOLDERS = 10_000


def test_plan(benchmark: BenchmarkFixture, town: Town) -> None:
    """Everything read afresh, and drawn: what announcing, drawing and verifying a plan each do."""
    town.add_officers(OFFICERS)
    ledger, size, times = town.ledger, town.size, Times()
    officers = sorted(
        {row.holder for row in ledger.store.fact_rows(GrantFact) if row.role == "supervisor" and row.holder}
    )
    announced = {
        "week": "2022-W40", "grid": "*", "officers": officers[:OFFICERS], "days": [1, 2, 3, 4, 5], "extra_checks": 200,
        "weight_card": 10, "weight_finding": 3, "weight_cold_chain": 2,
    }  # fmt: skip

    def one_round() -> list[Assignment]:
        with times:
            shops = shops_of(ledger.facts(), ledger.setting, announced, size)
            return draw(bytes(32), shops, days=[1, 2, 3, 4, 5], extra=200)

    drawn: list[Assignment] = repeat(benchmark, one_round, rounds=5)
    assert len(drawn) == 2 * MERCHANTS + 200
    report(
        benchmark,
        f"plan of {len(drawn):,} checks by {OFFICERS} officers",
        "<= 1 s",
        p50_ms=times.median * 1000,
        p50_cpu_ms=times.cpu_median * 1000,
    )


def test_what_a_supervisor_sees(benchmark: BenchmarkFixture, town: Town) -> None:
    """Of one merchant, everything read afresh."""
    ledger, size, times, rng = town.ledger, town.size, Times(), Random(3)
    merchants = [row.merchant for row in ledger.store.fact_rows(MerchantFact)]
    today = log.entry.parse(ledger.store.entry(size - 1)).recorded_at

    def one_round(merchant: str) -> Picture:
        with times:
            return look(ledger.facts(), ledger.setting, merchant, started_at=today, as_of=size)

    repeat(benchmark, one_round, setup=lambda: ((rng.choice(merchants),), {}), rounds=100)
    report(
        benchmark,
        f"what a supervisor sees of one merchant in {size:,} entries",
        "<= 20 ms",
        p50_ms=times.median * 1000,
        p50_cpu_ms=times.cpu_median * 1000,
    )


def test_duties(benchmark: BenchmarkFixture, town: Town) -> None:
    """Of all merchants, everything read afresh."""
    ledger, size, times = town.ledger, town.size, Times()

    def one_round() -> list[Duty]:
        with times:
            return duties(ledger.facts(), size)

    assert len(repeat(benchmark, one_round, rounds=5)) == MERCHANTS
    report(benchmark, f"duties of {MERCHANTS:,} merchants", "none asked", p50_ms=times.median * 1000)


def test_weekly_report(
    benchmark: BenchmarkFixture, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The whole town's last whole week: asked for afresh, and written as page, PDF and workbook."""
    ledger, size, times, asking = town.ledger, town.size, Times(), Times()
    last = parse_instant(log.entry.parse(ledger.store.entry(size - 1)).recorded_at)
    year, week, _ = (datetime.fromtimestamp(last / 1000, CHINA) - timedelta(days=7)).isocalendar()
    about = About(ledger.store.origin, size, ledger.root_at(size).hex())

    def one_round(folder: Path) -> int:
        with times:
            with asking:
                found = weekly(
                    ledger.store.facts, ledger.facts(), ledger.setting, week=year * 100 + week, as_of=size
                )
            write(content(found, about, Words.of("zh")), folder)
        return found.checks

    checks = repeat(benchmark, one_round, setup=lambda: ((tmp_path_factory.mktemp("week"),), {}), rounds=3)
    report(
        benchmark,
        f"weekly report of {checks:,} checks in {size:,} entries",
        "<= 5 s",
        p50_ms=times.median * 1000,
        asking_p50_ms=asking.median * 1000,
    )


class Chain:
    """One importer whose batch reaches ten thousand shops."""

    batch = "RECALLED"

    def __init__(self, folder: Path) -> None:
        self._clock, self._rng = Clock(at(date(2022, 8, 1), 9)), Random("chain")
        home = Home.create(
            folder, origin="custody.example/chain", title="召回", jurisdiction="CN-HA", earliest=None, passphrase=None,
            clock=self._clock, randomness=self._rng.randbytes,
        )  # fmt: skip
        self.ledger: Ledger = home.open(lambda _: None, clock=self._clock)
        self._operator = home.key(OPERATOR_KEY, lambda _: None)
        self._shops = Cast.of(5, HOLDERS).merchants
        self._keys = {shop.code: key_of(5, shop.code) for shop in self._shops}
        self.recall = self._tell()

    def _tell(self) -> str:
        officer = key_of(5, "officer")
        body: dict[str, Any] = {
            "public_key": officer.public.text,
            "role": "supervisor",
            "scope": "*",
            "holder": "o-1",
        }
        self._commit([self._say([self._operator], "key.granted", None, body)])
        for start in range(0, HOLDERS, 500):
            self._commit(
                [
                    said
                    for shop in self._shops[start : start + 500]
                    for said in self._enrol(shop.code, officer)
                ]
            )
        root = self._shops[0].code
        line = {"batch": self.batch, "goods_class": "cold_chain", "name": "冻虾", "quantity": _kg(HOLDERS)}
        self._commit([self._by(root, "goods.received", {"lines": [line]})])
        for start in range(1, HOLDERS, 500):
            self._commit(
                [said for shop in self._shops[start : start + 500] for said in self._passed(root, shop.code)]
            )
        body = {
            "batch": self.batch,
            "reason": "检出 found",
            "answer_by": instant(self._clock.ms + 86_400_000),
        }
        ordered = self._say([officer], "recall.ordered", root, body)
        self._commit([ordered])
        return log.statement.parse_statement(ordered.payload).id

    def _enrol(self, code: str, officer: SigningKey) -> Iterator[Envelope]:
        body: dict[str, Any] = {
            "name": code, "address": "郑州", "grid": "erligang/1/01", "place_kind": "shop",
            "goods_classes": ["cold_chain"], "zones": [], "staff_count": 1,
        }  # fmt: skip
        yield self._say([officer], "merchant.enrolled", code, body)
        key = {"public_key": self._keys[code].public.text, "role": "merchant", "scope": code}
        yield self._say([self._operator], "key.granted", None, key)

    def _passed(self, root: str, code: str) -> Iterator[Envelope]:
        given = self._by(
            root, "goods.handed_over", {"to": code, "lines": [{"batch": self.batch, "quantity": _kg(1)}]}
        )
        yield given
        handover = log.statement.parse_statement(given.payload).id
        lines = [{"batch": self.batch, "accepted": _kg(1)}]
        yield self._by(code, "goods.accepted", {"handover": handover, "lines": lines})

    def _by(self, code: str, kind: str, body: dict[str, Any]) -> Envelope:
        return self._say([self._keys[code]], kind, code, body)

    def _say(self, keys: list[SigningKey], kind: str, merchant: str | None, body: dict[str, Any]) -> Envelope:
        payload = log.statement.build_statement(
            body=body, id=uuid7(self._clock.ms, self._rng.randbytes(10)), kind=kind, ledger=self.ledger.store.origin,
            merchant=merchant, occurred_at=instant(self._clock.ms), seen=seen_of(self.ledger.store.head()),
        )  # fmt: skip
        return log.statement.sign(payload, keys)

    def _commit(self, envelopes: list[Envelope]) -> None:
        self._clock.ms += 1000
        for answer in self.ledger.append(envelopes):
            if isinstance(answer, LedgerError):
                raise answer


def _kg(amount: int) -> dict[str, str]:
    return {"value": str(amount), "unit": "kg"}


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    made = Chain(tmp_path / "chain")
    yield made
    made.ledger.close()


def test_recall(benchmark: BenchmarkFixture, chain: Chain) -> None:
    """Who has had some of the batch, everything read afresh."""
    ledger, times = chain.ledger, Times()
    size = ledger.store.head().size

    def one_round() -> Recall:
        with times:
            return recall_status(ledger.store.facts, ledger.facts(), chain.recall, size)

    found: Recall = repeat(benchmark, one_round, rounds=10)
    assert len(found.holders) == HOLDERS
    report(
        benchmark,
        f"recall over {len(found.holders):,} holders",
        "<= 200 ms",
        p50_ms=times.median * 1000,
        p50_cpu_ms=times.cpu_median * 1000,
    )
