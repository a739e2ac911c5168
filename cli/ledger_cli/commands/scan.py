"""`custody scan`: what the codes in a picture say, and what the ledger knows about it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.exchange.labels.known import Known
    from ledger.exchange.labels.reading import Reading

    Found = tuple[Reading, tuple[Known, ...]]

NOTHING = 2
"""Exit code when a picture shows no code that can be read."""
EXAMPLES = """
custody scan carton.jpg
custody scan carton.jpg --base https://custody.example --json
"""


def command(
    context: typer.Context,
    pictures: Annotated[
        list[Path], typer.Argument(metavar="PICTURE…", help=N_("Photographs: JPEG, PNG or WebP."))
    ],
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="URL",
            envvar="CUSTODY_BASE",
            help=N_("Labels that lead elsewhere are not of this ledger; any by default."),
        ),
    ] = None,
) -> None:
    """Reads QR, Data Matrix, EAN-13, GS1-128, ITF-14 and trace codes.

    Exit code 2 when a picture shows none that can be read.
    """
    from ledger.exchange.labels.known import known
    from ledger.exchange.labels.link import Base

    frame = Frame.of(context)
    at = None if base is None else Base.of(base)
    said = [(picture, read(picture)) for picture in pictures]
    with frame.reading() as ledger:
        as_of = ledger.store.head().size
        found = [
            (picture, [(one, known(ledger, one, base=at, as_of=as_of)) for one in readings])
            for picture, readings in said
        ]
    frame.answer([as_json(*one) for one in found], lambda: show_all(found))
    if not all(readings for _, readings in found):
        raise typer.Exit(NOTHING)


def read(picture: Path) -> tuple[Reading, ...]:
    """What the codes in a file say. Raises: PictureError."""
    from ledger.errors import PictureError
    from ledger.exchange.labels.picture import MAX_BYTES, read_picture

    try:
        with picture.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return read_picture(data)
    except PictureError as error:
        raise PictureError(error.message, field=str(picture)) from error


def as_json(picture: Path, readings: list[Found]) -> dict[str, Any]:
    """A picture and what is in it; members without a value are left out."""
    return {
        "picture": str(picture),
        "codes": [
            {
                **{name: value for name, value in asdict(said).items() if value and name != "flaw"},
                "problem": None if said.flaw is None else {"message": said.flaw.message, "zh": said.flaw.zh},
                "known": [one._asdict() for one in batches],
            }
            for said, batches in readings
        ],
    }


def show_all(found: list[tuple[Path, list[Found]]]) -> None:
    """Pictures for people."""
    from ledger_cli import show

    for picture, readings in found:
        if not readings:
            show.print_line(
                _("{picture}: nothing can be read; go closer, in focus, without glare", picture=picture)
            )
        for said, batches in readings:
            show.print_line(f"{picture}: {said.symbology}")
            show.pairs(
                [
                    (_("Says"), said.raw.replace("\x1d", " ")),
                    (_("GTIN"), said.gtin),
                    (_("Lot"), said.lot),
                    (_("Serial"), said.serial),
                    (_("Expiry"), said.expiry),
                    (_("SSCC"), said.sscc),
                    (_("Batch"), said.batch),
                    (_("Wrong"), f"{said.flaw.zh} {said.flaw.message}" if said.flaw else None),
                ]
            )
            show.table(
                _("In the ledger"),
                [
                    _("Batch"),
                    _("Name"),
                    _("Received by"),
                    show.Number(_("Entry")),
                    _("Found by"),
                ],
                [(one.batch, one.name, one.merchant, one.entry, one.by) for one in batches],
            )
