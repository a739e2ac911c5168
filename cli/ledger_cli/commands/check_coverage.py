"""`custody check-coverage`: are the checks in this file all of the merchant's?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli import remote
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.custody.merchant_chain import MerchantChain
    from ledger.exchange.layout import LayoutSource
    from ledger.log import NoteVerifier

EXAMPLES = r"""
custody coverage --prove 92410104MACU00014Y -o shop.chain && \
  custody check-coverage shop.chain --vkey "$(custody checkpoint --vkey)"
custody publish published && custody check-coverage shop.chain --vkey "$(custody checkpoint --vkey)" --bundle published
"""


def command(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=N_("A file written by custody coverage --prove."))
    ],
    vkey: Annotated[
        str,
        typer.Option(
            "--vkey",
            metavar="V",
            help=N_("The log's verifier key, from a source you trust."),
        ),
    ],
    bundle: Annotated[
        str | None,
        typer.Option(
            "--bundle",
            metavar="SOURCE",
            help=N_("The published ledger: folder, zip or URL; proves the end too."),
        ),
    ] = None,
    key: remote.Key = None,
    ca: remote.Authority = None,
    week: Annotated[
        str | None,
        typer.Option("--week", metavar="YYYY-Www", help=N_("List only checks of this ISO week.")),
    ] = None,
) -> None:
    """Checks every entry, link, signature and inclusion path offline. Leaves with 1 if the file does not hold.

    From the file alone: nothing was dropped up to the last entry listed; that it is the last is the log's signed claim.
    With --bundle all entries of the ledger are read, and that is proved too.
    """
    from ledger import log
    from ledger.custody.chain_making import checks
    from ledger.custody.coverage import parse_week
    from ledger.errors import FormatError, NoteError, UsageError
    from ledger_cli import chain_shown

    frame = Frame.of(context)
    number = None if week is None else parse_week(week)
    try:
        verifier = log.NoteVerifier.from_vkey(vkey)
    except NoteError as error:
        raise UsageError(error.message, field="--vkey") from error
    data = _read(file)
    try:
        opening = None if bundle is None else partial(remote.opened, frame, bundle, key=key, authority=ca)
        proved = _proved(data, verifier, opening, frame)
        listed = [one for one in checks(proved) if number in (None, one.week)]
    except FormatError as error:
        why: dict[str, Any] = {"valid": False, "code": error.code, "message": str(error)}
        told = _("The proof does not hold: {why}", why=language().error(error))
        frame.answer(why, lambda: typer.echo(told))
        raise typer.Exit(1) from error

    def people() -> None:
        chain_shown.show_checks(proved, listed)
        _conclude(proved, bundle)

    frame.answer({"valid": True} | chain_shown.as_json(proved, listed, by_all=bundle), people)


def _read(file: Path) -> bytes:
    from ledger.custody.merchant_chain import MAX_BYTES
    from ledger.errors import SourceError

    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(
            "{file} cannot be read: {reason}",
            file=file,
            reason=why(error),
            field="FILE",
        ) from error


def _proved(
    data: bytes, verifier: NoteVerifier, opening: Callable[[], LayoutSource] | None, frame: Frame
) -> MerchantChain:
    """What the file proves, checked against all entries where there is a bundle. Raises: FormatError, SourceError."""
    from ledger.custody import merchant_chain

    proved = merchant_chain.check(data, verifier)
    if opening is not None:
        from ledger.audit.checkpoints import claimed_size
        from ledger.errors import SourceError

        size = proved.checkpoint.size
        with opening() as source, frame.progress(_("Checking"), size) as step:
            published = claimed_size(source.checkpoint()) or 0
            if published < size:
                raise SourceError(
                    "{bundle} ends at {published} entries and the proof is about {size}: take a newer copy",
                    bundle=source.name,
                    published=published,
                    size=size,
                    field="--bundle",
                )

            def counted() -> Any:  # Any: a generator of (index, bytes)
                for pair in source.entries(0, size):
                    yield pair
                    step(1)

            merchant_chain.check_all(proved, counted())
    return proved


def _conclude(proved: MerchantChain, bundle: str | None) -> None:
    from ledger_cli import show

    last, size = proved.entries[-1].index, proved.checkpoint.size
    show.print_line(_("The proof holds: nothing was dropped up to entry {last}.", last=last))
    if bundle is None:
        show.print_line(
            _("That it is the last of {size} is the log's signed claim; --bundle proves it.", size=size)
        )
    else:
        show.print_line(_("It is the last: proved from all {size} entries.", size=size))
    show.print_line(_("Whether keys were given rightly: custody verify"))
