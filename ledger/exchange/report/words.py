"""Numbers, days and lengths of time as a report writes them, in Chinese or English.

    words = Words.of("zh")
    words("Checks made")              # '已查次数'
    words.minutes(95)                 # '1 小时 35 分'

Texts and names of codes are those of `ledger.language`; how numbers and dates are written, Babel knows (CLDR).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from ledger.custody.authoring import CHINA
from ledger.language import Language

HUNDREDTHS: Final = 100


class Words(Language):
    """See the module docstring."""

    # ------------------------------------------------------------------ numbers and times

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in per cent; a dash where there is no whole."""
        return format_percent(part / whole, format="0.0%", locale=self.locale) if whole else "–"

    def day(self, day: date) -> str:
        return format_date(day, format="medium", locale=self.locale)

    def weekday(self, day: date) -> str:
        return format_date(day, format="EEE", locale=self.locale)

    def short_day(self, day: date) -> str:
        return format_date(day, format="MM-dd", locale=self.locale)

    def moment(self, seconds: int) -> str:
        """Unix seconds as the time in China."""
        at = datetime.fromtimestamp(seconds, CHINA)
        return format_datetime(at, format="yyyy-MM-dd HH:mm", locale=self.locale)

    def minutes(self, minutes: int | None) -> str:
        """A length of time in hours and minutes; a dash where there is none."""
        if minutes is None:
            return "–"
        _ = self
        hours, rest = divmod(minutes, 60)
        return _("{hours} h {minutes} min").format(hours=self.number(hours), minutes=rest)

    def degrees(self, hundredths: int | None) -> str:
        """A temperature; a dash where there is none."""
        if hundredths is None:
            return "–"
        return f"{format_decimal(hundredths / HUNDREDTHS, format='0.0#', locale=self.locale)} ℃"
