"""One label as an SVG that needs nothing from elsewhere; a user unit is a millimetre.

    svg(layout(label))      # '<svg xmlns=… width="90mm" height="50mm" viewBox="0 0 90 50">…'

The letters come from the fonts of whoever opens it. Every line says how long it is (`textLength`), so that none runs
out of the label or into another, whatever the font.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from ledger.exchange.labels.layout import Drawn, Words
from ledger.exchange.labels.symbol import QUIET, Symbol

_FONTS = (
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
)


def svg(drawn: Drawn, *, title: str = "") -> str:
    """The drawing."""
    wide, high = drawn.size
    x, y = drawn.at
    module = drawn.symbol.module
    marks = "".join(
        f'<rect x="{mark.x:.3f}" y="{mark.y:.3f}" width="{mark.width:.3f}" height="{mark.height:.3f}" rx=".5"/>'
        for mark in drawn.marks
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}mm" height="{high:g}mm" '
        f'viewBox="0 0 {wide:g} {high:g}" role="img" aria-label={quoteattr(title)}>'
        f"<title>{escape(title)}</title>"
        f"<desc>QR, error correction H, module {module:.3f} mm, quiet zone {QUIET} modules</desc>"
        f'<rect width="{wide:g}" height="{high:g}" fill="#fff"/>{marks}'
        f'<path transform="translate({x:.4f} {y:.4f}) scale({module:.5f})" shape-rendering="crispEdges" '
        f'd="{_path(drawn.symbol)}"/>'
        f'<g font-family="{_FONTS}">{"".join(map(_text, drawn.texts))}</g></svg>\n'
    )


def runs(symbol: Symbol) -> Iterator[tuple[int, int, int]]:
    """Dark modules that lie side by side, as column, row and length."""
    for row, modules in enumerate(symbol.rows):
        column = 0
        for dark, group in groupby(modules):
            length = len([*group])
            if dark:
                yield column, row, length
            column += length


def _path(symbol: Symbol) -> str:
    return "".join(f"M{column} {row}h{length}v1h-{length}z" for column, row, length in runs(symbol))


def _text(words: Words) -> str:
    fill = ' fill="#fff"' if words.white else ""
    return (
        f'<text x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size:.3f}" textLength="{words.width:.3f}" '
        f'lengthAdjust="spacingAndGlyphs"{fill}>{escape(words.said)}</text>'
    )
