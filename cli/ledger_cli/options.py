"""Options that several commands take, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.language import N_

Merchant = Annotated[
    str | None,
    typer.Option(
        "--merchant",
        "-m",
        metavar="CODE",
        help=N_("Credit code of the merchant. Default: the one the key here speaks for."),
    ),
]
Lines = Annotated[
    list[str] | None,
    typer.Option(
        "--line",
        "-l",
        metavar="BATCH=QUANTITY",
        help=N_("Batch and quantity, such as B1=2.5kg; repeat."),
    ),
]
Batches = Annotated[
    list[str] | None, typer.Option("--batch", metavar="BATCH", help=N_("Batch it concerns; repeat."))
]
Attach = Annotated[
    list[Path] | None,
    typer.Option("--attach", metavar="FILE", help=N_("Picture or paper, kept under its digest; repeat.")),
]
Contact = Annotated[
    str | None,
    typer.Option("--contact", metavar="TEXT", help=N_("Name and phone of a person; sealed, erasable.")),
]
Transport = Annotated[
    str | None,
    typer.Option(
        "--transport",
        metavar="MODE[:PLATE]",
        help=N_("How the goods travel: road:PLATE, or mode=…,plate=…,carrier=…,container=…,seal=…."),
    ),
]
Signer = Annotated[
    str | None,
    typer.Option("--signer", metavar="NAME", help=N_("Name of who signed; sealed, erasable.")),
]
Title = Annotated[
    str | None,
    typer.Option(
        "--title", metavar="TEXT", help=N_("Title of the paper. Default: the one the rule set asks for.")
    ),
]
Version = Annotated[
    str | None,
    typer.Option("--version", metavar="TEXT", help=N_("Version. Default: the one the rule set asks for.")),
]
Text = Annotated[
    Path | None,
    typer.Option(
        "--text",
        metavar="FILE",
        help=N_("File with the full text; its SHA-256 goes into the statement."),
    ),
]
