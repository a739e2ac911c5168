"""Ledgers as files, for the browser to verify: whole ones, damaged ones, and ones made anew by an insider."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ledger.log import PrivateKey, bundles, checkpoint, tiles, tree
from ledger.log.statement import Envelope
from tests.audit.memory import ORIGIN, SIGNER, VKEY, Chained, Json, altered, chain, forge, key
from tests.audit.sample import M1, M3, World, kg, make_long, make_sample, set_up

Files = dict[str, bytes]


def files_of(made: Chained, size: int | None = None) -> Files:
    """The published layout (format, section 6), from the entries and hashes of a ledger in memory."""
    size = len(made.data) if size is None else size
    note = dict(made.notes)[size]
    files = {"checkpoint": note, "vkey": f"{VKEY}\n".encode()}
    for tile in tiles.tiles_of(size):
        files[tiles.path(tile)] = made.tiles[tile.level, tile.number][: 32 * tile.width]
    for bundle in tiles.bundles_of(size):
        start = 256 * bundle.number
        files[tiles.path(bundle)] = bundles.encode_bundle(made.data[start : start + bundle.width])
    return files


def lay(folder: Path, files: Files) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


class Damage(NamedTuple):
    """Files that are not sound, and which checks at least must say so; `at` is an entry that a fault must name."""

    name: str
    files: Callable[[], Files]
    checks: set[str]
    at: int | None = None


def _flipped(path: str, at: int) -> Callable[[], Files]:
    def make() -> Files:
        files = files_of(make_long())
        data = bytearray(files[path])
        data[at] ^= 4
        return files | {path: bytes(data)}

    return make


def _other_root() -> Files:
    made = make_long()
    size = len(made.data)
    root = base64.b64encode(made.roots[size])
    files = files_of(made)
    assert root in files["checkpoint"]
    return files | {"checkpoint": files["checkpoint"].replace(root, base64.b64encode(bytes(32)))}


def _other_signature() -> Files:
    """Of the same log, of another checkpoint."""
    files, made = files_of(make_long()), make_long()
    text, _ = files["checkpoint"].split(b"\n\n")
    _, line = made.notes[0][1].split(b"\n\n")
    return files | {"checkpoint": text + b"\n\n" + line}


def _without(path: str) -> Callable[[], Files]:
    return lambda: {name: data for name, data in files_of(make_long()).items() if name != path}


def _entries(change: Callable[[list[bytes]], object]) -> Callable[[], Files]:
    """Entries changed where they lie, everything else as it was."""

    def make() -> Files:
        made = make_sample()
        data = list(made.data)
        change(data)
        (path,) = (name for name in files_of(made) if "entries" in name)
        return files_of(made) | {path: bundles.encode_bundle(data)}

    return make


def _insider(kind: str, *signers: PrivateKey, leave_out: bool = False) -> Callable[[], Files]:
    """An entry said otherwise, or left out, and everything hashed and signed anew with the log's key."""

    def make() -> Files:
        made = make_sample()
        index = made.find(kind)
        changes: dict[int, Envelope | None] = {index: None}
        if not leave_out:
            changes = {index: altered(made.said[index].envelope, _otherwise, signers)}
        return files_of(forge(made, changes))

    return make


def _otherwise(parsed: Json) -> None:
    parsed["body"]["lines"][0]["quantity"] = kg("4")


def _forced(*said: tuple[str, str | None, Json, str]) -> Callable[[], Files]:
    """A sound ledger with statements after it that admission would not let in."""
    return lambda: files_of(forced(*said))


def forced(*said: tuple[str, str | None, Json, str]) -> Chained:
    """The same in memory."""
    world = World()
    set_up(world)
    sound = list(world.chainer.made.said)
    for kind, merchant, body, signer in said:
        world.now += 1000
        envelope = world.sign(kind, merchant, body, [key(signer)])
        sound.append(sound[-1]._replace(envelope=envelope, recorded_ms=world.now))
    return chain(sound, [])


def used_before_granted() -> Chained:
    """A merchant's key signs, and is granted afterwards."""
    return forced(("disinfection.logged", M1, _DONE, "new"), ("key.granted", None, _GRANT, "operator"))


def granted_by(signer: str) -> Files:
    """A sound ledger in which an officer of the merchant's grid gives it a key, and takes it away again."""
    keyid = key("new").public.keyid
    return _forced(
        ("key.granted", None, _GRANT, signer),
        ("disinfection.logged", M1, _DONE, "new"),
        ("key.revoked", None, {"keyid": keyid, "reason": "lost"}, signer),
    )()


def _twice() -> Files:
    """The same statement taken in again, as a new entry with everything about it in order."""
    world = World()
    set_up(world)
    world.say(M1, "disinfection.logged", _DONE)
    said = list(world.chainer.made.said)
    return files_of(chain([*said, said[-1]._replace(recorded_ms=world.now + 1000)], []))


def _chained(change: Callable[[list[bytes]], None]) -> Callable[[], Files]:
    """Entries changed, and hash tiles and checkpoint made to match them: only the chains tell."""

    def make() -> Files:
        data = list(make_sample().data)
        change(data)
        leaves = [tree.leaf_hash(one) for one in data]
        writer = tiles.TileWriter()
        stored = {(tile.level, tile.number): tile.data for tile in writer.append(leaves)}
        note = checkpoint.sign(ORIGIN, len(data), writer.root(), SIGNER)
        made = Chained([], [], data=data, notes=[(len(data), note)], tiles=stored)
        return files_of(made)

    return make


def _swap(data: list[bytes]) -> None:
    data[20], data[21] = data[21], data[20]


def _bend(index: int, old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    def change(data: list[bytes]) -> None:
        assert old in data[index]
        data[index] = data[index].replace(old, new, 1)

    return change


def _last_tile() -> str:
    return next(path for path in files_of(make_long()) if path.startswith("tile/1/"))


_GRANT = {"public_key": key("new").public.text, "role": "merchant", "scope": M1}
_OPERATOR = key("operator").public.keyid
_DONE = {"target": "shelf", "place": "店", "agent": "酒精", "method": "擦拭", "contact_minutes": 5}

DAMAGES = [
    Damage("a byte of an entry", _flipped("tile/entries/001", 5000), {"tree", "chain"}),
    Damage("a byte of a hash tile", _flipped("tile/0/001", 32 * 9 + 3), {"tree"}, 256 + 9),
    Damage("a byte of an upper hash tile", _flipped(_last_tile(), 40), {"tree"}, 256),
    Damage("a hash tile gone", _without("tile/0/001"), {"tree"}, 256),
    Damage("a bundle gone", _without("tile/entries/001"), {"index"}, 256),
    Damage("another root in the checkpoint", _other_root, {"checkpoint_signature", "tree"}),
    Damage("another signature on the checkpoint", _other_signature, {"checkpoint_signature"}),
    Damage("the first entry taken out", _entries(lambda data: data.pop(0)), {"chain", "index", "tree"}, 0),
    Damage("an entry taken out", _entries(lambda data: data.pop(45)), {"chain", "index", "tree"}, 45),
    Damage("the last entry taken out", _entries(lambda data: data.pop()), {"index", "tree"}),
    Damage("two entries swapped", _chained(_swap), {"chain", "index"}, 20),
    Damage("an entry twice", _chained(lambda data: data.insert(21, data[20])), {"chain", "index"}, 21),
    Damage("a statement twice", _twice, {"index"}),
    Damage(
        "no JSON in an entry", _chained(_bend(66, b'"index":66', b'"index": 66')), {"encoding", "chain"}, 66
    ),
    Damage("another id", _chained(_bend(30, b'"id":"0', b'"id":"1')), {"chain", "statement_signature"}, 30),
    Damage(
        "another time",
        _chained(_bend(30, b'recorded_at":"2026', b'recorded_at":"2025')),
        {"chain", "index"},
        30,
    ),
    Damage("said otherwise under the old signature", _insider("goods.sold"), {"statement_signature", "seen"}),
    Damage(
        "said otherwise by a stranger",
        _insider("goods.sold", key("nobody")),
        {"statement_signature", "authority", "seen"},
    ),
    Damage("said otherwise by another merchant", _insider("goods.sold", key("m3")), {"authority", "seen"}),
    Damage("said otherwise by the operator", _insider("goods.sold", key("operator")), {"authority", "seen"}),
    Damage("said otherwise by an officer", _insider("goods.sold", key("officer")), {"authority", "seen"}),
    Damage("left out", _insider("disinfection.logged", leave_out=True), {"seen"}),
    Damage("a key granted by a merchant", _forced(("key.granted", None, _GRANT, "m1")), {"authority"}),
    Damage(
        "an operator made by an officer",
        _forced(("key.granted", None, _GRANT | {"role": "operator", "scope": "*"}, "officer")),
        {"authority"},
    ),
    Damage(
        "a key for a merchant that is not enrolled, by an officer",
        _forced(("key.granted", None, _GRANT | {"scope": "92410104MACU00030L"}, "officer")),
        {"authority"},
    ),
    Damage(
        "the operator's key revoked by an officer",
        _forced(("key.revoked", None, {"keyid": _OPERATOR, "reason": "lost"}, "officer")),
        {"authority"},
    ),
    Damage(
        "a key granted twice",
        _forced(("key.granted", None, _GRANT, "operator"), ("key.granted", None, _GRANT, "operator")),
        {"authority"},
    ),
    Damage(
        "an auditor for one grid",
        _forced(("key.granted", None, _GRANT | {"role": "auditor"}, "operator")),
        {"authority"},
    ),
    Damage(
        "a key that revokes itself",
        _forced(("key.revoked", None, {"keyid": _OPERATOR, "reason": "lost"}, "operator")),
        {"authority"},
    ),
    Damage(
        "a key used after it was revoked",
        _forced(
            ("key.revoked", None, {"keyid": key("m1").public.keyid, "reason": "lost"}, "operator"),
            ("disinfection.logged", M1, _DONE, "m1"),
        ),
        {"authority"},
    ),
    Damage(
        "a merchant where there is none", _forced(("ruleset.published", M1, {}, "operator")), {"authority"}
    ),
    Damage("the ledger opened again", _forced(("ledger.opened", None, {}, "operator")), {"authority"}),
    Damage(
        "a merchant's word about another", _forced(("disinfection.logged", M3, _DONE, "m1")), {"authority"}
    ),
]
