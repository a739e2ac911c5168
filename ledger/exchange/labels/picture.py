"""A photograph → what the codes in it say.

    for said in read_picture(data):
        print(said.symbology, said.gtin, said.lot, said.batch, said.raw)

QR, Data Matrix, EAN-13, GS1-128 and Code 128, ITF-14; zxing-cpp finds and decodes them, also turned, upside down, and
light on dark. Where it finds nothing the picture is tried again, made ready in other ways by Pillow, always the same
`TRIES` in the same order; the first that finds something ends it. A symbol whose error correction or check digit does
not come out is not reported. Bars have no error correction and a check digit passes one misreading in ten, so bars
that carry no more than a GTIN count only when two preparations agree.

Limits stand before anything is unpacked: a small file can hold a picture of any size.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import NamedTuple

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from ledger.errors import PictureError
from ledger.exchange.labels.reading import Reading, reading

MAX_BYTES = 25_000_000
MAX_PIXELS = 50_000_000
"""What phones take as a rule; unpacked that is 200 MB with colours, and a quarter of it in grey."""
ACCEPTED = ("JPEG", "PNG", "WEBP")
_LARGE, _MIDDLE = 2400, 1400
"""Longest side, in pixels, of the pictures that are tried."""

_NAMES = {  # what is found belongs to a family: looking for QR finds Micro QR too, looking for EAN-13 an ISBN
    zxingcpp.BarcodeFormat.QRCode: "qr",
    zxingcpp.BarcodeFormat.DataMatrix: "datamatrix",
    zxingcpp.BarcodeFormat.EANUPC: "ean13",
    zxingcpp.BarcodeFormat.Code128: "code128",
    zxingcpp.BarcodeFormat.ITF: "itf14",
}
_BARS = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.ITF14]
)
_ALL = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, *_BARS])
_WEAK = {"ean13", "itf14"}


def read_picture(data: bytes) -> tuple[Reading, ...]:
    """What the codes in a JPEG, PNG or WebP say; empty when none can be read. Raises: PictureError."""
    return read_image(open_picture(data))


def open_picture(data: bytes) -> Image.Image:
    """The picture in grey. Raises: PictureError for what is too large, damaged or no picture."""
    if len(data) > MAX_BYTES:
        raise PictureError(
            "the picture has {count:,} bytes and at most {max_bytes:,} are read: send a smaller one",
            count=len(data),
            max_bytes=MAX_BYTES,
        )
    try:
        return _grey(_opened(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            "the picture has more than {max_pixels:,} pixels: send a smaller one, or only the part with the label",
            max_pixels=MAX_PIXELS,
        ) from error
    except UnidentifiedImageError as error:
        raise PictureError(
            "this is no picture in {accepted}: save it as JPEG (phones: most compatible format)",
            accepted=", ".join(ACCEPTED),
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises on damaged files
        raise PictureError("the picture is damaged: take it again ({error})", error=error) from error


def _opened(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(BytesIO(data), formats=ACCEPTED)
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    image.draft("L", (_LARGE, _LARGE))  # of a JPEG no more is decoded than is looked at
    image.load()
    return image


def read_image(image: Image.Image) -> tuple[Reading, ...]:
    """What the codes in a grey picture say."""
    seen: Counter[Reading] = Counter()
    found: dict[Reading, None] = {}
    for one in TRIES:
        settled = bool(found)
        for said in {*_decoded(one, image)}:
            if said.symbology in _WEAK and said.flaw:
                continue  # part of a symbol: ITF begins and ends wherever bars look like it
            seen[said] += 1
            if said.symbology not in _WEAK or seen[said] > 1:
                found[said] = None
        if found and (settled or len(found) == len(seen)):  # one more try, if bars wait to be confirmed
            break
    return tuple(found)


def _grey(image: Image.Image) -> Image.Image:
    """Grey, with white where it is transparent."""
    if "transparency" in image.info or image.mode in {"RGBA", "LA", "PA"}:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L")


def _decoded(one: Try, image: Image.Image) -> Iterator[Reading]:
    ready = one.prepare(image)
    for code in (
        ()
        if ready is None
        else zxingcpp.read_barcodes(
            ready, formats=one.symbols, binarizer=one.binarizer, text_mode=zxingcpp.TextMode.Plain
        )
    ):
        gs1 = code.content_type == zxingcpp.ContentType.GS1
        yield reading(code.text, _NAMES[code.symbology], gs1=gs1)


# ---------------------------------------------------------------------- ways to make a picture ready


class Try(NamedTuple):
    """A way to make a picture ready, how it becomes black and white, and what is looked for in it.

    `prepare` gives None where that would be a picture tried before.
    """

    prepare: Callable[[Image.Image], Image.Image | None]
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage
    symbols: zxingcpp.BarcodeFormats = _ALL


def _within(image: Image.Image, side: int) -> Image.Image:
    """No side longer than `side`."""
    if max(image.size) <= side:
        return image
    return ImageOps.contain(image, (side, side), Image.Resampling.BOX)


def _whole(image: Image.Image) -> Image.Image | None:
    """All there is, for a label that is far away."""
    return image if max(image.size) > _LARGE else None


def _of_width(image: Image.Image, side: int) -> Image.Image:
    """The longer side `side`, made larger or smaller."""
    return ImageOps.contain(image, (side, side), Image.Resampling.BICUBIC)


def _calm(image: Image.Image, radius: float) -> Image.Image:
    """Without the noise of low light."""
    return _stretched(_within(image, _MIDDLE).filter(ImageFilter.GaussianBlur(radius)))


def _level(image: Image.Image, part: int) -> Image.Image:
    """Without shadows and the edges of glare: each pixel beside the mean of the `part` of the picture around it."""
    image = _within(image, _MIDDLE)
    around = image.filter(ImageFilter.BoxBlur(max(image.size) // part))
    plain = _stretched(ImageChops.subtract(image, around, scale=0.5, offset=128))
    return plain.filter(ImageFilter.GaussianBlur(1.5))


def _stretched(image: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(image, cutoff=1)


def _sharp(image: Image.Image) -> Image.Image:
    """Enlarged, with edges made steep again that lens or hand have blurred."""
    return _of_width(image, _LARGE).filter(ImageFilter.UnsharpMask(10, 300, 0))


def _turned(image: Image.Image, angle: float) -> Image.Image:
    """For bars that stand askew; square symbols are found at any angle."""
    return _within(image, _MIDDLE).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


TRIES = (
    Try(partial(_within, side=_MIDDLE)),
    Try(partial(_of_width, side=_LARGE)),
    Try(partial(_calm, radius=1.2)),
    Try(_sharp),
    Try(_whole),
    Try(partial(_calm, radius=2)),
    Try(partial(_level, part=24)),
    Try(partial(_level, part=12), binarizer=zxingcpp.Binarizer.GlobalHistogram),
    *(Try(partial(_turned, angle=angle), symbols=_BARS) for angle in (15, 30, 45, 60, 75)),
)
"""What is tried, in this order: what reads most first, among those that read something the ones before do not.

Bars are found up to 15 degrees askew, so each angle is covered twice.
"""
