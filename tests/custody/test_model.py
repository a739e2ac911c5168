"""The whole ledger against a slow model: any sequence of statements, refused and accepted alike, as of any index."""

from __future__ import annotations

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody import ledger as ledger_module
from ledger.custody.replay import replay
from ledger.custody.supervision.cards import standing_cards
from ledger.custody.supervision.holds import standing_seal
from ledger.errors import LedgerError
from ledger.log import PrivateKey
from tests.custody.model import GOODS, Act, Model
from tests.custody.supervised import CODE, check, supervise
from tests.custody.world import HOUR, M1, M2, M3, World, kg, receipt

MERCHANTS = st.sampled_from([M1, M2, M3])
BATCHES = st.sampled_from(["B1", "B2", "B3"])
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.5", "1", "2.25", "4", "10")])
ANY = st.integers(min_value=0, max_value=10**6)
MOVES = st.lists(
    st.tuples(st.sampled_from(["receive", "sell", "hand_over", "seal", "recall"]), AMOUNTS),
    min_size=2,
    max_size=5,
)


def recalling(world: World, batch: str) -> dict[str, Any]:
    return {"batch": batch, "reason": "阳性", "answer_by": world.time(24 * HOUR)}


class LedgerMachine(RuleBasedStateMachine):
    """Says things to a ledger and to the model; they must agree on what is allowed and on what is held."""

    @initialize(remembered=st.sampled_from([0, 40, ledger_module.REMEMBERED_FACTS]))
    def start(self, remembered: int) -> None:
        self.little = patch.object(ledger_module, "REMEMBERED_FACTS", remembered)
        self.little.start()
        self.folder = Path(tempfile.mkdtemp())
        self.world = supervise(World(self.folder), rectification_same_day=False)
        self.model = Model()
        self.ids: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.little.stop()
            with live_source(self.world.ledger.store, None, name="model") as source:
                report = verify(source, vkey=self.world.ledger.store.vkey)
            assert report.verdict == "intact", report.faults
            self.world.ledger.close()
            shutil.rmtree(self.folder)

    def _try(self, act: Act, kind: str, body: dict[str, Any]) -> None:
        self._try_all([(act, kind, body)])

    def _try_all(self, tried: list[tuple[Act, str, dict[str, Any]]]) -> None:
        """All in one commit; what the model allows depends on what it has allowed before."""
        self.world.later(60_000)
        said = [self.world.envelope([self._key(act)], kind, act.merchant, body) for act, kind, body in tried]
        for (act, _, _), answer in zip(tried, self.world.ledger.append(said), strict=True):
            allowed = self.model.allows(act)
            assert isinstance(answer, LedgerError) != allowed, (act, answer)
            if not isinstance(answer, LedgerError):
                self.model.acts.append((answer.index, act))
                self.ids.append(answer.id)

    def _key(self, act: Act) -> PrivateKey:
        return self.world.keys[act.merchant] if act.what in (*GOODS, "correct") else self.world.officer

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

    # ------------------------------------------------------------------ several at once

    @rule(merchant=MERCHANTS, batch=BATCHES, moves=MOVES)
    def several(self, merchant: str, batch: str, moves: list[tuple[str, Decimal]]) -> None:
        """What merchant and officer say of one batch, in one commit."""
        tried = []
        for what, amount in moves:
            quantity = [{"batch": batch, "quantity": kg(str(amount))}]
            kind, body = {
                "receive": ("goods.received", receipt(batch, str(amount))),
                "sell": ("goods.sold", {"buyer": {"type": "consumers"}, "lines": quantity}),
                "hand_over": ("goods.handed_over", {"to": M3 if merchant == M1 else M1, "lines": quantity}),
                "seal": ("goods.sealed", {"batch": batch, "reason": "可疑"}),
                "recall": ("recall.ordered", recalling(self.world, batch)),
            }[what]
            tried.append((Act(what, merchant, batch, amount, to=body.get("to", "")), kind, body))
        self._try_all(tried)

    # ------------------------------------------------------------------ supervision

    @rule(merchant=MERCHANTS, batch=BATCHES)
    def seal(self, merchant: str, batch: str) -> None:
        self._try(Act("seal", merchant, batch), "goods.sealed", {"batch": batch, "reason": "可疑"})

    @rule(merchant=MERCHANTS, batch=BATCHES)
    def recall(self, merchant: str, batch: str) -> None:
        self._try(Act("recall", merchant, batch), "recall.ordered", recalling(self.world, batch))

    @rule(merchant=MERCHANTS)
    def check(self, merchant: str) -> None:
        self.world.later(60_000)
        made = check(self.world, merchant)
        self.model.acts.append((made.index, Act("check", merchant)))
        self.ids.append(made.id)

    @rule(merchant=MERCHANTS, step=st.sampled_from([1, 2]))
    def card(self, merchant: str, step: int) -> None:
        """One card for a check of its own."""
        self.check(merchant)
        place = len(self.model.acts) - 1
        body = {
            "ruleset": "r-sup", "step": step, "card": ("yellow", "red")[step - 1], "closes": step == 2,
            "inspection": self.ids[place], "code": CODE, "subject": None, "reason": "未消毒",
        }  # fmt: skip
        self._try(Act("card", merchant, ref=place, step=step), "card.issued", body)

    def _places(self, what: str) -> list[int]:
        return [place for place, (_, act) in enumerate(self.model.acts) if act.what == what]

    def _about(self, which: int, of: str, what: str, kind: str, body: dict[str, Any]) -> None:
        """Something about one of the acts of a kind, whether it is still open or not."""
        places = self._places(of)
        if places:
            place = places[which % len(places)]
            merchant = self.model.acts[place][1].merchant
            name = {"lift": "card", "release": "seal", "confirm": "order", "order": "inspection"}[what]
            self._try(Act(what, merchant, ref=place), kind, {name: self.ids[place], **body})

    @rule(which=ANY)
    def lift(self, which: int) -> None:
        self._about(which, "card", "lift", "card.lifted", {"reason": "已改好"})

    @rule(which=ANY)
    def release(self, which: int) -> None:
        self._about(which, "seal", "release", "goods.released", {"reason": "查清"})

    @rule(which=ANY)
    def order(self, which: int) -> None:
        deadline = self.world.time(2 * HOUR)
        about = {"code": CODE, "subject": None, "what": "消毒", "deadline": deadline}
        self._about(which, "check", "order", "rectification.ordered", about)

    @rule(which=ANY)
    def confirm(self, which: int) -> None:
        self._about(which, "order", "confirm", "rectification.confirmed", {})

    # ------------------------------------------------------------------ asking

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
            closing = [one for one in standing_cards(facts, merchant, as_of) if one.value["closes"]]
            assert bool(closing) == self.model.closed(merchant, as_of)
        for batch in ("B1", "B2", "B3"):
            assert (standing_seal(facts, batch, as_of) is not None) == self.model.sealed(batch, as_of)

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
