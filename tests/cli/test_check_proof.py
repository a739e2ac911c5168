"""`custody check-proof`: what a proof shows, and what only the authors' own keys do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.custody.authoring import instant, uuid7
from ledger.custody.home import Home
from ledger.log import NoteSigner, PrivateKey, checkpoint, entry, proof, statement
from ledger.log.statement import Envelope, Signature
from ledger.log.times import format_utc
from ledger.log.tree import CompactRange
from tests.cli.runner import M1, Answer, Custody

ORIGIN = "custody.example/erligang"
NOW = 1_800_000_000_000


def public_key(custody: Custody, name: str) -> str:
    rows: list[dict[str, Any]] = custody.ok("key", "list", "--json").json
    return str(next(row["public_key"] for row in rows if row["name"] == name))


def private_key(custody: Custody, name: str) -> PrivateKey:
    return Home(custody.ledger).key(name, lambda _: None)


def vkey(custody: Custody) -> str:
    return custody.ok("checkpoint", "--vkey").out.strip()


def envelope(keyid: str, signature: bytes) -> Envelope:
    """A sale that the merchant never stated, under its key's id."""
    body = {
        "buyer": {"type": "consumers"},
        "lines": [{"batch": "B1", "quantity": {"value": "99", "unit": "kg"}}],
    }
    payload = statement.build_statement(
        body=body,
        id=uuid7(NOW, bytes(10)),
        kind="goods.sold",
        ledger=ORIGIN,
        merchant=M1,
        occurred_at=instant(NOW),
        seen=None,
    )
    return Envelope(payload, (Signature(keyid, signature),))


def forged(custody: Custody, out: Path, signature: bytes = bytes(64)) -> Path:
    """What somebody with the log's key can make: a checkpoint over an entry that its author never signed."""
    keyid = private_key(custody, "shop").public.keyid
    made = entry.build(1, bytes(32), 0, None, format_utc(NOW), envelope(keyid, signature))
    tree = CompactRange()
    tree.append(bytes(32))
    tree.append(made.leaf_hash)
    signer = NoteSigner(ORIGIN, private_key(custody, "log"))
    note = checkpoint.sign(ORIGIN, 2, tree.root(), signer)
    out.write_bytes(proof.make(made.data, 1, [bytes(32)], note))
    return out


def elsewhere(custody: Custody, folder: Path, *words: object) -> Answer:
    """The command where there is no ledger, as whoever was handed the file would run it."""
    folder.mkdir(exist_ok=True)
    return Custody(folder).run("check-proof", *words, "--vkey", vkey(custody))


@pytest.fixture
def sold(stocked: Custody, tmp_path: Path) -> tuple[Custody, Path]:
    """A ledger with a sale, and the proof of it."""
    index = stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=1kg")["index"]
    out = tmp_path / "sold.tlog-proof"
    stocked.ok("prove", index, "-o", out)
    return stocked, out


def test_without_the_authors_key_it_says_so(sold: tuple[Custody, Path], tmp_path: Path) -> None:
    custody, file = sold
    answer = elsewhere(custody, tmp_path / "nowhere", file)
    assert answer.code == 0
    for words in ("signatures were NOT verified", "Said to be signed by"):
        assert words in " ".join(answer.out.split())
    answer = elsewhere(custody, tmp_path / "nowhere", file, "--json")
    assert (answer.json["valid"], answer.json["signatures_verified"]) == (True, None)
    assert answer.json["unverified"] == answer.json["signed_by"]


def test_with_the_authors_key_it_verifies(sold: tuple[Custody, Path], tmp_path: Path) -> None:
    custody, file = sold
    key = public_key(custody, "shop")
    answer = elsewhere(custody, tmp_path / "nowhere", file, "--key", key)
    assert answer.code == 0
    assert "NOT verified" not in answer.out
    answer = elsewhere(custody, tmp_path / "nowhere", file, "--key", key, "--json")
    assert (answer.json["signatures_verified"], answer.json["unverified"]) == (True, [])


def test_a_ledger_at_hand_knows_the_keys(sold: tuple[Custody, Path]) -> None:
    custody, file = sold
    answer = custody.ok("check-proof", file, "--vkey", vkey(custody), "--json")
    assert answer.json["signatures_verified"] is True


def test_another_key_than_the_signers_leaves_it_open(sold: tuple[Custody, Path], tmp_path: Path) -> None:
    custody, file = sold
    answer = elsewhere(custody, tmp_path / "nowhere", file, "--key", public_key(custody, "market"), "--json")
    assert (answer.code, answer.json["valid"], answer.json["signatures_verified"]) == (3, True, None)


def test_what_only_the_log_vouches_for(stocked: Custody, tmp_path: Path) -> None:
    """Whoever has the log's key makes an entry in a merchant's name; the merchant's own key says no."""
    file = forged(stocked, tmp_path / "forged.tlog-proof")
    open_ = elsewhere(stocked, tmp_path / "nowhere", file, "--json")
    assert (open_.code, open_.json["signatures_verified"]) == (0, None)
    key = public_key(stocked, "shop")
    for answer in (
        elsewhere(stocked, tmp_path / "nowhere", file, "--json", "--key", key),
        stocked.run("check-proof", file, "--json", "--vkey", vkey(stocked)),
    ):
        assert answer.code == 1
        assert (answer.json["valid"], answer.json["signatures_verified"]) == (False, False)
        assert answer.json["code"] == "SignatureInvalid"
    told = elsewhere(stocked, tmp_path / "nowhere", file, "--key", key)
    assert "The proof does not hold: " in told.out


def test_a_key_that_is_none(sold: tuple[Custody, Path]) -> None:
    custody, file = sold
    words = ("check-proof", file, "--vkey", vkey(custody), "--key", "AAAA")
    custody.refused(*words, code="UsageError", field="--key", exit_code=2)


EXAMPLE = Path(__file__).parents[2] / "examples" / "taizhang.toml"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "/dev/zero"), "SourceError"),
        (("goods", "import", "/dev/zero", "--map", EXAMPLE, "-m", M1), "SheetError"),
        (("goods", "import", EXAMPLE, "--map", "/dev/zero", "-m", M1), "SheetError"),
    ],
)
def test_other_files_without_an_end(custody: Custody, words: tuple[object, ...], code: str) -> None:
    custody.refused(*words, code=code, exit_code=2)


@pytest.mark.parametrize("option", ["FILE", "--since"])
def test_a_file_without_an_end(custody: Custody, option: str) -> None:
    words = (
        ("check-proof", "/dev/zero", "--vkey", vkey(custody))
        if option == "FILE"
        else ("verify", option, "/dev/zero")
    )
    error = custody.refused(*words, code="UsageError", field=option, exit_code=2)
    assert "bytes" in error["message"]
