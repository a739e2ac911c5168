"""`custody plan void`: an announced plan that cannot be drawn, ended in sight of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _
from ledger_cli.waiting import Grid, Week, announced, waiting

if TYPE_CHECKING:
    from ledger.custody.supervision.plan import Plan
    from ledger_cli.draft import Draft

EXAMPLES = """
custody plan void --reason "秘密值遗失 The secret is lost" --key operator --key officer-b --dry-run
"""


def command(
    context: typer.Context,
    week: Week = None,
    grid: Grid = None,
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
    from ledger.errors import Conflict
    from ledger_cli.in_force import this_week

    asked = week or this_week()
    parse_week(asked)
    plan = waiting(announced(draft, asked, grid))
    if plan is None:
        raise Conflict(
            "all plans of week {asked} are drawn or voided: see `custody plan show`",
            asked=asked,
            field="--week",
        )
    return plan
