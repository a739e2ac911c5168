"""The command `custody`.

    custody --ledger erligang holdings 92410104MACU00014Y        # the ledger before the command …
    custody holdings 92410104MACU00014Y --ledger erligang        # … or after it

`main` is what the console script starts. Commands are in the catalogue, one file each; failures end in the boundary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.language import N_
from ledger_cli.lazy import Program, keep_json, keep_ledger

app = typer.Typer(
    name="custody",
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=N_("A custody ledger of imported goods that anyone can verify offline."),
    epilog=N_(
        "Exit codes: 0 done; 1 refused, or tampered; 2 usage, or unreadable; 3 verification incomplete."
    ),
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"custody-ledger {version('custody-ledger')}")
        raise typer.Exit


@app.callback()
def _root(
    _ledger: Annotated[
        Path,
        typer.Option(
            "--ledger",
            metavar="DIR",
            envvar="CUSTODY_LEDGER",
            help=N_("Folder of the ledger."),
            callback=keep_ledger,
        ),
    ] = Path(),
    _json: Annotated[bool, typer.Option("--json", help=N_("Answer in JSON."), callback=keep_json)] = False,
    _lang: Annotated[
        str | None, typer.Option("--lang", metavar="zh|en", help=N_("Language to answer in."))
    ] = None,
    _shown: Annotated[
        bool, typer.Option("--version", help=N_("Show the version."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    """The options were kept by their callbacks."""


def main() -> None:
    """Run the program and leave with its exit code."""
    app(prog_name="custody")
