"""All of a merchant's entries in one file, checked in the browser as `ledger.custody.merchant_chain` checks it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from ledger.custody import merchant_chain
from ledger.custody.chain_making import checks
from ledger.custody.merchant_chain import ChainFile, Placed, check, given_key, parse
from ledger.errors import FormatError
from ledger.log import NoteSigner, NoteVerifier, TileTree, checkpoint, entry, note, tiles
from ledger.log.bundles import encode_bundle
from tests.audit.memory import SIGNER, VKEY, Chained, altered, forge
from tests.audit.sample import make_sample
from tests.custody.test_inspection import inspect
from tests.custody.world import DAY, M1, M2, M3, ORIGIN, World, key
from tests.web.js.modules import Modules
from tests.web.js.published import used_before_granted


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """M1 was checked twice, and once more, which was taken back; M3 has its enrolment alone."""
    world = World(tmp_path_factory.mktemp("chain") / "ledger")
    world.receive("B1")
    world.must(inspect(world))
    world.later(DAY)
    world.receive("B2", merchant=M2)
    world.must(inspect(world))
    last = world.must(inspect(world))
    correction = {"statement": last.id, "reason": "wrong_data", "explanation": "写错", "replacement": None}
    world.must(world.state([world.officer], "statement.corrected", M1, correction))
    return world


def vkey(world: World) -> str:
    return world.ledger.store.vkey


def test_what_holds_says_the_same_in_both_programs(js: Modules, world: World) -> None:
    files = [world.ledger.prove_chain(merchant) for merchant in (M1, M2, M3)]
    found = js.oks("merchant-chain", files, vkey=vkey(world))
    for data, one in zip(files, found, strict=True):
        proved = check(data, NoteVerifier.from_vkey(vkey(world)))
        assert one["merchant"] == proved.merchant and one["size"] == proved.checkpoint.size
        assert one["entries"] == [entry.index for entry in proved.entries]
        assert one["checks"] == [
            [c.index, c.day, c.findings, c.taken_back, [holder.holder for holder in c.officers]]
            for c in checks(proved)
        ]
    assert len(found[0]["checks"]) == 3 and found[0]["checks"][2][3] is not None


def remade(world: World, change: Callable[[ChainFile], ChainFile]) -> bytes:
    file = change(parse(world.ledger.prove_chain(M1)))
    return merchant_chain.encode(file.merchant, file.keys, file.entries, file.claim, file.checkpoint)


def claiming(world: World, count: int) -> Callable[[ChainFile], ChainFile]:
    """The log itself claims that the merchant ends after `count` entries."""

    def change(file: ChainFile) -> ChainFile:
        signer = NoteSigner(ORIGIN, world.log_key)
        opened = checkpoint.open(file.checkpoint, signer.verifier)
        last = entry.parse(file.entries[count - 1].data)
        claim = note.sign(merchant_chain.claim_text(file.merchant, last, opened), [signer])
        return file._replace(entries=file.entries[:count], claim=claim)

    return change


CHANGES: dict[str, tuple[Callable[[ChainFile], ChainFile], str]] = {
    "an entry left out": (lambda f: f._replace(entries=f.entries[:2] + f.entries[3:]), "chain_file.link"),
    "the first left out": (lambda f: f._replace(entries=f.entries[1:]), "chain_file.link"),
    "the last left out": (lambda f: f._replace(entries=f.entries[:-1]), "chain_file.claim"),
    "an entry twice": (lambda f: f._replace(entries=(*f.entries, f.entries[-1])), "chain_file.link"),
    "no entry": (lambda f: f._replace(entries=()), "chain_file.empty"),
    "a key left out": (lambda f: f._replace(keys=f.keys[1:]), "chain_file.unknown_key"),
    "keys out of order": (lambda f: f._replace(keys=f.keys[::-1]), "chain_file.key_order"),
    "what gives no key": (
        lambda f: f._replace(keys=(*f.keys, f.entries[0])),
        "chain_file.no_key",
    ),
    "another merchant": (lambda f: f._replace(merchant=M2), "chain_file.other_merchant"),
    "another claim": (lambda f: f._replace(claim=f.checkpoint), "chain_file.claim"),
    "a path of another": (
        lambda f: f._replace(entries=(f.entries[0]._replace(path=f.entries[1].path), *f.entries[1:])),
        "proof.inclusion",
    ),
}


def test_what_was_changed_is_refused_with_its_reason(js: Modules, world: World) -> None:
    files = [remade(world, change) for change, _ in CHANGES.values()]
    answers = js.each("merchant-chain", files, vkey=vkey(world))
    for name, data, answer, (_, want) in zip(CHANGES, files, answers, CHANGES.values(), strict=True):
        assert answer.get("key") == want, (name, answer)
        with pytest.raises(FormatError):
            check(data, NoteVerifier.from_vkey(vkey(world)))


def test_a_false_claim_of_the_log_passes_in_both_until_an_entry_refutes_it(js: Modules, world: World) -> None:
    data = remade(world, claiming(world, 2))
    (found,) = js.oks("merchant-chain", [data], vkey=vkey(world))
    assert len(found["entries"]) == 2
    assert len(check(data, NoteVerifier.from_vkey(vkey(world))).entries) == 2
    whole = [world.ledger.prove_chain(merchant) for merchant in (M1, M2, M3)]
    files = bundles([one.data for one in world.entries()])
    assert len(js.oks("merchant-chain-all", whole, vkey=vkey(world), files=files)) == 3
    (answer,) = js.each("merchant-chain-all", [data], vkey=vkey(world), files=files)
    third = entry.parse(parse(world.ledger.prove_chain(M1)).entries[2].data).index
    assert (answer["key"], f"entry {third}" in answer["en"]) == ("chain_file.not_all", True)
    others = bundles([*(one.data for one in world.entries()[:-1]), world.ledger.entry(0).data])
    (answer,) = js.each("merchant-chain-all", [whole[0]], vkey=vkey(world), files=others)
    assert answer["key"] == "chain_file.other_entries"


def bundles(entries: list[bytes]) -> dict[str, str]:
    return {
        tiles.path(one): b64encode(encode_bundle(entries[256 * one.number :][: one.width])).decode()
        for one in tiles.bundles_of(len(entries))
    }


def test_a_signature_that_is_none_is_refused_though_the_log_has_taken_it_in(js: Modules) -> None:
    """Whoever runs the log changes what a merchant said, and hashes and signs everything else anew."""
    sound = make_sample()
    index = sound.find("goods.sold")

    def otherwise(parsed: dict[str, Any]) -> None:
        parsed["body"]["lines"][0]["quantity"]["value"] = "4"

    made = forge(sound, {index: altered(sound.said[index].envelope, otherwise, ())})
    data = chain_of(made, str(entry.parse(made.data[index]).statement.merchant))
    (answer,) = js.each("merchant-chain", [data], vkey=VKEY)
    assert answer["key"] == "signatures.wrong" and f"entry {index}" in answer["en"]
    with pytest.raises(FormatError):
        check(data, NoteVerifier.from_vkey(VKEY))
    whole = chain_of(sound, str(entry.parse(sound.data[index]).statement.merchant))
    js.oks("merchant-chain", [whole], vkey=VKEY)


def test_keys_are_those_that_sign_and_were_given_out_before(js: Modules, world: World) -> None:
    known = NoteVerifier.from_vkey(vkey(world))
    mine, others = (parse(world.ledger.prove_chain(merchant)) for merchant in (M1, M2))
    keys = sorted({*mine.keys, *others.keys}, key=lambda one: entry.parse(one.data).index)
    idle = merchant_chain.encode(M1, keys, mine.entries, mine.claim, mine.checkpoint)
    (answer,) = js.each("merchant-chain", [idle], vkey=vkey(world))
    assert answer["key"] == "chain_file.idle_keys"
    with pytest.raises(FormatError):
        check(idle, known)
    late = chain_of(used_before_granted(), M1)
    (answer,) = js.each("merchant-chain", [late], vkey=VKEY)
    assert answer["key"] == "chain_file.unknown_key"
    with pytest.raises(FormatError):
        check(late, NoteVerifier.from_vkey(VKEY))


def chain_of(made: Chained, merchant: str) -> bytes:
    """The file for a merchant of a ledger in memory, whatever is wrong with it."""
    size = len(made.data)
    tree = TileTree(lambda level, number, width: made.tiles[level, number][: 32 * width], size)
    parsed = [entry.parse(data) for data in made.data]
    mine = [one for one in parsed if one.statement.merchant == merchant]
    signed = {keyid for one in mine for keyid, _ in one.signatures}
    given = [one for one in parsed if (found := given_key(one)) and found[0].keyid in signed]
    note_bytes = dict(made.notes)[size]
    opened = checkpoint.open(note_bytes, SIGNER.verifier)
    keys, chain = (
        [Placed(one.data, tuple(tree.inclusion(one.index))) for one in part] for part in (given, mine)
    )
    claim = note.sign(merchant_chain.claim_text(merchant, mine[-1], opened), [SIGNER])
    return merchant_chain.encode(merchant, keys, chain, claim, note_bytes)


def test_another_logs_file_is_refused(js: Modules, world: World) -> None:
    other = NoteVerifier.from_key(ORIGIN, key("another log").public).vkey
    (answer,) = js.each("merchant-chain", [world.ledger.prove_chain(M1)], vkey=other)
    assert answer["code"] == "NoteError"


def test_random_damage_is_judged_alike(js: Modules, world: World) -> None:
    rng = Random("chain damage")
    good = world.ledger.prove_chain(M3)
    damaged: list[bytes] = []
    for _ in range(300):
        bent = bytearray(good)
        at = rng.randrange(len(bent))
        if rng.random() < 0.5:
            bent[at] = rng.randrange(256)
        elif rng.random() < 0.5:
            del bent[at : at + rng.randrange(1, 60)]
        else:
            bent[at:at] = bent[rng.randrange(len(bent)) :][: rng.randrange(1, 60)]
        damaged.append(bytes(bent))
    answers = js.each("merchant-chain", damaged, vkey=vkey(world))
    verifier = NoteVerifier.from_vkey(vkey(world))
    for data, answer in zip(damaged, answers, strict=True):
        assert ("ok" in answer) == holds(data, verifier), (data, answer)


def holds(data: bytes, verifier: NoteVerifier) -> bool:
    try:
        check(data, verifier)
    except FormatError:
        return False
    return True


def test_a_leaf_is_proved_without_its_entry(js: Modules, world: World) -> None:
    """What `POST /proof` gives for a leaf hash alone has no entry in it."""
    data = world.ledger.prove(3)
    without = b"\n".join(line for line in data.split(b"\n") if not line.startswith(b"extra "))
    leaf = world.ledger.entry(3).leaf_hash.hex()
    inputs: list[dict[str, Any]] = [{"proof": _base64(without), "leaf": leaf}]
    assert js.oks("leaf", inputs, vkey=vkey(world)) == [[3, world.size]]
    (answer,) = js.each("leaf", [{"proof": _base64(without), "leaf": "0" * 64}], vkey=vkey(world))
    assert answer["key"] == "proof.inclusion"


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()
