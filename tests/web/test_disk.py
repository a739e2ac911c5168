"""A disk that is full in the middle of the work: whoever waits is told so, and what is acknowledged is kept."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ledger.custody.home import Home
from tests.cli.runner import Custody
from tests.web.conftest import Web
from tests.web.process import running

pytestmark = pytest.mark.slow
JSON = {"content-type": "application/json"}
AT_ONCE = 16


def test_a_full_disk_under_load(web: Web) -> None:
    """No file may grow beyond what the ledger has and a few commits: writes fail as on a full disk."""
    sent = [web.envelope() for _ in range(600)]
    web.world.ledger.close()
    room = max(file.stat().st_size for file in web.home.directory.glob("ledger.db*")) + 200_000
    said: Counter[int] = Counter()
    receipts: list[dict[str, Any]] = []

    def post(url: str, share: list[bytes]) -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            for one in share:
                answer = client.post("/statements", content=one, headers=JSON)
                said[answer.status_code] += 1
                if answer.status_code == 201:
                    receipts.append(answer.json()["accepted"])
                elif said[answer.status_code] <= AT_ONCE:
                    assert answer.headers["content-type"] == "application/problem+json", answer.text
                    assert answer.json()["code"] == "StoreFull", answer.text

    with running(web.home.directory, file_bytes=room) as server, ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(post, server.url, sent[n::AT_ONCE]) for n in range(AT_ONCE)]:
            done.result()
        assert httpx.get(f"{server.url}/checkpoint").status_code == 200  # reading goes on
    assert set(said) == {201, 507}
    assert said[507] > AT_ONCE and len(receipts) == said[201] > 0
    with Home(web.home.directory).open(clock=lambda: 0) as ledger:
        for one in receipts:
            assert ledger.entry(one["index"]).leaf_hash.hex() == one["leaf_hash"]
        kept = {ledger.entry(index).statement.id for index in range(ledger.store.head().size)}
        assert len(kept & {one["id"] for one in receipts}) == len(receipts)
    with running(web.home.directory) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        again = [client.post("/statements", content=one, headers=JSON) for one in sent[:200]]
        assert {one.status_code for one in again} <= {200, 201}
    assert Custody(web.home.directory).ok("verify", "--json").json["verdict"] == "intact"
