"""Hex, base64 and names as text: each has exactly one spelling here, and any other spelling is refused.

Two texts for the same bytes would let two programs disagree on whether two files are the same. Python's own
decoders are lenient (white space, missing padding, left-over bits), so each decoder here encodes again and
compares. What a wrong text means, and which error to raise, is left to the caller: these return `None` or `False`.

>>> decode_base64("AAE="), decode_base64("AAF="), decode_base64("AAE")
(b'\\x00\\x01', None, None)
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from typing import Final

_HEX_DIGITS = b"0123456789abcdef"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]").search
KEY_NAME_PATTERN: Final = r"[^\s+\x00-\x1f\ud800-\udfff]+"
_KEY_NAME = re.compile(KEY_NAME_PATTERN).fullmatch
_TO_URL = str.maketrans("+/", "-_")
_FROM_URL = str.maketrans("-_", "+/")


def is_hex64(text: str) -> bool:
    """Whether this is a SHA-256 hash as the format writes it: 64 lower-case hex digits."""
    # isascii comes first: a lone surrogate cannot be encoded
    return len(text) == 64 and text.isascii() and not text.encode().translate(None, _HEX_DIGITS)


def encode_base64(raw: bytes) -> str:
    """RFC 4648 section 4: standard alphabet, padded."""
    return b2a_base64(raw, newline=False).decode()


def decode_base64(text: str) -> bytes | None:
    """The bytes, or `None` unless `text` is exactly what `encode_base64` makes of them."""
    try:
        raw = a2b_base64(text)
    except ValueError:
        return None
    return raw if b2a_base64(raw, newline=False).decode() == text else None


def encode_base64url(raw: bytes) -> str:
    """RFC 4648 section 5 without padding, as in JOSE and SD-JWT."""
    return encode_base64(raw).rstrip("=").translate(_TO_URL)


def decode_base64url(text: str) -> bytes | None:
    """The bytes, or `None` unless `text` is exactly what `encode_base64url` makes of them."""
    try:
        raw = a2b_base64(text.translate(_FROM_URL) + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if encode_base64url(raw) == text else None


def has_control(text: str) -> bool:
    """Whether there is a control character in it (Unicode category Cc)."""
    return _CONTROL(text) is not None


def is_key_name(text: str) -> bool:
    """Whether this may name a key of a signed note, and so be a ledger's origin.

    C2SP signed-note: not empty, no Unicode space, no plus. Control characters and lone surrogates cannot stand in
    a note at all.
    """
    return _KEY_NAME(text) is not None


def decimal(text: str, limit: int) -> int | None:
    """The number in ASCII digits without leading zeros, or `None` if it is not that or greater than `limit`."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 19:
        return None
    number = int(text)
    return number if number <= limit else None
