"""Labels are read under glare, blur, tilt, low light and the rest: the share per kind, and nothing read wrong.

pytest -s tests/exchange/test_label_photographs.py      # the table of docs/performance.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2  # type: ignore[import-untyped]  # has no types
import pytest
import zxingcpp
from PIL import Image

from ledger.exchange.labels.content import Label
from ledger.exchange.labels.layout import STANDARD, layout
from ledger.exchange.labels.link import Base
from ledger.exchange.labels.picture import read_picture
from ledger.exchange.labels.sheet import Grid, sheet
from ledger_schemas.words import Label as Said
from tests.exchange.photographs import EFFECTS, bars, combined, photograph

BASE = Base.of("https://custody.example")
EACH = 24
KINDS = {**EFFECTS, "combined": combined}
FLOOR, FLOOR_OTHER = 0.86, 0.86
"""Shares a little below what is measured (docs/performance.md)."""

PRINTED = (
    ("B1", "冻虾 Frozen shrimp", None, None),
    ("TZ-2026-11-24-003", "智利车厘子 Chilean cherries", None, None),
    ("冻虾-7", "南美白对虾 Whiteleg shrimp", "6291041500213", "L9"),
)
ELEMENTS = "(01)06291041500213(17)271231(10)L9"
OTHERS = {
    "ean13": (zxingcpp.BarcodeFormat.EAN13, "6291041500213", False),
    "itf14": (zxingcpp.BarcodeFormat.ITF14, "16291041500210", False),
    "code128": (zxingcpp.BarcodeFormat.Code128, ELEMENTS, True),
    "datamatrix": (zxingcpp.BarcodeFormat.DataMatrix, ELEMENTS, True),
}
PLAIN = {ELEMENTS: "01062910415002131727123110L9"}


class Shot(NamedTuple):
    kind: str
    said: str
    data: bytes


def labels() -> list[tuple[str, Image.Image]]:
    """Labels as the PDF prints them, cut out along the marks, at 12 pixels a mm."""
    made = [
        Label(
            batch,
            name,
            True,
            BASE.link(batch, gtin=gtin, lot=lot),
            ((Said("批次", "Batch"), batch), (Said("原产国", "Origin"), "智利 Chile")),
        )
        for batch, name, gtin, lot in PRINTED
    ]
    grid, dots = Grid.of(STANDARD), 12
    with pypdfium2.PdfDocument(sheet([layout(one) for one in made])) as document:
        page = document[0].render(scale=dots * 25.4 / 72).to_pil().convert("L")
    found = []
    for place, label in enumerate(made):
        row, column = divmod(place, grid.columns)
        left, top = grid.left + column * STANDARD.width, grid.top + row * STANDARD.height
        box = (left, top, left + STANDARD.width, top + STANDARD.height)
        found.append((label.link, page.crop(tuple(round(edge * dots) for edge in box))))
    return found


def of_labels() -> Iterator[Shot]:
    printed = labels()
    for kind, effect in KINDS.items():
        for number in range(EACH):
            link, image = printed[number % len(printed)]
            yield Shot(kind, link, photograph(image, effect, f"{kind} {number}", number / (EACH - 1)))


def of_others() -> Iterator[Shot]:
    for name, (form, text, gs1) in OTHERS.items():
        image = bars(text, form, gs1=gs1, scale=6)
        wide = 300 if name == "datamatrix" else 560
        for number in range(2 * len(KINDS)):
            effect = KINDS[[*KINDS][number % len(KINDS)]]
            data = photograph(image, effect, f"{name} {number}", 0.35, wide)
            yield Shot(name, PLAIN.get(text, text), data)


def shares(shots: Iterator[Shot]) -> tuple[dict[str, tuple[int, int]], list[tuple[str, str]]]:
    """Read and taken by kind; and what was read that was not there."""
    counts: dict[str, tuple[int, int]] = {}
    wrong = []
    for shot in shots:
        said = [one.raw for one in read_picture(shot.data)]
        wrong += [(shot.kind, raw) for raw in said if raw != shot.said]
        read, taken = counts.get(shot.kind, (0, 0))
        counts[shot.kind] = (read + (shot.said in said), taken + 1)
    return counts, wrong


def told(counts: dict[str, tuple[int, int]]) -> float:
    """Print the table; the share of all."""
    for kind, (read, taken) in counts.items():
        print(f"{kind:12} {read:3} of {taken:3}  {read / taken:6.1%}")  # noqa: T201 - it reports
    read, taken = (sum(column) for column in zip(*counts.values(), strict=True))
    print(f"{'all':12} {read:3} of {taken:3}  {read / taken:6.1%}")  # noqa: T201 - it reports
    return float(read / taken)


@pytest.mark.slow
def test_photographs_of_labels() -> None:
    counts, wrong = shares(of_labels())
    share = told(counts)
    assert wrong == []
    assert sum(taken for _, taken in counts.values()) >= 200
    assert share >= FLOOR
    assert all(read for read, _ in counts.values())


@pytest.mark.slow
def test_photographs_of_other_codes() -> None:
    counts, wrong = shares(of_others())
    share = told(counts)
    assert wrong == []
    assert share >= FLOOR_OTHER
