"""`custody log disinfection`: what was disinfected, with what and for how long."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Attach, Batches, Merchant

EXAMPLES = r"""
custody log disinfection --merchant 92410104MACU00014Y --target premises --place "一号冷库" --agent "含氯消毒液" \
  --concentration "500 mg/L" --method "喷洒 spraying" --minutes 30 --who "赵六"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="TARGET", help=N_("premises, shelf, goods, vehicle, packaging or tools.")),
    ] = None,
    place: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Where."))] = None,
    agent: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Agent."))] = None,
    concentration: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Concentration, such as 500 mg/L."))
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Spraying, wiping, soaking …"))
    ] = None,
    minutes: Annotated[int | None, typer.Option(metavar="N", help=N_("Contact time in minutes."))] = None,
    who: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=N_("Name of who did it; sealed, erasable.")),
    ] = None,
    batches: Batches = None,
    attach: Attach = None,
) -> None:
    """Pictures are attached with --attach. When it was done is --occurred-at, now unless given."""
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = draft.body(
            {
                "target": target,
                "place": place,
                "agent": agent,
                "concentration": concentration,
                "method": method,
                "contact_minutes": minutes,
                "who": draft.seal("who", who),
                "batches": batches or None,
                "photos": draft.attachments(attach),
            }
        )
        draft.record("disinfection.logged", whose, body)
