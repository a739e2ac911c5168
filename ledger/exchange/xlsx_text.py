"""Text in a workbook that stays text, whatever it begins with and whatever is in it.

    sheet.append([text_of(sheet, "=1+1"), cell_of(sheet, "标题")])

Control characters, which the format cannot hold, become the signs that picture them. What the format would take for an
escape (``_x0041_`` is A there: ECMA-376 part 1, ST_Xstring) is escaped itself.
"""

from __future__ import annotations

import re
from typing import Any, Final

from openpyxl.cell import WriteOnlyCell

_RISKY: Final = "=+-@＝＋－＠#'\t\r\n"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def text_of(
    sheet: Any, text: str
) -> Any:  # Any: what openpyxl takes in a row; its write-only sheet has no type
    """The text itself where it is safe, else a cell. Requires text that is not empty."""
    plain = _plain(text)
    return plain if plain[0] not in _RISKY else _cell(sheet, plain)


def cell_of(sheet: Any, text: str) -> Any:
    """A cell of its own, to be styled."""
    return _cell(sheet, _plain(text))


def _plain(text: str) -> str:
    return _ESCAPE.sub("_x005F_", _CONTROL.sub(_pictured, text))


def _pictured(match: re.Match[str]) -> str:
    return chr(0x2400 + ord(match[0])) if match[0] < " " else "\ufffd"


def _cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl takes "=…" for a formula and "#N/A" for an error
    cell.quotePrefix = text[:1] in _RISKY  # so that a spreadsheet program keeps it text after editing
    return cell
