"""The suite of `suite.py`, on every backend there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.store.base import Store
from ledger.store.sqlite import SqliteStore
from tests.store.samples import ORIGIN, VKEY
from tests.store.suite import Backend, StoreSuite


class SqliteBackend:
    def create(self, directory: Path) -> Store:
        return SqliteStore.create(directory, origin=ORIGIN, vkey=VKEY)

    def open(self, directory: Path, *, read_only: bool = False, busy_timeout: float = 30.0) -> Store:
        return SqliteStore.open(directory, read_only=read_only, busy_timeout=busy_timeout)


class TestSqlite(StoreSuite):
    @pytest.fixture
    def backend(self) -> Backend:
        return SqliteBackend()
