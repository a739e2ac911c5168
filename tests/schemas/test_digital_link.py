"""GS1 Digital Links: what is built is read back, and what is not one is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_schemas import DigitalLink, DigitalLinkError, digital_link, gs1_check_digit, parse_digital_link

GS1 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PART = st.none() | st.text(GS1, min_size=1, max_size=20)


def keyed(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length - 1, max_size=length - 1).map(
        lambda d: d + gs1_check_digit(d)
    )


@given(keyed(14), PART, PART)
def test_items_come_back(gtin: str, lot: str | None, serial: str | None) -> None:
    address = digital_link("01", gtin, lot=lot, serial=serial)
    assert address.startswith(f"https://id.gs1.org/01/{gtin}")
    assert parse_digital_link(address) == DigitalLink("01", gtin, lot, serial)
    assert parse_digital_link(address.replace("id.gs1.org", "trace.example/豫/x") + "?17=221231#a").lot == lot


@given(keyed(18), keyed(13))
def test_units_and_places_come_back(sscc: str, gln: str) -> None:
    assert parse_digital_link(digital_link("00", sscc)) == DigitalLink("00", sscc)
    assert parse_digital_link(digital_link("414", gln)) == DigitalLink("414", gln)


def test_published_forms() -> None:
    assert (
        digital_link("01", "6291041500213", lot="ABC123") == "https://id.gs1.org/01/06291041500213/10/ABC123"
    )
    assert digital_link("414", "7300011000017") == "https://id.gs1.org/414/7300011000017"
    assert parse_digital_link("http://example.com/01/6291041500213").value == "06291041500213"


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("", "not a GS1 Digital Link"),
        ("06291041500213", "not a GS1 Digital Link"),
        ("ftp://id.gs1.org/01/06291041500213", "not a GS1 Digital Link"),
        ("https:///01/06291041500213", "not a GS1 Digital Link"),
        ("https://[/01/06291041500213", "not a GS1 Digital Link"),
        ("https://id.gs1.org/01", "not a GS1 Digital Link"),
        ("https://id.gs1.org/01/06291041500214", "should be 3"),
        ("https://id.gs1.org/00/123", "SSCC of 18 digits"),
        ("https://id.gs1.org/01/06291041500213/10", "/10/LOT"),
        ("https://id.gs1.org/01/06291041500213/22/A", "/10/LOT"),
        ("https://id.gs1.org/01/06291041500213/10/A/10/B", "/10/LOT"),
        ("https://id.gs1.org/414/7300011000017/10/A", "only go with a GTIN"),
        ("https://id.gs1.org/01/06291041500213/10/%E6%89%B9", "1 to 20"),
        ("https://id.gs1.org/01/06291041500213/10/" + "A" * 21, "1 to 20"),
    ],
)
def test_what_is_none_is_refused(address: str, hint: str) -> None:
    with pytest.raises(DigitalLinkError) as caught:
        parse_digital_link(address)
    assert hint in caught.value.message
    assert caught.value.zh


def test_nothing_wrong_is_built() -> None:
    with pytest.raises(DigitalLinkError, match="should be 3"):
        digital_link("01", "6291041500214")
    with pytest.raises(DigitalLinkError, match="only go with a GTIN"):
        digital_link("414", "7300011000017", lot="A")
