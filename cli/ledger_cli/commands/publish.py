"""`custody publish`: the ledger as files that anyone can mirror and verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.asking import plain_json
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody publish published
custody publish hashes --hashes-only
custody publish backup.zip && custody verify backup.zip
"""


def command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Folder, or a file ending in .zip."))],
    hashes_only: Annotated[
        bool,
        typer.Option(
            "--hashes-only",
            help=N_("Checkpoint and hash tiles only: safe for the public."),
        ),
    ] = False,
) -> None:
    """Writes checkpoint, hash tiles, entries and attachments (C2SP tlog-tiles); run again, it adds what is new.

    This is the backup too: `custody restore` makes a ledger of it. Keys and disclosures never travel.
    """
    from ledger.exchange.bundle import publish

    frame = Frame.of(context)
    with frame.reading() as ledger:
        published = publish(
            ledger.store, directory, hashes_only=hashes_only, blobs=None if hashes_only else frame.home.blobs
        )
    answer = {"target": str(directory), **plain_json(published)}
    frame.answer(
        answer,
        lambda: typer.echo(
            _(
                "Published to {directory}: {size} entries, root {root}",
                directory=directory,
                size=published.size,
                root=published.root.hex(),
            )
        ),
    )
