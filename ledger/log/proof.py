"""Portable proof of one entry (C2SP tlog-proof@v1), a `.tlog-proof` file.

    c2sp.org/tlog-proof@v1
    extra eyJpbmRleCI6NDIsIm1lcm…
    index 42
    FhX100Ih9w9IXYoe8u1eYuFm+YMdwhaUynnxPdHlQaA=
    …

    custody.example/vectors
    300
    6SPLmCl6QxrxaHqCnmmKlilsz/B4Gtlzon1pfHTCnX0=

    — custody.example/vectors q7U3F0JiHI3pqKASZ2XH83F0pTTNm1olQ+fbOwFwcOQT…

The `extra` line carries the entry bytes (format version 1, section 7), so that the file alone, with the log's verifier
key, shows what the entry says and that the ledger holds it. That its authors have signed it is for whoever has their
public keys to verify; whether these were entitled to say it stands in other entries, and is not proved here.

>>> parse(make(b"{}", 7, [], b"checkpoint")).index
7
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.errors import ProofError
from ledger.log import checkpoint as checkpoints
from ledger.log import entry as entries
from ledger.log._text import decimal, decode_base64, encode_base64
from ledger.log.checkpoint import Checkpoint
from ledger.log.entry import Entry
from ledger.log.note import MAX_NOTE_BYTES, NoteVerifier
from ledger.log.tree import HASH_BYTES, MAX_SIZE, verify_inclusion

MAX_PATH: Final = 63
"""A tree of 2^63 leaves has no longer path."""
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 100_000

_MAGIC = "c2sp.org/tlog-proof@v1"


class TlogProof(NamedTuple):
    """The parts of a proof file, nothing verified."""

    extra: bytes | None
    """Opaque bytes, in this ledger those of the entry; `None` without an `extra` line."""
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a proof
    path: tuple[bytes, ...]
    """Hashes of 32 bytes, from the leaf's sibling up."""
    checkpoint: bytes
    """The signed note."""


def make(entry_data: bytes | None, index: int, path: Sequence[bytes], checkpoint_note: bytes) -> bytes:
    """The proof file of an entry: its bytes, its index, its inclusion path in the checkpoint's tree, the checkpoint."""
    lines = [_MAGIC]
    if entry_data is not None:
        lines.append(f"extra {encode_base64(entry_data)}")
    lines.append(f"index {index}")
    lines += [encode_base64(node) for node in path]
    return "\n".join([*lines, "", ""]).encode() + checkpoint_note


def parse(data: bytes) -> TlogProof:
    """The parts of a proof file. `ProofError`, naming the line, unless its form is exactly that of the standard."""
    if len(data) > MAX_PROOF_BYTES:
        raise ProofError(
            "{count} bytes, at most {max_proof_bytes} are allowed for a proof",
            count=len(data),
            max_proof_bytes=MAX_PROOF_BYTES,
        )
    above, empty_line, checkpoint = data.partition(b"\n\n")
    if not empty_line or not above.isascii():
        raise ProofError("a proof is ASCII lines, an empty line and a checkpoint")
    lines = above.decode().split("\n")
    if lines.pop(0) != _MAGIC:
        raise ProofError(
            "line 1 is not {magic}: this is another kind of file, or of another version", magic=_MAGIC
        )
    at = 2
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if extra is None:
            raise ProofError("line 2 is not extra with padded base64 of the standard alphabet")
        at += 1
    index = decimal(lines[0].removeprefix("index "), MAX_SIZE) if lines else None
    if index is None or not lines.pop(0).startswith("index "):
        raise ProofError("line {at} is not index with a decimal number", at=at)
    if len(lines) > MAX_PATH:
        raise ProofError("{count} hashes, a path has at most {max_path}", count=len(lines), max_path=MAX_PATH)
    path = []
    for n, line in enumerate(lines, at + 1):
        node = decode_base64(line)
        if node is None or len(node) != HASH_BYTES:
            raise ProofError(
                "line {n} is not a hash of {hash_bytes} bytes in padded base64", n=n, hash_bytes=HASH_BYTES
            )
        path.append(node)
    return TlogProof(extra, index, tuple(path), checkpoint)


def check(data: bytes, verifier: NoteVerifier) -> tuple[Entry, Checkpoint]:
    """The entry of a proof file and the checkpoint whose tree holds it, with the log's key as the only trust.

    Raises `ProofError`, or what is wrong with checkpoint (`NoteError`) or entry. The authors' signatures are not
    verified: that takes their public keys.
    """
    proof = parse(data)
    checkpoint = checkpoints.open(proof.checkpoint, verifier)
    if proof.extra is None:
        raise ProofError("the proof carries no entry; ask for one with its extra line")
    entry = entries.parse(proof.extra)
    if entry.index != proof.index:
        raise ProofError(
            "the proof is for index {entry}, its entry says {entry_index}",
            entry=proof.index,
            entry_index=entry.index,
            field="index",
        )
    if entry.statement.ledger != checkpoint.origin:
        raise ProofError(
            "the statement was made for {ledger!a}, not for this ledger",
            ledger=entry.statement.ledger,
            field="statement.ledger",
        )
    verify_inclusion(entry.index, checkpoint.size, entry.leaf_hash, proof.path, checkpoint.root)
    return entry, checkpoint
