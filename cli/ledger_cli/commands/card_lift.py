"""`custody card lift`: a card no longer stands."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Recheck
from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody card lift 92410104MACU00014Y --reason "复查合格 Put right, seen on the spot" --key officer-a
"""


def command(
    context: typer.Context,
    card: Annotated[
        str,
        typer.Argument(
            metavar="CARD", help=N_("The card: id, entry number, or a merchant with one standing.")
        ),
    ],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why it is lifted."))] = None,
    inspection: Recheck = None,
) -> None:
    """Once the orders of the same check are confirmed. A shop closed by the card is open again."""
    from ledger_cli.acting import card as the_card
    from ledger_cli.acting import check
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = the_card(draft, card)
        looked = None if inspection is None else check(draft, inspection)
        body = draft.body({"card": identity, "reason": reason, "inspection": looked})
        draft.record("card.lifted", merchant, body)
