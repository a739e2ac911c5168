"""Proofs over random trees, tile paths, and the spellings of numbers, instants and bytes: alike in both programs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Any

from ledger.log import tiles, times, tree
from ledger.log._text import decimal, decode_base64, decode_base64url
from tests.web.js.agreement import accepted, agree, damaged
from tests.web.js.modules import Modules


def test_proofs_over_random_trees(js: Modules) -> None:
    rng = Random("trees")
    sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 700, *(rng.randrange(1, 700) for _ in range(20))]
    given: list[dict[str, Any]] = []
    want: list[dict[str, Any]] = []
    for size in sizes:
        leaves = [rng.randbytes(32) for _ in range(size)]
        stored = {(one.level, one.number): one.data for one in tiles.TileWriter().append(leaves)}
        made = tiles.TileTree(lambda level, number, width, stored=stored: stored[level, number], size)  # type: ignore[misc]
        index, old = rng.randrange(size), rng.randrange(1, size + 1)
        given.append(
            {
                "leaves": [leaf.hex() for leaf in leaves],
                "size": size,
                "index": index,
                "old": old,
                "tiles": {
                    f"{level}/{number}": b64encode(data).decode() for (level, number), data in stored.items()
                },
            }
        )
        old_root, root = made.root_at(old).hex(), made.root().hex()
        want.append(
            {
                "root": root,
                "old": old_root,
                "inclusion": [node.hex() for node in made.inclusion(index)],
                "consistency": [node.hex() for node in made.consistency(old)],
                "grown": [old_root, old_root, root],
            }
        )
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
    instants += [
        b"2026-11-23T08:15:00" + end
        for end in (b"-00:00", b"+00:00", b"-00:01", b"+24:00", b"z", b"Z\n", b"")
    ]
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
