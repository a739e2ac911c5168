"""What the ledger refuses and what a verification finds is told in Chinese, with no English left between the codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import orjson
import pytest

from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.custody.ledger import Answer
from ledger.errors import LedgerError
from ledger.language import Language
from ledger.log import Seen
from ledger.messages import Message
from ledger_schemas import LABELS
from tests.audit import test_live as live
from tests.audit import test_rules as rules
from tests.audit import test_supervision_rules as supervision
from tests.audit.memory import VKEY
from tests.audit.sample import make_sample
from tests.custody.world import DAY, M1, M2, UNSEEN, World, kg, receipt

CHINESE: Final = Language.of("zh")
CODES: Final = {
    word for codes in LABELS.values() for code in codes for word in re.findall("[a-z]+", code)
} | {
    *(
        "zone",
        "prev",
        "entry",
        "movement",
        "holder",
        "statement",
        "fact",
        "index",
        "sqlite",
        "trigger",
        "table",
    ),
    *(
        "shelf",
        "held",
        "east",
        "west",
        "operator",
        "here",
        "another",
        "weather",
        "observed",
        "null",
        "uuid",
        "keys",
        "body",
        "seen",
    ),
    *("signatures", "kind", "occurred", "root"),
}
"""Names that stay as they are: codes, tables and columns, and what the samples call things."""
NAMED: Final = re.compile(
    r"`[^`]*`|“[^”]*”|'[^']*'|--[a-z-]+|[0-9a-f]{16,}|[A-Za-z]+(?:-[A-Za-z0-9]+)+|"
    r"[\w.*/\[\]:+-]*[\d_./\[\]:+][\w.*/\[\]:+-]*",
    re.ASCII,
)
"""Quoted words, options, hashes, and names with a digit, hyphen, underscore, dot or slash, such as field paths."""


def english(text: str) -> list[str]:
    """Words of three letters and more that are no codes."""
    words = re.findall(r"(?<![A-Za-z])[A-Za-z]{3,}", NAMED.sub(" ", text))
    return [word for word in words if not word.isupper() and word.lower() not in CODES]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("body.lines[0].batch：没有批次 B-7：请用 `custody key grant` 授予", []),
        ("goods.sold 不能撤回：sign 92410104MACU00014Y", ["sign"]),
        ("没有批次 B-7: check the batch id", ["check", "the", "batch"]),
        ("SHA-256 摘要 deadbeef0, fact, 批次 NONE", []),
    ],
)
def test_english_is_seen(text: str, left: list[str]) -> None:
    assert english(text) == left


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


def refusals(world: World) -> Iterator[Callable[[], Answer]]:
    """Statements that the ledger does not take in, or that cannot even be made."""
    world.receive("B1")
    sent = world.hand_over("B1", "4")
    yield lambda: world.sell("B1", "100")
    yield lambda: world.sell("B9", "1")
    yield lambda: world.accept(sent.id, "B1", "5")
    yield lambda: world.accept("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "B1", "5")
    yield lambda: world.say(M1, "goods.received", receipt("B1", "10"))
    yield lambda: world.say(M1, "goods.received", {"lines": [{"batch": 7}], "supplier": {}, "more": True})
    yield lambda: world.say(M1, "goods.teleported", {})
    yield lambda: world.say(
        M2, "goods.handed_over", {"to": M2, "lines": [{"batch": "B1", "quantity": kg("1")}]}
    )
    yield lambda: world.state([world.k2], "goods.sold", M1, {"buyer": {"type": "consumers"}, "lines": []})
    yield lambda: world.state([world.probe], "goods.received", M1, receipt("B2", "10"))
    yield lambda: world.state([world.log_key], "goods.received", M1, receipt("B2", "10"))
    yield lambda: world.state([world.second], "merchant.enrolled", "91410104MACU0003XA", {"name": "商户"})
    yield lambda: world.say(M1, "goods.received", receipt("B2", "10"), seen=Seen("00" * 32, 3))
    yield lambda: world.say(M1, "goods.received", receipt("B2", "10"), seen=Seen("00" * 32, 3_000))
    yield lambda: world.say(M1, "goods.received", receipt("B2", "10"), ledger="custody.example/another")
    yield lambda: world.say(
        M1, "goods.received", receipt("B2", "10"), occurred_at="2029-01-01T08:00:00+08:00"
    )
    yield lambda: world.say(M1, "temperature.logged", {"zone": "X9"})
    yield lambda: world.correct(sent.id, merchant=M2)
    yield lambda: world.correct("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55")
    yield lambda: world.state([world.operator], "ledger.opened", None, {"title": "二"})
    yield lambda: world.state([world.operator], "key.revoked", None, {"keyid": "0" * 64, "reason": "lost"})
    world.now += DAY
    yield lambda: world.state([world.officer], "card.issued", M1, {"step": 1}, seen=UNSEEN)


def answer(say: Callable[[], Answer]) -> Answer:
    try:
        return say()
    except LedgerError as error:
        return error


def test_refusals_are_told_in_chinese(world: World) -> None:
    for number, refused in enumerate(refusals(world)):
        error = answer(refused)
        assert isinstance(error, LedgerError), number
        told = CHINESE.error(error)
        assert english(told) == [], (told, str(error))
        assert CHINESE.told(error.title) != error.title


def require_chinese(report: Report) -> None:
    faults, checks = [fault.detail for fault in report.faults], [check.detail for check in report.checks]
    texts = [*faults, *checks, *report.warnings]
    assert {CHINESE.told(text): str(text) for text in texts if english(CHINESE.told(text))} == {}
    plain = orjson.loads(orjson.dumps(report.as_json()))
    assert [fault["detail"] for fault in plain["faults"]] == [str(text) for text in faults]


@pytest.mark.parametrize("name", rules.BROKEN)
def test_broken_rules_are_told_in_chinese(name: str) -> None:
    report, _ = rules.report_of(rules.BROKEN[name][1])
    assert report.faults
    require_chinese(report)


@pytest.mark.parametrize("name", supervision.BROKEN)
def test_broken_rules_of_supervision_are_told_in_chinese(name: str) -> None:
    _, _, faults = supervision.report_of(supervision.BROKEN[name][1])
    assert faults
    for fault in faults:
        assert english(CHINESE.told(fault[2])) == [], fault


def test_faults_of_a_damaged_copy_are_told_in_chinese() -> None:
    source = make_sample().source(bundle=True)
    del source.data[-1]
    source.data[30] = source.data[30].replace(b'"recorded_at":"2', b'"recorded_at":"1')
    source.data[40] = b"{}"
    source.odd.append(Message("the database contradicts itself: {message}", message="1"))
    report = verify(source, vkey=VKEY)
    assert {fault.check for fault in report.faults} >= {"encoding", "index", "chain", "tree"}
    require_chinese(report)


def test_what_was_left_out_is_told_in_chinese() -> None:
    report = verify(make_sample().source(), signatures=False, attachments=False)
    assert report.verdict == "incomplete"
    require_chinese(report)


def test_faults_of_a_database_are_told_in_chinese(tmp_path: Path) -> None:
    live.store(tmp_path)
    live.tamper(
        tmp_path,
        "UPDATE fact_movement SET held = held + 1 WHERE line = 0",
        'DELETE FROM fact_statement WHERE "index" = 12',
        "UPDATE tile SET data = zeroblob(length(data)) WHERE level = 0",
        "CREATE TABLE foreign_one (name TEXT)",
    )
    report = live.report_of(tmp_path)
    assert {fault.check for fault in report.faults} >= {"facts", "tree"}
    require_chinese(report)
