"""A street under supervision with things left open, and statements that break its rules, to be forced into its ledger.

make = forged("card.lifted", M3, lambda s: {"card": s.red, "reason": "…"}, key("m3"))
envelope = make(street())        # signed, hashed like any other, and not allowed
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from ledger.log import PrivateKey, Seen
from ledger.log.entry import Entry
from ledger.log.statement import Envelope
from tests.audit.memory import Json, key
from tests.audit.sample import M1, M3, World, care, check, line, set_up, trade
from tests.audit.supervision import (
    HOUR,
    MARKET,
    announce,
    announcement,
    drawn,
    finding_of,
    supervise,
    voiding,
)

NOWHERE = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"
WEST = key("west")
AGAIN = key("officer again")


class Street(NamedTuple):
    """A world with an open order, a closed merchant, a sealed batch and an undrawn plan in it."""

    world: World
    checked: Entry
    """M1's check: one finding is waived, one under an order that the merchant has not reported."""
    order: str
    red: str
    third: Entry
    """A check of M3 without a card, which is closed by the red card of the check before."""
    seal: str
    undrawn: Entry
    early: Entry


@cache
def street() -> Street:
    world = World()
    set_up(world)
    trade(world, "A")
    care(world)
    check(world, "A")
    supervise(world)
    world.grant(WEST, "supervisor", "west", "officer-3")
    world.grant(AGAIN, "supervisor", "*", "officer-1")
    checked = next(entry for entry in _entries(world) if is_check(entry, M1))
    body = finding_of(checked, 1) | {"what": "改正", "deadline": world.time(24 * HOUR)}
    order = world.state("rectification.ordered", M1, body, [world.officer]).statement.id
    seal = world.state("goods.sealed", M1, {"batch": "A-1", "reason": "可疑"}, [world.officer]).statement.id
    for step in (1, 2, 3):
        seen = world.inspect(M3, [world.officer], [])
        third = world.state("inspection.recorded", M3, seen, [world.officer])
        if step < 3:
            red = world.state("card.issued", M3, card(third, step), [world.officer])
    undrawn = announce(world, "2026-W19")
    early = world.state(
        "plan.announced", None, announcement(world, "2026-W20") | {"seed_size": 500}, [world.officer]
    )
    world.commit()
    return Street(world, checked, order, red.statement.id, third, seal, undrawn, early)


def _entries(world: World) -> list[Entry]:
    return [world.chainer.made.entry(index) for index in range(world.size)]


def is_check(entry: Entry, merchant: str) -> bool:
    return (entry.statement.kind, entry.statement.merchant) == ("inspection.recorded", merchant)


def card(check: Entry, step: int, **changes: Any) -> Json:
    colour = ("yellow", "red")[step - 1]
    return finding_of(check) | {
        "ruleset": "r-dry", "step": step, "card": colour, "closes": step == 2, "reason": "未改", **changes,
    }  # fmt: skip


def first(kind: str) -> Callable[[Street], str]:
    return lambda s: next(entry for entry in _entries(s.world) if entry.statement.kind == kind).statement.id


def last(kind: str) -> Callable[[Street], str]:
    return lambda s: [entry for entry in _entries(s.world) if entry.statement.kind == kind][-1].statement.id


Forged = Callable[[Street], Envelope]


def forged(
    kind: str, merchant: str | None, body: Callable[[Street], Json], *keys: PrivateKey, **more: Any
) -> Forged:
    """Signed by the first officer unless keys are given; `early` moves its time back."""
    back = more.pop("early", 0)

    def make(s: Street) -> Envelope:
        when = s.world.now - back if back else None
        return s.world.sign(kind, merchant, body(s), keys or [s.world.officer], occurred_ms=when, **more)

    return make


def order(**changes: Any) -> Callable[[Street], Json]:
    """An order about M1's third finding, which none is about yet."""
    return lambda s: finding_of(s.checked, 2) | {"what": "改正", "deadline": s.world.time(HOUR)} | changes


def sale(s: Street) -> Json:
    return {"buyer": {"type": "consumers"}, "lines": [line("A-1", "1")]}


def notice(**changes: Any) -> Callable[[Street], Json]:
    told = {"text": "请督促", "office": MARKET, "capacity": "regulator"}
    return lambda s: finding_of(s.checked, 1) | told | changes


def told(s: Street) -> Json:
    """The notice that the market office has been sent already."""
    sent = next(entry for entry in _entries(s.world) if entry.statement.kind == "notice.sent")
    return dict(sent.statement.body)


def draws(**changes: Any) -> Callable[[Street], Json]:
    return lambda s: drawn(s.world, s.undrawn) | changes


def voids_of(s: Street) -> str:
    """The plan that was voided."""
    void = next(entry for entry in _entries(s.world) if entry.statement.kind == "plan.voided")
    return str(void.statement.body["announcement"])


def voids(kind: str) -> Forged:
    """By two, of the plan that was drawn or the one that was voided."""

    def body(s: Street) -> Json:
        return voiding(first(kind)(s) if kind == "plan.announced" else voids_of(s))

    return forged("plan.voided", None, body, key("officer"), key("second", "p256"))


def drawn_though_voided(s: Street) -> Json:
    """The true draw of it."""
    return drawn(s.world, next(entry for entry in _entries(s.world) if entry.statement.id == voids_of(s)))


def unpinned(s: Street) -> Envelope:
    """The true draw by somebody who had not seen the seed."""
    world = s.world
    return world.sign(
        "plan.drawn", None, draws()(s), [world.officer], seen=Seen(world.chainer.root_at(1).hex(), 1)
    )


def drawn_early(s: Street) -> Json:
    root = s.world.chainer.root_at(s.world.size)
    return drawn(s.world, s.undrawn) | {"announcement": s.early.statement.id, "seed_root": root.hex()}


def drawn_twice(s: Street) -> Json:
    entry = next(entry for entry in _entries(s.world) if entry.statement.kind == "plan.drawn")
    return dict(entry.statement.body)


def piled_up(s: Street) -> Json:
    body = drawn(s.world, s.undrawn)
    return body | {
        "loads": [{"officer": "officer-1", "checks": sum(load["checks"] for load in body["loads"])}]
    }


def decision(_: Street) -> Json:
    return {
        "document_number": "8 号",
        "legal_basis": ["第 126 条"],
        "reason": "拒改",
        "starts_on": "2027-01-01",
    }


def waived(s: Street) -> Json:
    waivers: Any = s.checked.statement.body["waivers"]  # JSON
    (one,) = waivers
    return {"code": one["code"], "subject": one["subject"]}
