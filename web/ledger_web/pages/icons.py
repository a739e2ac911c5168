"""The sign of the program, drawn: a book whose back is a chain, white on green.

>>> icon_png(180)[:4], icon_svg()[:4]
(b'\\x89PNG', '<svg')
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

GREEN: Final = "#0b5f57"
# In hundredths of the side: x, y, width, height, radius. All stands inside the inner four fifths, so that a phone may
# cut the picture to a circle.
_LINKS: Final = ((26, 24, 18, 24, 9), (26, 40, 18, 24, 9), (26, 56, 18, 24, 9))
_LINES: Final = ((52, 30, 26, 7, 3), (52, 48, 26, 7, 3), (52, 66, 18, 7, 3))
_STROKE: Final = 5


def icon_svg() -> str:
    """The sign as SVG."""
    links = "".join(
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="none" stroke="#fff" '
        f'stroke-width="{_STROKE}"/>'
        for x, y, w, h, r in _LINKS
    )
    lines = "".join(
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="#fff"/>' for x, y, w, h, r in _LINES
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="{GREEN}"/>{links}{lines}</svg>'
    )


def icon_png(size: int) -> bytes:
    """The sign as PNG; drawn four times as large, so that its edges are smooth."""
    unit = size * 4 / 100
    picture = Image.new("RGB", (size * 4, size * 4), GREEN)
    pen = ImageDraw.Draw(picture)
    for x, y, w, h, r in _LINKS:
        half = _STROKE / 2
        box = [(x - half) * unit, (y - half) * unit, (x + w + half) * unit, (y + h + half) * unit]
        pen.rounded_rectangle(box, (r + half) * unit, outline="#fff", width=round(_STROKE * unit))
    for x, y, w, h, r in _LINES:
        pen.rounded_rectangle([x * unit, y * unit, (x + w) * unit, (y + h) * unit], r * unit, fill="#fff")
    out = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
