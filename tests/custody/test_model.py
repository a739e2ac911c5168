"""The whole ledger against a slow model: any sequence of statements, refused and accepted alike, as of any index."""

from __future__ import annotations

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody.replay import replay
from ledger.errors import LedgerError
from tests.custody.model import Act, Model
from tests.custody.world import M1, M2, M3, World, kg, receipt

MERCHANTS = st.sampled_from([M1, M2, M3])
BATCHES = st.sampled_from(["B1", "B2", "B3"])
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.5", "1", "2.25", "4", "10")])
ANY = st.integers(min_value=0, max_value=10**6)


class LedgerMachine(RuleBasedStateMachine):
    """Says things to a ledger and to the model; they must agree on what is allowed and on what is held."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder)
        self.model = Model()
        self.ids: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "world"):
            with live_source(self.world.ledger.store, None, name="model") as source:
                report = verify(source, vkey=self.world.ledger.store.vkey)
            assert report.verdict == "intact", report.faults
            self.world.ledger.close()
            shutil.rmtree(self.folder)

    def _try(self, act: Act, kind: str, body: dict[str, Any]) -> None:
        allowed = self.model.allows(act)
        self.world.later(60_000)
        answer = self.world.say(act.merchant, kind, body)
        assert isinstance(answer, LedgerError) != allowed, (act, answer)
        if not isinstance(answer, LedgerError):
            self.model.acts.append((answer.index, act))
            self.ids.append(answer.id)

    @rule(merchant=MERCHANTS, batch=BATCHES, amount=AMOUNTS)
    def receive(self, merchant: str, batch: str, amount: Decimal) -> None:
        self._try(Act("receive", merchant, batch, amount), "goods.received", receipt(batch, str(amount)))

    @rule(merchant=MERCHANTS, batch=BATCHES, amount=AMOUNTS, to=MERCHANTS)
    def hand_over(self, merchant: str, batch: str, amount: Decimal, to: str) -> None:
        body = {"to": to, "lines": [{"batch": batch, "quantity": kg(str(amount))}]}
        self._try(Act("hand_over", merchant, batch, amount, to=to), "goods.handed_over", body)

    @precondition(lambda self: any(act.what == "hand_over" for _, act in self.model.acts))
    @rule(which=ANY, merchant=st.one_of(st.none(), MERCHANTS), refuse=AMOUNTS, lose=AMOUNTS)
    def accept(self, which: int, merchant: str | None, refuse: Decimal, lose: Decimal) -> None:
        places = [place for place, (_, act) in enumerate(self.model.acts) if act.what == "hand_over"]
        place = places[which % len(places)]
        _, sent = self.model.acts[place]
        refused = refuse if refuse < sent.amount else Decimal(0)
        missing = lose if refused + lose <= sent.amount else Decimal(0)
        accepted = sent.amount - refused - missing
        receiver = merchant or sent.to
        act = Act("accept", receiver, sent.batch, accepted, sent.merchant, refused, missing, place)
        line = {"batch": sent.batch, "accepted": kg(str(accepted))}
        if refused:
            line["refused"] = kg(str(refused))
        if missing:
            line["missing"] = kg(str(missing))
        self._try(act, "goods.accepted", {"handover": self.ids[place], "lines": [line]})

    @rule(merchant=MERCHANTS, batch=BATCHES, amount=AMOUNTS)
    def sell(self, merchant: str, batch: str, amount: Decimal) -> None:
        body = {"buyer": {"type": "consumers"}, "lines": [{"batch": batch, "quantity": kg(str(amount))}]}
        self._try(Act("sell", merchant, batch, amount), "goods.sold", body)

    @rule(merchant=MERCHANTS, batch=BATCHES, amount=AMOUNTS)
    def dispose(self, merchant: str, batch: str, amount: Decimal) -> None:
        body = {
            "manner": "destroyed",
            "reason": "破损",
            "lines": [{"batch": batch, "quantity": kg(str(amount))}],
        }
        self._try(Act("dispose", merchant, batch, amount), "goods.disposed", body)

    @rule(merchant=MERCHANTS, batch=BATCHES, amount=AMOUNTS, sign=st.sampled_from([1, -1]))
    def adjust(self, merchant: str, batch: str, amount: Decimal, sign: int) -> None:
        body = {"reason": "盘点", "lines": [{"batch": batch, "difference": kg(str(amount * sign))}]}
        self._try(Act("adjust", merchant, batch, amount * sign), "goods.adjusted", body)

    @precondition(lambda self: bool(self.model.acts))
    @rule(which=ANY, merchant=st.one_of(st.none(), MERCHANTS))
    def correct(self, which: int, merchant: str | None) -> None:
        place = which % len(self.model.acts)
        _, was = self.model.acts[place]
        author = merchant or was.merchant
        body = {"statement": self.ids[place], "reason": "did_not_happen", "explanation": "误录"}
        self._try(Act("correct", author, ref=place), "statement.corrected", body)

    @rule(which=ANY)
    def ask_the_past(self, which: int) -> None:
        self._compare(which % (self.world.size + 1))

    @invariant()
    def now_is_right(self) -> None:
        if hasattr(self, "world"):
            self._compare(self.world.size)

    def _compare(self, as_of: int) -> None:
        facts = self.world.ledger.facts()
        for merchant in (M1, M2, M3):
            expected = {
                batch: int(amount * 10**6)
                for batch in ("B1", "B2", "B3")
                if (amount := self.model.held(merchant, batch, as_of))
            }
            assert facts.holdings(merchant, as_of) == expected

    @precondition(lambda self: len(self.model.acts) > 3)
    @rule()
    def rebuild(self) -> None:
        store = self.world.ledger.store
        before = [list(store.fact_rows(row)) for row in store.fact_tables]
        store.replace_facts(replay(store.entries(), self.world.ledger.setting))
        assert [list(store.fact_rows(row)) for row in store.fact_tables] == before


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
