"""The big ledger, built once for all measurements. `CUSTODY_BENCH_ENTRIES` says how big (50,000 unless told)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from benchmarks.measuring import BareDatabase
from benchmarks.town import Town

ENTRIES = int(os.environ.get("CUSTODY_BENCH_ENTRIES", "50000"))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A street office with that many entries; measurements may append more."""
    made = Town.found(tmp_path_factory.mktemp("town") / "ledger")
    made.grow(to=ENTRIES)
    yield made
    made.ledger.close()


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareDatabase]:
    """An empty database on the same disk as the ledger."""
    database = BareDatabase(tmp_path_factory.mktemp("bare"))
    yield database
    database.close()
