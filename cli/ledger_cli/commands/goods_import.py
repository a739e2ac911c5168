"""`custody goods import`: receipts out of a spreadsheet, through a mapping file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _
from ledger_cli.options import Merchant

EXAMPLES = """
custody goods import examples/taizhang.csv --map examples/taizhang.toml --dry-run
custody goods import examples/taizhang.csv --map examples/taizhang.toml
"""


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("CSV, TSV or XLSX file."))],
    mapping: Annotated[
        Path, typer.Option("--map", metavar="MAP.toml", help=N_("How its columns become fields."))
    ],
    merchant: Merchant = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help=N_("Where rows not taken in are listed; FILE.rejects.csv by default."),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Read and judge the file, record nothing."))
    ] = False,
) -> None:
    """Every row becomes a line of a receipt, or stands in the reject file with row, column and reason. Run again, it
    adds only what is new. Leaves with 1 if rows were rejected.
    """
    from ledger_cli.sheet_import import Importing

    frame = Frame.of(context)
    run = Importing(frame, file, mapping, merchant)
    summary = run.run(dry_run=dry_run, rejects=rejects or file.with_name(f"{file.name}.rejects.csv"))
    frame.answer(summary, lambda: _show(summary))
    if summary["rows_rejected"]:
        raise typer.Exit(1)


def _show(summary: dict[str, object]) -> None:
    from ledger_cli import show

    words = {
        "rows": _("Rows"),
        "rows_imported": _("Rows taken in"),
        "rows_rejected": _("Rows rejected"),
        "receipts": _("Receipts"),
        "already_there": _("Recorded before"),
        "first_index": _("First entry"),
        "last_index": _("Last entry"),
        "rejects": _("Reject file"),
    }
    show.pairs((words[name], summary[name]) for name in words if summary[name] is not None)
    notes = summary["notes"]
    for note in notes if isinstance(notes, list) else ():
        show.print_line(_("Note: {text}", text=note))
