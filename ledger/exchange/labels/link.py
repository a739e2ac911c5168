"""The web address of a batch: a GS1 Digital Link where the goods have a GTIN, `BASE/b/BATCH` otherwise.

    >>> base = Base.of("https://custody.example/")
    >>> base.link("B1")
    'https://custody.example/b/B1'
    >>> base.link("冻虾-1", gtin="6291041500213", lot="L9")
    'https://custody.example/01/06291041500213/10/L9?batch=%E5%86%BB%E8%99%BE-1'
    >>> batch_in("https://custody.example/b/B1")
    'B1'

Lots of a maker come in with several receipts, so a GTIN and its lot do not name a batch of the ledger: the Digital
Link carries it as `batch`, an extension parameter that other readers pass over. A lot that GS1 has no characters for
is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

from ledger.errors import UsageError
from ledger_schemas import DigitalLinkError, digital_link
from ledger_schemas.identifiers import BATCH_ID

_PATH = re.compile(r"/b/([^/]+)/?$")
_is_batch = re.compile(BATCH_ID).fullmatch


class Base(NamedTuple):
    """Where the pages of a ledger are: scheme, and host with the path before `/b/`."""

    scheme: str
    place: str

    @classmethod
    def of(cls, url: str) -> Base:
        """Raises: UsageError unless it is an http(s) address without query, fragment or user."""
        try:
            parts = urlsplit(url)
            host = parts.hostname
            _ = parts.port  # a port that is none
        except ValueError:
            parts, host = urlsplit(""), None
        usable = parts.scheme in {"http", "https"} and host and not (parts.query or parts.fragment)
        if not usable or "@" in parts.netloc or not re.fullmatch(r"[!-~]+", url):
            raise UsageError(
                "{url!r} cannot stand on a label: give the address of the ledger's pages, such as "
                "https://custody.example (ASCII, without query; a Chinese host name in its xn-- form)",
                url=url,
                field="--base",
            )
        return cls(parts.scheme, parts.netloc.lower() + parts.path.rstrip("/"))

    def link(self, batch: str, *, gtin: str | None = None, lot: str | None = None) -> str:
        """The address of a batch."""
        named = quote(batch, safe=":()+")
        if gtin is None:
            return f"{self.scheme}://{self.place}/b/{named}"
        try:
            link = digital_link("01", gtin, lot=lot, host=self.place)
        except DigitalLinkError:
            link = digital_link("01", gtin, host=self.place)
        return f"{self.scheme}{link.removeprefix('https')}?batch={quote(batch, safe='')}"

    def covers(self, url: str) -> bool:
        """Whether an address is one of these pages."""
        parts = urlsplit(url)
        return f"{parts.netloc.lower()}{parts.path}".startswith(f"{self.place}/")


def batch_in(url: str) -> str | None:
    """The batch that an address of a label names, whosever ledger it is of; None where it names none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    found = _PATH.search(parts.path)
    named = unquote(found[1]) if found else "".join(parse_qs(parts.query).get("batch", [""])[:1])
    return named if _is_batch(named) else None
