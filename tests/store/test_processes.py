"""Several processes on one ledger, and processes that die."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.store.facts import StatementFact
from ledger.store.sqlite import SqliteStore
from tests.store import driver, samples
from tests.store.samples import ORIGIN, VKEY, commit

ROOT = Path(__file__).resolve().parents[2]


def check_whole(directory: Path) -> int:
    """Everything that must hold after whatever happened; the size."""
    with SqliteStore.open(directory) as store:
        head = store.head()
        assert list(store.entries()) == [(index, samples.entry_of(index)) for index in range(head.size)]
        assert list(store.fact_rows(StatementFact)) == samples.statements(0, head.size)
        sizes = [size for size, note in store.checkpoints() if note == samples.note_of(size)]
        assert sizes[-1:] == ([head.size] if head.size else [])
        expected = {(level, number): data for level, number, data in samples.tiles_of(0, head.size)}
        assert store.tiles(list(expected)) == expected
        with store.writing() as transaction:
            assert transaction.head == head
    with sqlite3.connect(directory / "ledger.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return head.size


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY).close()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=driver.main, args=(str(tmp_path), "compete", "40")) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with SqliteStore.open(tmp_path) as store:
        assert len(list(store.checkpoints())) == 80
    assert check_whole(tmp_path) == 2 * sum(1 + number % 5 for number in range(40))


def start(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.driver", str(directory), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_killed_at_any_moment_the_ledger_ends_at_a_commit(tmp_path: Path) -> None:
    SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY).close()
    choose = random.Random(9)
    size = 0
    for _ in range(12):
        worker = start(tmp_path, "grow", "100000")
        assert worker.stdout is not None
        worker.stdout.readline()  # it is on its way
        time.sleep(choose.uniform(0, 0.1))
        worker.send_signal(signal.SIGKILL)
        answered = [int(line) for line in worker.stdout.read().split("\n")[:-1] if line]
        worker.stdout.close()
        worker.wait()
        grown = check_whole(tmp_path)
        assert grown > size
        # What was answered is there; at most one commit was made whose answer did not get out.
        assert max(answered, default=grown) <= grown <= max(answered, default=grown) + 5
        size = grown


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """A limit on the size of files stands for quotas and full disks: no privileges needed."""
    SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY).close()
    worker = start(tmp_path, "limited", str(1 << 20))
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0
    full, more = output.split("\n")[:2]
    code, appended, head, entries = full.split()
    assert code == "StoreFull"
    assert int(appended) == int(head) == int(entries) > 0
    assert int(more) == int(head) + 100 == check_whole(tmp_path)


def test_a_store_closed_by_the_end_of_its_process_is_whole(tmp_path: Path) -> None:
    SqliteStore.create(tmp_path, origin=ORIGIN, vkey=VKEY).close()
    code = (
        "import os, sys; from tests.store.driver import *; "
        "store = SqliteStore.open(Path(sys.argv[1])); one_commit(store, 3); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True)
    assert (tmp_path / "ledger.db-wal").exists()
    assert check_whole(tmp_path) == 3
    assert not (tmp_path / "ledger.db-wal").exists()
    assert commit(0, 3).checkpoint[0] == 3
