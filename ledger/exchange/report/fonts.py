"""The font of a report's PDF: it is embedded, so that Chinese is readable on a machine that has no Chinese font.

    font()          # 'report', registered on first use

WenQuanYi Micro Hei comes with a package of its own (5 MB, TrueType outlines) and only the characters used go into the
file, some tens of kilobytes. The fonts that PDF viewers are supposed to bring themselves (STSong-Light and the like)
need no file here, but leave blanks where the viewer has none. It has no bold face: headings are larger and coloured.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_PACKAGE, _FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
_NAME = "report"


@cache
def font() -> str:
    """Name of the font, registered with the PDF library."""
    with as_file(files(_PACKAGE) / _FILE) as path:
        pdfmetrics.registerFont(TTFont(_NAME, str(path), subfontIndex=0))
    return _NAME
