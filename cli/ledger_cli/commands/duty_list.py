"""`custody duty list`: who is responsible for whom, and for whom nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

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
        typer.Option("--unassigned", help=N_("Only merchants for whom somebody is missing.")),
    ] = False,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help=N_("Only those in this grid and below."))
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

    none = _("none")
    show.table(
        _("Nobody responsible") if unassigned else _("Duties"),
        [
            _("Grid"),
            _("Merchant"),
            _("Code"),
            _("Supervisor"),
            _("Regulator"),
            _("Territorial unit"),
            _("Entries"),
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
    show.print_line(
        _(
            "merchants {merchants}, without somebody responsible {unassigned}",
            merchants=answer["merchants"],
            unassigned=answer["unassigned"],
        )
    )
    show.pairs(
        [(_("Checkpoint"), _("{size} entries, root {root}", size=answer["as_of"], root=answer["root"]))]
    )
