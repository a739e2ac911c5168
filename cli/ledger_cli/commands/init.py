"""`custody init`: a new ledger with an operator key and a log key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody init erligang --origin custody.example/erligang --title "二里岗街道 Erligang" --no-passphrase
custody init tianjin --origin custody.example/tianjin --jurisdiction CN-TJ --earliest 2022-01-01 --no-passphrase
"""


def command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Folder to make."))],
    origin: Annotated[
        str,
        typer.Option(
            metavar="ORIGIN",
            help=N_("Name of the ledger for good, such as custody.example/erligang."),
        ),
    ],
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Title shown to readers. Default: the origin."))
    ] = None,
    jurisdiction: Annotated[str, typer.Option(metavar="CODE", help=N_("Place code."))] = "CN-HA",
    earliest: Annotated[
        str | None,
        typer.Option(metavar="DATE", help=N_("Nothing that occurred before this day is taken in.")),
    ] = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help=N_("Leave the private keys unencrypted."))
    ] = False,
) -> None:
    """Makes DIR with the database, an operator key that may grant other keys, and the log key that signs checkpoints.

    Both keys are encrypted with one passphrase, asked for twice or taken from CUSTODY_PASSPHRASE.
    """
    import os

    from ledger.custody.home import OPERATOR_KEY, Home
    from ledger.log import PublicKey
    from ledger_cli.frame import now_ms

    frame = Frame.of(context)
    Home(directory).require_new()
    home = Home.create(
        directory,
        origin=origin,
        title=title or origin,
        jurisdiction=jurisdiction,
        earliest=earliest,
        passphrase=None if no_passphrase else frame.new_passphrase("operator, log"),
        clock=now_ms,
        randomness=os.urandom,
    )
    with home.open(clock=now_ms) as ledger:
        vkey, size, root = ledger.store.vkey, ledger.store.head().size, ledger.store.head().root.hex()
    keyid = PublicKey.from_base64(home.keyring.public(OPERATOR_KEY)).keyid
    frame.answer(
        {
            "directory": str(directory),
            "origin": origin,
            "vkey": vkey,
            "operator": keyid,
            "size": size,
            "root": root,
        },
        lambda: _show(directory, origin, vkey, keyid),
    )


def _show(directory: Path, origin: str, vkey: str, keyid: str) -> None:
    from ledger_cli import show

    show.print_line(_("Ledger created: {directory}", directory=directory))
    show.pairs(
        [(_("Name of the ledger"), origin), (_("Verifier key"), vkey), (_("Operator key"), keyid)],
    )
    show.print_line()
    show.print_line(_("Give the verifier key to whoever will verify: it is all they need to trust. Next:"))
    show.pairs(
        [
            (f"  export CUSTODY_LEDGER={directory}", _("this ledger from now on")),
            ("  custody ruleset list --defaults", _("rule sets to publish")),
            ("  custody merchant enroll CODE --name … --grid …", _("merchants")),
            (
                "  custody key new NAME && custody key grant NAME --role …",
                _("keys of merchants and supervisors"),
            ),
        ]
    )
