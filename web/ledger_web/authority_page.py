"""The page on which a phone gets the authority of `custody tls make`, and what to tap then. It needs no script.

    GET /tls                 the page, in the reader's language, with the fingerprint and a QR of its own address
    GET /tls/authority.cer   the certificate (DER), which iOS, Android and HarmonyOS take
    GET /tls/authority.crt   the same in PEM

    serve_authority(app, folder)

On the first visit a phone cannot know the server yet, so what it gets here may be somebody else's. Therefore the
fingerprint is compared with the one that `custody tls make` has printed. Only these certificates leave the folder;
there is no path in a request.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ledger.messages import Message
from ledger_web import qr
from ledger_web.faults import NotThere
from ledger_web.languages import reader_language
from ledger_web.sessions import scheme_of
from ledger_web.tls import fingerprint

MEDIA_TYPES = {"cer": "application/x-x509-ca-cert", "crt": "application/x-pem-file"}

router = APIRouter(prefix="/tls", tags=["tls"])
_pages = Environment(
    loader=PackageLoader("ledger_web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def serve_authority(app: FastAPI, folder: Path) -> None:
    """Offer the authority of this folder in the routes below; where there is none, they are not there."""
    app.state.authority = folder


@router.get("", response_class=HTMLResponse)
def page(request: Request) -> HTMLResponse:
    """What to tap."""
    found = fingerprint(_read(request, "cer"))
    language = reader_language(request.headers.get("accept-language"))
    host = request.headers.get("host", "")
    code = Markup(qr.svg(f"{scheme_of(request)}://{host}/tls"))  # noqa: S704 - made by segno, of paths without text
    html = _pages.get_template("authority.html").render(lang=language, fingerprint=found, qr=code)
    return HTMLResponse(html, headers={"cache-control": "no-store", "content-language": language})


@router.get("/authority.{suffix}")
def certificate(request: Request, suffix: str) -> Response:
    """The certificate of the authority."""
    if suffix not in MEDIA_TYPES:
        raise _nothing()
    return Response(
        _read(request, suffix),
        media_type=MEDIA_TYPES[suffix],
        headers={"content-disposition": f'attachment; filename="authority.{suffix}"'},
    )


def _read(request: Request, suffix: str) -> bytes:
    folder: Path | None = getattr(request.app.state, "authority", None)
    path = None if folder is None else folder / f"authority.{suffix}"
    if path is None or not path.is_file():
        raise _nothing()
    return path.read_bytes()


def _nothing() -> NotThere:
    return NotThere(
        Message("this server has no authority of its own: it is made with `custody tls make`"),
    )
