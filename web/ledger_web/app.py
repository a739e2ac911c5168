"""The app: every page and route on one open ledger, behind one shield.

    app = make_app(home, open_ledger=lambda: home.open(ask, clock=now_ms), reader_of=…, clock=now_ms, randomness=…)

What it does: puts the parts together, opens the ledger when the server starts, and closes it when it ends, after what
waits in the queue has been committed. What it leaves to others: every route (`statements`, `tlog`, `blobs`, `views`,
…), who reads (`reader_of`), what goes wrong (`failures`), sockets and signals (`serving`).

Routes that are asked a thousand times a second answer without the framework (`quick`); the others are FastAPI's, for
their checked parameters. Both are in /openapi.json.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.errors import LedgerError
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
from ledger_web.failures import Caught, on_errors
from ledger_web.fairness import Fair
from ledger_web.granting import router as granting
from ledger_web.invitations import Invitations
from ledger_web.measures import router as measures
from ledger_web.metrics import Metrics, Watched
from ledger_web.mine import router as mine
from ledger_web.pages import site
from ledger_web.planning import router as planning
from ledger_web.public import Window
from ledger_web.quick import Quick
from ledger_web.scanning import Scanner
from ledger_web.service import ReaderOf, Service
from ledger_web.sessions import Gate, reader, who_asks
from ledger_web.settings import Settings
from ledger_web.shield import Shield
from ledger_web.tlog import LogReads
from ledger_web.trying import router as trying

if TYPE_CHECKING:
    from ledger.custody.home import Home
    from ledger.custody.ledger import Ledger

_log = logging.getLogger("custody")

QuickRoute = tuple[str, Callable[[Request], Awaitable[Response]], Sequence[str]]
QUICK: Final[tuple[QuickRoute, ...]] = (("/statements", statements.post_statements, ("POST",)), *tlog.ROUTES)


class App(FastAPI):
    """A FastAPI app behind a front that stands before every route, also before those that do without FastAPI."""

    front: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.front(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI's own routes and middleware."""
        await super().__call__(scope, receive, send)


def make_app(
    home: Home,
    *,
    open_ledger: Callable[[], Ledger],
    clock: Callable[[], int],
    randomness: Callable[[int], bytes],
    settings: Settings | None = None,
    reader_of: ReaderOf = reader,
    routers: Sequence[APIRouter] = (),
    more_quick: Sequence[QuickRoute] = (),
) -> App:
    """The app on the ledger of `home`; `routers` are further pages, which find the `Service` in their requests, and
    `more_quick` further routes that answer without the framework."""
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
    app = App(
        title="Custody Ledger 进口货物监管台账",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Caught)],
    )
    app.state.service = service
    on_errors(app)
    quick = [Route(path, route, methods=methods) for path, route, methods in (*QUICK, *more_quick)]
    app.router.routes.extend(quick)  # there too: it is the framework that answers another method
    fair = Fair(app.framework, settings, who_asks)
    app.front = Watched(Shield(Quick(fair, quick), settings), metrics)
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
    for router in (mine, checks, duty, measures, planning, trying, cosigning, granting, site.router()):
        app.include_router(router)
    return app


async def _sweep(service: Service) -> None:
    while True:
        try:
            await run_in_threadpool(service.sweep)
        except LedgerError as error:  # another process may be writing for long: the next time will do
            _log.warning("attachments were not swept", extra={"code": error.code})
        await asyncio.sleep(service.settings.sweep_seconds)


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
    sweeping = asyncio.create_task(_sweep(service))
    try:
        yield
    finally:
        service.unnamed.stop()
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await run_in_threadpool(service.close)
        invitations.close()
