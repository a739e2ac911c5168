"""`custody goods receive`: goods come in from outside the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Contact, Merchant, Transport

if TYPE_CHECKING:
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = r"""
custody goods receive --merchant 92410104MACU00014Y --supplier "Mar del Sur S.A." --supplier-country AR \
  --line "batch=B1,name=冻虾 Frozen shrimp,class=cold_chain,quantity=12.5kg,origin=AR,lot=L9,hs=0306179000" \
  --document customs_declaration:422020261000000123 --transport truck:豫A12345 \
  --unloading "1号门:叉车 fork-lift"
custody goods receive --merchant 92410104MACU00014Y --supplier "Nordfisk AS" --supplier-country NO \
  --contact "Kari Nordmann +47 400 00 000" \
  --line "name=三文鱼 Salmon,class=cold_chain,quantity=40kg,zone=冷库-1,temperature=-19.5"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Number of the delivery note."))
    ] = None,
    supplier: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Supplying firm."))] = None,
    supplier_country: Annotated[
        str | None, typer.Option(metavar="CC", help=N_("Its country, such as AR."))
    ] = None,
    supplier_address: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Its address."))] = None,
    supplier_code: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Credit code of a supplier in China."))
    ] = None,
    exporter: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Overseas exporter, stated by importers."))
    ] = None,
    contact: Contact = None,
    documents: Annotated[
        list[str] | None,
        typer.Option(
            "--document",
            metavar="TYPE:NUMBER[:VALID_TO]",
            help=N_(
                "Document; or type=…,number=…,issuer=…,issued_on=…,valid_to=…,result=…,file=PATH; repeat."
            ),
        ),
    ] = None,
    transport: Transport = None,
    unloading: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE:METHOD",
            help=N_(
                "Where and how they were unloaded; or place=…,method=…,started_at=…,ended_at=…,workers=…."
            ),
        ),
    ] = None,
    purchased_on: Annotated[str | None, typer.Option(metavar="DATE", help=N_("Day of purchase."))] = None,
    delivered_on: Annotated[str | None, typer.Option(metavar="DATE", help=N_("Day of delivery."))] = None,
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            "-l",
            metavar="MEMBERS",
            help=N_(
                "batch=…,name=…,class=…,quantity=12.5kg, and spec, brand, hs, gtin, lot, produced, "
                "shelf_life, best_before, origin, zone, temperature, trace; repeat. Without batch one is made."
            ),
        ),
    ] = None,
) -> None:
    """Each line is a batch of its own, which all later movements name.

    The three clears rest on what stands here: supplier, transport and unloading.
    """
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        body = draft.body(
            {
                "number": number,
                "supplier": inputs.given(
                    name=supplier,
                    country=supplier_country,
                    address=supplier_address,
                    credit_code=supplier_code,
                    overseas_exporter=exporter,
                    contact=draft.seal("contact", contact),
                ),
                "documents": [_document(draft, text) for text in documents] if documents else None,
                "transport": inputs.transport(transport),
                "unloading": inputs.unloading(unloading),
                "purchased_on": purchased_on,
                "delivered_on": delivered_on,
                "lines": [inputs.receipt_line(text) for text in lines] if lines else None,
            }
        )
        draft.record("goods.received", whose, body, batches=_name_batches(draft, body))


def _document(draft: Draft, text: str) -> Json:
    from pathlib import Path

    from ledger_cli import inputs

    document = inputs.document(text)
    if "file" in document:
        document["attachment"] = draft.attach(Path(document.pop("file")), "--document")
    return document


def _name_batches(draft: Draft, body: Json) -> list[str]:
    """Give the lines without a batch id one each; all batch ids of the receipt."""
    lines = [line for line in body.get("lines") or [] if isinstance(line, dict)]
    names = [str(line["batch"]) for line in lines if "batch" in line]
    for line in lines:
        if "batch" not in line:
            line["batch"] = draft.new_batch(names)
            names.append(line["batch"])
    return [str(line["batch"]) for line in lines]
