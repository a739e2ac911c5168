"""What an author says, and the DSSE envelope it travels in (format version 1, section 2).

    {"body":{},"id":"0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55","kind":"disinfection.logged",
     "ledger":"custody.example/erligang","merchant":"92410104MACU00014Y",
     "occurred_at":"2026-11-23T08:15:00+08:00","seen":{"root":"…64 hex…","size":1040}}

The author signs the pre-authentication encoding of those canonical bytes:

    DSSEv1 48 application/vnd.custody-ledger.statement.v1+json 368 {"body":…

Here the seven fields are checked by form. What a `kind` means and its `body` carries is the schemas' affair, and
whether a key may say it that of custody.

>>> from ledger.log.keys import PrivateKey
>>> payload = build_statement(
...     body={}, id="0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", kind="disinfection.logged",
...     ledger="custody.example/erligang", merchant="92410104MACU00014Y",
...     occurred_at="2026-11-23T08:15:00+08:00", seen=None)
>>> key = PrivateKey.from_seed(bytes(32))
>>> envelope = parse_envelope(encode_envelope(sign(payload, [key])))
>>> verify_envelope(envelope, {key.public.keyid: key.public}.get)
>>> parse_statement(envelope.payload).merchant
'92410104MACU00014Y'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import orjson

from ledger.errors import EncodingError, EnvelopeError, NotAuthorised, SignatureInvalid
from ledger.log import canonical
from ledger.log._text import (
    KEY_NAME_PATTERN,
    decode_base64,
    encode_base64,
    has_control,
    is_hex64,
    is_key_name,
)
from ledger.log.canonical import JSON
from ledger.log.keys import SIGNATURE_BYTES, PublicKey, SigningKey
from ledger.log.times import INSTANT_PATTERN

PAYLOAD_TYPE: Final = "application/vnd.custody-ledger.statement.v1+json"
MAX_ENVELOPE_BYTES: Final = 131_072
"""Base64 of the largest payload takes 87,380; the rest is room for layout."""
MAX_MERCHANT: Final = 64
"""Characters in the name of a merchant's chain."""

_PAE_PREFIX = b"DSSEv1 %d %b " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode())
_FIELDS = ("body", "id", "kind", "ledger", "merchant", "occurred_at", "seen")
# In an entry the body stands below two objects. A statement is held to the same, so that it always fits into one.
_BODY_DEPTH = canonical.MAX_DEPTH - 2
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_KIND = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"
# Four fields in one match, which takes a third of the time of four. None of them may contain a space.
_TEXTS = re.compile(f"{_UUID7} {_KIND} {KEY_NAME_PATTERN} {INSTANT_PATTERN}").fullmatch
# Everything of a statement but its body, as nearly all have it: one match instead of a parser and a look at each field.
# It accepts less than the format does (no text beyond ASCII, no escapes); the rest is read field by field.
_AFTER_BODY = re.compile(
    rf',"id":"({_UUID7})","kind":"({_KIND})","ledger":"([!#-*,-\[\]-~]+)",'
    rf'"merchant":(?:null|"([ !#-\[\]-~]{{1,{MAX_MERCHANT}}})"),"occurred_at":"({INSTANT_PATTERN})",'
    r'"seen":(?:null|\{"root":"([0-9a-f]{64})","size":([1-9][0-9]{0,14})\})\}'
).fullmatch
_BEFORE_BODY = b'{"body":'
_new = tuple.__new__  # a NamedTuple in half the time of its constructor


class Signature(NamedTuple):
    """One author's signature."""

    keyid: str
    """Hex SHA-256 of the public key's SubjectPublicKeyInfo."""
    sig: bytes
    """64 bytes."""


class Envelope(NamedTuple):
    """A signed statement on its way: canonical statement bytes, and signatures sorted by keyid."""

    payload: bytes
    signatures: tuple[Signature, ...]


class Seen(NamedTuple):
    """The newest checkpoint that the author's device had verified."""

    root: str
    """64 hex digits."""
    size: int


class Statement(NamedTuple):
    """The seven fields, checked by form; `body` is any object in the profile of canonical JSON."""

    body: dict[str, JSON]
    id: str
    kind: str
    ledger: str
    merchant: str | None
    occurred_at: str
    seen: Seen | None


def pae(payload: bytes) -> bytes:
    """What is signed: DSSE v1 pre-authentication encoding, `DSSEv1 <len(type)> <type> <len(payload)> <payload>`."""
    return _PAE_PREFIX + b"%d " % len(payload) + payload


def pae_of(payload_type: str, payload: bytes) -> bytes:
    """The same encoding for bytes of another type: a signature of these can never pass for one of a statement.

    >>> pae_of("text/plain", b"hello")
    b'DSSEv1 10 text/plain 5 hello'
    """
    return b"DSSEv1 %d %b %d " % (len(payload_type), payload_type.encode("ascii"), len(payload)) + payload


def sign(statement: bytes, keys: Sequence[SigningKey]) -> Envelope:
    """Sign canonical statement bytes with one or more different keys. The signatures come sorted by keyid."""
    message = pae(statement)
    signatures = sorted(Signature(key.public.keyid, key.sign(message)) for key in keys)
    if not signatures or len({signature.keyid for signature in signatures}) != len(signatures):
        raise EnvelopeError("a statement is signed by at least one key, and by each key once")
    return Envelope(statement, tuple(signatures))


def parse_envelope(data: bytes) -> Envelope:
    """The envelope of one DSSE JSON object in any layout, with these members, each once, and no others.

    Its payload is not looked into: see `parse_statement`. Raises `EncodingError` or `EnvelopeError`.
    """
    value = canonical.load_any_layout(data, limit=MAX_ENVELOPE_BYTES)
    if type(value) is not dict or sorted(value) != ["payload", "payloadType", "signatures"]:
        raise EnvelopeError("a DSSE envelope has exactly payload, payloadType and signatures")
    if value["payloadType"] != PAYLOAD_TYPE:
        raise EnvelopeError("must be {payload_type}", payload_type=PAYLOAD_TYPE, field="payloadType")
    text = value["payload"]
    payload = decode_base64(text) if type(text) is str else None
    if payload is None:
        raise EnvelopeError("must be padded base64 of the standard alphabet, without spaces", field="payload")
    return Envelope(payload, read_signatures(value["signatures"]))


def encode_envelope(envelope: Envelope) -> bytes:
    """The DSSE JSON of an envelope on one line, without a newline at the end."""
    return orjson.dumps(
        {
            "payload": encode_base64(envelope.payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"keyid": keyid, "sig": encode_base64(signature)} for keyid, signature in envelope.signatures
            ],
        }
    )


def parse_statement(payload: bytes) -> Statement:
    """The statement of canonical bytes. Raises `EncodingError` or `EnvelopeError`, naming byte offset or field."""
    return quick_statement(payload) or read_statement(canonical.load(payload))


def quick_statement(payload: bytes) -> Statement | None:
    """The statement of canonical bytes if it is spelled as nearly all are, in half the time; None says nothing.

    Around the body the pattern leaves one spelling only, so the whole is canonical if the body is.
    """
    if len(payload) > canonical.MAX_BYTES or not payload.startswith(_BEFORE_BODY):
        return None
    end = payload.rfind(b',"id":"')  # no string can hold these bytes: its quotation marks would be escaped
    try:
        fields = _AFTER_BODY(payload[end:].decode("ascii"))
        if fields is None:
            return None
        body = canonical.load(payload[len(_BEFORE_BODY) : end])
    except (EncodingError, UnicodeDecodeError):
        return None
    if type(body) is not dict or not canonical.in_profile(body, _BODY_DEPTH):
        return None
    ident, kind, ledger, merchant, occurred_at, root, size = fields.groups()
    seen = None if root is None else _new(Seen, (root, int(size)))
    return _new(Statement, (body, ident, kind, ledger, merchant, occurred_at, seen))


def build_statement(
    *,
    body: Mapping[str, object],
    id: str,
    kind: str,
    ledger: str,
    merchant: str | None,
    occurred_at: str,
    seen: Seen | None,
) -> bytes:
    """The canonical bytes of a statement, ready to sign. Raises `EncodingError` or `EnvelopeError` with the field."""
    value = {
        "body": dict(body),
        "id": id,
        "kind": kind,
        "ledger": ledger,
        "merchant": merchant,
        "occurred_at": occurred_at,
        "seen": None if seen is None else seen._asdict(),
    }
    payload = canonical.encode(value)
    read_statement(value)
    if len(payload) > canonical.MAX_BYTES:
        raise EnvelopeError(
            "the statement has {count} bytes, at most {max_bytes} are allowed; "
            "put large content into an attachment",
            count=len(payload),
            max_bytes=canonical.MAX_BYTES,
        )
    return payload


def verify_envelope(envelope: Envelope, key_of: Callable[[str], PublicKey | None]) -> None:
    """Check every signature, and that there is one, with the keys that `key_of` gives for their keyids.

    Raises `EnvelopeError` without a signature or with one key twice, `NotAuthorised` for a keyid that `key_of` does
    not know, and `SignatureInvalid`.
    """
    message = pae(envelope.payload)
    keyids = {keyid for keyid, _ in envelope.signatures}
    if not keyids or len(keyids) != len(envelope.signatures):
        raise EnvelopeError("needs at least one signature, and each key once", field="signatures")
    for n, (keyid, signature) in enumerate(envelope.signatures):
        key = key_of(keyid)
        if key is None:
            raise NotAuthorised("key {keyid} is not known here", keyid=keyid, field=f"signatures[{n}].keyid")
        if not key.verify(signature, message):
            raise SignatureInvalid(
                "not a signature of this statement by key {keyid}; sign it again",
                keyid=keyid,
                field=f"signatures[{n}].sig",
            )


def read_statement(value: object, at: str = "") -> Statement:
    """The statement of a decoded JSON object, which must come from canonical bytes; `at` leads the names of fields.

    Raises `EnvelopeError`, or `EncodingError` for the body.
    """
    # canonical bytes keep their sorted order in the decoded object, so this compares names and order at once
    if type(value) is not dict or tuple(value) != _FIELDS:
        raise EnvelopeError(
            "a statement has exactly {fields}", fields=", ".join(_FIELDS), field=at.rstrip(".") or None
        )
    body, ident, kind, ledger, merchant, occurred_at, seen = value.values()
    if type(body) is not dict:
        raise EnvelopeError("must be an object", field=at + "body")
    if not canonical.in_profile(body, _BODY_DEPTH):
        canonical.require_profile(body, at + "body", _BODY_DEPTH)
    try:
        good = _TEXTS(" ".join((ident, kind, ledger, occurred_at))) is not None
    except TypeError:  # one of them is no text
        good = False
    if not good:
        raise _fault_in_texts(ident, kind, ledger, occurred_at, at)
    if merchant is not None and not (
        type(merchant) is str
        and 1 <= len(merchant) <= MAX_MERCHANT
        and (merchant.isprintable() or not has_control(merchant))
    ):
        raise EnvelopeError(
            "must be null or 1 to {max_merchant} characters, none of them control characters",
            max_merchant=MAX_MERCHANT,
            field=at + "merchant",
        )
    if seen is not None:
        if type(seen) is not dict or tuple(seen) != ("root", "size"):
            raise EnvelopeError("must be null, or exactly root and size of a checkpoint", field=at + "seen")
        root, size = seen.values()
        if type(root) is not str or not is_hex64(root):
            raise EnvelopeError("must be 64 lower-case hex digits", field=at + "seen.root")
        if type(size) is not int or not 1 <= size <= canonical.MAX_INT:
            raise EnvelopeError("must be at least 1; seen is null if there was none", field=at + "seen.size")
        seen = _new(Seen, (root, size))
    return _new(Statement, (body, ident, kind, ledger, merchant, occurred_at, seen))


def require_signatures(signatures: Sequence[Signature]) -> tuple[Signature, ...]:
    """Signatures as `read_signatures` would give them. Raises `EnvelopeError` for what it would refuse."""
    last = ""
    for keyid, sig in signatures:
        if not is_hex64(keyid) or keyid <= last or len(sig) != SIGNATURE_BYTES:
            break
        last = keyid
    else:
        if last:
            return tuple(signatures)
    return read_signatures([{"keyid": keyid, "sig": encode_base64(sig)} for keyid, sig in signatures])


def read_signatures(value: object) -> tuple[Signature, ...]:
    """The signatures of a decoded JSON array: at least one, strictly ascending by keyid."""
    if type(value) is not list or not value:
        raise EnvelopeError("needs at least one signature", field="signatures")
    signatures: list[Signature] = []
    last = ""
    for item in value:
        at = len(signatures)
        if type(item) is not dict or len(item) != 2 or "keyid" not in item or "sig" not in item:
            raise EnvelopeError("a signature has exactly keyid and sig", field=f"signatures[{at}]")
        keyid, text = item["keyid"], item["sig"]
        if type(keyid) is not str or not is_hex64(keyid):
            raise EnvelopeError("must be 64 lower-case hex digits", field=f"signatures[{at}].keyid")
        if keyid <= last:
            raise EnvelopeError(
                "signatures must be sorted by keyid, each key once", field=f"signatures[{at}].keyid"
            )
        signature = decode_base64(text) if type(text) is str else None
        if signature is None or len(signature) != SIGNATURE_BYTES:
            raise EnvelopeError(
                "must be {signature_bytes} bytes in padded base64; a P-256 signature is r‖s, not DER",
                signature_bytes=SIGNATURE_BYTES,
                field=f"signatures[{at}].sig",
            )
        last = keyid
        signatures.append(_new(Signature, (keyid, signature)))
    return tuple(signatures)


def _fault_in_texts(
    ident: object, kind: object, ledger: object, occurred_at: object, at: str
) -> EnvelopeError:
    if type(ident) is not str or not re.fullmatch(_UUID7, ident):
        return EnvelopeError("must be a UUID of version 7 in lower case (RFC 9562)", field=at + "id")
    if type(kind) is not str or not re.fullmatch(_KIND, kind):
        return EnvelopeError(
            "must be noun.past_participle in lower case, such as goods.received", field=at + "kind"
        )
    if type(ledger) is not str or not is_key_name(ledger):
        return EnvelopeError(
            "must be the origin of a ledger: not empty, without spaces and plus signs", field=at + "ledger"
        )
    return EnvelopeError(
        "must be an instant with its offset, such as 2026-11-23T08:15:00+08:00", field=at + "occurred_at"
    )
