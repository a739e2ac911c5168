"""`custody check-evidence`: has the log shown two histories?"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli import remote
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from ledger.audit.evidence import Judged

EXAMPLES = r"""
custody check-evidence custody-evidence.json --vkey "$(custody checkpoint --vkey)"
custody check-evidence custody-evidence.json --vkey "$(custody checkpoint --vkey)" --bundle published
"""

EXIT = {"intact": 0, "tampered": 1, "incomplete": 3}


def command(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=N_("custody-evidence.json, as a phone saves it at an alarm.")),
    ],
    vkey: Annotated[
        str,
        typer.Option("--vkey", metavar="V", help=N_("The log's verifier key, from a source you trust.")),
    ],
    bundle: Annotated[
        str | None,
        typer.Option(
            "--bundle",
            metavar="SOURCE",
            help=N_("A published ledger, folder, zip or URL: decides between two sizes."),
        ),
    ] = None,
    key: remote.Key = None,
    ca: remote.Authority = None,
) -> None:
    """Checks offline whether the two checkpoints in the file are signed by the log and contradict each other.

    Exit 1 the log has shown two histories, 0 both are of one, 3 the file does not decide it, 2 unreadable.
    """
    from ledger import log
    from ledger.audit.evidence import MAX_BYTES, judge
    from ledger.errors import NoteError, UsageError
    from ledger_cli.inputs import contents

    frame = Frame.of(context)
    try:
        verifier = log.NoteVerifier.from_vkey(vkey)
    except NoteError as error:
        raise UsageError(error.message, field="--vkey") from error
    try:
        data = contents(file, MAX_BYTES, "FILE")
    except OSError as error:
        raise UsageError(
            "{file} cannot be read: {reason}", file=file, reason=why(error), field="FILE"
        ) from error
    with ExitStack() as stack:
        source = None
        if bundle is not None:
            source = stack.enter_context(remote.opened(frame, bundle, key=key, authority=ca))
        found = judge(data, verifier, source)
    frame.answer(_as_json(found), lambda: _show(found))
    if found.verdict != "intact":
        raise typer.Exit(EXIT[found.verdict])


def _as_json(found: Judged) -> dict[str, Any]:
    both = (found.remembered, found.shown)
    return {
        "contradiction": found.verdict == "tampered",
        "verdict": found.verdict,
        "why": str(found.why),
        "signed": [one is not None for one in both],
        "sizes": [one and one.size for one in both],
        "roots": [one and one.root.hex() for one in both],
    }


def _show(found: Judged) -> None:
    from ledger_cli import show
    from ledger_cli.commands.verify import VERDICT

    named = ((_("Verified before"), found.remembered), (_("Shown"), found.shown))
    show.pairs(
        [
            (name, f"{one.size} {one.root.hex()}" if one else _("not signed by this log"))
            for name, one in named
        ]
        + [(_("Verdict"), _(VERDICT[found.verdict])), (_("Why"), language().told(found.why))]
    )
