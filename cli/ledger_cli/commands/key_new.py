"""`custody key new`: a key pair in this folder, which may say nothing until it is granted."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody key new shop --no-passphrase
custody key new phone --p256 --no-passphrase
"""


def command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("Name of the key in this folder."))],
    p256: Annotated[
        bool,
        typer.Option("--p256", help=N_("ECDSA P-256, which browsers sign with, not Ed25519.")),
    ] = False,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help=N_("Leave the private key unencrypted."))
    ] = False,
) -> None:
    """Writes keys/NAME.pem, readable by you alone, and keys/NAME.pub below the ledger's folder.

    Give the public key, not the .pem, to an operator, who grants it with `custody key grant`.
    """
    from ledger.errors import UsageError
    from ledger_cli import show

    frame = Frame.of(context)
    if not frame.ledger.is_dir():
        raise UsageError(
            "there is no folder {ledger}: make it, or name another with --ledger",
            ledger=frame.ledger,
            field="--ledger",
        )
    passphrase = None if no_passphrase else frame.new_passphrase(name)
    key = frame.home.new_key(name, "p256" if p256 else "ed25519", passphrase).public
    frame.answer(
        {"name": name, "algorithm": key.algorithm, "keyid": key.keyid, "public_key": key.text},
        lambda: show.pairs(
            [
                (_("Name"), name),
                (_("Algorithm"), key.algorithm),
                (_("Key id"), key.keyid),
                (_("Public key"), key.text),
            ]
        ),
    )
