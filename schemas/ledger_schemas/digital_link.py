"""GS1 Digital Link: the web address in a trace code that carries a GTIN with lot, an SSCC or a GLN.

    >>> digital_link("01", "6291041500213", lot="L/22")
    'https://id.gs1.org/01/06291041500213/10/L%2F22'
    >>> parse_digital_link("https://id.gs1.org/414/7300011000017").key
    '414'

Only the three keys and the two qualifiers that goods on a shelf need are known here. What the address leads
to is not looked at.
"""

import re
from typing import Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from ledger_schemas.identifiers import gln_problem, gtin_problem, sscc_problem

Key = Literal["01", "00", "414"]
_CHECKS = {"01": gtin_problem, "00": sscc_problem, "414": gln_problem}
_KEYS: dict[str, Key] = {"01": "01", "00": "00", "414": "414"}
_QUALIFIER = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
"""Lot (10) and serial (21): up to 20 of the characters of GS1 General Specifications figure 7.11-1."""


class DigitalLink(NamedTuple):
    """Key "01" GTIN (always 14 digits), "00" SSCC, "414" GLN; lot and serial only with a GTIN."""

    key: Key
    value: str
    lot: str | None = None
    serial: str | None = None


class DigitalLinkError(ValueError):
    """Not a Digital Link, or one with a wrong key."""

    def __init__(self, message: str, zh: str) -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh


def digital_link(
    key: Key, value: str, *, lot: str | None = None, serial: str | None = None, host: str = "id.gs1.org"
) -> str:
    """The address of an item, a logistic unit or a place; DigitalLinkError if a part of it is wrong."""
    link = _checked(key, value, lot, serial)
    qualifiers = [("10", link.lot), ("21", link.serial)]
    path = "".join(f"/{ai}/{quote(part, safe='')}" for ai, part in qualifiers if part is not None)
    return f"https://{host}/{link.key}/{link.value}{path}"


def parse_digital_link(text: str) -> DigitalLink:
    """What an uncompressed GS1 Digital Link of any host says; DigitalLinkError if it says nothing.

    A path may stand before the key; query and fragment are left out of account.
    """
    try:
        address = urlsplit(text)
    except ValueError:
        address = urlsplit("")
    segments = [unquote(segment) for segment in address.path.split("/")]
    start = next((i for i, segment in enumerate(segments[:-1]) if segment in _KEYS), None)
    if address.scheme not in {"http", "https"} or not address.netloc or start is None:
        raise DigitalLinkError(
            "not a GS1 Digital Link: expected https://HOST/01/GTIN, /00/SSCC or /414/GLN",
            "不是 GS1 数字链接，应形如 https://id.gs1.org/01/商品条码/10/批号",
        )
    key, value, *rest = segments[start:]
    qualifiers = dict(zip(rest[::2], rest[1::2], strict=False))
    if len(rest) % 2 or not qualifiers.keys() <= {"10", "21"} or len(rest) != 2 * len(qualifiers):
        raise DigitalLinkError(
            f"after the key only /10/LOT and /21/SERIAL may follow, not /{'/'.join(rest)}",
            f"主键之后只能有 /10/批号 和 /21/序列号，现为 /{'/'.join(rest)}",
        )
    return _checked(_KEYS[key], value, qualifiers.get("10"), qualifiers.get("21"))


def _checked(key: Key, value: str, lot: str | None, serial: str | None) -> DigitalLink:
    flaw = _CHECKS[key](value)
    if flaw:
        raise DigitalLinkError(flaw.message, flaw.zh)
    if key != "01" and (lot is not None or serial is not None):
        raise DigitalLinkError("lot and serial only go with a GTIN", "批号和序列号只能跟在商品条码之后")
    for part in (lot, serial):
        if part is not None and not _QUALIFIER.fullmatch(part):
            raise DigitalLinkError(
                f"lot and serial have 1 to 20 letters, digits or punctuation of GS1, not {part!r}",
                f"批号和序列号为 1 至 20 位 GS1 字符，现为“{part}”",
            )
    return DigitalLink(key, value.zfill(14) if key == "01" else value, lot, serial)
