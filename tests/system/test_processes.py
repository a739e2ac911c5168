"""Several processes on one ledger: eight that append at once, and one that is killed at random, again and again.

The children are `tests.system.appender`: they print each receipt when they have it, so what was promised is known.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.audit.live import live_source
from ledger.audit.report import Report
from ledger.audit.verify import verify
from ledger.store.sqlite import SqliteStore
from tests.custody.world import World

ROOT = Path(__file__).resolve().parents[2]
KILLS = 200


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.system.appender", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def verified(folder: Path) -> Report:
    with SqliteStore.open(folder) as store, live_source(store, None, name="here") as source:
        return verify(source, vkey=store.vkey)


def must_hold(folder: Path, promised: list[dict[str, Any]]) -> None:
    with SqliteStore.open(folder) as store:
        for receipt in promised:
            data = store.entry(receipt["index"])
            assert receipt["id"] in data.decode()


@pytest.mark.slow
def test_eight_processes_append_at_once(tmp_path: Path) -> None:
    World(tmp_path).ledger.close()
    children = [start(tmp_path, seed, 25) for seed in range(8)]
    promised = [
        json.loads(line) for child in children for line in child.communicate(timeout=120)[0].splitlines()
    ]
    assert [child.returncode for child in children] == [0] * 8
    assert len(promised) == 8 * 25
    assert len({receipt["index"] for receipt in promised}) == 8 * 25
    must_hold(tmp_path, promised)
    report = verified(tmp_path)
    assert report.verdict == "intact", report.faults
    assert report.size == 12 + 8 * 25


@pytest.mark.slow
def test_a_process_killed_at_random_loses_nothing_it_promised(tmp_path: Path) -> None:
    """200 kills while it appends, each at a random moment after a few commits."""
    World(tmp_path).ledger.close()
    rng = Random(5)
    promised: list[dict[str, Any]] = []
    with start(tmp_path) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        for number in range(KILLS):
            parent.stdin.write(f"{number}\n")
            pid = json.loads(parent.stdout.readline())["pid"]
            wait = rng.randrange(0, 8)
            for line in parent.stdout:
                said = json.loads(line)
                if "ended" in said:
                    assert os.waitstatus_to_exitcode(said["ended"]) == -signal.SIGKILL
                    break
                promised.append(said)
                wait -= 1
                if wait < 0 and pid:
                    time.sleep(rng.random() * 0.004)
                    os.kill(pid, signal.SIGKILL)
                    pid = 0
        parent.stdin.close()
        assert parent.wait(30) == 0
    assert len(promised) > KILLS
    must_hold(tmp_path, promised)
    report = verified(tmp_path)
    assert report.verdict == "intact", report.faults
    assert report.size >= 12 + len(promised)
