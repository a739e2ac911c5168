"""Facts: what custody has derived from entries, as row types and tables.

What it does: one NamedTuple per fact, and one SQLModel table with the same columns in the same order, so
that rows travel as plain tuples. What a fact means and how it is derived belongs to `ledger.custody`; every
table here can be dropped and rebuilt from the entries.

All facts begin with `index`, the entry they come from, so "as of N" is always `index < N`. Where an entry
gives one row, `index` is SQLite's row number; where it gives several, the table is WITHOUT ROWID under its
whole key.

>>> StatementFact._fields == tuple(column.name for column in FACT_TABLES[StatementFact].columns)
True
"""

# No `from __future__ import annotations`: SQLModel reads the types.
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Index, LargeBinary, Table, text
from sqlmodel import Field, SQLModel

from ledger.store.tables import Big, table_of

#: From how many minutes on a statement counts as late in the index of late statements.
LATE_MINUTES = 60

# Every row type has a field `index`. It hides the method tuple.index, which nobody wants of a row: hence
# the ignores.


class StatementFact(NamedTuple):
    """Every entry: id (16 bytes) and kind of its statement, place in its merchant's chain, delay."""

    index: int  # type: ignore[assignment]
    id: bytes
    kind: str
    merchant: str | None
    merchant_seq: int | None
    late_minutes: int


class GrantFact(NamedTuple):
    """key.granted. `public_key`: base64 SubjectPublicKeyInfo; `holder`: pseudonym of the person, if any."""

    index: int  # type: ignore[assignment]
    keyid: str
    role: str
    scope: str
    holder: str | None
    public_key: str


class RevocationFact(NamedTuple):
    """key.revoked. `compromised_from`: entry index from which the key counts as compromised."""

    index: int  # type: ignore[assignment]
    keyid: str
    compromised_from: int | None


class RulesetFact(NamedTuple):
    """ruleset.published. `body`: canonical JSON of the whole body."""

    index: int  # type: ignore[assignment]
    code: str
    body: str


class MerchantFact(NamedTuple):
    """merchant.enrolled.

    `goods_classes`: comma separated; `zones`: canonical JSON list; `day`: date.toordinal of the author's day.
    """

    index: int  # type: ignore[assignment]
    merchant: str
    name: str
    grid: str
    place_kind: str
    goods_classes: str
    supervisor: str | None
    zones: str
    day: int


class BatchFact(NamedTuple):
    """A line of goods.received.

    `documents`: "type[:valid_to],…"; `stated`: bits 1 supplier, 2 transport, 4 unloading; `arrival`: hundredths of a
    degree Celsius.
    """

    index: int  # type: ignore[assignment]
    line: int
    batch: str
    merchant: str
    unit: str
    goods_class: str
    name: str
    documents: str
    stated: int
    arrival: int | None


class MovementFact(NamedTuple):
    """One change of what a merchant holds. `amount`, `held` (after it): millionths of the batch's unit."""

    index: int  # type: ignore[assignment]
    line: int
    batch: str
    merchant: str
    action: str
    amount: int
    held: int
    other: str | None


class HolderFact(NamedTuple):
    """The first entry by which this merchant held this batch."""

    index: int  # type: ignore[assignment]
    merchant: str
    batch: str


class HandoverFact(NamedTuple):
    """goods.handed_over. `id`: 16 bytes, the statement's; `occurred`: unix seconds."""

    index: int  # type: ignore[assignment]
    id: bytes
    sender: str
    receiver: str
    occurred: int


class AcceptanceFact(NamedTuple):
    """goods.accepted. `handover`: entry index of the handover."""

    index: int  # type: ignore[assignment]
    handover: int


class EventFact(NamedTuple):
    """Disinfection, temperature, attestation, commitment, briefing.

    `start`, `end`: unix seconds; `low`, `high`: hundredths of a degree Celsius; `missing`: minutes without
    readings.
    """

    index: int  # type: ignore[assignment]
    start: int | None
    end: int | None
    low: int | None
    high: int | None
    missing: int | None
    subject: str


class CheckFact(NamedTuple):
    """inspection.recorded.

    `seen`: size of the checkpoint it was made against; `week`: ISO, as 202617; `day`: date.toordinal; `findings`: how
    many stand, not waived; `officers`: keyids, comma separated.
    """

    index: int  # type: ignore[assignment]
    merchant: str
    seen: int
    week: int
    day: int
    findings: int
    officers: str


class CorrectionFact(NamedTuple):
    """statement.corrected. `corrected`: entry index, of the same merchant."""

    index: int  # type: ignore[assignment]
    merchant: str
    corrected: int


class MatterFact(NamedTuple):
    """What a statement of supervision adds, under a topic and a key: duties, findings, orders, cards, seals, notices.

    They are few and of many kinds, so they share one table: `value` is the canonical JSON of an object that
    `ledger.custody.supervision` gives a type to.
    """

    index: int  # type: ignore[assignment]
    line: int
    topic: str
    key: str
    value: str


FactRow = (
    StatementFact
    | GrantFact
    | RevocationFact
    | RulesetFact
    | MerchantFact
    | BatchFact
    | MovementFact
    | HolderFact
    | HandoverFact
    | AcceptanceFact
    | EventFact
    | CheckFact
    | CorrectionFact
    | MatterFact
)
#: What one commit, or one step of a rebuild, brings: rows by their type.
FactBatch = Mapping[type[FactRow], Sequence[FactRow]]


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
        Index("fact_statement_late", "merchant", sqlite_where=_LATE, postgresql_where=_LATE),
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
    scope: str
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
    __table_args__ = (Index("fact_batch_batch", "batch"), _CLUSTERED)

    batch: str
    merchant: str
    unit: str
    goods_class: str
    name: str
    documents: str
    stated: int
    arrival: int | None


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


def row_order(row: type[FactRow]) -> tuple[str, ...]:
    """The columns that order a fact's rows: `index`, then what tells the rows of one entry apart."""
    if row is HolderFact:
        return ("index", "merchant", "batch")
    return ("index", "line") if "line" in row._fields else ("index",)
