"""Options that several commands take, each with its help in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Merchant = Annotated[
    str | None,
    typer.Option(
        "--merchant",
        "-m",
        metavar="CODE",
        help="商户信用代码 Credit code of the merchant. Default: the one the key here speaks for.",
    ),
]
Lines = Annotated[
    list[str] | None,
    typer.Option(
        "--line",
        "-l",
        metavar="BATCH=QUANTITY",
        help="批次和数量 Batch and quantity, such as B1=2.5kg; repeat.",
    ),
]
Batches = Annotated[
    list[str] | None, typer.Option("--batch", metavar="BATCH", help="涉及的批次 Batch it concerns; repeat.")
]
Attach = Annotated[
    list[Path] | None,
    typer.Option("--attach", metavar="FILE", help="附件 Picture or paper, kept under its digest; repeat."),
]
Contact = Annotated[
    str | None,
    typer.Option(
        "--contact", metavar="TEXT", help="姓名电话，密封 Name and phone of a person; sealed, erasable."
    ),
]
Transport = Annotated[
    str | None,
    typer.Option(
        "--transport",
        metavar="MODE[:PLATE]",
        help="运输方式 How the goods travel: road:豫A12345, or mode=…,plate=…,carrier=…,container=…,seal=….",
    ),
]
Signer = Annotated[
    str | None,
    typer.Option("--signer", metavar="NAME", help="签署人姓名，密封 Name of who signed; sealed, erasable."),
]
Title = Annotated[
    str | None,
    typer.Option(
        "--title", metavar="TEXT", help="名称 Title of the paper. Default: the one the rule set asks for."
    ),
]
Version = Annotated[
    str | None,
    typer.Option("--version", metavar="TEXT", help="版本 Version. Default: the one the rule set asks for."),
]
Text = Annotated[
    Path | None,
    typer.Option(
        "--text",
        metavar="FILE",
        help="全文文件 File with the full text; its SHA-256 goes into the statement.",
    ),
]
