"""Goods that may not move: sealed batches, and recalls that reach every holder.

    require_movable(at, "B-7", "sold", "body.lines[0].batch")        # refuses sealed and recalled goods
    status = recall_status(reader, facts, recall_id, as_of=1040)
    [one.merchant for one in status.holders if one.answer is None]

A batch keeps its id wherever it goes, so a seal holds it at every merchant, and all that is split off from it.
Sealed goods are neither sold nor handed over nor disposed of except by destruction, and no stock-take and no correction
makes them fewer; recalled ones are not sold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.custody.matters import Matter, all_of, latest, matter
from ledger.custody.supervision.references import check, require_after, require_officers, statement
from ledger.errors import Conflict, CustodyRefused, UnknownReference, UsageError
from ledger.log.times import parse_instant
from ledger.messages import Message
from ledger.store.facts import FactRow, MovementFact
from ledger.store.reader import FactReader
from ledger_schemas import GoodsReleased, GoodsSealed, RecallAnswered, RecallOrdered


class Answer(NamedTuple):
    """What a holder answered; micro-units."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    found: int
    sold: int
    at_ms: int


class Holder(NamedTuple):
    """One who has had some of a recalled batch; micro-units, by the ledger, without what was taken back."""

    merchant: str
    got: int
    sold: int
    held: int
    coming: int
    """On its way here: handed over to it and not answered yet."""
    answer: Answer | None

    @property
    def difference(self) -> int | None:
        """What the answer accounts for beyond what the ledger has as held and sold; what is coming may be in or not."""
        return None if self.answer is None else self.answer.found + self.answer.sold - self.held - self.sold


class Recall(NamedTuple):
    """A recall and all whom it reaches, those who hold most first."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    id: str
    batch: str
    unit: str
    answer_by_ms: int
    as_of: int
    holders: tuple[Holder, ...]


def goods_sealed(at: Context, body: GoodsSealed) -> Iterator[FactRow]:
    require_officers(at)
    if at.facts.batch(body.batch, at.index) is None or not at.facts.has_held(body.batch, at.merchant):
        raise UnknownReference(
            "merchant {merchant} has never held batch {batch}: seal it where it is",
            merchant=at.merchant,
            batch=body.batch,
            field="body.batch",
        )
    seal = standing_seal(at.facts, body.batch, at.index)
    if seal is not None:
        raise Conflict(
            "batch {batch} was sealed by entry {entry} already",
            batch=body.batch,
            entry=seal.index,
            field="body.batch",
        )
    if body.inspection is not None:
        check(at, body.inspection)
    yield matter(
        at, 0, "seal", body.batch, {"at": at.occurred_ms, "id": at.statement.id, "merchant": at.merchant}
    )


def goods_released(at: Context, body: GoodsReleased) -> Iterator[FactRow]:
    sealed = statement(at, body.seal, "goods.sealed", "body.seal")
    before = latest(at.facts, "seal_released", body.seal, at.index)
    if before is not None:
        raise Conflict(
            "seal {seal} was released by entry {entry}", seal=body.seal, entry=before.index, field="body.seal"
        )
    occurred_at = at.setting.entry_at(sealed.index).statement.occurred_at
    require_after(at, parse_instant(occurred_at), Message("the batch was sealed"))
    yield matter(at, 0, "seal_released", body.seal, {"at": at.occurred_ms})


def recall_ordered(at: Context, body: RecallOrdered) -> Iterator[FactRow]:
    require_officers(at)
    batch = at.facts.batch(body.batch, at.index)
    if batch is None:
        raise UnknownReference(
            "there is no batch {batch}: check the batch id", batch=body.batch, field="body.batch"
        )
    if batch.merchant != at.merchant:
        raise CustodyRefused(
            "batch {batch} was brought in by {merchant}: order the recall there",
            batch=body.batch,
            merchant=batch.merchant,
            field="merchant",
        )
    recall = latest(at.facts, "recall", body.batch, at.index)
    if recall is not None:
        raise Conflict(
            "batch {batch} was recalled by entry {entry} already",
            batch=body.batch,
            entry=recall.index,
            field="body.batch",
        )
    answer_by = parse_instant(body.answer_by)
    if answer_by <= at.occurred_ms:
        raise CustodyRefused("{answer_by} is over already", answer_by=body.answer_by, field="body.answer_by")
    value = {
        "answer_by": answer_by,
        "at": at.occurred_ms,
        "batch": body.batch,
        "id": at.statement.id,
        "unit": batch.unit,
    }
    yield matter(at, 0, "recall", body.batch, value)
    yield matter(at, 1, "recall_id", at.statement.id, value)


def recall_answered(at: Context, body: RecallAnswered) -> Iterator[FactRow]:
    """A merchant may answer again; the last answer counts."""
    recall = latest(at.facts, "recall_id", body.recall, at.index)
    if recall is None:
        raise UnknownReference(
            "there is no recall {recall}: check the id", recall=body.recall, field="body.recall"
        )
    require_after(at, recall.value["at"], Message("the recall was ordered"))
    batch, unit = recall.value["batch"], recall.value["unit"]
    if not at.facts.has_held(batch, at.merchant) and not _is_coming(at, batch):
        raise CustodyRefused(
            "this merchant has never held batch {batch}, and none is on its way to it",
            batch=batch,
            field="body.recall",
        )
    if body.found.unit != unit:
        raise CustodyRefused(
            "batch {batch} is counted in {unit}", batch=batch, unit=unit, field="body.found.unit"
        )
    value = {
        "at": at.occurred_ms,
        "found": body.found.micro,
        "merchant": at.merchant,
        "sold": body.sold.micro,
    }
    yield matter(at, 0, "recall_answer", body.recall, value)


def _is_coming(at: Context, batch: str) -> bool:
    """Whether some of the batch was handed over to the merchant, who has not answered that yet."""
    open_ones = at.facts.open_handovers_to(at.merchant, at.index)
    return any(line.batch == batch for one in open_ones for line in at.facts.handover_lines(one.index))


def standing_seal(facts: Facts, batch: str, as_of: int) -> Matter | None:
    """The seal on a batch that has not been released."""
    for seal in all_of(facts, "seal", batch, as_of):
        if not facts.matters("seal_released", seal.value["id"], as_of):
            return seal
    return None


def require_movable(at: Context, batch: str, action: str, field: str) -> None:
    """Refuse what may not be done with sealed or recalled goods. What happened before may still be recorded."""
    seal = standing_seal(at.facts, batch, at.index)
    if seal is not None and seal.value["at"] <= at.occurred_ms and action != "destroyed":
        raise CustodyRefused(
            "batch {batch} was sealed by entry {entry}: it may not move until a supervisor releases it",
            batch=batch,
            entry=seal.index,
            field=field,
        )
    if action == "sold":
        recall = latest(at.facts, "recall", batch, at.index)
        if recall is not None and recall.value["at"] <= at.occurred_ms:
            raise CustodyRefused(
                "batch {batch} was recalled by entry {entry}: it may not be sold; answer the recall, and "
                "return or destroy the goods",
                batch=batch,
                entry=recall.index,
                field=field,
            )


def recall_status(reader: FactReader, facts: Facts, recall: str, as_of: int) -> Recall:
    """Who has had some of the recalled batch, and what they answered. Raises: UsageError for an unknown recall."""
    ordered = latest(facts, "recall_id", recall, as_of)
    if ordered is None:
        raise UsageError(
            "there is no recall {recall!r}: see `custody recall list`", recall=recall, field="recall"
        )
    batch = ordered.value["batch"]
    answers: dict[str, Answer] = {}
    for one in all_of(facts, "recall_answer", recall, as_of):
        value = one.value
        answers[value["merchant"]] = Answer(one.index, value["found"], value["sold"], value["at"])
    got: dict[str, int] = {}
    sold: dict[str, int] = {}
    held: dict[str, int] = {}
    movements = reader.movements_by_batch([batch], before=as_of)
    taken_back = {
        row.corrected for row in reader.corrections_by_corrected([m.index for m in movements], before=as_of)
    }
    coming = _coming([row for row in movements if row.index not in taken_back], reader, as_of)
    for row in movements:
        held[row.merchant] = row.held
        if row.index in taken_back:
            continue
        if row.action in ("received", "accepted"):
            got[row.merchant] = got.get(row.merchant, 0) + row.amount
        elif row.action == "sold":
            sold[row.merchant] = sold.get(row.merchant, 0) + row.amount
    holders = [
        Holder(
            merchant,
            got.get(merchant, 0),
            sold.get(merchant, 0),
            held.get(merchant, 0),
            coming.get(merchant, 0),
            answers.get(merchant),
        )
        for merchant in {**held, **coming}
    ]
    holders.sort(key=lambda one: (-one.held, one.merchant))
    value = ordered.value
    return Recall(ordered.index, recall, batch, value["unit"], value["answer_by"], as_of, tuple(holders))


def _coming(standing: Sequence[MovementFact], reader: FactReader, as_of: int) -> dict[str, int]:
    """What is on its way to each merchant: handed over, and no answer stands."""
    sent = [row for row in standing if row.action == "handed_over"]
    accepted = reader.acceptances_by_handover([row.index for row in sent], before=as_of)
    withdrawn = {
        row.corrected
        for row in reader.corrections_by_corrected([one.index for one in accepted], before=as_of)
    }
    answered = {one.handover for one in accepted if one.index not in withdrawn}
    found: dict[str, int] = {}
    for row in sent:
        if row.index not in answered and row.other is not None:
            found[row.other] = found.get(row.other, 0) + row.amount
    return found
