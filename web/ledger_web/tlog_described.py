"""What /openapi.json says of the routes in `tlog`."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_BYTES: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_INDEX: Final = {
    "name": "index",
    "in": "path",
    "required": True,
    "description": "条目编号 Index of the entry",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999},
}
_ROOT: Final = {
    "type": "object",
    "properties": {"size": {"type": "integer"}, "root": {"type": "string"}},
    "required": ["size", "root"],
}


def _operation(
    name: str, summary: str, content: dict[str, Any], *parameters: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["log"],
        "parameters": list(parameters),
        "responses": {"200": {"description": "OK", "content": content}},
        **more,
    }


def _size(name: str, words: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": words,
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999_999_999},
    }


def _path(name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}


PATHS: Final[dict[str, Any]] = {
    "/checkpoint": {"get": _operation("checkpoint", "检查点 The newest signed checkpoint", _TEXT)},
    "/vkey": {"get": _operation("vkey", "验证密钥 The log's verifier key", _TEXT)},
    "/tile/{path}": {
        "get": _operation(
            "tile",
            "哈希块与条目块 A tile of hashes, or a bundle of entries (C2SP tlog-tiles)",
            _BYTES,
            _path("path", "0/x001/234.p/5, entries/000 …"),
        )
    },
    "/proof/{index}": {
        "get": _operation("prove", "出具证明 tlog-proof of an entry that you may see", _TEXT, _INDEX),
        "post": _operation(
            "prove_known",
            "出具证明 tlog-proof of an entry that you hold: its bytes, or their leaf hash",
            _TEXT,
            _INDEX,
            requestBody={
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["leaf_hash"],
                            "properties": {"leaf_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
                        }
                    },
                    **_BYTES,
                },
            },
        ),
    },
    "/consistency": {
        "get": _operation(
            "consistency",
            "一致性证明 That one history is the beginning of another",
            {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["from", "to", "proof"],
                        "properties": {
                            "from": _ROOT,
                            "to": _ROOT,
                            "proof": {"type": "array", "items": {"type": "string"}},
                        },
                    }
                }
            },
            _size("from", "较早的条数 Entries of the earlier history", required=True),
            _size("to", "较晚的条数 Entries of the later one; all by default", required=False),
        )
    },
}
