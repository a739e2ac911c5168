"""Quantities are exact: micro-units against `decimal`, and no other way to write a number is let in."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger_schemas import (
    LABELS,
    REC20,
    UNIT_OF_REC20,
    PositiveQuantity,
    Quantity,
    SignedQuantity,
    decimal_text,
)
from ledger_schemas.units import Unit

LIMIT = 10**18 - 1
ALL = (Quantity, PositiveQuantity, SignedQuantity)


def good(model: type[Quantity], value: object) -> bool:
    try:
        model.model_validate({"value": value, "unit": "kg"})
    except ValidationError:
        return False
    return True


@given(st.integers(-LIMIT, LIMIT))
@example(0)
@example(1)
@example(-1)
@example(-500_000)
@example(LIMIT)
@example(-LIMIT)
def test_micro_units_are_exact(micro: int) -> None:
    text = decimal_text(micro)
    assert Decimal(text) * 1_000_000 == micro
    assert good(Quantity, text) == (micro >= 0)
    assert good(PositiveQuantity, text) == (micro > 0)
    assert good(SignedQuantity, text) == (micro != 0)
    for model in ALL:
        if good(model, text):
            assert model.from_micro(micro, "kg").micro == micro


@given(st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{0,8})?", fullmatch=True))
@example("0.000000")
@example("0.0000001")
@example("00.1")
@example("1.")
@example("-0")
@example("1000000000000")
def test_only_plain_decimals_within_the_limits(text: str) -> None:
    value = Decimal(text)
    whole, _, fraction = text.removeprefix("-").partition(".")
    plain = (
        (whole == "0" or not whole.startswith("0"))
        and len(whole) <= 12
        and len(fraction) <= 6
        and not text.endswith(".")
    )
    assert good(Quantity, text) == (plain and not text.startswith("-"))
    assert good(PositiveQuantity, text) == (plain and not text.startswith("-") and value > 0)
    assert good(SignedQuantity, text) == (plain and value != 0)


@pytest.mark.parametrize(
    "wrong", [1, 1.5, True, None, Decimal(1), "1,5", "1e3", " 1", "1 ", "+1", "１", "1\n", "", "NaN"]
)
def test_other_ways_to_write_a_number(wrong: object) -> None:
    assert not any(good(model, wrong) for model in ALL)


def test_units_have_codes_and_labels() -> None:
    names = get_args(get_args(Unit)[0])
    assert set(names) == set(REC20) == set(LABELS["unit"])
    assert len(set(REC20.values())) == len(REC20)
    assert {UNIT_OF_REC20[code] for code in REC20.values()} == set(names)
    assert len({label.zh for label in LABELS["unit"].values()}) == len(names)
    assert Quantity(value="1", unit="kg").rec20 == "KGM"


def test_a_kind_of_quantity_is_a_quantity() -> None:
    assert isinstance(SignedQuantity(value="-1", unit="g"), Quantity)
    assert SignedQuantity(value="-0.5", unit="g").micro == -500_000
