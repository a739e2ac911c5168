"""The whole API under schemathesis: whatever is sent, an answer in our own words, and nothing taken in.

Examples are few and the same in every run; `SCHEMATHESIS_EXAMPLES` makes them more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from ledger.custody.home import Home
from ledger_web.app import make_app
from ledger_web.openapi import describe
from tests.web.conftest import Web
from tests.web.process import Server, running

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "12"))


def document() -> dict[str, Any]:
    """The description of the app, which needs no ledger."""
    return describe(
        make_app(
            Home(Path("nowhere")), open_ledger=lambda: NotImplemented, clock=lambda: 0, randomness=os.urandom
        )
    )


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {one.label: one for found in SCHEMA.get_all_operations() if (one := cast("Any", found).ok())}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Web]]:
    web = Web(tmp_path_factory.mktemp("fuzz") / "ledger")
    web.world.receive("B1", "10")
    web.world.ledger.close()
    with running(web.home.directory) as process:
        yield process, web


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_whatever_is_sent(server: tuple[Server, Web], label: str) -> None:
    process, _ = server
    before = httpx.get(f"{process.url}/healthz").json()["size"]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(OPERATIONS[label].as_strategy())
    def run(case: Any) -> None:  # Any: schemathesis' own case
        answer = case.call(base_url=process.url, timeout=20)
        assert answer.status_code < 500, answer.content
        assert b"Traceback" not in answer.content
        if answer.status_code >= 400 and case.method != "HEAD":
            assert answer.headers["content-type"][0] == "application/problem+json"
            found = answer.json()
            assert found["status"] == answer.status_code and found["title"] and found["detail"]

    run()
    assert httpx.get(f"{process.url}/healthz").json()["size"] == before
    assert process.process.poll() is None
