"""The questions custody asks of the facts, each one indexed look-up.

What it does: `FactReader` answers with fact rows in order of (index, line). Every question takes `before`:
only facts from entries below that index, so that everything can be asked *as of* a point of the ledger; None
means all. Keys come as sequences of any length; a key that nobody knows gives no rows. What the rows mean is
left to `ledger.custody`, how a question reads in SQL to `questions.py`.

>>> reader.grants_by_keyid(["5f…"], before=1041)                        # doctest: +SKIP
[GrantFact(index=3, keyid='5f…', role='office', scope='*', holder=None, public_key='MCow…')]
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from ledger.store.facts import (
    AcceptanceFact,
    BatchFact,
    CheckFact,
    CorrectionFact,
    EventFact,
    FactRow,
    GrantFact,
    HandoverFact,
    HolderFact,
    MatterFact,
    MerchantFact,
    MovementFact,
    RevocationFact,
    RulesetFact,
    StatementFact,
    row_order,
)
from ledger.store.questions import PAGE, FactStatements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.store.statements import Lookup, Run, Values

R = TypeVar("R", bound=FactRow)

#: "As of now": above every index.
NO_LIMIT = 2**63 - 1


class ChainHead(NamedTuple):
    """The newest entry of a merchant's chain."""

    merchant: str
    merchant_seq: int
    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py


def _as(row: type[R], values: Iterable[Values]) -> list[R]:
    # _make belongs to every NamedTuple; the type variable does not tell mypy so.
    return [cast("R", made) for made in map(row._make, values)]


def _limit(before: int | None) -> int:
    return NO_LIMIT if before is None else before


class FactReader:
    """Answers from one view of the database: the store's newest, a snapshot's, or a transaction's own."""

    def __init__(self, run: Run, statements: FactStatements) -> None:
        self._run = run
        self._statements = statements

    def _find(self, row: type[R], lookup: Lookup, keys: Sequence[Any], before: int | None) -> list[R]:
        if not keys:
            return []
        rows = _as(row, lookup.rows(self._run, keys, _limit(before)))
        if len(keys) > 1:
            # Several statements may have answered, each in its own order.
            rows.sort(
                key=itemgetter(*(row._fields.index(name) for name in row_order(cast("type[FactRow]", row))))
            )
        return rows

    # Keys, rules, merchants

    def grants_by_keyid(self, keyids: Sequence[str], before: int | None = None) -> list[GrantFact]:
        return self._find(GrantFact, self._statements.grants, keyids, before)

    def grants_by_scope(self, scopes: Sequence[str], before: int | None = None) -> list[GrantFact]:
        return self._find(GrantFact, self._statements.grants_by_scope, scopes, before)

    def revocations_by_keyid(self, keyids: Sequence[str], before: int | None = None) -> list[RevocationFact]:
        return self._find(RevocationFact, self._statements.revocations, keyids, before)

    def rulesets(self, before: int | None = None) -> Iterator[RulesetFact]:
        return self.rows(RulesetFact, 0, before)

    def merchants(self, before: int | None = None) -> Iterator[MerchantFact]:
        """Every enrolment; a merchant enrolled again comes again."""
        return self.rows(MerchantFact, 0, before)

    def merchants_by_id(self, merchants: Sequence[str], before: int | None = None) -> list[MerchantFact]:
        return self._find(MerchantFact, self._statements.merchants, merchants, before)

    # Goods

    def batches_by_id(self, batches: Sequence[str], before: int | None = None) -> list[BatchFact]:
        return self._find(BatchFact, self._statements.batches, batches, before)

    def batches_by_gtin(self, gtins: Sequence[str], before: int | None = None) -> list[BatchFact]:
        """GTINs of 14 digits."""
        return self._find(BatchFact, self._statements.batches_by_gtin, gtins, before)

    def batches_by_trace_code(self, codes: Sequence[str], before: int | None = None) -> list[BatchFact]:
        return self._find(BatchFact, self._statements.batches_by_trace_code, codes, before)

    def batches_of_merchant(self, merchant: str, before: int | None = None) -> list[BatchFact]:
        """Receipts of every batch that the merchant has ever held, whoever received it first."""
        return _as(BatchFact, self._statements.batches_of_merchant.rows(self._run, merchant, _limit(before)))

    def movements_by_batch(self, batches: Sequence[str], before: int | None = None) -> list[MovementFact]:
        return self._find(MovementFact, self._statements.movements_by_batch, batches, before)

    def movements_by_index(self, indexes: Sequence[int], before: int | None = None) -> list[MovementFact]:
        return self._find(MovementFact, self._statements.movements_by_index, indexes, before)

    def movements_of_pairs(
        self, pairs: Sequence[tuple[str, str]], before: int | None = None
    ) -> list[MovementFact]:
        """All movements of these (batch, merchant)."""
        return self._find(MovementFact, self._statements.movements_of_pairs, pairs, before)

    def last_movements(
        self, pairs: Sequence[tuple[str, str]], before: int | None = None
    ) -> dict[tuple[str, str], MovementFact]:
        """The newest movement of each (batch, merchant): its `held` is what is held."""
        rows = self._find(MovementFact, self._statements.last_movements, pairs, before)
        return {(row.batch, row.merchant): row for row in rows}

    def holders_by_merchant(self, merchants: Sequence[str], before: int | None = None) -> list[HolderFact]:
        return self._find(HolderFact, self._statements.holders, merchants, before)

    # Handovers

    def handovers_by_id(self, ids: Sequence[bytes], before: int | None = None) -> list[HandoverFact]:
        return self._find(HandoverFact, self._statements.handovers_by_id, ids, before)

    def handovers_by_index(self, indexes: Sequence[int], before: int | None = None) -> list[HandoverFact]:
        return self._find(HandoverFact, self._statements.handovers_by_index, indexes, before)

    def handovers_of_merchant(self, merchant: str, before: int | None = None) -> list[HandoverFact]:
        """What the merchant sent or was sent."""
        return _as(HandoverFact, self._statements.handovers.rows(self._run, merchant, _limit(before)))

    def handovers_by_receiver(
        self, merchants: Sequence[str], before: int | None = None
    ) -> list[HandoverFact]:
        return self._find(HandoverFact, self._statements.handovers_by_receiver, merchants, before)

    def acceptances_by_handover(
        self, handovers: Sequence[int], before: int | None = None
    ) -> list[AcceptanceFact]:
        return self._find(AcceptanceFact, self._statements.acceptances, handovers, before)

    # Events, checks, corrections

    def events_by_merchant(
        self, merchants: Sequence[str], before: int | None = None
    ) -> list[tuple[str, str, EventFact]]:
        """(merchant, kind, event); those of one merchant in order."""
        rows = self._statements.events.rows(self._run, merchants, _limit(before)) if merchants else []
        return [(row[0], row[1], EventFact._make(row[2:])) for row in rows]

    def late_by_merchant(self, merchants: Sequence[str], before: int | None = None) -> list[StatementFact]:
        """Statements recorded 60 minutes or more after they happened."""
        return self._find(StatementFact, self._statements.late, merchants, before)

    def checks_by_week(self, first: int, last: int, before: int | None = None) -> list[CheckFact]:
        """Checks of the ISO weeks `first` to `last`, both included (202617)."""
        return _as(CheckFact, self._statements.checks_by_week.rows(self._run, first, last, _limit(before)))

    def checks_by_merchant(self, merchants: Sequence[str], before: int | None = None) -> list[CheckFact]:
        return self._find(CheckFact, self._statements.checks, merchants, before)

    def corrections(self, before: int | None = None) -> Iterator[CorrectionFact]:
        return self.rows(CorrectionFact, 0, before)

    def corrections_by_merchant(
        self, merchants: Sequence[str], before: int | None = None
    ) -> list[CorrectionFact]:
        return self._find(CorrectionFact, self._statements.corrections, merchants, before)

    def corrections_by_corrected(
        self, indexes: Sequence[int], before: int | None = None
    ) -> list[CorrectionFact]:
        return self._find(CorrectionFact, self._statements.corrections_by_corrected, indexes, before)

    # Matters of supervision

    def matters(self, keys: Sequence[tuple[str, str]], before: int | None = None) -> list[MatterFact]:
        """All matters under these (topic, key)."""
        return self._find(MatterFact, self._statements.matters, keys, before)

    def matters_of_topic(self, topic: str, before: int | None = None) -> list[MatterFact]:
        """All matters of a topic, whatever their key."""
        return _as(MatterFact, self._statements.matters_of_topic.rows(self._run, topic, _limit(before)))

    # Statements and chains

    def statements_by_id(self, ids: Sequence[bytes], before: int | None = None) -> list[StatementFact]:
        return self._find(StatementFact, self._statements.statements_by_id, ids, before)

    def statements_by_index(self, indexes: Sequence[int], before: int | None = None) -> list[StatementFact]:
        return self._find(StatementFact, self._statements.statements_by_index, indexes, before)

    def chain_heads(self, merchants: Sequence[str], before: int | None = None) -> dict[str, ChainHead]:
        """The newest entry of each merchant that has any."""
        if not merchants:
            return {}
        rows = self._statements.chain_heads.rows(self._run, merchants, _limit(before))
        return {row[0]: ChainHead._make(row) for row in rows}

    # Whole tables

    def rows(self, row: type[R], start: int = 0, stop: int | None = None) -> Iterator[R]:
        """Rows of one fact with start <= index < stop, in order of (index, line), read in pages."""
        # A bounded type variable is not known to be one of the union it is bound by.
        fact = cast("type[FactRow]", row)
        limit = _limit(stop)
        columns = [row._fields.index(name) for name in row_order(fact)]
        page = self._statements.page(fact, following=False).rows(self._run, start, limit)
        while page:
            yield from _as(row, page)
            if len(page) < PAGE:
                return
            seen = [page[-1][column] for column in columns]
            page = self._statements.page(fact, following=True).rows(self._run, *seen, limit)
