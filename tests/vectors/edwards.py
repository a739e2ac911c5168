"""Edwards25519 by the book (RFC 8032 section 5.1): points of low order and encodings that no key may have.

Computed and not copied, so that the list cannot lack one: every point is multiplied by the prime order of the
large subgroup, which leaves only its part of low order.

>>> len(set(low_order_encodings()))
14
"""

from __future__ import annotations

from collections.abc import Iterator

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """Affine addition, complete for this curve."""
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P
    return x, y


def times(n: int, point: Point) -> Point:
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def x_of(y: int) -> int | None:
    """The even square root that gives x, or None where no point has this y."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return x if x % 2 == 0 else P - x


def encoded(y: int, sign: int) -> bytes:
    """32 bytes little-endian, the sign of x in the highest bit; y may stand unreduced."""
    return (y | sign << 255).to_bytes(32, "little")


def low_order_points() -> set[Point]:
    """The eight points whose order divides 8."""
    points: set[Point] = {(0, 1)}
    y = 2
    while len(points) < 8:
        x = x_of(y)
        if x is not None:
            small = times(ORDER, (x, y))
            points |= {add(small, known) for known in points} | {small}
        y += 1
    assert all(times(8, point) == (0, 1) for point in points)
    return points


def low_order_encodings() -> list[bytes]:
    """All that some decoder takes for a point of low order: y reduced or not, and "minus zero" for x."""
    found: set[bytes] = set()
    for x, y in low_order_points():
        for form in (y, y + P):
            if form < 2**255:
                found.add(encoded(form, x & 1))
                if x == 0:
                    found.add(encoded(form, 1))
    return sorted(found)


def unreduced() -> Iterator[bytes]:
    """Encodings with y of p or more whose point is of full order: RFC 8032 section 5.1.3 refuses them."""
    for y in range(2, 19):
        if x_of(y) is not None:
            yield encoded(y + P, 0)


def off_curve() -> bytes:
    """The smallest y without a point."""
    y = 2
    while x_of(y) is not None:
        y += 1
    return encoded(y, 0)
