"""`custody log temperature`: the summary of a probe's readings over a span of time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Batches, Merchant

EXAMPLES = r"""
custody log temperature --merchant 92410104MACU00014Y --zone 冷库-1 --probe T-1 --from "2022-07-01 00:00" \
  --to "2022-07-01 08:00" --count 96 --min -21.5 --max -18.2 --mean -19.8
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help=N_("Counter, cabinet or store."))] = None,
    batches: Batches = None,
    probe: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Which thermometer."))] = None,
    started_at: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help=N_("Start of the span."))
    ] = None,
    ended_at: Annotated[str | None, typer.Option("--to", metavar="TIME", help=N_("End of the span."))] = None,
    count: Annotated[int | None, typer.Option(metavar="N", help=N_("Number of readings."))] = None,
    minimum: Annotated[str | None, typer.Option("--min", metavar="CELSIUS", help=N_("Lowest."))] = None,
    maximum: Annotated[str | None, typer.Option("--max", metavar="CELSIUS", help=N_("Highest."))] = None,
    mean: Annotated[str | None, typer.Option("--mean", metavar="CELSIUS", help=N_("Mean."))] = None,
    missing: Annotated[
        int | None, typer.Option(metavar="N", help=N_("Minutes without readings. Default: 0."))
    ] = None,
    raw: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("File the probe exported."))] = None,
) -> None:
    """The readings of a zone, or of batches. Limits are in the rule sets; a check compares the two."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = {"minutes_missing": 0} | draft.body(
            {
                "zone": zone,
                "batches": batches or None,
                "probe": probe,
                "started_at": inputs.instant(started_at, "--from"),
                "ended_at": inputs.instant(ended_at, "--to"),
                "count": count,
                "minimum": minimum,
                "maximum": maximum,
                "mean": mean,
                "minutes_missing": missing,
                "raw": draft.attach(raw, "--raw") if raw else None,
            }
        )
        draft.record("temperature.logged", whose, body)
