"""`custody key new`: a key pair in this folder, which may say nothing until it is granted."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame

EXAMPLES = """
custody key new shop --no-passphrase
custody key new phone --p256 --no-passphrase
"""


def command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="密钥名称 Name of the key in this folder.")],
    p256: Annotated[
        bool,
        typer.Option(
            "--p256", help="用 P-256，浏览器可用 ECDSA P-256, which browsers sign with, not Ed25519."
        ),
    ] = False,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="私钥不加密 Leave the private key unencrypted.")
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
                ("名称 Name", name),
                ("算法 Algorithm", key.algorithm),
                ("密钥编号 Key id", key.keyid),
                ("公钥 Public key", key.text),
            ]
        ),
    )
