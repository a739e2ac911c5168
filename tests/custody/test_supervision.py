"""A story through all of supervision: statement by statement or all in one commit, the same answers and the same facts.

And rebuilt and restored from what was published, still the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.audit.live import live_source
from ledger.audit.verify import verify
from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.custody.replay import replay
from ledger.errors import LedgerError
from ledger.exchange.bundle import publish as publish_bundle
from ledger.exchange.restore import restore
from ledger.exchange.sources import DirectorySource
from ledger.log import Envelope, PrivateKey
from ledger.store.sqlite import SqliteStore
from ledger_schemas import KINDS
from tests.custody import supervised as words
from tests.custody.supervised import CODE, HEALTH, MARKET, SECRET, STREET
from tests.custody.test_inspection import OK, findings
from tests.custody.world import HOUR, M1, World, key, kg


class Story:
    """Envelopes made beforehand, each with the refusal it must meet, if any."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.told: list[tuple[Envelope, str | None]] = []

    def tell(
        self, who: PrivateKey | list[PrivateKey], kind: str, body: dict[str, Any], *, refused: str | None = None,
        merchant: str | None = M1,
    ) -> str:  # fmt: skip
        """The statement's id; `refused` is the field of the refusal."""
        made = self._world.envelope(who if isinstance(who, list) else [who], kind, merchant, body)
        self.told.append((made, refused))
        return made.payload.split(b'"id":"')[1].split(b'"')[0].decode()


def tell(world: World) -> list[tuple[Envelope, str | None]]:
    """Every kind of supervision, accepted and refused."""
    story, one, two = Story(world), world.officer, world.second
    sale = {"buyer": {"type": "consumers"}, "lines": [{"batch": "B1", "quantity": kg("1")}]}
    found = [{"code": code, "subject": subject, "source": "computed"} for code, subject in findings(world)]
    looked = {
        "rulesets": ["r-sup"], "started_at": world.time(), "ended_at": world.time(), "place": "店内",
        "observed": OK, "findings": found,
    }  # fmt: skip
    about = {"code": CODE, "subject": None}
    first = story.tell(one, "inspection.recorded", looked)
    until = world.time(HOUR)
    ordered = story.tell(
        one, "rectification.ordered", {"inspection": first, **about, "what": "消毒", "deadline": until}
    )
    story.tell(
        one,
        "rectification.ordered",
        {"inspection": first, **about, "what": "消毒", "deadline": until},
        refused="body.code",
    )
    reject = {"order": ordered, "reason": "未改", "deadline": until}
    story.tell(one, "rectification.rejected", reject, refused="body.order")
    story.tell(world.k1, "rectification.reported", {"order": ordered, "what": "已消毒"})
    story.tell(one, "rectification.rejected", reject)
    colour = {"ruleset": "r-sup", "inspection": first, **about, "reason": "未消毒"}
    yellow, red = {"step": 1, "card": "yellow", "closes": False}, {"step": 2, "card": "red", "closes": True}
    story.tell(one, "card.issued", colour | red, refused="body.step")
    story.tell(one, "card.issued", colour | yellow)
    again = story.tell(two, "inspection.recorded", looked)
    story.tell(two, "card.issued", colour | yellow | {"inspection": again}, refused="body.step")
    closing = story.tell(two, "card.issued", colour | red | {"inspection": again})
    story.tell(world.k1, "goods.sold", sale, refused="kind")
    story.tell(one, "statement.corrected", taken_back(first), refused="body.statement")
    story.tell(one, "rectification.confirmed", {"order": ordered})
    story.tell(one, "card.lifted", {"card": closing, "reason": "已改好"})
    story.tell(one, "card.lifted", {"card": closing, "reason": "已改好"}, refused="body.card")
    story.tell(world.k1, "goods.sold", sale)
    sealed = story.tell(one, "goods.sealed", {"batch": "B1", "reason": "可疑"})
    story.tell(world.k1, "goods.sold", sale, refused="body.lines[0].batch")
    story.tell(one, "goods.released", {"seal": sealed, "reason": "查清"})
    story.tell(world.k1, "goods.sold", sale)
    called = story.tell(one, "recall.ordered", {"batch": "B1", "reason": "阳性", "answer_by": until})
    story.tell(world.k1, "goods.sold", sale, refused="body.lines[0].batch")
    story.tell(world.k1, "recall.answered", {"recall": called, "found": kg("8"), "sold": kg("2")})
    told = {"inspection": first, **about, "office": MARKET, "capacity": "regulator", "text": "请督促"}
    notice = story.tell(one, "notice.sent", told)
    story.tell(one, "notice.sent", told, refused="body.code")
    story.tell(world.operator, "duty.assigned", {"grid": "east", "regulator": HEALTH}, merchant=None)
    story.tell(one, "notice.sent", told | {"inspection": again}, refused="body.office")
    story.tell(key(STREET), "notice.acknowledged", {"notice": notice, "answer": "好"}, refused="signatures")
    story.tell(key(MARKET), "notice.acknowledged", {"notice": notice, "answer": "好"})
    decided = {
        "document_number": "7 号",
        "legal_basis": ["第 126 条"],
        "reason": "拒改",
        "starts_on": world.today(),
    }
    story.tell(one, "suspension.decided", decided, refused="signatures")
    story.tell([one, two], "suspension.decided", decided)
    story.tell(world.k1, "goods.sold", sale, refused="kind")
    _plans(story, world)
    return story.told


def _plans(story: Story, world: World) -> None:
    one, two = world.officer, world.second
    announced = words.announcement(world, seed_size=world.size + 50)
    plan = story.tell(one, "plan.announced", announced, merchant=None)
    story.tell(one, "plan.announced", announced, merchant=None, refused="body.week")
    drawn = {
        "announcement": plan, "secret": SECRET, "seed_root": "ab" * 32, "checks": 0, "result": "ab" * 32,
        "loads": [],
    }  # fmt: skip
    story.tell(one, "plan.drawn", drawn, merchant=None, refused="body.seed_root")
    lost = {"announcement": plan, "reason": "秘密值遗失"}
    story.tell(one, "plan.voided", lost, merchant=None, refused="signatures")
    story.tell([one, two], "plan.voided", lost, merchant=None)
    story.tell([one, two], "plan.voided", lost, merchant=None, refused="body.announcement")
    story.tell(one, "plan.drawn", drawn, merchant=None, refused="body.announcement")
    story.tell(one, "plan.announced", announced, merchant=None, refused="signatures")
    story.tell(world.operator, "plan.announced", announced, merchant=None)


def taken_back(statement: str) -> dict[str, Any]:
    return {"statement": statement, "reason": "did_not_happen", "explanation": "误录"}


def facts_of(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    return {row.__name__: list(store.fact_rows(row)) for row in store.fact_tables}


def street(folder: Path) -> World:
    world = words.supervise(World(folder))
    world.receive("B1")
    return world


def test_one_by_one_and_in_one_commit(tmp_path: Path) -> None:
    slow, fast = street(tmp_path / "slow"), street(tmp_path / "fast")
    assert slow.ledger.root_at(slow.size) == fast.ledger.root_at(fast.size), "two worlds with one past"
    told = tell(slow)
    apart: list[Answer] = [slow.ledger.append([envelope])[0] for envelope, _ in told]
    together = fast.ledger.append([envelope for envelope, _ in told])
    for place, ((_, refused), one, other) in enumerate(zip(told, apart, together, strict=True)):
        where = (place, one, other)
        if refused is None:
            assert isinstance(one, Receipt) and isinstance(other, Receipt), where
            assert (one.index, one.leaf_hash) == (other.index, other.leaf_hash), where
        else:
            assert isinstance(one, LedgerError) and isinstance(other, LedgerError), where
            assert one.field == refused, where
            assert (type(one), one.field, str(one)) == (type(other), other.field, str(other)), where
    assert facts_of(_store(slow)) == facts_of(_store(fast))
    for world in (slow, fast):
        assert_intact(_store(world))
        world.ledger.close()


def test_rebuilt_and_restored(tmp_path: Path) -> None:
    """`plan.drawn` asks for a past root wherever its facts are derived."""
    world = street(tmp_path / "ledger")
    for envelope, _ in tell(world):
        world.ledger.append([envelope])
    identity, size = words.grown(world, week="2026-W19")
    world.must(words.draw_plan(world, identity, size))
    said = {world.ledger.entry(index).statement.kind for index in range(world.size)}
    missing = {kind for kind in KINDS if kind.split(".")[0] in SUPERVISION} - said
    assert not missing
    store = _store(world)
    before = facts_of(store)
    store.replace_facts(replay(store.entries(), world.ledger.setting))
    assert facts_of(store) == before
    publish_bundle(store, tmp_path / "site")
    restored = tmp_path / "restored"
    restore(DirectorySource(tmp_path / "site"), restored, vkey=store.vkey)
    copy = SqliteStore.open(restored)
    assert facts_of(copy) == before
    assert_intact(copy)
    copy.close()
    world.ledger.close()


SUPERVISION = {"duty", "plan", "inspection", "rectification", "card", "suspension", "recall", "notice"}


def _store(world: World) -> SqliteStore:
    assert isinstance(world.ledger.store, SqliteStore)
    return world.ledger.store


def assert_intact(store: SqliteStore) -> None:
    with live_source(store, None, name="copy") as source:
        report = verify(source, vkey=store.vkey)
    assert report.verdict == "intact", report.faults
