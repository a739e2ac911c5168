"""Photographs of codes that nobody took: a rendered code on a table, and what light, lens and hand do to it.

Everything comes from the seed, also the noise, so a photograph is the same everywhere. `strength` goes from 0 (hardly
there) to 1 (worse than most pictures that people send).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from random import Random

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SCENE = (1040, 720)
Effect = Callable[[Image.Image, Random, float], Image.Image]
Matrix = list[list[float]]


def bars(text: str, form: zxingcpp.BarcodeFormat, *, gs1: bool = False, scale: int = 5) -> Image.Image:
    """A code of somebody else, with its quiet zone."""
    symbol = zxingcpp.create_barcode(text, form, gs1=True) if gs1 else zxingcpp.create_barcode(text, form)
    drawn = zxingcpp.write_barcode_to_image(symbol, scale=scale)
    pixels = bytes(memoryview(drawn))  # type: ignore[arg-type]  # the stubs do not know that it is a buffer
    return Image.frombytes("L", (drawn.shape[1], drawn.shape[0]), pixels)


def scene(code: Image.Image, random: Random, wide: int = 720) -> Image.Image:
    """The code on a table of cardboard, about `wide` pixels, somewhat askew."""
    code = code.resize((wide, round(code.height * wide / code.width)), Image.Resampling.LANCZOS)
    table = Image.linear_gradient("L").resize(SCENE).point(lambda grey: 120 + grey // 4)
    angle = random.uniform(-12, 12)
    turned = code.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    mask = Image.new("L", code.size, 255).rotate(angle, expand=True)
    at = [
        (whole - part) // 2 + random.randint(-20, 20) for whole, part in zip(SCENE, turned.size, strict=True)
    ]
    table.paste(turned, (at[0], at[1]), mask)
    return table


def glare(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """One or two lamps that shine back."""
    for _ in range(random.randint(1, 2)):
        size = round(80 + 240 * strength), round(60 + 160 * strength)
        lamp = ImageChops.invert(Image.radial_gradient("L")).resize(size)
        lamp = lamp.point(lambda grey: min(255, grey * 3))
        at = random.randint(100, SCENE[0] - 100) - size[0] // 2, random.randint(140, 580) - size[1] // 2
        image.paste(255, (*at, at[0] + size[0], at[1] + size[1]), lamp)
    return image


def focus(image: Image.Image, random: Random, strength: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(0.5 + 4.5 * strength))


def motion(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """The mean of the places where the picture was while the shutter was open."""
    way, angle, steps = 3 + 13 * strength, random.uniform(0, math.tau), 12
    mean = image
    for step in range(1, steps):
        far = way * step / steps
        moved = ImageChops.offset(image, round(far * math.cos(angle)), round(far * math.sin(angle)))
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def tilt(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """Seen from the side, by up to 60 degrees, from near by."""
    angle, towards = math.radians(10 + 50 * strength), random.uniform(0, math.tau)
    across, down = math.sin(angle) * math.cos(towards), math.sin(angle) * math.sin(towards)
    distance, (x, y) = 1200.0, (SCENE[0] / 2, SCENE[1] / 2)
    # A plane turned about an axis in it: the axis keeps its length, what is across it shrinks by the cosine.
    u, v, shrink = math.cos(towards), math.sin(towards), math.cos(angle)
    plane: Matrix = [
        [1 - (1 - shrink) * u * u, -(1 - shrink) * u * v, 0],
        [-(1 - shrink) * u * v, 1 - (1 - shrink) * v * v, 0],
        [across / distance, down / distance, 1],
    ]
    there: Matrix = _times(
        [[1, 0, x], [0, 1, y], [0, 0, 1]], _times(plane, [[1, 0, -x], [0, 1, -y], [0, 0, 1]])
    )
    back = _inverse(there)
    flat = [value / back[2][2] for row in back for value in row][:8]
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, flat, Image.Resampling.BICUBIC, fillcolor=130
    )


def low_light(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """Few photons: dark, and with the noise of the sensor."""
    level, spread = 0.35 - 0.27 * strength, 6 + 22 * strength
    dark = image.point(lambda grey: round(12 + grey * level))
    return _noisy(dark, random, spread)


def jpeg(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """Sent on by a messenger: smaller, and pressed."""
    factor = 0.9 - 0.6 * strength
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BOX)
    out = BytesIO()
    small.save(out, "JPEG", quality=round(40 - 34 * strength))
    return Image.open(out).convert("L")


def occlusion(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """A thumb, a strip of tape or a tear over part of it."""
    draw = ImageDraw.Draw(image)
    side = 40 + 130 * strength
    x, y = random.uniform(220, 520), random.uniform(220, 520)
    box = (x, y, x + side, y + side * random.uniform(0.6, 1.2))
    shade = random.choice((40, 150, 235))
    random.choice((draw.ellipse, draw.rectangle))(box, fill=shade)
    return image


def curved(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """Round a bottle or a tin: what is at the sides is pressed together."""
    half, strips = 0.35 + 0.85 * strength, 52
    wide, high = image.size
    step = wide / strips

    def source(x: float) -> float:
        """The place on the label that is seen at x, for a cylinder that shows `half` radians either side."""
        return wide / 2 * (1 + math.asin((2 * x / wide - 1) * math.sin(half)) / half)

    mesh = []
    for strip in range(strips):
        left, right = strip * step, (strip + 1) * step
        quad = (source(left), 0, source(left), high, source(right), high, source(right), 0)
        mesh.append(((round(left), 0, round(right), high), quad))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


EFFECTS: dict[str, Effect] = {
    "glare": glare,
    "focus": focus,
    "motion": motion,
    "tilt": tilt,
    "low light": low_light,
    "jpeg": jpeg,
    "occlusion": occlusion,
    "curved": curved,
}
_LAST = ("focus", "motion", "low light", "jpeg")
"""What lens and sensor do comes after what stands in front of them."""


def combined(image: Image.Image, random: Random, strength: float) -> Image.Image:
    """Two or three of them at once, each weaker."""
    chosen = random.sample([*EFFECTS], random.randint(2, 3))
    for name in sorted(chosen, key=lambda one: (one in _LAST, [*EFFECTS].index(one))):
        if image.size != SCENE:
            image = image.resize(SCENE)
        image = EFFECTS[name](image, random, 0.65 * strength)
    return image


def photograph(code: Image.Image, effect: Effect, seed: str, strength: float, wide: int = 720) -> bytes:
    """A JPEG, as a phone would have it."""
    random = Random(seed)
    taken = effect(scene(code, random, wide), random, strength)
    out = BytesIO()
    _noisy(taken, random, 3).save(out, "JPEG", quality=85)
    return out.getvalue()


def _noisy(image: Image.Image, random: Random, spread: float) -> Image.Image:
    """With noise of about this standard deviation: the mean of three even ones is nearly normal."""
    size = image.width * image.height
    layers = [Image.frombytes("L", image.size, random.randbytes(size)) for _ in range(3)]
    noise = Image.blend(Image.blend(layers[0], layers[1], 0.5), layers[2], 1 / 3)
    factor = spread / 42.6  # the standard deviation of a mean of three bytes
    noise = noise.point(lambda grey: round(min(max(128 + (grey - 127.5) * factor, 0), 255)))
    return ImageChops.add(image, noise, scale=1, offset=-128)


def _times(one: Matrix, other: Matrix) -> Matrix:
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*other, strict=True)]
        for row in one
    ]


def _inverse(m: Matrix) -> Matrix:
    """Of 3 × 3, up to a factor: the adjugate."""

    def minor(i: int, j: int) -> float:
        (a, b), (c, d) = ([v for k, v in enumerate(row) if k != j] for n, row in enumerate(m) if n != i)
        return float((-1) ** (i + j) * (a * d - b * c))

    return [[minor(j, i) for j in range(3)] for i in range(3)]
