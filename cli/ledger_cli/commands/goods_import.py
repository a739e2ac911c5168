"""`custody goods import`: receipts out of a spreadsheet, through a mapping file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.options import Merchant

EXAMPLES = """
custody goods import examples/taizhang.csv --map examples/taizhang.toml --dry-run
custody goods import examples/taizhang.csv --map examples/taizhang.toml
"""


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="表格 CSV, TSV or XLSX file.")],
    mapping: Annotated[
        Path, typer.Option("--map", metavar="MAP.toml", help="映射文件 How its columns become fields.")
    ],
    merchant: Merchant = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="拒收清单 Where rows not taken in are listed; FILE.rejects.csv by default.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只试不记 Read and judge the file, record nothing.")
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
        "rows": "行 Rows",
        "rows_imported": "入账行 Rows taken in",
        "rows_rejected": "拒收行 Rows rejected",
        "receipts": "收货单 Receipts",
        "already_there": "早已入账 Recorded before",
        "first_index": "首条 First entry",
        "last_index": "末条 Last entry",
        "rejects": "拒收清单 Reject file",
    }
    show.pairs((words[name], summary[name]) for name in words if summary[name] is not None)
    notes = summary["notes"]
    for note in notes if isinstance(notes, list) else ():
        show.print_line(f"注意 Note: {note}")
