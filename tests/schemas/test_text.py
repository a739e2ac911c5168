"""Patterns of plain text, days, instants and codes, raced against slow code that is obviously right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger_schemas import centi
from ledger_schemas.base import not_after
from ledger_schemas.identifiers import BatchId
from ledger_schemas.inspection import Waiver
from ledger_schemas.text import (
    Celsius,
    Code,
    Day,
    FileName,
    GridPath,
    GridScope,
    Instant,
    IsoWeek,
    Jurisdiction,
    LongText,
    MediaType,
    PublicKey,
    SealedDigest,
    StatementId,
    Text,
    ZoneCode,
)
from ledger_schemas.words import SENTENCES
from tests.schemas.examples import ED25519_KEY, LOG_KEY, P256_KEY

Fits = Callable[[str], bool]


def fits(annotation: Any) -> Fits:  # Any: an annotated type, for which there is no name yet
    validate = TypeAdapter(annotation).validator.validate_python

    def good(text: str) -> bool:
        try:
            return bool(validate(text) == text)
        except ValidationError:
            return False

    return good


text, long_text, day, instant, celsius = map(fits, (Text, LongText, Day, Instant, Celsius))
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(DAYS)
def test_every_day_of_the_calendar(value: date) -> None:
    assert day(value.isoformat())


@given(st.integers(1900, 2199), st.integers(0, 13), st.integers(0, 32))
@example(2000, 2, 29)
@example(1900, 2, 29)
@example(2100, 2, 29)
@example(2024, 2, 30)
def test_only_days_of_the_calendar(year: int, month: int, number: int) -> None:
    written = f"{year}-{month:02}-{number:02}"
    try:
        date.fromisoformat(written)
    except ValueError:
        assert not day(written)
    else:
        assert day(written)


def test_every_end_of_february() -> None:
    for year in range(1900, 2200):
        last = (date(year, 3, 1) - timedelta(days=1)).day
        assert [day(f"{year}-02-{number}") for number in (28, 29, 30)] == [True, last == 29, False], year


def test_every_week_of_every_year_and_no_other() -> None:
    week = fits(IsoWeek)
    for year in range(1898, 2202):
        for number in (0, 1, 9, 10, 52, 53, 54, 60, 99):
            try:
                date.fromisocalendar(year, number, 1)
                real = 1900 <= year <= 2199
            except ValueError:
                real = False
            assert week(f"{year}-W{number:02}") == real, (year, number)


@pytest.mark.parametrize(
    "wrong",
    ["2022-7-1", "20220701", "2022/07/01", "2022-07-01 ", "2022-07-01\n", "0022-07-01", "２０２２-07-01", ""],
)
def test_days_written_otherwise(wrong: str) -> None:
    assert not day(wrong)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), st.integers(-1439, 1439), st.booleans())  # noqa: DTZ001 - the offset is written by hand
def test_every_instant_with_an_offset(value: datetime, minutes: int, utc: bool) -> None:
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    offset = "Z" if utc else f"{sign}{size // 60:02}:{size % 60:02}"
    assert instant(value.isoformat() + offset)
    assert datetime.fromisoformat(value.isoformat() + offset).utcoffset() is not None
    assert not instant(value.isoformat())


@pytest.mark.parametrize(
    "wrong",
    [
        "2022-07-01",
        "2022-07-01 08:15:00+08:00",
        "2022-07-01T08:15+08:00",
        "2022-07-01T24:00:00+08:00",
        "2022-07-01T08:60:00Z",
        "2022-07-01T08:15:60Z",
        "2022-07-01t08:15:00z",
        "2022-02-30T08:15:00Z",
        "2022-07-01T08:15:00+0800",
        "2022-07-01T08:15:00+24:00",
        "2022-07-01T08:15:00.Z",
        "2022-07-01T08:15:00Z\n",
    ],
)
def test_instants_written_otherwise(wrong: str) -> None:
    assert not instant(wrong)


OFFSETS = st.sampled_from(["Z", "+00:00", "+08:00", "-03:30"])
INSTANTS = st.builds(
    lambda value, offset: value.isoformat() + offset,
    st.datetimes(datetime(2022, 1, 1), datetime(2022, 1, 3)),  # noqa: DTZ001 - the offset is written by hand
    OFFSETS,
)


@given(INSTANTS, INSTANTS)
@example("2022-01-01T08:00:00.5Z", "2022-01-01T08:00:00Z")
@example("2022-01-01T08:00:00Z", "2022-01-01T08:00:00Z")
def test_instants_compare_as_instants(first: str, last: str) -> None:
    assert not_after(first, last) == (datetime.fromisoformat(first) <= datetime.fromisoformat(last))


def slow_text(value: str, *, lines: bool) -> bool:
    """A second way: look at each character."""
    control = [
        c for c in value if unicodedata.category(c) == "Cc" and c != "\t" and not (lines and c == "\n")
    ]
    seen = [c for c in value if not c.isspace() and c not in INVISIBLE]
    return not control and bool(seen) and len(value) <= (2000 if lines else 200)


IGNORABLE = (
    *(
        range(0xAD, 0xAE),
        range(0x34F, 0x350),
        range(0x61C, 0x61D),
        range(0x115F, 0x1161),
        range(0x17B4, 0x17B6),
    ),
    *(range(0x180B, 0x1810), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070)),
    *(
        range(0x3164, 0x3165),
        range(0xFE00, 0xFE10),
        range(0xFEFF, 0xFF00),
        range(0xFFA0, 0xFFA1),
        range(0xFFF0, 0xFFF9),
    ),
)
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, up to U+FFFF."""
OTHERS = (range(0x2800, 0x2801), range(0xFFF9, 0xFFFC), range(0xE000, 0xF900))
"""An empty Braille cell, anchors of annotations, private use: what has no looks, or none that all agree on."""
INVISIBLE = frozenset(chr(code) for span in (*IGNORABLE, *OTHERS) for code in span)


@pytest.mark.parametrize("code", [0x3164, 0x2800, 0x115F, 0xAD, 0x180E, 0x61C, 0x202E, 0xE000])
def test_what_shows_nothing_is_no_reason(code: int) -> None:
    """A waiver without a reason that anybody can read is one without a reason."""
    waiver = {"code": "stock_differs", "subject": None, "reason": chr(code) * 3}
    with pytest.raises(ValidationError, match="reason"):
        Waiver.model_validate(waiver)
    assert Waiver.model_validate(waiver | {"reason": f"{chr(code)}移库"})


CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from([chr(code) for span in IGNORABLE for code in span]),
    st.sampled_from("\u2800\ue000\uf8ff\ufffb\ufffc"),
    st.sampled_from("\t\n\r \x00\x1f\x7f\x85\xa0\u1680\u200b\u2028\u3000\ufeff"),
)


@given(st.text(CHARACTERS, max_size=8))
@example("")
@example("\t")
@example(" \u3000\u200b")
@example("a" * 200)
@example("a" * 201)
@example("中" * 200)
@example("😀" * 200)
@example("😀" * 201)
@example("a\n")
@example("\na")
@example("\x85")
def test_text_is_visible_and_has_no_control_characters(value: str) -> None:
    assert text(value) == slow_text(value, lines=False)
    assert long_text(value) == slow_text(value, lines=True)


def test_long_text_ends_somewhere() -> None:
    assert long_text("a" * 2000)
    assert not long_text("a" * 2001)
    assert long_text("\n" * 1999 + "a")


@given(st.decimals(-200, 200, places=2))
def test_temperatures(value: Decimal) -> None:
    written = f"{value:f}"
    assert celsius(written) == (abs(value) < 200)
    assert centi(written) == value * 100


@pytest.mark.parametrize(
    ("written", "hundredths"), [("-18", -1800), ("-0.5", -50), ("4.25", 425), ("0", 0), ("-0", 0)]
)
def test_hundredths_of_a_degree(written: str, hundredths: int) -> None:
    assert celsius(written)
    assert centi(written) == hundredths


@pytest.mark.parametrize(
    "wrong", ["", "-", "+4", "04", "4.", ".5", "4.125", "-300", "1e2", "4℃", "−18", "nan"]
)
def test_temperatures_written_otherwise(wrong: str) -> None:
    assert not celsius(wrong)


ID = "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55"
A43, A64 = "A" * 43, "A" * 64
SHAPES: list[tuple[Any, list[str], list[str]]] = [
    (Code, ["a", "ha-2022.1_x", "9", A64], ["", "-a", ".a", "a b", "三清", A64 + "A", "a/b"]),
    (BatchId, ["B-7", "批次1", "ID#:1281", "(a)+b", "Партия-1", "ロット"], ["", "a b", "a/b", "a\u200bb", "a\n"]),
    (BatchId, [A64], [A64 + "A"]),
    (ZoneCode, ["A1", "冷柜-2"], ["", "冷柜 2", "a\u3000b"]),
    (GridPath, ["erligang", "erligang/3/07", "二里岗/3/07"], ["", "/a", "a/", "a//b", "a b", "a/" * 6 + "a"]),
    (GridScope, ["*", "erligang", "二里岗/3/07"], ["", "**", "*/3", "erligang/*", "a/", " *", "a b"]),
    (IsoWeek, ["2026-W53"], ["2027-W53", "2026-w01", "2026W01", "2026-W1", "2026-48", "2026-W48-1", "2026-W01\n"]),
    (Jurisdiction, ["CN", "CN-HA", "CN-HA-410104"], ["", "cn", "CHN", "CN-", "CN-ha"]),
    (FileName, ["cert.jpg", "报关单 1.pdf"], ["", ".", "..", ".a", " a", "a/b", "a\\b", "a\nb", "a" * 201]),
    (MediaType, ["image/jpeg", "application/vnd.ms-excel"], ["", "image", "image/", "/jpeg", "Image/jpeg", "a/b; c=d"]),
    (StatementId, [ID], [ID.replace("-7d", "-4d"), ID.replace("-9b", "-7b"), ID.replace("-", ""), ID.upper()]),
    (SealedDigest, [A43, f"{A43[:-3]}-_A"], ["", A43[1:], A43 + "A", A43[1:] + "B", A43[1:] + "=", "/" * 43]),
    (PublicKey, [ED25519_KEY, LOG_KEY], ["", LOG_KEY[:-1], LOG_KEY[:-2] + "x=", LOG_KEY + "\n", "A" * 60]),
    (PublicKey, [P256_KEY], [P256_KEY[:-3] + "x==", P256_KEY[:-4] + "==", P256_KEY.replace("DQgAE", "DQgAC")]),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "good", "wrong"), SHAPES)
def test_shapes(annotation: Any, good: list[str], wrong: list[str]) -> None:
    fit = fits(annotation)
    assert [value for value in good if not fit(value)] == []
    assert [value for value in wrong if fit(value)] == []


def test_patterns_mean_the_same_in_rust_python_and_ecmascript() -> None:
    """No classes that differ between engines, no look-around, anchored at both ends; sets escape what `v` reserves."""
    for pattern in SENTENCES:
        re.compile(pattern)
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not re.search(r"\\[dDwWsSbBAZzpP]|\(\?[^:]|[^\\]/", pattern), pattern
        for inside in re.findall(r"(?<!\\)\[\^?((?:\\.|[^\]])*)\]", pattern):
            bare = re.sub(r"\\u[0-9a-f]{4}|\\.", "a", inside)
            assert not re.search(r"[(){}|/\[]|--|##", bare), (pattern, inside)


def test_every_sentence_says_what_to_do_in_both_languages() -> None:
    for pattern, says in SENTENCES.items():
        for wrong in ("", "x y", "0", "-1", "\x00", "中"):
            label = says(wrong)
            assert label.en, pattern
            assert re.search("[\u4e00-\u9fff]", label.zh), pattern
            assert "pattern" not in label.en
