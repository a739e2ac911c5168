"""Sealed values: personal or commercially sensitive text that can be erased (format version 1, section 8).

In a body stands only `{"sealed":"<digest>"}`, the digest of a disclosure as in RFC 9901 (SD-JWT) section 4.2.1:

    ["_26bc4LT-ac6q2KI6cBW5es", "phone", "13800000000"]     salt, field name, value
    WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJwaG9uZSIsICIxMzgwMDAwMDAwMCJd     the disclosure: base64url of that text
    EhbHOiVnSp-qFNkEmnx89FGxgNfAX76-4BjDfBWWt_E     the digest: base64url of the SHA-256 of the disclosure

The salt keeps anyone from guessing the value. Whoever holds the disclosure can show the value; once it is erased, the
digest tells nothing. Drawing the salt and keeping disclosures is for others.

>>> sealed = disclose("phone", "13800000000", bytes(16))
>>> digest(sealed.text) == sealed.digest, open_disclosure(sealed.text)
(True, ('AAAAAAAAAAAAAAAAAAAAAA', 'phone', '13800000000'))
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.errors import EncodingError
from ledger.log import canonical
from ledger.log._text import decode_base64url, encode_base64url
from ledger.log.canonical import JSON

SALT_BYTES: Final = 16
"""The least a salt must have: 128 bits (RFC 9901 section 9.3)."""
MAX_DISCLOSURE: Final = 65_535
"""Characters of a disclosure."""

_MIN_SALT = 22  # base64url characters of 16 bytes


class Disclosure(NamedTuple):
    """A disclosure and its digest, both base64url without padding."""

    text: str
    digest: str


def disclose(name: str, value: object, salt: bytes) -> Disclosure:
    """Seal the value of a field, any JSON value in the profile, with at least 16 bytes of fresh randomness."""
    if len(salt) < SALT_BYTES:
        raise EncodingError(
            "a salt has at least {salt_bytes} random bytes, not {count}",
            salt_bytes=SALT_BYTES,
            count=len(salt),
            field=name,
        )
    content = [encode_base64url(salt), name, value]
    canonical.check(content)
    if not canonical.is_key(name):
        raise EncodingError(
            "the field name is not lower-case letters, digits and _ after a letter", field=name
        )
    # RFC 9901 leaves the layout open; this is the one of its own examples
    text = encode_base64url(json.dumps(content, ensure_ascii=False).encode())
    if len(text) > MAX_DISCLOSURE:
        raise EncodingError(
            "too long to seal; at most {max_disclosure} characters of disclosure",
            max_disclosure=MAX_DISCLOSURE,
            field=name,
        )
    return Disclosure(text, digest(text))


def digest(text: str) -> str:
    """Base64url of the SHA-256 of the disclosure's characters (RFC 9901 section 4.2.3): 43 characters."""
    if not text.isascii():
        raise EncodingError("a disclosure is base64url without padding")
    return encode_base64url(sha256(text.encode()).digest())


def open_disclosure(text: str) -> tuple[str, str, JSON]:
    """Salt, field name and value of a disclosure. `EncodingError` unless it is one, in whatever layout inside."""
    raw = decode_base64url(text) if text.isascii() and len(text) <= MAX_DISCLOSURE else None
    if raw is None:
        raise EncodingError("a disclosure is base64url without padding, not too long")
    content = canonical.load_any_layout(raw, limit=MAX_DISCLOSURE)
    if type(content) is not list or len(content) != 3:
        raise EncodingError("a disclosure holds salt, field name and value")
    canonical.check(content)
    salt, name, value = content
    if type(salt) is not str or len(salt) < _MIN_SALT:
        raise EncodingError(
            "the salt of a disclosure has at least {min_salt} characters: 128 bits", min_salt=_MIN_SALT
        )
    if type(name) is not str or not canonical.is_key(name):
        raise EncodingError(
            "the field name of a disclosure is lower-case letters, digits and _ after a letter"
        )
    return salt, name, value
