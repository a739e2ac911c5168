"""Proof files of single entries against the reference, and what a single changed byte does to them."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError, LedgerError, NoteError, ProofError
from ledger.log import entry, note, proof
from tests.log.test_statement_entry import changed_bytes
from tests.reference import slow
from tests.reference.sample import ORIGIN, SmallLedger, ed25519_key
from tests.reference.trees import Tree

SMALL = SmallLedger()
VERIFIER = note.NoteVerifier.from_vkey(SMALL.vkey)


def head(size: int) -> bytes:
    return slow.checkpoint(ORIGIN, size, SMALL.tree.root(size), SMALL.log)


def test_every_proof_of_every_size_is_made_read_and_checked() -> None:
    for size in range(1, SMALL.size + 1):
        for index in range(size):
            want = slow.tlog_proof(SMALL.entries, index, size, head(size))
            path = SMALL.tree.inclusion(index, size)
            assert proof.make(SMALL.entries[index], index, path, head(size)) == want
            assert proof.parse(want) == (SMALL.entries[index], index, tuple(path), head(size))
            found, checkpoint = proof.check(want, VERIFIER)
            assert found == entry.parse(SMALL.entries[index])
            assert (checkpoint.size, checkpoint.root) == (size, SMALL.tree.root(size))


@pytest.mark.parametrize("index", [0, 4, 5])
def test_a_changed_byte_of_a_proof_file(index: int) -> None:
    """Nothing in the file is free: entry, index and path answer to the root, the root to the log's signature."""
    good = SMALL.proof(index)
    proof.check(good, VERIFIER)
    for bad in changed_bytes(good, random.Random(index)):
        with pytest.raises(FormatError) as caught:
            proof.check(bad, VERIFIER)
        assert caught.value.message


def test_all_255_other_bytes_at_some_places() -> None:
    good = SMALL.proof(4)
    draw = random.Random(8)
    for at in (good.index(b"index ") + 6, good.index(b"\nindex") + 20, *draw.sample(range(len(good)), 6)):
        for other in range(256):
            if other != good[at]:
                with pytest.raises(FormatError):
                    proof.check(good[:at] + bytes([other]) + good[at + 1 :], VERIFIER)


def test_witnesses_below_the_checkpoint_do_no_harm() -> None:
    text = SMALL.checkpoint.decode().rsplit("\n\n", 1)[0] + "\n"
    line = slow.cosignature(text, "witness.example/w", ed25519_key("witness"), 1_795_392_902).encode()
    assert proof.check(SMALL.proof(3) + line, VERIFIER)[0].index == 3


def test_extra_is_optional_in_the_file_and_needed_to_check() -> None:
    """tlog-proof leaves the extra line free; this ledger needs the entry in it."""
    without = proof.make(None, 2, SMALL.tree.inclusion(2, 6), SMALL.checkpoint)
    assert proof.parse(without).extra is None
    with pytest.raises(ProofError):
        proof.check(without, VERIFIER)


def alone(data: bytes) -> bytes:
    """A proof that a ledger of the same key holds just these bytes."""
    return slow.tlog_proof([data], 0, 1, slow.checkpoint(ORIGIN, 1, Tree([data]).root(), SMALL.log))


def test_what_the_tree_holds_must_still_be_an_entry_of_this_ledger_at_this_place() -> None:
    first = json.loads(SMALL.entries[0])
    assert proof.check(alone(SMALL.entries[0]), VERIFIER)[0].index == 0
    for data in (
        b"",
        b"{}",
        SMALL.entries[1],
        slow.encode({**first, "extra": 1}),
        slow.encode({**first, "statement": {**first["statement"], "ledger": "custody.example/other"}}),
    ):
        with pytest.raises(FormatError):
            proof.check(alone(data), VERIFIER)


def test_another_logs_key_is_refused() -> None:
    other = note.NoteVerifier.from_vkey(slow.vkey(ORIGIN, slow.raw_public(ed25519_key("mallory"))))
    with pytest.raises(NoteError):
        proof.check(SMALL.proof(0), other)


def test_parts_of_two_proofs_do_not_mix() -> None:
    five, six = (slow.tlog_proof(SMALL.entries, 2, size, head(size)).split(b"\n\n", 1) for size in (5, 6))
    assert five[0] != six[0]
    for above, below in ((five[0], six[1]), (six[0], five[1])):
        with pytest.raises(ProofError):
            proof.check(above + b"\n\n" + below, VERIFIER)


@given(
    st.none() | st.binary(max_size=80),
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(max_size=80),
)
def test_any_parts_come_back(extra: bytes | None, index: int, path: list[bytes], checkpoint: bytes) -> None:
    data = proof.make(extra, index, path, checkpoint)
    assert proof.parse(data) == (extra, index, tuple(path), checkpoint)


@given(
    st.binary(max_size=80) | st.text("c2sp.org/tlog-proof@v1\nextra index 04=A", max_size=60).map(str.encode)
)
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    """Never another error; and what is parsed is written again to the same bytes."""
    for text in (data, b"c2sp.org/tlog-proof@v1\n" + data, b"c2sp.org/tlog-proof@v1\nindex 0\n" + data):
        try:
            parts = proof.parse(text)
        except ProofError:
            pass
        else:
            assert proof.make(parts.extra, parts.index, parts.path, parts.checkpoint) == text
        with pytest.raises(LedgerError):
            proof.check(text, VERIFIER)


@pytest.mark.parametrize("length", [31, 33, 64])
def test_a_line_of_the_path_is_one_hash(length: int) -> None:
    with pytest.raises(ProofError):
        proof.parse(proof.make(None, 2, [bytes(length)], SMALL.checkpoint))


def test_a_proof_has_an_end() -> None:
    for long in (b"A" * 3_000_000, b"\n".join([b"A" * 43 + b"="] * 200)):
        with pytest.raises(ProofError):
            proof.parse(b"c2sp.org/tlog-proof@v1\nindex 0\n" + long + b"\n\n" + SMALL.checkpoint)
