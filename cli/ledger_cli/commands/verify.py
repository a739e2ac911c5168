"""`custody verify`: everything derived again from the bytes, and the verdict."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli import remote
from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _, language
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.audit.report import Fault, Report
    from ledger.audit.source import Source

EXAMPLES = """
custody verify
custody verify --since today.checkpoint --json
custody publish published && custody verify published
"""

STATUS = {"passed": N_("passed"), "failed": N_("FAILED"), "not_checked": N_("not checked")}
VERDICT = {"intact": N_("intact"), "tampered": N_("TAMPERED"), "incomplete": N_("incomplete")}
CHECKS = {
    "encoding": N_("encoding"),
    "index": N_("index"),
    "chain": N_("chain"),
    "merchant_chain": N_("chains of merchants"),
    "tree": N_("tree"),
    "checkpoint_signature": N_("checkpoint signature"),
    "statement_signature": N_("authors' signatures"),
    "authority": N_("authority"),
    "seen": N_("history seen"),
    "schema": N_("contents"),
    "custody": N_("custody"),
    "inspection": N_("checks and draws"),
    "facts": N_("derived tables"),
    "attachments": N_("attachments"),
    "witness": N_("witnesses"),
}
SHOWN = 50


def command(
    context: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(metavar="[TARGET]", help=N_("A ledger, published folder, zip or http(s) URL.")),
    ] = None,
    vkey: Annotated[
        str | None,
        typer.Option(
            "--vkey",
            metavar="V",
            help=N_("The log's verifier key as you know it, rather than as the target says."),
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="CHECKPOINT",
            help=N_("A checkpoint you kept: nothing before it may be gone."),
        ),
    ] = None,
    signatures: Annotated[
        bool,
        typer.Option("--signatures/--no-signatures", help=N_("Verify authors' signatures (the slow part).")),
    ] = True,
    key: remote.Key = None,
    ca: remote.Authority = None,
) -> None:
    """Checks encoding, chains, tree, signatures, authority, custody, findings, derived tables and attachments.

    At a `custody serve` entries are for operator and auditors: --key signs in, and again when the session has run out.
    Exit 0 intact, 1 tampered, 3 nothing wrong found but not everything asked for could be checked, 2 unreadable.
    """
    frame = Frame.of(context)
    report = run(frame, target, vkey=vkey, since=since, signatures=signatures, key=key, ca=ca)
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
    key: str | None = None,
    ca: Path | None = None,
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
            reason=why(error),
            field="--since",
        ) from error
    with ExitStack() as stack, frame.progress(_("Verifying"), 1) as step:
        source = _open(frame, target, stack, key=key, ca=ca)
        shown = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            step_to = done / total if total else 1.0
            step(step_to - shown)  # type: ignore[arg-type]  # a bar of one unit advances by fractions
            shown = step_to

        return verify(
            source, vkey=vkey, since=remembered, signatures=signatures, progress=progress, now_ms=now_ms()
        )


def _open(frame: Frame, target: str | None, stack: ExitStack, *, key: str | None, ca: Path | None) -> Source:
    """A live ledger where the folder holds one, else whatever is published there."""
    from ledger.audit.live import live_source
    from ledger.custody.home import Home
    from ledger.errors import SourceError

    folder = frame.ledger if target is None else Path(target)
    if target is None or (folder / "ledger.db").exists():
        remote.refuse_options(key, ca)
        home = Home(folder)
        store = home.store()
        stack.callback(store.close)
        return stack.enter_context(live_source(store, home.blobs, name=str(folder)))
    source = remote.opened(frame, target, key=key, authority=ca)
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

    show.table(
        _("Verification"),
        [_("Check"), _("Status"), show.Number(_("Count")), _("Detail")],
        [
            (_(CHECKS[check.name]), _(STATUS[check.status]), check.count, language().told(check.detail))
            for check in report.checks
        ],
    )
    if report.faults:
        show_faults(report.faults[:SHOWN])
        if len(report.faults) > SHOWN:
            show.print_line(_("… {count} more: --json lists them", count=len(report.faults) - SHOWN))
    for warning in report.warnings:
        show.print_line(_("Note: {text}", text=language().told(warning)))
    show.pairs(
        [
            (_("Size"), report.size),
            (_("Root"), report.root.hex()),
            (_("Verdict"), _(VERDICT[report.verdict])),
        ]
    )


def show_faults(faults: Sequence[Fault]) -> None:
    """What is not as it must be, and at which entry."""
    from ledger_cli import show

    show.table(
        _("Faults"),
        [_("Check"), show.Number(_("Entry")), _("Detail")],
        [(_(CHECKS[fault.check]), fault.index, language().told(fault.detail)) for fault in faults],
    )
