"""Signed notes (C2SP signed-note v1.0.0): a text with signature lines below it, and verifier keys.

    custody.example/vectors
    1
    pzkPZO+hHABCUp67pcXu5yt7+pDLpqFV+txxKwaws5o=

    — custody.example/vectors q7U3F/tpG9gMK1Aos1t2xjPgVewYhNUw9x1l/v7mU45lW…

The text ends in a newline; what follows the last empty line are signatures: em dash, space, key name, space, base64 of
the key id (4 bytes) and the signature. The key id is the start of SHA-256(name ‖ 0x0A ‖ type ‖ public key), type 1 for
Ed25519. A verifier key spells name, key id and key on one line:

    custody.example/vectors+abb53717+AXpJ3rjchvqqelNy2BVVJfKbx4xcgDQMt0tZ4AJtOlpx

What the text says is for others: see `ledger.log.checkpoint`. Cosignatures of witnesses: see
`ledger.log.cosignature`.

>>> from ledger.log.keys import PrivateKey
>>> signer = NoteSigner("custody.example/erligang", PrivateKey.from_seed(bytes(32)))
>>> note = sign("hello\\n", [signer])
>>> open(note, [NoteVerifier.from_vkey(signer.verifier.vkey)]).text
'hello\\n'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from ledger.errors import KeyInvalid, NoteError
from ledger.log._text import decode_base64, encode_base64, is_key_name
from ledger.log.keys import PublicKey, SigningKey, require_grantable
from ledger.messages import Message

MAX_SIGNATURES: Final = 100
"""C2SP asks for a limit of at least 16; Go's note package has the same 100."""
MAX_NOTE_BYTES: Final = 1_000_000

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]").search
_LINE = re.compile("— ([^ ]+) ([^ ]+)").fullmatch


class NoteSignature(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    """4 bytes."""
    signature: bytes
    """What follows the key id: 64 bytes for Ed25519."""


class Note(NamedTuple):
    """An opened note: its text, and the signatures by known and by unknown keys."""

    text: str
    verified: tuple[NoteSignature, ...]
    unknown: tuple[NoteSignature, ...]


class Verifier(Protocol):
    """A key that signatures on notes are known by."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before its signatures."""
        ...

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this is its signature of the note's text."""
        ...


class Signer(Protocol):
    """Whoever puts a signature line below a note."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before its signatures."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The signature of the note's text."""
        ...


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """An Ed25519 key under its name. Make one with `from_vkey` or `from_key`."""

    name: str
    key: PublicKey
    key_id: bytes

    @classmethod
    def from_key(cls, name: str, key: PublicKey) -> NoteVerifier:
        """The verifier of a key under a name; `NoteError` or `KeyInvalid` if either cannot serve."""
        return cls(name, key, key_id(name, _ED25519, key))

    @classmethod
    def from_vkey(cls, text: str) -> NoteVerifier:
        """The verifier of `<name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>`."""
        name, key = parse_vkey(text, _ED25519)
        return cls.from_key(name, key)

    @property
    def vkey(self) -> str:
        """The verifier key as one line of text."""
        return format_vkey(self.name, _ED25519, self.key)

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this is the key's signature of the note's text."""
        return self.key.verify(signature, text)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """An Ed25519 private key under its name."""

    name: str
    key: SigningKey
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", key_id(self.name, _ED25519, self.key.public))

    @property
    def verifier(self) -> NoteVerifier:
        """What others verify with."""
        return NoteVerifier.from_key(self.name, self.key.public)

    def sign(self, text: bytes) -> bytes:
        """64 bytes."""
        return self.key.sign(text)


def sign(text: str, signers: Sequence[Signer]) -> bytes:
    """A note with this text, which must end in a newline, and one signature line per signer."""
    if not signers:
        raise NoteError("a note needs at least one signature")
    _check_text(text)
    return text.encode() + b"\n" + _lines(text.encode(), signers)


def add_signatures(note: bytes, signers: Sequence[Signer]) -> bytes:
    """The same note with further signature lines at the end, as a witness returns it."""
    text, signatures = split(note)
    if len(signatures) + len(signers) > MAX_SIGNATURES:
        raise NoteError("a note carries at most {max_signatures} signatures", max_signatures=MAX_SIGNATURES)
    return note + _lines(text.encode(), signers)


def open(note: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The text of a note that at least one of these keys has signed.

    Signatures by other keys are kept apart, unverified. A second one by the same key is checked and left out. Raises
    `NoteError` if the note is malformed, a known key's signature is wrong, or no known key has signed.
    """
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise NoteError(
                "two different keys are called {verifier_name}+{key_id}; drop one",
                verifier_name=verifier.name,
                key_id=verifier.key_id.hex(),
            )
    text, signatures = split(note)
    message = text.encode()
    verified: dict[tuple[str, bytes], NoteSignature] = {}
    unknown: list[NoteSignature] = []
    for signature in signatures:
        key = signature.name, signature.key_id
        if key not in known:
            unknown.append(signature)
        elif known[key].verify(message, signature.signature):
            verified.setdefault(key, signature)
        else:
            raise NoteError(
                "the signature by {signature_name}+{key_id} is wrong: the text or the line was changed",
                signature_name=signature.name,
                key_id=signature.key_id.hex(),
            )
    if not verified:
        names = ", ".join(sorted(f"{name}+{one.hex()}" for name, one in known)) or Message("no key at all")
        raise NoteError("not signed by a known key; asked for {names}", names=names)
    return Note(text, tuple(verified.values()), tuple(unknown))


def split(note: bytes) -> tuple[str, tuple[NoteSignature, ...]]:
    """Text and signatures of a note, nothing verified. `NoteError` unless its form is exactly that of the standard."""
    if len(note) > MAX_NOTE_BYTES:
        raise NoteError(
            "{count} bytes, at most {max_note_bytes} are allowed for a note",
            count=len(note),
            max_note_bytes=MAX_NOTE_BYTES,
        )
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError("not valid UTF-8 at byte {start}", start=error.start) from error
    text, empty_line, below = whole.rpartition("\n\n")
    text += "\n"
    if not empty_line or not below.endswith("\n"):
        raise NoteError("a note is a text, an empty line, and signature lines that end in a newline each")
    _check_text(text)
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(
            "{count} signatures, at most {max_signatures} are allowed",
            count=len(lines),
            max_signatures=MAX_SIGNATURES,
        )
    return text, tuple(_parse_line(line) for line in lines)


def key_id(name: str, kind: bytes, key: PublicKey) -> bytes:
    """The first 4 bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ 32-byte Ed25519 key): C2SP signed-note, "Signatures"."""
    if not is_key_name(name):
        raise NoteError(
            "{name!a} cannot name a key: it must not be empty or contain spaces or a plus sign",
            name=name[:80],
        )
    if key.algorithm != "ed25519":
        raise KeyInvalid("notes are signed with an Ed25519 key; give one")
    require_grantable(key)
    return sha256(name.encode() + b"\n" + kind + key.raw).digest()[:_KEY_ID_BYTES]


def format_vkey(name: str, kind: bytes, key: PublicKey) -> str:
    """`<name>+<8 hex digits of the key id>+<base64 of kind and key>`."""
    return f"{name}+{key_id(name, kind, key).hex()}+{encode_base64(kind + key.raw)}"


def parse_vkey(text: str, kind: bytes) -> tuple[str, PublicKey]:
    """Name and key of a verifier key of this kind; `NoteError` or `KeyInvalid` unless spelt as `format_vkey` does."""
    name, _, rest = text.partition("+")
    raw = decode_base64(rest.partition("+")[2])
    if raw is None or not raw.startswith(kind) or len(raw) != len(kind) + 32:
        raise NoteError(
            "not a verifier key of type {kind}; it reads <name>+<8 hex digits>+<base64>, on one line",
            kind=kind.hex(),
        )
    key = PublicKey.from_ed25519(raw[len(kind) :])
    if format_vkey(name, kind, key) != text:
        raise NoteError("name, key id and key of the verifier key do not belong together; copy it again")
    return name, key


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends in a newline")
    control = _CONTROL(text)
    if control is not None:
        raise NoteError(
            "control character {control!a} at character {at}; only newlines are allowed",
            control=control[0],
            at=control.start(),
        )


def _lines(text: bytes, signers: Sequence[Signer]) -> bytes:
    return "".join(
        f"— {signer.name} {encode_base64(signer.key_id + signer.sign(text))}\n" for signer in signers
    ).encode()


def _parse_line(line: str) -> NoteSignature:
    parts = _LINE(line)
    raw = decode_base64(parts[2]) if parts else None
    if parts is None or not is_key_name(parts[1]) or raw is None or len(raw) <= _KEY_ID_BYTES:
        raise NoteError(
            "not a signature line: {line!a}; it reads em dash, space, key name, space, base64 of key id "
            "and signature",
            line=line[:80],
        )
    return NoteSignature(parts[1], raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])
