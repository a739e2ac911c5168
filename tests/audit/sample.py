"""A small ledger with every kind of statement in it, said in a few little stories.

make_sample().source()          # some 80 entries in two dozen commits
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

from ledger.custody.authoring import instant, uuid7
from ledger.custody.context import rulesets_in_force
from ledger.custody.findings import Check, compute
from ledger.log import NoteSigner, PrivateKey, Seen, statement
from ledger.log.entry import Entry
from ledger.log.statement import Envelope
from ledger.log.times import local_date, parse_instant
from ledger_schemas import Observed
from tests.audit.memory import LOG_KEY, ORIGIN, Chained, Chainer, Json, Said, key
from tests.audit.supervision import STEPS, supervise
from tests.custody.world import ruleset as small_ruleset

M1, M2, M3 = "92410104MACU00014Y", "92410104MACU00022R", "91410104MACU0003XA"
START = int(datetime(2026, 4, 20, 1, tzinfo=UTC).timestamp()) * 1000
MINUTE = 60_000
HOUR = 60 * MINUTE


class World:
    """Says things to a ledger in memory; every statement is one that admission lets in."""

    def __init__(self, *, log_key: PrivateKey = LOG_KEY) -> None:
        self.chainer = Chainer(signer=NoteSigner(ORIGIN, log_key))
        self.now = START
        self._random = Random("audit world")
        self._pin: Seen | None = None
        self.operator, self.second_operator = key("operator"), key("second operator")
        self.officer, self.second = key("officer"), key("second", "p256")
        self.keys = {M1: key("m1"), M2: key("m2", "p256"), M3: key("m3")}
        self.probe, self.lost = key("probe"), key("lost")
        opened = {
            "title": "测试台账",
            "jurisdiction": "CN-HA",
            "operator_key": self.operator.public.text,
            "log_key": log_key.public.text,
        }
        self.state("ledger.opened", None, opened, [self.operator])
        self.commit()

    @property
    def size(self) -> int:
        return self.chainer.size

    def commit(self) -> None:
        self.chainer.commit()
        self._pin = Seen(self.chainer.root_at(self.size).hex(), self.size)

    def sign(
        self,
        kind: str,
        merchant: str | None,
        body: Json,
        keys: Sequence[PrivateKey],
        *,
        seen: Seen | None = None,
        occurred_ms: int | None = None,
        id_: str | None = None,
        ledger: str = ORIGIN,
    ) -> Envelope:
        """A signed statement, pinned to the newest checkpoint unless `seen` says another."""
        payload = statement.build_statement(
            body=body,
            id=id_ or uuid7(self.now, self._random.randbytes(10)),
            kind=kind,
            ledger=ledger,
            merchant=merchant,
            occurred_at=instant(self.now - MINUTE if occurred_ms is None else occurred_ms),
            seen=seen or self._pin,
        )
        return statement.sign(payload, keys)

    def state(
        self, kind: str, merchant: str | None, body: Json, keys: Sequence[PrivateKey], **more: Any
    ) -> Entry:
        self.now += 1234
        return self.chainer.add(Said(self.sign(kind, merchant, body, keys, **more), self.now), allowed=True)

    def say(self, merchant: str, kind: str, body: Json, **more: Any) -> Entry:
        return self.state(kind, merchant, body, [self.keys[merchant]], **more)

    def grant(self, who: PrivateKey, role: str, scope: str, holder: str | None = None) -> Entry:
        body = {"public_key": who.public.text, "role": role, "scope": scope, "holder": holder}
        return self.state("key.granted", None, body, [self.operator])

    def attach(self, content: bytes, name: str = "cert.jpg") -> Json:
        sha256 = hashlib.sha256(content).hexdigest()
        self.chainer.made.blobs[sha256] = content
        return {"bytes": len(content), "media_type": "image/jpeg", "name": name, "sha256": sha256}

    def time(self, ms: int = 0) -> str:
        return instant(self.now + ms)

    def inspect(
        self, merchant: str, keys: Sequence[PrivateKey], stock: list[Json], passed: bool = True
    ) -> Json:
        """The body of a check as of the newest checkpoint, with the findings that it must have."""
        setting, pin = self.chainer.setting, self._pin
        assert setting is not None and pin is not None
        facts, as_of = self.chainer.facts, pin.size
        enrolment = facts.merchant(merchant, as_of)
        assert enrolment is not None
        started = self.time(-10 * MINUTE)
        day = local_date(started)
        rulesets = rulesets_in_force(
            facts, setting.jurisdiction, enrolment.goods_classes.split(","), day, as_of
        )
        asked = sorted({item.code for ruleset in rulesets for item in ruleset.body.checklist})
        observed = {
            "stock": stock,
            "checklist": [{"code": code, "passed": passed} for code in asked],
            "unlisted": [{"name": "冻虾", "note": "无标签"}],
        }
        seen = Observed.model_validate(observed)
        found = compute(facts, Check(merchant, rulesets, seen, parse_instant(started), day, as_of))
        return {
            "rulesets": [ruleset.body.code for ruleset in rulesets],
            "started_at": started,
            "ended_at": self.time(-MINUTE),
            "place": "店内",
            "observed": observed,
            "findings": [
                {"code": f.code, "subject": f.subject, "detail": f.detail, "source": "computed"}
                for f in found
            ],
            "waivers": [],
        }


def kg(value: str) -> Json:
    return {"value": value, "unit": "kg"}


def line(batch: str, value: str) -> Json:
    return {"batch": batch, "quantity": kg(value)}


def ruleset(code: str, goods_class: str) -> Json:
    briefing = {"title": "明白卡", "version": "1"}
    body = small_ruleset(code, goods_class, briefing=briefing, card_steps=STEPS)
    del body["attestation_days"]  # nothing here is about attestations
    return body


def receipt(world: World, batch: str, value: str) -> Json:
    return {
        "supplier": {"name": "Mar del Sur S.A.", "country": "AR"},
        "documents": [
            {
                "type": "customs_declaration",
                "number": "460120261000000123",
                "attachment": world.attach(f"scan of {batch}".encode()),
            }
        ],
        "transport": {"mode": "road"},
        "lines": [
            {
                "batch": batch,
                "goods_class": "non_cold_chain",
                "name": "车厘子",
                "quantity": kg(value),
                "zone": "D1",
            },
            {
                "batch": f"{batch}-b",
                "goods_class": "cold_chain",
                "name": "三文鱼",
                "quantity": kg("3"),
                "zone": "F1",
            },
        ],
    }


def set_up(world: World) -> None:
    """Keys, rule sets, merchants."""
    for who, role, scope, holder in (
        (world.second_operator, "operator", "*", None),
        (world.officer, "supervisor", "*", "officer-1"),
        (world.second, "supervisor", "east/1", "officer-2"),
        (world.probe, "device", M1, None),
        (world.lost, "merchant", M3, "holder-9"),
        *((world.keys[merchant], "merchant", merchant, None) for merchant in (M1, M2, M3)),
    ):
        world.grant(who, role, scope, holder)
    world.state("ruleset.published", None, ruleset("r-dry", "non_cold_chain"), [world.operator])
    world.state("ruleset.published", None, ruleset("r-cold", "cold_chain"), [world.operator])
    world.commit()
    zones = [
        {
            "code": "D1",
            "name": "专区",
            "goods_class": "non_cold_chain",
            "storage": "ambient",
            "dedicated": True,
        },
        {"code": "F1", "name": "冷柜", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True},
    ]
    for merchant, grid in ((M1, "east/1/01"), (M2, "east/1/02"), (M3, "east/1/03")):
        body = {
            "name": f"商户 {merchant[-4:]}",
            "address": "二里岗街 1 号",
            "grid": grid,
            "place_kind": "shop",
            "goods_classes": ["non_cold_chain", "cold_chain"],
            "zones": zones,
        }
        world.state("merchant.enrolled", merchant, body, [world.officer])
    world.commit()


def trade(world: World, name: str) -> None:
    """Goods come in, move on and go out; some statements are taken back."""
    first, second = f"{name}-1", f"{name}-2"
    world.say(M1, "goods.received", receipt(world, first, "100"))
    wrong = world.say(M1, "goods.received", receipt(world, second, "7"))
    world.say(M1, "statement.corrected", _taken_back(wrong))
    world.say(M1, "goods.sold", {"buyer": {"type": "consumers"}, "lines": [line(first, "5")]})
    handed = world.say(
        M1, "goods.handed_over", {"to": M2, "lines": [line(first, "40"), line(f"{first}-b", "1")]}
    )
    world.commit()
    answer = [
        {"batch": first, "accepted": kg("30"), "refused": kg("8"), "missing": kg("2")},
        {"batch": f"{first}-b", "accepted": kg("1")},
    ]
    world.say(M2, "goods.accepted", {"handover": handed.statement.id, "lines": answer})
    world.say(M1, "goods.handed_over", {"to": M3, "lines": [line(first, "1")]})
    disposed = {"manner": "destroyed", "reason": "破损", "lines": [line(first, "2")], "evidence": []}
    world.say(
        M2, "goods.disposed", disposed | {"evidence": [world.attach(f"photo {name}".encode(), "p.jpg")]}
    )
    adjusted = {"reason": "盘点", "lines": [{"batch": first, "difference": {"value": "-0.5", "unit": "kg"}}]}
    world.say(M2, "goods.adjusted", adjusted)
    world.commit()


def _taken_back(wrong: Entry) -> Json:
    return {"statement": wrong.statement.id, "reason": "did_not_happen", "explanation": "误录"}


def care(world: World) -> None:
    """Temperatures, disinfection, letters, attestations."""
    readings = {
        "zone": "F1",
        "probe": "P-1",
        "started_at": world.time(-HOUR),
        "ended_at": world.time(-MINUTE),
        "count": 60,
        "minimum": "-20.5",
        "maximum": "-18.2",
        "mean": "-19",
        "minutes_missing": 0,
    }
    world.state("temperature.logged", M1, readings, [world.probe])
    done = {
        "target": "premises",
        "place": "店",
        "agent": "含氯消毒剂",
        "method": "喷洒",
        "contact_minutes": 30,
    }
    for merchant in (M1, M2, M3):
        world.say(merchant, "disinfection.logged", done)
    world.say(M1, "disinfection.logged", done, occurred_ms=world.now - 30 * HOUR)
    world.say(M1, "commitment.signed", {"title": "承诺书", "version": "1"})
    world.say(M1, "briefing.acknowledged", {"title": "明白卡", "version": "1"})
    today = local_date(world.time()).isoformat()
    attested = {
        "ruleset": "r-dry",
        "period_start": today,
        "period_end": today,
        "goods_class": "non_cold_chain",
    }
    world.say(M1, "clearance.attested", attested | {"items": [{"code": "source", "clear": True}]})
    world.commit()


def check(world: World, name: str) -> None:
    """Two officers check one merchant, one of them another."""
    both = [world.officer, world.second]
    body = world.inspect(M1, both, [{"batch": f"{name}-1", "quantity": kg("1")}])
    body["waivers"] = [{"code": "stock_differs", "subject": f"{name}-1", "reason": "正在移库"}]
    world.state("inspection.recorded", M1, body, both)
    body = world.inspect(M2, both, [], passed=False)
    world.state("inspection.recorded", M2, body, [world.second])
    world.commit()


def lose_a_key(world: World) -> None:
    done = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}
    first = world.state("disinfection.logged", M3, done, [world.lost])
    world.state("disinfection.logged", M3, done, [world.lost])
    world.commit()
    body = {"keyid": world.lost.public.keyid, "reason": "手机丢失", "compromised_from": first.index + 1}
    world.state("key.revoked", None, body, [world.second_operator])
    world.commit()


@cache
def make_sample() -> Chained:
    """A ledger with every kind of statement in it."""
    world = World()
    set_up(world)
    trade(world, "A")
    care(world)
    check(world, "A")
    supervise(world)
    lose_a_key(world)
    trade(world, "B")
    check(world, "B")
    return world.chainer.made


@cache
def make_tiny() -> Chained:
    """Five entries in three commits: small enough to try every byte of it."""
    world = World()
    world.grant(world.keys[M1], "merchant", M1)
    zones: list[Json] = []
    body = {"name": "店", "address": "路", "grid": "east/1", "place_kind": "stall", "zones": zones}
    world.state("merchant.enrolled", M1, body | {"goods_classes": ["non_cold_chain"]}, [world.operator])
    world.commit()
    world.say(M1, "goods.received", {"lines": [_least("B-1"), _least("B-2")]})
    world.say(M1, "goods.sold", {"buyer": {"type": "consumers"}, "lines": [line("B-1", "5")]})
    world.commit()
    return world.chainer.made


def _least(batch: str) -> Json:
    return {"batch": batch, "goods_class": "non_cold_chain", "name": "咖啡豆", "quantity": kg("10")}


@cache
def make_long(size: int = 700) -> Chained:
    """A ledger of several tiles: the sample, and disinfections until it has `size` entries."""
    world = World()
    set_up(world)
    trade(world, "A")
    care(world)
    done = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}
    while world.size < size:
        for merchant in (M1, M2, M3):
            world.say(merchant, "disinfection.logged", done)
        if world.size % 5 == 0:
            world.commit()
    trade(world, "Z")
    check(world, "Z")
    return world.chainer.made
