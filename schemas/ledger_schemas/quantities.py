"""Quantities: a decimal as text with a unit by readable name, counted in whole millionths.

`micro` is what sums are made of: 12.5 kg are 12 500 000 micro-units, exact, and 12 digits before the point
fit a 64-bit integer. Units are in `units`; whether those of one batch agree is for the ledger to decide.

    >>> Quantity(value="12.5", unit="kg").micro
    12500000
"""

from decimal import Decimal
from typing import Annotated, Self

from ledger_schemas.base import Record
from ledger_schemas.units import REC20, Unit
from ledger_schemas.words import Label, field, shaped

_SMALL = "|".join(f"0{{{zeros}}}[1-9][0-9]{{0,{5 - zeros}}}" for zeros in range(6))
_ABOVE_ZERO = rf"(?:[1-9][0-9]{{0,11}}(?:\.[0-9]{{1,6}})?|0\.(?:{_SMALL}))"
QUANTITY = r"^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?$"
POSITIVE = rf"^{_ABOVE_ZERO}$"
SIGNED = rf"^-?{_ABOVE_ZERO}$"


def _why_not_quantity(text: str) -> Label:
    if text.startswith("-"):
        return Label("不能是负数", "must not be negative")
    return Label(
        "必须是数字，小数点前最多 12 位，小数点后最多 6 位，例如 12.5",
        'must be a decimal with at most 12 digits before and 6 after the point, for example "12.5"',
    )


def _why_not_positive(text: str) -> Label:
    if text.strip("-0.") == "" and "0" in text:
        return Label("不能为零", "must not be zero")
    return _why_not_quantity(text)


def _why_not_signed(text: str) -> Label:
    return _why_not_positive(text.removeprefix("-"))


class Quantity(Record, zh="数量", en="Quantity", about_zh="数值和单位，可以为零"):
    """A value of zero or more, and its unit."""

    value: Annotated[
        Annotated[str, shaped(QUANTITY, _why_not_quantity)],
        field("数值", "Value", "写成文本的十进制数", "A decimal, written as text"),
    ]
    unit: Annotated[Unit, field("单位", "Unit", "计量或包装单位", "Unit of measure or package")]

    @property
    def micro(self) -> int:
        """The value in millionths of the unit."""
        whole, _, fraction = self.value.partition(".")
        return int(whole + fraction.ljust(6, "0"))

    @property
    def rec20(self) -> str:
        """The unit's code of UN/ECE Recommendation 20."""
        return REC20[self.unit]

    @classmethod
    def from_micro(cls, micro: int, unit: str) -> Self:
        """The quantity of so many millionths; raises pydantic's ValidationError for an unknown unit."""
        return cls.model_validate({"value": decimal_text(micro), "unit": unit})


class PositiveQuantity(Quantity, zh="数量", en="Quantity", about_zh="数值和单位，大于零"):
    """A value above zero, and its unit."""

    value: Annotated[
        Annotated[str, shaped(POSITIVE, _why_not_positive)],
        field("数值", "Value", "写成文本的十进制数，大于零", "A decimal above zero, written as text"),
    ]


class SignedQuantity(
    Quantity, zh="增减数量", en="Signed quantity", about_zh="数值和单位，减少时为负，不为零"
):
    """A value above or below zero, and its unit."""

    value: Annotated[
        Annotated[str, shaped(SIGNED, _why_not_signed)],
        field(
            "数值", "Value", "写成文本的十进制数，减少时为负", "A decimal, negative for less, written as text"
        ),
    ]


def decimal_text(micro: int) -> str:
    """Millionths as the shortest decimal text: ``decimal_text(12_500_000) == "12.5"``."""
    text = f"{Decimal(micro).scaleb(-6):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
