"""`custody check-proof`: is this proof true?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger_cli.frame import Frame

EXAMPLES = """
custody prove 3 -o entry-3.tlog-proof && custody check-proof entry-3.tlog-proof --vkey "$(custody checkpoint --vkey)"
"""

LARGEST = 1 << 20


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="证明文件 A .tlog-proof file.")],
    vkey: Annotated[
        str,
        typer.Option(
            "--vkey",
            metavar="V",
            help="验证密钥，不要从证明的来处取 The log's verifier key, from a source you trust.",
        ),
    ],
) -> None:
    """Checks path, checkpoint and log signature offline, needs no ledger. Leaves with 1 if the proof does not hold."""
    from ledger import log
    from ledger.errors import LedgerError, NoteError, ProofError, UsageError

    frame = Frame.of(context)
    try:
        verifier = log.NoteVerifier.from_vkey(vkey)
    except NoteError as error:
        raise UsageError(error.message, field="--vkey") from error
    try:
        data = file.read_bytes() if file.stat().st_size <= LARGEST else b""
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}", field="FILE") from error
    try:
        if not data:
            raise ProofError(f"{file} is empty or too large to be a proof")
        entry, head = log.proof.check(data, verifier)
    except LedgerError as error:
        why = {"valid": False, "code": error.code, "message": str(error)}
        frame.answer(why, lambda: typer.echo(f"证明不成立 The proof does not hold: {why['message']}"))
        raise typer.Exit(1) from error
    answer: dict[str, Any] = {
        "valid": True,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "index": entry.index,
        "leaf_hash": entry.leaf_hash.hex(),
        "recorded_at": entry.recorded_at,
        "signed_by": [sig.keyid for sig in entry.signatures],
        "statement": entry.statement._asdict()
        | {"seen": entry.statement.seen and entry.statement.seen._asdict()},
    }
    frame.answer(answer, lambda: _show(answer))


def _show(answer: dict[str, Any]) -> None:
    from ledger_cli import show

    statement = answer["statement"]
    show.print_line("证明成立 The proof holds.")
    show.pairs(
        [
            ("台账 Ledger", answer["origin"]),
            ("检查点 Checkpoint", f"{answer['size']} {answer['root']}"),
            ("条目 Entry", answer["index"]),
            ("记录时间 Recorded", answer["recorded_at"]),
            ("种类 Kind", statement["kind"]),
            ("商户 Merchant", statement["merchant"]),
            ("发生时间 Occurred", statement["occurred_at"]),
            ("签名密钥 Signed by", ", ".join(answer["signed_by"])),
        ]
    )
    show.print_line("作者的密钥是否有权，须核验整本台账 Whether the author was entitled: custody verify")
