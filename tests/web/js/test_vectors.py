"""The modules reproduce the published vectors: every byte, hash, root, proof, note and tile in them."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from ledger.log import tiles
from tests.vectors.published import SHARED, published
from tests.web.js.modules import Modules

pytestmark = SHARED


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    return published()


@pytest.fixture(scope="module")
def stored(vectors: dict[str, Any]) -> dict[str, bytes]:
    """Hash tiles of all leaves, as a store keeps them."""
    writer = tiles.TileWriter()
    leaves = [bytes.fromhex(item["leaf_hash"]) for item in vectors["entries"]]
    return {f"{tile.level}/{tile.number}": tile.data for tile in writer.append(leaves)}


def test_keys(js: Modules, vectors: dict[str, Any]) -> None:
    names = (
        "format about origin vkey keys uscc pae_of_entry_0 entries roots checkpoints inclusion consistency"
    )
    assert set(vectors) == {*names.split(), "tlog_proof", "tiles_sha256", "sealed"}
    keys = vectors["keys"].values()
    assert js.oks("key", [key["spki"].encode() for key in keys]) == [key["keyid"] for key in keys]
    assert js.oks("vkey", [vectors["vkey"].encode()]) == [vectors["vkey"]]
    made = "return (await m.note.Verifier.fromKey(x.origin, await m.keys.PublicKey.fromText(x.spki))).vkey"
    assert (
        js.run(made, {"origin": vectors["origin"], "spki": vectors["keys"]["log"]["spki"]}) == vectors["vkey"]
    )


def test_entries_statements_and_signatures(js: Modules, vectors: dict[str, Any]) -> None:
    entries = [item["entry"].encode() for item in vectors["entries"]]
    assert js.oks("entry", entries) == [item["leaf_hash"] for item in vectors["entries"]]
    assert js.oks("json", entries) == [data.hex() for data in entries]
    said = [item["statement"].encode() for item in vectors["entries"] if item["statement"] is not None]
    assert len(said) == 8
    assert js.oks("statement", said) == [data.hex() for data in said]
    cut_out = js.run(
        """
        const known = new Map();
        for (const text of x.spkis) { const key = await m.keys.PublicKey.fromText(text); known.set(key.keyid, key); }
        const payloads = [];
        for (const one of x.entries) {
            const envelope = m.entry.entryEnvelope(await m.entry.parseEntry(m.bytes.utf8(one)));
            const again = m.dsse.parseEnvelope(m.dsse.encodeEnvelope(envelope));
            await m.dsse.verifyEnvelope(again, (keyid) => known.get(keyid));
            payloads.push(m.bytes.fromUtf8(envelope.payload));
        }
        const first = m.dsse.pae(m.bytes.utf8(payloads[0]));
        return { payloads, pae: m.bytes.encodeBase64(first) };
        """,
        {
            "entries": [data.decode() for data in entries],
            "spkis": [key["spki"] for key in vectors["keys"].values()],
        },
    )
    assert cut_out["pae"] == vectors["pae_of_entry_0"]
    for payload, item in zip(cut_out["payloads"], vectors["entries"], strict=True):
        assert f'"statement":{payload}}}' in item["entry"]
        assert item["statement"] in (None, payload)


def test_roots_proofs_and_checkpoints(js: Modules, vectors: dict[str, Any], stored: dict[str, bytes]) -> None:
    leaves = [item["leaf_hash"] for item in vectors["entries"]]
    roots = vectors["roots"]
    assert js.oks("root", [leaves[: int(size)] for size in roots]) == list(roots.values())
    notes = [note.encode() for note in vectors["checkpoints"].values()]
    opened = js.oks("checkpoint", notes, vkey=vectors["vkey"])
    assert opened == [
        {"origin": vectors["origin"], "size": int(size), "root": roots[size]}
        for size in vectors["checkpoints"]
    ]
    inclusion = vectors["inclusion"]
    consistency = vectors["consistency"]
    js.oks(
        "inclusion",
        [one | {"leaf": leaves[one["index"]], "root": roots[str(one["size"])]} for one in inclusion],
    )
    js.oks(
        "consistency",
        [
            one | {"old_root": roots[str(one["old"])], "new_root": roots[str(one["new"])]}
            for one in consistency
        ],
    )
    made = js.run(
        """
        const read = ({ level, number }) => h.raw(x.stored[`${level}/${number}`]);
        const tree = (size) => new m.tiles.TileTree(read, size);
        return h.shown({
            inclusion: await Promise.all(x.inclusion.map(({ index, size }) => tree(size).inclusion(index))),
            consistency: await Promise.all(x.consistency.map((one) => tree(one.new).consistency(one.old))),
            roots: await Promise.all(x.sizes.map((size) => tree(300).rootAt(size))),
        });
        """,
        {
            "stored": {name: _base64(data) for name, data in stored.items()},
            "inclusion": inclusion,
            "consistency": consistency,
            "sizes": [int(size) for size in roots],
        },
    )
    assert made["inclusion"] == [one["path"] for one in inclusion]
    assert made["consistency"] == [one["path"] for one in consistency]
    assert made["roots"] == list(roots.values())


def test_tiles(js: Modules, vectors: dict[str, Any], stored: dict[str, bytes]) -> None:
    entries = [item["entry"].encode() for item in vectors["entries"]]
    for size_text, want in vectors["tiles_sha256"].items():
        size, made = int(size_text), {}
        for path in js.oks("tile-path", [path.encode() for path in want]):
            tile = tiles.parse_path(path)
            if isinstance(tile, tiles.TileId):
                made[path] = stored[f"{tile.level}/{tile.number}"][: 32 * tile.width]
            else:
                some = entries[256 * tile.number : 256 * tile.number + tile.width]
                bundle = js.run(
                    "return m.bytes.toHex(m.tiles.encodeBundle(x.map(h.raw)))", [_base64(one) for one in some]
                )
                made[path] = bytes.fromhex(bundle)
                assert js.oks("bundle", [made[path]]) == [[one.hex() for one in some]]
        assert {path: sha256(data).hexdigest() for path, data in made.items()} == want, size


def test_proof_files(js: Modules, vectors: dict[str, Any]) -> None:
    proofs = vectors["tlog_proof"]
    checked = js.oks("tlog-proof", [text.encode() for text in proofs.values()], vkey=vectors["vkey"])
    assert [f"{one['index']}_in_{one['size']}" for one in checked] == list(proofs)
    for one in checked:
        assert bytes.fromhex(one["bytes"]).decode() == vectors["entries"][one["index"]]["entry"]


def test_sealed_value(js: Modules, vectors: dict[str, Any]) -> None:
    text, digest = vectors["sealed"]["disclosure"], vectors["sealed"]["digest"]
    assert js.oks("digest", [text.encode()]) == [digest]
    (content,) = js.oks("disclosure", [text.encode()])
    salt, name, value = json.loads(bytes.fromhex(content))
    assert (name, value) == ("phone", "13800000000")
    again = """
        const random = () => m.bytes.decodeBase64url(x.salt);
        return (await m.sealed.seal(x.name, x.value, random)).disclosure;
    """
    assert js.run(again, {"salt": salt, "name": name, "value": value}) == text
    opened = "return (await m.sealed.openSealed({ sealed: x.digest }, x.text)).value"
    assert js.run(opened, {"digest": digest, "text": text}) == value


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
