"""`custody restore`: a ledger out of a published bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import plain_json
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.exchange.restore import Restored

EXAMPLES = """
custody publish backup.zip && custody restore backup.zip restored && custody verify restored
"""


def command(
    context: typer.Context,
    bundle: Annotated[
        str, typer.Argument(metavar="BUNDLE", help="文件夹、zip 或网址 Published folder, zip or http(s) URL.")
    ],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="新文件夹 New folder for the ledger.")],
    vkey: Annotated[
        str | None,
        typer.Option("--vkey", metavar="V", help="验证密钥 The log's verifier key as you know it."),
    ] = None,
) -> None:
    """Verifies the bundle, then makes a ledger with the same entries, root and checkpoint. Never over an existing one.

    Keys do not travel: the restored ledger can be read and verified, and grows again once keys/ is put back.
    """
    from ledger.exchange.restore import restore
    from ledger.exchange.sources import open_source

    frame = Frame.of(context)
    source = open_source(bundle)
    try:
        restored = restore(source, directory, vkey=vkey)
    finally:
        source.close()
    answer = plain_json(restored) | {"directory": str(directory)}
    frame.answer(answer, lambda: _show(restored, directory))


def _show(restored: Restored, directory: Path) -> None:
    from ledger_cli import show
    from ledger_cli.commands.verify import VERDICT

    show.print_line(f"已恢复 Restored to {directory}")
    show.pairs(
        [
            ("条目数 Size", restored.size),
            ("根 Root", restored.root.hex()),
            ("附件 Attachments", restored.blobs),
            ("缺少的附件 Attachments not in the bundle", restored.absent),
            ("结论 Verdict", VERDICT[restored.report.verdict]),
        ]
    )
    show.print_line(restored.note)
