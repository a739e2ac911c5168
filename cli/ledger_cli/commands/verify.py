"""`custody verify`: everything derived again from the bytes, and the verdict."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame, now_ms

if TYPE_CHECKING:
    from ledger.audit.report import Report
    from ledger.audit.source import Source

EXAMPLES = """
custody verify
custody verify --since today.checkpoint --json
custody publish published && custody verify published
"""

STATUS = {"passed": "通过 passed", "failed": "失败 FAILED", "not_checked": "未查 not checked"}
VERDICT = {"intact": "完好 intact", "tampered": "被篡改 TAMPERED", "incomplete": "未查全 incomplete"}
SHOWN = 50


def command(
    context: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[TARGET]", help="文件夹、zip 或网址 A ledger, published folder, zip or http(s) URL."
        ),
    ] = None,
    vkey: Annotated[
        str | None,
        typer.Option(
            "--vkey",
            metavar="V",
            help="验证密钥 The log's verifier key as you know it, rather than as the target says.",
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="CHECKPOINT",
            help="记得的检查点 A checkpoint you kept: nothing before it may be gone.",
        ),
    ] = None,
    signatures: Annotated[
        bool,
        typer.Option(
            "--signatures/--no-signatures", help="作者签名 Verify authors' signatures (the slow part)."
        ),
    ] = True,
) -> None:
    """Checks encoding, chains, tree, signatures, authority, custody, findings, derived tables and attachments.

    Exit 0 intact, 1 tampered, 3 nothing wrong found but not everything asked for could be checked, 2 unreadable.
    """
    frame = Frame.of(context)
    report = run(frame, target, vkey=vkey, since=since, signatures=signatures)
    frame.answer(report.as_json(), lambda: show_report(report))
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def run(
    frame: Frame,
    target: str | None,
    *,
    vkey: str | None = None,
    since: Path | None = None,
    signatures: bool = True,
) -> Report:
    """Verify a target, with a progress bar."""
    from ledger.audit.verify import verify
    from ledger.errors import UsageError
    from ledger.log.note import MAX_NOTE_BYTES
    from ledger_cli.inputs import contents

    try:
        remembered = contents(since, MAX_NOTE_BYTES, "--since") if since else None
    except OSError as error:
        raise UsageError(
            "{since} cannot be read: {reason}",
            since=since,
            reason=error.strerror or error,
            field="--since",
        ) from error
    with ExitStack() as stack, frame.progress("核验 Verifying", 1) as step:
        source = _open(frame, target, stack)
        shown = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            step_to = done / total if total else 1.0
            step(step_to - shown)  # type: ignore[arg-type]  # a bar of one unit advances by fractions
            shown = step_to

        return verify(
            source, vkey=vkey, since=remembered, signatures=signatures, progress=progress, now_ms=now_ms()
        )


def _open(frame: Frame, target: str | None, stack: ExitStack) -> Source:
    """A live ledger where the folder holds one, else whatever is published there."""
    from ledger.audit.live import live_source
    from ledger.custody.home import Home
    from ledger.errors import SourceError
    from ledger.exchange.sources import open_source

    folder = frame.ledger if target is None else Path(target)
    if target is None or (folder / "ledger.db").exists():
        home = Home(folder)
        store = home.store()
        stack.callback(store.close)
        return stack.enter_context(live_source(store, home.blobs, name=str(folder)))
    source = open_source(target)
    stack.callback(source.close)
    if source.is_hashes_only():
        raise SourceError(
            "{target} holds hashes only: there are no entries to verify. Verify a full bundle, or check single proofs "
            "with `custody check-proof`",
            target=target,
            field="TARGET",
        )
    return source


def show_report(report: Report) -> None:
    """The report for people: checks, faults, verdict."""
    from ledger_cli import show
    from ledger_cli.language import language

    told = language().told
    show.table(
        "核验 Verification",
        [("检查", "Check"), ("结果", "Status"), ("数量", "Count#"), ("说明", "Detail")],
        [(check.name, STATUS[check.status], check.count, told(check.detail)) for check in report.checks],
    )
    if report.faults:
        show.table(
            "问题 Faults",
            [("检查", "Check"), ("条目", "Entry#"), ("说明", "Detail")],
            [(fault.check, fault.index, told(fault.detail)) for fault in report.faults[:SHOWN]],
        )
        if len(report.faults) > SHOWN:
            show.print_line(f"… {len(report.faults) - SHOWN} 条未列 more: --json lists them")
    for warning in report.warnings:
        show.print_line(f"注意 Note: {told(warning)}")
    show.pairs(
        [
            ("条目数 Size", report.size),
            ("根 Root", report.root.hex()),
            ("结论 Verdict", VERDICT[report.verdict]),
        ]
    )
