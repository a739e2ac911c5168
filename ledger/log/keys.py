"""Keys of authors and of the log: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256.

A public key travels as its DER SubjectPublicKeyInfo, in exactly one of two shapes (RFC 8410, RFC 5480):

    302a300506032b6570032100 ‖ 32 bytes                                          Ed25519
    3059301306072a8648ce3d020106082a8648ce3d03010703420004 ‖ 32 bytes x ‖ 32 y   P-256, uncompressed

Its `keyid` is the hex SHA-256 of those bytes, so any other spelling of the same key is refused. A P-256 signature is
64 bytes r‖s (IEEE P1363), which is what WebCrypto makes. The mathematics is the `cryptography` package's; when and
for what a key may sign is decided by the ledger's own entries, and where private keys are kept is up to the store.

>>> key = PrivateKey.from_seed(bytes(32))
>>> key.public.verify(key.sign(b"hello"), b"hello"), key.public.verify(key.sign(b"hello"), b"hallo")
(True, False)
>>> PublicKey.from_base64(key.public.text) == key.public
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal, Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ledger.errors import KeyInvalid
from ledger.log._text import decode_base64, encode_base64

Algorithm: TypeAlias = Literal["ed25519", "p256"]

SIGNATURE_BYTES: Final = 64
"""Length of a signature by either algorithm."""

_ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
_P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_P256_SHA256 = ECDSA(hashes.SHA256())

# Edwards25519 (RFC 8032 section 5.1): prime, curve constant, and the y coordinates of the eight points whose order
# divides 8. The points of order 8 are those with d·y⁴ + 2y² = 1; the list is recomputed by a test.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER_Y = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})


@dataclass(frozen=True, slots=True, repr=False)
class PublicKey:
    """A public key, identified by its SubjectPublicKeyInfo. Make one with `from_spki` or `from_base64`."""

    spki: bytes
    algorithm: Algorithm = field(compare=False)
    keyid: str = field(compare=False)
    _key: Ed25519PublicKey | EllipticCurvePublicKey = field(compare=False)

    @classmethod
    def from_spki(cls, der: bytes) -> PublicKey:
        """The key of a DER SubjectPublicKeyInfo in canonical form; `KeyInvalid` for anything else."""
        key: Ed25519PublicKey | EllipticCurvePublicKey
        algorithm: Algorithm
        if der.startswith(_ED25519_PREFIX) and len(der) == len(_ED25519_PREFIX) + 32:
            algorithm, key = "ed25519", Ed25519PublicKey.from_public_bytes(der[-32:])
        elif der.startswith(_P256_PREFIX) and len(der) == len(_P256_PREFIX) + 64:
            try:
                algorithm, key = "p256", EllipticCurvePublicKey.from_encoded_point(SECP256R1(), der[-65:])
            except ValueError as error:
                raise KeyInvalid(
                    "the P-256 point is not on the curve; export the public key again"
                ) from error
        else:
            raise KeyInvalid(
                "not an Ed25519 or uncompressed P-256 public key in DER SubjectPublicKeyInfo form; "
                "export it as SPKI, without parameters of its own"
            )
        return cls(der, algorithm, sha256(der).hexdigest(), key)

    @classmethod
    def from_base64(cls, text: str) -> PublicKey:
        """The key of a padded base64 SubjectPublicKeyInfo, as bodies carry it; `KeyInvalid` for anything else."""
        der = decode_base64(text)
        if der is None:
            raise KeyInvalid(
                "a public key is written in padded base64 of the standard alphabet, without spaces"
            )
        return cls.from_spki(der)

    @classmethod
    def from_ed25519(cls, raw: bytes) -> PublicKey:
        """The key of the 32 bytes that RFC 8032 makes of an Ed25519 point, as verifier keys carry it."""
        return cls.from_spki(_ED25519_PREFIX + raw)

    @property
    def text(self) -> str:
        """Base64 of the SubjectPublicKeyInfo."""
        return encode_base64(self.spki)

    @property
    def raw(self) -> bytes:
        """Ed25519: the 32 bytes of RFC 8032. P-256: the 65 bytes of the uncompressed point."""
        return self.spki[-32:] if self.algorithm == "ed25519" else self.spki[-65:]

    @property
    def is_low_order(self) -> bool:
        """Whether this is an Ed25519 point of order 1, 2, 4 or 8, in any encoding.

        Under such a key signatures can be made by anyone that hold for many messages.
        """
        return self.algorithm == "ed25519" and self._y % _P in _LOW_ORDER_Y

    @property
    def _y(self) -> int:
        """The y coordinate as encoded, which may be beyond the prime: the top bit is the sign of x."""
        return int.from_bytes(self.spki[-32:], "little") & (2**255 - 1)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether these 64 bytes are this key's signature of the message."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, message)
            else:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                self._key.verify(encode_dss_signature(r, s), message, _P256_SHA256)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm}, keyid={self.keyid})"


class SigningKey(Protocol):
    """Whatever signs: a private key in memory, or a device that never lets it out."""

    @property
    def public(self) -> PublicKey:
        """The key under which the signatures verify."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes that `public.verify` accepts for the message."""
        ...


class PrivateKey:
    """A private key in memory. Its `repr` shows the public part only."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> None:
        self._key = key
        self._public = PublicKey.from_spki(
            key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    @classmethod
    def generate(cls, algorithm: Algorithm = "ed25519") -> PrivateKey:
        """A new key from the operating system's randomness."""
        return cls(
            Ed25519PrivateKey.generate() if algorithm == "ed25519" else generate_private_key(SECP256R1())
        )

    @classmethod
    def from_seed(cls, seed: bytes) -> PrivateKey:
        """The Ed25519 key of a 32-byte seed (RFC 8032 section 5.1.5)."""
        if len(seed) != 32:
            raise KeyInvalid("an Ed25519 seed has 32 bytes, not {count}", count=len(seed))
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_p256_scalar(cls, scalar: int) -> PrivateKey:
        """The P-256 key of a private scalar from 1 to the order of the curve minus 1."""
        try:
            return cls(derive_private_key(scalar, SECP256R1()))
        except ValueError as error:
            raise KeyInvalid("a P-256 scalar is from 1 to the order of the curve minus 1") from error

    @classmethod
    def from_pem(cls, data: bytes, passphrase: bytes | None = None) -> PrivateKey:
        """The key of a PEM file. `KeyInvalid` on a wrong, missing or needless passphrase, or another kind of key."""
        if b"ENCRYPTED" in data and not passphrase:
            raise KeyInvalid("the private key is encrypted; give its passphrase")
        if b"ENCRYPTED" not in data and passphrase is not None:
            raise KeyInvalid("the private key is not encrypted; give no passphrase")
        try:
            key = serialization.load_pem_private_key(data, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            if passphrase:
                raise KeyInvalid("the passphrase is wrong") from error
            raise KeyInvalid("not a private key in PEM form") from error
        if not isinstance(key, Ed25519PrivateKey) and not (
            isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
        ):
            raise KeyInvalid("only Ed25519 and P-256 keys are used here; make one of these")
        return cls(key)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS #8 in PEM, encrypted if there is a passphrase (PBES2, AES-256)."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            if not passphrase:
                raise KeyInvalid("the passphrase is empty; give one, or none at all for an unencrypted key")
            encryption = serialization.BestAvailableEncryption(passphrase)
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    @property
    def public(self) -> PublicKey:
        """The key that others verify with."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """64 bytes: deterministic for Ed25519, freshly random for P-256."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(message)
        r, s = decode_dss_signature(self._key.sign(message, _P256_SHA256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"PrivateKey({self._public.algorithm}, keyid={self._public.keyid})"


def require_grantable(key: PublicKey) -> None:
    """Raise `KeyInvalid` unless signatures under this key can only be its holder's.

    OpenSSL verifies under Ed25519 keys of low order, so they must be kept out before they count. An encoding with
    y beyond the prime, or without a point on the curve, is refused too: RFC 8032 section 5.1.3 does not decode it.
    P-256 keys off the curve never become a `PublicKey`, and the point at infinity has no encoding here.
    """
    if key.algorithm != "ed25519":
        return
    if key.is_low_order:
        raise KeyInvalid("the Ed25519 key is of low order: anyone could sign in its name; generate a new key")
    if key._y >= _P or not _has_point(key._y):
        raise KeyInvalid("the Ed25519 key is not the encoding of a point of the curve; generate a new key")


def _has_point(y: int) -> bool:
    """Whether x² = (y² − 1) / (d·y² + 1) has a root (RFC 8032 section 5.1.3); Euler's criterion."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(square, (_P - 1) // 2, _P) in (0, 1)
