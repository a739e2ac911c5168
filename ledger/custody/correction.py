"""Effects of taking a statement back: what it did is undone from here on, and stays readable before.

A receipt can be taken back only while everything it brought in is still there, a handover only until it is answered;
so corrections go backwards through what depends on them, and never make a holding negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from ledger.custody.authority import is_author
from ledger.custody.context import Context
from ledger.errors import Conflict, CustodyRefused, NotAuthorised, UnknownReference
from ledger.log import Entry
from ledger.store.facts import CorrectionFact, FactRow, GrantFact, MovementFact
from ledger_schemas import (
    Body,
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsReceived,
    GoodsSold,
    StatementCorrected,
    parse_body,
)

FINAL = frozenset({"merchant.enrolled", "statement.corrected"})
"""Kinds that are not taken back: an enrolment is replaced by a later one, a correction by the statement made anew."""


def statement_corrected(at: Context, body: StatementCorrected) -> Iterator[FactRow]:
    entry = _corrected_entry(at, body)
    original = parse_body(entry.statement.kind, entry.statement.body)
    yield CorrectionFact(at.index, at.merchant, entry.index)
    for number, (batch, merchant, change) in enumerate(_changes(at, entry, original)):
        held = at.facts.held(batch, merchant, at.index) - change
        if held < 0 or (isinstance(original, GoodsReceived) and held != 0):
            raise CustodyRefused(
                f"batch {batch} has moved since entry {entry.index}: correct the later movements first, "
                "or record a stock-take difference (goods.adjusted)",
                field="body.statement",
            )
        yield MovementFact(at.index, number, batch, merchant, "corrected", -change, held, None)


def _corrected_entry(at: Context, body: StatementCorrected) -> Entry:
    fact = at.facts.statements.last(UUID(body.statement).bytes, at.index)
    if fact is None:
        raise UnknownReference(f"there is no statement {body.statement}", field="body.statement")
    entry = at.setting.entry_at(fact.index)
    if entry.statement.merchant != at.merchant:
        raise CustodyRefused(
            f"statement {body.statement} is in the chain of {entry.statement.merchant}, correct it there",
            field="merchant",
        )
    if entry.statement.kind in FINAL:
        raise CustodyRefused(
            f"{entry.statement.kind} is not taken back: state it anew", field="body.statement"
        )
    if at.facts.corrected(at.merchant, fact.index, at.index):
        raise Conflict(f"statement {body.statement} has been corrected already", field="body.statement")
    authors = tuple(
        grant
        for grant in (at.facts.grant(sig.keyid, at.index) for sig in entry.signatures)
        if isinstance(grant, GrantFact)
    )
    if not is_author(at.signers, authors):
        raise NotAuthorised("only its author may correct a statement", field="signatures")
    if body.replacement == body.statement:
        raise CustodyRefused(
            "a statement cannot replace itself: give the replacement a new id", field="body.replacement"
        )
    return entry


def _changes(at: Context, entry: Entry, body: Body) -> Iterator[tuple[str, str, int]]:
    """What the corrected entry did to each holding, in micro-units."""
    match body:
        case GoodsReceived():
            yield from ((line.batch, at.merchant, line.quantity.micro) for line in body.lines)
        case GoodsHandedOver():
            _require_unanswered(at, entry)
            yield from ((line.batch, at.merchant, -line.quantity.micro) for line in body.lines)
        case GoodsSold() | GoodsDisposed():
            yield from ((line.batch, at.merchant, -line.quantity.micro) for line in body.lines)
        case GoodsAdjusted():
            yield from ((line.batch, at.merchant, line.difference.micro) for line in body.lines)
        case GoodsAccepted():
            yield from _changes_of_acceptance(at, body)


def _require_unanswered(at: Context, entry: Entry) -> None:
    handover = at.facts.handover(UUID(entry.statement.id).bytes, at.index)
    answer = handover and at.facts.acceptance(handover, at.index)
    if answer:
        raise CustodyRefused(
            f"the handover was answered by entry {answer.index}: the receiver takes that back first",
            field="body.statement",
        )


def _changes_of_acceptance(at: Context, body: GoodsAccepted) -> Iterator[tuple[str, str, int]]:
    handover = at.facts.handover(UUID(body.handover).bytes, at.index)
    for line in body.lines:
        yield line.batch, at.merchant, line.accepted.micro
        if handover is not None and line.refused is not None and line.refused.micro:
            yield line.batch, handover.sender, line.refused.micro
