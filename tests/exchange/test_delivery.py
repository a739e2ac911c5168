"""Delivering from the outbox: pauses that grow, and a crash at every single step."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ledger.exchange.addresses import Addresses
from ledger.exchange.delivery import (
    FIRST_PAUSE_MS,
    LONGEST_PAUSE_MS,
    AppriseChannel,
    ChannelFailed,
    Message,
    Outcome,
    deliver,
    pause_ms,
)
from ledger.exchange.outbox import Outbox, Waiting

NOTICES = [
    Waiting(f"0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d5{number}", 40 + number, "市场科") for number in range(2)
]
ADDRESSES: Addresses = {"市场科": ("mail", "hook")}


class Crash(BaseException):
    """The machine goes off."""


class Fuse:
    """Burns through at the given step: before that step has an effect, or just after."""

    def __init__(self, at: int | None = None) -> None:
        self.steps = 0
        self._at = at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._at:
            raise Crash


class Told:
    """A channel that counts what arrived, and fails where it is told to."""

    def __init__(self, fuse: Fuse) -> None:
        self.count: Counter[tuple[str, str]] = Counter()
        self.down: set[str] = set()
        self._fuse = fuse

    def understands(self, address: str) -> bool:
        return bool(address)

    def send(self, address: str, message: Message) -> None:
        self._fuse.step()
        if address in self.down:
            raise ChannelFailed(f"{address} is down")
        self.count[address, message.title] += 1
        self._fuse.step()


class Fragile(Outbox):
    """An outbox whose every commit may be the last thing that happens."""

    fuse: Fuse

    def trying(self, notice: str, address: str, *, now_ms: int) -> int:
        self.fuse.step()
        tries = super().trying(notice, address, now_ms=now_ms)
        self.fuse.step()
        return tries

    def arrived(self, notice: str, address: str) -> None:
        self.fuse.step()
        super().arrived(notice, address)
        self.fuse.step()

    def failed(self, notice: str, address: str, reason: str, *, next_ms: int) -> None:
        self.fuse.step()
        super().failed(notice, address, reason, next_ms=next_ms)
        self.fuse.step()


def once(folder: Path, channel: Told, fuse: Fuse, now_ms: int = 0) -> list[Outcome]:
    with Fragile(folder) as outbox:
        outbox.fuse = fuse
        outbox.put(NOTICES, now_ms=now_ms)
        return deliver(
            outbox,
            ADDRESSES,
            channel,
            lambda one: Message(one.id, ""),
            now=lambda: now_ms,
            random=lambda: 0.5,
        )


def steps(folder: Path) -> int:
    fuse = Fuse()
    channel = Told(fuse)
    assert all(one.delivered for one in once(folder, channel, fuse))
    return fuse.steps


def test_a_crash_at_any_step_tells_nobody_twice_and_forgets_nothing(tmp_path: Path) -> None:
    total = steps(tmp_path)
    assert total == len(NOTICES) * 2 * 6
    asked = 0
    for at in range(1, total + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        fuse = Fuse(at)
        channel = Told(fuse)
        with pytest.raises(Crash):
            once(folder, channel, fuse)
        outcomes = once(folder, channel, fuse, now_ms=10)
        waiting = [one for one in outcomes if not one.delivered]
        assert max(channel.count.values()) == 1, at
        assert sum(channel.count.values()) + len(waiting) >= len(NOTICES) * 2, at
        for one in waiting:
            asked += 1
            assert [reason.next_ms for reason in one.reasons] == [None], at
            with Outbox(folder) as outbox:
                arrived = channel.count["mail", one.notice.id] + channel.count["hook", one.notice.id] == 2
                assert outbox.resolve(one.notice.id, arrived=arrived) == 1
        assert all(one.delivered for one in once(folder, channel, fuse, now_ms=20))
        assert set(channel.count.values()) == {1} and len(channel.count) == len(NOTICES) * 2, at
        assert once(folder, channel, fuse, now_ms=30) == []
    assert asked == len(NOTICES) * 2 * 4  # only between having tried and having noted the answer


def test_pauses_grow_and_end(tmp_path: Path) -> None:
    channel = Told(Fuse())
    channel.down = {"hook"}
    now = 0
    pauses = []
    for tries in range(1, 14):
        outcomes = once(tmp_path, channel, Fuse(), now)
        (reason,) = outcomes[0].reasons
        assert (str(reason.place), reason.text) == ("市场科 #2", "hook is down")
        assert reason.next_ms is not None
        pauses.append(reason.next_ms - now)
        assert pauses[-1] == pause_ms(tries, lambda: 0.5)
        waits = once(tmp_path, channel, Fuse(), reason.next_ms - 1)
        assert waits[0].reasons == (reason,)
        now = reason.next_ms
    assert pauses[0] == FIRST_PAUSE_MS * 3 // 4 and pauses[1] == 2 * pauses[0]
    assert pauses[-1] == LONGEST_PAUSE_MS * 3 // 4
    channel.down = set()
    assert all(one.delivered for one in once(tmp_path, channel, Fuse(), now))
    assert set(channel.count.values()) == {1}


def test_what_was_done_stays_done(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        assert not outbox.exists and outbox.waiting() == [] and outbox.done() == {}
        assert outbox.put(NOTICES, now_ms=1, done={NOTICES[0].id: "earlier"}) == 2
        assert outbox.put(NOTICES, now_ms=2) == 0
        assert outbox.finish([one.id for one in NOTICES], "answered", now_ms=3) == 1
        assert outbox.done() == {NOTICES[0].id: (1, "earlier"), NOTICES[1].id: (3, "answered")}
        assert outbox.waiting() == []


def test_a_service_of_the_library_that_raises_has_not_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = AppriseChannel()
    assert channel.understands("json://127.0.0.1:9/") and not channel.understands("mailto://")

    class Broken:
        def notify(self, **_: object) -> bool:
            raise RuntimeError("token")

    monkeypatch.setattr(channel, "_service", lambda _: Broken())
    with pytest.raises(ChannelFailed, match=r"^apprise failed with RuntimeError$"):
        channel.send("any://", Message("", ""))
    monkeypatch.setattr(channel, "_service", lambda _: None)
    with pytest.raises(ChannelFailed):
        channel.send("any://", Message("", ""))
