"""Where everything stands on a label, in mm from its top left corner; `svg` and `sheet` draw it.

    drawn = layout(label, Size(90, 50))
    drawn.symbol.module, [text.said for text in drawn.texts]

The QR code stands at the left, the words at the right. Words that do not fit become smaller together, down to 1.5 mm;
what does not fit then is refused: nothing is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from ledger.errors import UsageError
from ledger.exchange.labels.content import COLD_CHAIN, PURPOSE, Label
from ledger.exchange.labels.symbol import SHARE, Symbol, symbol
from ledger.exchange.report.fonts import font, printable

_MARGIN, _GAP = 1.0, 1.5
"""mm between the edge and the quiet zone, and between the quiet zone and the words."""
_NAME, _MARK, _FACT, _PURPOSE = 5.0, 3.4, 2.7, 2.3
"""Heights of letters, in mm."""
_LEADING, _SMALLEST_TYPE = 1.3, 1.5
_SCALES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
_ATOM = re.compile(r"[!-~\u00a1-\u052f]+|\s+|.", re.DOTALL)
"""What a line is not broken within, if there is room: a word of an alphabet. Han breaks anywhere."""


class Size(NamedTuple):
    """Width and height of a label in mm."""

    width: float
    height: float

    @classmethod
    def of(cls, text: str) -> Size:
        """As people write it, ``90x50``. Raises: UsageError."""
        found = re.fullmatch(r"([0-9]{2,3}(?:\.[0-9])?)\s*[x×*]\s*([0-9]{2,3}(?:\.[0-9])?)", text.strip())
        size = cls(float(found[1]), float(found[2])) if found else cls(0, 0)
        if not 30 <= size.width <= 190 or not 20 <= size.height <= 275:
            raise UsageError(
                "{text!r} is no size of a label: write width and height in mm, such as 90x50, at least 30x20 and "
                "at most 190x275 so that it fits on A4",
                text=text,
                field="--size",
            )
        return size


STANDARD = Size(90, 50)


class Words(NamedTuple):
    """A line of text: left end and baseline, height of its letters, width in the font of the PDF; white on a mark."""

    x: float
    y: float
    size: float
    width: float
    said: str
    white: bool = False


class Mark(NamedTuple):
    """A dark box behind white words."""

    x: float
    y: float
    width: float
    height: float


class Drawn(NamedTuple):
    """A label laid out. The symbol begins at `at` in both directions, its quiet zone before that."""

    size: Size
    symbol: Symbol
    at: tuple[float, float]
    texts: tuple[Words, ...]
    marks: tuple[Mark, ...]


def layout(label: Label, size: Size = STANDARD) -> Drawn:
    """Raises: UsageError when the label is too small for what is on it."""
    side = min(size.height - 2 * _MARGIN, size.width * SHARE)
    qr = symbol(label.link, side=side)
    quiet = (side - qr.modules * qr.module) / 2
    left = _MARGIN + side + _GAP
    column = size.width - left - 2 * _MARGIN
    for scale in _SCALES:
        lines = [*_lines(label, column, scale)]
        if _height(lines) <= size.height - 4 * _MARGIN:
            texts, marks = _placed(lines, left, size)
            return Drawn(size, qr, (_MARGIN + quiet, (size.height - side) / 2 + quiet), texts, marks)
    raise UsageError(
        "what stands on the label of {batch} does not fit on {width:g}x{height:g} mm in letters of "
        "{smallest_type} mm: make it larger with --size",
        batch=label.batch,
        width=size.width,
        height=size.height,
        smallest_type=_SMALLEST_TYPE,
        field="--size",
    )


class _Line(NamedTuple):
    said: str
    size: float
    marked: bool = False
    before: float = 0.0


def _lines(label: Label, column: float, scale: float) -> Iterator[_Line]:
    def wrapped(text: str, size: float, before: float = 0.0) -> Iterator[_Line]:
        size = max(size * scale, _SMALLEST_TYPE)
        for number, part in enumerate(_wrapped(text, size, column)):
            yield _Line(part, size, before=0.0 if number else before * scale)

    yield from wrapped(label.name, _NAME)
    if label.cold_chain:
        size = _MARK * scale
        while _width(COLD_CHAIN.zh, size) > column - size:
            size *= 0.9
        both = f"{COLD_CHAIN.zh} {COLD_CHAIN.en}"
        said = both if _width(both, size) <= column - size else COLD_CHAIN.zh
        yield _Line(said, size, marked=True, before=1.0 * scale)
    for number, (name, value) in enumerate(label.facts):
        yield from wrapped(f"{name.zh} {name.en}: {value}", _FACT, 0.0 if number else 1.0)
    yield from wrapped(PURPOSE.zh, _PURPOSE, 1.0)
    yield from wrapped(PURPOSE.en, _PURPOSE)


def _height(lines: list[_Line]) -> float:
    return sum(line.before + line.size * (_LEADING + 0.4 * line.marked) for line in lines)


def _placed(lines: list[_Line], left: float, size: Size) -> tuple[tuple[Words, ...], tuple[Mark, ...]]:
    texts, marks = [], []
    top = (size.height - _height(lines)) / 2
    for line in lines:
        top += line.before
        width = _width(line.said, line.size)
        inset = line.size * 0.5 if line.marked else 0.0
        if line.marked:
            marks.append(Mark(left, top, width + 2 * inset, line.size * 1.5))
            top += line.size * 0.2
        texts.append(Words(left + inset, top + line.size * 1.02, line.size, width, line.said, line.marked))
        top += line.size * (_LEADING + 0.2 * line.marked)
    return tuple(texts), tuple(marks)


def _wrapped(text: str, size: float, column: float) -> Iterator[str]:
    """Lines no wider than the column; a word that is wider is broken where it must be."""
    line = ""
    for atom in _ATOM.findall(text):
        pieces = [atom] if _width(atom, size) <= column else [*atom]
        for piece in pieces:
            if line and _width((line + piece).rstrip(), size) > column:
                yield line.rstrip()
                line = ""
            line = line + piece if line else piece.lstrip()
    if line.strip():
        yield line.rstrip()


def _width(text: str, size: float) -> float:
    return float(stringWidth(printable(text), font(), size * mm)) / mm
