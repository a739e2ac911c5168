"""Errors as RFC 9457 problem details, in the reader's language.

    {"type": "/problems/CustodyRefused", "title": "不符合规定", "status": 422, "detail": "batch B1: only 4 kg …",
     "code": "CustodyRefused", "field": "lines[0].quantity", "index": null, "row": null}

`problem` is what every answer and every item of an answer is made of; `told` is the only place where an error becomes
words. Which status an error has is decided here, once. What went wrong is for others to raise: nothing here judges.

>>> reader_language("en-GB,en;q=0.9,zh;q=0.8"), reader_language("zh-CN"), reader_language(None)
('en', 'zh', 'zh')
>>> from ledger.errors import Conflict
>>> problem(Conflict("entry 7 has this id", field="id"), "en")["status"]
409
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import orjson
from starlette.responses import Response

from ledger import errors
from ledger.errors import LedgerError
from ledger.language import Language as Speech
from ledger_web.faults import Invalid, RequestFault

if TYPE_CHECKING:
    from ledger_schemas import Problem

Language = Literal["zh", "en"]
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
_TAG = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*"
)


class Told(NamedTuple):
    """An error in words."""

    title: str
    detail: str
    problems: list[dict[str, str]]


def told(error: LedgerError, language: Language) -> Told:
    """The words for an error. Nothing else in this package makes text of one."""
    found: Sequence[Problem] = getattr(error.__cause__, "problems", ())
    chinese = language == "zh"
    said = Speech.of(language)
    # Faults of requests carry both languages themselves; errors of the ledger are in its catalogue.
    title = said.told(error.title)
    if own := getattr(error, "zh" if chinese else "en", None):
        title = own
    detail = getattr(error, "message_zh", None) if chinese else None
    if detail is None:
        detail = said.told(error.message)
    if isinstance(error, Invalid):
        return Told(title, detail, error.problems)
    problems = [
        {"field": f"body.{one.field}" if one.field else "body", "detail": one.zh if chinese else one.message}
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


def reader_language(accepted: str | None) -> Language:
    """Chinese or English by an Accept-Language header (RFC 9110, section 12.5.4); Chinese where it says neither."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accepted or "")[:1000].split(","):
        match = _TAG.fullmatch(part)
        if match is None:
            continue
        weight = 1.0 if match[2] is None else float(match[2])
        tag = match[1].lower()
        if tag in ("zh", "en") and weight > best[0]:
            best = (weight, "zh" if tag == "zh" else "en")
    return best[1]
