"""A ledger in memory that tests can tamper with in any way, and one made anew as an insider could.

    source = chain(said, commits=[5, 9]).source()    # a Source over copies
    source.data[7] = …                               # and now it is damaged

`chain` makes entries, tiles, checkpoints and facts of any signed statements, as somebody with the database and the
log's key could: it does not ask whether the statements are allowed.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

import orjson

from ledger.audit.report import Fault, Report
from ledger.audit.source import Attached, StoredNote
from ledger.custody.admission import Candidate, judge, statement_fact, take_effect
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.custody.rules import RULES
from ledger.errors import LedgerError, SourceError
from ledger.log import NoteSigner, PrivateKey, TileWriter, canonical, checkpoint, entry, statement
from ledger.log.entry import Entry
from ledger.log.statement import Envelope
from ledger.log.times import format_utc
from ledger.log.tree import CompactRange
from ledger.messages import Message
from ledger.store.fact_tables import FACT_TABLES
from ledger.store.facts import FactRow, row_order
from ledger_schemas import LedgerOpened

ORIGIN = "custody.example/audit"

Json = dict[str, Any]  # any JSON object


def key(name: str, algorithm: str = "ed25519") -> PrivateKey:
    rng = Random(f"audit {name}")
    if algorithm == "p256":
        return PrivateKey.from_p256_scalar(rng.randrange(1, 2**255))
    return PrivateKey.from_seed(rng.randbytes(32))


LOG_KEY = key("log")
SIGNER = NoteSigner(ORIGIN, LOG_KEY)
VKEY = SIGNER.verifier.vkey


class Said(NamedTuple):
    """A signed statement and when the ledger took it in, milliseconds since 1970."""

    envelope: Envelope
    recorded_ms: int


@dataclass
class MemorySource:
    """A `Source` whose every part can be changed."""

    data: list[bytes]
    notes: list[tuple[int, bytes]]
    tiles: dict[tuple[int, int], bytes]
    rows: dict[type[FactRow], list[tuple[Any, ...]]] | None
    blobs: dict[str, bytes]
    vkey: str | None = VKEY
    newest: bytes | None = None
    """Stands in for the last of `notes`."""
    filed: dict[int, int] = field(default_factory=dict)
    """Places of entries that are filed under another index."""
    unreadable: set[int] = field(default_factory=set)
    odd: list[Message] = field(default_factory=list)
    name: str = "memory"

    def checkpoint(self) -> bytes:
        if self.newest is None and not self.notes:
            raise SourceError("there is no checkpoint")
        return self.newest if self.newest is not None else self.notes[-1][1]

    def checkpoints(self) -> Iterator[StoredNote]:
        return (StoredNote(size, note) for size, note in self.notes)

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        for place, data in enumerate(self.data):
            filed = self.filed.get(place, place)
            if start <= filed < stop:
                if place in self.unreadable:
                    raise SourceError("is damaged", index=place)
                yield filed, data

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        return self.tiles.get((level, number))

    def attachment(self, sha256: str) -> Attached:
        data = self.blobs.get(sha256)
        if data is None:
            return Attached.ABSENT
        return Attached.SAME if hashlib.sha256(data).hexdigest() == sha256 else Attached.DIFFERS

    def facts(self) -> MemoryFacts | None:
        return None if self.rows is None else MemoryFacts(self.rows)

    def flaws(self) -> list[Fault]:
        return []

    def warnings(self) -> list[Message]:
        return self.odd


class MemoryFacts:
    """Derived tables as lists."""

    def __init__(self, rows: dict[type[FactRow], list[tuple[Any, ...]]]) -> None:
        self._rows = rows

    def tables(self) -> tuple[type[FactRow], ...]:
        return tuple(FACT_TABLES)

    def rows(self, table: type[FactRow], start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        columns = [table._fields.index(name) for name in row_order(table)]
        chosen = [row for row in self._rows[table] if start <= row[0] < stop]
        return iter(sorted(chosen, key=lambda row: [row[column] for column in columns]))

    def beyond(self, table: type[FactRow], size: int) -> Iterator[tuple[Any, ...]]:
        return self.rows(table, size, 2**63)


@dataclass
class Chained:
    """A ledger as it would be stored."""

    said: list[Said]
    commits: list[int]
    """Sizes after each commit."""
    data: list[bytes] = field(default_factory=list)
    notes: list[tuple[int, bytes]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    rows: dict[type[FactRow], list[tuple[Any, ...]]] = field(
        default_factory=lambda: {table: [] for table in FACT_TABLES}
    )
    blobs: dict[str, bytes] = field(default_factory=dict)

    def source(self, *, bundle: bool = False) -> MemorySource:
        """Copies of everything; a `bundle` has one checkpoint and no derived tables."""
        notes = self.notes[-1:] if bundle else self.notes
        rows = None if bundle else copy.deepcopy(self.rows)
        return MemorySource(list(self.data), list(notes), dict(self.tiles), rows, dict(self.blobs))

    def entry(self, index: int) -> Entry:
        return entry.parse(self.data[index])

    def find(self, kind: str, number: int = 0) -> int:
        """Index of an entry of a kind."""
        kinds = [statement.parse_statement(said.envelope.payload).kind for said in self.said]
        return [index for index, found in enumerate(kinds) if found == kind][number]


class Chainer:
    """Makes a ledger of signed statements, one after the other."""

    def __init__(self, origin: str = ORIGIN, signer: NoteSigner = SIGNER) -> None:
        self.made = Chained([], [])
        self.facts = Facts()
        self.setting: Setting | None = None
        self._origin = origin
        self._signer = signer
        self._tiles = TileWriter()
        self._range = CompactRange()
        self._roots: dict[int, bytes] = {}
        self._last: bytes | None = None
        self._links: dict[str, tuple[int, bytes]] = {}

    @property
    def size(self) -> int:
        return len(self.made.data)

    def root_at(self, size: int) -> bytes:
        return self._roots.get(size, bytes(32))

    def add(self, said: Said, *, allowed: bool) -> Entry:
        """Take a statement in as the next entry. `allowed`: raise what admission would raise."""
        parsed = statement.parse_statement(said.envelope.payload)
        index, merchant = self.size, parsed.merchant
        rows = self._judged(said, parsed, index, allowed)
        link = None if merchant is None else self._links.get(merchant)
        seq = None if merchant is None else 0 if link is None else link[0] + 1
        made = entry.build(
            index, self._last, seq, link and link[1], format_utc(said.recorded_ms), said.envelope
        )
        self._last = made.leaf_hash
        self._range.append(made.leaf_hash)
        self._roots[index + 1] = self.made.roots[index + 1] = self._range.root()
        if merchant is not None and seq is not None:
            self._links[merchant] = (seq, made.leaf_hash)
        self.made.said.append(said)
        self.made.data.append(made.data)
        for tile in self._tiles.append([made.leaf_hash]):
            self.made.tiles[tile.level, tile.number] = tile.data
        if rows is not None:
            candidate = _candidate(said, parsed)
            fact = statement_fact(candidate, index=index, merchant_seq=seq, recorded_ms=said.recorded_ms)
            self.facts.add(fact, rows)
            for row in (fact, *rows):
                self.made.rows[type(row)].append(row)
        return made

    def commit(self) -> None:
        """Sign a checkpoint."""
        size = self.size
        note = checkpoint.sign(self._origin, size, self._roots[size], self._signer)
        self.made.notes.append((size, note))
        self.made.commits.append(size)

    def _judged(
        self, said: Said, parsed: statement.Statement, index: int, allowed: bool
    ) -> list[FactRow] | None:
        try:
            candidate = _candidate(said, parsed)
        except LedgerError:
            if allowed:
                raise
            return None
        if self.setting is None:
            assert isinstance(candidate.body, LedgerOpened)
            self.setting = Setting.of(self._origin, candidate.body, self.made.entry, self.root_at)
        place = {"index": index, "recorded_ms": said.recorded_ms}
        if allowed:
            return judge(self.facts, self.setting, candidate, **place, root_at=self.root_at)
        if (parsed.merchant is None) != (RULES[parsed.kind].about != "merchant"):
            return None
        grants = (self.facts.grant(sig.keyid, index) for sig in said.envelope.signatures)
        signers = tuple(grant for grant in grants if grant is not None)
        try:  # whoever forges an entry writes its facts as well, as far as there are any
            return take_effect(self.facts, self.setting, candidate, signers, **place)
        except LedgerError:
            return None


def _candidate(said: Said, parsed: statement.Statement) -> Candidate:
    return Candidate.of(parsed, said.envelope.signatures)


def chain(
    said: Sequence[Said],
    commits: Sequence[int],
    *,
    signer: NoteSigner = SIGNER,
    blobs: dict[str, bytes] | None = None,
) -> Chained:
    """The ledger that these statements make, whether they are allowed or not."""
    chainer = Chainer(signer=signer)
    for one in said:
        chainer.add(one, allowed=False)
        if chainer.size in commits:
            chainer.commit()
    if not commits or chainer.size != commits[-1]:
        chainer.commit()
    chainer.made.blobs = dict(blobs or {})
    return chainer.made


def forge(
    made: Chained,
    changes: dict[int, Envelope | None],
    *,
    log_key: PrivateKey = LOG_KEY,
    stop: int | None = None,
) -> Chained:
    """The ledger made anew by an insider: statements replaced, left out (None), cut off at the end."""
    said = [
        one._replace(envelope=changes.get(index) or one.envelope)
        for index, one in enumerate(made.said[:stop])
        if changes.get(index, one.envelope) is not None
    ]
    return chain(said, made.commits, signer=NoteSigner(ORIGIN, log_key), blobs=made.blobs)


def altered(envelope: Envelope, change: Callable[[Json], None], keys: Sequence[PrivateKey] = ()) -> Envelope:
    """The same statement with another content, signed again by `keys`, or under the old signatures."""
    parsed = orjson.loads(envelope.payload)
    change(parsed)
    payload = canonical.encode(parsed)
    return statement.sign(payload, keys) if keys else Envelope(payload, envelope.signatures)


def found(report: Report) -> dict[str, list[int | None]]:
    """Where the faults of each check are."""
    places: dict[str, list[int | None]] = {}
    for fault in report.faults:
        places.setdefault(fault.check, []).append(fault.index)
    return places


def status(report: Report) -> dict[str, str]:
    return {check.name: check.status for check in report.checks}


def detail(report: Report, name: str) -> str:
    return next(check.detail for check in report.checks if check.name == name)
