"""`custody coverage`: who was checked how often in a week, who was not, and a file that proves it for one merchant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from ledger.custody.coverage import Coverage, Group

EXAMPLES = """
custody coverage
custody coverage --week 2026-W17 --missed
custody coverage --week 2026-W17 --by grid
custody coverage --week 2026-W17 --by supervisor --missed
custody coverage --week 2026-W17 --json
custody coverage --week 2026-W17 --prove 92410104MACU00014Y -o 92410104MACU00014Y.chain
"""


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option("--week", metavar="YYYY-Www", help=N_("ISO week; this week by default."))
    ] = None,
    missed: Annotated[bool, typer.Option("--missed", help=N_("Only merchants checked too little."))] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="grid|supervisor", help=N_("Sums of each grid or supervisor.")),
    ] = None,
    prove: Annotated[
        str | None,
        typer.Option(
            "--prove",
            metavar="MERCHANT",
            help=N_("Prove that the checks listed are all of this merchant's; needs -o."),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help=N_("Write the proof to this file.")),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Every merchant that had to be checked that week: how often it was, on which days, and what was found.

    Responsible is the supervisor to whom the merchant is assigned (duty.assigned). `--prove` writes all entries of one
    merchant with their proofs, and the log signs that there are no more; `custody check-coverage` checks it anywhere.
    """
    from ledger.custody.coverage import coverage, parse_week
    from ledger.custody.inspection import iso_week
    from ledger.errors import UsageError
    from ledger.exchange.answers.supervision import coverage_json, group_json

    frame = Frame.of(context)
    if by not in (None, "grid", "supervisor"):
        raise UsageError("{by!r} should be grid or supervisor", by=by, field="--by")
    if prove is not None or out is not None:
        if prove is None or out is None:
            raise UsageError("give both: --prove MERCHANT and -o FILE", field="--prove")
        if as_of is not None or by is not None or missed:
            raise UsageError(
                "a proof is of all of a merchant's entries as of now: leave the others out", field="--prove"
            )
        _prove(frame, prove, out, None if week is None else parse_week(week))
        return
    with frame.reading() as ledger:
        number = parse_week(week) if week is not None else iso_week(_today())
        size = limit(ledger, as_of)
        found = coverage(ledger.store.facts, ledger.facts(), ledger.setting, week=number, as_of=size)
    answer = coverage_json(found, missed_only=missed)
    if by is None:
        frame.answer(answer, lambda: show_coverage(found, missed_only=missed))
        return
    groups = [one for one in _groups(found, by) if one.missed or not missed]
    frame.answer(answer | {by: [group_json(one) for one in groups]}, lambda: _show_groups(found, by, groups))


def _groups(found: Coverage, by: str) -> list[Group]:
    from ledger.custody.coverage import by_grid, by_supervisor

    return by_grid(found) if by == "grid" else by_supervisor(found)


def _show_groups(found: Coverage, by: str, groups: list[Group]) -> None:
    from ledger.custody.coverage import week_text
    from ledger_cli import show

    heading = _("Grid") if by == "grid" else _("Responsible supervisor")
    other = _("Responsible supervisor") if by == "grid" else _("Grid")
    show.table(
        _("Coverage of {week}", week=week_text(found.week)),
        [
            heading,
            show.Number(_("Due")),
            show.Number(_("Covered")),
            show.Number(_("Checks")),
            show.Number(_("Missed")),
        ],
        [(one.name or _("nobody"), one.due, one.covered, one.checks, len(one.missed)) for one in groups],
    )
    shown = {one.merchant: one for group in groups for one in group.missed}
    if shown:
        show.table(
            _("Merchants missed"),
            [_("Merchant"), _("Code"), other, show.Number(_("Due")), show.Number(_("Counted"))],
            [
                (
                    one.name,
                    one.merchant,
                    (one.supervisor or _("nobody")) if by == "grid" else one.grid,
                    one.required,
                    one.counted,
                )
                for one in shown.values()
            ],
        )
    _sums(found)


def _prove(frame: Frame, merchant: str, out: Path, week: int | None) -> None:
    from ledger.custody import chain_making, merchant_chain
    from ledger.errors import UsageError
    from ledger.log import NoteVerifier
    from ledger_cli import chain_shown

    with frame.writing() as ledger:
        data, vkey = ledger.prove_chain(merchant), ledger.store.vkey
    proved = merchant_chain.check(data, NoteVerifier.from_vkey(vkey))
    try:
        out.write_bytes(data)
    except OSError as error:
        raise UsageError(
            "{out} cannot be written: {reason}",
            out=out,
            reason=why(error),
            field="--out",
        ) from error
    listed = [one for one in chain_making.checks(proved) if week in (None, one.week)]
    answer = {"file": str(out), "bytes": len(data), "vkey": vkey} | chain_shown.as_json(
        proved, listed, by_all=None
    )

    def people() -> None:
        chain_shown.show_checks(proved, listed)
        typer.echo(
            _(
                "{file}: {size} bytes. Check it with: {command}",
                file=out,
                size=len(data),
                command=f"custody check-coverage {out} --vkey {vkey}",
            )
        )

    frame.answer(answer, people)


def _today() -> Any:
    from datetime import UTC, datetime

    from ledger.custody.authoring import CHINA

    return datetime.now(UTC).astimezone(CHINA).date()


def show_coverage(found: Coverage, *, missed_only: bool) -> None:
    """Coverage for people: a table, then the sums."""
    from ledger.custody.coverage import week_text
    from ledger_cli import show

    listed = found.missed if missed_only else found.merchants
    show.table(
        _(
            "Coverage of {week} ({first} – {last}, as of {size})",
            week=week_text(found.week),
            first=found.first_day,
            last=found.last_day,
            size=found.as_of,
        ),
        [
            _("Grid"),
            _("Merchant"),
            _("Code"),
            _("Supervisor"),
            show.Number(_("Due")),
            show.Number(_("Counted")),
            _("Days"),
            show.Number(_("Findings")),
            "",
        ],
        [
            (
                one.grid,
                one.name,
                one.merchant,
                one.supervisor,
                one.required,
                one.counted,
                " ".join(f"{day:%m-%d}" for day in sorted(one.days)),
                one.findings,
                _("{count} missed", count=one.missing) if one.missing else "",
            )
            for one in listed
        ],
    )
    _sums(found)


def _sums(found: Coverage) -> None:
    from ledger_cli import show

    reached = found.due - len(found.missed)
    show.print_line(
        _(
            "merchants due {due}, covered {covered}, missed {missed}",
            due=found.due,
            covered=reached,
            missed=len(found.missed),
        )
    )
