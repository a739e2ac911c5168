"""Two programs from one page of format: what one accepts the other accepts, with the same bytes.

Random values and random damage, always from the same seed; each test sends all of its cases to the page at once.
"""

from __future__ import annotations

import copy
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from random import Random
from typing import Any

import orjson
import pytest

from ledger.log import bundles, canonical, checkpoint, entry, note, proof, sealed, statement
from ledger.log.keys import PublicKey
from tests.reference import slow
from tests.reference.sample import SmallLedger
from tests.web.js.agreement import accepted, agree, damaged, some_value
from tests.web.js.modules import Modules

SMALL = SmallLedger()
VERIFIER = note.NoteVerifier.from_vkey(SMALL.vkey)
SPKIS = [slow.b64(slow.spki(key)) for key in (SMALL.operator, SMALL.merchant, SMALL.phone)]
ODD: list[object] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    2**53,
    1.5,
    1.0,
    "",
    "0",
    "a",
    [],
    {},
    [[]],
    {"a": None},
    "a" * 64,
    "0" * 64,
    "A" * 64,
    "x" * 65,
    "é" * 64,
    "🧊" * 64,
    "\x7f",
    "\x85",
    "\u200b",
    "\u3000",
    "a b",
    "a+b",
    "goods.sold",
    "goods.sold\n",
    "Goods.sold",
    "g.s.t",
    "2026-11-23T08:15:00+08:00",
    "2026-02-29T08:15:00Z",
    "2024-02-29T08:15:00Z",
    "2026-11-23T08:15:00.123Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T08:15:60Z",
    "2026-11-23T08:15:00-00:00",
    "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55",
    "0199d0a4-7c1e-4d3a-9b1f-3f2f6a1c0d55",
    {"root": "0" * 64, "size": 1},
    {"root": "0" * 64, "size": 0},
    {"root": "0" * 64},
    "\u0663" * 64,
]


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
        const values = [undefined, 1n, Symbol('s'), () => 1, NaN, Infinity, 0.5, 2 ** 53,
            new Date(0), new Map(), new Uint8Array(1),
            { lines: [{ amount: undefined }] }, { A: 1 }, { a: { '': 1 } }, holed,
            '\\ud800', ['\\0'], Object.create({ a: 1 })];
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
        content = json.dumps(
            [
                rng.choice(["A" * 22, "A" * 21, "冷" * 22, 1]),
                rng.choice(["phone", "Phone", 2]),
                some_value(rng),
            ]
        )
        disclosures.append(urlsafe_b64encode(content.encode()).rstrip(b"="))
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
            bent += [_dumped(_with(whole, path, value)) for value in ODD]
    assert len(bent) > 3000
    some = rng.sample(bent, 1500)
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
        ("bundle", bundles.encode_bundle([b"a", b"", b"b" * 300, b"c"]), bundles.decode_bundle),
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
