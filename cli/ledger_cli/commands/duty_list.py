"""`custody duty list`: who is responsible for whom, and for whom nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.supervision.duty import Duty

EXAMPLES = """
custody duty list
custody duty list --unassigned
custody duty list --grid erligang/3 --json
"""


def command(
    context: typer.Context,
    unassigned: Annotated[
        bool,
        typer.Option("--unassigned", help="只列责任未落实的 Only merchants for whom somebody is missing."),
    ] = False,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help="只列此网格及以下 Only those in this grid and below.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Every merchant enrolled, so that an empty list of the unassigned says something.

    It names the checkpoint it holds for: whoever has the published ledger gets the same list from the same entries.
    """
    from ledger.custody.authority import covers
    from ledger.custody.supervision.duty import duties
    from ledger.exchange.answers.supervision import duties_json

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        root = ledger.root_at(size).hex()
        found = [one for one in duties(ledger.facts(), size) if grid is None or covers(grid, one.grid)]
    missing = [one for one in found if one.missing]
    listed = missing if unassigned else found
    answer = duties_json(found, as_of=size, root=root, grid=grid, unassigned_only=unassigned)
    frame.answer(answer, lambda: _show(answer, listed, unassigned=unassigned))


def _show(answer: dict[str, Any], listed: list[Duty], *, unassigned: bool) -> None:
    from ledger_cli import show

    none = "无 none"
    show.table(
        "责任未落实 Nobody responsible" if unassigned else "包保责任 Duties",
        [
            ("网格", "Grid"),
            ("商户", "Merchant"),
            ("代码", "Code"),
            ("监管员", "Supervisor"),
            ("行业主管部门", "Regulator"),
            ("属地单位", "Territorial unit"),
            ("条目", "Entries"),
        ],
        [
            (
                one.grid,
                one.name,
                one.merchant,
                one.supervisor or none,
                one.regulator or none,
                one.unit or none,
                ", ".join(map(str, one.assigned)),
            )
            for one in listed
        ],
    )
    show.print_line(f"商户 merchants {answer['merchants']}，责任未落实 unassigned {answer['unassigned']}")
    show.pairs([("检查点 Checkpoint", f"{answer['as_of']} 条 entries, root {answer['root']}")])
