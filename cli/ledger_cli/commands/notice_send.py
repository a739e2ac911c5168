"""`custody notice send`: each finding that has to be told goes to both offices, once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language
from ledger_cli.noticing import Earlier

if TYPE_CHECKING:
    from ledger.custody.supervision.notices import DueNotice
    from ledger.errors import LedgerError
    from ledger.log import Envelope
    from ledger_cli.draft import Draft

EXAMPLES = """
custody notice send --key operator --dry-run
custody notice send --week 2026-W17 --key operator
"""

PER_COMMIT = 500


class Told(NamedTuple):
    """A notice as it was stated, or why it was not."""

    due: DueNotice
    id: str
    index: int | None  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a notice
    error: LedgerError | None


def command(
    context: typer.Context,
    week: Annotated[
        str | None,
        typer.Option("--week", metavar="YYYY-Www", help=N_("Only checks of this ISO week.")),
    ] = None,
    earlier: Earlier = None,
) -> None:
    """States `notice.sent` for each finding and office that is due, and puts it into the outbox; sends nothing yet.

    Which findings are told is in the rule set, which office in the duty assigned for the merchant. What has been told
    is not told again, whatever was interrupted. `custody notice deliver` then brings the messages to the offices.
    """
    from ledger_cli.draft import Draft

    frame = Frame.of(context)
    _refuse_options(frame)
    with Draft(frame) as draft:
        due = _due(draft, week)
        nobody = [one for one in due if one.office is None]
        ready = [one for one in due if one.office is not None]
        if frame.recording.dry_run or frame.recording.out is not None:
            told = _set_aside(draft, ready, earlier)
        else:
            told = _send(draft, ready, earlier)
        frame.answer(_as_json(told, nobody), lambda: _show(told, nobody, dry=frame.recording.dry_run))
    if any(one.error is not None for one in told):
        raise typer.Exit(1)


def _refuse_options(frame: Frame) -> None:
    from ledger.errors import UsageError

    if frame.recording.body is not None:
        raise UsageError("notices are written from the findings: leave --body out", field="--body")


def _due(draft: Draft, week: str | None) -> list[DueNotice]:
    from ledger.custody.coverage import parse_week
    from ledger.custody.supervision import telling
    from ledger.custody.supervision.notices import due_notices

    checks = telling.checks_with_findings(
        draft.ledger.store.facts, as_of=draft.as_of, week=None if week is None else parse_week(week)
    )
    telling.fetch(draft.facts, checks)
    return due_notices(draft.facts, draft.ledger.setting, checks, draft.as_of)


def _signed(draft: Draft, due: DueNotice) -> Envelope:
    """The notice, signed by the keys chosen. Raises: NotAuthorised, UsageError, KeyInvalid."""
    import os

    from ledger.custody.authoring import Author, seen_of
    from ledger.custody.supervision.telling import body_of
    from ledger_cli import inputs
    from ledger_cli.frame import now_ms

    keys = draft.signing("notice.sent", due.merchant)
    author = Author(draft.ledger.store.origin, keys, clock=now_ms, randomness=os.urandom)
    return author.state(
        "notice.sent",
        due.merchant,
        body_of(due, draft.enrolment(due.merchant).name, _day(draft, due)),
        seen=seen_of(draft.head),
        occurred_at=inputs.instant(draft.frame.recording.occurred_at, "--occurred-at"),
    )


def _day(draft: Draft, due: DueNotice) -> date:
    from uuid import UUID

    from ledger.log.times import local_date

    index = draft.ledger.store.index_of(UUID(due.inspection).bytes)
    if index is None:  # a check whose finding is due stands in the ledger
        raise ValueError(due.inspection)
    return local_date(draft.ledger.entry(index).statement.occurred_at)


def _send(draft: Draft, due: list[DueNotice], earlier: str | None) -> list[Told]:
    """Commit the notices, then put them into the outbox. What is committed and not put is put on the next start."""
    from ledger.custody.batch import Receipt
    from ledger.exchange.outbox import Waiting
    from ledger.log.statement import parse_statement
    from ledger_cli.frame import now_ms
    from ledger_cli.noticing import outbox_of

    told: list[Told] = []
    with outbox_of(draft.frame, draft.ledger, earlier=earlier) as outbox:
        if not due:
            return []
        envelopes = [_signed(draft, one) for one in due]
        with draft.frame.writing() as ledger:
            for start in range(0, len(due), PER_COMMIT):
                batch = envelopes[start : start + PER_COMMIT]
                answers = ledger.append(batch)
                for one, envelope, answer in zip(due[start:], batch, answers, strict=False):
                    identity = parse_statement(envelope.payload).id
                    if isinstance(answer, Receipt):
                        told.append(Told(one, identity, answer.index, None))
                    else:
                        told.append(Told(one, identity, None, answer))
                outbox.put(
                    [
                        Waiting(one.id, one.index, str(one.due.office))
                        for one in told[start:]
                        if one.index is not None
                    ],
                    now_ms=now_ms(),
                )
    return told


def _set_aside(draft: Draft, due: list[DueNotice], earlier: str | None) -> list[Told]:
    """What --dry-run and --out ask for instead of recording."""
    from ledger.log import statement
    from ledger_cli.noticing import outbox_of

    out = draft.frame.recording.out
    if draft.frame.recording.dry_run or out is None:
        return [Told(one, "", None, None) for one in due]
    told = []
    with outbox_of(draft.frame, draft.ledger, earlier=earlier), out.open("ab") as file:
        # The outbox is there from now on, so that it takes in what is submitted later.
        for one in due:
            envelope = _signed(draft, one)
            file.write(statement.encode_envelope(envelope) + b"\n")
            told.append(Told(one, statement.parse_statement(envelope.payload).id, None, None))
    return told


def _as_json(told: list[Told], nobody: list[DueNotice]) -> dict[str, Any]:
    from ledger_cli.boundary import described

    return {
        "notices": [
            {
                **one.due._asdict(),
                "id": one.id or None,
                "index": one.index,
                "error": None if one.error is None else {"code": one.error.code, **described(one.error)},
            }
            for one in told
        ],
        "nobody_responsible": [one._asdict() for one in nobody],
    }


def _show(told: list[Told], nobody: list[DueNotice], *, dry: bool) -> None:
    from ledger_cli import show

    show.table(
        _("Notices due") if dry else _("Notices"),
        [
            _("Merchant"), _("Finding"), _("Subject"), _("Capacity"),
            _("Office"), show.Number(_("Entry")), "",
        ],
        [
            (
                one.due.merchant, show.label("finding_code", one.due.code, typed=True), one.due.subject,
                show.label("capacity", one.due.capacity), one.due.office, one.index,
                language().error(one.error) if one.error else "",
            )
            for one in told
        ],
    )  # fmt: skip
    if nobody:
        without = sorted({(one.merchant, one.capacity) for one in nobody})
        show.table(
            _("Nobody responsible"),
            [_("Merchant"), _("Capacity")],
            [(merchant, show.label("capacity", capacity)) for merchant, capacity in without],
        )
        show.print_line(_("Not told: no office has this duty; first: custody duty assign"))
    if any(one.index is not None for one in told):
        show.print_line(_("Recorded and waiting: custody notice deliver"))
