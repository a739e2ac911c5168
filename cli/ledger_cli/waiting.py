"""Announced plans of a week, and the one of them that waits: for `custody plan draw` and `custody plan void`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import UsageError
from ledger.messages import Message
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.custody.supervision.plan import Plan
    from ledger_cli.draft import Draft

Week = Annotated[str | None, typer.Option(metavar="YYYY-Www", help=N_("ISO week; this week by default."))]
Grid = Annotated[
    str | None,
    typer.Option(metavar="PATH", help=N_("Grid of the announcement, where a week has several.")),
]


def announced(draft: Draft, week: str, grid: str | None) -> list[Plan]:
    """The plans of a week, one at least. Raises: UsageError."""
    from ledger.custody.supervision.plan import planned

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
    return plans


def waiting(plans: list[Plan]) -> Plan | None:
    """The one of a week's plans that is neither drawn nor voided, None where there is none. Raises: UsageError."""
    found = [one for one in plans if one.drawn is None and one.voided is None]
    if len(found) > 1:
        raise UsageError(
            "week {week} is announced for several grids: choose one of {listed} with --grid",
            week=found[0].week,
            listed=", ".join(one.grid for one in found),
            field="--grid",
        )
    return found[0] if found else None
