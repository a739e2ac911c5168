"""`custody rebuild`: the derived tables made anew from the entries."""

from __future__ import annotations

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import _

EXAMPLES = "custody rebuild && custody verify"


def command(context: typer.Context) -> None:
    """Drops every derived table and replays the entries, in one transaction. Entries, tiles and checkpoints stay."""
    from ledger.custody.replay import derived

    frame = Frame.of(context)
    with frame.reading() as ledger:
        store = ledger.store
        store.replace_facts(derived(store))
        size = store.head().size
    frame.answer(
        {"size": size},
        lambda: typer.echo(_("Rebuilt from {size} entries. Check it with: custody verify", size=size)),
    )
