"""The font of a report's PDF: it is embedded, so that Chinese is readable on a machine that has no Chinese font.

    font()                      # 'report', registered on first use
    printable("-18 ℃ 㗊")       # '-18 °C 〓'

WenQuanYi Micro Hei comes with a package of its own (5 MB, TrueType outlines) and only the characters used go into the
file, some tens of kilobytes. Fonts that PDF viewers are supposed to bring themselves (STSong-Light and the like) need
no file here, but leave blanks where the viewer has none. It has no bold face: headings are larger and coloured. And it
leaves some blanks of its own, ℃ among them: whatever is written with it goes through `printable`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any
from unicodedata import normalize

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_PACKAGE, _FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
_NAME, _MISSING = "report", "〓"


@cache
def font() -> str:
    """Name of the font, registered with the PDF library."""
    with as_file(files(_PACKAGE) / _FILE) as path:
        pdfmetrics.registerFont(TTFont(_NAME, str(path), subfontIndex=0))
    return _NAME


def printable(text: str) -> str:
    """The text in characters that the font can draw: ℃ becomes °C, and what it lacks 〓, the printer's sign for it."""
    return "".join(_drawn(sign) for sign in text)


@cache
def _drawn(sign: str) -> str:
    if sign.isspace() or _has(sign):
        return sign
    plain = normalize("NFKC", sign)
    return plain if all(map(_has, plain)) else _MISSING


def _has(sign: str) -> bool:
    """Whether the font has an outline for it, and not only a place."""
    face: Any = pdfmetrics.getFont(font()).face  # type: ignore[attr-defined]  # of TTFont; the stubs name its base
    glyph = face.charToGlyph.get(ord(sign))
    return glyph is not None and face.glyphPos[glyph + 1] > face.glyphPos[glyph]
