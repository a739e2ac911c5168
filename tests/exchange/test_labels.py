"""Labels: what stands on them and what does not, sizes, the sheet as a scanner sees it; and what codes say."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from io import BytesIO
from random import Random

import pypdfium2  # type: ignore[import-untyped]  # has no types
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ledger.errors import PictureError, UsageError
from ledger.exchange.labels import picture
from ledger.exchange.labels.content import Label
from ledger.exchange.labels.layout import STANDARD, Size, layout
from ledger.exchange.labels.link import Base, batch_in
from ledger.exchange.labels.picture import open_picture, read_picture
from ledger.exchange.labels.reading import reading
from ledger.exchange.labels.sheet import Grid, sheet
from ledger.exchange.labels.svg import svg
from ledger.exchange.labels.symbol import QUIET, SHARE, symbol
from ledger_schemas import gs1_check_digit
from ledger_schemas.identifiers import BATCH_ID
from ledger_schemas.words import Label as Said
from tests.exchange.photographs import bars

BASE = Base.of("https://custody.example")
BATCHES = st.from_regex(BATCH_ID, fullmatch=True)
LOTS = st.text(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    min_size=1,
    max_size=20,
)
GTINS = st.text("0123456789", min_size=13, max_size=13).map(lambda digits: digits + gs1_check_digit(digits))


def a_label(batch: str = "B1", name: str = "冻虾 Frozen shrimp", base: Base = BASE, **facts: str) -> Label:
    said = ((Said("批次", "Batch"), batch), *((Said(key, key), value) for key, value in facts.items()))
    return Label(batch, name, True, base.link(batch), said)


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pages(data: bytes, dots: int = 8) -> list[Image.Image]:
    """Pages of a PDF at so many pixels a mm."""
    with pypdfium2.PdfDocument(data) as document:
        return [page.render(scale=dots * 25.4 / 72).to_pil().convert("L") for page in document]


# ---------------------------------------------------------------------- links


@given(BATCHES, st.none() | GTINS, st.none() | LOTS)
def test_a_link_comes_back(batch: str, gtin: str | None, lot: str | None) -> None:
    link = BASE.link(batch, gtin=gtin, lot=lot)
    said = reading(link, "qr")
    assert link.isascii() and BASE.covers(link)
    assert (said.batch, said.gtin, said.lot) == (batch, gtin, lot if gtin else None)
    assert batch_in(link) == batch and said.url == link and said.flaw is None


def test_a_lot_that_gs1_cannot_write_is_left_out() -> None:
    said = reading(BASE.link("B1", gtin="6291041500213", lot="批 9"))
    assert (said.gtin, said.lot, said.batch) == ("06291041500213", None, "B1")


def test_a_base_may_have_a_path_and_a_port() -> None:
    base = Base.of("http://127.0.0.1:8000/street/")
    assert base.link("B1") == "http://127.0.0.1:8000/street/b/B1"
    assert base.link("B1", gtin="6291041500213").startswith("http://127.0.0.1:8000/street/01/0629104")
    assert not base.covers("http://127.0.0.1:8000/other/b/B1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "custody.example",
        "ftp://a",
        "https://",
        "https://a?b=1",
        "https://a#b",
        "https://u@a",
        "https://豫",
        "https://a:x",
        "https://[",
        "https://a/ b",
    ],
)
def test_what_is_no_base(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Base.of(url)
    assert caught.value.field == "--base"


# ---------------------------------------------------------------------- sizes


def test_the_symbol_has_correction_h_and_its_quiet_zone() -> None:
    made = layout(a_label())
    module, (x, y) = made.symbol.module, made.at
    assert x - 1.0 == pytest.approx(QUIET * module) and y >= QUIET * module
    left = min(words.x for words in made.texts)
    assert left >= x + (made.symbol.modules + QUIET) * module
    found = zxingcpp.read_barcode(pages(sheet([made]))[0])
    assert found is not None and found.ec_level == "H"


@given(st.integers(30, 190), st.integers(20, 275), BATCHES)
@settings(max_examples=60)
def test_modules_are_never_too_small_and_nothing_leaves_the_label(wide: int, high: int, batch: str) -> None:
    size = Size(wide, high)
    try:
        made = layout(a_label(batch, name="厄瓜多尔南美白对虾 Whiteleg shrimp"), size)
    except UsageError as error:
        assert error.field == "--size"
        return
    assert made.symbol.module >= 0.4
    for words in made.texts:
        assert words.size >= 1.49 and words.x + words.width <= wide
        assert words.size < words.y < high
    tops = [words.y for words in made.texts]
    assert tops == sorted(tops)
    assert all(b - a >= 0.9 * words.size for a, b, words in zip(tops, tops[1:], made.texts[1:], strict=False))


def test_too_small_says_how_large() -> None:
    with pytest.raises(
        UsageError, match=r"0\.\d\d mm each, and phones need 0\.4: make the label at least \d+x\d+ mm"
    ) as e:
        symbol("https://custody.example/b/" + "x" * 60, side=15)
    assert e.value.field == "--size"
    with pytest.raises(UsageError, match="too long for a QR code"):
        symbol("https://custody.example/" + "x" * 3000, side=190)
    with pytest.raises(UsageError, match=r"does not fit on 60x30 mm"):
        layout(a_label(name="很长的名字" * 60), Size(60, 30))
    with pytest.raises(UsageError, match="90x50"):
        Size.of("9x5")


# ---------------------------------------------------------------------- drawings


def test_the_svg_stands_alone_and_is_in_mm() -> None:
    made = layout(a_label(name='<虾> & "蟹"', lot="L&9"))
    tree = ET.fromstring(svg(made, title="<B1>"))  # noqa: S314 - our own
    assert (tree.get("width"), tree.get("height"), tree.get("viewBox")) == ("90mm", "50mm", "0 0 90 50")
    text = "".join(tree.itertext())
    assert '<虾> & "蟹"' in text.replace("\n", "") and "L&9" in text and "冷链" in text
    assert f"module {made.symbol.module:.3f} mm, quiet zone 4" in text
    assert "href" not in svg(made) and "url(" not in svg(made)


def test_the_symbol_of_the_svg_is_read() -> None:
    """The path is filled here the way a viewer does, module by module."""
    made = layout(a_label("冻虾-7"))
    path = re.search(r' d="([^"]+)"', svg(made))
    assert path
    side, dots = made.symbol.modules + 2 * QUIET, 6
    image = Image.new("L", (side * dots, side * dots), 255)
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", path[1]):
        x, y = (int(column) + QUIET) * dots, (int(row) + QUIET) * dots
        image.paste(0, (x, y, x + int(length) * dots, y + dots))
    assert [one.batch for one in read_picture(png(image))] == ["冻虾-7"]


def test_a_sheet_has_every_copy_in_its_place() -> None:
    names = ["B1", "B2", "冻虾-3"]
    data = sheet([layout(a_label(name)) for name in names], copies=5)
    assert data == sheet([layout(a_label(name)) for name in names], copies=5)
    grid, dots = Grid.of(STANDARD), 8
    found = []
    for page in pages(data, dots):
        assert page.size == pytest.approx((210 * dots, 297 * dots), abs=1)
        for place in range(grid.places):
            row, column = divmod(place, grid.columns)
            left, top = grid.left + column * STANDARD.width, grid.top + row * STANDARD.height
            box = (left, top, left + STANDARD.width, top + STANDARD.height)
            cut = page.crop(tuple(round(edge * dots) for edge in box))  # type: ignore[arg-type]  # four
            found += [one.batch for one in read_picture(png(cut))]
    assert grid.places == 10
    assert found == [name for name in names for _ in range(5)]


def test_sheets_say_what_is_on_them() -> None:
    made = [layout(a_label(name="冻虾 -18℃", origin="智利 Chile"))]
    with pypdfium2.PdfDocument(sheet(made)) as document:
        text = document[0].get_textpage().get_text_range()
    assert "冻虾 -18°C" in text and "智利 Chile" in text and "Cold chain" in text and "B1" in text


@given(st.integers(30, 190), st.integers(20, 275))
def test_labels_stay_where_printers_reach(wide: int, high: int) -> None:
    grid = Grid.of(Size(wide, high))
    assert grid.places >= 1 and grid.left >= 8 and grid.top >= 8
    assert grid.left + grid.columns * wide <= 202.1 and grid.top + grid.rows * high <= 289.1


# ---------------------------------------------------------------------- what codes say


@given(GTINS, LOTS, LOTS)
def test_element_strings_with_fnc1(gtin: str, lot: str, serial: str) -> None:
    said = reading(f"01{gtin}1727123110{lot}\x1d21{serial}", gs1=True)
    assert (said.gtin, said.lot, said.serial, said.expiry) == (gtin, lot, serial, "2027-12-31")


@given(GTINS, LOTS, LOTS)
def test_element_strings_with_parentheses_are_right_or_refused(gtin: str, lot: str, serial: str) -> None:
    said = reading(f"(01){gtin}(10){lot}(21){serial}")
    if said.flaw is None and said.gtin is not None:
        assert (said.gtin, said.lot, said.serial) == (gtin, lot, serial)
    else:
        assert "(" in lot + serial and (said.gtin, said.lot, said.serial) == (None, None, None)


@pytest.mark.parametrize(
    ("raw", "symbology", "gs1", "hint"),
    [
        ("(01)06291041500214(10)A", "", False, "should be 3"),
        ("0106291041500214", "code128", True, "should be 3"),
        ("https://id.gs1.org/01/06291041500214", "qr", False, "should be 3"),
        ("6291041500214", "ean13", False, "should be 3"),
        ("16291041", "itf14", False, "not 14"),
        ("(00)123456789012345678", "", False, "should be 5"),
        ("(01)06291041500213(10)A(10)B", "", False, "twice"),
        ("(01)06291041500213(10)A(B)C", "", False, "parentheses"),
        ("0106291041500213" + "17271399", "datamatrix", True, "not what GS1"),
    ],
)
def test_what_is_wrong_is_said_and_not_given(raw: str, symbology: str, gs1: bool, hint: str) -> None:
    said = reading(raw, symbology, gs1=gs1)
    assert said.flaw is not None and hint in said.flaw.message and said.flaw.zh
    assert (said.gtin, said.lot, said.sscc, said.raw) == (None, None, None, raw)


@pytest.mark.parametrize(
    "raw", ["", "86901234567890123456", "(hello)", "https://trace.example/x?c=1", "https://["]
)
def test_trace_codes_of_others_are_what_they_are(raw: str) -> None:
    said = reading(raw, "qr")
    assert (said.raw, said.flaw, said.gtin, said.batch) == (raw, None, None, None)


@given(st.text(max_size=60), st.booleans(), st.sampled_from(["", "qr", "ean13", "itf14", "code128"]))
def test_nothing_makes_the_reader_stumble(raw: str, gs1: bool, symbology: str) -> None:
    assert reading(raw, symbology, gs1=gs1).raw == raw


# ---------------------------------------------------------------------- pictures


ELEMENTS = "(01)06291041500213(17)271231(10)L9"


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90, 180, 305])
@pytest.mark.parametrize(
    ("form", "text", "gs1"),
    [
        (zxingcpp.BarcodeFormat.EAN13, "6291041500213", False),
        (zxingcpp.BarcodeFormat.ITF14, "16291041500210", False),
        (zxingcpp.BarcodeFormat.Code128, ELEMENTS, True),
        (zxingcpp.BarcodeFormat.DataMatrix, ELEMENTS, True),
        (zxingcpp.BarcodeFormat.QRCode, ELEMENTS, True),
    ],
)
def test_codes_are_read_at_any_angle(form: zxingcpp.BarcodeFormat, text: str, gs1: bool, angle: int) -> None:
    image = bars(text, form, gs1=gs1).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    (said,) = read_picture(png(image))
    assert said.gtin == (text if len(text) == 14 else "06291041500213")
    assert (said.lot, said.expiry) == (("L9", "2027-12-31") if gs1 else (None, None))


def test_inverted_transparent_and_several() -> None:
    square = bars(ELEMENTS, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    assert [one.lot for one in read_picture(png(Image.eval(square, lambda grey: 255 - grey)))] == ["L9"]
    clear = Image.new("RGBA", square.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0), Image.eval(square, lambda grey: 255 - grey))
    assert [one.lot for one in read_picture(png(clear))] == ["L9"]
    both = Image.new("L", (900, 700), 255)
    both.paste(square, (40, 300))
    both.paste(bars("6291041500213", zxingcpp.BarcodeFormat.EAN13), (200, 20))
    assert {one.symbology for one in read_picture(png(both))} == {"datamatrix", "ean13"}


def test_limits_stand_before_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = png(Image.new("1", (9000, 8000)))  # 72 million pixels in some kilobytes
    assert len(bomb) < 20_000
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("unpacked"))
    with pytest.raises(PictureError, match=r"more than 50,000,000 pixels: send a smaller one"):
        open_picture(bomb)
    monkeypatch.setattr(picture, "MAX_BYTES", 1000)
    with pytest.raises(PictureError, match=r"at most 1,000 are read: send a smaller one"):
        open_picture(bomb)


def test_a_bomb_that_pillow_knows_itself() -> None:
    with pytest.raises(PictureError, match="50,000,000 pixels"):
        open_picture(png(Image.new("1", (10000, 10000))))
    with pytest.raises(PictureError, match="50,000,000 pixels"):
        open_picture(png(Image.new("1", (20000, 10000))))


def test_what_is_no_picture() -> None:
    gif = BytesIO()
    Image.new("L", (9, 9)).save(gif, "GIF")
    for data in (b"", b"%PDF-1.4", gif.getvalue(), b"<svg/>"):
        with pytest.raises(PictureError, match="save it as JPEG"):
            open_picture(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_pictures_are_refused_or_read(kind: str) -> None:
    out = BytesIO()
    bars(ELEMENTS, zxingcpp.BarcodeFormat.DataMatrix, gs1=True).save(out, kind)
    whole, random = out.getvalue(), Random(7)
    assert read_picture(whole)
    for _ in range(60):
        cut = bytearray(whole[: random.randrange(len(whole))])
        for _ in range(random.randrange(4)):
            cut[random.randrange(len(cut) or 1) : random.randrange(len(cut) or 1)] = random.randbytes(2)
        try:
            assert all(one.lot == "L9" for one in read_picture(bytes(cut)))
        except PictureError as error:
            assert ":" in error.message


def test_an_empty_wall_says_nothing() -> None:
    noise = Image.frombytes("L", (800, 600), Random(3).randbytes(480_000))
    assert read_picture(png(noise)) == ()


def test_the_size_it_asks_for_is_enough() -> None:
    label = a_label("冻虾-2026-11-24-0003")
    with pytest.raises(UsageError) as caught:
        layout(label, Size(40, 20))
    asked = re.search(r"at least (\d+x\d+) mm", caught.value.message)
    assert asked
    size = Size.of(asked[1])
    assert symbol(label.link, side=min(size.height - 2, size.width * SHARE)).module >= 0.4
