"""A world under supervision: offices, duties and a rule set with cards, deadlines and notices; short words for them.

world = supervise(world)
one = check(world)                       # of M1, two findings at least
refused(order(world, one.id, deadline=world.time(-HOUR)), CustodyRefused, "body.deadline")
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.custody.supervision.plan import drawing, summary
from ledger.errors import Refused
from ledger.log import PrivateKey
from tests.custody.test_inspection import findings, inspect
from tests.custody.world import HOUR, M1, M2, M3, World, key, ruleset

CODE, SUBJECT = "disinfection_overdue", None
OTHER, OTHER_SUBJECT = "commitment_unsigned", "承诺书 1"
MARKET, STREET, HEALTH = "market-office", "street-office", "health-office"
SECRET = "5a" * 32
STEPS = [
    {"step": 1, "card": "yellow", "window_days": None, "closes": False},
    {"step": 2, "card": "red", "window_days": 30, "closes": True},
]


def rules(code: str = "r-sup", valid_from: str = "2020-01-02", **changes: Any) -> dict[str, Any]:
    """A rule set that asks for everything there is to supervision but two officers."""
    return ruleset(
        code,
        **{
            "valid_from": valid_from,
            "card_steps": STEPS,
            "rectification_same_day": True,
            "rectification_hours": 6,
            "notices": [CODE],
            **changes,
        },
    )


def supervise(world: World, **changes: Any) -> World:
    """Offices with keys and duties, and the rule set in force."""
    for office in (MARKET, STREET, HEALTH):
        world.grant(key(office), "office", office)
    world.must(publish(world, rules(**changes)))
    world.must(assign(world, grid="*", supervisor="officer-1", regulator=MARKET, unit=STREET))
    return world


def refused(answer: Answer, error: type[Refused], field: str) -> Refused:
    """The answer is this refusal and names this field."""
    assert type(answer) is error, answer
    assert answer.field == field, answer
    return answer


def publish(world: World, body: dict[str, Any]) -> Answer:
    """Publish a rule set that takes the place of the newest for the same goods and place."""
    published = [ruleset.body for ruleset in world.ledger.facts().rulesets(world.size)]
    replaced = {before.replaces for before in published}
    for before in published:
        same = (before.jurisdiction, before.goods_class) == (body["jurisdiction"], body["goods_class"])
        if same and before.code not in replaced:
            body = body | {"replaces": before.code}
    return world.state([world.operator], "ruleset.published", None, body)


def assign(world: World, keys: Sequence[PrivateKey] = (), **body: Any) -> Answer:
    return world.state([*keys] or [world.operator], "duty.assigned", None, body)


def officer(
    world: World,
    kind: str,
    body: dict[str, Any],
    *,
    merchant: str = M1,
    by: Sequence[PrivateKey] = (),
    **more: Any,
) -> Answer:
    """What an officer says, the first unless told otherwise."""
    return world.state([*by] or [world.officer], kind, merchant, body, **more)


def check(world: World, merchant: str = M1, *, rulesets: Sequence[str] = ("r-sup",), **more: Any) -> Receipt:
    """A check with all that it finds; disinfection is overdue, and the letter unsigned."""
    changes = {"rulesets": list(rulesets), **more.pop("changes", {})}
    return world.must(inspect(world, merchant, changes=changes, **more))


def waived(world: World, code: str, subject: str | None) -> Receipt:
    """A check that waives one of its findings."""
    assert (code, subject) in findings(world)
    return check(world, changes={"waivers": [{"code": code, "subject": subject, "reason": "已当场改正"}]})


def order(
    world: World, inspection: str, *, by: Sequence[PrivateKey] = (), merchant: str = M1, **changes: Any
) -> Answer:
    when = changes.pop("occurred_at", None)
    body = {
        "inspection": inspection, "code": CODE, "subject": SUBJECT, "what": "立即消毒",
        "deadline": world.time(4 * HOUR), **changes,
    }  # fmt: skip
    return officer(world, "rectification.ordered", body, by=by, merchant=merchant, occurred_at=when)


def card(
    world: World, inspection: str, number: int = 1, *, by: Sequence[PrivateKey] = (), **changes: Any
) -> Answer:
    when = changes.pop("occurred_at", None)
    body = {
        "ruleset": "r-sup", "step": number, "card": ("yellow", "red")[number - 1], "closes": number == 2,
        "inspection": inspection, "code": CODE, "subject": SUBJECT, "reason": "未消毒", **changes,
    }  # fmt: skip
    return officer(world, "card.issued", body, by=by, occurred_at=when)


def red(world: World) -> Receipt:
    """Two checks, a yellow and a red card: M1 is closed."""
    world.must(card(world, check(world).id))
    return world.must(card(world, check(world).id, 2))


def notice(
    world: World, inspection: str, office: str = MARKET, capacity: str = "regulator", **changes: Any
) -> Answer:
    when = changes.pop("occurred_at", None)
    body = {
        "inspection": inspection, "code": CODE, "subject": SUBJECT, "office": office, "capacity": capacity,
        "text": "请督促", **changes,
    }  # fmt: skip
    return officer(world, "notice.sent", body, occurred_at=when)


def answer(world: World, sent: str, office: str = MARKET, **more: Any) -> Answer:
    return world.state([key(office)], "notice.acknowledged", M1, {"notice": sent, "answer": "已跟进"}, **more)


def announcement(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "week": "2026-W18", "grid": "*", "officers": ["officer-1", "officer-2"], "days": [1, 2, 3, 4, 5],
        "seed_size": world.size + 2, "commitment": sha256(bytes.fromhex(SECRET)).hexdigest(), "extra_checks": 2,
        "weight_card": 3, "weight_finding": 2, "weight_cold_chain": 1, **changes,
    }  # fmt: skip


def announce(world: World, **changes: Any) -> Answer:
    when = changes.pop("occurred_at", None)
    return world.state(
        [world.officer], "plan.announced", None, announcement(world, **changes), occurred_at=when
    )


def filler(world: World) -> Receipt:
    """Any entry, so that the seed comes to exist."""
    return world.grant(key(f"filler {world.size}"), "auditor", "*")


def drawn(world: World, announced: str, size: int, **changes: Any) -> dict[str, Any]:
    """The body of the true draw, with changes."""
    root = world.ledger.root_at(size)
    secret = changes.pop("with_secret", SECRET)
    checks = drawing(world.ledger.facts(), world.ledger.setting, announced, secret, root, world.size)
    return {
        "announcement": announced, "secret": secret, "seed_root": root.hex(), **summary(checks), **changes,
    }  # fmt: skip


def grown(world: World, **changes: Any) -> tuple[str, int]:
    """An announced plan whose seed exists by now."""
    said = world.must(announce(world, **changes))
    size = said.index + 2
    while world.size < size:
        filler(world)
    return said.id, size


def draw_plan(world: World, announced: str, size: int, **changes: Any) -> Answer:
    return world.state([world.officer], "plan.drawn", None, drawn(world, announced, size, **changes))


__all__ = ["M1", "M2", "M3"]
