"""The calendar inside the pattern of an instant, against the one of the standard library."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.errors import EncodingError
from ledger.log import times

YEARS = [0, 1, 4, 96, 100, 400, 1600, 1700, 1900, 1904, 1996, 2000, 2020, 2023, 2024, 2100, 2400, 9996, 9999]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_year_and_no_other(year: int) -> None:
    for month in range(14):
        for day in range(33):
            text = f"{year:04}-{month:02}-{day:02}"
            try:
                real = date(year, month, day)
            except ValueError:
                real = None
            assert times.is_instant(f"{text}T00:00:00Z") == (real is not None)
            assert times.is_utc_millis(f"{text}T23:59:59.999Z") == (real is not None)
            if real is not None:
                assert times.local_date(f"{text}T23:59:00-11:00") == real


def test_leap_days_of_all_years() -> None:
    for year in range(1, 10_000):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        assert times.is_instant(f"{year:04}-02-29T12:00:00+08:00") == leap


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1969-12-31T23:59:59.000000001Z", -1000),
        ("2026-11-23T08:15:02.123999999+08:00", 1795392902123),
        ("0001-01-01T00:00:00+23:59", -62135683140000),
        ("9999-12-31T23:59:59.9-23:59", 253402387139900),
    ],
)
def test_milliseconds_are_rounded_down(text: str, ms: int) -> None:
    assert times.parse_instant(text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T08:15:00",
        "2026-11-23T08:15:00z",
        "2026-11-23t08:15:00Z",
        "2026-11-23 08:15:00Z",
        "2026-11-23T08:15Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T08:60:00Z",
        "2026-11-23T23:59:60Z",
        "2026-11-23T08:15:00.Z",
        "2026-11-23T08:15:00,5Z",
        "2026-11-23T08:15:00.1234567890Z",
        "2026-11-23T08:15:00-00:00",
        "2026-11-23T08:15:00+24:00",
        "2026-11-23T08:15:00+08:60",
        "2026-11-23T08:15:00+0800",
        "2026-11-23T08:15:00+08",
        "2026-11-23T08:15:00Z\n",
        "٢٠٢٦-11-23T08:15:00Z",
        "20261123T081500Z",
        "2026-W48-1T08:15:00Z",
        "",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    assert not times.is_instant(text)
    with pytest.raises(EncodingError):
        times.parse_instant(text)
    with pytest.raises(EncodingError):
        times.local_date(text)


@pytest.mark.parametrize("ms", [-62135596800001, 253402300800000, 10**20])
def test_years_have_four_digits(ms: int) -> None:
    with pytest.raises(EncodingError):
        times.format_utc(ms)
    assert times.format_utc(-62135596800000) == "0001-01-01T00:00:00.000Z"
    assert times.format_utc(253402300799999) == "9999-12-31T23:59:59.999Z"
