"""From the words in a cell to a decimal, an integer, a day, an instant or a country. Called by `rules`.

Each function answers with the value or raises `NotOfTypeError`, which says in words why the text is not
one. Nothing here knows about columns or rows.

>>> decimal_text("１,200.50", thousands=","), decimal_text("250", scale=Decimal("0.001"))
('1200.5', '0.25')
>>> DateFormats(["%d-%b-%y", "%Y年%m月%d日"]).read("2-Jun-06").date().isoformat()
'2006-06-02'
>>> country_code("越南"), country_code("Viet Nam")
('VN', 'VN')
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact
from functools import cache
from typing import Final

import pycountry

from ledger.messages import Message, either

EXACT: Final = Context(prec=60, traps=[Inexact])
"""Multiplying within it either is exact or raises."""


class NotOfTypeError(ValueError):
    """A text that is not of the type asked for; the reason says why."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


# ---------------------------------------------------------------------- numbers

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{0,30}))?")
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")


def decimal_text(text: str, *, thousands: str | None = None, scale: Decimal | None = None) -> str:
    """A number as decimal text without needless zeros, multiplied by `scale`. Full-width digits are read too.

    `thousands` is the sign between groups of three digits, only where the mapping states one: 1,200 may be
    twelve hundred or one and a fifth. Raises NotOfTypeError.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if thousands and thousands in plain:
        groups = re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?:\.[0-9]+)?", plain)
        if groups is None:
            raise NotOfTypeError(
                Message("not a number with {thousands!r} between thousands", thousands=thousands)
            )
        plain = plain.replace(thousands, "")
    if _SCIENTIFIC.fullmatch(plain):
        raise NotOfTypeError(
            Message("a number in powers of ten may have lost digits: format the column as a plain number")
        )
    if _DECIMAL.fullmatch(plain) is None:
        if "," in plain:
            raise NotOfTypeError(
                Message("not a number: state thousands in the mapping if the comma stands between thousands")
            )
        raise NotOfTypeError(Message("not a number"))
    number = Decimal(plain)
    if scale is not None:
        number = EXACT.multiply(number, scale)
    return trimmed(number)


def trimmed(number: Decimal) -> str:
    """The shortest decimal text of a number.

    >>> trimmed(Decimal("12.500")), trimmed(Decimal("-0.0")), trimmed(Decimal("1E+3"))
    ('12.5', '0', '1000')
    """
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def integer(text: str, *, thousands: str | None = None, scale: Decimal | None = None) -> int:
    """A whole number; 3.0 is one. Raises NotOfTypeError."""
    plain = decimal_text(text, thousands=thousands, scale=scale)
    if "." in plain:
        raise NotOfTypeError(Message("not a whole number"))
    return int(plain)


# ---------------------------------------------------------------------- dates

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DIRECTIVES: Final = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "b": rf"(?P<b>{'|'.join(month[:3] for month in _MONTHS)})",
    "B": rf"(?P<b>{'|'.join(_MONTHS)})",
    "H": r"(?P<H>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "%": "%",
}
_SERIAL_EPOCHS: Final = {"excel": datetime(1899, 12, 30), "excel-1904": datetime(1904, 1, 1)}  # noqa: DTZ001 - no zone
_FIRST_SERIAL: Final = 61
"""1 March 1900. Below it programs disagree, because one of them believes in a 29 February 1900."""
_LAST_SERIAL: Final = 2_958_466


class DateFormats:
    """A list of ways to write a date, in the language of strptime, English month names whatever the locale.

    Understood: ``%Y %y %m %d %b %B %H %M %S %z %%``, everything else stands for itself; ``excel`` and
    ``excel-1904`` are day numbers of spreadsheet programs. A two-digit year below 69 is in this century (as
    POSIX has it). A cell that is a real date needs no format.

    Every format is tried. A text that reads as two different dates (03/02/2022) is refused rather than
    guessed.
    """

    def __init__(self, formats: Sequence[str]) -> None:
        """Raises NotOfTypeError for a format that makes no date."""
        self.formats = tuple(formats)
        self._readers = tuple(_date_reader(one) for one in formats)
        self._known: dict[str, datetime] = {}

    def read(self, cell: str | datetime) -> datetime:
        """The date, with time and UTC offset as far as written. Raises NotOfTypeError."""
        if isinstance(cell, datetime):
            return cell
        found = self._known.get(cell)
        if found is None:
            found = self._known[cell] = self._parse(cell)
        return found

    def _parse(self, text: str) -> datetime:
        plain = unicodedata.normalize("NFKC", text).strip()
        found = {moment.isoformat(): moment for read in self._readers if (moment := read(plain)) is not None}
        if not found:
            raise NotOfTypeError(
                Message(
                    "not a date written as {formats}",
                    formats=either(self.formats or [Message("a real date cell")]),
                )
            )
        if len(found) > 1:
            raise NotOfTypeError(
                Message("may be {found}: keep one of the formats in the mapping", found=either(list(found)))
            )
        return next(iter(found.values()))


def _date_reader(form: str) -> Callable[[str], datetime | None]:
    epoch = _SERIAL_EPOCHS.get(form)
    if epoch is not None:
        return lambda text: _serial(text, epoch)
    parts: list[str] = []
    used: list[str] = []
    for literal, directive in re.findall(r"([^%]+)|%(.?)", form):
        if literal:
            parts.append(re.escape(unicodedata.normalize("NFKC", literal)))
        elif directive in _DIRECTIVES:
            parts.append(_DIRECTIVES[directive])
            used.append(directive.replace("B", "b"))
        else:
            understood = " ".join(f"%{one}" for one in _DIRECTIVES)
            raise NotOfTypeError(
                Message(
                    "{format!r}: %{directive} is not understood, only {understood}",
                    format=form,
                    directive=directive,
                    understood=understood,
                ),
            )
    if len(set(used)) != len(used) or "d" not in used or len({"Y", "y"} & set(used)) != 1:
        raise NotOfTypeError(Message("{format!r} must have day, month and year, each once", format=form))
    if len({"m", "b"} & set(used)) != 1:
        raise NotOfTypeError(Message("{format!r} must have day, month and year, each once", format=form))
    pattern = re.compile("".join(parts), re.IGNORECASE)
    return lambda text: _from_match(pattern.fullmatch(text))


def _from_match(match: re.Match[str] | None) -> datetime | None:
    if match is None:
        return None
    part = match.groupdict()
    year = int(part["Y"]) if "Y" in part else _full_year(int(part["y"]))
    month = _month(part["b"]) if "b" in part else int(part["m"])
    hour, minute, second = (int(part.get(unit, "0")) for unit in ("H", "M", "S"))
    zone = offset(part["z"]) if "z" in part else None
    try:
        return datetime(year, month, int(part["d"]), hour, minute, second, tzinfo=zone)
    except ValueError:
        return None  # 31 June: written like a date, but none


def _month(name: str) -> int:
    return [one[:3] for one in _MONTHS].index(name[:3].capitalize()) + 1


def _full_year(year: int) -> int:
    return year + (2000 if year < 69 else 1900)


def _serial(text: str, epoch: datetime) -> datetime | None:
    if (
        not re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]{1,15})?", text)
        or not _FIRST_SERIAL <= float(text) < _LAST_SERIAL
    ):
        return None
    # Times are fractions of a day: the nearest second is what was typed.
    return epoch + timedelta(seconds=round(float(text) * 86_400))


def offset(text: str) -> timezone:
    """A fixed UTC offset such as ``+08:00`` or ``Z``. Raises NotOfTypeError.

    >>> offset("+08:00").utcoffset(None)
    datetime.timedelta(seconds=28800)
    """
    match = re.fullmatch(r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))", text.strip())
    if match is None or int(match[2] or 0) > 23 or int(match[3] or 0) > 59:
        raise NotOfTypeError(Message("not a UTC offset such as +08:00"))
    minutes = int(match[2] or 0) * 60 + int(match[3] or 0)
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


# ---------------------------------------------------------------------- countries

_SHORT_NAMES: Final = {
    # What people write and the standard's Chinese names do not have.
    "韩国": "KR", "朝鲜": "KP", "老挝": "LA", "伊朗": "IR", "叙利亚": "SY", "摩尔多瓦": "MD",
    "玻利维亚": "BO", "委内瑞拉": "VE", "柬埔寨": "KH", "马耳他": "MT", "孟加拉国": "BD",
    "吉尔吉斯斯坦": "KG", "福克兰群岛": "FK", "俄罗斯联邦": "RU", "中国香港": "HK",
    "中国澳门": "MO", "中国台湾": "TW", "台湾": "TW",
    "uk": "GB", "south korea": "KR", "north korea": "KP", "laos": "LA", "iran": "IR", "syria": "SY",
    "russia": "RU",
}  # fmt: skip


def country_code(text: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country by English or Chinese name or by code. Raises NotOfTypeError.

    Only names of the standard, their Chinese translations and a few short forms are known, and nothing is
    taken for nearly one of them: other spellings belong in the mapping's `map`.
    """
    found = _countries().get(_folded(text))
    if found is None:
        raise NotOfTypeError(Message("no country has this name: add it to the mapping's map"))
    return found


@cache
def _countries() -> dict[str, str]:
    chinese = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"])
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        code: str = country.alpha_2
        names = [country.name, code, country.alpha_3, chinese.gettext(country.name)]
        names += [getattr(country, one) for one in ("common_name", "official_name") if hasattr(country, one)]
        codes.update({_folded(name): code for name in names})
    codes.update({_folded(name): code for name, code in _SHORT_NAMES.items()})
    return codes


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
