"""Facts: what custody has derived from entries, as row types.

What it does: one NamedTuple per fact. What a fact means and how it is derived belongs to `ledger.custody`, the table
of each to `fact_tables`.

All facts begin with `index`, the entry they come from, so "as of N" is always `index < N`.

>>> row_order(BatchFact)
('index', 'line')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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
    degree Celsius; `gtin`: of 14 digits.
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
    gtin: str | None
    lot: str | None
    trace_code: str | None


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


def row_order(row: type[FactRow]) -> tuple[str, ...]:
    """The columns that order a fact's rows: `index`, then what tells the rows of one entry apart."""
    if row is HolderFact:
        return ("index", "merchant", "batch")
    return ("index", "line") if "line" in row._fields else ("index",)
