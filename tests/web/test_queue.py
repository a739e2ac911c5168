"""Group commit: what shares a commit, what is taken, and what a failure does to whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.errors import StoreFull
from ledger.log import Envelope
from ledger_web.faults import Broken, Busy
from ledger_web.queue import CommitQueue

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Slow:
    """An append that waits to be let go, and remembers its commits."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.commits: list[list[bytes]] = []
        self.fails: dict[bytes, Exception] = {}

    def append(self, envelopes: Sequence[Envelope]) -> list[Answer]:
        self.go.wait(10)
        for envelope in envelopes:
            if envelope.payload in self.fails:
                raise self.fails[envelope.payload]
        self.commits.append([one.payload for one in envelopes])
        return [Receipt(0, one.payload.decode(), "", "", 1, again=False) for one in envelopes]


def said(*names: str) -> list[Envelope]:
    return [Envelope(name.encode(), ()) for name in names]


def ids(answers: list[Answer]) -> list[str]:
    return [one.id for one in answers if isinstance(one, Receipt)]


def queue_of(slow: Slow, *, most: int = 100, per_commit: int = 1000) -> CommitQueue:
    queue = CommitQueue(slow.append, most=most, most_bytes=1 << 20, per_commit=per_commit)
    queue.start()
    return queue


async def test_what_waits_during_a_commit_shares_the_next_one_in_order() -> None:
    slow = Slow()
    queue = queue_of(slow)
    waiting = [asyncio.create_task(queue.submit(said(name))) for name in "abcde"]
    waiting.append(asyncio.create_task(queue.submit(said("f", "g"))))
    await asyncio.sleep(0.05)
    slow.go.set()
    answers = [ids(answer) for answer in await asyncio.gather(*waiting)]
    queue.close()
    assert answers == [["a"], ["b"], ["c"], ["d"], ["e"], ["f", "g"]]
    assert [name for commit in slow.commits for name in commit] == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]
    assert len(slow.commits) <= 2
    assert (queue.waiting, queue.waiting_bytes) == (0, 0)


async def test_a_commit_has_a_size_and_a_request_stays_whole() -> None:
    slow = Slow()
    queue = queue_of(slow, per_commit=3)
    waiting = [asyncio.create_task(queue.submit(said(*names))) for names in ("a", "bc", "defgh", "i")]
    await asyncio.sleep(0.05)
    slow.go.set()
    await asyncio.gather(*waiting)
    queue.close()
    assert slow.commits[-2:] == [[b"d", b"e", b"f", b"g", b"h"], [b"i"]]


async def test_a_full_queue_takes_nothing_and_says_when_to_come_back() -> None:
    slow = Slow()
    queue = queue_of(slow, most=4)
    first = asyncio.create_task(queue.submit(said("a")))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(queue.submit(said("b", "c")))
    await asyncio.sleep(0)
    with pytest.raises(Busy) as busy:
        await queue.submit(said("d", "e"))
    slow.go.set()
    assert busy.value.retry_after == 2
    assert [ids(await first), ids(await second)] == [["a"], ["b", "c"]]
    assert ids(await queue.submit(said("d", "e"))) == ["d", "e"]
    queue.close()
    assert [name for commit in slow.commits for name in commit] == [b"a", b"b", b"c", b"d", b"e"]


async def test_whoever_goes_away_has_its_statements_committed_once() -> None:
    slow = Slow()
    queue = queue_of(slow)
    gone = asyncio.create_task(queue.submit(said("a")))
    stays = asyncio.create_task(queue.submit(said("b")))
    await asyncio.sleep(0.05)
    gone.cancel()
    slow.go.set()
    assert ids(await stays) == ["b"]
    queue.close()
    assert sorted(name for commit in slow.commits for name in commit) == [b"a", b"b"]


async def test_a_full_disk_is_the_answer_to_all_and_the_queue_goes_on() -> None:
    slow = Slow()
    queue = queue_of(slow)
    slow.fails[b"b"] = StoreFull("no space left")
    waiting = [asyncio.create_task(queue.submit(said(name))) for name in "ab"]
    await asyncio.sleep(0.05)
    slow.go.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[1], StoreFull)
    slow.fails.clear()
    assert ids(await queue.submit(said("c"))) == ["c"]
    queue.close()


async def test_a_mistake_is_the_answer_only_to_the_request_that_brings_it_to_light() -> None:
    slow = Slow()
    queue = queue_of(slow)
    slow.fails[b"c"] = RuntimeError("a secret in a message")
    waiting = [asyncio.create_task(queue.submit(said(name))) for name in "abcd"]
    await asyncio.sleep(0.05)
    slow.go.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    queue.close()
    assert [ids(one) for one in answers if isinstance(one, list)] == [["a"], ["b"], ["d"]]
    assert isinstance(answers[2], Broken) and "secret" not in str(answers[2])


async def test_closing_commits_what_waits_and_takes_nothing_more() -> None:
    slow = Slow()
    queue = queue_of(slow)
    waiting = [asyncio.create_task(queue.submit(said(name))) for name in "abc"]
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(asyncio.to_thread(queue.close))
    await asyncio.sleep(0.05)
    with pytest.raises(Busy):
        await queue.submit(said("late"))
    slow.go.set()
    assert [ids(answer) for answer in await asyncio.gather(*waiting)] == [["a"], ["b"], ["c"]]
    assert await closing
