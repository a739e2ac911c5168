"""Bad notes, checkpoints, proofs, proof files, tile paths, entry bundles and disclosures."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.reference import slow
from tests.reference.sample import ORIGIN, SmallLedger, ed25519_key
from tests.reference.trees import Tree, bundle
from tests.vectors.cases import Case, Parts

HashList = list[bytes]


def vkey_cases(small: SmallLedger) -> Iterator[Case]:
    good = small.vkey
    name, _, key = good.split("+")
    typed = slow.unb64(key)

    def case(slug: str, desc: str, text: str) -> Case:
        return Case(slug, desc, "NoteError", text)

    def rehashed(raw: bytes, called: str = name) -> str:
        return f"{called}+{hashlib.sha256(called.encode() + b'|' + raw).hexdigest()[:8]}+{slow.b64(raw)}"

    yield case("empty", "nothing", "")
    yield case("no-name", "an empty name", slow.vkey("", typed[1:]))
    yield case("space", "a space in the name", slow.vkey("custody example", typed[1:]))
    yield case("wide-space", "an ideographic space in the name", slow.vkey("custody\u3000example", typed[1:]))
    yield case("hash", "a hash of another key", f"{name}+{'0' * 8}+{key}")
    yield case("other-name", "another name under the same hash", good.replace("small", "large"))
    yield case("algorithm", "a key of type 2 (ECDSA)", rehashed(b"\x02" + typed[1:]))
    yield case("long", "a key of 33 bytes", slow.vkey(name, typed[1:] + b"\0"))


def note_cases(small: SmallLedger) -> Iterator[Case]:
    """Input: a note, to be opened with the log's key of the sample."""
    text = "Ein Text.\n\n第二段\n"
    good = slow.note(text, ORIGIN, small.log).decode()
    body, line = good.rsplit("\n\n", 1)
    dash, name, signature = line.rstrip("\n").split(" ")
    blob = slow.unb64(signature)

    def case(slug: str, desc: str, note: str | bytes | Parts) -> Case:
        return Case(slug, desc, "NoteError", note)

    def signed(signature: str, name: str = name, dash: str = dash) -> str:
        return f"{body}\n\n{dash} {name} {signature}\n"

    assert signed(signature) == good
    yield case("unsigned", "a text without signatures", text)
    yield case("no-empty-line", "no empty line before the signatures", f"{body}\n{line}")
    yield case("changed-text", "one letter of the text changed", good.replace("Text", "test"))
    yield case(
        "changed-signature",
        "one bit of the signature flipped",
        signed(slow.b64(blob[:-1] + bytes([blob[-1] ^ 1]))),
    )
    yield case("hyphen", "a hyphen in place of the dash", signed(signature, dash="-"))
    yield case("other-name", "another name: an unknown key", signed(signature, name="custody.example/other"))
    yield case("other-hash", "another key hash: an unknown key", signed(slow.b64(b"\0\0\0\0" + blob[4:])))
    yield case("cut", "a signature of 63 bytes", signed(slow.b64(blob[:-1])))
    spare = signature[:-2] + chr(ord(signature[-2]) + 1) + "="
    yield case("spare-bits", "base64 with unused bits set", signed(spare))
    yield case(
        "other-key", "signed by another key under the log's name", slow.note(text, ORIGIN, small.operator)
    )
    yield case("carriage-return", "lines that end as on Windows", slow.note("a\r\nb\r\n", ORIGIN, small.log))
    yield case("stray-byte", "a byte that never stands in UTF-8", b"\xff" + good.encode())
    yield case("bad-line", "a line that is no signature among the signatures", good + "hello\n")
    twice = slow.b64(blob[:4] + bytes(64))
    yield case(
        "one-of-two-bad", "a second signature by the log that is wrong", f"{good}{dash} {name} {twice}\n"
    )


def checkpoint_cases(small: SmallLedger) -> Iterator[Case]:
    """Input: a checkpoint, to be opened with the log's key and origin of the sample. All are truly signed."""
    root = slow.b64(small.tree.root())

    def case(
        slug: str, desc: str, text: str, name: str = ORIGIN, key: ed25519.Ed25519PrivateKey = small.log
    ) -> Case:
        return Case(slug, desc, "NoteError", slow.note(text, name, key))

    yield case("other-origin", "another log's origin", f"custody.example/other\n6\n{root}\n")
    yield case(
        "other-name", "signed under another name", f"{ORIGIN}\n6\n{root}\n", name="custody.example/other"
    )
    yield case("other-key", "signed by another key", f"{ORIGIN}\n6\n{root}\n", key=ed25519_key("mallory"))
    yield case("no-origin", "an empty origin", f"\n6\n{root}\n")
    yield case("two-lines", "no root", f"{ORIGIN}\n6\n")
    yield case("leading-zero", "a size with a leading zero", f"{ORIGIN}\n06\n{root}\n")
    yield case("digits", "digits beyond ASCII", f"{ORIGIN}\n６\n{root}\n")
    yield case("root-short", "a root of 31 bytes", f"{ORIGIN}\n6\n{slow.b64(small.tree.root()[1:])}\n")
    yield case("root-unpadded", "a root without its padding", f"{ORIGIN}\n6\n{root.rstrip('=')}\n")
    yield case("empty-extension", "an empty line behind the root", f"{ORIGIN}\n6\n{root}\n\nmore\n")
    wrong_empty = f"{ORIGIN}\n0\n{root}\n"
    yield case("empty-tree", "size 0 with the root of another tree", wrong_empty)


def sample_tree() -> Tree:
    return Tree([b"leaf %d" % n for n in range(300)])


def bent(path: HashList, draw: random.Random) -> Iterator[tuple[str, str, HashList]]:
    """What can be done to a list of hashes."""
    at = draw.randrange(len(path))
    bit = draw.randrange(256)
    flipped = bytearray(path[at])
    flipped[bit // 8] ^= 1 << bit % 8
    yield "bit", f"bit {bit} of hash {at} flipped", [*path[:at], bytes(flipped), *path[at + 1 :]]
    yield "dropped", f"hash {at} missing", path[:at] + path[at + 1 :]
    yield "last-dropped", "the last hash missing", path[:-1]
    yield "swapped", "the first two hashes swapped", [path[1], path[0], *path[2:]]
    yield "none", "no hash", []
    yield "short", "a hash of 31 bytes", [path[0][:-1], *path[1:]]


def inclusion_cases(draw: random.Random) -> Iterator[Case]:
    """Input: index, size, leaf, path and root."""
    tree = sample_tree()
    index, size = 42, 300
    path, leaf, root = tree.inclusion(index, size), tree.mth(42, 43), tree.root()

    def case(slug: str, desc: str, **other: object) -> Case:
        given = {"index": index, "size": size, "leaf": leaf, "path": path, "root": root, **other}
        return Case(slug, desc, "ProofError", in_hex(given))

    for slug, desc, path_ in bent(path, draw):
        yield case(slug, desc, path=path_)
    yield case("next-index", "the neighbour's index", index=43)
    yield case("index-is-size", "an index beyond the tree", index=300)
    yield case("other-size", "the size of a deeper tree", size=600)
    yield case("other-leaf", "another leaf", leaf=tree.mth(43, 44))


def consistency_cases(draw: random.Random) -> Iterator[Case]:
    """Input: old and new size, path, old and new root."""
    tree = sample_tree()
    old, new = 100, 300
    path = tree.consistency(old, new)
    roots = {"old_root": tree.root(old), "new_root": tree.root(new)}

    def case(slug: str, desc: str, **other: object) -> Case:
        return Case(
            slug, desc, "ProofError", in_hex({"old": old, "new": new, "path": path, **roots, **other})
        )

    for slug, desc, path_ in bent(path, draw):
        yield case(slug, desc, path=path_)
    yield case("old-zero", "an empty old tree", old=0, path=[], old_root=tree.root(0))
    yield case("backwards", "the new tree smaller than the old", old=300, new=100)
    yield case("old-root", "another old root", old_root=tree.root(99))
    yield case("equal-other-root", "equal sizes, different roots", old=300, path=[])
    same = {"old": 300, "old_root": roots["new_root"]}
    yield case("equal-with-path", "equal sizes and roots with a path", **same)
    yield case(
        "old-root-given",
        "the old root named at a power of two",
        old=256,
        old_root=tree.root(256),
        path=[tree.root(256), *tree.consistency(256, 300)],
    )


def in_hex(given: dict[str, object]) -> dict[str, object]:
    def plain(value: object) -> object:
        if isinstance(value, bytes):
            return value.hex()
        return [plain(one) for one in value] if isinstance(value, list) else value

    return {name: plain(value) for name, value in given.items()}


def proof_cases(small: SmallLedger, draw: random.Random) -> Iterator[Case]:
    """Input: a .tlog-proof file, to be checked with the log's key of the sample."""
    good = small.proof(4).decode()
    head, extra, index, *rest = good.split("\n")
    at = rest.index("")
    path, note = rest[:at], "\n".join(rest[at + 1 :])

    def file(
        head: str = head, extra: str = extra, index: str = index, path: list[str] = path, note: str = note
    ) -> str:
        return "\n".join([head, extra, index, *path, "", note])

    def case(slug: str, desc: str, data: str | bytes, want: str = "ProofError") -> Case:
        return Case(slug, desc, want, data)

    assert file() == good
    yield case("version", "a later version", file(head=head.replace("v1", "v2")))
    yield case("no-extra", "no entry", good.replace(extra + "\n", ""))
    yield case("extra-empty", "an entry of no bytes", file(extra="extra "), "EncodingError")
    yield case("extra-other", "another entry", file(extra="extra " + slow.b64(small.entries[3])))
    yield case("index-zero", "a leading zero", file(index="index 04"))
    yield case("index-other", "another index", file(index="index 3"))
    yield case("index-beyond", "an index beyond the tree", file(index="index 6"))
    yield case("path-more", "a hash more", file(path=[*path, path[0]]))
    yield case("path-swapped", "hashes swapped", file(path=path[::-1]))
    raw = bytearray(slow.unb64(path[0]))
    raw[draw.randrange(32)] ^= 1 << draw.randrange(8)
    yield case("path-bit", "one bit of a hash flipped", file(path=[slow.b64(bytes(raw)), *path[1:]]))
    yield case("no-empty-line", "no line before the checkpoint", "\n".join([head, extra, index, *path, note]))
    yield case("carriage-return", "lines that end as on Windows", good.replace("\n", "\r\n"))
    older = slow.checkpoint(ORIGIN, 5, small.tree.root(5), small.log).decode()
    yield case("older-note", "the checkpoint of an older tree", file(note=older))
    mallory = slow.checkpoint(ORIGIN, 6, small.tree.root(), ed25519_key("mallory")).decode()
    yield case("other-log", "a checkpoint by another key", file(note=mallory), "NoteError")
    yield case(
        "note-changed",
        "another size in the checkpoint",
        file(note=note.replace("\n6\n", "\n7\n")),
        "NoteError",
    )
    moved = json.loads(small.entries[4])
    moved["index"] = 3
    data = slow.encode(moved)
    tree = Tree([data])
    alone = slow.checkpoint(ORIGIN, 1, tree.root(), small.log)
    yield case(
        "own-index", "an entry that says another index than its place", slow.tlog_proof([data], 0, 1, alone)
    )


TILE_PATHS: list[tuple[str, str]] = [
    ("", "nothing"),
    ("tile/0/", "an empty number"),
    ("tile/00/000", "a level with a leading zero"),
    ("tile/64/000", "a level beyond 63"),
    ("tile/0/0000", "a group of four digits"),
    ("tile/0/x001", "a last group led by an x"),
    ("tile/0/001/000", "a first group without its x"),
    ("tile/0/x000/001", "a group of zeros at the start"),
    ("tile/0/000.p/0", "a width of zero"),
    ("tile/0/000.p/256", "a partial tile of full width"),
    ("tile/0/000.p/01", "a width with a leading zero"),
    ("tile/0/000.p/1.p/1", "two widths"),
    ("tile/0/../0/000", "a way up"),
    ("tile/0/000\n", "a newline at the end"),
    ("tile/0/٠٠٠", "digits beyond ASCII"),
    ("tile/8/0/000", "the layout of Go's checksum database, with the height of tiles"),
]


def tile_path_cases() -> Iterator[Case]:
    for number, (path, desc) in enumerate(TILE_PATHS):
        yield Case(f"path-{number:02d}", desc, "TileError", path)


def bundle_cases(small: SmallLedger) -> Iterator[Case]:
    data = bundle(small.entries[:1])
    yield Case("half-length", "one byte of a length", "TileError", data + b"\0")
    yield Case("no-entry", "a length without its entry", "TileError", data + b"\0\5")
    yield Case("cut", "the last byte missing", "TileError", data[:-1])
    yield Case("too-many", "257 entries", "TileError", [("\0\1a", 257)])


def disclosure_cases() -> Iterator[Case]:
    """Input: a disclosure to be opened."""
    salt = "_26bc4LT-ac6q2KI6cBW5es"[:22]

    def of(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    bad: list[tuple[str, str, str]] = [
        ("empty", "nothing", ""),
        ("padded", "base64url with padding", of(f'["{salt}","phone","1"]') + "="),
        (
            "standard",
            "the other alphabet",
            of(f'["{salt}","phone","??>>"]').replace("-", "+").replace("_", "/") + "+/",
        ),
        ("four", "a value too many", of(f'["{salt}","phone","1","2"]')),
        ("name-number", "a name that is a number", of(f'["{salt}",1,"1"]')),
        ("salt-null", "no salt", of('[null,"phone","1"]')),
        ("salt-short", "a salt of 8 characters", of('["abcdefgh","phone","1"]')),
    ]
    for slug, desc, text in bad:
        yield Case(slug, desc, "EncodingError", text)
