"""The plan of a week, drawn so that neither the drawer nor the operator can choose it (双随机、一公开).

    plan.announced    fixes week, officers, days, odds, the size of the tree that gives the seed, SHA-256 of a secret
    plan.drawn        shows the secret, the root of that tree, and the digest of what was drawn
    plan.voided       ends a plan that cannot be drawn, in sight of all (`voiding`)

    seed = SHA-256("custody-ledger plan v1" ‖ root of the tree of `seed_size` entries ‖ secret)
    result = SHA-256 of the canonical JSON of a list of [merchant, day, [officer, …]], in the order of `draw`

The drawer is bound to the secret before the root exists; whoever makes the ledger's entries does not know the secret.
Shops, scopes and risk are those of the ledger as of the announcement, so nothing can be moved once the seed is known.
`draw` is the drawing itself; whoever reads the ledger draws again, and so does every verification.

A shop is every merchant in the grid of whom the rule sets in force on the Sunday of the week ask for checks. What is
due is the most that they ask for, by two officers where one of them asks for two; officers are those announced who have
a key in force that covers the shop's grid. Its weight is 1, and to that is added what was announced for a card issued
in the 90 days before the Monday of the week or since, for findings that stand at its last check, and for cold-chain
goods.

    planned(facts, setting, "2026-W48", as_of=1040)[0].checks
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.custody.authority import covers
from ledger.custody.context import Context, Setting, rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.matters import Matter, all_of, latest, matter, read
from ledger.custody.supervision.draw import Assignment, Shop, draw
from ledger.custody.supervision.duty import scopes_of
from ledger.custody.supervision.voiding import Void, find, require_another, voided
from ledger.errors import Conflict, CustodyRefused, SeenMismatch, UnknownReference
from ledger.log.canonical import encode
from ledger.messages import Message
from ledger.store.facts import FactRow, MerchantFact
from ledger.store.reader import FactReader
from ledger_schemas import PlanAnnounced, PlanDrawn

_DOMAIN = b"custody-ledger plan v1"
CARD_DAYS = 90
"""A card this recent raises the odds of an extra check."""
SEED_WITHIN = 100_000
"""How far behind the announcement the seed may be: a number mistyped would leave the week without any plan."""


class Plan(NamedTuple):
    """An announced plan as of an index, and its checks once they are drawn."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    week: str
    grid: str
    officers: tuple[str, ...]
    seed_size: int
    drawn: int | None
    """The entry that drew it."""
    voided: Void | None
    replaces: tuple[int, ...]
    """Announcements of the same week and shops that were voided before this one."""
    checks: tuple[Assignment, ...]


def plan_announced(at: Context, body: PlanAnnounced) -> Iterator[FactRow]:
    year, week = _parts(body.week)
    if date.fromisocalendar(year, week, 7) < at.occurred_on:
        raise CustodyRefused(
            "week {week} is over: announce a week to come", week=body.week, field="body.week"
        )
    first = date.fromisocalendar(year, week, body.days[0])
    if first < at.occurred_on:
        raise CustodyRefused(
            "{first} is over, so nobody can be sent there: leave day {day} out of the days",
            first=first,
            day=body.days[0],
            field="body.days",
        )
    if body.seed_size <= at.index + 1:
        raise CustodyRefused(
            "the seed must come from entries that nobody knows yet: this will be entry {entry}, so seed_size is at "
            "least {earliest}",
            entry=at.index,
            earliest=at.index + 2,
            field="body.seed_size",
        )
    if body.seed_size > at.index + SEED_WITHIN:
        raise CustodyRefused(
            "there are {entry} entries: a seed from {seed_size} may never come, enter at most {earliest}",
            entry=at.index,
            seed_size=body.seed_size,
            earliest=at.index + SEED_WITHIN,
            field="body.seed_size",
        )
    for before in all_of(at.facts, "plan", body.week, at.index):
        grid = before.value["grid"]
        if not (covers(grid, body.grid) or covers(body.grid, grid)):
            continue
        if voided(at.facts, before.value["id"], at.index) is None:
            raise Conflict(
                "entry {entry} announces week {week} for {grid} already: there is one plan for a week; "
                "one that cannot be drawn is voided first with `custody plan void`",
                entry=before.index,
                week=body.week,
                grid=grid,
                field="body.week",
            )
        require_another(at, before.index)
    value = at.statement.body | {"id": at.statement.id}
    shops_of(at.facts, at.setting, value, at.index)  # refuses what could not be drawn
    yield matter(at, 0, "plan", body.week, value)
    yield matter(at, 1, "plan_id", at.statement.id, {"week": body.week})


def plan_drawn(at: Context, body: PlanDrawn) -> Iterator[FactRow]:
    """Draws again and compares. Raises: a Refused that names what is not as announced."""
    index, announced = find(at.facts, body.announcement, at.index)
    before = latest(at.facts, "plan_drawn", body.announcement, at.index)
    if before is not None:
        raise Conflict(
            "entry {entry} drew this plan already: a plan is drawn once",
            entry=before.index,
            field="body.announcement",
        )
    void = voided(at.facts, body.announcement, at.index)
    if void is not None:
        raise Conflict(
            "entry {entry} voided this plan: it is not drawn any more",
            entry=void.index,
            field="body.announcement",
        )
    size = announced["seed_size"]
    if at.index < size:
        raise CustodyRefused(
            "drawn too early: the seed is the root of {size} entries, there are {entry}",
            size=size,
            entry=at.index,
            field="body.seed_root",
        )
    if at.seen is None or at.seen.size < size:
        raise SeenMismatch(
            "pin a checkpoint of {size} entries or more, which vouches for the seed", size=size, field="seen"
        )
    if sha256(bytes.fromhex(body.secret)).hexdigest() != announced["commitment"]:
        raise CustodyRefused("the secret is not the one the announcement is bound to", field="body.secret")
    root = at.setting.root_at(size)
    if root.hex() != body.seed_root:
        raise CustodyRefused(
            "drawn from another seed: the root of {size} entries is {root}…",
            size=size,
            root=root.hex()[:16],
            field="body.seed_root",
        )
    drawn = _draw(at.facts, at.setting, announced, index, seed_of(root, body.secret))
    _compare(body, drawn)
    yield matter(at, 0, "plan_drawn", body.announcement, {"secret": body.secret, "seed_root": body.seed_root})


def seed_of(root: bytes, secret: str) -> bytes:
    """The seed of the stream; see the module docstring."""
    return sha256(_DOMAIN + root + bytes.fromhex(secret)).digest()


def summary(drawn: list[Assignment]) -> dict[str, Any]:  # Any: JSON
    """What `plan.drawn` says of the checks: how many, each officer's load, and the digest of their list."""
    loads = Counter(officer for one in drawn for officer in one.officers)
    listed = [[one.merchant, one.day, list(one.officers)] for one in drawn]
    return {
        "checks": len(drawn),
        "loads": [{"checks": count, "officer": officer} for officer, count in sorted(loads.items())],
        "result": sha256(encode(listed)).hexdigest(),
    }


Draws = MutableMapping[tuple[str, bytes], tuple[Assignment, ...]]
"""What was drawn before, by announcement and seed: it rests on the facts as of the announcement, and never changes."""


def planned(
    facts: Facts, setting: Setting, week: str, as_of: int, *, draws: Draws | None = None
) -> list[Plan]:
    """The plans of a week, with their checks where they have been drawn; `draws` saves drawing again."""
    plans = []
    for one in all_of(facts, "plan", week, as_of):
        drawn = latest(facts, "plan_drawn", one.value["id"], as_of)
        checks: tuple[Assignment, ...] = ()
        if drawn is not None:
            seed = seed_of(bytes.fromhex(drawn.value["seed_root"]), drawn.value["secret"])
            known = None if draws is None else draws.get((one.value["id"], seed))
            checks = known or tuple(_draw(facts, setting, one.value, one.index, seed))
            if draws is not None:
                draws[one.value["id"], seed] = checks
        plans.append(_plan(facts, one, as_of)._replace(checks=checks))
    return plans


def all_plans(reader: FactReader, facts: Facts, as_of: int) -> list[Plan]:
    """All plans of any week, without their checks; oldest first."""
    return [_plan(facts, read(row), as_of) for row in reader.matters_of_topic("plan", before=as_of)]


def undrawn(reader: FactReader, facts: Facts, as_of: int) -> list[Plan]:
    """Plans of any week that are announced and not drawn, those that were voided too; oldest first."""
    return [plan for plan in all_plans(reader, facts, as_of) if plan.drawn is None]


def _plan(facts: Facts, said: Matter, as_of: int) -> Plan:
    """An announced plan without its checks."""
    body = said.value
    drawn = latest(facts, "plan_drawn", body["id"], as_of)
    return Plan(
        said.index,
        body["id"],
        body["week"],
        body["grid"],
        tuple(body["officers"]),
        body["seed_size"],
        None if drawn is None else drawn.index,
        voided(facts, body["id"], as_of),
        tuple(
            before.index
            for before in all_of(facts, "plan", body["week"], said.index)
            if covers(before.value["grid"], body["grid"]) or covers(body["grid"], before.value["grid"])
        ),
        (),
    )


def drawing(
    facts: Facts, setting: Setting, announcement: str, secret: str, root: bytes, as_of: int
) -> list[Assignment]:
    """What a plan gives, to be stated in `plan.drawn`. Raises: UnknownReference."""
    index, announced = find(facts, announcement, as_of)
    return _draw(facts, setting, announced, index, seed_of(root, secret))


def shops_of(
    facts: Facts, setting: Setting, announced: dict[str, Any], as_of: int
) -> list[Shop]:  # Any: JSON
    """Merchants of the plan as of its announcement, in order of credit code.

    Raises: UnknownReference for an officer without a key in force, CustodyRefused for a merchant whom none may check.
    """
    scopes = {
        officer: scopes_of(facts, "supervisor", officer, as_of) for officer in sorted(announced["officers"])
    }
    for number, officer in enumerate(announced["officers"]):
        if not scopes[officer]:
            raise UnknownReference(
                "{officer!r} has no supervisor's key in force: grant one, or leave the officer out",
                officer=officer,
                field=f"body.officers[{number}]",
            )
    monday = date.fromisocalendar(*_parts(announced["week"]), 1)
    rules: dict[str, tuple[int, int]] = {}
    able: dict[str, tuple[str, ...]] = {}
    if announced["weight_finding"]:
        facts.fetch_checks(one.merchant for one in facts.enrolled(as_of))
    shops = []
    for enrolment in sorted(facts.enrolled(as_of), key=lambda one: one.merchant):
        grid, classes = enrolment.grid, enrolment.goods_classes
        if not covers(announced["grid"], grid):
            continue
        if classes not in rules:
            rules[classes] = _asked(facts, setting, classes, monday, as_of)
        due, together = rules[classes]
        if not due:
            continue
        if len(announced["days"]) < min(due, 7):
            raise CustodyRefused(
                "{due} checks of merchant {merchant} are due, each on a day of its own, and there are "
                "{count} days: add days",
                due=due,
                merchant=enrolment.merchant,
                count=len(announced["days"]),
                field="body.days",
            )
        if grid not in able:
            able[grid] = tuple(
                officer for officer, given in scopes.items() if any(covers(scope, grid) for scope in given)
            )
        if len(able[grid]) < together:
            raise CustodyRefused(
                "{count} of the officers may check in grid {grid}, {together} are needed: add officers",
                count=len(able[grid]),
                grid=grid,
                together=together,
                field="body.officers",
            )
        shops.append(
            Shop(
                enrolment.merchant,
                due,
                together,
                _weight(facts, announced, enrolment, monday, as_of),
                able[grid],
            )
        )
    return shops


def _draw(
    facts: Facts, setting: Setting, announced: dict[str, Any], index: int, seed: bytes
) -> list[Assignment]:
    shops = shops_of(facts, setting, announced, index)
    return draw(seed, shops, days=announced["days"], extra=announced["extra_checks"])


def _asked(facts: Facts, setting: Setting, classes: str, monday: date, as_of: int) -> tuple[int, int]:
    """Checks a week and officers at a time, the stricter of the merchant's goods classes."""
    in_force = rulesets_in_force(
        facts, setting.jurisdiction, classes.split(",") if classes else [], monday + timedelta(days=6), as_of
    )
    due = max((ruleset.body.checks_per_week for ruleset in in_force), default=0)
    return due, 2 if any("inspection.recorded" in ruleset.body.two_officers for ruleset in in_force) else 1


def _weight(
    facts: Facts, announced: dict[str, Any], enrolment: MerchantFact, monday: date, as_of: int
) -> int:
    """1, and more for a recent card, findings at the last check, and cold-chain goods."""
    weight = 1
    if announced["weight_card"] and any(
        monday.toordinal() - card.value["day"] <= CARD_DAYS
        for card in all_of(facts, "card", enrolment.merchant, as_of)
    ):
        weight += announced["weight_card"]
    if announced["weight_finding"]:
        last = facts.last_check(enrolment.merchant, as_of)
        weight += announced["weight_finding"] if last is not None and last.findings else 0
    if "cold_chain" in enrolment.goods_classes.split(","):
        weight += announced["weight_cold_chain"]
    return weight


def _compare(body: PlanDrawn, drawn: list[Assignment]) -> None:
    made = summary(drawn)
    said = {
        "checks": body.checks,
        "loads": [{"checks": load.checks, "officer": load.officer} for load in body.loads],
        "result": body.result,
    }
    for name in ("checks", "loads", "result"):
        if made[name] != said[name]:
            raise CustodyRefused(
                "drawing again gives {made}: draw with `custody plan draw`",
                made=made[name] if name != "loads" else Message("others"),
                field=f"body.{name}",
            )


def _parts(week: str) -> tuple[int, int]:
    year, _, number = week.partition("-W")
    return int(year), int(number)
