"""A big ledger, made fast: a street office whose 2,105 merchants all deal in imported goods.

    town = Town.found(folder)
    town.grow(to=50_000)                        # realistic entries, 1,000 a commit, through `Ledger.append`
    envelopes = town.next_statements(1_000)     # signed, not yet submitted

Every entry is admitted like any other: nothing is written past the ledger. Of 100 statements some 40 are
disinfections, 12 temperatures, 10 receipts, 16 movements (with handovers and their acceptance), 4 checks
with the findings that ledger and observation give, the rest attestations and papers. One batch, `TRACED`,
moves 50 times between the first merchants, spread over the whole ledger.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from ledger import log
from ledger.custody.authoring import CHINA, instant, seen_of, uuid7
from ledger.custody.context import rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.findings import Check, compute
from ledger.custody.home import Home
from ledger.custody.ledger import Ledger
from ledger.errors import LedgerError
from ledger.log import Envelope, SigningKey
from ledger_cli.street import goods
from ledger_cli.street.cast import COLD, DRY, Cast, Merchant, key_of
from ledger_cli.street.play import Clock
from ledger_cli.street.weeks import at
from ledger_schemas import Observed, default_rulesets

MERCHANTS = 2_105
PER_COMMIT = 1_000
FIRST_DAY = date(2022, 8, 1)
TRACED = "TRACED-50"
TRACED_MOVEMENTS = 50
MS_PER_STATEMENT = 86_400_000 // (MERCHANTS * 5 // 2)
"""Two and a half statements a merchant and day."""

MIX = {
    "disinfect": 40,
    "temperature": 12,
    "receive": 10,
    "sell": 8,
    "hand_over": 4,
    "accept": 4,
    "inspect": 4,
    "attest": 9,
    "paper": 9,
}

Waiting = tuple[Merchant, str, str, int]
"""A handover not accepted yet: taker, statement id, batch, micro-units."""


class Town:
    """See the module docstring."""

    def __init__(self, home: Home, ledger: Ledger, clock: Clock, operator: SigningKey) -> None:
        self.home = home
        self.ledger = ledger
        self._clock = clock
        self.operator = operator
        self._rng = Random("town")
        self._cast = _importers()
        self.rulesets = default_rulesets()
        self._in_force = [
            body
            for body in self.rulesets
            if body["valid_from"] <= FIRST_DAY.isoformat() <= (body.get("valid_to") or "9999")
        ]
        self.officers = {officer.holder: officer for officer in self._cast.supervisors}
        self._looks_after = {one.code: self.officers[one.supervisor] for one in self._cast.merchants}
        self._cold = [merchant for merchant in self._cast.merchants if COLD in merchant.classes]
        self._waiting: list[Waiting] = []
        self._number = 0
        self._traced_moves = 0
        self._facts: Facts = ledger.facts()
        self._seen = seen_of(ledger.store.head())

    @classmethod
    def found(cls, folder: Path) -> Town:
        """A new ledger with rule sets, officers, and all merchants enrolled with a key each."""
        clock = Clock(at(FIRST_DAY, 5))
        home = Home.create(
            folder,
            origin="custody.example/erligang",
            title="二里岗",
            jurisdiction="CN-HA",
            earliest=None,
            passphrase=None,
            clock=clock,
            randomness=Random("home").randbytes,
        )
        ledger = home.open(lambda _: None, clock=clock)
        town = cls(home, ledger, clock, home.key("operator", lambda _: None))
        town._open()
        return town

    @property
    def size(self) -> int:
        return self.ledger.store.head().size

    @property
    def now_ms(self) -> int:
        return self._clock.ms

    @property
    def merchants(self) -> list[Merchant]:
        return self._cast.merchants

    def officers_of(self, merchant: str) -> list[SigningKey]:
        """The keys of the officer who looks after a merchant, and of a second one."""
        first = self._looks_after[merchant]
        second = next(one for one in self.officers.values() if one is not first)
        return [first.key, second.key]

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self._clock.ms += ms

    def wait_until(self, day: date) -> None:
        """Let time pass until the morning of a day."""
        self._clock.ms = max(self._clock.ms, at(day, 6))

    def grow(self, to: int) -> None:
        """Append until the ledger has `to` entries."""
        room = max(1, (to - self.size) // PER_COMMIT)
        moves = -(-TRACED_MOVEMENTS // room) if room else TRACED_MOVEMENTS
        every = max(1, room // TRACED_MOVEMENTS)
        for commit in range(room + 1):
            missing = min(PER_COMMIT, to - self.size)
            if missing <= 0:
                break
            extra: list[Envelope] = []
            if commit % every == 0:
                for _ in range(min(moves, missing)):
                    extra += self._move_traced()
            self.submit(extra + self.next_statements(missing - len(extra)))
            if commit % 50 == 0:
                print(f"building: {self.size:,} of {to:,} entries", file=sys.stderr, flush=True)

    def add_officers(self, to: int) -> None:
        """Grant keys until there are so many officers."""
        self._seen = seen_of(self.ledger.store.head())
        said = [
            self.say(
                [self.operator],
                "key.granted",
                None,
                {
                    "public_key": key_of(0, f"officer-{number:02d}").public.text,
                    "role": "supervisor",
                    "scope": "erligang",
                    "holder": f"officer-{number:02d}",
                },
            )
            for number in range(len(self._cast.supervisors) + 1, to + 1)
        ]
        self.submit(said)

    def next_statements(self, count: int) -> list[Envelope]:
        """The next signed statements; they must be submitted, in order, before the next are asked for."""
        self._clock.ms += count * MS_PER_STATEMENT
        self._facts = self.ledger.facts()
        self._seen = seen_of(self.ledger.store.head())
        return [
            getattr(self, f"_{name}")() for name in self._rng.choices(list(MIX), list(MIX.values()), k=count)
        ]

    def next_independent(self, count: int) -> list[Envelope]:
        """Signed statements that are taken in whatever order they come: disinfections."""
        self._seen = seen_of(self.ledger.store.head())
        return [self._disinfect() for _ in range(count)]

    def next_independent_of_kinds(self, count: int) -> list[Envelope]:
        """The same, of three kinds: disinfections, temperatures and receipts."""
        self._seen = seen_of(self.ledger.store.head())
        makers = (self._disinfect, self._temperature, self._receive)
        return [make() for make in self._rng.choices(makers, (4, 2, 1), k=count)]

    def submit(self, envelopes: Sequence[Envelope]) -> None:
        """Append in one commit. Raises: the first refusal."""
        for answer in self.ledger.append(envelopes):
            if isinstance(answer, LedgerError):
                raise answer
        self._seen = seen_of(self.ledger.store.head())

    # ------------------------------------------------------------------ opening

    def _open(self) -> None:
        said = [self.say([self.operator], "ruleset.published", None, body) for body in self.rulesets]
        for officer in self._cast.supervisors:
            body = {
                "public_key": officer.key.public.text,
                "role": "supervisor",
                "scope": "erligang",
                "holder": officer.holder,
            }
            said.append(self.say([self.operator], "key.granted", None, body))
        self.submit(said)
        said = []
        for merchant in self._cast.merchants:
            assert merchant.key is not None
            officer = self.officers[merchant.supervisor]
            said.append(self.say([officer.key], "merchant.enrolled", merchant.code, merchant.enrolment()))
            body = {"public_key": merchant.key.public.text, "role": "merchant", "scope": merchant.code}
            said.append(self.say([self.operator], "key.granted", None, body))
        for start in range(0, len(said), PER_COMMIT):
            self.submit(said[start : start + PER_COMMIT])

    # ------------------------------------------------------------------ saying

    def say(
        self, keys: Sequence[SigningKey], kind: str, merchant: str | None, body: dict[str, Any]
    ) -> Envelope:
        """Signed without asking the schema first, as a device does: the ledger asks."""
        ms = self._clock.ms - self._rng.randrange(1, 120) * 1000
        payload = log.statement.build_statement(
            body=body,
            id=uuid7(ms, self._rng.randbytes(10)),
            kind=kind,
            ledger=self.ledger.store.origin,
            merchant=merchant,
            occurred_at=instant(ms),
            seen=self._seen,
        )
        return log.statement.sign(payload, keys)

    def _by(self, merchant: Merchant, kind: str, body: dict[str, Any]) -> Envelope:
        assert merchant.key is not None
        return self.say([merchant.key], kind, merchant.code, body)

    def _anyone(self) -> Merchant:
        return self._rng.choice(self._cast.merchants)

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self._clock.ms // 1000, CHINA).date()

    def _disinfect(self) -> Envelope:
        merchant = self._anyone()
        body = {
            "target": self._rng.choice(("premises", "shelf", "goods", "tools")),
            "place": merchant.zones[0]["name"],
            "agent": "含氯消毒液 chlorine",
            "concentration": "500 mg/L",
            "method": "喷洒 spraying",
            "contact_minutes": 30,
        }
        return self._by(merchant, "disinfection.logged", body)

    def _temperature(self) -> Envelope:
        merchant = self._rng.choice(self._cold)
        end = self._clock.ms - 300_000
        body = {
            "zone": merchant.zone_for(COLD),
            "probe": f"P-{merchant.code[-4:]}",
            "started_at": instant(end - 12 * 3_600_000),
            "ended_at": instant(end),
            "count": 144,
            "minimum": "-21.5",
            "maximum": f"-18.{self._rng.randrange(1, 9)}",
            "mean": "-19.8",
            "minutes_missing": 0,
        }
        return self._by(merchant, "temperature.logged", body)

    def _receive(self) -> Envelope:
        merchant = self._anyone()
        self._number += 1
        zones = {zone["goods_class"]: zone["code"] for zone in merchant.zones}
        asked = sorted(
            {
                document["type"]
                for body in self._in_force
                if body["goods_class"] in merchant.classes
                for document in body["documents"]
                if document["required"]
            }
        )
        body, came = goods.received(
            self._rng, self._number, merchant.classes, zones, self.today, asked, careless=False
        )
        merchant.held.update(came)
        return self._by(merchant, "goods.received", body)

    def _take(self) -> tuple[Merchant, str, int] | None:
        """Some goods of some merchant, taken off its stock."""
        for _ in range(20):
            merchant = self._anyone()
            if merchant.held:
                batch = self._rng.choice(list(merchant.held))
                amount = merchant.held.pop(batch)
                if amount > 1_000_000 and self._rng.random() < 0.5:
                    part = amount // 1_000_000 * 500_000
                    merchant.held[batch] = amount - part
                    amount = part
                return merchant, batch, amount
        return None

    def _sell(self) -> Envelope:
        taken = self._take()
        if taken is None:
            return self._receive()
        merchant, batch, amount = taken
        return self._sold(merchant, batch, amount)

    def _sold(self, merchant: Merchant, batch: str, amount: int) -> Envelope:
        lines = [{"batch": batch, "quantity": goods.quantity(amount)}]
        return self._by(merchant, "goods.sold", {"buyer": {"type": "consumers"}, "lines": lines})

    def _hand_over(self) -> Envelope:
        taken = self._take()
        if taken is None:
            return self._receive()
        merchant, batch, amount = taken
        others = [other for other in self._rng.sample(self._cast.merchants, 8) if other is not merchant]
        taker = next((other for other in others if set(other.classes) >= set(merchant.classes)), others[0])
        if set(taker.classes) != set(merchant.classes):
            return self._sold(merchant, batch, amount)
        return self._handed_over(merchant, taker, batch, amount)

    def _handed_over(self, merchant: Merchant, taker: Merchant, batch: str, amount: int) -> Envelope:
        body = {
            "to": taker.code,
            "document_number": f"DB{self.today:%Y%m%d}{self._rng.randrange(10**4):04d}",
            "lines": [{"batch": batch, "quantity": goods.quantity(amount)}],
        }
        envelope = self._by(merchant, "goods.handed_over", body)
        id_ = log.statement.parse_statement(envelope.payload).id
        self._waiting.append((taker, id_, batch, amount))
        return envelope

    def _accept(self) -> Envelope:
        if not self._waiting:
            return self._hand_over()
        return self._accepted(*self._waiting.pop(0))

    def _accepted(self, taker: Merchant, handover: str, batch: str, amount: int) -> Envelope:
        taker.held[batch] = taker.held.get(batch, 0) + amount
        lines = [{"batch": batch, "accepted": goods.quantity(amount)}]
        return self._by(taker, "goods.accepted", {"handover": handover, "lines": lines})

    def _attest(self) -> Envelope:
        merchant = self._anyone()
        first = self.today - timedelta(days=self.today.weekday())
        ruleset = next(body for body in self._in_force if body["goods_class"] in merchant.classes)
        items = [item["code"] for item in ruleset["items"] if item["type"] in ("clear", "no")]
        if not items:
            return self._disinfect()
        body = {
            "ruleset": ruleset["code"],
            "period_start": first.isoformat(),
            "period_end": (first + timedelta(days=6)).isoformat(),
            "goods_class": ruleset["goods_class"],
            "items": [{"code": code, "clear": True} for code in items],
        }
        return self._by(merchant, "clearance.attested", body)

    def _paper(self) -> Envelope:
        merchant = self._anyone()
        ruleset = next(body for body in self._in_force if body["goods_class"] in merchant.classes)
        papers = [name for name in ("commitment", "briefing") if ruleset.get(name)]
        if not papers:
            return self._disinfect()
        paper = self._rng.choice(papers)
        kind = "commitment.signed" if paper == "commitment" else "briefing.acknowledged"
        return self._by(
            merchant, kind, {"title": ruleset[paper]["title"], "version": ruleset[paper]["version"]}
        )

    def _inspect(self) -> Envelope:
        merchant, facts = self._anyone(), self._facts
        as_of = self._seen.size if self._seen else 0
        began = self._clock.ms - 290_000
        day = datetime.fromtimestamp(began // 1000, CHINA).date()
        rulesets = rulesets_in_force(facts, "CN-HA", list(merchant.classes), day, as_of)
        held = facts.holdings(merchant.code, as_of)
        asked = sorted({item.code for ruleset in rulesets for item in ruleset.body.checklist})
        seen = {
            "stock": [
                {"batch": batch, "quantity": goods.quantity(held[batch])}
                for batch in self._rng.sample(sorted(held), min(3, len(held)))
            ],
            "temperatures": [
                {"zone": zone["code"], "value": "-18.8"}
                for zone in merchant.zones
                if zone["storage"] == "frozen"
            ],
            "checklist": [{"code": code, "passed": True} for code in asked],
        }
        check = Check(merchant.code, rulesets, Observed.model_validate(seen), began, day, as_of)
        body = {
            "rulesets": [ruleset.body.code for ruleset in rulesets],
            "started_at": instant(began),
            "ended_at": instant(began + 280_000),
            "place": merchant.address,
            "observed": seen,
            "findings": [{**found._asdict(), "source": "computed"} for found in compute(facts, check)],
            "waivers": [],
        }
        officer = self.officers[merchant.supervisor]
        return self.say([officer.key], "inspection.recorded", merchant.code, body)

    # ------------------------------------------------------------------ the batch that is traced

    def _move_traced(self) -> list[Envelope]:
        """The next movement of `TRACED`: received, handed on 24 times and accepted each time, some sold."""
        number, self._traced_moves = self._traced_moves, self._traced_moves + 1
        first, second = [merchant for merchant in self._cast.merchants if merchant.classes == (DRY,)][:2]
        if number == 0:
            zones = {DRY: first.zone_for(DRY)}
            body, _ = goods.received(self._rng, 0, (DRY,), zones, self.today, [], careless=False)
            line = {**body["lines"][0], "batch": TRACED, "quantity": goods.quantity(1_000_000_000)}
            return [self._by(first, "goods.received", {**body, "lines": [line]})]
        if number == TRACED_MOVEMENTS - 1:
            return [self._sold(first, TRACED, 1_000_000)]
        if number >= TRACED_MOVEMENTS:
            return []
        if number % 2:
            handed = self._handed_over(first, second, TRACED, 2_000_000)
            self._traced = self._waiting.pop()
            return [handed]
        accepted = self._accepted(*self._traced)
        del second.held[TRACED]
        return [accepted]


def _importers() -> Cast:
    """The street's cast, only that every merchant has imported goods and a key; one in five is cold-chain."""
    cast = Cast.of(7, MERCHANTS)
    for number, merchant in enumerate(cast.merchants):
        cold = number % 5 == 0
        merchant.classes = (COLD,) if cold else (DRY,)
        merchant.key = key_of(7, merchant.code)
        merchant.zones = [
            {
                "code": "F1" if cold else "D1",
                "name": "进口冷链专柜" if cold else "进口商品专区",
                "goods_class": merchant.classes[0],
                "storage": "frozen" if cold else "ambient",
                "dedicated": True,
            }
        ]
    return cast
