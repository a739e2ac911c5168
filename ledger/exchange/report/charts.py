"""Charts of a weekly report, drawn once: as vectors into the PDF, as SVG into the HTML.

    svg(heat_map(report, width=300, rows=40))       # '<svg …'

Numbers stand in the charts, so that nothing is lost in black and white.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.pdfbase.pdfmetrics import stringWidth

from ledger.exchange.report.fonts import font, printable
from ledger.exchange.report.parts import Report

GOOD, FAIR, POOR, PALE, INK = (
    HexColor(code) for code in ("#2c7fb8", "#f0ad4e", "#c0392b", "#eef2f5", "#1f2d3a")
)
_DEEP = HexColor("#08519c")
_ROW, _SIZE, _DAYS = 11.5, 7.0, 7
_DIGIT = 0.6
"""From this share of the deepest colour on, digits are white."""


def heat_map(report: Report, *, width: float, rows: int) -> Drawing:
    """Checks made by grid and weekday, and of those due how many; the first `rows` grids."""
    week, words = report.week, report.words
    grids = week.grids[:rows]
    names = font()
    left = max((stringWidth(printable(one.grid), names, _SIZE) for one in grids), default=0) + 4
    cell = (width - left) / (_DAYS + 2)
    height = _ROW * (len(grids) + 1)
    drawing = Drawing(width, height)
    heads = [words.weekday(one.day) for one in week.rectification.days]
    for number, name in enumerate([*heads, words("Counted / due")]):
        wide = cell if number < _DAYS else 2 * cell
        _text(drawing, left + number * cell + wide / 2, height - _ROW + 3, name, INK)
    most = max((count for one in grids for count in one.made), default=0)
    for row, one in enumerate(grids):
        y = height - (row + 2) * _ROW
        drawing.add(String(0, y + 3, printable(one.grid), fontName=names, fontSize=_SIZE, fillColor=INK))
        for day, made in enumerate(one.made):
            share = made / most if most else 0.0
            _cell(drawing, left + day * cell, y, cell, str(made), _shade(share), share > _DIGIT)
        done = one.counted / one.required if one.required else 1.0
        color = GOOD if done >= 1 else FAIR if done >= _ENOUGH else POOR
        text = f"{one.counted} / {one.required}"
        _cell(drawing, left + _DAYS * cell, y, 2 * cell, text, color, light=color is not FAIR)
    return drawing


_ENOUGH = 0.8
"""Below this share of the checks due a grid is shown as poor."""


def findings_chart(report: Report, *, width: float, most: int = 10) -> Drawing:
    """The commonest kinds of finding, standing and waived."""
    words = report.words
    found = list(reversed(report.week.findings[:most]))
    labels = [f"{words.code('finding_code', one.code)}  {one.standing} / {one.waived}" for one in found]
    height = 15.0 * max(len(found), 1) + 24
    drawing = Drawing(width, height)
    if not found:
        return drawing
    chart: Any = HorizontalBarChart()
    _frame(chart, x=max(stringWidth(one, font(), _SIZE) for one in labels) + 8, y=4, height=height - 20)
    chart.width = width - chart.x - 4
    _bars(chart, [[one.standing for one in found], [one.waived for one in found]], (GOOD, FAIR))
    _axes(chart.valueAxis, chart.categoryAxis, labels)
    drawing.add(chart)
    _legend(drawing, [(GOOD, words("Standing")), (FAIR, words("Waived"))])
    return drawing


def orders_chart(report: Report, *, width: float) -> Drawing:
    """Orders by day: confirmed the same day, later, or open still."""
    words, days = report.words, report.week.rectification.days
    height = 104.0
    drawing = Drawing(width, height)
    chart: Any = VerticalBarChart()
    _frame(chart, x=4, y=26, height=height - 44)
    chart.width = width - 8
    series = [[one.same_day for one in days], [one.later for one in days], [one.open for one in days]]
    _bars(chart, series, (GOOD, FAIR, POOR))
    _axes(
        chart.valueAxis,
        chart.categoryAxis,
        [f"{words.weekday(one.day)}\n{one.same_day} / {one.later} / {one.open}" for one in days],
    )
    drawing.add(chart)
    _legend(
        drawing,
        [(GOOD, words("Confirmed the same day")), (FAIR, words("Later")), (POOR, words("Open"))],
    )
    return drawing


def svg(drawing: Drawing, *, name: str) -> str:
    """The drawing to stand within a page: without prolog, its ids made unique by `name`, in the page's own font."""
    text: str = renderSVG.drawToString(drawing)
    text = text[text.index("<svg") :]
    text = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", text, flags=re.DOTALL)
    text = text.replace('id="clip"', f'id="{name}-clip"').replace("url(#clip)", f"url(#{name}-clip)")
    text = text.replace('id="group"', f'id="{name}-group"')
    return text.replace(f"font-family: {font()};", "font-family: inherit;")


# ---------------------------------------------------------------------- shapes


def _cell(drawing: Drawing, x: float, y: float, width: float, text: str, color: Color, light: bool) -> None:
    drawing.add(_filled(x, y, width - 1, _ROW - 1, color))
    _text(drawing, x + (width - 1) / 2, y + 3, text, white if light else black)


def _text(drawing: Drawing, x: float, y: float, text: str, color: Color) -> None:
    drawing.add(
        String(x, y, printable(text), fontName=font(), fontSize=_SIZE, fillColor=color, textAnchor="middle")
    )


def _shade(share: float) -> Color:
    """From pale to deep."""
    mixed = [low + (high - low) * share for low, high in zip(PALE.rgb(), _DEEP.rgb(), strict=True)]
    return Color(*mixed)


# Any: a chart's properties are made at run time, which its stubs do not say.


def _frame(chart: Any, *, x: float, y: float, height: float) -> None:
    chart.x, chart.y, chart.height = x, y, height


def _bars(chart: Any, series: list[list[int]], colors: Sequence[Color]) -> None:
    chart.data = series
    chart.categoryAxis.style = "stacked"
    chart.groupSpacing = 4
    for number, color in enumerate(colors):
        chart.bars[number].fillColor = color
        chart.bars[number].strokeColor = None


def _axes(values: Any, categories: Any, names: list[str]) -> None:
    for axis in (values, categories):
        axis.labels.fontName, axis.labels.fontSize = font(), _SIZE
        axis.strokeColor = HexColor("#9aa5b1")
    values.valueMin, values.forceZero = 0, 1
    values.visibleGrid, values.gridStrokeColor = 1, HexColor("#dfe4e8")
    values.visibleLabels = 0  # the numbers stand beside the names
    categories.categoryNames = names


def _legend(drawing: Drawing, items: list[tuple[Color, str]]) -> None:
    """Along the top: a square of each colour and what it means."""
    x, y = 0.0, drawing.height - 8
    for color, name in items:
        drawing.add(_filled(x, y, 6, 6, color))
        drawing.add(String(x + 9, y, name, fontName=font(), fontSize=_SIZE, fillColor=INK))
        x += 9 + stringWidth(name, font(), _SIZE) + 10


def _filled(x: float, y: float, width: float, height: float, color: Color) -> Rect:
    shape = Rect(x, y, width, height)
    shape.fillColor, shape.strokeColor = color, None
    return shape
