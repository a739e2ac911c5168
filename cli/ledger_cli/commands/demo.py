"""`custody demo`: a street office in four weeks, and what the ledger proves about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody demo
custody demo small --merchants 200 --weeks 1 --seed 3
"""


def command(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help=N_("New folder; demo-ledger by default, made anew."))
    ] = Path("demo-ledger"),
    merchants: Annotated[
        int, typer.Option("--merchants", metavar="N", min=50, max=20_000, help=N_("Shops."))
    ] = 2105,
    weeks: Annotated[int, typer.Option("--weeks", metavar="N", min=1, max=52, help=N_("Weeks."))] = 4,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help=N_("The same seed tells the same story."))
    ] = 7,
) -> None:
    """Plays a made-up street office into a new ledger, then shows coverage, a trace, a proof and a tampering found.

    The keys of the story come from its seed and protect nothing.
    """
    from ledger_cli.street.demo import Demo

    Demo(Frame.of(context), directory, merchants=merchants, weeks=weeks, seed=seed).run()
