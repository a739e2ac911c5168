"""Checkpoints (C2SP tlog-checkpoint v1.0.0): the signed head of a ledger.

    custody.example/vectors
    300
    6SPLmCl6QxrxaHqCnmmKlilsz/B4Gtlzon1pfHTCnX0=

    — custody.example/vectors q7U3F0JiHI3pqKASZ2XH83F0pTTNm1olQ+fbOwFwcOQTu…

Origin, number of entries, base64 of the root: then, in others' logs, extension lines, which are kept and mean nothing
here. Signed by the log's Ed25519 key under the origin as key name (format version 1, section 5). That a checkpoint
must extend every earlier one is for whoever signs and whoever compares.

>>> from ledger.log.keys import PrivateKey
>>> from ledger.log.note import NoteSigner
>>> from ledger.log.tree import EMPTY_ROOT, leaf_hash
>>> signer = NoteSigner("custody.example/erligang", PrivateKey.from_seed(bytes(32)))
>>> note = sign("custody.example/erligang", 1, leaf_hash(b"{}"), signer)
>>> open(note, signer.verifier).size
1
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.errors import NoteError
from ledger.log import note as notes
from ledger.log._text import decimal, decode_base64, encode_base64
from ledger.log.note import NoteSigner, NoteVerifier
from ledger.log.tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE


class Checkpoint(NamedTuple):
    """The head of a ledger at one size, and the note that says so."""

    origin: str
    size: int
    root: bytes
    """32 bytes."""
    note: bytes
    extensions: tuple[str, ...] = ()


def sign(origin: str, size: int, root: bytes, signer: NoteSigner) -> bytes:
    """The signed note of a head. The signer must bear the origin as its name; the root has 32 bytes."""
    if signer.name != origin:
        raise NoteError(
            "the checkpoint of {origin!a} is signed under that name, not as {signer_name!a}",
            origin=origin[:80],
            signer_name=signer.name[:80],
        )
    if len(root) != HASH_BYTES or not 0 <= size <= MAX_SIZE:
        raise NoteError(
            "a checkpoint has a size from 0 to {max_size} and a root of {hash_bytes} bytes",
            max_size=MAX_SIZE,
            hash_bytes=HASH_BYTES,
        )
    note = notes.sign(f"{origin}\n{size}\n{encode_base64(root)}\n", [signer])
    parse(note)
    return note


def parse(note: bytes) -> Checkpoint:
    """The checkpoint of a note **without verifying a signature**: only for what is known to be good, or to be opened
    afterwards. `NoteError` unless its form is exactly that of the standard."""
    return _read(notes.split(note)[0], note)


def open(note: bytes, verifier: NoteVerifier) -> Checkpoint:
    """The checkpoint of a note that this log has signed. Signatures by others are ignored.

    Raises `NoteError` if the form is wrong, the signature is wrong or missing, or the origin is another log's.
    """
    checkpoint = _read(notes.open(note, [verifier]).text, note)
    if checkpoint.origin != verifier.name:
        raise NoteError(
            "this is a checkpoint of {origin!a}, not of {verifier_name!a}; use that ledger's key",
            origin=checkpoint.origin[:80],
            verifier_name=verifier.name,
            field="origin",
        )
    return checkpoint


def _read(text: str, note: bytes) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("a checkpoint has at least three lines, none of them empty: origin, size, root")
    origin, size_text, root_text, *extensions = lines
    size = decimal(size_text, MAX_SIZE)
    if size is None:
        raise NoteError(
            "must be a decimal from 0 to {max_size}, without leading zeros", max_size=MAX_SIZE, field="size"
        )
    root = decode_base64(root_text)
    if root is None or len(root) != HASH_BYTES:
        raise NoteError(
            "must be {hash_bytes} bytes in padded base64 of the standard alphabet",
            hash_bytes=HASH_BYTES,
            field="root",
        )
    if size == 0 and root != EMPTY_ROOT:
        raise NoteError("the root of an empty tree is the SHA-256 of nothing", field="root")
    return Checkpoint(origin, size, root, note, tuple(extensions))
