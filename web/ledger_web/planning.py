"""Plans of checks on a phone: what is announced, who may be named, and what a draw gives.

    GET  /api/plans                         announced plans and what each waits for; what a new one can name
    POST /api/plans/{announcement}/draw     {secret} → the body of `plan.drawn`, to be signed by who announced it

The secret of an announcement is made on the phone and stays there until all entries of the seed stand in the history
that the phone has verified: earlier, whoever has it and makes the entries could choose the draw (decisions 11 and 22).
What is drawn here is not trusted: admission draws again, and so does every verification.

What it leaves to others: the draw (`plan`), whether the ledger would take an announcement (`trying`), checks and their
progress (`views`, `duty`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.custody.authority import EVERYWHERE, covers
from ledger.custody.coverage import week_text
from ledger.custody.inspection import iso_week
from ledger.custody.matters import read
from ledger.custody.supervision.plan import Plan, all_plans, drawing, summary
from ledger.errors import Conflict, CustodyRefused
from ledger.exchange.answers import asking
from ledger.exchange.answers.supervision import announced_json
from ledger.messages import Message
from ledger_web.asked import Asked, Json, Question
from ledger_web.faults import NotThere, NotYours

router = APIRouter(prefix="/api/plans", tags=["views"])

SHOWN: Final = 30
"""Plans that are over and done with, the newest; those that wait are all shown."""


class Shown(BaseModel):
    """The secret of an announcement."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.get("")
def plans(ask: Question, response: Response) -> Json:
    """抽查计划 Announced plans, the newest first, and what a new one can name."""
    response.headers["cache-control"] = "no-store"
    _require_checker(ask)
    today = asking.day_of(ask.now_ms)
    found = sorted(all_plans(ask.store, ask.facts, ask.size), key=lambda one: -one.index)
    ended = [one for one in found if _ended(one, today)][:SHOWN]
    officers = _officers(ask)
    return {
        "as_of": ask.size,
        "today": str(today),
        "weeks": [week_text(iso_week(today)), week_text(iso_week(today + timedelta(days=7)))],
        "may_announce": _may_announce(ask),
        "officers": [{"holder": holder, "scopes": scopes} for holder, scopes in sorted(officers.items())],
        "grids": sorted({EVERYWHERE, *(scope for scopes in officers.values() for scope in scopes)}),
        "plans": [_plan(ask, one, today) for one in found if one in ended or not _ended(one, today)],
    }


@router.post("/{announcement}/draw")
def draw(
    ask: Question,
    announcement: Annotated[UUID, Path(description="公告记录号 Id of the announcement")],
    shown: Shown,
) -> Json:
    """抽取 What the seed and this secret give; nothing is recorded."""
    _require_checker(ask)
    if not _may_announce(ask):
        raise NotYours(
            Message("plans are announced and drawn by the operator, or by officers of the whole ledger")
        )
    plan = next(
        (one for one in all_plans(ask.store, ask.facts, ask.size) if one.id == str(announcement)), None
    )
    if plan is None:
        raise NotThere(Message("there is no such announcement here"), field="announcement")
    _require_drawable(ask, plan)
    if sha256(bytes.fromhex(shown.secret)).hexdigest() != _body(ask, plan)["commitment"]:
        raise CustodyRefused("the secret is not the one the announcement is bound to", field="secret")
    root = ask.ledger.root_at(plan.seed_size)
    drawn = drawing(ask.facts, ask.ledger.setting, plan.id, shown.secret, root, ask.size)
    return {"announcement": plan.id, "secret": shown.secret, "seed_root": root.hex(), **summary(drawn)}


def _require_checker(ask: Asked) -> None:
    """Raises: SignInNeeded, NotYours."""
    ask.signed_in()
    if not ask.reader.may_see_plans:
        raise NotYours(Message("plans are for those who check, and for auditors"))


def _require_drawable(ask: Asked, plan: Plan) -> None:
    """Raises: Conflict for what is drawn or voided, CustodyRefused before the seed is there."""
    over = plan.drawn if plan.voided is None else plan.voided.index
    if over is not None:
        raise Conflict(
            "entry {entry} drew or voided this plan already: a plan is drawn once",
            entry=over,
            field="announcement",
        )
    if ask.size < plan.seed_size:
        raise CustodyRefused(
            "too early: the seed is the root of {seed_size} entries, there are {as_of}; "
            "{plan_seed_size} are still missing",
            seed_size=plan.seed_size,
            as_of=ask.size,
            plan_seed_size=plan.seed_size - ask.size,
            field="announcement",
        )


def _may_announce(ask: Asked) -> bool:
    """Whoever may speak for the whole ledger, as `plan.announced` and `plan.drawn` ask."""
    return ask.reader.role == "operator" or (
        ask.reader.role == "supervisor" and ask.reader.scope == EVERYWHERE
    )


def _may_void(ask: Asked, plan: Plan) -> bool:
    """With another who may: responsible for all of the plan's grid, or one of its officers (`voiding`)."""
    reader = ask.reader
    return reader.role == "operator" or (
        reader.role == "supervisor" and (covers(reader.scope, plan.grid) or reader.holder in plan.officers)
    )


def _officers(ask: Asked) -> dict[str, list[str]]:
    """Holders of supervisors' keys in force, with their scopes."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in map(read, ask.store.matters_of_topic("holder", before=ask.size)):
        role, _, holder = one.key.partition(":")
        if role == "supervisor" and ask.facts.revocation(str(one.value["keyid"]), ask.size) is None:
            found[holder].add(str(one.value["scope"]))
    return {holder: sorted(scopes) for holder, scopes in found.items()}


def _sunday(plan: Plan) -> date:
    return date.fromisocalendar(int(plan.week[:4]), int(plan.week[6:]), 7)


def _ended(plan: Plan, today: date) -> bool:
    return plan.drawn is not None or plan.voided is not None or _sunday(plan) < today


def _body(ask: Asked, plan: Plan) -> Any:  # JSON
    return ask.ledger.entry(plan.index).statement.body


def _plan(ask: Asked, plan: Plan, today: date) -> Json:
    entry, body = ask.ledger.entry(plan.index), _body(ask, plan)
    ready = ask.size >= plan.seed_size
    grants = [ask.facts.grant(one.keyid, ask.size) for one in entry.signatures]
    return {
        "week": plan.week,
        **announced_json(plan),
        "commitment": body["commitment"],
        "days": body["days"],
        "extra_checks": body["extra_checks"],
        "announced_at": entry.recorded_at,
        "announced_by": [grant.holder or grant.role for grant in grants if grant is not None],
        "over": _sunday(plan) < today,
        "missing": max(0, plan.seed_size - ask.size),
        "seed_root": ask.ledger.root_at(plan.seed_size).hex() if ready else None,
        "checks": ask.ledger.entry(plan.drawn).statement.body["checks"] if plan.drawn is not None else None,
        "may_void": _may_void(ask, plan) and not _ended(plan, today),
    }
