"""How the questions of `reader.py` read in SQL.

What it does: writes each question as a SQLAlchemy select on the SQLModel tables, and keeps them compiled
for one database. Another database can answer the same questions; it only has to bring a `Run`.

Every question is answered by an index (a test reads the query plans): no look-up walks a table.

>>> print(_by(CorrectionFact, "corrected")(2))           # doctest: +NORMALIZE_WHITESPACE
SELECT fact_correction.index, fact_correction.corrected
FROM fact_correction
WHERE fact_correction.corrected IN (:k0, :k1) AND fact_correction.index < :before
ORDER BY fact_correction.index
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, literal_column, or_, select, union_all

from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import (
    LATE_MINUTES,
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
    StatementFact,
    row_order,
)
from ledger.store.statements import Lookup, Question, key_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column, CompoundSelect
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import BindParameter, ColumnElement

#: Rows read at a time where a whole table is walked.
PAGE = 1_000

_STATEMENT = FACT_TABLES[StatementFact].c
_MOVEMENT = FACT_TABLES[MovementFact].c
_HANDOVER = FACT_TABLES[HandoverFact].c


def _key(name: str, column: Column[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=column.type)


def _before(column: Column[Any]) -> ColumnElement[bool]:
    return column < bindparam("before", type_=column.type)


def _ordered(row: type[FactRow]) -> list[Column[Any]]:
    return [FACT_TABLES[row].c[name] for name in row_order(row)]


def _by(row: type[FactRow], column: str) -> Callable[[int], Select[Any]]:
    """SELECT row WHERE column IN (k0, k1 …) AND index < before."""
    table = FACT_TABLES[row]

    def build(length: int) -> Select[Any]:
        keys = [_key(name, table.c[column]) for name in key_names(length)]
        return (
            select(table).where(table.c[column].in_(keys), _before(table.c["index"])).order_by(*_ordered(row))
        )

    return build


def _matters(length: int) -> Select[Any]:
    matter = FACT_TABLES[MatterFact].c
    pairs = [
        and_(
            matter.topic == _key(f"k{number}_0", matter.topic),
            matter.key == _key(f"k{number}_1", matter.key),
            _before(matter["index"]),
        )
        for number in range(length)
    ]
    return select(FACT_TABLES[MatterFact]).where(or_(*pairs)).order_by(*_ordered(MatterFact))


def _matters_of_topic() -> Select[Any]:
    matter = FACT_TABLES[MatterFact].c
    # As an expression, `index` cannot draw the query to the primary key, by which it would walk all topics.
    index = matter["index"] + literal_column("0")
    return (
        select(FACT_TABLES[MatterFact])
        .where(matter.topic == _key("topic", matter.topic), index < bindparam("before"))
        .order_by(index, matter.line)
    )


def _movements_of_pairs(length: int) -> Select[Any]:
    pairs = [
        and_(
            _MOVEMENT.batch == _key(f"k{number}_0", _MOVEMENT.batch),
            _MOVEMENT.merchant == _key(f"k{number}_1", _MOVEMENT.merchant),
            _before(_MOVEMENT["index"]),
        )
        for number in range(length)
    ]
    return select(FACT_TABLES[MovementFact]).where(or_(*pairs)).order_by(*_ordered(MovementFact))


def _union(branches: list[Select[Any]]) -> CompoundSelect[Any]:
    # SQLite takes ORDER BY and LIMIT in a branch only inside a subselect.
    return union_all(*(select(branch.subquery(f"b{number}")) for number, branch in enumerate(branches)))


def _last_movements(length: int) -> CompoundSelect[Any]:
    return _union(
        [
            select(FACT_TABLES[MovementFact])
            .where(
                _MOVEMENT.batch == _key(f"k{number}_0", _MOVEMENT.batch),
                _MOVEMENT.merchant == _key(f"k{number}_1", _MOVEMENT.merchant),
                _before(_MOVEMENT["index"]),
            )
            .order_by(_MOVEMENT["index"].desc(), _MOVEMENT.line.desc())
            .limit(1)
            for number in range(length)
        ]
    )


def _chain_heads(length: int) -> CompoundSelect[Any]:
    return _union(
        [
            select(_STATEMENT.merchant, _STATEMENT.merchant_seq, _STATEMENT["index"])
            .where(_STATEMENT.merchant == _key(name, _STATEMENT.merchant), _before(_STATEMENT["index"]))
            .order_by(_STATEMENT.merchant_seq.desc())
            .limit(1)
            for name in key_names(length)
        ]
    )


def _handovers_by_id(length: int) -> Select[Any]:
    keys = [_key(name, _STATEMENT.id) for name in key_names(length)]
    return (
        select(FACT_TABLES[HandoverFact])
        .join_from(
            FACT_TABLES[StatementFact], FACT_TABLES[HandoverFact], _STATEMENT["index"] == _HANDOVER["index"]
        )
        .where(_STATEMENT.id.in_(keys), _before(_HANDOVER["index"]))
        .order_by(_HANDOVER["index"])
    )


def _events_by_merchant(length: int) -> Select[Any]:
    """SELECT merchant, kind, event: an event has no merchant of its own, its statement has."""
    keys = [_key(name, _STATEMENT.merchant) for name in key_names(length)]
    event = FACT_TABLES[EventFact]
    return (
        select(_STATEMENT.merchant, _STATEMENT.kind, event)
        .join_from(FACT_TABLES[StatementFact], event, _STATEMENT["index"] == event.c["index"])
        .where(_STATEMENT.merchant.in_(keys), _before(_STATEMENT["index"]))
        .order_by(event.c["index"])
    )


def _batches_of_merchant() -> Select[Any]:
    holder, batch = FACT_TABLES[HolderFact].c, FACT_TABLES[BatchFact].c
    return (
        select(FACT_TABLES[BatchFact])
        .join_from(FACT_TABLES[HolderFact], FACT_TABLES[BatchFact], holder.batch == batch.batch)
        .where(
            holder.merchant == _key("merchant", holder.merchant),
            _before(holder["index"]),
            _before(batch["index"]),
        )
        .order_by(batch["index"], batch.line)
    )


def _late_by_merchant(length: int) -> Select[Any]:
    keys = [_key(name, _STATEMENT.merchant) for name in key_names(length)]
    return (
        select(FACT_TABLES[StatementFact])
        # A literal, not a parameter: only then the partial index is known to hold all the rows.
        .where(_STATEMENT.late_minutes >= literal_column(str(LATE_MINUTES)))
        .where(_STATEMENT.merchant.in_(keys), _before(_STATEMENT["index"]))
        .order_by(_STATEMENT["index"])
    )


def _handovers_of_merchant() -> Select[Any]:
    merchant = _key("merchant", _HANDOVER.sender)
    return (
        select(FACT_TABLES[HandoverFact])
        .where(or_(_HANDOVER.sender == merchant, _HANDOVER.receiver == merchant), _before(_HANDOVER["index"]))
        .order_by(_HANDOVER["index"])
    )


def _checks_by_merchant(length: int) -> Select[Any]:
    keys = [_key(name, _STATEMENT.merchant) for name in key_names(length)]
    check = FACT_TABLES[CheckFact].c
    return (
        select(FACT_TABLES[CheckFact])
        .join_from(FACT_TABLES[StatementFact], FACT_TABLES[CheckFact], _STATEMENT["index"] == check["index"])
        .where(_STATEMENT.merchant.in_(keys), _before(_STATEMENT["index"]))
        .order_by(check["index"])
    )


def _checks_by_week() -> Select[Any]:
    check = FACT_TABLES[CheckFact].c
    # As an expression, `index` cannot draw the query to the primary key, by which it would walk all checks.
    index = check["index"] + literal_column("0")
    return (
        select(FACT_TABLES[CheckFact])
        .where(check.week.between(bindparam("first"), bindparam("last")), index < bindparam("before"))
        .order_by(index)
    )


def _page(row: type[FactRow], *, following: bool) -> Select[Any]:
    """One page of a whole fact table: from `start` on, or following a row already seen (keyset paging)."""
    table = FACT_TABLES[row]
    order = _ordered(row)
    if following:
        # (a, b) > (x, y) written out: a >= x lets every database use its index.
        seen = [bindparam(f"seen{place}", type_=column.type) for place, column in enumerate(order)]
        after: ColumnElement[bool] = order[-1] > seen[-1]
        for column, value in zip(order[-2::-1], seen[-2::-1], strict=True):
            after = or_(column > value, and_(column == value, after))
        start = and_(order[0] >= seen[0], after)
    else:
        start = order[0] >= bindparam("start", type_=order[0].type)
    return select(table).where(start, _before(order[0])).order_by(*order).limit(PAGE)


class FactStatements:
    """All questions for one database, each compiled when first asked; shared by all readers of a store."""

    def __init__(self, dialect: Dialect) -> None:
        def by(row: type[FactRow], column: str) -> Lookup:
            return Lookup(_by(row, column), dialect)

        self._dialect = dialect
        self._pages: dict[tuple[type[FactRow], bool], Question] = {}
        self.grants = by(GrantFact, "keyid")
        self.revocations = by(RevocationFact, "keyid")
        self.merchants = by(MerchantFact, "merchant")
        self.grants_by_scope = by(GrantFact, "scope")
        self.batches = by(BatchFact, "batch")
        self.batches_by_gtin = by(BatchFact, "gtin")
        self.batches_by_trace_code = by(BatchFact, "trace_code")
        self.matters = Lookup(_matters, dialect, width=2)
        self.matters_of_topic = Question(_matters_of_topic, ("topic", "before"), dialect)
        self.movements_by_batch = by(MovementFact, "batch")
        self.movements_by_index = by(MovementFact, "index")
        self.movements_of_pairs = Lookup(_movements_of_pairs, dialect, width=2)
        self.last_movements = Lookup(_last_movements, dialect, width=2)
        self.holders = by(HolderFact, "merchant")
        self.handovers_by_id = Lookup(_handovers_by_id, dialect)
        self.handovers_by_index = by(HandoverFact, "index")
        self.acceptances = by(AcceptanceFact, "handover")
        self.corrections = by(CorrectionFact, "merchant")
        self.corrections_by_corrected = by(CorrectionFact, "corrected")
        self.checks = Lookup(_checks_by_merchant, dialect)
        self.handovers_by_receiver = by(HandoverFact, "receiver")
        self.statements_by_id = by(StatementFact, "id")
        self.statements_by_index = by(StatementFact, "index")
        self.chain_heads = Lookup(_chain_heads, dialect)
        of_merchant = ("merchant", "before")
        self.events = Lookup(_events_by_merchant, dialect)
        self.checks_by_week = Question(_checks_by_week, ("first", "last", "before"), dialect)
        self.late = Lookup(_late_by_merchant, dialect)
        self.handovers = Question(_handovers_of_merchant, of_merchant, dialect)
        self.batches_of_merchant = Question(_batches_of_merchant, of_merchant, dialect)

    def page(self, row: type[FactRow], *, following: bool) -> Question:
        """A page of a whole fact: takes (start, before), or the key last seen and then before."""
        question = self._pages.get((row, following))
        if question is None:
            seen = [f"seen{place}" for place in range(len(row_order(row)))]
            names = (*seen, "before") if following else ("start", "before")
            question = Question(lambda: _page(row, following=following), names, self._dialect)
            self._pages[row, following] = question
        return question
