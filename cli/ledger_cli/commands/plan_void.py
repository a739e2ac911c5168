"""`custody plan void`: an announced plan that cannot be drawn, ended in sight of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.supervision.plan import Plan
    from ledger_cli.draft import Draft

EXAMPLES = """
custody plan void --reason "秘密值遗失 The secret is lost" --key operator --key officer-b --dry-run
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
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=N_("Why it will not be drawn, such as a lost secret.")),
    ] = None,
) -> None:
    """Two sign it: an officer with another officer or with the operator, and not the announcers alone.

    The announcement stays, and `custody plan show`, the weekly report and `custody verify` name it. Somebody who did
    not announce it may then announce the week again.
    """
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        body = draft.body({"reason": reason})
        more = {}
        if "announcement" not in body:
            plan = _waiting(draft, week, grid)
            body["announcement"] = plan.id
            more = {"week": plan.week, "grid": plan.grid, "announced": plan.index}
            if plan.seed_size <= draft.as_of and draft.frame.home.secrets.get(plan.id) is not None:
                draft.frame.note(
                    _(
                        "Note: the secret is here, and `custody plan draw` can draw: {path}",
                        path=draft.frame.home.secrets.path(plan.id),
                    )
                )
        draft.record("plan.voided", None, body, more=more)


def _waiting(draft: Draft, week: str | None, grid: str | None) -> Plan:
    """The plan of the week that is announced and neither drawn nor voided. Raises: UsageError, Conflict."""
    from ledger.custody.coverage import parse_week
    from ledger.custody.supervision.plan import planned
    from ledger.errors import Conflict, UsageError
    from ledger_cli.in_force import this_week

    asked = week or this_week()
    parse_week(asked)
    plans = [
        one
        for one in planned(draft.facts, draft.ledger.setting, asked, draft.as_of)
        if grid in (None, one.grid)
    ]
    if not plans:
        raise UsageError(
            "nothing is announced for week {asked}{grid}: see `custody plan show`",
            asked=asked,
            grid=f" and grid {grid}" if grid else "",
            field="--week",
        )
    waiting = [one for one in plans if one.drawn is None and one.voided is None]
    if not waiting:
        raise Conflict(
            "all plans of week {asked} are drawn or voided: see `custody plan show`",
            asked=asked,
            field="--week",
        )
    if len(waiting) > 1:
        listed = ", ".join(one.grid for one in waiting)
        raise UsageError(
            "week {asked} is announced for several grids: choose one of {listed} with --grid",
            asked=asked,
            listed=listed,
            field="--grid",
        )
    return waiting[0]
