"""`custody prove`: a proof of one entry that anyone can check offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import MAX_INDEX, Frame
from ledger_cli.language import N_, _
from ledger_cli.reasons import why

EXAMPLES = """
custody prove 3 -o entry-3.tlog-proof
custody prove 3
"""


def command(
    context: typer.Context,
    index: Annotated[
        int, typer.Argument(metavar="INDEX", min=0, max=MAX_INDEX, help=N_("Index of the entry."))
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help=N_("Write to this file."))
    ] = None,
) -> None:
    """A .tlog-proof file (C2SP): the entry, its path in the tree and the signed checkpoint. On stdout without -o."""
    from ledger.errors import UsageError

    frame = Frame.of(context)
    with frame.reading() as ledger:
        proof, key = ledger.prove(index), ledger.store.vkey
    if out is None:
        sys.stdout.write(proof.decode())
        return
    try:
        out.write_bytes(proof)
    except OSError as error:
        raise UsageError(
            "{out} cannot be written: {reason}",
            out=out,
            reason=why(error),
            field="--out",
        ) from error
    frame.answer(
        {"file": str(out), "index": index, "bytes": len(proof), "vkey": key},
        lambda: typer.echo(
            _(
                "{file}: {size} bytes. Check it with: {command}",
                file=out,
                size=len(proof),
                command=f"custody check-proof {out} --vkey {key}",
            )
        ),
    )
