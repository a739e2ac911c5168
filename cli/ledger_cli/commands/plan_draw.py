"""`custody plan draw`: the checks of a week, from the seed that was announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import _
from ledger_cli.waiting import Grid, Week, announced, waiting

if TYPE_CHECKING:
    from ledger.custody.supervision.plan import Plan
    from ledger.errors import Conflict
    from ledger_cli.draft import Draft

EXAMPLES = """
custody plan draw
"""


def command(
    context: typer.Context,
    week: Week = None,
    grid: Grid = None,
) -> None:
    """Shows the secret and draws from it and from the root of the announced number of entries.

    Anybody can draw again; `custody verify` does. A plan is drawn once. After it the secret is deleted here: it
    stands in the ledger.
    """
    from ledger.custody.coverage import parse_week
    from ledger.custody.supervision.plan import drawing, summary
    from ledger_cli.draft import Draft
    from ledger_cli.in_force import this_week

    with Draft(Frame.of(context)) as draft:
        if draft.frame.recording.body is not None:
            draft.record("plan.drawn", None, draft.body({}))
            return
        if week is not None:
            parse_week(week)
        plan = _to_draw(draft, week or this_week(), grid)
        secret = _secret(draft, plan)
        root = draft.ledger.root_at(plan.seed_size)
        drawn = drawing(draft.facts, draft.ledger.setting, plan.id, secret, root, draft.as_of)
        body = {
            "announcement": plan.id,
            "secret": secret,
            "seed_root": root.hex(),
            **summary(drawn),
        }
        receipt = draft.record(
            "plan.drawn",
            None,
            body,
            more={"week": plan.week, "checks": body["checks"], "loads": body["loads"]},
        )
        if receipt is not None:
            draft.frame.home.secrets.remove(plan.id)
            draft.frame.note(
                _("{count} checks: `custody plan show --week {week}`", count=len(drawn), week=plan.week)
            )


def _to_draw(draft: Draft, week: str, grid: str | None) -> Plan:
    """The plan of the week that is to be drawn. Raises: UsageError, Conflict, CustodyRefused when it is too early."""
    from ledger.errors import CustodyRefused

    plans = announced(draft, week, grid)
    plan = waiting(plans)
    if plan is None:
        raise _ended(week, plans)
    if draft.as_of < plan.seed_size:
        raise CustodyRefused(
            "too early: the seed is the root of {seed_size} entries, there are {as_of}; "
            "{plan_seed_size} are still missing",
            seed_size=plan.seed_size,
            as_of=draft.as_of,
            plan_seed_size=plan.seed_size - draft.as_of,
            field="body.seed_root",
        )
    return plan


def _ended(week: str, plans: list[Plan]) -> Conflict:
    """None of the week's plans waits: each was drawn or voided."""
    from ledger.errors import Conflict

    drawn = [str(one.drawn) for one in plans if one.drawn is not None]
    if drawn:
        return Conflict(
            "week {week} was drawn by entry {drawn}: a plan is drawn once",
            week=week,
            drawn=", ".join(drawn),
            field="--week",
        )
    return Conflict(
        "the plan of week {week} was voided by entry {void}: let another `custody plan announce` it again",
        week=week,
        void=", ".join(str(one.voided.index) for one in plans if one.voided is not None),
        field="--week",
    )


def _secret(draft: Draft, plan: Plan) -> str:
    from ledger.errors import UsageError

    secrets = draft.frame.home.secrets
    secret = secrets.get(plan.id)
    if secret is None:
        raise UsageError(
            "the secret of this plan is not here: {plan_id} lies where `custody plan announce` was run; "
            "draw there, or bring the file from its backup; if it is lost, `custody plan void`",
            plan_id=secrets.path(plan.id),
            field="secret",
        )
    return secret
