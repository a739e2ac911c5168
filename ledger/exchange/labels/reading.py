"""What the text of a code says: GTIN, lot, serial, expiry, batch.

    >>> said = reading("https://custody.example/01/06291041500213/10/L9?17=271231&batch=B1")
    >>> said.gtin, said.lot, said.expiry, said.batch
    ('06291041500213', 'L9', '2027-12-31', 'B1')
    >>> reading("(01)06291041500214").flaw.message
    'the check digit of 06291041500214 should be 3'

GS1 element strings (with FNC1 as GS, or with parentheses) are taken apart by `biip`, which knows the length of every
application identifier. Digital Links and check digits are those of the schemas. A key with a wrong check digit is not
given, and `flaw` says why. Trace codes of other systems are whatever they are: they stand in `raw`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from biip import ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from ledger.exchange.labels.link import batch_in
from ledger_schemas import DigitalLinkError, parse_digital_link
from ledger_schemas.identifiers import Flaw as KeyFlaw
from ledger_schemas.identifiers import gtin_problem, sscc_problem

GS = "\x1d"
"""FNC1 between two element strings, as scanners write it."""
_TRADE = {"ean13": 13, "itf14": 14}
"""Symbols that hold nothing but a GTIN, and its digits."""


@dataclass(frozen=True)
class Reading:
    """What a code says. GTINs have 14 digits, days are written YYYY-MM-DD."""

    raw: str
    symbology: str = ""
    gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: str | None = None
    sscc: str | None = None
    batch: str | None = None
    url: str | None = None
    flaw: KeyFlaw | None = None


def reading(raw: str, symbology: str = "", *, gs1: bool = False) -> Reading:
    """What `raw` says. `gs1`: the symbol says itself that it holds GS1 element strings (FNC1 in first position)."""
    if symbology in _TRADE:
        return _key(raw, symbology)
    if _is_address(raw):
        return _address(raw, symbology)
    if gs1 or raw.startswith("(") or GS in raw:
        return _elements(raw, symbology, claimed=gs1)
    return Reading(raw, symbology)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _key(raw: str, symbology: str) -> Reading:
    flaw = gtin_problem(raw)
    if flaw is None and len(raw) != _TRADE[symbology]:
        flaw = KeyFlaw(
            "error", f"has {len(raw)} digits, not {_TRADE[symbology]}", f"应为 {_TRADE[symbology]} 位数字"
        )
    return Reading(raw, symbology, flaw=flaw) if flaw else Reading(raw, symbology, gtin=raw.zfill(14))


def _address(raw: str, symbology: str) -> Reading:
    batch = batch_in(raw)
    try:
        link = parse_digital_link(raw)
    except DigitalLinkError as error:
        # An address without a key of GS1 is an address like any other. One with a wrong key is a bad Digital Link.
        is_link = not error.message.startswith("not a GS1 Digital Link")
        flaw = KeyFlaw("error", error.message, error.zh) if is_link and batch is None else None
        return Reading(raw, symbology, batch=batch, url=raw, flaw=flaw)
    return Reading(
        raw,
        symbology,
        gtin=link.value if link.key == "01" else None,
        sscc=link.value if link.key == "00" else None,
        lot=link.lot,
        serial=link.serial,
        expiry=_day("".join(parse_qs(urlsplit(raw).query).get("17", [])[:1])),
        batch=batch,
        url=raw,
    )


def _day(text: str) -> str | None:
    """A day as GS1 writes it, YYMMDD."""
    try:
        found = GS1ElementString.extract(f"17{text}").date
    except ParseError:
        return None
    return found.isoformat() if found else None


def _elements(raw: str, symbology: str, *, claimed: bool) -> Reading:
    """Element strings. Where the symbol does not claim to hold any, a text that has none is a text like any other."""
    try:
        message = GS1Message.parse_hri(raw) if raw.startswith("(") else GS1Message.parse(raw.strip(GS))
    except ParseError as error:
        flaw = KeyFlaw("error", f"not what GS1 element strings look like: {error}", "不是有效的 GS1 数据")
        return Reading(raw, symbology, flaw=flaw if claimed else None)
    found = {one.ai.ai: one for one in message.element_strings}
    values = {ai: one.value for ai, one in found.items()}
    wrong = _flaw(raw, message, values)
    if wrong:
        return Reading(raw, symbology, flaw=wrong)
    expiry = found["17"].date if "17" in found else None
    return Reading(
        raw,
        symbology,
        gtin=values.get("01"),
        sscc=values.get("00"),
        lot=values.get("10"),
        serial=values.get("21"),
        expiry=expiry.isoformat() if expiry else None,
    )


def _flaw(raw: str, message: GS1Message, values: dict[str, str]) -> KeyFlaw | None:
    """A wrong check digit, an identifier that stands twice, or a parenthesis that may belong to a value."""
    for problem, ai in ((gtin_problem, "01"), (sscc_problem, "00")):
        if ai in values and (flaw := problem(values[ai])):
            return flaw
    if len(values) < len(message.element_strings):
        return KeyFlaw("error", "the same application identifier stands twice", "同一应用标识符出现两次")
    again = "".join(f"({ai}){value}" for ai, value in values.items())
    if raw.startswith("(") and again != "".join(raw.split()):
        return KeyFlaw(
            "error",
            "a value has parentheses of its own: scan the code instead of typing it",
            "数据中含有括号，请扫码",
        )
    return None
