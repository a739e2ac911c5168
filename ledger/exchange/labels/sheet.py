"""Labels on A4 as a PDF for printing at 100 %, with marks to cut along.

    sheet([layout(label), layout(other)], copies=5)     # b'%PDF-1.4 …'

Labels stand edge to edge, so one cut parts two. All have one size. The same labels give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from reportlab.lib.colors import black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ledger.exchange.labels.layout import Drawn, Size
from ledger.exchange.labels.svg import runs
from ledger.exchange.report.fonts import font, printable

_EDGE = 8.0
"""mm at the edge of the paper that printers do not reach."""
_CUT = 1.5
"""mm of a mark on either side of a corner: it ends where the quiet zone is, before anything printed."""
_WIDTH, _HEIGHT = A4[0] / mm, A4[1] / mm


class Grid(NamedTuple):
    """Columns and rows of a page, and its first corner in mm."""

    columns: int
    rows: int
    left: float
    top: float

    @classmethod
    def of(cls, size: Size) -> Grid:
        columns = int((_WIDTH - 2 * _EDGE) // size.width)
        rows = int((_HEIGHT - 2 * _EDGE) // size.height)
        return cls(columns, rows, (_WIDTH - columns * size.width) / 2, (_HEIGHT - rows * size.height) / 2)

    @property
    def places(self) -> int:
        return self.columns * self.rows


def sheet(labels: Sequence[Drawn], *, copies: int = 1, title: str = "") -> bytes:
    """At least one label, all of one size; each `copies` times, one after the other."""
    size = labels[0].size
    grid = Grid.of(size)
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for number, label in enumerate(labels):
        canvas.beginForm(f"label{number}", 0, 0, size.width * mm, size.height * mm)
        _draw(canvas, label)
        canvas.endForm()
    order = [number for number in range(len(labels)) for _ in range(copies)]
    for start in range(0, len(order), grid.places):
        page = order[start : start + grid.places]
        for place, number in enumerate(page):
            row, column = divmod(place, grid.columns)
            canvas.saveState()
            canvas.translate(
                (grid.left + column * size.width) * mm,
                (_HEIGHT - grid.top - (row + 1) * size.height) * mm,
            )
            canvas.doForm(f"label{number}")
            canvas.restoreState()
        _cut_marks(canvas, grid, size, len(page))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, label: Drawn) -> None:
    """A label with its lower left corner at the origin."""
    high, module = label.size.height, label.symbol.module
    x, y = label.at
    path = canvas.beginPath()
    for column, row, length in runs(label.symbol):
        left, bottom = x + column * module, high - y - (row + 1) * module
        path.rect(left * mm, bottom * mm, length * module * mm, module * mm)
    canvas.setFillColor(black)
    canvas.drawPath(path, stroke=0, fill=1)
    for mark in label.marks:
        bottom = high - mark.y - mark.height
        canvas.roundRect(
            mark.x * mm, bottom * mm, mark.width * mm, mark.height * mm, 0.5 * mm, stroke=0, fill=1
        )
    for words in label.texts:
        canvas.setFillColor(white if words.white else black)
        canvas.setFont(font(), words.size * mm)
        canvas.drawString(words.x * mm, (high - words.y) * mm, printable(words.said))


def _cut_marks(canvas: Canvas, grid: Grid, size: Size, used: int) -> None:
    """A small cross at every corner of a label that is there."""
    corners = {
        (place % grid.columns + right, place // grid.columns + below)
        for place in range(used)
        for right in (0, 1)
        for below in (0, 1)
    }
    canvas.setLineWidth(0.2)
    canvas.setStrokeColor(black)
    for column, row in sorted(corners):
        x = (grid.left + column * size.width) * mm
        y = (_HEIGHT - grid.top - row * size.height) * mm
        canvas.line(x - _CUT * mm, y, x + _CUT * mm, y)
        canvas.line(x, y - _CUT * mm, x, y + _CUT * mm)
