"""`custody goods export`: the goods ledger (台账) for people with a spreadsheet program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.asking import AsOf, limit, require_merchant
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody goods export taizhang.xlsx
custody goods export taizhang.csv --merchant 92410104MACU00014Y
"""


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("File ending in .xlsx or .csv."))],
    merchant: Annotated[
        str | None,
        typer.Option("--merchant", "-m", metavar="CODE", help=N_("Of one merchant; all by default.")),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Every movement of goods as a row, with supplier, documents, quantity and what was held after it; both languages.

    The workbook says of which checkpoint it is a picture. Names and phones are not in it.
    """
    from ledger.errors import UsageError
    from ledger.exchange.goods_ledger import LedgerAbout, write_csv, write_xlsx
    from ledger.exchange.goods_rows import goods_rows
    from ledger.log.times import format_utc
    from ledger_cli.frame import now_ms

    suffix = file.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise UsageError("{file} ends neither in .xlsx nor in .csv", file=file, field="FILE")
    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        scope = f"{require_merchant(ledger, merchant, size)} {merchant}" if merchant else None
        rows = goods_rows(ledger, merchant=merchant, as_of=size)
        if suffix == ".csv":
            count = write_csv(file, rows)
        else:
            head = ledger.store.head()
            about = LedgerAbout(
                origin=ledger.store.origin,
                size=size,
                root=ledger.tree(head.size).root_at(size).hex(),
                checkpoint=head.checkpoint_note.decode(),
                scope=scope,
                made_at=format_utc(now_ms()),
                vkey=ledger.store.vkey,
                how_to_verify=("custody verify TARGET --vkey …",),
            )
            count = write_xlsx(file, rows, about)
    frame.answer(
        {"file": str(file), "rows": count, "as_of": size},
        lambda: typer.echo(_("{file}: {count} rows", file=file, count=count)),
    )
