"""`custody restore`: a ledger out of a published bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli import remote
from ledger_cli.asking import plain_json
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language

if TYPE_CHECKING:
    from ledger.exchange.restore import Restored

EXAMPLES = """
custody publish backup.zip && custody restore backup.zip restored && custody verify restored
"""


def command(
    context: typer.Context,
    bundle: Annotated[
        str, typer.Argument(metavar="BUNDLE", help=N_("Published folder, zip or http(s) URL."))
    ],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=N_("New folder for the ledger."))],
    vkey: Annotated[
        str | None,
        typer.Option("--vkey", metavar="V", help=N_("The log's verifier key as you know it.")),
    ] = None,
    key: remote.Key = None,
    ca: remote.Authority = None,
) -> None:
    """Verifies the bundle, then makes a ledger with the same entries, root and checkpoint. Never over an existing one.

    Keys do not travel: the restored ledger can be read and verified, and grows again once keys/ is put back.
    """
    from ledger.exchange.restore import restore

    frame = Frame.of(context)
    source = remote.opened(frame, bundle, key=key, authority=ca)
    try:
        restored = restore(source, directory, vkey=vkey)
    finally:
        source.close()
    answer = plain_json(restored) | {"directory": str(directory)}
    frame.answer(answer, lambda: _show(restored, directory))


def _show(restored: Restored, directory: Path) -> None:
    from ledger_cli import show
    from ledger_cli.commands.verify import VERDICT

    show.print_line(_("Restored to {directory}", directory=directory))
    show.pairs(
        [
            (_("Size"), restored.size),
            (_("Root"), restored.root.hex()),
            (_("Attachments"), restored.blobs),
            (_("Attachments not in the bundle"), restored.absent),
            (_("Verdict"), _(VERDICT[restored.report.verdict])),
        ]
    )
    show.print_line(language().told(restored.note))
