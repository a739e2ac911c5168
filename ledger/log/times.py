"""Instants as text: RFC 3339 in, milliseconds since 1970 in UTC out.

    2026-11-23T08:15:00+08:00      an author's instant: any offset up to ±23:59, up to nine digits of a second
    2026-11-23T00:15:02.123Z       the ledger's own: UTC, always three digits

RFC 3339 allows a few spellings that are refused here, because each instant with its offset should have one form and
every program should read the same: lower-case `t` and `z`, a leap second (`:60`, which most clocks cannot say), and
`-00:00` (which means "offset unknown"; the offset is what an author vouches for). Years are 0001 to 9999.

The clock is not read here; whoever needs the present hands it in.

>>> parse_instant("2026-11-23T08:15:02.1239+08:00")
1795392902123
>>> format_utc(1795392902123)
'2026-11-23T00:15:02.123Z'
>>> local_date("2026-11-23T23:59:00-11:00")
datetime.date(2026, 11, 23)
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ledger.errors import EncodingError

# The whole calendar is in the pattern, so that one match decides; a test counts its days against `datetime`.
_COMMON_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY = rf"(?!0000)(?:[0-9]{{4}}-{_COMMON_DAY}|{_LEAP_YEAR}-02-29)"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:Z|(?!-00:00)[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

INSTANT_PATTERN: Final = rf"{_DAY}T{_TIME}(?:\.[0-9]{{1,9}})?{_OFFSET}"
"""An author's instant, as a regular expression for others to build on."""
_INSTANT = re.compile(INSTANT_PATTERN).fullmatch
UTC_MILLIS_PATTERN: Final = rf"{_DAY}T{_TIME}\.[0-9]{{3}}Z"
"""The ledger's own instant, as a regular expression for others to build on."""
_UTC_MILLIS = re.compile(UTC_MILLIS_PATTERN).fullmatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def is_instant(text: str) -> bool:
    """Whether this is an author's instant: `YYYY-MM-DDTHH:MM:SS[.f…]` with `Z` or an offset, on a real day."""
    return _INSTANT(text) is not None


def is_utc_millis(text: str) -> bool:
    """Whether this is the ledger's own instant: `YYYY-MM-DDTHH:MM:SS.mmmZ`, on a real day."""
    return _UTC_MILLIS(text) is not None


def parse_instant(text: str) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z, rounded down (RFC 3339 section 5.6). `EncodingError` if it is none."""
    if not is_instant(text):
        raise EncodingError(
            "{text!a} is not an instant; write it with its offset, such as 2026-11-23T08:15:00+08:00",
            text=text[:60],
        )
    return instant_ms(text)


def instant_ms(text: str) -> int:
    """`parse_instant` of a text that is known to be an instant, as those of a parsed entry are."""
    # digits beyond microseconds are cut off, and the floor to milliseconds is taken of what is left
    return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND


def format_utc(ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ` of milliseconds since 1970 UTC. `EncodingError` beyond the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError as error:
        raise EncodingError("{ms} ms since 1970 is outside the years 1 to 9999", ms=ms) from error
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def local_date(text: str) -> date:
    """The calendar day on which the author's own clock stood, by the offset in the text."""
    parse_instant(text)
    return date.fromisoformat(text[:10])
