"""A week of supervision played in a small world, 2026-W18, with something of everything a weekly report counts.

world = play(world)         # and something in the weeks before and after, which it must leave out
"""

from __future__ import annotations

from typing import Any

from ledger.custody.batch import Receipt
from tests.custody.supervised import (
    CODE,
    OTHER,
    OTHER_SUBJECT,
    STREET,
    answer,
    card,
    check,
    draw_plan,
    grown,
    notice,
    officer,
    order,
    supervise,
    waived,
)
from tests.custody.test_admission import CLEANED
from tests.custody.world import DAY, HOUR, M1, M2, M3, World

WEEK, NUMBER = "2026-W18", 202618
COLD = {
    "goods_classes": ["cold_chain"],
    "zones": [{"code": "F1", "name": "冷库", "goods_class": "cold_chain", "storage": "frozen", "dedicated": True}],
}  # fmt: skip


def play(world: World) -> World:
    """From Monday of W17 to Monday of W19; M3 is a cold store that nobody checks."""
    supervise(world, replaces="r-dry")
    world.enroll(M3, "west/2", **COLD)
    announced, size = grown(world)
    world.must(draw_plan(world, announced, size))
    _before(world)
    world.later(7 * DAY - 6 * HOUR)  # Monday of W18, ten o'clock
    _monday(world)
    world.later(DAY)
    _tuesday(world)
    world.later(2 * DAY)
    _thursday(world)
    world.later(4 * DAY)
    _after(world)
    return world


def _before(world: World) -> None:
    one = check(world)
    world.must(card(world, one.id))
    world.must(order(world, one.id))  # never confirmed: carried over
    world.must(_read(world, "-5"))


def _monday(world: World) -> None:
    one = check(world)
    world.must(card(world, one.id, 2))
    first = world.must(order(world, one.id))
    world.must(
        order(world, one.id, code=OTHER, subject=OTHER_SUBJECT)
    )  # confirmed on Tuesday, past its deadline
    sent = world.must(notice(world, one.id))
    world.must(notice(world, one.id, STREET, "unit"))
    world.must(answer(world, sent.id))
    world.later(HOUR)
    world.must(
        officer(world, "rectification.confirmed", {"order": first.id, "inspection": None, "note": None})
    )
    gone = check(world, M2)
    body = {"statement": gone.id, "reason": "did_not_happen", "explanation": "误录"}
    world.must(world.state([world.officer], "statement.corrected", M2, body))
    world.must(_read(world, "-18.5"))
    world.must(_read(world, "-12"))
    wrong = world.must(_read(world, "9"))
    world.must(world.correct(wrong.id, merchant=M3))


def _tuesday(world: World) -> None:
    late = next(entry for entry in reversed(world.entries()) if entry.statement.body.get("code") == OTHER)
    body = {"order": late.statement.id, "inspection": None, "note": None}
    world.must(officer(world, "rectification.confirmed", body))
    world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(-25 * HOUR)))
    world.must(world.say(M2, "disinfection.logged", CLEANED, occurred_at=world.time(-2 * HOUR)))
    waived(world, OTHER, OTHER_SUBJECT)


def _thursday(world: World) -> None:
    one = check(world, M2, keys=[world.second])
    world.must(order(world, one.id, merchant=M2, code=OTHER, subject=OTHER_SUBJECT))  # left open


def _after(world: World) -> None:
    check(world)
    world.must(_read(world, "-3"))
    world.must(world.say(M1, "disinfection.logged", CLEANED, occurred_at=world.time(-30 * HOUR)))


def _read(world: World, highest: str) -> Any:
    body = {
        "zone": "F1", "probe": "p1", "started_at": world.time(-HOUR), "ended_at": world.time(), "count": 60,
        "minimum": "-20", "maximum": highest, "mean": "-19", "minutes_missing": 0,
    }  # fmt: skip
    return world.say(M3, "temperature.logged", body)


__all__ = ["CODE", "NUMBER", "WEEK", "Receipt", "play"]
