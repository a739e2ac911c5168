"""Which language a reader wants, and the texts in it.

    spoken(chosen_language(request.cookies, request.headers.get("accept-language")))("Not found")

The texts of the server and its pages are the domain `web` of the catalogues (`ledger.language.upkeep`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from ledger.language import Language

LanguageName = Literal["zh", "en"]
LOCALE: Final = Path(__file__).parent / "locale"
COOKIE: Final = "lang"

_TAG = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*"
)


@cache
def spoken(name: LanguageName) -> Language:
    """The texts of the server and its pages in a language."""
    return Language.of(name, LOCALE)


def chosen_language(cookies: Mapping[str, str], accepted: str | None) -> LanguageName:
    """What the reader chose on the page, else what the browser asks for.

    >>> chosen_language({"lang": "en"}, "zh-CN"), chosen_language({"lang": "fr"}, "zh-CN"), chosen_language({}, None)
    ('en', 'zh', 'zh')
    """
    cookie = cookies.get(COOKIE)
    return reader_language(cookie if cookie in ("zh", "en") else accepted)


def reader_language(accepted: str | None) -> LanguageName:
    """Chinese or English by an Accept-Language header (RFC 9110, section 12.5.4); Chinese where it says neither.

    >>> reader_language("en-GB,en;q=0.9,zh;q=0.8"), reader_language("zh-CN"), reader_language(None)
    ('en', 'zh', 'zh')
    """
    best: tuple[float, LanguageName] = (0.0, "zh")
    for part in (accepted or "")[:1000].split(","):
        match = _TAG.fullmatch(part)
        if match is None:
            continue
        weight = 1.0 if match[2] is None else float(match[2])
        tag = match[1].lower()
        if tag in ("zh", "en") and weight > best[0]:
            best = (weight, "zh" if tag == "zh" else "en")
    return best[1]
