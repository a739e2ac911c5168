"""A published ledger named on the command line: a folder, a zip, or a server at which one may have to sign in.

    source = remote.opened(frame, target, key="auditor", authority=Path("authority.cer"))

The options are the same for every command that reads one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from ledger.exchange.layout import LayoutSource

LARGEST = 1 << 20

Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="NAME",
        help=N_(
            "Key of this folder (--ledger) to sign in with at a server, granted to an auditor or operator."
        ),
    ),
]
Authority = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help=N_(
            "Certificate of whoever vouches for the server, such as authority.cer of `custody tls make`."
        ),
    ),
]


def opened(frame: Frame, target: str, *, key: str | None, authority: Path | None) -> LayoutSource:
    """The published ledger there, to be closed. Raises: SourceError, UsageError, KeyInvalid."""
    from ledger.errors import UsageError
    from ledger.exchange.sources import open_source
    from ledger_cli.inputs import contents

    if not target.lower().startswith(("http://", "https://")):
        refuse_options(key, authority)
        return open_source(target)
    try:
        certificate = contents(authority, LARGEST, "--ca") if authority else None
    except OSError as error:
        raise UsageError(
            "{file} cannot be read: {reason}", file=authority, reason=why(error), field="--ca"
        ) from error
    if key is None:
        return open_source(target, authority=certificate)
    from ledger.exchange.sign_in import SignIn

    return open_source(target, sign_in=SignIn(frame.home.key(key, frame.passphrase)), authority=certificate)


def refuse_options(key: str | None, authority: Path | None) -> None:
    """For what is read without a server. Raises: UsageError where one of the options was given."""
    from ledger.errors import UsageError

    for field, given in (("--key", key), ("--ca", authority)):
        if given is not None:
            raise UsageError(
                "{option} is for servers: name one by its http(s) address", option=field, field=field
            )
