"""Signed notes, verifier keys, checkpoints and cosignatures against the reference."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError, KeyInvalid, NoteError
from ledger.log import checkpoint as checkpoints
from ledger.log import note as notes
from ledger.log.cosignature import CosignatureSigner, CosignatureVerifier, time_of
from ledger.log.keys import PrivateKey
from tests.log.test_statement_entry import changed_bytes
from tests.reference import slow
from tests.reference.sample import ORIGIN, SmallLedger, ed25519_key, p256_scalar, seed
from tests.reference.trees import WrongError

SMALL = SmallLedger()
LOG = notes.NoteSigner(ORIGIN, PrivateKey.from_seed(seed("log")))
VERIFIER = notes.NoteVerifier.from_vkey(SMALL.vkey)
WITNESS = ed25519_key("witness")
WITNESS_NAME = "witness.example/w1"

LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.lists(LINES, max_size=6).map(lambda lines: "".join(line + "\n" for line in [*lines, "end"]))
NAMES = st.from_regex(r"[a-z/.\-]{1,20}", fullmatch=True)


def refuses(note: bytes, verifier: notes.Verifier = VERIFIER) -> None:
    with pytest.raises(NoteError) as caught:
        notes.open(note, [verifier])
    assert caught.value.message


@given(TEXTS, NAMES)
def test_any_text_is_signed_and_opened_as_the_reference_does(text: str, name: str) -> None:
    signer = notes.NoteSigner(name, LOG.key)
    want = slow.note(text, name, SMALL.log)
    assert notes.sign(text, [signer]) == want
    opened = notes.open(want, [signer.verifier])
    assert opened.text == text == slow.open_note(want, name, SMALL.public)
    assert [(one.name, one.key_id) for one in opened.verified] == [(name, slow.key_hash(name, SMALL.public))]
    assert opened.unknown == ()
    refuses(want, notes.NoteSigner(name + "x", LOG.key).verifier)


@given(st.text(max_size=40) | st.text("\n— +=Aa/", max_size=40))
def test_any_text_is_a_note_for_both_or_for_neither(text: str) -> None:
    data = text.encode(errors="surrogatepass")
    name = "n"
    line = f"— {name} {slow.b64(slow.key_hash(name, SMALL.public) + SMALL.log.sign(data))}\n".encode()
    for note in (data, data + b"\n" + line, data + line):
        try:
            want: str | None = slow.open_note(note, name, SMALL.public)
        except WrongError:
            want = None
        try:
            found: str | None = notes.open(note, [notes.NoteSigner(name, LOG.key).verifier]).text
        except NoteError:
            found = None
        assert found == want


def test_a_changed_byte_of_a_checkpoint() -> None:
    """Nothing in the log's own note is free: text, name, key id, signature, layout."""
    assert checkpoints.open(SMALL.checkpoint, VERIFIER).note == SMALL.checkpoint
    for bad in changed_bytes(SMALL.checkpoint, random.Random(5)):
        refuses(bad)
        with pytest.raises(NoteError):
            checkpoints.open(bad, VERIFIER)


def test_every_bit_of_every_other_byte_counts() -> None:
    """All 255 alternatives, at three places: in the text, in the key id and in the signature."""
    text_end = SMALL.checkpoint.index(b"\n\n")
    for at in (text_end - 5, SMALL.checkpoint.rindex(b" ") + 2, len(SMALL.checkpoint) - 9):
        for other in range(256):
            if other != SMALL.checkpoint[at]:
                refuses(SMALL.checkpoint[:at] + bytes([other]) + SMALL.checkpoint[at + 1 :])


@given(NAMES, st.binary(min_size=32, max_size=32))
def test_verifier_keys(name: str, private: bytes) -> None:
    key = PrivateKey.from_seed(private)
    verifier = notes.NoteSigner(name, key).verifier
    assert verifier.vkey == slow.vkey(name, key.public.raw)
    assert verifier.key_id == slow.key_hash(name, key.public.raw)
    assert notes.NoteVerifier.from_vkey(verifier.vkey) == verifier


def test_a_changed_byte_of_a_verifier_key() -> None:
    for bad in changed_bytes(SMALL.vkey.encode(), random.Random(6)):
        with pytest.raises((NoteError, KeyInvalid)):
            notes.NoteVerifier.from_vkey(bad.decode(errors="surrogateescape"))


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\tb", "a\nb", "a\u2028b", "a\ud800"]
)
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(NoteError):
        notes.NoteSigner(name, LOG.key)
    with pytest.raises(NoteError):
        notes.NoteVerifier.from_key(name, LOG.key.public)


@pytest.mark.parametrize("text", ["", "a", "a\n\x00\n", "a\tb\n", "a\r\n", "\x1b[31m\n"])
def test_texts_that_are_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        notes.sign(text, [LOG])
    refuses(slow.note(text, ORIGIN, SMALL.log))


def test_only_ed25519_signs_notes() -> None:
    with pytest.raises(KeyInvalid):
        notes.NoteSigner(ORIGIN, PrivateKey.from_p256_scalar(p256_scalar("phone")))
    with pytest.raises(NoteError):
        notes.sign("a\n", [])
    low = slow.vkey(ORIGIN, bytes([1]) + bytes(31))
    with pytest.raises(KeyInvalid):
        notes.NoteVerifier.from_vkey(low)


def test_foreign_signatures_are_kept_apart_and_never_help() -> None:
    text = "a\n"
    own, other = slow.note(text, ORIGIN, SMALL.log), slow.note(text, ORIGIN, SMALL.operator)
    foreign = other[len(text) + 1 :]
    both = notes.open(own + foreign, [VERIFIER])
    assert len(both.verified) == len(both.unknown) == 1
    assert notes.open(text.encode() + b"\n" + foreign + own[len(text) + 1 :], [VERIFIER]) == both
    refuses(other)
    stranger = f"— other.example {slow.b64(VERIFIER.key_id + bytes(64))}\n".encode()
    assert notes.open(own + stranger, [VERIFIER]).verified == both.verified
    for bad in ("a+b", "a\u00a0b", "a\u3000b"):
        refuses(own + f"— {bad} {slow.b64(bytes(68))}\n".encode())
    # the log's own name and key id make it a known key, and then it must verify
    forged = f"— {ORIGIN} {slow.b64(VERIFIER.key_id + bytes(64))}\n".encode()
    refuses(own + forged)
    refuses(text.encode() + b"\n" + forged + own[len(text) + 1 :])
    refuses(own.replace(own[len(text) + 1 :], foreign))


def test_the_same_signature_twice_counts_once() -> None:
    own = slow.note("a\n", ORIGIN, SMALL.log)
    assert len(notes.open(own + own[3:], [VERIFIER]).verified) == 1


def test_two_keys_of_one_name() -> None:
    two = notes.NoteSigner(ORIGIN, PrivateKey.from_seed(seed("operator")))
    note = notes.sign("a\n", [LOG, two])
    assert len(notes.open(note, [VERIFIER, two.verifier]).verified) == 2
    assert len(notes.open(note, [VERIFIER, VERIFIER]).verified) == 1
    refuses(note.replace(b"a", b"b"))
    with pytest.raises(NoteError):
        notes.open(note, [])


def test_as_many_signatures_as_the_standard_asks_for_and_not_without_end() -> None:
    own = slow.note("a\n", ORIGIN, SMALL.log)
    line = slow.note("a\n", "other.example", SMALL.operator)[3:]
    assert len(notes.open(own + line * 16, [VERIFIER]).unknown) == 16
    refuses(own + line * 10_000)
    refuses(b"a" * 2_000_000 + b"\n" + own)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_are_those_of_the_reference(size: int, root: bytes) -> None:
    root = root if size else hashlib.sha256().digest()
    note = checkpoints.sign(ORIGIN, size, root, LOG)
    assert note == slow.checkpoint(ORIGIN, size, root, SMALL.log)
    opened = checkpoints.open(note, VERIFIER)
    assert opened == checkpoints.parse(note)
    assert (opened.origin, opened.size, opened.root, opened.note) == (ORIGIN, size, root, note)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("other.example", 1, bytes(32)), (ORIGIN, -1, bytes(32)), (ORIGIN, 1, bytes(31)), (ORIGIN, 2**63, bytes(32)),
     (ORIGIN, 0, bytes(32)), ("", 1, bytes(32))],
)  # fmt: skip
def test_checkpoints_that_are_never_signed(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(NoteError):
        checkpoints.sign(origin, size, root, LOG)


@given(st.text("custody.example/small\n0123456789ab=ÄA \u2028", max_size=60))
def test_any_signed_text_is_a_checkpoint_or_refused(text: str) -> None:
    """A true signature below does not make a checkpoint of any text."""
    note = slow.note(f"{text}\n", ORIGIN, SMALL.log)
    try:
        read = checkpoints.open(note, VERIFIER)
    except NoteError:
        return
    assert text.split("\n") == [ORIGIN, str(read.size), slow.b64(read.root), *read.extensions]
    assert all(read.extensions)


def test_extension_lines_are_kept() -> None:
    text = f"{ORIGIN}\n6\n{slow.b64(SMALL.tree.root())}\nmore\nand more\n"
    read = checkpoints.open(slow.note(text, ORIGIN, SMALL.log), VERIFIER)
    assert read.extensions == ("more", "and more")
    with pytest.raises(NoteError):
        checkpoints.open(slow.note(text.replace("more\nand", "more\n\nand"), ORIGIN, SMALL.log), VERIFIER)
    assert read.root == SMALL.tree.root()


@given(st.integers(0, 2**63 - 1))
def test_cosignatures(time: int) -> None:
    text = SMALL.checkpoint.decode().rsplit("\n\n", 1)[0] + "\n"
    want = SMALL.checkpoint + slow.cosignature(text, WITNESS_NAME, WITNESS, time).encode()
    signer = CosignatureSigner(WITNESS_NAME, PrivateKey.from_seed(seed("witness")), time)
    assert notes.add_signatures(SMALL.checkpoint, [signer]) == want
    verifier = CosignatureVerifier.from_vkey(signer.verifier.vkey)
    opened = notes.open(want, [VERIFIER, verifier])
    assert [one.name for one in opened.verified] == [ORIGIN, WITNESS_NAME]
    assert time_of(opened.verified[1]) == time
    assert checkpoints.open(want, VERIFIER).size == SMALL.size


def test_a_changed_byte_of_a_cosignature() -> None:
    """Refused, or no cosignature by this witness any more: time, text and key are all signed."""
    text = SMALL.checkpoint.decode().rsplit("\n\n", 1)[0] + "\n"
    line = slow.cosignature(text, WITNESS_NAME, WITNESS, 1_795_392_902).encode()
    verifier = CosignatureSigner(WITNESS_NAME, PrivateKey.from_seed(seed("witness")), 0).verifier
    for bad in changed_bytes(line, random.Random(7)):
        refuses(text.encode() + b"\n" + bad, verifier)
    plain = slow.note(text, WITNESS_NAME, WITNESS)
    refuses(plain, verifier)
    with pytest.raises(FormatError):
        CosignatureVerifier.from_vkey(SMALL.vkey)
    with pytest.raises(FormatError):
        notes.NoteVerifier.from_vkey(verifier.vkey)
    with pytest.raises(NoteError):
        CosignatureSigner(WITNESS_NAME, PrivateKey.from_seed(seed("witness")), -1)
