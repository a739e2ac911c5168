"""The description of all routes: /openapi.json for programs, /docs for people, with nothing from other hosts.

FastAPI describes its own routes; those of the hot paths describe themselves in a `PATHS` each, and are put in here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from ledger_web import statements, tlog_described

router = APIRouter()

_TEXT: Final = {"type": "string"}
_OPTIONAL_TEXT: Final = {"type": ["string", "null"]}
_OPTIONAL_NUMBER: Final = {"type": ["integer", "null"]}
_HEX64: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}

SCHEMAS: Final[dict[str, Any]] = {
    "Envelope": {
        "type": "object",
        "description": "A DSSE envelope; docs/format.md section 2 says what is signed.",
        "required": ["payload", "payloadType", "signatures"],
        "additionalProperties": False,
        "properties": {
            "payload": {"type": "string", "contentEncoding": "base64"},
            "payloadType": {"const": "application/vnd.custody-ledger.statement.v1+json"},
            "signatures": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["keyid", "sig"],
                    "additionalProperties": False,
                    "properties": {"keyid": _HEX64, "sig": {"type": "string", "contentEncoding": "base64"}},
                },
            },
        },
    },
    "Receipt": {
        "type": "object",
        "required": ["accepted"],
        "properties": {
            "accepted": {
                "type": "object",
                "required": ["status", "index", "id", "leaf_hash", "recorded_at", "checkpoint_size", "again"],
                "properties": {
                    "status": {"const": "accepted"},
                    "index": {"type": "integer"},
                    "id": _TEXT,
                    "leaf_hash": _HEX64,
                    "recorded_at": _TEXT,
                    "checkpoint_size": {"type": "integer"},
                    "again": {"type": "boolean"},
                },
            }
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem details, in the language of Accept-Language (zh, en).",
        "required": ["type", "title", "status", "detail", "code", "field", "index", "row"],
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "code": _TEXT,
            "field": _OPTIONAL_TEXT,
            "index": _OPTIONAL_NUMBER,
            "row": _OPTIONAL_NUMBER,
            "problems": {
                "type": "array",
                "items": {"type": "object", "properties": {"field": _TEXT, "detail": _TEXT}},
            },
        },
    },
    "Answers": {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "oneOf": [
                        {"$ref": "#/components/schemas/Receipt"},
                        {
                            "type": "object",
                            "required": ["refused"],
                            "properties": {"refused": {"$ref": "#/components/schemas/Problem"}},
                        },
                    ]
                },
            }
        },
    },
}
PROBLEM: Final[dict[str, Any]] = {
    "description": "What is wrong, where, and what to do",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

_STYLE: Final = """:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0; } code { font-size: 1rem; overflow-wrap: anywhere; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; } .method { display: inline-block; min-width: 4rem; }
"""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version="1",
            summary="Signed statements in, proofs out",
            description="Writing needs no session: the signature is the permission. Errors are RFC 9457 problems.",
            routes=app.routes,
        )
        components = made.setdefault("components", {})
        components["schemas"] = {
            name: schema
            for name, schema in components.get("schemas", {}).items()
            if name not in ("HTTPValidationError", "ValidationError")
        } | SCHEMAS
        components["responses"] = {"Problem": PROBLEM}
        paths = made.setdefault("paths", {})
        for path, operations in (statements.PATHS | tlog_described.PATHS).items():
            paths.setdefault(path, {}).update(operations)
        for operations in paths.values():
            for operation in operations.values():
                _with_problems(operation)
        app.openapi_schema = made
    return app.openapi_schema


def _with_problems(operation: dict[str, Any]) -> None:
    """Every operation may answer with a problem; FastAPI's own description of a bad parameter is not what comes."""
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    for status in ("400", "401", "403", "404", "405", "408", "413", "415", "421", "422", "503"):
        answers.setdefault(status, {"$ref": "#/components/responses/Problem"})


@router.get("/openapi.json", include_in_schema=False)
async def openapi_json(request: Request) -> JSONResponse:
    """The document."""
    return JSONResponse(describe(request.app))


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The document as one plain page: it needs no script."""
    return HTMLResponse(_page(request.app))


@router.get("/docs.css", include_in_schema=False)
async def docs_style() -> Response:
    """Its style."""
    return Response(_STYLE, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


@lru_cache(4)
def _page(app: FastAPI) -> str:
    document = describe(app)
    parts = [
        Markup(
            '<!doctype html><html lang="zh"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css">'
            "<title>{title}</title><h1>{title}</h1><p>{about}</p>"
            '<p><a href="/openapi.json">OpenAPI 3.1</a></p>'
        ).format(title=document["info"]["title"], about=document["info"]["description"])
    ]
    for path, operations in sorted(document["paths"].items()):
        parts.extend(_operation(path, method, one) for method, one in operations.items())
    return Markup("").join(parts)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Markup:
    head = Markup('<h2><code><span class="method">{}</span>{}</code></h2><p>{}<br>{}</p>').format(
        method.upper(), path, operation.get("summary", ""), operation.get("description", "")
    )
    named = [
        Markup("<dt><code>{}</code></dt><dd>{}</dd>").format(
            one["name"], one.get("description", one.get("in", ""))
        )
        for one in operation.get("parameters", ())
    ]
    takes = operation.get("requestBody", {}).get("content", {})
    if takes:
        named.append(Markup("<dt>body</dt><dd>{}</dd>").format(", ".join(takes)))
    return head + (Markup("<dl>") + Markup("").join(named) + Markup("</dl>") if named else escape(""))
