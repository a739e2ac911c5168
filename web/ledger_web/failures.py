"""What goes wrong in a route, answered as a problem (RFC 9457) in the reader's language.

    on_errors(app)                      # of a FastAPI app: each kind of error has its answer
    app = Caught(app)                   # any ASGI app: even a mistake of the program is answered in our words

What it leaves to others: the words and the status of an error (`problems`), raising it.
"""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from ledger.errors import LedgerError
from ledger.messages import Message
from ledger_web.faults import Broken, Invalid, NotAllowed, NotThere, NotUnderstood
from ledger_web.languages import reader_language
from ledger_web.problems import respond
from ledger_web.service import language_of
from ledger_web.shield import Interrupted

_log = logging.getLogger("custody.app")


def on_errors(app: FastAPI) -> None:
    """Answer what the routes of an app raise."""
    app.add_exception_handler(LedgerError, on_ledger_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)


async def on_ledger_error(request: Request, error: Exception) -> Response:
    """What the ledger, or a route, says in its own words."""
    assert isinstance(error, LedgerError)  # noqa: S101 - registered for these
    return respond(error, language_of(request))


async def on_http_error(request: Request, error: Exception) -> Response:
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


async def on_invalid(request: Request, error: Exception) -> Response:
    """Parameters that are not as a route asks for them."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for these
    problems = [
        {"field": ".".join(map(str, one["loc"])), "detail": str(one["msg"])} for one in error.errors()[:20]
    ]
    named = ", ".join(one["field"] for one in problems)
    return respond(
        Invalid(Message("see {named}, and /docs for what is asked", named=named), problems=problems),
        language_of(request),
    )


class Caught:
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
