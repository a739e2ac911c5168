"""`custody duty assign`: who is responsible for merchants."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame

EXAMPLES = """
custody duty assign --grid erligang/3 --supervisor officer-017 --regulator 市场科 --unit 二里岗街道办
custody duty assign --merchant 92410104MACU00022R --supervisor officer-017 --dry-run
"""


def command(
    context: typer.Context,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help="网格及以下 A grid and all below it, or * for all.")
    ] = None,
    merchants: Annotated[
        list[str] | None, typer.Option("--merchant", "-m", metavar="CODE", help="商户 A merchant; repeat.")
    ] = None,
    supervisor: Annotated[
        str | None,
        typer.Option(
            metavar="HOLDER", help="责任监管员代号 Pseudonym that a supervisor's key was granted to."
        ),
    ] = None,
    regulator: Annotated[
        str | None, typer.Option(metavar="OFFICE", help="行业主管部门 Office that regulates the industry.")
    ] = None,
    unit: Annotated[str | None, typer.Option(metavar="OFFICE", help="属地单位 Territorial unit.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="说明 Remark.")] = None,
) -> None:
    """One supervisor, one regulator, one territorial unit for each merchant (包保责任).

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
