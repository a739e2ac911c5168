"""Errors as RFC 9457 problem details, in the reader's language.

    {"type": "/problems/CustodyRefused", "title": "不符合规定", "status": 422, "detail": "batch B1: only 4 kg …",
     "code": "CustodyRefused", "field": "lines[0].quantity", "index": null, "row": null}

`problem` is what every answer and every item of an answer is made of; `told` is the only place where an error becomes
words. Which status an error has is decided here, once. What went wrong is for others to raise: nothing here judges.

>>> from ledger.errors import Conflict
>>> problem(Conflict("entry 7 has this id", field="id"), "en")["status"]
409
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from starlette.responses import Response

from ledger import errors
from ledger.errors import LedgerError
from ledger_web.faults import Invalid, RequestFault
from ledger_web.languages import LanguageName as Language
from ledger_web.languages import spoken

if TYPE_CHECKING:
    from ledger_schemas import Problem

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2

_STATUS: Final[dict[type[LedgerError], int]] = {
    errors.FormatError: 400,
    errors.Refused: 422,
    errors.SignatureInvalid: 403,
    errors.NotAuthorised: 403,
    errors.Conflict: 409,
    errors.SeenMismatch: 409,
    errors.StoreError: 500,
    errors.StoreBusy: 503,
    errors.StoreReadOnly: 503,
    errors.StoreFull: 507,
    errors.SourceError: 400,
    errors.SheetError: 422,
    errors.UsageError: 400,
    LedgerError: 400,
}


class Told(NamedTuple):
    """An error in words."""

    title: str
    detail: str
    problems: list[dict[str, str]]


def told(error: LedgerError, language: Language) -> Told:
    """The words for an error. Nothing else in this package makes text of one."""
    found: Sequence[Problem] = getattr(error.__cause__, "problems", ())
    said = spoken(language)
    title, detail = said.told(error.title), said.told(error.message)
    if isinstance(error, Invalid):
        return Told(title, detail, error.problems)
    problems = [
        {
            "field": f"body.{one.field}" if one.field else "body",
            "detail": one.zh if language == "zh" else one.message,
        }
        for one in found
    ]
    return Told(title, detail, problems)


def status_of(error: LedgerError) -> int:
    """The HTTP status that says the same as the error's class."""
    if isinstance(error, RequestFault):
        return error.status
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def problem(error: LedgerError, language: Language) -> dict[str, Any]:
    """The problem details of an error."""
    words = told(error, language)
    found: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": words.title,
        "status": status_of(error),
        "detail": words.detail,
        "code": error.code,
        "field": error.field,
        "index": error.index,
        "row": error.row,
    }
    if words.problems:
        found["problems"] = words.problems
    return found


def respond(error: LedgerError, language: Language, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that failed."""
    status = status_of(error)
    more = {"cache-control": "no-store", "content-language": language, **(headers or {})}
    if isinstance(error, RequestFault):
        more |= error.headers
        if error.retry_after is not None:
            more["retry-after"] = str(error.retry_after)
    if status == 503:
        more.setdefault("retry-after", str(RETRY_SECONDS))
    return Response(orjson.dumps(problem(error, language)), status, more, MEDIA_TYPE)
