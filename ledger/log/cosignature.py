"""Cosignatures of witnesses (C2SP tlog-cosignature v1.0.1, the Ed25519 kind).

A witness that has verified that a checkpoint extends all it has seen of this log adds a signature line of its own
below the note: 8 bytes of time, big-endian seconds since 1970, and an Ed25519 signature of

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Its verifier key has type 4, so the same key cannot be taken for a log's. Asking witnesses, and deciding how many of
them are enough, is for others.

>>> from ledger.log import note
>>> from ledger.log.keys import PrivateKey
>>> log = note.NoteSigner("log.example/a", PrivateKey.from_seed(bytes(32)))
>>> witness = CosignatureSigner("witness.example/w", PrivateKey.from_seed(bytes(31) + b"1"), 1679315147)
>>> cosigned = note.add_signatures(note.sign("log.example/a\\n", [log]), [witness])
>>> time_of(note.open(cosigned, [CosignatureVerifier.from_vkey(witness.verifier.vkey)]).verified[0])
1679315147
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.errors import NoteError
from ledger.log.keys import SIGNATURE_BYTES, PublicKey, SigningKey
from ledger.log.note import NoteSignature, format_vkey, key_id, parse_vkey

_COSIGNATURE = b"\x04"
_TIME_BYTES = 8
_MAX_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """A witness's Ed25519 key under its name. Make one with `from_vkey` or `from_key`."""

    name: str
    key: PublicKey
    key_id: bytes

    @classmethod
    def from_key(cls, name: str, key: PublicKey) -> CosignatureVerifier:
        """The verifier of a witness's key under its name."""
        return cls(name, key, key_id(name, _COSIGNATURE, key))

    @classmethod
    def from_vkey(cls, text: str) -> CosignatureVerifier:
        """The verifier of `<name>+<8 hex digits>+<base64 of 0x04 and 32 bytes>`."""
        name, key = parse_vkey(text, _COSIGNATURE)
        return cls.from_key(name, key)

    @property
    def vkey(self) -> str:
        """The verifier key as one line of text."""
        return format_vkey(self.name, _COSIGNATURE, self.key)

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether these 8 + 64 bytes are the witness's cosignature of the note's text."""
        if len(signature) != _TIME_BYTES + SIGNATURE_BYTES:
            return False
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        return time <= _MAX_TIME and self.key.verify(signature[_TIME_BYTES:], _message(text, time))


@dataclass(frozen=True, slots=True)
class CosignatureSigner:
    """A witness that signs at the time handed in: seconds since 1970."""

    name: str
    key: SigningKey
    time: int
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", key_id(self.name, _COSIGNATURE, self.key.public))
        if not 0 <= self.time <= _MAX_TIME:
            raise NoteError("{time} is not a time in seconds since 1970", time=self.time)

    @property
    def verifier(self) -> CosignatureVerifier:
        """What others verify with."""
        return CosignatureVerifier.from_key(self.name, self.key.public)

    def sign(self, text: bytes) -> bytes:
        """8 + 64 bytes."""
        return self.time.to_bytes(_TIME_BYTES, "big") + self.key.sign(_message(text, self.time))


def time_of(signature: NoteSignature) -> int:
    """Seconds since 1970 at which a verified cosignature says it was made."""
    return int.from_bytes(signature.signature[:_TIME_BYTES], "big")


def _message(text: bytes, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % time + text
