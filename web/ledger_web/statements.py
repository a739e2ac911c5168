"""`POST /statements`: signed statements come in, receipts go out when they are durable.

    one DSSE envelope         application/json             201 {"accepted": receipt}, 200 when it was in before,
                                                           or a problem with the status of the refusal
    an array of envelopes     application/json             200 {"items": [{"accepted": …} | {"refused": problem}, …]}
    one envelope a line       application/x-ndjson         the same

Of many, each has its answer in its place, whatever the others get; `row` in a refusal is the line or the number of the
item, from 1. The same statement again gets its first receipt, so a sender who did not hear the answer sends it again.
Nothing but the signature is needed: it is the permission. What the command line refuses is refused here, by the same
code; this module only takes requests apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ledger.custody.batch import Receipt
from ledger.custody.ledger import Answer
from ledger.errors import EnvelopeError, FormatError, LedgerError
from ledger.exchange.answers import receipts
from ledger.log import Envelope, canonical
from ledger.log.statement import MAX_ENVELOPE_BYTES, parse_envelope
from ledger.messages import Message, either
from ledger_web.faults import NotUnderstood, TooLong, WrongType
from ledger_web.languages import LanguageName as Language
from ledger_web.limits import place_of
from ledger_web.problems import problem, respond
from ledger_web.service import Service, language_of

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
_SPACE: Final = b" \t\r\n"
LONG: Final = 65_536
_PARTS: Final = 64
"""Commas and brackets of an envelope in an array: 5, and 3 for each signature."""

Taken = Envelope | LedgerError


async def post_statements(request: Request) -> Response:
    """The route; see the module docstring."""
    service, language = Service.of(request), language_of(request)
    place = place_of(request.client.host if request.client else None)
    media = content_type(request, (JSON, LINES))
    data = await request.body()
    if media == JSON and data.lstrip(_SPACE)[:1] != b"[":
        return await _one(service, place, data, language)
    most = service.settings.per_request
    if len(data) > LONG:  # others are not to wait while it is taken apart
        taken = await run_in_threadpool(_taken, media, data, most)
    else:
        taken = _taken(media, data, most)
    if not taken:
        raise NotUnderstood(Message("no statement in the request: send at least one"))
    return await _many(service, place, taken, language)


async def _one(service: Service, place: str, data: bytes, language: Language) -> Response:
    try:
        (answer,) = await _submit(service, place, [parse_envelope(data)])
    except FormatError:
        service.metrics.answered("refused")
        raise
    if not isinstance(answer, Receipt):
        service.metrics.answered("refused")
        return respond(answer, language)
    service.metrics.answered("again" if answer.again else "accepted")
    return Response(
        orjson.dumps({"accepted": receipts.as_json(answer)}),
        200 if answer.again else 201,
        {"location": f"/proof/{answer.index}", "cache-control": "no-store"},
        JSON,
    )


async def _submit(service: Service, place: str, envelopes: Sequence[Envelope]) -> list[Answer]:
    """Raises: TooMany for who has sent too many with bad signatures; Busy."""
    service.refusals.require(place, envelopes)
    answers = await service.queue.submit(envelopes)
    service.refusals.count(place, envelopes, answers)
    return answers


async def _many(
    service: Service, place: str, taken: Sequence[tuple[int, Taken]], language: Language
) -> Response:
    answers = iter(await _submit(service, place, [one for _, one in taken if isinstance(one, Envelope)]))
    items: list[dict[str, Any]] = []
    for row, one in taken:
        answer = next(answers) if isinstance(one, Envelope) else one
        if isinstance(answer, Receipt):
            service.metrics.answered("again" if answer.again else "accepted")
            items.append({"accepted": receipts.as_json(answer)})
        else:
            service.metrics.answered("refused")
            items.append({"refused": problem(answer, language) | {"row": row}})
    return Response(orjson.dumps({"items": items}), 200, {"cache-control": "no-store"}, JSON)


def content_type(request: Request, allowed: Sequence[str]) -> str:
    """The media type of a request's body. Raises: WrongType for one that is not taken here, or a packed one."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    media = media.strip().lower()
    charset = parameters.strip().lower().replace('"', "")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if media in allowed and charset in ("", "charset=utf-8") and packed == "identity":
        return media
    what = (
        Message("packed as {coding}", coding=packed[:40])
        if packed != "identity"
        else media[:80] or Message("nothing")
    )
    raise WrongType(
        Message(
            "the body is said to be {what}: send {allowed} in UTF-8, not packed",
            what=what,
            allowed=either(allowed),
        ),
        field="Content-Type",
        headers={"accept-post": ", ".join(allowed)},
    )


def _taken(media: str, data: bytes, most: int) -> list[tuple[int, Taken]]:
    """Each envelope or why it is none, with the number of its line or item.

    Raises: EncodingError for JSON that is no array; TooLong, before any of them is looked at: anybody may send them.
    """
    if media == LINES:
        if (lines := data.count(b"\n")) > most * _PARTS:  # some may be empty; so many are not taken apart
            _require_few(lines, most)
        parts = [(row, line) for row, line in enumerate(data.split(b"\n"), 1) if line.strip(_SPACE)]
    else:
        _require_plain(data, most)
        value = canonical.load_any_layout(data, limit=len(data))  # bounded while it was read
        assert isinstance(value, list)  # noqa: S101 - it begins with a bracket
        _require_few(len(value), most)
        # Each in a spelling of its own, for the parser that reads single ones: one reading of what an envelope is.
        parts = [(row, orjson.dumps(one)) for row, one in enumerate(value, 1)]
    _require_few(len(parts), most)
    return [(row, _envelope(part)) for row, part in parts]


def _require_plain(data: bytes, most: int) -> None:
    """Refuse an array of more parts than envelopes have, before it is taken apart: `[],` as an object is twenty times
    as large as in the request. Raises: TooLong.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > most * _PARTS:
        raise TooLong(
            Message("more commas and brackets than {most} envelopes have: send fewer at a time", most=most)
        )


def _require_few(count: int, most: int) -> None:
    """Raises: TooLong."""
    if count > most:
        raise TooLong(
            Message(
                "{count} statements, at most {per_request} are taken in one request: send the rest "
                "in further ones",
                count=count,
                per_request=most,
            ),
        )


def _envelope(data: bytes) -> Taken:
    if len(data) > MAX_ENVELOPE_BYTES:
        return EnvelopeError(
            "longer than {max_envelope_bytes} bytes: it is no envelope", max_envelope_bytes=MAX_ENVELOPE_BYTES
        )
    try:
        return parse_envelope(data.strip(_SPACE))
    except LedgerError as error:
        return error


def _operation() -> dict[str, Any]:
    envelope = {"$ref": "#/components/schemas/Envelope"}
    answered = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Receipt"}}}}
    refused = {"$ref": "#/components/responses/Problem"}
    return {
        "summary": "提交记录 Submit signed statements",
        "description": "One DSSE envelope, an array of them, or one a line. Answered when durable.",
        "tags": ["statements"],
        "operationId": "post_statements",
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": {"oneOf": [envelope, {"type": "array", "items": envelope, "minItems": 1}]}},
                LINES: {"schema": {"type": "string"}},
            },
        },
        "responses": {
            "200": {
                "description": "In before, or the answers for many",
                "content": {
                    JSON: {
                        "schema": {
                            "oneOf": [
                                {"$ref": "#/components/schemas/Receipt"},
                                {"$ref": "#/components/schemas/Answers"},
                            ]
                        }
                    }
                },
            },
            "201": {"description": "Accepted", **answered},
            **{str(status): refused for status in (400, 403, 408, 409, 413, 415, 421, 422, 503, 507)},
        },
    }


PATHS: Final[dict[str, Any]] = {"/statements": {"post": _operation()}}
