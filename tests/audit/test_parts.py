"""The rooms of a verification by themselves: the tree, the scratch files, the outcome, the workers."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit.outcome import MAX_DETAIL, MAX_LISTED, Outcome
from ledger.audit.recomputed import RecomputedTree
from ledger.audit.report import CHECKS
from ledger.audit.scratch import Scratch
from ledger.audit.signatures import BATCH, BATCH_BYTES, Place, SignatureChecks
from ledger.errors import LedgerError
from ledger.log.keys import PrivateKey
from ledger.log.tree import EMPTY_ROOT, leaf_hash, root_of
from ledger.messages import Message, joined
from ledger.workers import worker
from tests.audit.memory import key
from tests.reference.trees import Tree

ENTRIES = [b"%d" % number for number in range(1500)]
LEAVES = [leaf_hash(data) for data in ENTRIES]


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with Scratch() as made:
        yield made


def grown(scratch: Scratch, size: int) -> RecomputedTree:
    tree = RecomputedTree(scratch)
    for start in range(0, size, 256):
        tree.extend(LEAVES[start : min(start + 256, size)])
    return tree


def test_roots_of_all_past_sizes_are_those_of_the_standard(scratch: Scratch) -> None:
    slow = Tree(ENTRIES)
    tree = grown(scratch, 1500)
    for size in range(1501):
        assert tree.root_at(size) == slow.root(size)
    assert tree.root_at(0) == EMPTY_ROOT
    assert tree.root() == root_of(LEAVES)


@given(sizes=st.lists(st.integers(0, 1500), max_size=8), size=st.integers(0, 1500))
@settings(max_examples=25, deadline=None)
def test_roots_in_any_order_and_from_the_scratch_file(sizes: list[int], size: int) -> None:
    with Scratch() as scratch:
        tree = grown(scratch, size)
        tree._layers.clear()  # as if long past
        for past in sizes:
            if past <= size:
                assert tree.root_at(past) == root_of(LEAVES[:past])


def test_many_tiles_and_levels(scratch: Scratch) -> None:
    """A tree of three levels, grown from few different leaves; compared where its upper tiles are full and partial."""
    block = LEAVES[:256]
    tree = RecomputedTree(scratch)
    for _ in range(258):
        tree.extend(block)
    tree.extend(block[:5])
    size = 258 * 256 + 5
    assert tree.root() == root_of(block * 258 + block[:5])
    node = root_of(block)
    assert tree.tiles(1) == (1, 2)
    assert tree.tiles(2) == (0, 1)
    assert tree.tile(1, 0, 256) == node * 256
    assert tree.tile(1, 1, 2) == node * 2
    assert tree.tile(2, 0, 1) == root_of([node] * 256)
    assert tree.root_at(size - 300) == root_of((block * 258)[: size - 300])


def test_leaves_come_by_whole_tiles(scratch: Scratch) -> None:
    tree = grown(scratch, 300)
    with pytest.raises(ValueError, match="whole tiles"):
        tree.extend(LEAVES[:1])
    with pytest.raises(ValueError, match="there are 300 entries, not 301"):
        tree.root_at(301)
    tree.extend([])
    assert tree.size == 300


def test_ids_are_known_from_their_first_place_on(scratch: Scratch) -> None:
    rng = Random(1)
    known: dict[bytes, int] = {}
    index = 0
    for _ in range(50):
        ids = [(rng.randbytes(1), index + offset) for offset in range(7)]
        index += 7
        repeated = [(at, known[id_]) for id_, at in ids if known.setdefault(id_, at) != at]
        assert scratch.add_ids(ids) == repeated
    assert all(scratch.index_of(id_) == first for id_, first in known.items())
    assert scratch.index_of(b"none") is None
    assert scratch.add_ids([]) == []


def test_an_outcome_lists_the_first_faults_and_counts_the_others() -> None:
    outcome = Outcome()
    for index in range(MAX_LISTED + 7):
        outcome.fault("seen", index, Message("another history"))
    outcome.fault("chain", 3, Message("broken"))
    report = outcome.report(5, bytes(32), [])
    assert len(report.faults) == MAX_LISTED + 1
    assert report.faults[0].check == "chain"
    seen = next(check for check in report.checks if check.name == "seen")
    assert seen.status == "failed"
    assert "1,007 faults, the first 1,000 are listed" in seen.detail


def test_a_long_detail_is_cut() -> None:
    outcome = Outcome()
    outcome.fault("schema", 1, Message("{text}", text="x" * 5000))
    (fault,) = outcome.report(0, b"", []).faults
    assert len(fault.detail) == MAX_DETAIL + 1
    assert fault.detail.template == "{text}"


def test_of_a_thousand_problems_the_first_are_told_each_with_its_template() -> None:
    outcome = Outcome()
    said = "line {number} has no unit"
    outcome.fault("schema", 1, joined([Message(said, number=number) for number in range(1_000)]))
    (fault,) = outcome.report(0, b"", []).faults
    assert MAX_DETAIL / 2 < len(fault.detail) <= MAX_DETAIL + 60
    assert fault.detail.startswith("line 0 has no unit; line 1 has no unit; line 2 has")
    leaves = [fault.detail]
    while any(one.template == "{first}; {rest}" for one in leaves):
        leaves = [part for one in leaves for part in (_parts(one) or [one])]
    assert {one.template for one in leaves[:-1]} == {said}


def _parts(said: Message) -> list[Message]:
    return [part for part in said.values.values() if isinstance(part, Message)]


def test_faults_are_sorted_by_check_then_entry() -> None:
    outcome = Outcome()
    for check, index in (("facts", 1), ("encoding", 9), ("facts", None), ("encoding", 2), ("tree", 0)):
        outcome.fault(check, index, Message("changed"))
    order = [(fault.check, fault.index) for fault in outcome.report(0, b"", []).faults]
    assert order == [("encoding", 2), ("encoding", 9), ("tree", 0), ("facts", None), ("facts", 1)]


def test_a_report_as_json_is_plain() -> None:
    outcome = Outcome()
    outcome.fault("tree", 7, Message("changed"))
    told = outcome.report(8, bytes(32), [Message("odd")]).as_json()
    assert told["verdict"] == "tampered"
    assert told["root"] == "00" * 32
    assert told["faults"] == [{"check": "tree", "index": 7, "detail": "changed"}]
    assert [check["name"] for check in told["checks"]] == list(CHECKS)  # type: ignore[attr-defined]


# ---------------------------------------------------------------- signatures

KEYS = [key("a"), key("b", "p256"), key("c")]


def submit(checks: SignatureChecks, count: int, bad: set[int]) -> None:
    message = b"message"
    signatures = {private.public.keyid: private.sign(message) for private in KEYS}
    for index in range(count):
        private: PrivateKey = KEYS[index % 3]
        signature = signatures[private.public.keyid]
        if index in bad:
            signature = signature[:40] + bytes([signature[40] ^ 1]) + signature[41:]
        checks.submit(
            private.public.spki, signature, message, Place("statement_signature", index, Message("bad"))
        )


@pytest.mark.parametrize("processes", [0, 1, 2])
def test_bad_signatures_come_back_in_order(processes: int) -> None:
    outcome = Outcome()
    bad = {0, 1, BATCH - 1, BATCH, 5 * BATCH + 3, 2000}
    with SignatureChecks(outcome, processes=processes) as checks:
        submit(checks, 2001, bad)
        checks.finish()
    report = outcome.report(0, b"", [])
    assert [fault.index for fault in report.faults] == sorted(bad)
    assert next(check.count for check in report.checks if check.name == "statement_signature") == 2001


def test_long_messages_make_short_batches() -> None:
    outcome = Outcome()
    message = bytes(BATCH_BYTES // 4)
    place = Place("statement_signature", 0, Message("bad"))
    with SignatureChecks(outcome, processes=0) as checks:
        for _ in range(9):
            checks.submit(KEYS[0].public.spki, KEYS[0].sign(message), message, place)
        assert len(checks._jobs) == 1
        checks.finish()
    assert outcome.report(0, b"", []).faults == ()


def test_a_worker_that_dies_is_an_error_and_not_a_verdict() -> None:
    with SignatureChecks(Outcome(), processes=2) as checks:
        submit(checks, BATCH, set())
        for process in checks._workers:
            os.kill(process.process.pid, signal.SIGKILL)
            process.process.wait()
        with pytest.raises(LedgerError, match="has ended before its work was done"):
            submit(checks, 20 * BATCH, set())
            checks.finish()


def test_workers_end_with_the_verification() -> None:
    with pytest.raises(KeyboardInterrupt), SignatureChecks(Outcome(), processes=2) as checks:
        submit(checks, 3 * BATCH, set())
        workers = list(checks._workers)
        raise KeyboardInterrupt
    assert [process.process.poll() is not None for process in workers] == [True, True]


def test_workers_ignore_the_interrupt_that_their_caller_answers() -> None:
    outcome = Outcome()
    with SignatureChecks(outcome, processes=1) as checks:
        submit(checks, BATCH, set())
        checks.finish()
        os.kill(checks._workers[0].process.pid, signal.SIGINT)
        submit(checks, BATCH, {5})
        checks.finish()
    assert [fault.index for fault in outcome.report(0, b"", []).faults] == [5]


def test_a_worker_loads_little() -> None:
    """What each process costs in memory is decided by what it imports."""
    code = "import sys, ledger.workers.worker; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {
        "pydantic",
        "sqlalchemy",
        "sqlmodel",
        "ledger_schemas",
        "ledger.custody",
        "ledger.store",
    } & set(loaded)


def test_the_workers_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    private = KEYS[0]
    good, message = private.sign(b"m"), b"m"
    batch = (
        [private.public.spki, b"no key"],
        [(0, good, message), (0, bytes(64), message), (1, good, message)],
    )
    given = io.BytesIO()
    worker.send(given, pickle.dumps(batch))
    given.seek(0)
    answered = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(answered))
    before = signal.getsignal(signal.SIGINT)
    try:
        worker.main()
    finally:
        signal.signal(signal.SIGINT, before)
    answered.seek(0)
    assert worker.receive(answered) == b""
    assert pickle.loads(worker.receive(answered) or b"") == (3, [1, 2])  # noqa: S301 - made above
    assert worker.receive(answered) is None
    with pytest.raises(EOFError):
        worker.receive(io.BytesIO(b"\x00\x00\x00\x09short"))


def test_keys_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_MAX_KEYS", 1)
    verifier = worker.Verifier()
    for private in KEYS * 2:
        assert verifier.verified(([private.public.spki], [(0, private.sign(b"x"), b"x")])) == (1, [])
    assert len(verifier._known) <= 2
