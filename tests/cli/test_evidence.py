"""`custody check-evidence`, and `custody check-proof --grant`: what a phone or a proof shows, checked offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.custody.home import Home
from ledger.log import NoteSigner, checkpoint
from tests.cli.runner import M1, Custody
from tests.cli.test_check_proof import private_key, vkey


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Custody]:
    """A ledger with a merchant that has recorded two disinfections, published."""
    custody = Custody(tmp_path_factory.mktemp("evidence") / "ledger")
    bare = Custody(custody.ledger.parent)
    bare.ok("init", custody.ledger, "--origin", "custody.example/erligang", "--title", "T", "--no-passphrase")
    custody.ok("ruleset", "publish", "ha-2022-non-cold-chain")
    zone = "code=D1,name=A,class=non_cold_chain,storage=ambient,dedicated=yes"
    custody.ok(
        *(
            "merchant",
            "enroll",
            M1,
            "--name",
            "A",
            "--address",
            "B",
            "--grid",
            "erligang/1",
            "--kind",
            "shop",
        ),
        *("--class", "non_cold_chain", "--zone", zone, "--key", "operator"),
    )
    custody.ok("key", "new", "shop", "--no-passphrase")
    custody.ok("key", "grant", "shop", "--role", "merchant", "--scope", M1)
    for place in "12":
        custody.ok(
            *("log", "disinfection", "-m", M1, "--target", "shelf", "--place", place),
            *("--agent", "A", "--method", "B", "--minutes", "5"),
        )
    custody.ok("publish", custody.ledger.parent / "published")
    yield custody


def last(shop: Custody) -> int:
    return int(shop.ok("checkpoint").out.splitlines()[1]) - 1


def test_a_grant_shows_that_the_author_had_the_key(shop: Custody, tmp_path: Path) -> None:
    key = vkey(shop)
    away = Custody(tmp_path)
    files = {}
    for index in (last(shop), last(shop) - 2, last(shop) - 1):
        files[index] = tmp_path / f"{index}.tlog-proof"
        shop.ok("prove", index, "-o", files[index])
    sale, grant, earlier = files.values()
    told = away.ok("check-proof", sale, "--vkey", key, "--grant", grant, "--json").json
    assert (told["signatures_verified"], told["granted"][0]["scope"]) == (True, M1)
    assert f"entry {last(shop) - 2}" in away.ok("check-proof", sale, "--vkey", key, "--grant", grant).out
    assert away.run("check-proof", sale, "--vkey", key, "--grant", earlier).code == 1  # gives out no key
    assert away.run("check-proof", grant, "--vkey", key, "--grant", grant).code == 1  # not before itself
    first = tmp_path / "0.tlog-proof"
    shop.ok("prove", 0, "-o", first)
    assert away.run("check-proof", sale, "--vkey", key, "--grant", first).code == 3  # another key's grant


def evidence(tmp_path: Path, remembered: str, shown: str) -> Path:
    file = tmp_path / "custody-evidence.json"
    told = {
        "evidence": "custody-ledger/evidence@v1",
        "reason": "history",
        "remembered": remembered,
        "shown": shown,
    }
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


def test_two_states_are_of_one_history_or_not(shop: Custody, tmp_path: Path) -> None:
    key, published = vkey(shop), shop.ledger.parent / "published"
    signer = NoteSigner("custody.example/erligang", private_key(shop, "log"))
    with Home(shop.ledger).open(clock=lambda: 0) as ledger:
        size, half = ledger.store.head().size, ledger.root_at(2)
    true = shop.ok("checkpoint").out
    early = checkpoint.sign(signer.verifier.name, 2, half, signer).decode()
    false = checkpoint.sign(signer.verifier.name, size, bytes(32), signer).decode()
    false_early = checkpoint.sign(signer.verifier.name, 2, bytes(32), signer).decode()
    other = checkpoint.sign(
        "custody.example/x", 2, half, NoteSigner("custody.example/x", private_key(shop, "shop"))
    )
    away = Custody(tmp_path)
    for remembered, shown, more, code in (
        (true, false, (), 1),
        (true, true, (), 0),
        (early, true, (), 3),
        (early, true, ("--bundle", published), 0),
        (false_early, true, ("--bundle", published), 1),
        (true, other.decode(), (), 3),
    ):
        answer = away.run(
            "check-evidence", evidence(tmp_path, remembered, shown), "--vkey", key, *more, "--json"
        )
        assert (answer.code, answer.json["contradiction"]) == (code, code == 1), answer.out
    assert "TAMPERED" in away.run("check-evidence", evidence(tmp_path, true, false), "--vkey", key).out
    (tmp_path / "none.json").write_text("{}")
    assert away.run("check-evidence", tmp_path / "none.json", "--vkey", key, "--json").code == 2
