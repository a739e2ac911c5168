"""A ledger with keys, rule sets and two merchants, made by the command itself, and a copy of it for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ledger_cli import frame
from tests.cli.runner import M1, M2, Custody


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Operator, two merchants and two supervisors; both goods classes have a rule set."""
    ledger = tmp_path_factory.mktemp("cli") / "erligang"
    custody = Custody(ledger)
    custody.ok("init", ledger, "--origin", "custody.example/erligang", "--no-passphrase")
    for code in ("ha-2022-non-cold-chain", "ha-2022-07-non-cold-chain", "ha-2022-cold-chain"):
        custody.ok("ruleset", "publish", code)
    custody.ok(
        *(
            "merchant",
            "enroll",
            M1,
            "--name",
            "二里岗冷库",
            "--address",
            "城东路 1 号",
            "--grid",
            "erligang/3/07",
        ),
        *("--kind", "cold_store", "--class", "cold_chain"),
        *("--zone", "code=冷库-1,name=一号冷库,class=cold_chain,storage=frozen,dedicated=yes"),
    )
    custody.ok(
        *(
            "merchant",
            "enroll",
            M2,
            "--name",
            "城东超市",
            "--address",
            "城东路 9 号",
            "--grid",
            "erligang/3/08",
        ),
        *("--kind", "supermarket", "--class", "cold_chain", "--class", "non_cold_chain"),
    )
    for name, role, scope in (
        ("shop", "merchant", M1),
        ("market", "merchant", M2),
        ("officer-a", "supervisor", "erligang/3"),
        ("officer-b", "supervisor", "erligang/3"),
    ):
        custody.ok("key", "new", name, "--no-passphrase")
        custody.ok("key", "grant", name, "--role", role, "--scope", scope)
    return ledger


@pytest.fixture
def custody(template: Path, tmp_path: Path) -> Custody:
    """The command on a ledger of its own."""
    shutil.copytree(template, tmp_path / "erligang")
    return Custody(tmp_path / "erligang")


@pytest.fixture
def stocked(custody: Custody) -> Custody:
    """The same, after 12.5 kg of batch B1 have come in at M1."""
    custody.receipt(
        *("goods", "receive", "-m", M1, "--supplier", "Mar del Sur S.A.", "--supplier-country", "AR"),
        *(
            "--line",
            "batch=B1,name=冻虾 Frozen shrimp,class=cold_chain,quantity=12.5kg,origin=AR,hs=0306179000",
        ),
        *("--document", "customs_declaration:422020261000000123", "--transport", "truck:豫A12345"),
        *("--unloading", "1号门:叉车"),
    )
    return custody


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests at a terminal is not asked for passphrases."""
    monkeypatch.setattr(frame, "has_terminal", lambda: False)
    for name in ("CUSTODY_LEDGER", "CUSTODY_PASSPHRASE", "CUSTODY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
