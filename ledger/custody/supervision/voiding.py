"""A plan that can no longer be drawn is voided, in sight of all (抽查作废).

    plan.voided       names the announcement and why: its secret is lost, an officer has left
    plan.announced    for the same week and grid is possible again, by somebody who did not announce the voided one

    voided(facts, announcement, as_of=1040)      # Void(index=1031, reason='秘密值遗失', seed_known=True), or None

Whoever has the secret knows the draw as soon as the seed is there, and could void what does not suit. Therefore two
sign, who are not the announcers alone; who announced a voided plan announces no other of that week and grid; and
whether the seed was known is computed from the place of the entry, not stated. The operator is one party, however many
keys it has, and an officer is known by the holder of the key. Nothing is taken back: the announcement stays, and
`plan`, the weekly report and every verification name what was voided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from ledger.custody.authority import covers
from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.custody.matters import all_of, latest, matter
from ledger.custody.supervision.references import require_after
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, UnknownReference
from ledger.log.times import parse_instant
from ledger.messages import Message
from ledger.store.facts import FactRow, GrantFact
from ledger_schemas import PlanVoided


class Void(NamedTuple):
    """The end of a plan that was not drawn."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    reason: str
    seed_known: bool
    """Whether all entries of its seed stood before: whoever had the secret could know the draw."""


def plan_voided(at: Context, body: PlanVoided) -> Iterator[FactRow]:
    """By two, of a plan that is neither drawn nor voided and whose week is not over."""
    index, announced = find(at.facts, body.announcement, at.index)
    drawn = latest(at.facts, "plan_drawn", body.announcement, at.index)
    if drawn is not None:
        raise Conflict(
            "entry {entry} drew this plan: what is drawn stands, and is not voided",
            entry=drawn.index,
            field="body.announcement",
        )
    before = voided(at.facts, body.announcement, at.index)
    if before is not None:
        raise Conflict(
            "entry {entry} voided this plan already", entry=before.index, field="body.announcement"
        )
    year, _, number = announced["week"].partition("-W")
    if date.fromisocalendar(int(year), int(number), 7) < at.occurred_on:
        raise CustodyRefused(
            "week {announced} is over: a plan that was not drawn stays announced and undrawn",
            announced=announced["week"],
            field="body.announcement",
        )
    entry = at.setting.entry_at(index)
    require_after(at, parse_instant(entry.statement.occurred_at), Message("the plan was announced"))
    _require_scope(at.signers, announced)
    _require_two(at, index)
    value = {"reason": body.reason, "seed_known": at.index >= announced["seed_size"]}
    yield matter(at, 0, "plan_void", body.announcement, value)


def find(facts: Facts, announcement: str, as_of: int) -> tuple[int, dict[str, Any]]:  # Any: JSON
    """Entry and body of an announcement. Raises: UnknownReference."""
    named = latest(facts, "plan_id", announcement, as_of)
    for one in all_of(facts, "plan", named.value["week"], as_of) if named else ():
        if one.value["id"] == announcement:
            return one.index, one.value
    raise UnknownReference(
        "there is no plan.announced {announcement}: check the id",
        announcement=announcement,
        field="body.announcement",
    )


def voided(facts: Facts, announcement: str, as_of: int) -> Void | None:
    """How a plan was voided, None while it is not."""
    found = latest(facts, "plan_void", announcement, as_of)
    return None if found is None else Void(found.index, found.value["reason"], found.value["seed_known"])


def require_another(at: Context, announced: int) -> None:
    """Nobody announces again who announced a plan that was voided: nobody draws twice. Raises: NotAuthorised."""
    if _parties(at.signers) & _announcers(at, announced):
        raise NotAuthorised(
            "the plan of entry {announced} for this week was voided, and whoever announced it could have known its "
            "draw: let somebody announce who did not, with a key for the whole ledger",
            announced=announced,
            field="signatures",
        )


def _require_scope(signers: Iterable[GrantFact], announced: dict[str, Any]) -> None:  # Any: JSON
    """A supervisor is responsible for all of the plan's grid, or is one of its officers."""
    for signer in signers:
        if signer.role != "supervisor" or covers(signer.scope, announced["grid"]):
            continue
        if signer.holder is None or signer.holder not in announced["officers"]:
            raise NotAuthorised(
                "key {keyid}… is for grid {scope}, the plan is for {announced}: let an "
                "officer of the plan sign ({announced_2}), or one responsible for all of it",
                keyid=signer.keyid[:16],
                scope=signer.scope,
                announced=announced["grid"],
                announced_2=", ".join(announced["officers"]),
                field="signatures",
            )


def _require_two(at: Context, announced: int) -> None:
    parties = _parties(at.signers)
    named = {one for one in parties if one[0] == "operator" or one[1] is not None}
    if len(named) < 2:
        raise NotAuthorised(
            "a plan is voided by two: an officer with another officer or with the operator, the keys of officers "
            "granted with a holder; let the second sign the same statement",
            field="signatures",
        )
    if parties <= _announcers(at, announced):
        raise NotAuthorised(
            "all who sign have announced the plan (entry {announced}): let somebody sign who did not",
            announced=announced,
            field="signatures",
        )


_Party = tuple[str, str | None]


def _parties(grants: Iterable[GrantFact]) -> set[_Party]:
    """Operators are one; officers are told apart by their holders, since anybody may have several keys."""
    return {("operator", None) if one.role == "operator" else (one.role, one.holder) for one in grants}


def _announcers(at: Context, announced: int) -> set[_Party]:
    signatures = at.setting.entry_at(announced).signatures
    grants = (at.facts.grant(signature.keyid, announced) for signature in signatures)
    return _parties(grant for grant in grants if grant is not None)
