"""Many signatures at once: verified beside the judging, with worker processes and without."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

import pytest

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer, Ledger
from ledger.errors import (
    EncodingError,
    LedgerError,
    NotAuthorised,
    SignatureInvalid,
    UnknownReference,
)
from ledger.log import Envelope, NoteVerifier, Signature
from ledger.store.sqlite import SqliteStore
from ledger.workers import crew
from ledger.workers.crew import LARGE, Crew
from tests.custody.test_admission import CLEANED
from tests.custody.world import M1, M2, ORIGIN, START, World, key, kg, receipt

MANY = 2 * LARGE


def hire(world: World, processes: int) -> Crew:
    """Give the ledger a crew whose workers run already."""
    made = world.ledger._signatures._crew = Crew(processes)
    if processes:
        made._hire()
        while not all(worker.ready for worker in made._workers):
            sleep(0.01)
    return made


@pytest.fixture(params=[0, 1, 2])
def staffed(request: pytest.FixtureRequest, world: World) -> World:
    hire(world, request.param)
    return world


def cleaned(world: World, count: int = MANY, **more: Any) -> list[Envelope]:
    return [world.envelope([world.k1], "disinfection.logged", M1, CLEANED, **more) for _ in range(count)]


def forged(envelope: Envelope) -> Envelope:
    """The same statement under signatures of something else."""
    return envelope._replace(
        signatures=tuple(
            Signature(keyid, bytes([sig[0] ^ 1]) + sig[1:]) for keyid, sig in envelope.signatures
        )
    )


def indexes(answers: list[Answer]) -> list[int | type]:
    return [answer.index if isinstance(answer, Receipt) else type(answer) for answer in answers]


def test_of_many_only_what_does_not_verify_is_refused(staffed: World) -> None:
    start, envelopes = staffed.size, cleaned(staffed)
    bad = {0, 7, LARGE, MANY - 1}
    answers = staffed.ledger.append([forged(e) if n in bad else e for n, e in enumerate(envelopes)])
    assert {n for n, answer in enumerate(answers) if isinstance(answer, SignatureInvalid)} == bad
    assert [index for index in indexes(answers) if isinstance(index, int)] == list(
        range(start, start + MANY - len(bad))
    )
    assert {answer.size for answer in answers if isinstance(answer, Receipt)} == {staffed.size}
    again = staffed.ledger.append(envelopes)  # all are in at last, none twice
    assert [isinstance(a, Receipt) and a.again for a in again] == [n not in bad for n in range(MANY)]
    assert staffed.size == start + MANY


def test_nothing_follows_from_what_does_not_verify(staffed: World) -> None:
    """Judged together, an unverified receipt would have covered the sale after it, and be remembered."""
    received = staffed.envelope([staffed.k1], "goods.received", M1, receipt("B1", "10"))
    body = {"buyer": {"type": "consumers"}, "lines": [{"batch": "B1", "quantity": kg("1")}]}
    sold = staffed.envelope([staffed.k1], "goods.sold", M1, body)
    answers = staffed.ledger.append([*cleaned(staffed), forged(received), sold])
    assert indexes(answers)[-2:] == [SignatureInvalid, UnknownReference]
    assert isinstance(staffed.sell("B1", "1"), UnknownReference)
    assert indexes(staffed.ledger.append([received, sold])) == [staffed.size - 2, staffed.size - 1]


def test_nothing_is_on_the_disk_before_all_is_verified(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even in the log of a commit that may be called off: far more than the database's cache is written here."""
    made = hire(world, 1)
    envelopes = [world.envelope([world.k1], "goods.received", M1, large_receipt(n)) for n in range(MANY)]
    before: list[int] = []
    finish = made._finish

    def look_and_finish(*given: Any) -> list[int]:
        before.append(written())
        return finish(*given)

    def written() -> int:
        return sum(file.stat().st_size for file in world.folder.glob("ledger.db*"))

    monkeypatch.setattr(made, "_finish", look_and_finish)
    start, size = written(), world.size
    answers = world.ledger.append([*envelopes, forged(cleaned(world, 1)[0])])
    assert before == [start]
    assert indexes(answers) == [*range(size, size + MANY), SignatureInvalid]
    assert written() > start + 4_000_000


def large_receipt(number: int) -> dict[str, Any]:
    body = receipt(f"L{number}", "10")
    return {**body, "lines": [{**body["lines"][0], "batch": f"L{number}-{n}"} for n in range(60)]}


def test_all_forged_leaves_nothing(staffed: World) -> None:
    start = staffed.size
    answers = staffed.ledger.append([forged(envelope) for envelope in cleaned(staffed)])
    assert set(indexes(answers)) == {SignatureInvalid}
    assert staffed.size == start


def test_a_key_may_be_granted_in_the_batch_that_uses_it(staffed: World) -> None:
    new, unknown = key("new"), key("unknown")
    body = {"public_key": new.public.text, "role": "merchant", "scope": M1, "holder": None}
    granted = staffed.envelope([staffed.operator], "key.granted", None, body)
    used = [staffed.envelope([new], "disinfection.logged", M1, CLEANED) for _ in range(3)]
    stranger = staffed.envelope([unknown], "disinfection.logged", M1, CLEANED)
    both = staffed.envelope([staffed.k1, unknown], "disinfection.logged", M1, CLEANED)
    broken = Envelope(b"{", used[0].signatures)
    answers = staffed.ledger.append(
        [*cleaned(staffed), granted, used[0], forged(used[1]), used[2], stranger, both, broken]
    )
    shown = indexes(answers)[MANY:]
    assert shown[2] is SignatureInvalid
    assert shown[4:6] == [NotAuthorised, NotAuthorised]
    assert isinstance(answers[-1], EncodingError)
    assert all(isinstance(index, int) for index in (shown[0], shown[1], shown[3]))


def test_a_large_beginning_is_judged_when_it_is_verified(world: World, tmp_path: Any) -> None:
    vkey = NoteVerifier.from_key(ORIGIN, world.log_key.public).vkey
    store = SqliteStore.create(tmp_path / "empty", origin=ORIGIN, vkey=vkey)
    opened = world.envelope([world.operator], "ledger.opened", None, _opening(world), seen=None)
    grant = {"public_key": world.k1.public.text, "role": "merchant", "scope": M1, "holder": None}
    more = [world.envelope([world.operator], "key.granted", None, grant, seen=None) for _ in range(MANY)]
    with Ledger(store, log_key=world.log_key, clock=lambda: START) as ledger:
        with pytest.raises(NotAuthorised, match=r"ledger\.opened"):
            ledger.append([forged(opened), *more])
        assert store.head().size == 0
        answers = ledger.append([forged(more[0]), opened, *more[1:]])
        assert isinstance(answers[0], SignatureInvalid)
        assert isinstance(answers[1], Receipt)
        assert store.head().size >= 2


def _opening(world: World) -> dict[str, object]:
    return {
        "title": "测试",
        "jurisdiction": "CN-HA",
        "operator_key": world.operator.public.text,
        "log_key": world.log_key.public.text,
    }


@contextmanager
def killed_at_work(made: Crew) -> Iterator[None]:
    """End the workers as soon as they have been given something."""
    begin = made._begin

    def begin_and_kill(batch: Any) -> Any:
        asked = begin(batch)
        for worker in asked:
            os.kill(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
        return asked

    made._begin = begin_and_kill  # type: ignore[method-assign]
    yield
    del made._begin


def test_a_worker_that_dies_at_work_loses_nothing(world: World) -> None:
    made, start, envelopes = hire(world, 2), world.size, cleaned(world)
    with killed_at_work(made), pytest.raises(LedgerError, match="nothing of this was recorded"):
        world.ledger.append(envelopes)
    assert world.size == start
    assert indexes(world.ledger.append(envelopes)) == list(range(start, start + MANY))


def test_a_worker_that_died_at_rest_is_replaced(world: World) -> None:
    made = hire(world, 1)
    (old,) = made._workers
    os.kill(old.process.pid, signal.SIGKILL)
    old.process.wait()
    assert all(isinstance(answer, Receipt) for answer in world.ledger.append(cleaned(world)))
    assert made._workers != [old]


def test_closing_leaves_no_process(world: World) -> None:
    made = hire(world, 2)
    world.ledger.append(cleaned(world))
    processes = [worker.process for worker in made._workers]
    world.ledger.close()
    assert [process.poll() for process in processes] == [-signal.SIGKILL] * 2


def test_few_statements_start_no_process(world: World) -> None:
    made = world.ledger._signatures._crew = Crew(2)
    world.ledger.append(cleaned(world, LARGE - 1))
    assert made._workers == []


def test_many_bytes_are_not_copied_to_workers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "MAX_BYTES", 1000)
    made = world.ledger._signatures._crew = Crew(2)
    assert all(isinstance(answer, Receipt) for answer in world.ledger.append(cleaned(world)))
    assert made._workers == []


def test_workers_that_are_starting_hold_nobody_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.ledger._signatures._crew = Crew(1)
    monkeypatch.setattr(crew.Worker, "ready", False)
    assert all(isinstance(answer, Receipt) for answer in world.ledger.append(cleaned(world)))
    assert len(made._workers) == 1


def test_the_other_author_of_a_statement_counts_too(staffed: World) -> None:
    """The last of an envelope's signatures that does not verify is named, as ever."""
    both = staffed.envelope([staffed.officer, staffed.second], "disinfection.logged", M2, CLEANED)
    answers = staffed.ledger.append([*cleaned(staffed), forged(both)])
    assert isinstance(answers[-1], SignatureInvalid)
    assert both.signatures[-1].keyid[:16] in answers[-1].message
