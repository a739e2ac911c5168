"""`custody duty assign`: who is responsible for merchants."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody duty assign --grid erligang/3 --supervisor officer-017 --regulator 市场科 --unit 二里岗街道办
custody duty assign --merchant 92410104MACU00022R --supervisor officer-017 --dry-run
"""


def command(
    context: typer.Context,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help=N_("A grid and all below it, or * for all."))
    ] = None,
    merchants: Annotated[
        list[str] | None, typer.Option("--merchant", "-m", metavar="CODE", help=N_("A merchant; repeat."))
    ] = None,
    supervisor: Annotated[
        str | None,
        typer.Option(metavar="HOLDER", help=N_("Pseudonym that a supervisor's key was granted to.")),
    ] = None,
    regulator: Annotated[
        str | None, typer.Option(metavar="OFFICE", help=N_("Office that regulates the industry."))
    ] = None,
    unit: Annotated[str | None, typer.Option(metavar="OFFICE", help=N_("Territorial unit."))] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Remark."))] = None,
) -> None:
    """One supervisor, one regulator, one territorial unit for each merchant.

    For each of the three the most specific assignment counts: a merchant by name, then its grid, then the grids above.
    Assigning again ends the old duty.
    """
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        body = draft.body(
            {
                "grid": grid,
                "merchants": merchants or None,
                "supervisor": supervisor,
                "regulator": regulator,
                "unit": unit,
                "note": note,
            }
        )
        draft.record("duty.assigned", None, body)
