"""The language of a report: Chinese or English.

    words = Words.of("zh")
    words("Checks made")              # '已查次数'
    words.code("card", "yellow")      # '黄牌'
    words.minutes(95)                 # '1 小时 35 分'

Messages are English in the program and stand in both catalogues, ``locale/LANGUAGE/LC_MESSAGES/report.po``, which Babel
reads when a report is made: nothing has to be compiled or installed. Names of codes are those of the schemas.
"""

from __future__ import annotations

import gettext
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from ledger.custody.authoring import CHINA
from ledger.errors import UsageError
from ledger_schemas import LABELS

LANGUAGES: Final = {"zh": "zh_CN", "en": "en"}
"""What people ask for, and the catalogue it means."""
HUNDREDTHS: Final = 100


class Words:
    """See the module docstring."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = LANGUAGES[language]
        self._catalogue = _catalogue(self._locale)

    @classmethod
    def of(cls, language: str) -> Words:
        """Raises: UsageError for a language that there is no catalogue of."""
        if language not in LANGUAGES:
            raise UsageError(
                f"there is no report in {language!r}: choose {' or '.join(LANGUAGES)}", field="--lang"
            )
        return cls(language)

    @property
    def html_language(self) -> str:
        return self._locale.replace("_", "-")

    def __call__(self, message: str) -> str:
        """A message in this language. Placeholders are filled by whoever asks."""
        return self._catalogue.gettext(message)

    def code(self, choice: str, value: str) -> str:
        """The name of a code of the schemas; the code itself where there is none."""
        label = LABELS.get(choice, {}).get(value)
        if label is None:
            return value
        return label.zh if self.language == "zh" else label.en

    # ------------------------------------------------------------------ numbers and times

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self._locale)

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in per cent; a dash where there is no whole."""
        return format_percent(part / whole, format="0.0%", locale=self._locale) if whole else "–"

    def day(self, day: date) -> str:
        return format_date(day, format="medium", locale=self._locale)

    def weekday(self, day: date) -> str:
        return format_date(day, format="EEE", locale=self._locale)

    def short_day(self, day: date) -> str:
        return format_date(day, format="MM-dd", locale=self._locale)

    def moment(self, seconds: int) -> str:
        """Unix seconds as the time in China."""
        at = datetime.fromtimestamp(seconds, CHINA)
        return format_datetime(at, format="yyyy-MM-dd HH:mm", locale=self._locale)

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
        return f"{format_decimal(hundredths / HUNDREDTHS, format='0.0#', locale=self._locale)} ℃"


@cache
def _catalogue(locale: str) -> gettext.GNUTranslations:
    path = files("ledger.exchange.report") / "locale" / locale / "LC_MESSAGES" / "report.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
