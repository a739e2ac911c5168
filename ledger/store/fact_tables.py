"""The tables of the facts: for each row type of `facts` one with the same columns in the same order.

What it does: declares them as SQLModel tables with their indexes, so that rows travel as plain tuples. Every table here
can be dropped and made again from the entries; a change of them is a new schema version (`engine`).

Where an entry gives one row, `index` is SQLite's row number; where it gives several, the table is WITHOUT ROWID under
its whole key.

>>> StatementFact._fields == tuple(column.name for column in FACT_TABLES[StatementFact].columns)
True
"""

# No `from __future__ import annotations`: SQLModel reads the types.
from sqlalchemy import Index, LargeBinary, Table, text
from sqlmodel import Field, SQLModel

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
    RulesetFact,
    StatementFact,
)
from ledger.store.tables import Big, table_of


class _OnePerEntry(SQLModel):
    """The key of a fact with one row per entry: SQLite's row number."""

    index: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})


class _Line(SQLModel):
    """The key of a fact with several rows per entry."""

    index: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


_CLUSTERED = {"sqlite_with_rowid": False}
_LATE = text(f"late_minutes >= {LATE_MINUTES}")


class StatementTable(_OnePerEntry, table=True):
    __tablename__ = "fact_statement"
    __table_args__ = (
        Index("fact_statement_id", "id", unique=True),
        Index("fact_statement_chain", "merchant", "merchant_seq", unique=True),
        Index("fact_statement_late", "merchant", sqlite_where=_LATE),
    )

    id: bytes = Field(sa_type=LargeBinary)
    kind: str
    merchant: str | None
    merchant_seq: int | None = Field(sa_type=Big)
    late_minutes: int = Field(sa_type=Big)


class GrantTable(_OnePerEntry, table=True):
    __tablename__ = "fact_grant"

    keyid: str = Field(index=True)
    role: str
    scope: str = Field(index=True)
    holder: str | None
    public_key: str


class RevocationTable(_OnePerEntry, table=True):
    __tablename__ = "fact_revocation"

    keyid: str = Field(index=True)
    compromised_from: int | None = Field(sa_type=Big)


class RulesetTable(_OnePerEntry, table=True):
    __tablename__ = "fact_ruleset"

    code: str
    body: str


class MerchantTable(_OnePerEntry, table=True):
    __tablename__ = "fact_merchant"

    merchant: str = Field(index=True)
    name: str
    grid: str
    place_kind: str
    goods_classes: str
    supervisor: str | None
    zones: str
    day: int


class BatchTable(_Line, table=True):
    __tablename__ = "fact_batch"
    # Not unique: a receipt that was corrected and stated again names its batches twice.
    __table_args__ = (
        Index("fact_batch_batch", "batch"),
        Index("fact_batch_gtin", "gtin", sqlite_where=text("gtin IS NOT NULL")),
        Index("fact_batch_trace_code", "trace_code", sqlite_where=text("trace_code IS NOT NULL")),
        _CLUSTERED,
    )

    batch: str
    merchant: str
    unit: str
    goods_class: str
    name: str
    documents: str
    stated: int
    arrival: int | None
    gtin: str | None
    lot: str | None
    trace_code: str | None


class MovementTable(_Line, table=True):
    __tablename__ = "fact_movement"
    __table_args__ = (Index("fact_movement_holding", "batch", "merchant", "index", "line"), _CLUSTERED)

    batch: str
    merchant: str
    action: str
    amount: int = Field(sa_type=Big)
    held: int = Field(sa_type=Big)
    other: str | None


class HolderTable(SQLModel, table=True):
    __tablename__ = "fact_holder"
    # The second way in is for comparing with a replay, which goes by entry.
    __table_args__ = (Index("fact_holder_index", "index", "merchant", "batch"), _CLUSTERED)

    index: int = Field(sa_type=Big)
    merchant: str = Field(primary_key=True)
    batch: str = Field(primary_key=True)


class HandoverTable(_OnePerEntry, table=True):
    # Found by id through fact_statement, which has the index already.
    __tablename__ = "fact_handover"

    id: bytes = Field(sa_type=LargeBinary)
    sender: str = Field(index=True)
    receiver: str = Field(index=True)
    occurred: int = Field(sa_type=Big)


class AcceptanceTable(_OnePerEntry, table=True):
    __tablename__ = "fact_acceptance"

    handover: int = Field(index=True, sa_type=Big)


class EventTable(_OnePerEntry, table=True):
    __tablename__ = "fact_event"

    start: int | None = Field(sa_type=Big)
    end: int | None = Field(sa_type=Big)
    low: int | None
    high: int | None
    missing: int | None
    subject: str


class CheckTable(_OnePerEntry, table=True):
    # Found by merchant through fact_statement: a second index by merchant would cost more than it saves.
    __tablename__ = "fact_check"

    merchant: str
    seen: int = Field(sa_type=Big)
    week: int = Field(index=True)
    day: int
    findings: int
    officers: str


class CorrectionTable(_OnePerEntry, table=True):
    __tablename__ = "fact_correction"

    merchant: str = Field(index=True)
    corrected: int = Field(index=True, sa_type=Big)


class MatterTable(_Line, table=True):
    __tablename__ = "fact_matter"
    __table_args__ = (Index("fact_matter_key", "topic", "key", "index", "line"), _CLUSTERED)

    topic: str
    key: str
    value: str


_MODELS: dict[type[FactRow], type[SQLModel]] = {
    StatementFact: StatementTable,
    GrantFact: GrantTable,
    RevocationFact: RevocationTable,
    RulesetFact: RulesetTable,
    MerchantFact: MerchantTable,
    BatchFact: BatchTable,
    MovementFact: MovementTable,
    HolderFact: HolderTable,
    HandoverFact: HandoverTable,
    AcceptanceFact: AcceptanceTable,
    EventFact: EventTable,
    CheckFact: CheckTable,
    CorrectionFact: CorrectionTable,
    MatterFact: MatterTable,
}

#: Row type -> its table.
FACT_TABLES: dict[type[FactRow], Table] = {row: table_of(model) for row, model in _MODELS.items()}
