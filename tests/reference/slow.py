"""The format by plain recursion: slow, and short enough to be checked against the standards by eye.

Every definition is the one that its standard prints, named at the line. Nothing is taken from the program
under test, so that an agreement of the two means something. Only canonical JSON (`rfc8785`) and the signature
schemes (`cryptography`) come from other hands; tree and tiles stand in `trees`. Bad input raises
`WrongError`; how to say to a person what is wrong is left to the program.

>>> encode({"b": [1, "é"], "a": None}).decode()
'{"a":null,"b":[1,"é"]}'
>>> pae(b"{}")
b'DSSEv1 48 application/vnd.custody-ledger.statement.v1+json 2 {}'
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from tests.reference.trees import Tree, WrongError, leaf_hash

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Key: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

PAYLOAD_TYPE = "application/vnd.custody-ledger.statement.v1+json"
MAX_ENTRY_BYTES = 65_535
LARGEST = 2**53 - 1
KEY_NAME = re.compile(r"[a-z][a-z0-9_]*")


# ---------------------------------------------------------------- plain JSON (format 1, RFC 8785)
def check(value: object) -> None:
    """The profile: no floats, no large integers, plain keys, Unicode without NUL and lone surrogates."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise WrongError("integer beyond 2^53-1")
    elif isinstance(value, str):
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
            raise WrongError("NUL or lone surrogate")
    elif isinstance(value, list):
        for item in value:
            check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and KEY_NAME.fullmatch(key)):
                raise WrongError("bad key")
            check(item)
    else:
        raise WrongError(f"{type(value).__name__} is not in the profile")


def encode(value: Json) -> bytes:
    """RFC 8785 bytes of a value in the profile."""
    try:
        check(value)
        return rfc8785.dumps(value)
    except RecursionError as error:
        raise WrongError("nested too deeply") from error


def decode(data: bytes, limit: int = MAX_ENTRY_BYTES) -> Json:
    """The value of canonical bytes; anything that does not re-encode to itself is refused."""
    if len(data) > limit:
        raise WrongError("too long")
    try:
        value: Json = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_twins, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise WrongError(str(error)) from error
    if encode(value) != data:
        raise WrongError("not canonical")
    return value


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) != len(pairs):
        raise WrongError("duplicate key")
    return dict(pairs)


def _refuse(text: str) -> NoReturn:
    raise WrongError(f"{text} is not an integer")


def b64(data: bytes) -> str:
    """RFC 4648 section 4, padded."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    """Strict: what does not encode back to the same text is refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongError("not base64") from error
    if b64(data) != text:
        raise WrongError("not the one base64 text of these bytes")
    return data


# ---------------------------------------------------------------- keys and signatures (format 2)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def spki(key: Key) -> bytes:
    """DER SubjectPublicKeyInfo of the public half."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def keyid(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()


def sign(key: Key, message: bytes) -> bytes:
    """64 bytes: Ed25519 (RFC 8032), or r‖s of ECDSA P-256 with SHA-256, made repeatable by RFC 6979."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    r, s = utils.decode_dss_signature(
        key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    )
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Is `signature` (64 bytes) by the key with this SubjectPublicKeyInfo?"""
    key = serialization.load_der_public_key(public)
    if len(signature) != 64:
        return False
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def pae(payload: bytes) -> bytes:
    """DSSE v1: ``DSSEv1 SP LEN(type) SP type SP LEN(body) SP body``."""
    kind = PAYLOAD_TYPE.encode("ascii")
    return b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])


def signatures(payload: bytes, keys: Sequence[Key]) -> list[Json]:
    """One signature per key over the statement bytes, sorted by keyid."""
    made = {keyid(spki(key)): b64(sign(key, pae(payload))) for key in keys}
    return [{"keyid": name, "sig": made[name]} for name in sorted(made)]


def envelope(payload: bytes, keys: Sequence[Key]) -> bytes:
    """DSSE JSON envelope."""
    return json.dumps(
        {"payload": b64(payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures(payload, keys)},
        separators=(",", ":"),
    ).encode("ascii")


# ---------------------------------------------------------------- entries (format 3)
def statement(
    *,
    body: Mapping[str, Json],
    id: str,  # noqa: A002, RUF100 - the name of the field
    kind: str,
    ledger: str,
    merchant: str | None,
    occurred_at: str,
    seen: tuple[bytes, int] | None,
) -> bytes:
    """Canonical bytes of a statement; `seen` is root and size."""
    pin: Json = None if seen is None else {"root": seen[0].hex(), "size": seen[1]}
    return encode(
        {
            "body": dict(body),
            "id": id,
            "kind": kind,
            "ledger": ledger,
            "merchant": merchant,
            "occurred_at": occurred_at,
            "seen": pin,
        }
    )


def entry(history: Sequence[bytes], recorded_at: str, payload: bytes, signed: Sequence[Json]) -> bytes:
    """Entry bytes that put a signed statement after `history` (the bytes of all entries before it)."""
    said = decode(payload)
    assert isinstance(said, dict)
    own = [data for data in history if said["merchant"] is not None and merchant_of(data) == said["merchant"]]
    data = encode(
        {
            "index": len(history),
            "merchant_prev": leaf_hash(own[-1]).hex() if own else None,
            "merchant_seq": None if said["merchant"] is None else len(own),
            "prev": leaf_hash(history[-1]).hex() if history else None,
            "recorded_at": recorded_at,
            "signatures": list(signed),
            "statement": said,
        }
    )
    if len(data) > MAX_ENTRY_BYTES:
        raise WrongError("too long")
    return data


def merchant_of(data: bytes) -> str | None:
    whole = json.loads(data)
    merchant: str | None = whole["statement"]["merchant"]
    return merchant


# ---------------------------------------------------------------- notes (C2SP signed-note, tlog-checkpoint)
def raw_public(key: ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_hash(name: str, public: bytes) -> bytes:
    """SHA-256(key name || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]."""
    return hashlib.sha256(name.encode("utf-8") + b"\n\x01" + public).digest()[:4]


def vkey(name: str, public: bytes) -> str:
    """``<name>+<key hash in hex>+<base64 of 0x01 and the public key>``."""
    typed = b"\x01" + public
    return f"{name}+{key_hash(name, public).hex()}+{b64(typed)}"


def note(text: str, name: str, key: ed25519.Ed25519PrivateKey) -> bytes:
    """Text (ending in a newline), an empty line, one signature line."""
    body = text.encode("utf-8")
    signature = b64(key_hash(name, raw_public(key)) + key.sign(body))
    return body + f"\n— {name} {signature}\n".encode()


def open_note(data: bytes, name: str, public: bytes) -> str:
    """The text of a note that this key has signed."""
    try:
        text, lines = data.decode("utf-8").rsplit("\n\n", 1)
    except (UnicodeDecodeError, ValueError) as error:
        raise WrongError("not a note") from error
    text += "\n"
    if not lines.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text + lines):
        raise WrongError("not a note")
    good = False
    for line in lines[:-1].split("\n"):
        dash, who, signature = [*line.split(" "), "", ""][:3]
        blob = unb64(signature)
        if (
            dash != "—"
            or line.count(" ") != 2
            or not who
            or "+" in who
            or any(c.isspace() for c in who)
            or len(blob) < 5
        ):
            raise WrongError("not a signature line")
        if who == name and blob[:4] == key_hash(name, public):
            try:
                ed25519.Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], text.encode("utf-8"))
            except InvalidSignature as error:
                raise WrongError("signature does not verify") from error
            good = True
    if not good:
        raise WrongError("not signed by this key")
    return text


def checkpoint(origin: str, size: int, root: bytes, key: ed25519.Ed25519PrivateKey) -> bytes:
    """Origin, size and base64 root, each on its line, signed under the origin as key name."""
    return note(f"{origin}\n{size}\n{b64(root)}\n", origin, key)


def cosignature(text: str, name: str, key: ed25519.Ed25519PrivateKey, time: int) -> str:
    """A witness's line below a checkpoint (C2SP tlog-cosignature v1.0.1): key type 4, time and signature."""
    blob = hashlib.sha256(name.encode("utf-8") + b"\n\x04" + raw_public(key)).digest()[:4]
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return f"— {name} {b64(blob + time.to_bytes(8, 'big') + key.sign(message))}\n"


# ---------------------------------------------------------------- proof file and sealed values (format 7, 8)
def tlog_proof(entries: Sequence[bytes], index: int, size: int, note_bytes: bytes) -> bytes:
    """C2SP tlog-proof@v1 whose `extra` line carries the entry bytes."""
    path = Tree(entries[:size]).inclusion(index, size)
    lines = ["c2sp.org/tlog-proof@v1", f"extra {b64(entries[index])}", f"index {index}", *map(b64, path), ""]
    return "".join(line + "\n" for line in lines).encode("ascii") + note_bytes


def disclosure(name: str, value: Json, salt: str) -> str:
    """RFC 9901 section 4.2.1: base64url, unpadded, of the JSON array salt, name, value."""
    text = json.dumps([salt, name, value], ensure_ascii=False).encode("utf-8")
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode("ascii")


def sealed(text: str) -> str:
    """RFC 9901 section 4.2.3: base64url, unpadded, SHA-256 of the disclosure's ASCII text."""
    return (
        base64.urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
    )
