"""Pictures of text that a phone's camera reads: QR codes as SVG, and for terminals.

>>> svg("https://ledger.example/")[:4]
'<svg'
"""

from __future__ import annotations

from io import BytesIO, StringIO

import segno


def svg(text: str) -> str:
    """An SVG element to stand in a page; it takes the size of its place and needs no style."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgns=True, omitsize=True, nl=False
    )
    return out.getvalue().decode("utf-8")


def terminal(text: str) -> str:
    """The same in block characters."""
    out = StringIO()
    segno.make_qr(text, error="m").terminal(out, border=2, compact=True)
    return out.getvalue()
