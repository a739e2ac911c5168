"""A weekly report as a PDF for printing on A4: figures and charts on the first page, tables after it.

    pdf(content(week, about, Words.of("zh")))       # b'%PDF-1.4 …'

The same report gives the same bytes. The font is embedded (`fonts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as Grid

from ledger.exchange.report import charts
from ledger.exchange.report.fonts import font, printable
from ledger.exchange.report.parts import Report, Section, Table

ROWS = 30
"""Rows of a table in print; the workbook has all."""
GRIDS = 36
"""Grids that the heat map shows in print."""
_MARGIN = 13 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_SIZE, _SMALL, _MANY = 7.0, 6.0, 9
"""Points of a table's text, and from how many columns on it is small."""
_WIDEST, _ROOM, _GROWN = 160.0, 8.0, 1.8
"""Of a column: points of text on one line, what stands around it, and how far it may grow to fill the page."""
_CHARTED = {"grids", "findings", "orders"}
"""Tables that a chart shows already, with every number."""
_INK, _MUTED, _LINE, _HEAD = (HexColor(code) for code in ("#1f2d3a", "#5f6c79", "#c4ccd4", "#eef2f5"))


def pdf(report: Report) -> bytes:
    """The file."""
    out = BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, title=report.title, author=report.about.origin, invariant=1)

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.setFont(font(), 6.5)
        canvas.setFillColor(_MUTED)
        canvas.drawString(_MARGIN, 9 * mm, printable(f"{report.title} · {report.footer[0]}"))
        canvas.drawRightString(A4[0] - _MARGIN, 9 * mm, str(canvas.getPageNumber()))

    bottom = _MARGIN + 4 * mm
    frame = Frame(_MARGIN, bottom, _WIDTH, A4[1] - bottom - _MARGIN, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate(frames=[frame], onPage=foot)])
    document.build([*_story(report)])
    return out.getvalue()


def _style(size: float, *, right: bool = False, muted: bool = False, before: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=font(),
        fontSize=size,
        leading=size * 1.35,
        textColor=_MUTED if muted else _INK,
        spaceBefore=before,
        alignment=TA_RIGHT if right else 0,
        wordWrap=None if right else "CJK",  # numbers stay whole
    )


def _say(text: str, style: ParagraphStyle) -> Paragraph:
    """Text as it is: nothing in it is markup."""
    return Paragraph(escape(printable(text)), style)


def _story(report: Report) -> Iterator[Flowable]:
    yield _say(report.title, _style(16))
    yield _say(report.subtitle, _style(8, muted=True))
    yield Spacer(1, 3 * mm)
    yield _figures(report)
    yield Spacer(1, 3 * mm)
    yield _drawings(report)
    for section in report.sections:
        yield from _section(report, section)
    yield Spacer(1, 4 * mm)
    for line in report.footer:
        yield _say(line, _style(6.5, muted=True))


def _figures(report: Report) -> Flowable:
    cells = [
        [
            _say(one.name, _style(7, muted=True)),
            _say(one.value, _loud(bad=one.bad)),
            _say(one.note, _style(6.5, muted=True)),
        ]
        for one in report.figures
    ]
    across = 4
    rows = [cells[start : start + across] for start in range(0, len(cells), across)]
    return Grid(
        rows,
        colWidths=[_WIDTH / across] * across,
        style=[
            ("BOX", (0, 0), (-1, -1), 0.5, _LINE),
            ("INNERGRID", (0, 0), (-1, -1), 0.5, _LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _loud(*, bad: bool) -> ParagraphStyle:
    style = _style(14)
    style.textColor = HexColor("#c0392b") if bad else _INK
    return style


def _drawings(report: Report) -> Flowable:
    """The heat map at the left, the bars at the right."""
    wide = _WIDTH * 0.56
    narrow = _WIDTH - wide - 10
    titles = {table.key: table.title for section in report.sections for table in section.tables}
    left = _charted(titles["grids"], charts.heat_map(report, width=wide, rows=GRIDS))
    if len(report.week.grids) > GRIDS:
        left.append(_say(_rest(report, GRIDS, len(report.week.grids)), _style(6.5, muted=True)))
    right = [
        *_charted(titles["findings"], charts.findings_chart(report, width=narrow)),
        Spacer(1, 3 * mm),
        *_charted(titles["orders"], charts.orders_chart(report, width=narrow)),
    ]
    return Grid(
        [[left, right]],
        colWidths=[wide + 10, narrow],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _charted(title: str, drawing: Drawing) -> list[Flowable]:
    return [_say(title, _style(8)), Spacer(1, 1.5 * mm), drawing]


def _section(report: Report, section: Section) -> Iterator[Flowable]:
    head: list[Flowable] = [_say(section.title, _style(11, before=8)), _say(section.lead, _style(8))]
    tables = [table for table in section.tables if table.key not in _CHARTED]
    if not tables:
        yield KeepTogether(head)
    for number, table in enumerate(tables):
        before = head if number == 0 else []
        if not table.rows:
            said = [] if table.empty == section.lead else [_say(table.empty, _style(8, muted=True))]
            yield KeepTogether([*before, *said])
            continue
        title = _say(table.title, _style(8, before=3))
        shown = _table(report, table)
        if len(table.rows) <= ROWS // 3:
            yield KeepTogether([*before, title, shown])
        else:
            yield KeepTogether([*before, title])
            yield shown
        if len(table.rows) > ROWS:
            yield _say(_rest(report, ROWS, len(table.rows)), _style(6.5, muted=True))


def _rest(report: Report, shown: int, count: int) -> str:
    _ = report.words
    text = _("The first {shown} of {all}; all are in the workbook.")
    return text.format(shown=shown, all=report.words.number(count))


def _table(report: Report, table: Table) -> Flowable:
    sides = [column.number for column in table.columns]
    size = _SIZE if len(sides) < _MANY else _SMALL
    head, body = _style(size - 0.5, muted=True), _style(size)
    head_right, body_right = _style(size - 0.5, right=True, muted=True), _style(size, right=True)
    rows = [
        [
            _say(column.name, head_right if right else head)
            for column, right in zip(table.columns, sides, strict=True)
        ]
    ]
    rows += [
        [
            _say(report.shown(cell), body_right if right else body)
            for cell, right in zip(row, sides, strict=True)
        ]
        for row in table.rows[:ROWS]
    ]
    return Grid(
        rows,
        colWidths=_widths(report, table, size),
        repeatRows=1,
        hAlign="LEFT",
        style=[
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _widths(report: Report, table: Table, size: float) -> Sequence[float]:
    """As wide as the words are; on a page too narrow the columns of text give way, and wrap."""
    natural = [
        min(max(stringWidth(printable(text), font(), size) for text in texts), _WIDEST) + _ROOM
        for texts in (
            [column.name, *(report.shown(row[place]) for row in table.rows[:ROWS])]
            for place, column in enumerate(table.columns)
        )
    ]
    fixed = sum(width for width, column in zip(natural, table.columns, strict=True) if column.number)
    scale = (_WIDTH - fixed) / (sum(natural) - fixed)
    if scale < 1:
        return [
            width if column.number else width * scale
            for width, column in zip(natural, table.columns, strict=True)
        ]
    grown = min(_WIDTH / sum(natural), _GROWN)
    return [width * grown for width in natural]
