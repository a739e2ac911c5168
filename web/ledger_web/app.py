"""The app: every page and route on one open ledger, behind one shield.

    app = make_app(home, open_ledger=lambda: home.open(ask, clock=now_ms), reader_of=…, clock=now_ms, randomness=…)

What it does: puts the parts together, opens the ledger when the server starts, and closes it when it ends, after what
waits in the queue has been committed. Whatever goes wrong in a route becomes a problem here. What it leaves to others:
every route (`statements`, `tlog`, `blobs`, `views`, …), who reads (`reader_of`), sockets and signals (`serving`).

Routes that are asked a thousand times a second are plain Starlette ones; the others are FastAPI's, for their checked
parameters. Both are in /openapi.json.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from ledger.errors import LedgerError
from ledger.messages import Message
from ledger_web import (
    authority_page,
    blobs,
    downloads,
    enrolment,
    labelling,
    openapi,
    public,
    scanning,
    sessions,
    statements,
    status,
    tlog,
    views,
)
from ledger_web.checking import router as checks
from ledger_web.cosigning import router as cosigning
from ledger_web.downloads import Counter
from ledger_web.duty import router as duty
from ledger_web.enrolment import Desk
from ledger_web.faults import Broken, Invalid, NotAllowed, NotThere, NotUnderstood
from ledger_web.invitations import Invitations
from ledger_web.languages import reader_language
from ledger_web.metrics import Metrics, Watched
from ledger_web.mine import router as mine
from ledger_web.pages import site
from ledger_web.problems import respond
from ledger_web.public import Window
from ledger_web.scanning import Scanner
from ledger_web.service import ReaderOf, Service, language_of
from ledger_web.sessions import Gate, reader
from ledger_web.settings import Settings
from ledger_web.shield import Interrupted, Shield
from ledger_web.tlog import LogReads

if TYPE_CHECKING:
    from ledger.custody.home import Home
    from ledger.custody.ledger import Ledger

_log = logging.getLogger("custody.app")


def make_app(
    home: Home,
    *,
    open_ledger: Callable[[], Ledger],
    clock: Callable[[], int],
    randomness: Callable[[int], bytes],
    settings: Settings | None = None,
    reader_of: ReaderOf = reader,
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """The app on the ledger of `home`; `routers` are further pages, which find the `Service` in their requests."""
    settings = settings or Settings()
    metrics = Metrics()
    service = Service(
        home,
        open_ledger=open_ledger,
        settings=settings,
        reader_of=reader_of,
        clock=clock,
        randomness=randomness,
        metrics=metrics,
    )
    app = FastAPI(
        title="Custody Ledger 进口货物监管台账",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Watched, metrics=metrics),
            Middleware(Shield, settings=settings),
            Middleware(_Caught),
        ],
    )
    app.state.service = service
    _handle_errors(app)
    app.router.add_route("/statements", statements.post_statements, ["POST"])
    for path, route, methods in tlog.ROUTES:
        app.router.add_route(path, route, list(methods))
    for router in (
        openapi.router,
        status.router,
        views.router,
        blobs.router,
        sessions.router,
        enrolment.router,
        authority_page.router,
        public.router,
        labelling.router,
        scanning.router,
        downloads.router,
        *routers,
    ):
        app.include_router(router)
    for router in (mine, checks, duty, cosigning, site.router()):
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    anyio.to_thread.current_default_thread_limiter().total_tokens = service.settings.readers_at_once
    await run_in_threadpool(service.open)
    app.state.log_reads = LogReads(service.ledger)
    Gate(service.ledger, clock=service.clock, randomness=service.randomness).install(app)
    invitations = Invitations(service.home.directory, clock=service.clock)
    Desk(invitations, clock=service.clock).install(app)
    Window(clock=service.clock).install(app)
    Scanner().install(app)
    Counter().install(app)
    try:
        yield
    finally:
        await run_in_threadpool(service.close)
        invitations.close()


# ---------------------------------------------------------------------- what goes wrong


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(LedgerError, _on_ledger_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)


async def _on_ledger_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)  # noqa: S101 - registered for these
    return respond(error, language_of(request))


async def _on_http_error(request: Request, error: Exception) -> Response:
    """What the framework raises, as a problem like all others."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these
    if isinstance(error, Interrupted):
        return respond(error.fault, language_of(request))
    fault: LedgerError
    if error.status_code == 404:
        fault = NotThere(Message("there is nothing under this address: see /docs"))
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        fault = NotAllowed(
            Message(
                "{method} is not for this address: use {allowed}, see /docs",
                method=request.method[:20],
                allowed=allowed or Message("another method"),
            ),
            headers={"allow": allowed},
        )
    else:
        fault = NotUnderstood(Message("{detail}: see /docs", detail=str(error.detail)))
    return respond(fault, language_of(request))


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for these
    problems = [
        {"field": ".".join(map(str, one["loc"])), "detail": str(one["msg"])} for one in error.errors()[:20]
    ]
    named = ", ".join(one["field"] for one in problems)
    return respond(
        Invalid(Message("see {named}, and /docs for what is asked", named=named), problems=problems),
        language_of(request),
    )


class _Caught:
    """The last resort: a mistake of the program is logged by its place and answered in our own words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Event) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:  # in the middle of its request: nobody hears an answer
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            _log.exception("a mistake of the program")
            if begun:  # too late for words: the connection ends in the middle of the answer
                raise
            accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
            fault = Broken(
                Message(
                    "a mistake of this program ({type}): nothing was changed by this request that was not "
                    "answered; try again, and report it",
                    type=type(error).__name__,
                ),
            )
            await respond(fault, reader_language(accepted))(scope, receive, send)
