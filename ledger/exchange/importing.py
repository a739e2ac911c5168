"""Rows of a spreadsheet into receipts (`goods.received`), and the rows that cannot be taken in, with reasons.

    mapping = load_mapping(Path("examples/scms.toml"))
    run = open_import(Path("scms.tsv"), mapping, merchant="92410104MACU00014Y")
    for one in run:
        match one:
            case ImportedReceipt():
                ...                                # one.body, one.occurred_at; one.rows it was made from
            case Reject():
                ...                                # one.row, one.column, one.reason, one.value
    run.notes                                      # what was detected rather than stated

Every row below the headings ends in exactly one receipt or exactly one reject. Rows of one group become one
receipt with several lines, wherever in the file they stand. What belongs to the receipt as a whole must be
the same in all of them: a row that differs from the first is rejected with both values. A row at fault does
not keep back the others of its group.

Running the same file through the same mapping again gives the same receipts with the same `id_seed`;
`stable_uuid7` makes the id of a statement from it. The seed covers the source, the group and the batches,
so that rejected rows can be mended and brought in later as a receipt of their own.

Signing and appending are the caller's; writing the rejects down is in `rejects`.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from ledger.errors import UsageError
from ledger.exchange.mapping import SheetMapping
from ledger.exchange.receipts import Head, Line, ReceiptMaker, Salt
from ledger.exchange.rejects import (
    Reject,
    is_reject_file,
    is_reject_header,
    unwrapped,
    without_reject_columns,
)
from ledger.exchange.rules import RowFault, readable
from ledger.exchange.sheet_rows import Row, Sheet, cell_text
from ledger.exchange.sheets import open_sheet
from ledger.log import canonical
from ledger.log.canonical import JSON
from ledger.messages import Message

_OUT_OF_REJECTS: Final = Message("this is a file of rejected rows: its first four columns are left out")
MAX_LINES: Final = 200
"""Lines a receipt may have, as its schema says."""
ENTRY_OVERHEAD: Final = 1_500
"""Bytes of an entry beside the body: one signature, and a name of the ledger of ample length."""


@dataclass(frozen=True, slots=True)
class ImportedReceipt:
    """One receipt, ready to be signed.

    `body` is that of a ``goods.received``; `occurred_at` RFC 3339 with offset; `rows` the numbers of the
    rows it was made from, one for each line; `disclosures` what was sealed on the way (format version 1,
    section 8), to be kept beside the ledger.
    """

    body: dict[str, JSON]
    occurred_at: str
    merchant: str | None
    rows: tuple[int, ...]
    id_seed: str
    disclosures: tuple[str, ...] = ()


class _Taken(NamedTuple):
    """A row that fits its group."""

    row: Row
    line: Line


@dataclass(slots=True)
class _Group:
    """Rows that share a key. `first` is the row all others are compared with."""

    key: tuple[str, ...]
    head: Head | None = None
    taken: list[_Taken] = field(default_factory=list)
    faults: list[tuple[Row, RowFault]] = field(default_factory=list)


class SheetImport:
    """One run over one sheet, to be iterated once. Counts and `rejected_rows` are complete at its end."""

    def __init__(
        self, sheet: Sheet, mapping: SheetMapping, *, merchant: str | None = None, salt: Salt | None = None
    ) -> None:
        """`merchant` goes before the mapping's own; `salt` is for sealed values. Raises SheetError."""
        self.sheet = sheet
        self.mapping = mapping
        self.notes = sheet.notes
        self.rows_read = 0
        self.rows_imported = 0
        self.receipts = 0
        self.rejected_rows: dict[int, tuple[str, ...]] = {}
        """Row number to its cells as words, for `rejects.write_rejects`."""
        self.header = sheet.header
        self._again = is_reject_header(sheet.header)
        if self._again:
            self.header = without_reject_columns(sheet.header)
            self.notes = (*self.notes, _OUT_OF_REJECTS)
        mapping.check(self.header)
        self._maker = ReceiptMaker(mapping, merchant=merchant, salt=salt)
        self._batches: dict[str, int] = {}

    @property
    def rows_rejected(self) -> int:
        return len(self.rejected_rows)

    def __iter__(self) -> Iterator[ImportedReceipt | Reject]:
        """Rejects of rows without a group first, then group by group as in the file. Raises SheetError."""
        groups: dict[tuple[str, ...], _Group] = {}
        rows = self.sheet.rows()
        for row in map(unwrapped, rows) if self._again else rows:
            self.rows_read += 1
            fault = self._take(row, groups)
            if fault is not None:
                yield self._reject(row, fault)
        for group in groups.values():
            yield from self._finish(group)

    def _take(self, row: Row, groups: dict[tuple[str, ...], _Group]) -> RowFault | None:
        """Put a row into its group; a fault if it has none."""
        if row.fault is not None:
            return RowFault(None, row.fault)
        cells = dict(zip(self.header, row.cells, strict=True))
        try:
            key = tuple(readable(cells, column).strip() for column in self.mapping.group_by)
        except RowFault as fault:
            return fault
        if not any(key):
            return RowFault(
                self.mapping.group_by[0],
                Message(
                    "nothing says to which receipt this row belongs: fill it in, in merged cells in every row"
                ),
            )
        group = groups.setdefault(key, _Group(key))
        try:
            head, line = self._maker.read(cells)
            if group.head is None:
                self._claim(line, row)
                group.head = head
            else:
                self._maker.compare(group.head, head, cells, group.taken[0].row.number)
                self._claim(line, row)
        except RowFault as fault:
            group.faults.append((row, fault))
        else:
            group.taken.append(_Taken(row, line))
        return None

    def _claim(self, line: Line, row: Row) -> None:
        earlier = self._batches.setdefault(line.batch, row.number)
        if earlier != row.number:
            raise RowFault(
                self._maker.batch_column,
                Message(
                    "batch {batch} stands already in row {earlier}: each batch comes in once, "
                    "so add the quantities up or give it a batch id of its own",
                    batch=line.batch,
                    earlier=earlier,
                ),
                line.batch,
            )

    def _finish(self, group: _Group) -> Iterator[ImportedReceipt | Reject]:
        made = None
        if group.head is not None:
            try:
                made = self._receipt(group, group.head)
            except RowFault as fault:
                group.faults.extend((taken.row, fault) for taken in group.taken)
        if made is not None:
            self.receipts += 1
            self.rows_imported += len(made.rows)
            yield made
        for row, why in sorted(group.faults, key=lambda one: one[0].number):
            reason = why.reason
            if made is not None:
                reason = Message(
                    "{problem}; the other rows of {receipt} were taken in",
                    problem=reason,
                    receipt=self._named(group),
                )
            yield self._reject(row, RowFault(why.column, reason, why.value))

    def _receipt(self, group: _Group, head: Head) -> ImportedReceipt:
        """Raises RowFault for all rows of the group."""
        count = len(group.taken)
        remedy = Message(
            "add a column to group_by in the mapping that divides {receipt}", receipt=self._named(group)
        )
        if count > MAX_LINES:
            raise RowFault(
                self.mapping.group_by[0],
                Message(
                    "a receipt has at most {max_lines} lines, this one {count}: {remedy}",
                    max_lines=MAX_LINES,
                    count=count,
                    remedy=remedy,
                ),
            )
        lines = [taken.line for taken in group.taken]
        seed = seed_text(self.mapping.source.id, group.key, tuple(line.batch for line in lines))
        body, disclosures = self._maker.body(head, lines, seed)
        size = len(orjson.dumps(body)) + ENTRY_OVERHEAD  # canonical bytes differ in the order of keys alone
        if size > canonical.MAX_BYTES:
            raise RowFault(
                self.mapping.group_by[0],
                Message(
                    "a receipt of these {count} rows takes {size:,} bytes, an entry holds "
                    "{max_bytes:,}: keep fewer or shorter references in the mapping, or {remedy}",
                    count=count,
                    size=size,
                    max_bytes=canonical.MAX_BYTES,
                    remedy=remedy,
                ),
            )
        rows = tuple(taken.row.number for taken in group.taken)
        return ImportedReceipt(body, head.occurred_at, head.merchant, rows, seed, disclosures)

    def _named(self, group: _Group) -> Message:
        return Message("receipt {key}", key=" / ".join(part for part in group.key if part))

    def _reject(self, row: Row, fault: RowFault) -> Reject:
        self.rejected_rows[row.number] = tuple(map(cell_text, row.cells))
        return Reject(row.number, fault.column, fault.reason, fault.value)


def open_import(
    path: Path, mapping: SheetMapping, *, merchant: str | None = None, salt: Salt | None = None
) -> SheetImport:
    """Open a file as its mapping says. Raises SheetError."""
    source = mapping.source
    if is_reject_file(path):
        sheet = open_sheet(path, delimiter="comma")
    else:
        sheet = open_sheet(
            path,
            encoding=source.encoding,
            delimiter=source.delimiter,
            sheet=source.sheet,
            header_row=source.header_row,
        )
    return SheetImport(sheet, mapping, merchant=merchant, salt=salt)


def seed_text(source: str, key: tuple[str, ...], batches: tuple[str, ...]) -> str:
    """What names one receipt of one source, the same on every run.

    >>> seed_text("scms", ("ASN-8",), ("SCMS-1",))
    '["scms",["ASN-8"],["SCMS-1"]]'
    """
    return json.dumps([source, key, batches], ensure_ascii=False, separators=(",", ":"))


def stable_uuid7(ms: int, seed: str) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of a time in ms since 1970, its other bits from a seed by SHA-256.

    Raises UsageError for a time before 1970 or after the year 10889, which a UUIDv7 cannot carry.

    >>> stable_uuid7(1149206400000, "x") == stable_uuid7(1149206400000, "x")
    True
    """
    if not 0 <= ms < 1 << 48:
        raise UsageError("{ms} ms after 1970 does not fit an id: correct the date", ms=ms)
    bits = int.from_bytes(sha256(seed.encode("utf-8", "surrogatepass")).digest()[:10], "big")
    high, low = bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    return str(uuid.UUID(int=ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))


def secret_salt(key: bytes) -> Callable[[str], bytes]:
    """Salts for sealed values that are the same on every run and that nobody without the key can guess.

    `key` is at least 16 random bytes that the importing side keeps to itself. A salt made without a secret
    would let anyone try out phone numbers until the digest fits.
    """
    if len(key) < 16:
        raise UsageError("a key for salts has at least 16 bytes")
    return lambda seed: hmac.digest(key, seed.encode(), "sha256")[:16]


__all__ = [
    "ImportedReceipt",
    "Reject",
    "SheetImport",
    "open_import",
    "secret_salt",
    "seed_text",
    "stable_uuid7",
]
