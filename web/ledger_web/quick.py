"""Routes that are asked a thousand times a second, answered without the framework around them.

    app = Quick(framework, [Route("/statements", post_statements, methods=["POST"])])

A request whose address and method fit one of `routes` is answered by its endpoint, and what that raises by a problem,
as everywhere. All other requests, also those that ask for a quick route with another method, go to the framework: its
router, its seven layers of middleware and its parameters cost several times what such a route does.

What it leaves to others: which routes are quick (`app`), and what stands before every request (`shield`, `metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.errors import LedgerError
from ledger_web.failures import Caught
from ledger_web.problems import respond
from ledger_web.service import language_of
from ledger_web.shield import Interrupted


class Quick:
    """See the module docstring."""

    def __init__(self, app: ASGIApp, routes: Iterable[Route]) -> None:
        self._app = app
        self._answer = Caught(_answer)
        self._by_first: dict[str, list[Route]] = {}
        for route in routes:
            self._by_first.setdefault(_first(route.path), []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self._by_first.get(_first(scope["path"]), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    await self._answer(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    try:
        response = await scope["endpoint"](request)
    except LedgerError as error:
        response = respond(error, language_of(request))
    except Interrupted as error:
        response = respond(error.fault, language_of(request))
    await response(scope, receive, send)


def _first(path: str) -> str:
    """The first segment of a path.

    >>> _first("/tile/0/000"), _first("/statements"), _first("")
    ('tile', 'statements', '')
    """
    return path[1:].partition("/")[0]
