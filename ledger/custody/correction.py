"""Effects of taking a statement back: what it did is undone from here on, and stays readable before.

A receipt can be taken back only while everything it brought in is still there, a handover only until it is answered;
so corrections go backwards through what depends on them, and never make a holding negative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from ledger.custody.authority import is_author
from ledger.custody.context import Context
from ledger.custody.supervision.holds import standing_seal
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, UnknownReference
from ledger.log import Entry
from ledger.store.facts import CorrectionFact, FactRow, GrantFact, MovementFact
from ledger_schemas import GoodsReceived, StatementCorrected, parse_body

Change = tuple[str, str, int]
"""Batch, merchant, and what an entry did to that holding, in micro-units."""
Undo = Callable[[Context, Entry, Any], Iterable[Change]]  # Any: the body, the model of its kind
"""What taking an entry back changes. Raises: CustodyRefused when something else has to be taken back first."""

FINAL: Final = None
"""Not taken back: an enrolment is replaced by a later one, a correction by the statement made anew."""


def MOVES_NOTHING(at: Context, entry: Entry, body: object) -> Iterable[Change]:  # noqa: N802 - a value of Undo
    """Taken back it counts no longer; whoever asks leaves out what was corrected."""
    return ()


def statement_corrected(
    at: Context, body: StatementCorrected, undo_of: Callable[[str], Undo | None]
) -> Iterator[FactRow]:
    entry = _corrected_entry(at, body)
    undo = undo_of(entry.statement.kind)
    if undo is None:
        raise CustodyRefused(
            "{kind} is not taken back: state it anew",
            kind=entry.statement.kind,
            field="body.statement",
        )
    original = parse_body(entry.statement.kind, entry.statement.body)
    yield CorrectionFact(at.index, at.merchant, entry.index)
    for number, (batch, merchant, change) in enumerate(undo(at, entry, original)):
        seal = standing_seal(at.facts, batch, at.index)
        if change > 0 and seal is not None:
            raise CustodyRefused(
                "batch {batch} was sealed by entry {entry}: taking this back would make the goods fewer, let a "
                "supervisor release them first",
                batch=batch,
                entry=seal.index,
                field="body.statement",
            )
        held = at.facts.held(batch, merchant, at.index) - change
        if held < 0 or (isinstance(original, GoodsReceived) and _moved_since(at, batch, entry.index)):
            raise CustodyRefused(
                "batch {batch} has moved since entry {entry}: correct the later movements first, "
                "or record a stock-take difference (goods.adjusted)",
                batch=batch,
                entry=entry.index,
                field="body.statement",
            )
        yield MovementFact(at.index, number, batch, merchant, "corrected", -change, held, None)


def _corrected_entry(at: Context, body: StatementCorrected) -> Entry:
    fact = at.facts.statements.last(UUID(body.statement).bytes, at.index)
    if fact is None:
        raise UnknownReference(
            "there is no statement {statement}", statement=body.statement, field="body.statement"
        )
    entry = at.setting.entry_at(fact.index)
    if entry.statement.merchant != at.merchant:
        raise CustodyRefused(
            "statement {statement} is in the chain of {merchant}, correct it there",
            statement=body.statement,
            merchant=entry.statement.merchant,
            field="merchant",
        )
    if at.facts.corrected(at.merchant, fact.index, at.index):
        raise Conflict(
            "statement {statement} has been corrected already",
            statement=body.statement,
            field="body.statement",
        )
    authors = tuple(
        grant
        for grant in (at.facts.grant(sig.keyid, at.index) for sig in entry.signatures)
        if isinstance(grant, GrantFact)
    )
    if not is_author(at.facts, at.signers, authors, at.index):
        raise NotAuthorised(
            "only its author may correct a statement, and where two have signed, both", field="signatures"
        )
    if body.replacement == body.statement:
        raise CustodyRefused(
            "a statement cannot replace itself: give the replacement a new id", field="body.replacement"
        )
    return entry


def _moved_since(at: Context, batch: str, receipt: int) -> bool:
    """Whether a movement of the received batch stands: with the receipt gone it would be of goods that never came."""
    for index in at.facts.moved_at(batch, at.merchant, receipt):
        statement = at.setting.entry_at(index).statement
        if statement.kind != "statement.corrected" and not at.facts.corrected(
            statement.merchant or "", index, at.index
        ):
            return True
    return False
