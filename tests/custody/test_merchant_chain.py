"""All of a merchant's entries in one file: what it proves, and what no change of it can prove."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from ledger import log
from ledger.custody import merchant_chain
from ledger.custody.chain_making import checks
from ledger.custody.merchant_chain import ChainFile, Placed, check, check_all, parse
from ledger.errors import FormatError, LedgerError, ProofError, StoreReadOnly, UsageError
from ledger.log import CompactRange, Entry, Envelope, NoteSigner, NoteVerifier
from ledger.log import entry as entries
from ledger.log.tiles import TileTree, TileWriter
from tests.custody.test_inspection import inspect
from tests.custody.world import DAY, M1, M2, M3, ORIGIN, World, key


def signer(world: World) -> NoteSigner:
    return NoteSigner(ORIGIN, world.log_key)


def verifier(world: World) -> NoteVerifier:
    return signer(world).verifier


def everything(world: World) -> list[tuple[int, bytes]]:
    return [(entry.index, entry.data) for entry in world.entries()]


@pytest.fixture
def checked(world: World) -> World:
    """M1 has been checked twice, by two officers, and once more, which was taken back."""
    world.receive("B1")
    world.must(inspect(world))
    world.later(DAY)
    world.receive("B2", merchant=M2)
    world.must(inspect(world))
    last = world.must(inspect(world))
    correction = {"statement": last.id, "reason": "wrong_data", "explanation": "写错", "replacement": None}
    world.must(world.state([world.officer], "statement.corrected", M1, correction))
    world.receive("B3", merchant=M2)
    return world


def test_it_lists_all_checks_and_who_made_them(checked: World) -> None:
    data = checked.ledger.prove_chain(M1)
    proved = check(data, verifier(checked))
    mine = [entry for entry in checked.entries() if entry.statement.merchant == M1]
    assert list(proved.entries) == mine and proved.checkpoint.size == checked.size
    listed = checks(proved)
    assert [one.index for one in listed] == [
        e.index for e in mine if e.statement.kind == "inspection.recorded"
    ]
    assert [one.week for one in listed] == [202617] * 3
    assert [one.taken_back is not None for one in listed] == [False, False, True]
    assert {holder.holder for one in listed for holder in one.officers} == {"officer-1"}
    assert all(one.officers[0].role == "supervisor" for one in listed)
    check_all(proved, everything(checked))
    assert parse(data).merchant == M1 and len(parse(data).keys) == 2


def test_it_is_made_by_the_log_and_for_merchants_there_are(checked: World) -> None:
    with pytest.raises(UsageError, match="has no entry"):
        checked.ledger.prove_chain("92410104MACU00030L")
    reader = type(checked.ledger)(checked.ledger.store, log_key=None, clock=lambda: 0)
    with pytest.raises(StoreReadOnly):
        reader.prove_chain(M1)


@pytest.mark.slow
def test_no_changed_byte_changes_what_is_claimed(world: World) -> None:
    data = world.ledger.prove_chain(M3)
    known = verifier(world)
    proved = check(data, known)
    rng = Random(7)
    for place in range(len(data)):
        for changed in (
            data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :],
            data[:place] + rng.choice([b"A", b"\n", b" ", b"=", b"0"]) + data[place + 1 :],
            data[:place] + data[place + 1 :],
            data[:place] + bytes([rng.randrange(256)]) + data[place:],
            data[:place],
        ):
            if changed == data:
                continue
            with suppress(FormatError):
                assert check(changed, known) == proved, place


class Forger:
    """Somebody with the log's key and all entries, who makes whatever file they like."""

    def __init__(self, world: World, ledger: Sequence[bytes] | None = None) -> None:
        self.signer = signer(world)
        self.ledger = [entry.data for entry in world.entries()] if ledger is None else list(ledger)
        writer = TileWriter()
        tiles = {
            (tile.level, tile.number): tile.data
            for tile in writer.append([log.leaf_hash(d) for d in self.ledger])
        }
        self.tree = TileTree(lambda level, number, _: tiles.get((level, number), b""), len(self.ledger))
        note = log.checkpoint.sign(ORIGIN, len(self.ledger), self.tree.root(), self.signer)
        self.checkpoint = log.checkpoint.open(note, self.signer.verifier)
        self.real = parse(world.ledger.prove_chain(M1))

    def placed(self, data: bytes) -> Placed:
        return Placed(data, tuple(self.tree.inclusion(entries.parse(data).index)))

    def file(
        self, chain: Sequence[bytes], *, keys: Sequence[bytes] | None = None, merchant: str = M1
    ) -> bytes:
        granting = [one.data for one in self.real.keys] if keys is None else keys
        claim = merchant_chain.claim_text(merchant, entries.parse(chain[-1]), self.checkpoint)
        return merchant_chain.encode(
            merchant,
            [self.placed(one) for one in granting],
            [self.placed(one) for one in chain],
            log.note.sign(claim, [self.signer]),
            self.checkpoint.note,
        )

    def refused(self, data: bytes, match: str) -> None:
        with pytest.raises(ProofError, match=match):
            check(data, self.signer.verifier)


def test_nothing_before_the_last_can_be_left_out(checked: World) -> None:
    forger = Forger(checked)
    chain = [one.data for one in forger.real.entries]
    for left_out in range(len(chain) - 1):
        forger.refused(forger.file(chain[:left_out] + chain[left_out + 1 :]), "something is missing")
    other = next(e.data for e in checked.entries() if e.statement.merchant == M2)
    forger.refused(forger.file([*chain, other]), "is not about merchant")
    forger.refused(forger.file([chain[1], chain[0], *chain[2:]]), "something is missing")
    forger.refused(forger.file(chain, merchant=M2), "is not about merchant")


def test_a_last_entry_left_out_is_the_logs_word_and_refuted_by_all_entries(checked: World) -> None:
    forger = Forger(checked)
    short = check(forger.file([one.data for one in forger.real.entries][:-1]), verifier(checked))
    with pytest.raises(ProofError, match="false claim") as refuted:
        check_all(short, everything(checked))
    assert refuted.value.index == parse_last(forger.real).index
    check_all(
        check(forger.file([one.data for one in forger.real.entries]), verifier(checked)), everything(checked)
    )


def parse_last(file: ChainFile) -> Entry:
    return entries.parse(file.entries[-1].data)


def test_a_claim_is_not_taken_from_another_file(checked: World) -> None:
    forger = Forger(checked)
    chain = [one.data for one in forger.real.entries]
    short, whole = parse(forger.file(chain[:-1])), parse(forger.file(chain))
    for claim in (short.claim, whole.checkpoint, parse(checked.ledger.prove_chain(M2)).claim):
        mixed = merchant_chain.encode(M1, whole.keys, whole.entries, claim, whole.checkpoint)
        with pytest.raises(ProofError, match="claim is about another"):
            check(mixed, verifier(checked))
    with pytest.raises(FormatError):  # and a claim is no checkpoint
        log.checkpoint.open(whole.claim, verifier(checked))
    with pytest.raises(ProofError, match="no entry"):
        check(merchant_chain.encode(M1, whole.keys, [], whole.claim, whole.checkpoint), verifier(checked))
    checked.receive("B9")
    later = parse(checked.ledger.prove_chain(M1))
    with pytest.raises(ProofError):
        check(
            merchant_chain.encode(M1, whole.keys, whole.entries, later.claim, later.checkpoint),
            verifier(checked),
        )


def test_a_second_chain_beside_the_first_is_found_in_all_entries(checked: World) -> None:
    """An operator makes the ledger anew, with one entry of the merchant outside its chain."""
    data = [entry.data for entry in checked.entries()]
    last = checked.entries()[-1]
    hidden = checked.envelope([checked.k1], "goods.sold", M1, {
        "buyer": {"type": "consumers"}, "lines": [{"batch": "B1", "quantity": {"value": "1", "unit": "kg"}}],
    })  # fmt: skip
    beside = entries.build(last.index + 1, last.leaf_hash, 0, None, last.recorded_at, hidden)
    forger = Forger(checked, [*data, beside.data])
    proved = check(forger.file([one.data for one in forger.real.entries]), verifier(checked))
    with pytest.raises(ProofError, match="false claim"):
        check_all(proved, list(enumerate(forger.ledger)))


def test_signatures_are_by_keys_that_were_given_out_before(checked: World) -> None:
    forger = Forger(checked)
    chain = [one.data for one in forger.real.entries]
    keys = [one.data for one in forger.real.keys]
    unused = next(
        e.data for e in checked.entries() if e.statement.kind == "key.granted" and e.data not in keys
    )
    forger.refused(forger.file(chain, keys=keys[1:]), "which no entry shown gave out before")
    forger.refused(
        forger.file(chain, keys=sorted([*keys, unused], key=lambda d: entries.parse(d).index)), "signed none"
    )
    forger.refused(forger.file(chain, keys=keys[::-1]), "in the order")
    forger.refused(forger.file(chain, keys=[*keys, chain[-1]]), "gives out no key")
    # A check slipped in by whoever runs the server, in an officer's name: linked, in the tree, and not signed.
    last = checked.entries()[-1]
    mine = parse_last(forger.real)
    real = entries.parse(chain[3])
    forged = checked.envelope([checked.officer], real.statement.kind, M1, dict(real.statement.body))
    wrong = Envelope(forged.payload, tuple(one._replace(sig=bytes(64)) for one in forged.signatures))
    slipped = entries.build(
        last.index + 1, last.leaf_hash, (mine.merchant_seq or 0) + 1, mine.leaf_hash, last.recorded_at, wrong
    )
    forger = Forger(checked, [*(entry.data for entry in checked.entries()), slipped.data])
    forger.refused(forger.file([*chain, slipped.data]), "does not verify")


def test_links_and_keys_hold_in_a_ledger_made_for_the_purpose(checked: World) -> None:
    """Whoever has the log's key can sign any tree. The merchant's own links and keys still have to fit."""
    data = [entry.data for entry in checked.entries()]
    last = checked.entries()[-1]
    real = parse(checked.ledger.prove_chain(M1))
    chain, mine = [one.data for one in real.entries], parse_last(real)
    seq = (mine.merchant_seq or 0) + 1

    def appended(place: int, link: bytes, signed: Envelope, **more: Any) -> Entry:
        before = more.get("after", last)
        recorded_at = more.get("recorded_at", last.recorded_at)
        return entries.build(before.index + 1, before.leaf_hash, place, link, recorded_at, signed)

    said = checked.envelope(
        [checked.k1],
        "briefing.acknowledged",
        M1,
        {"title": "明白卡", "version": "1", "text_sha256": "0" * 64},
    )
    wrong = [
        (appended(seq + 1, mine.leaf_hash, said), "something is missing"),
        (appended(seq, bytes(32), said), "something is missing"),
        (
            appended(seq, mine.leaf_hash, said, recorded_at="2020-01-01T00:00:00.000Z"),
            "before the entry that it follows",
        ),
    ]
    for entry, match in wrong:
        forger = Forger(checked, [*data, entry.data])
        forger.refused(forger.file([*chain, entry.data]), match)

    newcomer = key("newcomer")
    early = appended(seq, mine.leaf_hash, checked.envelope([newcomer], said_kind(said), M1, said_body(said)))
    grant = {"public_key": newcomer.public.text, "role": "merchant", "scope": M1, "holder": None}
    late = entries.build(
        early.index + 1, early.leaf_hash, None, None, last.recorded_at,
        checked.envelope([checked.operator], "key.granted", None, grant),
    )  # fmt: skip
    forger = Forger(checked, [*data, early.data, late.data])
    keys = [*(one.data for one in real.keys), late.data]
    forger.refused(forger.file([*chain, early.data], keys=keys), "which no entry shown gave out before")

    elsewhere = checked.envelope(
        [checked.k1], said_kind(said), M1, said_body(said), ledger="custody.example/other"
    )
    foreign = appended(seq, mine.leaf_hash, elsewhere)
    forger = Forger(checked, [*data, foreign.data])
    forger.refused(forger.file([*chain, foreign.data]), "not for this ledger")


def said_kind(envelope: Envelope) -> str:
    return log.statement.parse_statement(envelope.payload).kind


def said_body(envelope: Envelope) -> dict[str, Any]:
    return dict(log.statement.parse_statement(envelope.payload).body)


def test_other_entries_than_the_checkpoints_prove_nothing(checked: World) -> None:
    proved = check(checked.ledger.prove_chain(M1), verifier(checked))
    ledger = everything(checked)
    for other in (ledger[:-1], [*ledger, ledger[-1]], [ledger[0], *ledger]):
        with pytest.raises(ProofError, match="do not give the root"):
            check_all(proved, other)
    broken = [*ledger[:-1], (ledger[-1][0], b"{}")]
    tree = CompactRange()
    tree.extend(log.leaf_hash(data) for _, data in broken)
    bad = proved._replace(checkpoint=proved.checkpoint._replace(root=tree.root()))
    with pytest.raises(ProofError, match="may be anybody's"):
        check_all(bad, broken)


def test_the_form_is_strict(checked: World) -> None:
    data = checked.ledger.prove_chain(M1)
    lines = data.split(b"\n")
    path = next(n for n, line in enumerate(lines) if line.startswith(b"key ")) + 1
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spare = bytes([alphabet[alphabet.index(lines[path][-2]) | 1]])  # the bits of no byte, set
    for changed in (
        b"",
        b"hello",
        b"\n".join([*lines[:path], lines[path][:-2] + spare + b"=", *lines[path + 1 :]]),
        data.replace(b"@v1\nmerchant", b"@v2\nmerchant"),
        data.replace(b"\nmerchant ", b"\nMerchant ", 1),
        data.replace(b"\nkey ", b"\nlock ", 1),
        data.replace(b"\nkey ", b"\nentry ", 1),
        data + b"\n",
        data + b"x",
        data[:-1],
        data.replace(b"\n\n", b"\n", 1),
        b"\n".join([*lines[:path], lines[path] + b"=", *lines[path + 1 :]]),
        b"\n".join([*lines[:path], lines[path][:8], *lines[path + 1 :]]),
        b"\n".join([*lines[:path], *[lines[path]] * 70, *lines[path + 1 :]]),
        data.replace(b"\n", b"\r\n"),
        b"x" * (merchant_chain.MAX_BYTES + 1),
    ):
        with pytest.raises(LedgerError):
            check(changed, verifier(checked))
