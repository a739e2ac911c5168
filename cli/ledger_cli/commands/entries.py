"""`custody entries`: the record itself, one JSON entry a line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ledger_cli.frame import MAX_INDEX, Frame
from ledger_cli.language import N_

EXAMPLES = """
custody entries --kind inspection.recorded
custody entries --merchant 92410104MACU00014Y --from 100 --to 200
"""


def command(
    context: typer.Context,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help=N_("Of one merchant."))
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help=N_("Of one kind."))] = None,
    start: Annotated[
        int, typer.Option("--from", metavar="N", min=0, max=MAX_INDEX, help=N_("From this index on."))
    ] = 0,
    stop: Annotated[
        int | None,
        typer.Option("--to", metavar="N", min=0, max=MAX_INDEX, help=N_("Up to, without, this index.")),
    ] = None,
) -> None:
    """The entries as they are hashed: exactly these bytes, one entry a line, in order."""
    from ledger.errors import UsageError
    from ledger_schemas import KINDS

    if kind is not None and kind not in KINDS:
        raise UsageError(
            "{kind} is no kind of statement: {kinds}", kind=kind, kinds=", ".join(KINDS), field="--kind"
        )
    frame = Frame.of(context)
    with frame.reading() as ledger:
        store = ledger.store
        found = (
            store.entries(start, stop)
            if not (merchant or kind)
            else store.entries_of(merchant, kind, start, stop)
        )
        for _, data in found:
            sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()
