"""What `custody verify` says of a bundle that cannot be verified for want of entries."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import SourceError
from ledger.exchange.bundle import publish
from ledger_cli.commands.verify import run
from ledger_cli.frame import Frame
from tests.custody.world import World


def test_hashes_alone_are_unreadable_and_not_tampered(tmp_path: Path) -> None:
    world = World(tmp_path / "ledger")
    publish(world.ledger.store, tmp_path / "hashes", hashes_only=True)
    publish(world.ledger.store, tmp_path / "full")
    world.ledger.close()
    with pytest.raises(SourceError, match="hashes only"):
        run(Frame(json=True), str(tmp_path / "hashes"))
    assert run(Frame(json=True), str(tmp_path / "full")).verdict == "intact"
