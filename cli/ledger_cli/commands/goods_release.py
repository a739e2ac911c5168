"""`custody goods release`: sealed goods may move again."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody goods release B1 --reason "标签已更正 Labels put right" --key officer-a
"""


def command(
    context: typer.Context,
    seal: Annotated[
        str, typer.Argument(metavar="SEAL", help=N_("The seal: id, entry number, or the sealed batch."))
    ],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why it is released."))] = None,
) -> None:
    """Ends a seal: the batch may be sold and handed over again."""
    from ledger.custody.supervision.holds import standing_seal
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        standing = standing_seal(draft.facts, seal, draft.as_of)
        named = seal if standing is None else standing.value["id"]
        identity, merchant = draft.stated(named, "goods.sealed", "SEAL")
        draft.record("goods.released", merchant, draft.body({"seal": identity, "reason": reason}))
