"""Whether an entry's authors signed it, by keys that other proofs show: what `custody check-proof --grant` says."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from ledger.log import TileTree, entry, proof
from tests.audit.memory import VKEY, Chained, altered, forge
from tests.audit.sample import make_sample
from tests.web.js.modules import Modules


def prove(made: Chained, index: int) -> bytes:
    size = len(made.data)
    tree = TileTree(lambda level, number, _: made.tiles[level, number], size)
    return proof.make(made.data[index], index, tree.inclusion(index), dict(made.notes)[size])


def grants(made: Chained) -> list[str]:
    """Proofs of every entry that gives out a key."""
    gives = ("ledger.opened", "key.granted")
    found = [at for at, data in enumerate(made.data) if entry.parse(data).statement.kind in gives]
    return [b64encode(prove(made, at)).decode() for at in found]


def test_every_signature_is_verified_by_the_key_that_was_given_out(js: Modules) -> None:
    made = make_sample()
    indexes = range(len(made.data))
    found = js.oks("authors", [prove(made, at) for at in indexes], vkey=VKEY, grants=grants(made))
    for at, authors in zip(indexes, found, strict=True):
        assert authors and all(given is not None and fault is None for given, _, fault in authors), (
            at,
            authors,
        )
        assert all(given < at or at == 0 for given, _, _ in authors)
    unknown = js.oks("authors", [prove(made, at) for at in indexes], vkey=VKEY, grants=[])
    assert all(given is None for authors in unknown for given, _, _ in authors)


def test_an_entry_that_its_author_has_not_signed_is_named(js: Modules) -> None:
    """Whoever runs the log changes what a merchant said, and hashes and signs everything else anew."""
    sound = make_sample()
    index = sound.find("goods.sold")

    def otherwise(parsed: dict[str, Any]) -> None:
        parsed["body"]["lines"][0]["quantity"]["value"] = "4"

    made = forge(sound, {index: altered(sound.said[index].envelope, otherwise, ())})
    (answer,) = js.each("authors", [prove(made, index)], vkey=VKEY, grants=grants(made))
    assert (answer["code"], answer["key"]) == ("SignatureInvalid", "signatures.not_theirs")
