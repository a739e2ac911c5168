"""`custody card lift`: a card no longer stands."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.acting import Recheck
from ledger_cli.frame import Frame

EXAMPLES = """
custody card lift "$CARD" --reason "复查合格 Put right, seen on the spot" --key officer-a
"""


def command(
    context: typer.Context,
    card: Annotated[str, typer.Argument(metavar="CARD", help="亮牌记录 The card, id or entry number.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="摘牌原因 Why it is lifted.")] = None,
    inspection: Recheck = None,
) -> None:
    """Once the orders of the same check are confirmed. A shop closed by the card is open again."""
    from ledger_cli.acting import check
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant = draft.stated(card, "card.issued", "CARD")
        looked = None if inspection is None else check(draft, inspection)
        body = draft.body({"card": identity, "reason": reason, "inspection": looked})
        draft.record("card.lifted", merchant, body)
