"""What pages are made with: scripts, styles and icons, under an address that changes with their content.

    assets = Assets.load()
    assets.url("app.css")                  # '/static/4f1c09ab33de/app.css'
    assets.find("js/app/main.js").body

Everything is read once, when the server starts, so an address names nothing but what was there then. The version is a
digest of all of it together with templates and catalogues: a page asks for exactly the scripts it was made with, and
the service worker keeps one version as a whole. What it leaves to others: routes (`site`).
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, Self

from ledger_web.languages import LOCALE
from ledger_web.pages.icons import icon_png, icon_svg
from ledger_web.pages.page import HERE, TEMPLATES

STATIC: Final = HERE / "static"
WORKER: Final = "sw.js"
BACKGROUND: Final = "js/app/background.js"
ICON_SIZES: Final = (180, 192, 512)
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """One file as it is sent; `packed` with gzip, None where that gains nothing."""

    body: bytes
    packed: bytes | None
    media_type: str


class Assets:
    """See the module docstring."""

    def __init__(self, files: dict[str, bytes], others: bytes) -> None:
        digest = sha256(others)
        for name in sorted(files):
            digest.update(name.encode() + b"\0" + sha256(files[name]).digest())
        self.version = digest.hexdigest()[:12]
        self._files = {name: packed(name, body) for name, body in files.items()}

    @classmethod
    @cache
    def load(cls) -> Self:
        """Everything below `static`, and the icons, which are drawn. Read once for a process."""
        files = {
            path.relative_to(STATIC).as_posix(): path.read_bytes()
            for path in STATIC.rglob("*")
            if path.suffix in _TYPES
        }
        files["icon.svg"] = icon_svg().encode()
        files |= {f"icon-{size}.png": icon_png(size) for size in ICON_SIZES}
        beside = [*TEMPLATES.rglob("*.j2"), *LOCALE.rglob("*.po")]
        return cls(files, b"".join(path.read_bytes() for path in sorted(beside)))

    def find(self, name: str) -> Asset | None:
        return self._files.get(name)

    def url(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    @property
    def names(self) -> list[str]:
        """What pages load; the service worker itself has an address of its own."""
        return sorted(name for name in self._files if name != WORKER)


def packed(name: str, body: bytes) -> Asset:
    """A file as it is sent."""
    small = gzip.compress(body, 9, mtime=0) if not name.endswith(".png") else body
    return Asset(body, small if len(small) < len(body) else None, _TYPES[Path(name).suffix])
