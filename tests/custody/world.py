"""A small ledger to say things to: keys, a clock that is told the time, and short words for the usual statements."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from ledger.custody.authoring import Author, instant, seen_of
from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer, Ledger
from ledger.errors import LedgerError
from ledger.log import Entry, Envelope, NoteVerifier, PrivateKey, Seen
from ledger.store.sqlite import SqliteStore

ORIGIN = "custody.example/test"
M1, M2, M3 = "92410104MACU00014Y", "92410104MACU00022R", "91410104MACU0003XA"
START = int(datetime(2026, 4, 20, 8, tzinfo=UTC).timestamp()) * 1000
HOUR = 3_600_000
DAY = 24 * HOUR
UNSEEN = Seen("", -1)
"""Stands for "the newest checkpoint there is"."""


def key(name: str, algorithm: str = "ed25519") -> PrivateKey:
    rng = Random(f"key {name}")
    if algorithm == "p256":
        return PrivateKey.from_p256_scalar(rng.randrange(1, 2**255))
    return PrivateKey.from_seed(rng.randbytes(32))


def ruleset(code: str = "r-dry", goods_class: str = "non_cold_chain", **changes: Any) -> dict[str, Any]:
    """The body of a small rule set."""
    return {
        "code": code,
        "title": "测试规则",
        "jurisdiction": "CN-HA",
        "goods_class": goods_class,
        "valid_from": "2020-01-01",
        "items": [
            {
                "code": "source",
                "type": "clear",
                "title": "来源清",
                "text": "来源清楚",
                "contradicted_by": ["supplier_unknown"],
            },
        ],
        "documents": [{"type": "customs_declaration", "required": True}],
        "limits": {"frozen_max": "-18"},
        "checks_per_week": 2,
        "min_days_between": 1,
        "disinfection_hours": 24,
        "temperature_gap_minutes": 60,
        "late_hours": 24,
        "handover_hours": 24,
        "attestation_days": 7,
        "checklist": [{"code": "shelf", "title": "货架"}],
        "commitment": {"title": "承诺书", "version": "1"},
        "briefing": None,
        **changes,
    }


class World:
    """A ledger in a folder with an operator, two officers and three merchants, all enrolled and granted."""

    def __init__(self, folder: Path, *, set_up: bool = True) -> None:
        self.folder = folder
        self.now = START
        self._random = Random("world")
        self._names = itertools.count()
        self.log_key = key("log")
        self.operator, self.officer, self.second = key("operator"), key("officer"), key("second")
        self.k1, self.k2, self.k3 = key("m1"), key("m2", "p256"), key("m3")
        self.probe = key("probe")
        self.keys = {M1: self.k1, M2: self.k2, M3: self.k3}
        vkey = NoteVerifier.from_key(ORIGIN, self.log_key.public).vkey
        self.ledger = Ledger(
            SqliteStore.create(folder, origin=ORIGIN, vkey=vkey), log_key=self.log_key, clock=lambda: self.now
        )
        opened = {
            "title": "测试台账",
            "jurisdiction": "CN-HA",
            "operator_key": self.operator.public.text,
            "log_key": self.log_key.public.text,
        }
        self.must(self.state([self.operator], "ledger.opened", None, opened))
        if set_up:
            self._set_up()

    def _set_up(self) -> None:
        for who, role, scope, holder in (
            (self.officer, "supervisor", "*", "officer-1"),
            (self.second, "supervisor", "east/1", "officer-2"),
            (self.k1, "merchant", M1, None),
            (self.k2, "merchant", M2, None),
            (self.k3, "merchant", M3, None),
            (self.probe, "device", M1, None),
        ):
            self.grant(who, role, scope, holder)
        self.must(self.state([self.operator], "ruleset.published", None, ruleset()))
        self.must(
            self.state(
                [self.operator], "ruleset.published", None, ruleset("r-cold", "cold_chain", documents=[])
            )
        )
        for merchant, grid in ((M1, "east/1/01"), (M2, "east/1/02"), (M3, "west/2")):
            self.enroll(merchant, grid)

    # ------------------------------------------------------------------ saying

    def envelope(
        self,
        keys: list[PrivateKey],
        kind: str,
        merchant: str | None,
        body: dict[str, Any],
        *,
        seen: Seen | None = UNSEEN,
        occurred_at: str | None = None,
        id: str | None = None,
        ledger: str = ORIGIN,
    ) -> Envelope:
        author = Author(ledger, keys, clock=lambda: self.now, randomness=self._random.randbytes)
        pin = seen_of(self.ledger.store.head()) if seen is UNSEEN else seen
        return author.state(kind, merchant, body, seen=pin, occurred_at=occurred_at, id=id)

    def state(
        self, keys: list[PrivateKey], kind: str, merchant: str | None, body: dict[str, Any], **more: Any
    ) -> Answer:
        (answer,) = self.ledger.append([self.envelope(keys, kind, merchant, body, **more)])
        return answer

    def say(self, merchant: str, kind: str, body: dict[str, Any], **more: Any) -> Answer:
        """A merchant's own statement."""
        return self.state([self.keys[merchant]], kind, merchant, body, **more)

    def must(self, answer: Answer) -> Receipt:
        if isinstance(answer, LedgerError):
            raise answer
        return answer

    def grant(self, who: PrivateKey, role: str, scope: str, holder: str | None = None) -> Receipt:
        body = {"public_key": who.public.text, "role": role, "scope": scope, "holder": holder}
        return self.must(self.state([self.operator], "key.granted", None, body))

    def enroll(self, merchant: str, grid: str, **changes: Any) -> Receipt:
        body = {
            "name": f"商户 {merchant[-4:]}",
            "address": "二里岗街 1 号",
            "grid": grid,
            "place_kind": "shop",
            "goods_classes": ["non_cold_chain"],
            "zones": [
                {
                    "code": "D1",
                    "name": "专区",
                    "goods_class": "non_cold_chain",
                    "storage": "ambient",
                    "dedicated": True,
                }
            ],
            "staff_count": 2,
            **changes,
        }
        return self.must(self.state([self.officer], "merchant.enrolled", merchant, body))

    def receive(self, batch: str, value: str = "10", *, merchant: str = M1, **changes: Any) -> Receipt:
        return self.must(self.say(merchant, "goods.received", receipt(batch, value, **changes)))

    def hand_over(self, batch: str, value: str, *, sender: str = M1, to: str = M2) -> Receipt:
        body = {"to": to, "lines": [{"batch": batch, "quantity": kg(value)}]}
        return self.must(self.say(sender, "goods.handed_over", body))

    def accept(self, handover: str, batch: str, accepted: str, *, merchant: str = M2, **rest: str) -> Answer:
        line = {"batch": batch, "accepted": kg(accepted), **{name: kg(value) for name, value in rest.items()}}
        return self.say(merchant, "goods.accepted", {"handover": handover, "lines": [line]})

    def sell(self, batch: str, value: str, *, merchant: str = M1, **more: Any) -> Answer:
        body = {"buyer": {"type": "consumers"}, "lines": [{"batch": batch, "quantity": kg(value)}]}
        return self.say(merchant, "goods.sold", body, **more)

    def correct(self, statement: str, *, merchant: str = M1, **more: Any) -> Answer:
        body = {"statement": statement, "reason": "did_not_happen", "explanation": "误录"}
        return self.say(merchant, "statement.corrected", body, **more)

    # ------------------------------------------------------------------ asking

    @property
    def size(self) -> int:
        return self.ledger.store.head().size

    def held(self, batch: str, merchant: str = M1, as_of: int | None = None) -> int:
        return self.ledger.facts().held(batch, merchant, self.size if as_of is None else as_of)

    def entries(self) -> list[Entry]:
        return [self.ledger.entry(index) for index in range(self.size)]

    def later(self, ms: int) -> None:
        self.now += ms

    def today(self) -> str:
        return (datetime.fromtimestamp(self.now / 1000, UTC) + timedelta(hours=8)).date().isoformat()

    def time(self, ms: int = 0) -> str:
        return instant(self.now + ms)


def kg(value: str) -> dict[str, str]:
    return {"value": value, "unit": "kg"}


def receipt(batch: str, value: str = "10", **changes: Any) -> dict[str, Any]:
    """The body of a complete receipt of one batch."""
    return {
        "supplier": {"name": "Mar del Sur S.A.", "country": "AR"},
        "documents": [{"type": "customs_declaration", "number": "460120261000000123"}],
        "transport": {"mode": "road"},
        "unloading": {"place": "1 号门", "method": "人工"},
        "lines": [
            {
                "batch": batch,
                "goods_class": "non_cold_chain",
                "name": "车厘子",
                "quantity": kg(value),
                "zone": "D1",
            }
        ],
        **changes,
    }
