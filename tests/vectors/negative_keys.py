"""Keys that are none, keys of other kinds, keys that sign everything; signatures that do not verify."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from tests.reference import slow
from tests.reference.sample import SmallLedger, p256_scalar, seed
from tests.vectors import edwards
from tests.vectors.cases import Case
from tests.vectors.negative_json import changed, dumped

ED25519_HEAD = bytes.fromhex("302a300506032b6570032100")
P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def public_der(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def other_algorithms() -> Iterator[tuple[str, str, bytes]]:
    """Good keys, of kinds that no author may use; made from fixed numbers."""
    modulus = int.from_bytes(b"".join(seed(f"rsa {part}") for part in range(8)), "big") | 1 | 1 << 2047
    yield "rsa", "an RSA key", public_der(rsa.RSAPublicNumbers(65_537, modulus).public_key())
    scalar = p256_scalar("other")
    for curve in (ec.SECP256K1(), ec.SECP384R1()):
        other = ec.derive_private_key(scalar, curve).public_key()
        yield curve.name.lower(), f"an ECDSA key on {curve.name}", public_der(other)
    yield (
        "ed448",
        "an Ed448 key",
        public_der(ed448.Ed448PrivateKey.from_private_bytes(b"7" * 57).public_key()),
    )
    exchange = x25519.X25519PrivateKey.from_private_bytes(seed("exchange")).public_key()
    yield "x25519", "a key for key agreement", public_der(exchange)


def key_cases(small: SmallLedger) -> Iterator[Case]:
    """Input: base64 of DER SubjectPublicKeyInfo, as it stands in a body."""

    def case(slug: str, desc: str, der: bytes) -> Case:
        return Case(slug, desc, "KeyInvalid", slow.b64(der))

    for number, raw in enumerate(edwards.low_order_encodings()):
        yield case(f"low-order-{number:02d}", f"Ed25519 point of low order {raw.hex()}", ED25519_HEAD + raw)
    for raw in list(edwards.unreduced())[:2]:
        yield case(f"unreduced-{raw[0]:02x}", "Ed25519 point whose y is p or more", ED25519_HEAD + raw)
    yield case("ed25519-off-curve", "no point of Ed25519 has this y", ED25519_HEAD + edwards.off_curve())
    good = slow.spki(small.merchant)
    yield case("ed25519-trailing", "a byte behind the key", good + b"\0")
    null = bytes.fromhex("302c300706032b65700500032100")
    yield case("ed25519-null", "parameters where RFC 8410 has none", null + good[-32:])
    yield case("ed25519-long-form", "a length in more bytes than it needs", b"\x30\x81" + good[1:])
    for slug, desc, der in p256_forms(small):
        yield case(slug, desc, der)
    for slug, desc, der in other_algorithms():
        yield case(slug, desc, der)
    text = slow.b64(good)
    yield Case("newline", "base64 with a newline", "KeyInvalid", text + "\n")
    yield Case(
        "spare-bits", "base64 with unused bits set", "KeyInvalid", text[:-2] + chr(ord(text[-2]) + 1) + "="
    )


def p256_forms(small: SmallLedger) -> Iterator[tuple[str, str, bytes]]:
    good = slow.spki(small.phone)
    x, y = good[-64:-32], good[-32:]
    yield "p256-off-curve", "a point beside the curve", good[:-1] + bytes([good[-1] ^ 1])
    identity = bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000")
    yield "p256-identity", "the point at infinity", identity
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    sign = y[-1] & 1
    yield "p256-compressed", "x and a sign in place of x and y", compressed + bytes([2 + sign]) + x
    yield "p256-hybrid", "x, y and a sign (hybrid form)", P256_HEAD + bytes([6 + sign]) + x + y
    # (5, y) lies on the curve, and 5 + p still fits 32 bytes: the same point under another keyid
    y_of_5 = pow(5**3 - 3 * 5 + P256_B, (P256_P + 1) // 4, P256_P)
    big = (5 + P256_P).to_bytes(32, "big") + y_of_5.to_bytes(32, "big")
    yield "p256-unreduced", "a coordinate of p or more", P256_HEAD + b"\x04" + big
    yield "p256-trailing", "a byte behind the key", good + b"\0"
    unused = bytearray(good)
    unused[25] = 1
    yield "p256-unused-bits", "a bit string with unused bits", bytes(unused)


def signature_cases(small: SmallLedger) -> Iterator[Case]:
    """Input: a well-formed envelope; the keys are those of the sample."""
    good = json.loads(small.envelopes[5])  # first signature by the Ed25519 key or by the phone, by keyid
    by = {item["keyid"]: at for at, item in enumerate(good["signatures"])}
    ed, phone = by[slow.keyid(slow.spki(small.merchant))], by[slow.keyid(slow.spki(small.phone))]
    payload = slow.unb64(good["payload"])

    def case(slug: str, desc: str, at: int, blob: bytes, want: str = "SignatureInvalid") -> Case:
        return Case(slug, desc, want, dumped(changed(good, ["signatures", at, "sig"], slow.b64(blob))))

    blob = slow.unb64(good["signatures"][ed]["sig"])
    r, s = blob[:32], int.from_bytes(blob[32:], "little")
    yield case("ed25519-bit", "one bit of the signature flipped", ed, blob[:-1] + bytes([blob[-1] ^ 4]))
    yield case("ed25519-zero", "64 zero bytes", ed, bytes(64))
    more = (s + edwards.ORDER).to_bytes(32, "little")
    yield case("ed25519-s-too-large", "s raised by the order (RFC 8032 refuses it)", ed, r + more)
    yield case(
        "ed25519-plain", "signed without the pre-authentication encoding", ed, small.merchant.sign(payload)
    )
    other = slow.pae(payload).replace(b".v1+json", b".v2+json")
    yield case("ed25519-other-type", "signed as another payload type", ed, small.merchant.sign(other))
    blob = slow.unb64(good["signatures"][phone]["sig"])
    yield case("p256-bit", "one bit of the signature flipped", phone, blob[:-1] + bytes([blob[-1] ^ 4]))
    yield case("p256-zero-r", "r is zero", phone, bytes(32) + blob[32:])
    yield case(
        "p256-order", "s is the order of the curve", phone, blob[:32] + slow.P256_ORDER.to_bytes(32, "big")
    )
    text = payload.replace(b"disinfection", b"temperature")
    changed_payload = {**good, "payload": slow.b64(text)}
    yield Case(
        "payload", "another statement under the signatures", "SignatureInvalid", dumped(changed_payload)
    )
    stranger = changed(good, ["signatures", 0, "keyid"], "00" * 32)
    yield Case("unknown-key", "a keyid that names no known key", "NotAuthorised", dumped(stranger))
