"""A crew by itself: parts of a batch, each taken once, and answers that add up."""

from __future__ import annotations

import os
from time import sleep

import pytest

from ledger.errors import LedgerError
from ledger.workers.crew import LARGE, Crew, cores
from ledger.workers.memory import uncollected
from ledger.workers.worker import Batch, Verifier, part_numbers, parts
from tests.custody.world import key

KEYS = [key("a"), key("b", "p256")]


def batch(count: int, bad: set[int]) -> Batch:
    message = b"message"
    good = [private.sign(message) for private in KEYS]
    jobs = [(n % 2, bytes(64) if n in bad else good[n % 2], message) for n in range(count)]
    return [private.public.spki for private in KEYS], jobs


@pytest.mark.parametrize("jobs", [1, 8, 9, 1000, 2048, 2049, 100_000])
def test_parts_cover_a_batch_once(jobs: int) -> None:
    pipe, end = os.pipe()
    os.set_blocking(pipe, False)
    os.write(end, part_numbers(jobs))
    assert [place for part in parts(pipe, jobs) for place in part] == list(range(jobs))
    assert list(parts(pipe, jobs)) == []
    os.close(end)
    assert list(parts(pipe, jobs)) == []
    os.close(pipe)


@pytest.mark.parametrize("processes", [0, 1, 2])
def test_a_crew_finds_what_does_not_verify(processes: int) -> None:
    crew = Crew(processes)
    try:
        for count in (0, 1, LARGE - 1, LARGE, 600):
            bad = {0, count // 2, count - 1} if count else set()
            with crew.verifying(batch(count, bad)) as finish:
                assert finish() == sorted(bad)
            while processes and count == LARGE and not all(worker.ready for worker in crew._workers):
                sleep(0.01)  # the last batch is shared
        with crew.verifying(batch(LARGE, set())):
            pass  # nobody asks, and the next answer is not this one
        with crew.verifying(batch(LARGE, {5})) as finish:
            assert finish() == [5]
    finally:
        crew.close()


def test_what_its_caller_leaves_half_done_is_dropped() -> None:
    crew = Crew(1)
    crew._hire()
    while not all(worker.ready for worker in crew._workers):
        sleep(0.01)
    process = crew._workers[0].process
    with pytest.raises(KeyboardInterrupt), crew.verifying(batch(600, set())):
        raise KeyboardInterrupt
    assert process.poll() is not None
    with crew.verifying(batch(600, {599})) as finish:
        assert finish() == [599]
    crew.close()


def test_a_signature_that_nobody_verified_is_not_taken_for_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    crew = Crew(1)
    monkeypatch.setattr(Verifier, "verified", lambda *_: (LARGE - 1, []))
    with (
        pytest.raises(LedgerError, match=f"{LARGE - 1} of {LARGE}"),
        crew.verifying(batch(LARGE, set())) as finish,
    ):
        finish()
    assert crew._workers == []


def test_there_is_a_core() -> None:
    assert cores() >= 1


def test_the_collector_is_left_as_it_was() -> None:
    import gc

    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
