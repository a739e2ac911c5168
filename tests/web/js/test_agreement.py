"""Two programs from one page of format: what one accepts the other accepts, with the same bytes.

Random values and random damage, always from the same seed; each test sends all of its cases to the page at once.
"""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson
import pytest

from ledger.errors import LedgerError
from ledger.log import canonical, checkpoint, entry, note, proof, sealed, statement, tiles, times, tree
from ledger.log._text import decimal, decode_base64, decode_base64url
from ledger.log.keys import PrivateKey, PublicKey
from tests.reference import slow
from tests.reference.sample import SmallLedger
from tests.web.js.conftest import Modules

SMALL = SmallLedger()
VERIFIER = note.NoteVerifier.from_vkey(SMALL.vkey)
SPKIS = [slow.b64(slow.spki(key)) for key in (SMALL.operator, SMALL.merchant, SMALL.phone)]
LETTERS = 'abzAZ09 _-+/"\\\n\t\x01\x7f\x85\xa0\u200b\u2028\u3000\ufeff含氯🧊é'
ODD: list[object] = [
    None, True, False, 0, 1, -1, 2**53 - 1, 2**53, 1.5, 1.0, "", "0", "a", [], {}, [[]], {"a": None}, "a" * 64, "0" * 64,
    "A" * 64, "x" * 65, "é" * 64, "🧊" * 64, "\x7f", "\x85", "\u200b", "\u3000", "a b", "a+b", "goods.sold", "goods.sold\n",
    "Goods.sold", "g.s.t", "2026-11-23T08:15:00+08:00", "2026-02-29T08:15:00Z", "2024-02-29T08:15:00Z",
    "2026-11-23T08:15:00.123Z", "2026-11-23T24:00:00Z", "2026-11-23T08:15:60Z", "2026-11-23T08:15:00-00:00",
    "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "0199d0a4-7c1e-4d3a-9b1f-3f2f6a1c0d55", {"root": "0" * 64, "size": 1},
    {"root": "0" * 64, "size": 0}, {"root": "0" * 64}, "\u0663" * 64,
]  # fmt: skip


def accepted(work: Callable[[], object]) -> bool:
    try:
        work()
    except LedgerError:
        return False
    return True


def agree(
    js: Modules, name: str, inputs: Sequence[bytes], python: Callable[[bytes], object], **context: Any
) -> int:
    """Both accept the same inputs. Returns how many."""
    answers = js.each(name, inputs, **context)
    mine = [accepted(lambda one=one: python(one)) for one in inputs]  # type: ignore[misc]  # bound now
    differing = [
        (one, answer, judged)
        for one, answer, judged in zip(inputs, answers, mine, strict=True)
        if ("ok" in answer) != judged
    ]
    assert not differing, (len(differing), differing[:5])
    return sum(mine)


def some_text(rng: Random) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randrange(8)))


def some_value(rng: Random, depth: int = 0) -> object:
    choice = rng.randrange(9 if depth < 4 else 7)
    if choice == 7:
        return [some_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if choice == 8:
        keys = ("".join(rng.choices("abz_9", k=rng.randrange(5))) for _ in range(rng.randrange(4)))
        return {f"{rng.choice('abz')}{key}": some_value(rng, depth + 1) for key in keys}
    integer = rng.randrange(-(2**53) + 1, 2**53)
    return (None, True, False, integer, rng.randrange(-9, 9), some_text(rng), some_text(rng))[choice]


def damaged(rng: Random, data: bytes) -> bytes:
    """One to three small changes."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        piece = data[rng.randrange(len(data) + 1) :][: rng.randrange(12)]
        change = rng.randrange(5)
        if change == 0 and data:
            at %= len(data)
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif change == 1:
            data = data[:at] + data[at + rng.randrange(1, 4) :]
        elif change == 2:
            data = data[:at] + piece + data[at:]
        elif change == 3:
            data = data[:at] + rng.choice(WEDGES) + data[at:]
        else:
            data = data.replace(rng.choice(WEDGES), rng.choice(WEDGES), 1)
    return data


WEDGES = [
    *(b" ", b"\n", b",", b":", b'"', b"\\", b"\\u0041", b"\\ud800", b"\\u0000", b"\\/", b"0", b"-0", b"1e2", b"1.0", b"null"),
    *(b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc0\x80", b"[", b"]", b"{", b"}", b'"a":1', b'"a":1,', b"9007199254740993"),
    *(b"a", b"A", b"_", b"=", b"+", b"-", b"/", b"\xe2\x80\x94", b"\r", b"\0", b"\x7f"),
]  # fmt: skip


def test_values_are_encoded_alike(js: Modules) -> None:
    rng = Random("values")
    values = [some_value(rng) for _ in range(800)]
    encoded = [canonical.encode(value) for value in values]
    assert js.oks("encode", values) == [data.hex() for data in encoded]
    assert js.oks("json", encoded) == [data.hex() for data in encoded]
    nested: Any = 0
    for _ in range(64):
        nested = [nested]
    assert "ok" in js.each("encode", [nested])[0]
    assert js.each("encode", [[nested]])[0]["key"] == "json.depth"


def test_what_is_no_value_is_refused_where_it_stands(js: Modules) -> None:
    answers = js.run(
        """
        const holed = [1]; holed[2] = 3;
        const values = [undefined, 1n, Symbol('s'), () => 1, NaN, Infinity, 0.5, 2 ** 53, new Date(0), new Map(), new Uint8Array(1),
            { lines: [{ amount: undefined }] }, { A: 1 }, { a: { '': 1 } }, holed, '\\ud800', ['\\0'], Object.create({ a: 1 })];
        return Promise.all(values.map((value) => h.answer(() => m.canonical.encode(value))));
        """
    )
    assert [answer.get("code") for answer in answers] == ["EncodingError"] * 18
    assert answers[11]["field"] == "lines[0].amount"
    assert answers[14]["field"] == "[1]"
    assert answers[6]["zh"].startswith("不允许小数")


def test_damaged_json(js: Modules) -> None:
    rng = Random("damaged json")
    whole = [canonical.encode([some_value(rng), {"a": some_value(rng)}]) for _ in range(1500)]
    assert agree(js, "json", [damaged(rng, data) for data in whole], canonical.decode) > 20


def test_json_in_any_layout(js: Modules) -> None:
    """With other spaces and orders; keys that stand twice, fractions and wrong nesting in between."""
    rng = Random("layouts")

    def python(data: bytes) -> None:
        canonical.check(canonical.load_any_layout(data, limit=65_535))

    inputs = []
    for _ in range(1500):
        value = {"b": some_value(rng), "a": some_value(rng)}
        text = json.dumps(value, indent=rng.choice([None, 1]), ensure_ascii=rng.random() < 0.5).encode()
        inputs.append(text if rng.random() < 0.3 else damaged(rng, text))
    assert agree(js, "any-layout", inputs, python) > 400
    disclosures = []
    for _ in range(400):
        text = json.dumps(
            [
                rng.choice(["A" * 22, "A" * 21, "冷" * 22, 1]),
                rng.choice(["phone", "Phone", 2]),
                some_value(rng),
            ]
        )
        disclosures.append(urlsafe_b64encode(text.encode()).rstrip(b"="))
    damage = [damaged(rng, one) for one in disclosures[:200]]
    assert (
        agree(
            js,
            "disclosure",
            disclosures + damage,
            lambda data: sealed.open_disclosure(data.decode("latin-1")),
        )
        > 20
    )


def test_statements_and_entries_with_odd_members(js: Modules) -> None:
    rng = Random("members")
    bent = []
    for data in SMALL.entries:
        whole = orjson.loads(data)
        for path in _paths(whole):
            if path[:2] == ("statement", "body"):
                continue
            for value in (*ODD, *([ODD] if path == ("statement", "body") else [])):
                bent.append(_dumped(_with(whole, path, value)))
    assert 3000 < len(bent) < 12_000
    some = rng.sample(bent, 2500)
    assert agree(js, "entry", some, entry.parse) > 50
    said = [
        _dumped(orjson.loads(one)["statement"])
        for one in some
        if type(orjson.loads(one).get("statement")) is dict
    ]
    assert agree(js, "statement", said, statement.parse_statement) > 50


def _paths(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inner for found in [(*at, key), *_paths(item, (*at, key))]]


def _with(whole: Any, path: tuple[Any, ...], value: object) -> Any:
    whole = copy.deepcopy(whole)
    node = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return whole


def _dumped(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def test_body_depth(js: Modules) -> None:
    """A statement must fit into an entry, so its body nests two levels less than JSON may."""
    payload = orjson.loads(SMALL.payload(3))
    nested: Any = {}
    inputs = []
    for _ in range(66):
        nested = {"a": nested}
        inputs.append(_dumped(payload | {"body": nested}))
    assert agree(js, "statement", inputs, statement.parse_statement) == 61


@pytest.mark.parametrize(
    ("name", "whole", "python"),
    [
        ("note", SMALL.checkpoint, lambda data: note.open(data, [VERIFIER])),
        ("checkpoint", SMALL.checkpoint, lambda data: checkpoint.open(data, VERIFIER)),
        ("tlog-proof", SMALL.proof(4), lambda data: proof.check(data, VERIFIER)),
        ("entry", SMALL.entries[5], entry.parse),
        ("bundle", tiles.encode_bundle(SMALL.entries), tiles.decode_bundle),
        ("vkey", SMALL.vkey.encode(), lambda data: note.NoteVerifier.from_vkey(data.decode("latin-1"))),
        ("key", SPKIS[1].encode(), lambda data: PublicKey.from_base64(data.decode("latin-1"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damaged_files(js: Modules, name: str, whole: bytes, python: Callable[[bytes], object]) -> None:
    """Every byte with one bit flipped, and other damage."""
    rng = Random(name)
    flipped = [
        whole[:at] + bytes([byte ^ 1 << rng.randrange(8)]) + whole[at + 1 :] for at, byte in enumerate(whole)
    ]
    inputs = [one for one in (*flipped, *(damaged(rng, whole) for _ in range(400))) if one != whole]
    if name == "key":  # whether a key is grantable is asked as well there
        inputs = [one for one in inputs if not accepted(lambda one=one: python(one))]  # type: ignore[misc]
    count = agree(js, name, inputs, python, vkey=SMALL.vkey)
    assert name in ("entry", "bundle") or count == 0
    assert "ok" in js.each(name, [whole], vkey=SMALL.vkey)[0]


def test_damaged_envelopes_and_signatures(js: Modules) -> None:
    rng = Random("envelopes")
    known = {key.keyid: key for key in map(PublicKey.from_base64, SPKIS)}

    def python(data: bytes) -> None:
        statement.verify_envelope(statement.parse_envelope(data), known.get)

    whole = SMALL.envelopes[5]
    flips = [
        whole[:at] + bytes([byte ^ 1 << rng.randrange(8)]) + whole[at + 1 :] for at, byte in enumerate(whole)
    ]
    inputs = [*flips, *(damaged(rng, rng.choice(SMALL.envelopes)) for _ in range(600))]
    agree(js, "envelope", inputs, statement.parse_envelope)
    assert agree(js, "signature", flips, python, spkis=SPKIS) == 0
    assert agree(js, "signature", [*inputs, *SMALL.envelopes], python, spkis=SPKIS) >= 6


def test_proofs_over_random_trees(js: Modules) -> None:
    rng = Random("trees")
    sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 700, *(rng.randrange(1, 700) for _ in range(20))]
    given, want = [], []
    for size in sizes:
        leaves = [rng.randbytes(32) for _ in range(size)]
        stored = {(one.level, one.number): one.data for one in tiles.TileWriter().append(leaves)}
        made = tiles.TileTree(lambda level, number, width, stored=stored: stored[level, number], size)  # type: ignore[misc]
        index, old = rng.randrange(size), rng.randrange(1, size + 1)
        given.append({
            "leaves": [leaf.hex() for leaf in leaves], "size": size, "index": index, "old": old,
            "tiles": {f"{level}/{number}": b64encode(data).decode() for (level, number), data in stored.items()},
        })  # fmt: skip
        old_root, root = made.root_at(old).hex(), made.root().hex()
        want.append({
            "root": root, "old": old_root, "inclusion": [node.hex() for node in made.inclusion(index)],
            "consistency": [node.hex() for node in made.consistency(old)], "grown": [old_root, old_root, root],
        })  # fmt: skip
    assert js.oks("proofs", given) == want
    inclusion = [
        {
            "index": one["index"],
            "size": one["size"],
            "leaf": one["leaves"][one["index"]],
            "path": w["inclusion"],
            "root": w["root"],
        }
        for one, w in zip(given, want, strict=True)
    ]
    consistency = [
        {
            "old": one["old"],
            "new": one["size"],
            "path": w["consistency"],
            "old_root": w["old"],
            "new_root": w["root"],
        }
        for one, w in zip(given, want, strict=True)
    ]
    js.oks("inclusion", inclusion)
    js.oks("consistency", consistency)
    _agree_on(js, "inclusion", [_bent(rng, one) for one in inclusion for _ in range(20)], _verify_inclusion)
    _agree_on(
        js, "consistency", [_bent(rng, one) for one in consistency for _ in range(20)], _verify_consistency
    )


def _bent(rng: Random, given: dict[str, Any]) -> dict[str, Any]:
    """One number moved, or one hash changed, dropped or doubled."""
    bent = {**given, "path": list(given["path"])}
    names = [name for name in bent if name != "path"]
    change = rng.randrange(4)
    if change == 0 or not bent["path"]:
        name = rng.choice(names)
        value = bent[name]
        bent[name] = value + rng.choice([-1, 1, 2]) if isinstance(value, int) else rng.randbytes(32).hex()
    else:
        at = rng.randrange(len(bent["path"]))
        bent["path"][at : at + 1] = ([], [rng.randbytes(32).hex()], [bent["path"][at]] * 2)[change - 1]
    return bent


def _agree_on(
    js: Modules, name: str, inputs: list[dict[str, Any]], python: Callable[[dict[str, Any]], object]
) -> None:
    answers = js.each(name, inputs)
    for one, answer in zip(inputs, answers, strict=True):
        assert ("ok" in answer) == accepted(lambda one=one: python(one)), one  # type: ignore[misc]
    assert sum("ok" in answer for answer in answers) < len(answers) // 10


def _verify_inclusion(given: dict[str, Any]) -> None:
    path = [bytes.fromhex(one) for one in given["path"]]
    leaf, root = bytes.fromhex(given["leaf"]), bytes.fromhex(given["root"])
    tree.verify_inclusion(given["index"], given["size"], leaf, path, root)


def _verify_consistency(given: dict[str, Any]) -> None:
    path = [bytes.fromhex(one) for one in given["path"]]
    roots = bytes.fromhex(given["old_root"]), bytes.fromhex(given["new_root"])
    tree.verify_consistency(given["old"], given["new"], path, *roots)


def test_spellings(js: Modules) -> None:
    rng = Random("spellings")
    instants = [b"2026-11-23T08:15:00.123456789+08:00", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59-23:59"]
    instants += [
        f"{y:04}-{m:02}-{d:02}T00:00:00Z".encode()
        for y in (0, 1900, 2000, 2023, 2024)
        for m in range(14)
        for d in (0, 1, 28, 29, 30, 31, 32)
    ]
    instants += [damaged(rng, b"2026-11-23T08:15:00.5+08:00") for _ in range(600)]
    texts = [one for one in instants if one.isascii()]
    assert js.oks("instant", texts) == [times.is_instant(one.decode()) for one in texts]
    base64 = [b64encode(rng.randbytes(rng.randrange(9))) for _ in range(300)]
    base64 += [damaged(rng, one) for one in base64 if one]
    for name, python in (("base64", decode_base64), ("base64url", decode_base64url)):
        inputs = [
            one
            for one in (*base64, *(b64.translate(_TO_URL).rstrip(b"=") for b64 in base64))
            if one.isascii()
        ]
        wanted = [python(one.decode()) for one in inputs]
        assert js.oks(name, inputs) == [None if raw is None else raw.hex() for raw in wanted]
    numbers = [
        b"",
        b"0",
        b"00",
        b"01",
        b"9007199254740991",
        b"9007199254740992",
        b"+1",
        b"-0",
        b"1 ",
        b"1\n",
        b"\xd9\xa3",
        b"1e3",
    ]
    assert js.oks("decimal", numbers) == [decimal(one.decode(), 2**53 - 1) for one in numbers]
    paths = [
        tiles.path(
            tiles.TileId(rng.randrange(64), rng.randrange(10 ** rng.randrange(1, 16)), rng.randrange(1, 257))
        ).encode()
        for _ in range(300)
    ]
    assert js.oks("tile-path", paths) == [one.decode() for one in paths]
    agree(
        js,
        "tile-path",
        [damaged(rng, one) for one in paths if one.isascii()],
        lambda data: tiles.parse_path(data.decode("latin-1")),
    )


_TO_URL = bytes.maketrans(b"+/", b"-_")


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_signed_in_the_browser_verified_by_the_ledger(js: Modules, algorithm: str) -> None:
    made = js.run(
        """
        const key = await m.keys.DeviceKey.make(x);
        const second = await m.keys.DeviceKey.make();
        const clock = { now: 1795392902123, offset: 480, random: (n) => crypto.getRandomValues(new Uint8Array(n)) };
        const envelopes = [];
        for (let n = 0; n < 20; n += 1) {
            const payload = m.statement.makeStatement({
                body: { note: `含氯 ${n} 🧊`, list: [n, -n, null, {}] }, kind: 'disinfection.logged',
                ledger: 'custody.example/erligang', merchant: n % 2 ? '92410104MACU00014Y' : null,
                seen: n ? { root: 'ab'.repeat(32), size: n } : null,
            }, clock);
            let envelope = await m.dsse.sign(payload, [key]);
            if (n % 3 === 0) {
                const [sig] = (await m.dsse.sign(payload, [second])).signatures;
                envelope = m.dsse.addSignatures(envelope, [sig]);
            }
            envelopes.push(m.bytes.encodeBase64(m.dsse.encodeEnvelope(envelope)));
        }
        return { envelopes, keys: [key.public.text, second.public.text], keyid: key.public.keyid, chosen: second.public.algorithm };
        """,
        algorithm,
    )
    keys = [PublicKey.from_base64(text) for text in made["keys"]]
    assert (keys[0].algorithm, keys[0].keyid) == (algorithm, made["keyid"])
    assert made["chosen"] == "ed25519"  # Chromium has it
    known, ids = {key.keyid: key for key in keys}, set()
    for n, data in enumerate(made["envelopes"]):
        envelope = statement.parse_envelope(b64decode(data))
        statement.verify_envelope(envelope, known.get)
        said = statement.parse_statement(envelope.payload)
        assert said.occurred_at == "2026-11-23T08:15:02+08:00"
        assert said.body["note"] == f"含氯 {n} 🧊"
        assert said.seen == (None if n == 0 else statement.Seen("ab" * 32, n))
        assert len(envelope.signatures) == (2 if n % 3 == 0 else 1)
        ids.add(said.id)
    assert len(ids) == 20
    assert {one[:13] for one in ids} == {f"{1795392902123:012x}"[:8] + "-" + f"{1795392902123:012x}"[8:]}


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_signed_by_the_ledger_verified_in_the_browser(js: Modules, algorithm: str) -> None:
    keys = [PrivateKey.generate("ed25519" if algorithm == "ed25519" else "p256") for _ in range(3)]
    envelopes = [
        statement.encode_envelope(statement.sign(SMALL.payload(index), keys[: 1 + index % 3]))
        for index in range(SMALL.size)
    ]
    js.oks("signature", envelopes, spkis=[key.public.text for key in keys])
    answers = js.each("signature", envelopes, spkis=[keys[1].public.text])
    assert {answer["code"] for answer in answers} == {"NotAuthorised"}


def test_sealed_in_the_browser_opened_by_the_ledger(js: Modules) -> None:
    rng = Random("sealed")
    values = [some_value(rng) for _ in range(100)]
    made = js.run(
        """
        const random = (n) => crypto.getRandomValues(new Uint8Array(n));
        const all = [];
        for (const value of x) all.push(await m.sealed.seal('phone', value, random));
        const other = await h.answer(() => m.sealed.openSealed({ sealed: all[0].digest }, all[1].disclosure));
        return { all, other };
        """,
        values,
    )
    for value, one in zip(values, made["all"], strict=True):
        assert sealed.open_disclosure(one["disclosure"])[1:] == ("phone", value)
        assert sealed.digest(one["disclosure"]) == one["digest"]
    assert made["other"]["key"] == "sealed.other"
