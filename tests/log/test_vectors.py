"""`ledger.log` reproduces the published vectors: every byte, hash, root, proof, note and tile in them.

What can be made is made here and compared, and what can be verified is verified: the keys from the seeds that the
file's `about` names, the statements from their fields, the entries from those, the tree from the entries.
"""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256
from typing import Any

import pytest

from ledger.errors import ProofError
from ledger.log import bundles, canonical, checkpoint, entry, proof, sealed, statement, tiles, tree
from ledger.log.entry import Entry
from ledger.log.keys import PrivateKey, PublicKey
from ledger.log.note import NoteSigner, NoteVerifier
from ledger.log.tiles import EntriesId, TileId, TileTree, TileWriter
from tests.vectors.published import SHARED, published

SIZE = 300
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

pytestmark = SHARED


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    return published()


@pytest.fixture(scope="module")
def private_keys(vectors: dict[str, Any]) -> dict[str, PrivateKey]:
    """By name, as `about` says they are made."""
    return {name: private_key(name) for name in vectors["keys"]}


@pytest.fixture(scope="module")
def authors(private_keys: dict[str, PrivateKey]) -> dict[str, PrivateKey]:
    """By keyid."""
    return {key.public.keyid: key for key in private_keys.values()}


@pytest.fixture(scope="module")
def entries(vectors: dict[str, Any]) -> list[Entry]:
    return [entry.parse(item["entry"].encode()) for item in vectors["entries"]]


@pytest.fixture(scope="module")
def stored(entries: list[Entry]) -> dict[tuple[int, int], bytes]:
    """Tiles as a store keeps them, written in several appends so that partial tiles grow."""
    writer = TileWriter()
    kept: dict[tuple[int, int], bytes] = {}
    leaves = [one.leaf_hash for one in entries]
    for start, stop in ((0, 1), (1, 100), (100, 256), (256, 257), (257, SIZE)):
        for level, number, data in writer.append(leaves[start:stop]):
            assert data.startswith(kept.get((level, number), b""))
            kept[level, number] = data
    return kept


def private_key(name: str) -> PrivateKey:
    seed = sha256(f"custody-ledger test vector key: {name}".encode()).digest()
    if name == "merchant-2-phone":
        return PrivateKey.from_p256_scalar(int.from_bytes(seed, "big") % (P256_ORDER - 1) + 1)
    return PrivateKey.from_seed(seed)


def tree_of(stored: dict[tuple[int, int], bytes], size: int) -> TileTree:
    return TileTree(lambda level, number, width: stored[level, number], size)


def test_no_part_of_the_vectors_is_left_out(vectors: dict[str, Any]) -> None:
    names = (
        "format about origin vkey keys uscc pae_of_entry_0 entries roots checkpoints inclusion consistency"
    )
    assert set(vectors) == {*names.split(), "tlog_proof", "tiles_sha256", "sealed"}
    assert vectors["format"] == 1
    assert [item["index"] for item in vectors["entries"]] == list(range(SIZE))
    assert all(set(item) == {"index", "entry", "statement", "leaf_hash"} for item in vectors["entries"])
    assert statement.PAYLOAD_TYPE == "application/vnd.custody-ledger.statement.v1+json"


def test_keys(vectors: dict[str, Any], private_keys: dict[str, PrivateKey]) -> None:
    for name, want in vectors["keys"].items():
        public = private_keys[name].public
        assert {"keyid": public.keyid, "spki": public.text} == want
        assert PublicKey.from_base64(want["spki"]) == public
        assert public.algorithm == ("p256" if name == "merchant-2-phone" else "ed25519")


def test_verifier_key(vectors: dict[str, Any], private_keys: dict[str, PrivateKey]) -> None:
    signer = NoteSigner(vectors["origin"], private_keys["log"])
    assert signer.verifier.vkey == vectors["vkey"]
    assert NoteVerifier.from_vkey(vectors["vkey"]) == signer.verifier


def test_merchants(vectors: dict[str, Any], entries: list[Entry]) -> None:
    assert {one.statement.merchant for one in entries} == {None, *vectors["uscc"]}


def test_pre_authentication_encoding(vectors: dict[str, Any], entries: list[Entry]) -> None:
    assert statement.pae(entries[0].envelope.payload) == b64decode(vectors["pae_of_entry_0"])


def test_entries_are_read_and_encoded_again(vectors: dict[str, Any], entries: list[Entry]) -> None:
    for item, one in zip(vectors["entries"], entries, strict=True):
        data = item["entry"].encode()
        assert one.data == data
        assert canonical.encode(canonical.decode(data)) == data
        assert one.leaf_hash == tree.leaf_hash(data) == bytes.fromhex(item["leaf_hash"])
        assert one.index == item["index"]


def test_statements_are_cut_out_and_made_from_their_fields(
    vectors: dict[str, Any], entries: list[Entry]
) -> None:
    given = [item["statement"] for item in vectors["entries"]]
    assert sum(text is not None for text in given) == 8
    for text, one in zip(given, entries, strict=True):
        payload = entry.statement_bytes(one.data)
        assert payload == one.envelope.payload
        assert text is None or text.encode() == payload
        assert statement.parse_statement(payload) == one.statement
        assert statement.build_statement(**one.statement._asdict()) == payload


def test_signatures_verify_and_are_made_again(entries: list[Entry], authors: dict[str, PrivateKey]) -> None:
    public = {keyid: key.public for keyid, key in authors.items()}
    for one in entries:
        envelope = one.envelope
        statement.verify_envelope(envelope, public.get)
        assert statement.parse_envelope(statement.encode_envelope(envelope)) == envelope
        signers = [authors[keyid] for keyid, _ in reversed(one.signatures)]  # signing sorts them
        again = statement.sign(envelope.payload, signers)
        statement.verify_envelope(again, public.get)
        if all(signer.public.algorithm == "ed25519" for signer in signers):
            assert again == envelope  # Ed25519 is deterministic, ECDSA is not
    assert {keyid for one in entries for keyid, _ in one.signatures} == set(public) - {
        private_key(name).public.keyid for name in ("log", "merchant-2")
    }


def test_entries_are_built_and_chained(entries: list[Entry]) -> None:
    previous: bytes | None = None
    heads: dict[str, tuple[int, bytes]] = {}
    for one in entries:
        merchant = one.statement.merchant
        merchant_seq, merchant_prev = None, None
        if merchant is not None:
            last, merchant_prev = heads.get(merchant, (-1, None))
            merchant_seq = last + 1
        made = entry.build(one.index, previous, merchant_seq, merchant_prev, one.recorded_at, one.envelope)
        assert made == one
        assert made == entry.build(
            one.index,
            previous,
            merchant_seq,
            merchant_prev,
            one.recorded_at,
            one.envelope,
            statement=one.statement,
        )
        previous = one.leaf_hash
        if merchant is not None and merchant_seq is not None:
            heads[merchant] = merchant_seq, one.leaf_hash


def test_seen_pins_are_roots_of_this_tree(entries: list[Entry], stored: dict[tuple[int, int], bytes]) -> None:
    pins = [one.statement.seen for one in entries]
    assert pins[0] is None
    whole = tree_of(stored, SIZE)
    for one in entries[1:]:
        seen = one.statement.seen
        assert seen is not None
        assert seen.size <= one.index
        assert whole.root_at(seen.size).hex() == seen.root


def test_roots(vectors: dict[str, Any], entries: list[Entry], stored: dict[tuple[int, int], bytes]) -> None:
    leaves = [one.leaf_hash for one in entries]
    growing, writer = tree.CompactRange(), TileWriter()
    for size, want in sorted((int(size), root) for size, root in vectors["roots"].items()):
        growing.extend(leaves[growing.size : size])
        writer.append(leaves[writer.size : size])
        assert growing.size == writer.size == size
        assert growing.root().hex() == want
        assert writer.root().hex() == want
        assert tree.root_of(leaves[:size]).hex() == want
        assert tree_of(stored, size).root().hex() == want
        assert tree_of(stored, SIZE).root_at(size).hex() == want
        assert tree_of(stored, SIZE).range_at(size).root().hex() == want


def test_checkpoints(vectors: dict[str, Any], private_keys: dict[str, PrivateKey]) -> None:
    origin = vectors["origin"]
    signer = NoteSigner(origin, private_keys["log"])
    for size, text in vectors["checkpoints"].items():
        root = bytes.fromhex(vectors["roots"][size])
        note = text.encode()
        assert checkpoint.sign(origin, int(size), root, signer) == note
        opened = checkpoint.open(note, NoteVerifier.from_vkey(vectors["vkey"]))
        assert opened == checkpoint.Checkpoint(origin, int(size), root, note)
        assert checkpoint.parse(note) == opened


def test_inclusion(
    vectors: dict[str, Any], entries: list[Entry], stored: dict[tuple[int, int], bytes]
) -> None:
    assert len(vectors["inclusion"]) == 10
    for item in vectors["inclusion"]:
        index, size = item["index"], item["size"]
        path = [bytes.fromhex(node) for node in item["path"]]
        assert tree_of(stored, size).inclusion(index) == path
        needed = {(one.level, one.number): stored[one[:2]] for one in TileTree.needed(size, index=index)}
        assert tree_of(needed, size).inclusion(index) == path
        root = tree_of(stored, size).root()
        leaf = tree_of(stored, size).leaf(index)
        assert leaf == entries[index].leaf_hash
        tree.verify_inclusion(index, size, leaf, path, root)
        with pytest.raises(ProofError):
            tree.verify_inclusion(index, size, tree.EMPTY_ROOT, path, root)


def test_consistency(vectors: dict[str, Any], stored: dict[tuple[int, int], bytes]) -> None:
    assert len(vectors["consistency"]) == 10
    for item in vectors["consistency"]:
        old, new = item["old"], item["new"]
        path = [bytes.fromhex(node) for node in item["path"]]
        assert tree_of(stored, new).consistency(old) == path
        needed = {(one.level, one.number): stored[one[:2]] for one in TileTree.needed(new, old=old)}
        assert tree_of(needed, new).consistency(old) == path
        old_root, new_root = tree_of(stored, old).root(), tree_of(stored, new).root()
        tree.verify_consistency(old, new, path, old_root, new_root)
        with pytest.raises(ProofError):
            tree.verify_consistency(old, new, path, tree.EMPTY_ROOT, new_root)
        with pytest.raises(ProofError):
            tree.verify_consistency(old, new, path, old_root, tree.EMPTY_ROOT)


def test_tlog_proofs(
    vectors: dict[str, Any], entries: list[Entry], stored: dict[tuple[int, int], bytes]
) -> None:
    verifier = NoteVerifier.from_vkey(vectors["vkey"])
    assert set(vectors["tlog_proof"]) == {"42_in_300", "0_in_1"}
    for name, text in vectors["tlog_proof"].items():
        index, size = (int(part) for part in name.split("_in_"))
        path = tree_of(stored, size).inclusion(index)
        note = vectors["checkpoints"][str(size)].encode()
        assert proof.make(entries[index].data, index, path, note) == text.encode()
        assert proof.parse(text.encode()) == (entries[index].data, index, tuple(path), note)
        read, head = proof.check(text.encode(), verifier)
        assert read == entries[index]
        assert head == checkpoint.open(note, verifier)


def test_tiles(vectors: dict[str, Any], entries: list[Entry], stored: dict[tuple[int, int], bytes]) -> None:
    for size_text, want in vectors["tiles_sha256"].items():
        size = int(size_text)
        made = {
            tiles.path(tile): stored[tile[:2]][: tile.width * tree.HASH_BYTES]
            for tile in tiles.tiles_of(size)
        }
        for bundle in tiles.bundles_of(size):
            start = bundle.number * tiles.TILE_WIDTH
            content = [one.data for one in entries[start : start + bundle.width]]
            made[tiles.path(bundle)] = bundles.encode_bundle(content)
            assert bundles.decode_bundle(made[tiles.path(bundle)]) == content
        assert {path: sha256(data).hexdigest() for path, data in made.items()} == want
        for path in made:
            parsed = tiles.parse_path(path)
            assert isinstance(parsed, EntriesId if "entries" in path else TileId)
            assert tiles.path(parsed) == path


def test_sealed_value(vectors: dict[str, Any]) -> None:
    text, digest = vectors["sealed"]["disclosure"], vectors["sealed"]["digest"]
    assert sealed.digest(text) == digest
    salt, name, value = sealed.open_disclosure(text)
    assert (salt, name, value) == ("_26bc4LT-ac6q2KI6cBW5es", "phone", "13800000000")
    # the salt that RFC 9901 prints has 23 characters: 17 bytes, one more than it must have
    raw = b64decode(salt.replace("_", "/").replace("-", "+") + "=")
    assert sealed.disclose(name, value, raw) == (text, digest)
