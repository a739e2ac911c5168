"""Disclosures against the reference and the examples that RFC 9901 prints."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EncodingError
from ledger.log import sealed
from tests.log.test_canonical import KEYS, VALUES
from tests.reference import slow

SALT = "_26bc4LT-ac6q2KI6cBW5es"


@given(KEYS, VALUES, st.binary(min_size=16, max_size=24))
def test_any_value_is_sealed_and_opened(name: str, value: slow.Json, salt: bytes) -> None:
    text = base64.urlsafe_b64encode(salt).rstrip(b"=").decode()
    made = sealed.disclose(name, value, salt)
    assert made.text == slow.disclosure(name, value, text)
    assert made.digest == sealed.digest(made.text) == slow.sealed(made.text)
    opened = sealed.open_disclosure(made.text)
    assert repr(opened) == repr((text, name, json.loads(json.dumps(value))))


def test_the_example_of_rfc_9901() -> None:
    """Section 4.2.1: the same array in other layouts is another disclosure of the same value."""
    printed = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert slow.disclosure("family_name", "Möbius", SALT) == printed
    assert sealed.open_disclosure(printed) == (SALT, "family_name", "Möbius")
    assert sealed.digest(printed) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    for layout in (
        '["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]',
        '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\\u00f6bius"]',
        '[\n"_26bc4LT-ac6q2KI6cBW5es",\n"family_name",\n"Möbius"\n]',
    ):
        text = base64.urlsafe_b64encode(layout.encode()).rstrip(b"=").decode()
        assert sealed.open_disclosure(text) == (SALT, "family_name", "Möbius")
        assert sealed.digest(text) != sealed.digest(printed)


@given(
    st.text(max_size=60)
    | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
)
def test_any_text_is_opened_or_refused(text: str) -> None:
    try:
        sealed.open_disclosure(text)
    except EncodingError as error:
        assert error.message


@pytest.mark.parametrize(
    ("name", "value", "salt"),
    [
        ("phone", "1", bytes(15)),
        ("Phone", "1", bytes(16)),
        ("", "1", bytes(16)),
        ("phone", 1.5, bytes(16)),
        ("phone", "\0", bytes(16)),
        ("phone", "\ud800", bytes(16)),
        ("phone", "x" * 65_000, bytes(16)),
    ],
    ids=ascii,
)
def test_what_cannot_be_sealed(name: str, value: object, salt: bytes) -> None:
    with pytest.raises(EncodingError):
        sealed.disclose(name, value, salt)


@pytest.mark.parametrize("value", ["1.5", "9007199254740992", '"\\u0000"', '{"A":1}', '{"a":1,"a":2}', "NaN"])
def test_a_disclosed_value_is_in_the_profile(value: str) -> None:
    text = base64.urlsafe_b64encode(f'["{SALT}","phone",{value}]'.encode()).rstrip(b"=").decode()
    with pytest.raises(EncodingError):
        sealed.open_disclosure(text)


def test_a_deep_disclosure_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 30_000 + b"]" * 15_000).decode()
    with pytest.raises(EncodingError):
        sealed.open_disclosure(deep)
    with pytest.raises(EncodingError):
        sealed.digest("ä")
