"""`custody checkpoint`: the newest signed checkpoint."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody checkpoint > today.checkpoint
custody checkpoint --vkey
"""


def command(
    context: typer.Context,
    vkey: Annotated[bool, typer.Option("--vkey", help=N_("Print the verifier key instead."))] = False,
) -> None:
    """The signed note (C2SP tlog-checkpoint). Keep it: with `custody verify --since` nothing can be cut off unseen.

    With --vkey the log's verifier key, which others need to check it.
    """
    from ledger.log import checkpoint

    frame = Frame.of(context)
    with frame.reading() as ledger:
        key, note = ledger.store.vkey, ledger.store.head().checkpoint_note
    if frame.json:
        parsed = checkpoint.parse(note)
        frame.answer(
            {
                "origin": parsed.origin,
                "size": parsed.size,
                "root": parsed.root.hex(),
                "note": note.decode(),
                "vkey": key,
            },
            lambda: None,
        )
    else:
        sys.stdout.write(f"{key}\n" if vkey else note.decode())
