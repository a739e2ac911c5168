"""Effects of statements about goods: what comes in, moves on and goes out, and never more than is held.

Amounts are integers of micro-units (12.5 kg is 12_500_000), so sums are exact. Every movement carries the balance after
it, so what a merchant holds as of any index is one look-up. Between handover and acceptance goods are on their way and
in nobody's holding; what the receiver refuses goes back to the sender, what is missing is gone and stays visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from ledger.custody.context import Context
from ledger.custody.correction import Change
from ledger.custody.supervision.cards import require_open
from ledger.custody.supervision.holds import require_movable
from ledger.errors import Conflict, CustodyRefused, UnknownReference
from ledger.log import Entry
from ledger.store.facts import AcceptanceFact, BatchFact, FactRow, HandoverFact, HolderFact, MovementFact
from ledger_schemas import (
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsLine,
    GoodsReceived,
    GoodsSold,
    centi,
)

SUPPLIER_STATED, TRANSPORT_STATED, UNLOADING_STATED = 1, 2, 4
MICRO = 1_000_000
MOST = 10**12 * MICRO
"""What is held of a batch stays below: quantities have twelve digits before the point, and sums fit 64 bits."""


def plain(amount: int) -> str:
    """Micro-units as a decimal.

    >>> plain(12_500_000), plain(-40), plain(3_000_000)
    ('12.5', '-0.00004', '3')
    """
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    whole, rest = divmod(amount, MICRO)
    return f"{sign}{whole}.{rest:06d}".rstrip("0") if rest else f"{sign}{whole}"


def goods_received(at: Context, body: GoodsReceived) -> Iterator[FactRow]:
    """Each line brings one new batch into the merchant's holding."""
    require_open(at)
    zones = {zone.code for zone in at.facts.zones(at.enrolled)}
    stated = (
        (SUPPLIER_STATED if body.supplier and (body.supplier.country or body.supplier.address) else 0)
        | (TRANSPORT_STATED if body.transport else 0)
        | (UNLOADING_STATED if body.unloading else 0)
    )
    documents = ",".join(
        f"{document.type}:{document.valid_to}" if document.valid_to else document.type
        for document in body.documents
    )
    for number, line in enumerate(body.lines):
        field = f"body.lines[{number}]"
        there = at.facts.batch(line.batch, at.index)
        if there is not None:
            raise Conflict(
                "batch {batch} came in by entry {entry}: give these goods a batch id of their own",
                batch=line.batch,
                entry=there.index,
                field=f"{field}.batch",
            )
        if line.zone is not None and zones and line.zone not in zones:
            raise UnknownReference(
                "{zone} is no zone of this merchant; it has {zones}",
                zone=line.zone,
                zones=", ".join(sorted(zones)),
                field=f"{field}.zone",
            )
        own = f"{documents},trace_code".lstrip(",") if line.trace_code else documents
        yield BatchFact(
            at.index,
            number,
            line.batch,
            at.merchant,
            line.quantity.unit,
            line.goods_class,
            line.name,
            own,
            stated,
            None if line.arrival_temperature is None else centi(line.arrival_temperature),
            None if line.gtin is None else line.gtin.zfill(14),
            line.lot,
            line.trace_code,
        )
        amount = line.quantity.micro
        yield from _moved(at, number, line.batch, at.merchant, "received", amount, amount, None)


def goods_handed_over(at: Context, body: GoodsHandedOver) -> Iterator[FactRow]:
    if body.to == at.merchant:
        raise CustodyRefused("goods cannot be handed over to oneself", field="body.to")
    if at.facts.merchant(body.to, at.index) is None:
        raise UnknownReference(
            "merchant {to} is not enrolled here: enrol it, or record a sale to a business",
            to=body.to,
            field="body.to",
        )
    yield HandoverFact(at.index, at.id, at.merchant, body.to, at.occurred_ms // 1000)
    yield from _given_away(at, body.lines, "handed_over", body.to)


def goods_accepted(at: Context, body: GoodsAccepted) -> Iterator[FactRow]:
    """The answer to a handover: for each of its lines what was accepted, refused and missing, adding up."""
    handover = at.facts.handover(UUID(body.handover).bytes, at.index)
    if handover is None or at.facts.corrected(handover.sender, handover.index, at.index):
        raise UnknownReference(
            "there is no handover {handover} to accept", handover=body.handover, field="body.handover"
        )
    if handover.receiver != at.merchant:
        raise CustodyRefused(
            "handover {handover} went to {receiver}, who alone can accept it",
            handover=body.handover,
            receiver=handover.receiver,
            field="body.handover",
        )
    before = at.facts.acceptance(handover, at.index)
    if before is not None:
        raise Conflict(
            "handover {handover} was answered by entry {entry}",
            handover=body.handover,
            entry=before.index,
            field="body.handover",
        )
    sent = {line.batch: line.amount for line in at.facts.handover_lines(handover.index)}
    answered = {line.batch for line in body.lines}
    if answered != set(sent):
        raise CustodyRefused(
            "answer each line of the handover once: it has {sent}, the answer {answered}",
            sent=", ".join(sorted(sent)),
            answered=", ".join(sorted(answered)),
            field="body.lines",
        )
    yield AcceptanceFact(at.index, handover.index)
    number = 0
    for place, line in enumerate(body.lines):
        field = f"body.lines[{place}]"
        _same_unit(at, line.batch, line.accepted.unit, f"{field}.accepted.unit")
        refused = line.refused.micro if line.refused else 0
        missing = line.missing.micro if line.missing else 0
        accepted = line.accepted.micro
        if accepted + refused + missing != sent[line.batch]:
            raise CustodyRefused(
                "accepted, refused and missing of {batch} add up to {accepted}, {sent} were handed over",
                batch=line.batch,
                accepted=plain(accepted + refused + missing),
                sent=plain(sent[line.batch]),
                field=field,
            )
        for action, whose, other, amount in (
            ("accepted", at.merchant, handover.sender, accepted),
            (
                "missing",
                handover.sender,
                at.merchant,
                missing,
            ),  # before "returned": it leaves the balance alone
            ("returned", handover.sender, at.merchant, refused),
        ):
            if amount:
                change = 0 if action == "missing" else amount
                yield from _moved(at, number, line.batch, whose, action, amount, change, other)
                number += 1


def goods_sold(at: Context, body: GoodsSold) -> Iterator[FactRow]:
    require_open(at)
    yield from _given_away(at, body.lines, "sold", body.buyer.type)


def goods_disposed(at: Context, body: GoodsDisposed) -> Iterator[FactRow]:
    yield from _given_away(at, body.lines, "disposed", body.manner)


def goods_adjusted(at: Context, body: GoodsAdjusted) -> Iterator[FactRow]:
    """A stock-take difference, of a batch the merchant holds or has held."""
    for number, line in enumerate(body.lines):
        field = f"body.lines[{number}]"
        _same_unit(at, line.batch, line.difference.unit, f"{field}.difference.unit")
        if not at.facts.has_held(line.batch, at.merchant):
            raise CustodyRefused(
                "this merchant has never held batch {batch}", batch=line.batch, field=f"{field}.batch"
            )
        change = line.difference.micro
        if change < 0:
            require_movable(at, line.batch, "adjusted", f"{field}.batch")
        held = at.facts.held(line.batch, at.merchant, at.index)
        if held + change < 0:
            raise CustodyRefused(
                "{held} of batch {batch} are held, so it cannot be lowered by {amount}",
                held=plain(held),
                batch=line.batch,
                amount=plain(-change),
                field=f"{field}.difference",
            )
        yield from _moved(at, number, line.batch, at.merchant, "adjusted", change, change, None)


def _given_away(at: Context, lines: Sequence[GoodsLine], action: str, other: str) -> Iterator[FactRow]:
    for number, line in enumerate(lines):
        field = f"body.lines[{number}]"
        require_movable(at, line.batch, other if action == "disposed" else action, f"{field}.batch")
        _same_unit(at, line.batch, line.quantity.unit, f"{field}.quantity.unit")
        amount = line.quantity.micro
        held = at.facts.held(line.batch, at.merchant, at.index)
        if amount > held:
            raise CustodyRefused(
                "{amount} {unit} of batch {batch} are more than the {held} held: "
                "check the number, or record the missing receipt, acceptance or stock-take first",
                amount=plain(amount),
                unit=line.quantity.unit,
                batch=line.batch,
                held=plain(held),
                field=f"{field}.quantity",
            )
        yield from _moved(at, number, line.batch, at.merchant, action, amount, -amount, other)


def _same_unit(at: Context, batch: str, unit: str, field: str) -> None:
    known = at.facts.batch(batch, at.index)
    if known is None:
        raise UnknownReference(
            "there is no batch {batch}: record its receipt first",
            batch=batch,
            field=field.split("].", maxsplit=1)[0] + "].batch",
        )
    if known.unit != unit:
        raise CustodyRefused(
            "batch {batch} is counted in {unit}, not in {held_in}",
            batch=batch,
            unit=known.unit,
            held_in=unit,
            field=field,
        )


def _moved(
    at: Context,
    line: int,
    batch: str,
    merchant: str,
    action: str,
    amount: int,
    change: int,
    other: str | None,
) -> Iterator[FactRow]:
    """The movement with the balance after it, preceded by a holder fact when the merchant first gets hold of the
    batch.
    """
    if change > 0 and not at.facts.has_held(batch, merchant):
        yield HolderFact(at.index, merchant, batch)
    held = at.facts.held(batch, merchant, at.index) + change
    if held >= MOST:
        raise CustodyRefused(
            "{held} of batch {batch} would be held, at most 12 digits before the point are possible: "
            "check the number",
            held=plain(held),
            batch=batch,
            field="body.lines",
        )
    yield MovementFact(at.index, line, batch, merchant, action, amount, held, other)


# What taking a movement back changes: see `correction.Undo`.


def undo_received(at: Context, _entry: Entry, body: GoodsReceived) -> Iterator[Change]:
    yield from ((line.batch, at.merchant, line.quantity.micro) for line in body.lines)


def undo_given_away(
    at: Context, _entry: Entry, body: GoodsHandedOver | GoodsSold | GoodsDisposed
) -> Iterator[Change]:
    yield from ((line.batch, at.merchant, -line.quantity.micro) for line in body.lines)


def undo_handed_over(at: Context, entry: Entry, body: GoodsHandedOver) -> Iterator[Change]:
    handover = at.facts.handover(UUID(entry.statement.id).bytes, at.index)
    answer = handover and at.facts.acceptance(handover, at.index)
    if answer:
        raise CustodyRefused(
            "the handover was answered by entry {entry}: the receiver takes that back first",
            entry=answer.index,
            field="body.statement",
        )
    yield from undo_given_away(at, entry, body)


def undo_adjusted(at: Context, _entry: Entry, body: GoodsAdjusted) -> Iterator[Change]:
    yield from ((line.batch, at.merchant, line.difference.micro) for line in body.lines)


def undo_accepted(at: Context, _entry: Entry, body: GoodsAccepted) -> Iterator[Change]:
    handover = at.facts.handover(UUID(body.handover).bytes, at.index)
    for line in body.lines:
        yield line.batch, at.merchant, line.accepted.micro
        if handover is not None and line.refused is not None and line.refused.micro:
            yield line.batch, handover.sender, line.refused.micro
