"""A small ledger of every kind of statement, held in memory, that tests can tamper with in any way.

    sample = make_sample()                      # 60 entries or so in a dozen commits
    source = sample.source()                    # a Source over copies
    source.data[7] = …                          # and now it is damaged

`chain` makes entries, tiles, checkpoints and facts of any list of signed statements, as an insider with the database and the
log's key could: it does not ask whether the statements are allowed.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from ledger.audit.source import Attached, StoredNote
from ledger.custody.admission import Candidate, judge, statement_fact, take_effect
from ledger.custody.authoring import instant, uuid7
from ledger.custody.context import Setting, rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.findings import Check, compute
from ledger.errors import LedgerError, SourceError
from ledger.log import NoteSigner, PrivateKey, Seen, TileWriter, checkpoint, entry, statement
from ledger.log.entry import Entry
from ledger.log.statement import Envelope
from ledger.log.times import format_utc, local_date, parse_instant
from ledger.log.tree import CompactRange
from ledger.store.facts import FACT_TABLES, FactRow, StatementFact, row_order
from ledger_schemas import LedgerOpened, Observed, parse_body

ORIGIN = "custody.example/audit"
M1, M2, M3 = "92410104MACU00014Y", "92410104MACU00022R", "91410104MACU0003XA"
START = int(datetime(2026, 4, 20, 1, tzinfo=UTC).timestamp()) * 1000
MINUTE = 60_000
HOUR = 60 * MINUTE

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
    odd: list[str] = field(default_factory=list)
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

    def warnings(self) -> list[str]:
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
            if self.setting is None:
                assert isinstance(candidate.body, LedgerOpened)
                self.setting = Setting.of(self._origin, candidate.body, self.made.entry)
            return judge(
                self.facts,
                self.setting,
                candidate,
                index=index,
                recorded_ms=said.recorded_ms,
                root_at=self.root_at,
            )
        except LedgerError:
            if allowed:
                raise
        assert self.setting is not None
        try:  # whoever forges an entry writes its facts as well
            grants = (self.facts.grant(sig.keyid, index) for sig in said.envelope.signatures)
            signers = tuple(grant for grant in grants if grant is not None)
            return take_effect(
                self.facts, self.setting, candidate, signers, index=index, recorded_ms=said.recorded_ms
            )
        except (LedgerError, UnboundLocalError):
            return None


def _candidate(said: Said, parsed: statement.Statement) -> Candidate:
    return Candidate.of(parsed, said.envelope.signatures)


def chain(
    said: Sequence[Said], commits: Sequence[int], *, signer: NoteSigner = SIGNER, blobs: dict[str, bytes] | None = None
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


class World:
    """Says things to a ledger in memory; every statement is one that admission lets in."""

    def __init__(self, *, log_key: PrivateKey = LOG_KEY) -> None:
        self.chainer = Chainer(signer=NoteSigner(ORIGIN, log_key))
        self.now = START
        self._random = Random("audit world")
        self._pin: Seen | None = None
        self.operator, self.second_operator = key("operator"), key("second operator")
        self.officer, self.second = key("officer"), key("second", "p256")
        self.keys = {M1: key("m1"), M2: key("m2", "p256"), M3: key("m3")}
        self.probe, self.lost = key("probe"), key("lost")
        opened = {
            "title": "测试台账",
            "jurisdiction": "CN-HA",
            "operator_key": self.operator.public.text,
            "log_key": log_key.public.text,
        }
        self.state("ledger.opened", None, opened, [self.operator])
        self.commit()

    @property
    def size(self) -> int:
        return self.chainer.size

    def commit(self) -> None:
        self.chainer.commit()
        self._pin = Seen(self.chainer.root_at(self.size).hex(), self.size)

    def sign(
        self,
        kind: str,
        merchant: str | None,
        body: Json,
        keys: Sequence[PrivateKey],
        *,
        seen: Seen | None = None,
        occurred_ms: int | None = None,
        id_: str | None = None,
        ledger: str = ORIGIN,
    ) -> Envelope:
        """A signed statement, pinned to the newest checkpoint unless `seen` says another."""
        payload = statement.build_statement(
            body=body,
            id=id_ or uuid7(self.now, self._random.randbytes(10)),
            kind=kind,
            ledger=ledger,
            merchant=merchant,
            occurred_at=instant(self.now - MINUTE if occurred_ms is None else occurred_ms),
            seen=seen or self._pin,
        )
        return statement.sign(payload, keys)

    def state(self, kind: str, merchant: str | None, body: Json, keys: Sequence[PrivateKey], **more: Any) -> Entry:
        self.now += 1234
        return self.chainer.add(Said(self.sign(kind, merchant, body, keys, **more), self.now), allowed=True)

    def say(self, merchant: str, kind: str, body: Json, **more: Any) -> Entry:
        return self.state(kind, merchant, body, [self.keys[merchant]], **more)

    def grant(self, who: PrivateKey, role: str, scope: str, holder: str | None = None) -> Entry:
        body = {"public_key": who.public.text, "role": role, "scope": scope, "holder": holder}
        return self.state("key.granted", None, body, [self.operator])

    def attach(self, content: bytes, name: str = "cert.jpg") -> Json:
        sha256 = hashlib.sha256(content).hexdigest()
        self.chainer.made.blobs[sha256] = content
        return {"bytes": len(content), "media_type": "image/jpeg", "name": name, "sha256": sha256}

    def time(self, ms: int = 0) -> str:
        return instant(self.now + ms)

    def inspect(self, merchant: str, keys: Sequence[PrivateKey], stock: list[Json], passed: bool = True) -> Json:
        """The body of a check as of the newest checkpoint, with the findings that it must have."""
        setting, pin = self.chainer.setting, self._pin
        assert setting is not None and pin is not None
        facts, as_of = self.chainer.facts, pin.size
        enrolment = facts.merchant(merchant, as_of)
        assert enrolment is not None
        started = self.time(-10 * MINUTE)
        day = local_date(started)
        rulesets = rulesets_in_force(facts, setting.jurisdiction, enrolment.goods_classes.split(","), day, as_of)
        asked = sorted({item.code for ruleset in rulesets for item in ruleset.body.checklist})
        observed = {
            "stock": stock,
            "checklist": [{"code": code, "passed": passed} for code in asked],
            "unlisted": [{"name": "冻虾", "note": "无标签"}],
        }
        seen = Observed.model_validate(observed)
        found = compute(facts, Check(merchant, rulesets, seen, parse_instant(started), day, as_of))
        return {
            "rulesets": [ruleset.body.code for ruleset in rulesets],
            "started_at": started,
            "ended_at": self.time(-5 * MINUTE),
            "place": "店内",
            "observed": observed,
            "findings": [
                {"code": f.code, "subject": f.subject, "detail": f.detail, "source": "computed"} for f in found
            ],
            "waivers": [],
        }


def kg(value: str) -> Json:
    return {"value": value, "unit": "kg"}


def line(batch: str, value: str) -> Json:
    return {"batch": batch, "quantity": kg(value)}


def ruleset(code: str, goods_class: str) -> Json:
    return {
        "code": code,
        "title": "测试规则",
        "jurisdiction": "CN-HA",
        "goods_class": goods_class,
        "valid_from": "2020-01-01",
        "items": [
            {
                "code": "source",
                "type": "clear",
                "title": "来源清",
                "text": "来源清楚",
                "contradicted_by": ["supplier_unknown"],
            }
        ],
        "documents": [{"type": "customs_declaration", "required": True}],
        "limits": {"frozen_max": "-18"},
        "checks_per_week": 2,
        "min_days_between": 1,
        "disinfection_hours": 24,
        "temperature_gap_minutes": 60,
        "late_hours": 24,
        "handover_hours": 24,
        "checklist": [{"code": "shelf", "title": "货架"}],
        "commitment": {"title": "承诺书", "version": "1"},
        "briefing": {"title": "明白卡", "version": "1"},
    }


def receipt(world: World, batch: str, value: str) -> Json:
    return {
        "supplier": {"name": "Mar del Sur S.A.", "country": "AR"},
        "documents": [
            {
                "type": "customs_declaration",
                "number": "460120261000000123",
                "attachment": world.attach(f"scan of {batch}".encode()),
            }
        ],
        "transport": {"mode": "road"},
        "lines": [
            {"batch": batch, "goods_class": "non_cold_chain", "name": "车厘子", "quantity": kg(value), "zone": "D1"},
            {"batch": f"{batch}-b", "goods_class": "cold_chain", "name": "三文鱼", "quantity": kg("3"), "zone": "F1"},
        ],
    }


def set_up(world: World) -> None:
    """Keys, rule sets, merchants."""
    for who, role, scope, holder in (
        (world.second_operator, "operator", "*", None),
        (world.officer, "supervisor", "*", "officer-1"),
        (world.second, "supervisor", "east/1", "officer-2"),
        (world.probe, "device", M1, None),
        (world.lost, "merchant", M3, "holder-9"),
        *((world.keys[merchant], "merchant", merchant, None) for merchant in (M1, M2, M3)),
    ):
        world.grant(who, role, scope, holder)
    world.state("ruleset.published", None, ruleset("r-dry", "non_cold_chain"), [world.operator])
    world.state("ruleset.published", None, ruleset("r-cold", "cold_chain"), [world.operator])
    world.commit()
    zones = [
        {"code": "D1", "name": "专区", "goods_class": "non_cold_chain", "storage": "ambient", "dedicated": True},
        {"code": "F1", "name": "冷柜", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True},
    ]
    for merchant, grid in ((M1, "east/1/01"), (M2, "east/1/02"), (M3, "east/1/03")):
        body = {
            "name": f"商户 {merchant[-4:]}",
            "address": "二里岗街 1 号",
            "grid": grid,
            "place_kind": "shop",
            "goods_classes": ["non_cold_chain", "cold_chain"],
            "zones": zones,
        }
        world.state("merchant.enrolled", merchant, body, [world.officer])
    world.commit()


def trade(world: World, name: str) -> None:
    """Goods come in, move on and go out; some statements are taken back."""
    first, second = f"{name}-1", f"{name}-2"
    world.say(M1, "goods.received", receipt(world, first, "100"))
    wrong = world.say(M1, "goods.received", receipt(world, second, "7"))
    world.say(M1, "statement.corrected", _taken_back(wrong))
    world.say(M1, "goods.sold", {"buyer": {"type": "consumers"}, "lines": [line(first, "5")]})
    handed = world.say(M1, "goods.handed_over", {"to": M2, "lines": [line(first, "40"), line(f"{first}-b", "1")]})
    world.commit()
    answer = [
        {"batch": first, "accepted": kg("30"), "refused": kg("8"), "missing": kg("2")},
        {"batch": f"{first}-b", "accepted": kg("1")},
    ]
    world.say(M2, "goods.accepted", {"handover": handed.statement.id, "lines": answer})
    world.say(M1, "goods.handed_over", {"to": M3, "lines": [line(first, "1")]})
    disposed = {"manner": "destroyed", "reason": "破损", "lines": [line(first, "2")], "evidence": []}
    world.say(M2, "goods.disposed", disposed | {"evidence": [world.attach(f"photo {name}".encode(), "p.jpg")]})
    adjusted = {"reason": "盘点", "lines": [{"batch": first, "difference": {"value": "-0.5", "unit": "kg"}}]}
    world.say(M2, "goods.adjusted", adjusted)
    world.commit()


def _taken_back(wrong: Entry) -> Json:
    return {"statement": wrong.statement.id, "reason": "did_not_happen", "explanation": "误录"}


def care(world: World) -> None:
    """Temperatures, disinfection, letters, attestations."""
    readings = {
        "zone": "F1",
        "probe": "P-1",
        "started_at": world.time(-HOUR),
        "ended_at": world.time(-MINUTE),
        "count": 60,
        "minimum": "-20.5",
        "maximum": "-18.2",
        "mean": "-19",
        "minutes_missing": 0,
    }
    world.state("temperature.logged", M1, readings, [world.probe])
    done = {"target": "premises", "place": "店", "agent": "含氯消毒剂", "method": "喷洒", "contact_minutes": 30}
    for merchant in (M1, M2, M3):
        world.say(merchant, "disinfection.logged", done)
    world.say(M1, "disinfection.logged", done, occurred_ms=world.now - 30 * HOUR)
    world.say(M1, "commitment.signed", {"title": "承诺书", "version": "1"})
    world.say(M1, "briefing.acknowledged", {"title": "明白卡", "version": "1"})
    today = local_date(world.time()).isoformat()
    attested = {"ruleset": "r-dry", "period_start": today, "period_end": today, "goods_class": "non_cold_chain"}
    world.say(M1, "clearance.attested", attested | {"items": [{"code": "source", "clear": True}]})
    world.commit()


def check(world: World, name: str) -> None:
    """Two officers check one merchant, one of them another."""
    both = [world.officer, world.second]
    body = world.inspect(M1, both, [{"batch": f"{name}-1", "quantity": kg("1")}])
    body["waivers"] = [{"code": "stock_differs", "subject": f"{name}-1", "reason": "正在移库"}]
    world.state("inspection.recorded", M1, body, both)
    body = world.inspect(M2, both, [], passed=False)
    world.state("inspection.recorded", M2, body, [world.second])
    world.commit()


def lose_a_key(world: World) -> None:
    done = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}
    first = world.state("disinfection.logged", M3, done, [world.lost])
    world.state("disinfection.logged", M3, done, [world.lost])
    world.commit()
    body = {"keyid": world.lost.public.keyid, "reason": "手机丢失", "compromised_from": first.index + 1}
    world.state("key.revoked", None, body, [world.second_operator])
    world.commit()


@cache
def make_sample() -> Chained:
    """A ledger with every kind of statement in it."""
    world = World()
    set_up(world)
    trade(world, "A")
    care(world)
    check(world, "A")
    lose_a_key(world)
    trade(world, "B")
    check(world, "B")
    return world.chainer.made


@cache
def make_long(size: int = 700) -> Chained:
    """A ledger of several tiles: the sample, and disinfections until it has `size` entries."""
    world = World()
    set_up(world)
    trade(world, "A")
    care(world)
    done = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}
    while world.size < size:
        for merchant in (M1, M2, M3):
            world.say(merchant, "disinfection.logged", done)
        if world.size % 5 == 0:
            world.commit()
    trade(world, "Z")
    check(world, "Z")
    return world.chainer.made


