"""`custody plan draw`: the checks of a week, from the seed that was announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.supervision.plan import Plan
    from ledger_cli.draft import Draft

EXAMPLES = """
custody plan draw
"""


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help=N_("ISO week; this week by default."))
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(metavar="PATH", help=N_("Grid of the announcement, where a week has several.")),
    ] = None,
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
        plan = _announced(draft, week or this_week(), grid)
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


def _announced(draft: Draft, week: str, grid: str | None) -> Plan:
    """The plan of the week that is to be drawn. Raises: UsageError, Conflict, CustodyRefused when it is too early."""
    from ledger.custody.supervision.plan import planned
    from ledger.errors import Conflict, CustodyRefused, UsageError

    plans = [
        one
        for one in planned(draft.facts, draft.ledger.setting, week, draft.as_of)
        if grid in (None, one.grid)
    ]
    if not plans:
        raise UsageError(
            "nothing is announced for week {week}{grid}: `custody plan announce` first",
            week=week,
            grid=Message(" and grid {grid}", grid=grid) if grid else "",
            field="--week",
        )
    waiting = [one for one in plans if one.drawn is None and one.voided is None]
    if not waiting:
        drawn = [str(one.drawn) for one in plans if one.drawn is not None]
        if not drawn:
            void = ", ".join(str(one.voided.index) for one in plans if one.voided is not None)
            raise Conflict(
                "the plan of week {week} was voided by entry {void}: let another `custody plan announce` it again",
                week=week,
                void=void,
                field="--week",
            )
        raise Conflict(
            "week {week} was drawn by entry {drawn}: a plan is drawn once",
            week=week,
            drawn=", ".join(drawn),
            field="--week",
        )
    if len(waiting) > 1:
        listed = ", ".join(one.grid for one in waiting)
        raise UsageError(
            "week {week} is announced for several grids: choose one of {listed} with --grid",
            week=week,
            listed=listed,
            field="--grid",
        )
    (plan,) = waiting
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
