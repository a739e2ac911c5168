"""`custody label`: labels of batches with a QR code, for printing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.exchange.labels.content import Label
    from ledger.exchange.labels.layout import Drawn

EXAMPLES = """
custody label B1 --base https://custody.example --copies 10
custody label B1 --base https://custody.example --out b1.svg
"""


def command(
    context: typer.Context,
    batches: Annotated[list[str], typer.Argument(metavar="BATCH…", help=N_("Batch ids."))],
    base: Annotated[
        str,
        typer.Option(
            "--base",
            metavar="URL",
            envvar="CUSTODY_BASE",
            help=N_("Where the pages of the ledger are, such as https://custody.example."),
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help=N_("A PDF sheet, or one label as SVG.")),
    ] = Path("labels.pdf"),
    copies: Annotated[
        int, typer.Option("--copies", metavar="N", min=1, max=1000, help=N_("Labels of each batch."))
    ] = 1,
    size: Annotated[str, typer.Option("--size", metavar="WxH", help=N_("Size of a label in mm."))] = "90x50",
) -> None:
    """Name, batch, origin, days and a QR code that leads to the batch; nothing that may not be public.

    A PDF has A4 sheets with marks to cut along: print it at 100 %. Nothing is overwritten.
    """
    from ledger.custody.trace import trace_batch
    from ledger.exchange.labels.content import label_of
    from ledger.exchange.labels.layout import Size, layout
    from ledger.exchange.labels.link import Base

    frame = Frame.of(context)
    at, of = Base.of(base), Size.of(size)
    require_kind(out, len(batches) * copies)
    with frame.reading() as ledger:
        facts, as_of = ledger.facts(), ledger.store.head().size
        labels = [label_of(trace_batch(ledger.store, facts, batch, as_of=as_of), at) for batch in batches]
    drawn = [layout(label, of) for label in labels]
    write(out, labels, drawn, copies)
    found = {
        "file": str(out),
        "labels": [
            {"batch": label.batch, "link": label.link, "module_mm": round(one.symbol.module, 3)}
            for label, one in zip(labels, drawn, strict=True)
        ],
        "copies": copies,
    }
    frame.answer(found, lambda: show_labels(out, labels, drawn, copies))


def require_kind(out: Path, count: int) -> None:
    """Raises: UsageError unless `out` ends in .pdf, or in .svg for one label."""
    from ledger.errors import UsageError

    suffix = out.suffix.lower()
    if suffix not in {".pdf", ".svg"}:
        raise UsageError("{out} ends neither in .pdf nor in .svg", out=out, field="--out")
    if suffix == ".svg" and count > 1:
        raise UsageError(
            "an SVG holds one label, and these are {count}: write a .pdf", count=count, field="--out"
        )


def write(out: Path, labels: list[Label], drawn: list[Drawn], copies: int) -> None:
    """Make the file and write it where none is. Raises: UsageError."""
    from ledger.errors import UsageError
    from ledger.exchange.labels.sheet import sheet
    from ledger.exchange.labels.svg import svg

    title = ", ".join(label.batch for label in labels)
    if out.suffix.lower() == ".svg":
        data = svg(drawn[0], title=f"{labels[0].name} {title}").encode()
    else:
        data = sheet(drawn, copies=copies, title=title)
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise UsageError(
            "{out} is there already, and nothing is overwritten: name another file", out=out, field="--out"
        ) from error


def show_labels(out: Path, labels: list[Label], drawn: list[Drawn], copies: int) -> None:
    """Which labels are in the file."""
    from ledger_cli import show

    show.print_line(_("{file}: {count} labels", file=out, count=len(labels) * copies))
    show.table(
        _("Labels"),
        [_("Batch"), show.Number(_("Module mm")), _("Link")],
        [
            (label.batch, f"{one.symbol.module:.2f}", label.link)
            for label, one in zip(labels, drawn, strict=True)
        ],
    )
