"""The supervision of the sample: every kind of statement of it, said once at least after the first checks.

    supervise(world)                 # world: tests.audit.sample.World with checks of M1 and M2 in it

It leaves nobody closed and nothing sealed, so that the sample's trade goes on.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ledger.custody.supervision.plan import drawing, summary
from ledger.log.entry import Entry
from tests.audit.memory import Json, key

if TYPE_CHECKING:
    from tests.audit.sample import World

M1, M2, M3 = "92410104MACU00014Y", "92410104MACU00022R", "91410104MACU0003XA"
MARKET, STREET = "market-office", "street-office"
SECRET = "5a" * 32
HOUR = 3_600_000
VOIDED_WEEK = "2026-W23"
"""Announced by the first officer, and voided."""
STEPS: list[Json] = [
    {"step": 1, "card": "yellow", "window_days": 30, "closes": False},
    {"step": 2, "card": "red", "window_days": 30, "closes": True},
]


def supervise(world: World) -> None:
    _duties(world)
    _plan(world)
    (*_, check) = _checks_of(world, M2)
    _orders_and_cards(world, check)
    _notices(world, check)
    _holds(world)
    both = [world.officer, world.second]
    decided = {
        "document_number": "郑市监罚〔2026〕7 号", "legal_basis": ["食品安全法第一百二十六条"], "reason": "拒不改正",
        "starts_on": "2027-01-01", "ends_on": None,
    }  # fmt: skip
    world.state("suspension.decided", M2, decided, both)
    world.commit()


def _checks_of(world: World, merchant: str) -> list[Entry]:
    return [
        entry
        for entry in map(world.chainer.made.entry, range(world.size))
        if entry.statement.kind == "inspection.recorded" and entry.statement.merchant == merchant
    ]


def _duties(world: World) -> None:
    for office in (MARKET, STREET):
        world.grant(key(office), "office", office)
    duty = {"grid": "*", "supervisor": "officer-1", "regulator": MARKET, "unit": STREET}
    world.state("duty.assigned", None, duty, [world.operator])
    world.state("duty.assigned", None, {"merchants": [M1], "supervisor": "officer-2"}, [world.operator])
    world.commit()


def announcement(world: World, week: str = "2026-W18") -> Json:
    return {
        "week": week, "grid": "*", "officers": ["officer-1", "officer-2"], "days": [1, 3, 5],
        "seed_size": world.size + 2, "commitment": sha256(bytes.fromhex(SECRET)).hexdigest(), "extra_checks": 1,
        "weight_card": 3, "weight_finding": 2, "weight_cold_chain": 1,
    }  # fmt: skip


def announce(world: World, week: str = "2026-W18") -> Entry:
    """An announced plan, and the entries that its seed is the root of."""
    said = world.state("plan.announced", None, announcement(world, week), [world.officer])
    world.grant(key(f"filler {week}"), "auditor", "*")
    world.commit()
    return said


def drawn(world: World, announced: Entry) -> Json:
    """The true draw of an announced plan."""
    root = world.chainer.root_at(announced.index + 2)
    assert world.chainer.setting is not None
    said = announced.statement.id
    checks = drawing(world.chainer.facts, world.chainer.setting, said, SECRET, root, world.size)
    return {"announcement": said, "secret": SECRET, "seed_root": root.hex(), **summary(checks)}


def _plan(world: World) -> None:
    announced = announce(world)
    world.state("plan.drawn", None, drawn(world, announced), [world.officer])
    lost = announce(world, VOIDED_WEEK).statement.id
    world.state("plan.voided", None, voiding(lost), [world.officer, world.second])
    world.commit()


def voiding(announced: str) -> Json:
    return {"announcement": announced, "reason": "秘密值遗失"}


def finding_of(check: Entry, number: int = 0) -> Json:
    """A finding of a check, as orders, cards and notices name it."""
    found: Any = check.statement.body["findings"]  # JSON
    one = found[number]
    return {"inspection": check.statement.id, "code": one["code"], "subject": one["subject"]}


def _orders_and_cards(world: World, check: Entry) -> None:
    about, officers = finding_of(check), [world.officer]
    body = about | {"what": "立即改正", "deadline": world.time(2 * HOUR)}
    order = world.state("rectification.ordered", M2, body, officers).statement.id
    colour = about | {"ruleset": "r-dry", "step": 1, "card": "yellow", "closes": False, "reason": "未改"}
    card = world.state("card.issued", M2, colour, officers)
    world.commit()
    world.say(M2, "rectification.reported", {"order": order, "what": "已改"})
    rejected = {"order": order, "reason": "未改净", "deadline": world.time(HOUR)}
    world.state("rectification.rejected", M2, rejected, officers)
    world.say(M2, "rectification.reported", {"order": order, "what": "改净了"})
    world.state("rectification.confirmed", M2, {"order": order}, officers)
    world.state("card.lifted", M2, {"card": card.statement.id, "reason": "已改好"}, [world.second])
    world.commit()


def _notices(world: World, check: Entry) -> None:
    told = finding_of(check) | {"text": "请督促整改"}
    for office, capacity in ((MARKET, "regulator"), (STREET, "unit")):
        body = told | {"office": office, "capacity": capacity}
        sent = world.state("notice.sent", M2, body, [world.officer])
        answer = {"notice": sent.statement.id, "answer": "已派人跟进"}
        world.state("notice.acknowledged", M2, answer, [key(office)])
    world.commit()


def _holds(world: World) -> None:
    sealed = world.state("goods.sealed", M1, {"batch": "A-1", "reason": "来源可疑"}, [world.officer])
    released = {"seal": sealed.statement.id, "reason": "查清"}
    world.state("goods.released", M1, released, [world.officer])
    recall = {"batch": "A-1", "reason": "核酸阳性", "answer_by": world.time(24 * HOUR)}
    called = world.state("recall.ordered", M1, recall, [world.officer]).statement.id
    kilo = {"unit": "kg", "value": "1"}
    for merchant in (M1, M2):
        world.say(merchant, "recall.answered", {"recall": called, "found": kilo, "sold": kilo})
    none = {"unit": "kg", "value": "0"}  # M3 has none yet, but a handover waits for its answer
    world.say(M3, "recall.answered", {"recall": called, "found": none, "sold": none})
    world.state("recall.ordered", M1, recall | {"batch": "A-1-b"}, [world.officer])
