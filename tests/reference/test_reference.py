"""The reference agrees with the published vectors: every entry, hash, root, proof, note, tile and key."""

from __future__ import annotations

import doctest
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.reference import slow, trees

VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/format-v1.json"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not beside the project"),
]

Vectors = dict[str, Any]  # parsed JSON of a known shape, read field by field below


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    loaded: Vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def entries(vectors: Vectors) -> list[bytes]:
    return [item["entry"].encode("utf-8") for item in vectors["entries"]]


@pytest.fixture(scope="module")
def tree(entries: list[bytes]) -> trees.Tree:
    return trees.Tree(entries)


def private_key(name: str) -> slow.Key:
    """The vectors' own rule for making keys from names."""
    seed = hashlib.sha256(b"custody-ledger test vector key: " + name.encode()).digest()
    if name.endswith("-phone"):
        scalar = int.from_bytes(seed, "big") % (slow.P256_ORDER - 1) + 1
        return ec.derive_private_key(scalar, ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def log_key() -> ed25519.Ed25519PrivateKey:
    key = private_key("log")
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return key


def test_nothing_in_the_vectors_is_left_out(vectors: Vectors) -> None:
    seen = "format about origin vkey keys uscc pae_of_entry_0 entries roots checkpoints inclusion consistency"
    assert set(vectors) == {*seen.split(), "tlog_proof", "tiles_sha256", "sealed"}
    assert vectors["format"] == 1


def test_keys_and_verifier_key(vectors: Vectors) -> None:
    for name, want in vectors["keys"].items():
        public = slow.spki(private_key(name))
        assert slow.b64(public) == want["spki"]
        assert slow.keyid(public) == want["keyid"]
    assert slow.vkey(vectors["origin"], slow.raw_public(log_key())) == vectors["vkey"]


def test_pre_authentication_encoding(vectors: Vectors) -> None:
    payload = vectors["entries"][0]["statement"].encode("utf-8")
    assert slow.pae(payload) == slow.unb64(vectors["pae_of_entry_0"])


def test_every_entry_is_made_again(vectors: Vectors, entries: list[bytes]) -> None:
    """From values and private keys alone: bytes, chains and (RFC 6979 for P-256) signatures."""
    by_keyid = {item["keyid"]: private_key(name) for name, item in vectors["keys"].items()}
    history: list[bytes] = []
    for item, want in zip(vectors["entries"], entries, strict=True):
        loose = json.loads(item["entry"])
        said = loose["statement"]
        pin = None if said["seen"] is None else (bytes.fromhex(said["seen"]["root"]), said["seen"]["size"])
        payload = slow.statement(**{**said, "seen": pin})
        if item["statement"] is not None:
            assert payload.decode("utf-8") == item["statement"]
        signed = slow.signatures(payload, [by_keyid[one["keyid"]] for one in loose["signatures"]])
        made = slow.entry(history, loose["recorded_at"], payload, signed)
        assert made == want
        assert len(history) == item["index"]
        assert trees.leaf_hash(made).hex() == item["leaf_hash"]
        assert slow.decode(made) == loose
        history.append(made)


def test_every_signature_verifies_and_no_other_does(vectors: Vectors, entries: list[bytes]) -> None:
    spki = {item["keyid"]: slow.unb64(item["spki"]) for item in vectors["keys"].values()}
    for data in entries[::7]:
        loose = json.loads(data)
        message = slow.pae(slow.encode(loose["statement"]))
        for one in loose["signatures"]:
            signature = slow.unb64(one["sig"])
            assert slow.verify(spki[one["keyid"]], signature, message)
            assert not slow.verify(spki[one["keyid"]], signature, message + b" ")
            assert not slow.verify(spki[vectors["keys"]["log"]["keyid"]], signature, message)


def test_pins_name_earlier_roots(entries: list[bytes], tree: trees.Tree) -> None:
    for data in entries:
        pin = json.loads(data)["statement"]["seen"]
        if pin is not None:
            assert tree.root(pin["size"]).hex() == pin["root"]


def test_roots_and_checkpoints(vectors: Vectors, tree: trees.Tree) -> None:
    for size, want in vectors["roots"].items():
        assert tree.root(int(size)).hex() == want
    public = slow.raw_public(log_key())
    for size, want in vectors["checkpoints"].items():
        made = slow.checkpoint(vectors["origin"], int(size), tree.root(int(size)), log_key())
        assert made.decode("utf-8") == want
        assert made.startswith(slow.open_note(made, vectors["origin"], public).encode())


def test_inclusion_proofs(vectors: Vectors, tree: trees.Tree) -> None:
    for item in vectors["inclusion"]:
        index, size = item["index"], item["size"]
        path = tree.inclusion(index, size)
        assert [one.hex() for one in path] == item["path"]
        leaf, root = tree.mth(index, index + 1), tree.root(size)
        assert trees.verify_inclusion(index, size, leaf, path, root)
        assert not trees.verify_inclusion(index, size, leaf, [*path, root], root)
        assert not trees.verify_inclusion(index, size, root, path, tree.root(0))


def test_consistency_proofs(vectors: Vectors, tree: trees.Tree) -> None:
    for item in vectors["consistency"]:
        old, new = item["old"], item["new"]
        path = tree.consistency(old, new)
        assert [one.hex() for one in path] == item["path"]
        assert trees.verify_consistency(old, new, path, tree.root(old), tree.root(new))
        assert not trees.verify_consistency(old, new, path, tree.root(0), tree.root(new))
        assert not trees.verify_consistency(old, new, [*path, tree.root(0)], tree.root(old), tree.root(new))


def test_tiles_and_bundles(vectors: Vectors, entries: list[bytes]) -> None:
    for size, want in vectors["tiles_sha256"].items():
        files = trees.layout(entries, int(size))
        assert {path: hashlib.sha256(data).hexdigest() for path, data in files.items()} == want


def test_proof_files(vectors: Vectors, entries: list[bytes], tree: trees.Tree) -> None:
    for name, want in vectors["tlog_proof"].items():
        index, size = (int(part) for part in name.split("_in_"))
        note = slow.checkpoint(vectors["origin"], size, tree.root(size), log_key())
        assert slow.tlog_proof(entries, index, size, note).decode("utf-8") == want


def test_sealed_value(vectors: Vectors) -> None:
    """The vector's salt is the one that RFC 9901 prints in its examples."""
    made = slow.disclosure("phone", "13800000000", "_26bc4LT-ac6q2KI6cBW5es")
    assert made == vectors["sealed"]["disclosure"]
    assert slow.sealed(made) == vectors["sealed"]["digest"]


def damaged(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_the_judge_refuses_damage(vectors: Vectors) -> None:
    """The reference itself is no rubber stamp."""
    note = vectors["checkpoints"]["3"].encode("utf-8")
    for bad in damaged(note):
        with pytest.raises(trees.WrongError):
            slow.open_note(bad, vectors["origin"], slow.raw_public(log_key()))
    for text in (
        "1.0",
        "1e2",
        "-0",
        "NaN",
        '{"a":1,"a":1}',
        ' {"a":1}',
        '{"A":1}',
        "9007199254740992",
        '"\\u0000"',
    ):
        with pytest.raises(trees.WrongError):
            slow.decode(text.encode())


def test_examples_in_the_docstrings_run() -> None:
    for module in (slow, trees):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed
