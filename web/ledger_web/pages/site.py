"""All pages and what belongs to them, as routes.

    app.include_router(site.router())

    /, /enrol, /holdings …        pages, in the language of ?lang=, else of the cookie `lang`, else of Accept-Language
    /static/{version}/{name}      scripts, styles, icons; never change under their address
    /words/{lang}.json            texts for scripts, and the names of codes
    /sw.js, /manifest.webmanifest what makes the pages an application that opens without network
    /sw-module.js                 the same worker as a module, which sends in the background too

A module of a further role adds its tuple to `PAGES`. What it leaves to others: rendering (`page`), files (`assets`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from babel.messages.pofile import read_po
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ledger.language import LANGUAGES
from ledger.messages import Message
from ledger_schemas import LABELS
from ledger_web.faults import NotThere
from ledger_web.languages import LOCALE, chosen_language
from ledger_web.languages import spoken as language
from ledger_web.pages import auditor, merchant, office, public, shell, supervisor
from ledger_web.pages.assets import BACKGROUND, WORKER, Asset, Assets, packed
from ledger_web.pages.icons import GREEN
from ledger_web.pages.page import Page, render

if TYPE_CHECKING:
    from ledger_web.languages import LanguageName as Language

PAGES: Final[tuple[Page, ...]] = (
    *shell.PAGES,
    *merchant.PAGES,
    *supervisor.PAGES,
    *office.PAGES,
    *auditor.PAGES,
    *public.PAGES,
)

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
_PARAMETER: Final = re.compile(r"\\\{[a-z]+\\\}")


def router() -> APIRouter:
    """Routes of all pages, with the files as they are now."""
    made = APIRouter(include_in_schema=False)
    assets = Assets.load()
    for page in PAGES:
        made.add_api_route(page.path, _shown(page, assets.version), methods=["GET", "HEAD"])
    made.add_api_route("/static/{version}/{name:path}", _file(assets), methods=["GET", "HEAD"])
    made.add_api_route("/words/{name}", _words, methods=["GET"])
    made.add_api_route("/sw.js", _worker(assets), methods=["GET"])
    made.add_api_route("/sw-module.js", _worker(assets, module=True), methods=["GET"])
    made.add_api_route("/manifest.webmanifest", _manifest(assets), methods=["GET"])
    return made


def _shown(page: Page, version: str) -> Callable[[Request], Response]:
    @cache
    def rendered(name: Language) -> Response:
        headers = {
            "cache-control": ASK_AGAIN,
            "content-language": language(name).tag,
            "vary": "cookie, accept-language",
        }
        return Response(render(page, name, version=version), 200, headers, "text/html")

    def shown(request: Request) -> Response:
        return rendered(_language_of(request))

    return shown


def _language_of(request: Request) -> Language:
    asked = request.query_params.get("lang")
    cookies = {"lang": asked} if asked else request.cookies
    return chosen_language(cookies, request.headers.get("accept-language"))


def _file(assets: Assets) -> Callable[[Request, str, str], Response]:
    def file(request: Request, version: str, name: str) -> Response:
        found = assets.find(name)
        if found is None:
            raise NotThere(Message("there is no such file: reload the page"))
        # A page of an earlier version gets what there is now, and nothing on the way keeps it under that address.
        return _sent(found, request, FOR_EVER if version == assets.version else "no-store")

    return file


def _sent(asset: Asset, request: Request, caching: str) -> Response:
    headers = {"cache-control": caching, "vary": "accept-encoding"}
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, 200, headers | {"content-encoding": "gzip"}, asset.media_type)
    return Response(asset.body, 200, headers, asset.media_type)


def _words(request: Request, name: str) -> Response:
    """Texts of scripts by their English, none where they are to stay English; and the names of all codes."""
    asked = name.removesuffix(".json")
    if asked not in LANGUAGES or asked == name:
        raise NotThere(Message("there are words in zh and en: /words/zh.json"))
    return _sent(_words_of(asked), request, ASK_AGAIN)


@cache
def _words_of(name: str) -> Asset:
    codes = {
        choice: {code: label.zh if name == "zh" else label.en for code, label in labels.items()}
        for choice, labels in LABELS.items()
    }
    said = orjson.dumps({"language": name, "texts": _texts(LANGUAGES[name]), "codes": codes})
    return packed(f"{name}.json", said)


def _texts(locale: str) -> dict[str, str]:
    file = LOCALE / locale / "LC_MESSAGES" / "web.po"
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream) if one.id and one.string}


def _worker(assets: Assets, *, module: bool = False) -> Callable[[Request], Response]:
    """The service worker, which begins with what it is to keep: another version is another script.

    Not all browsers let it be a module, and only a module can import what sends.
    """
    script = assets.find(WORKER)
    assert script is not None  # noqa: S101 - a file of this package
    kept: dict[str, Any] = {
        "version": assets.version,
        "files": [
            *(assets.url(name) for name in assets.names),
            *(f"/words/{name}.json" for name in LANGUAGES),
            "/manifest.webmanifest",
        ],
        "pages": [_page_kept(page) for page in PAGES],
        "languages": list(LANGUAGES),
    }
    body = b"const KEPT = " + orjson.dumps(kept) + b";\n" + script.body
    if module:
        body = f'import {{ TAG, wake }} from "{assets.url(BACKGROUND)}";\n'.encode() + body

    def worker(request: Request) -> Response:
        return Response(body, 200, {"cache-control": ASK_AGAIN}, script.media_type)

    return worker


def _page_kept(page: Page) -> dict[str, str]:
    """Where one document stands for all addresses of its kind: any of them to fetch it, and a pattern to know them."""
    return {
        "url": re.sub(r"\{[a-z]+\}", "_", page.path),
        "pattern": f"^{_PARAMETER.sub('[^/]+', re.escape(page.path))}$",
    }


def _manifest(assets: Assets) -> Callable[[Request], Response]:
    def manifest(request: Request) -> Response:
        said = language(_language_of(request))
        icons = [
            {
                "src": assets.url(f"icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": use,
            }
            for size in (192, 512)
            for use in ("any", "maskable")
        ]
        answer = {
            "id": "/",
            "name": said("Custody Ledger"),
            "short_name": said("Ledger"),
            "lang": said.tag,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "theme_color": GREEN,
            "background_color": "#ffffff",
            "icons": [*icons, {"src": assets.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        }
        return Response(orjson.dumps(answer), 200, {"cache-control": ASK_AGAIN}, "application/manifest+json")

    return manifest
