"""A statement once the ledger holds it (format version 1, section 3).

    {"index":1041,"merchant_prev":"…","merchant_seq":17,"prev":"…","recorded_at":"2026-11-23T00:15:02.123Z",
     "signatures":[{"keyid":"…","sig":"…base64…"}],"statement":{…}}

`prev` is the leaf hash of the entry before, `merchant_prev` that of the same merchant's entry before: 64 hex digits,
`null` where there is none. The canonical bytes of this object are the entry; SHA-256(0x00 ‖ bytes) is its leaf hash,
which serves both chains and the Merkle tree.

One entry is checked here by itself. That it follows on the one before is for whoever reads several.

>>> from ledger.log.keys import PrivateKey
>>> from ledger.log.statement import build_statement, sign
>>> payload = build_statement(
...     body={"title": "二里岗"}, id="0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", kind="ledger.opened",
...     ledger="custody.example/erligang", merchant=None, occurred_at="2026-11-23T08:15:00+08:00", seen=None)
>>> envelope = sign(payload, [PrivateKey.from_seed(bytes(32))])
>>> first = build(0, None, None, None, "2026-11-23T00:15:02.123Z", envelope)
>>> parse(first.data) == first, first.envelope == envelope
(True, True)
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.errors import EntryError
from ledger.log import canonical
from ledger.log._text import encode_base64, is_hex64
from ledger.log.canonical import MAX_INT
from ledger.log.statement import (
    Envelope,
    Signature,
    Statement,
    parse_statement,
    quick_statement,
    read_signatures,
    read_statement,
    require_signatures,
)
from ledger.log.times import UTC_MILLIS_PATTERN, is_utc_millis
from ledger.log.tree import HASH_BYTES

MAX_ENTRY_BYTES: Final = canonical.MAX_BYTES

_HEX64 = r"[0-9a-f]{64}"
_COUNT = r"0|[1-9][0-9]{0,14}"
# Everything before the statement, as nearly all entries have it (one signature): see `statement.quick_statement`.
_HEAD = re.compile(
    rf'\{{"index":({_COUNT}),"merchant_prev":(?:null|"({_HEX64})"),"merchant_seq":(?:null|({_COUNT})),'
    rf'"prev":(?:null|"({_HEX64})"),"recorded_at":"({UTC_MILLIS_PATTERN})",'
    rf'"signatures":\[\{{"keyid":"({_HEX64})","sig":"([A-Za-z0-9+/]{{85}}[AQgw]==)"\}}\]'
).fullmatch
_FIELDS = ("index", "merchant_prev", "merchant_seq", "prev", "recorded_at", "signatures", "statement")
_BEFORE_STATEMENT = b',"statement":'
_new = tuple.__new__  # a NamedTuple in half the time of its constructor


class Entry(NamedTuple):
    """An entry and its bytes. Hashes of other entries are 64 hex digits, its own is 32 bytes."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of an entry
    prev: str | None
    merchant_seq: int | None
    merchant_prev: str | None
    recorded_at: str
    signatures: tuple[Signature, ...]
    statement: Statement
    data: bytes
    leaf_hash: bytes

    @property
    def envelope(self) -> Envelope:
        """The statement as its authors signed it."""
        return Envelope(statement_bytes(self.data), self.signatures)


def parse(data: bytes) -> Entry:
    """The entry of its bytes, with every rule of the format that concerns one entry alone.

    Raises `EncodingError`, `EntryError` or, for signatures and statement, `EnvelopeError`: with byte offset or field.
    """
    return _quick(data) or _parse(data)


def _quick(data: bytes) -> Entry | None:
    """The entry if it is spelled as nearly all are, in half the time; None says nothing about the bytes."""
    start = data.find(_BEFORE_STATEMENT)
    if start < 0 or len(data) > MAX_ENTRY_BYTES or data[-1:] != b"}":
        return None
    try:
        head = _HEAD(data[:start].decode("ascii"))
    except UnicodeDecodeError:
        return None
    statement = None if head is None else quick_statement(data[start + len(_BEFORE_STATEMENT) : -1])
    if head is None or statement is None:
        return None
    number, merchant_prev, seq, prev, recorded_at, keyid, sig = head.groups()
    index, merchant_seq = int(number), None if seq is None else int(seq)
    _check_place(index, prev, merchant_seq, merchant_prev, statement.merchant)
    signatures = (_new(Signature, (keyid, a2b_base64(sig))),)
    leaf = sha256(b"\x00" + data).digest()
    return _new(
        Entry, (index, prev, merchant_seq, merchant_prev, recorded_at, signatures, statement, data, leaf)
    )


def _parse(data: bytes) -> Entry:
    """Any entry, field by field, or what is wrong with it."""
    value = canonical.load(data, limit=MAX_ENTRY_BYTES)
    # canonical bytes keep their sorted order in the decoded object, so this compares names and order at once
    if type(value) is not dict or tuple(value) != _FIELDS:
        raise EntryError("an entry has exactly {fields}", fields=", ".join(_FIELDS))
    index, merchant_prev, merchant_seq, prev, recorded_at, signatures, said = value.values()
    statement = read_statement(said, "statement.")
    signed = read_signatures(signatures)
    if type(index) is not int or not 0 <= index <= MAX_INT:
        raise EntryError("must be an integer from 0", field="index")
    if merchant_seq is not None and (type(merchant_seq) is not int or not 0 <= merchant_seq <= MAX_INT):
        raise EntryError("must be null or an integer from 0", field="merchant_seq")
    if prev is not None and not (type(prev) is str and is_hex64(prev)):
        raise EntryError("must be null or 64 lower-case hex digits", field="prev")
    if merchant_prev is not None and not (type(merchant_prev) is str and is_hex64(merchant_prev)):
        raise EntryError("must be null or 64 lower-case hex digits", field="merchant_prev")
    if type(recorded_at) is not str or not is_utc_millis(recorded_at):
        raise EntryError(
            "must be UTC with milliseconds, such as 2026-11-23T00:15:02.123Z", field="recorded_at"
        )
    _check_place(index, prev, merchant_seq, merchant_prev, statement.merchant)
    leaf = sha256(b"\x00" + data).digest()
    return _new(Entry, (index, prev, merchant_seq, merchant_prev, recorded_at, signed, statement, data, leaf))


def build(
    index: int,
    prev: bytes | None,
    merchant_seq: int | None,
    merchant_prev: bytes | None,
    recorded_at: str,
    envelope: Envelope,
    *,
    statement: Statement | None = None,
) -> Entry:
    """The entry of a signed statement at its place; `prev` and `merchant_prev` are 32-byte leaf hashes.

    The payload goes in as it was signed, without encoding it again. Whoever has parsed that payload already may
    hand in the `statement`. Raises `EncodingError`, `EnvelopeError` or `EntryError`, as `parse` would.
    """
    if statement is None:
        statement = parse_statement(envelope.payload)
    if not _is_count(index) or not (merchant_seq is None or _is_count(merchant_seq)):
        raise EntryError("index and merchant_seq are integers from 0")
    if any(one is not None and len(one) != HASH_BYTES for one in (prev, merchant_prev)):
        raise EntryError(
            "prev and merchant_prev are leaf hashes of {hash_bytes} bytes", hash_bytes=HASH_BYTES
        )
    if not is_utc_millis(recorded_at):
        raise EntryError(
            "must be UTC with milliseconds, such as 2026-11-23T00:15:02.123Z", field="recorded_at"
        )
    _check_place(index, prev, merchant_seq, merchant_prev, statement.merchant)
    signed = require_signatures(envelope.signatures)
    prev_hex = None if prev is None else prev.hex()
    merchant_prev_hex = None if merchant_prev is None else merchant_prev.hex()
    # each part has been checked to need no escapes, and the names stand in their order: canonical as written
    listed = ",".join([f'{{"keyid":"{keyid}","sig":"{encode_base64(sig)}"}}' for keyid, sig in signed])
    head = (
        f'{{"index":{index},"merchant_prev":{_quoted(merchant_prev_hex)},'
        f'"merchant_seq":{"null" if merchant_seq is None else merchant_seq},"prev":{_quoted(prev_hex)},'
        f'"recorded_at":"{recorded_at}","signatures":[{listed}],"statement":'
    )
    data = b"".join((head.encode(), envelope.payload, b"}"))
    if len(data) > MAX_ENTRY_BYTES:
        raise EntryError(
            "the entry has {count} bytes, at most {max_entry_bytes} are allowed; "
            "put large content into an attachment",
            count=len(data),
            max_entry_bytes=MAX_ENTRY_BYTES,
        )
    leaf = sha256(b"\x00" + data).digest()
    return Entry(index, prev_hex, merchant_seq, merchant_prev_hex, recorded_at, signed, statement, data, leaf)


def statement_bytes(data: bytes) -> bytes:
    """The canonical statement inside the bytes of a valid entry: exactly what its authors signed, not re-encoded.

    "statement" sorts last among the fields, and no string before it can hold its quotation marks unescaped, so the
    first place where the field's name stands is the field.
    """
    start = data.find(_BEFORE_STATEMENT)
    if start < 0:
        raise EntryError("there is no statement in these bytes")
    return data[start + len(_BEFORE_STATEMENT) : -1]


def _check_place(
    index: int, prev: object, merchant_seq: int | None, merchant_prev: object, merchant: object
) -> None:
    """What is null together: `prev` at index 0, `merchant_seq` without merchant, `merchant_prev` at its start."""
    if (prev is None) != (index == 0):
        raise EntryError("is null at index 0, and only there", field="prev")
    if (merchant_seq is None) != (merchant is None):
        raise EntryError(
            "is null where the statement's merchant is null, and only there", field="merchant_seq"
        )
    if (merchant_prev is None) != (not merchant_seq):
        raise EntryError(
            "is null without merchant and at merchant_seq 0, and only there", field="merchant_prev"
        )


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INT


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'
