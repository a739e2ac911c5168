"""Which fields a receipt has, from the schema of ``goods.received``. `mapping` finds misspelt ones by it.

>>> line_fields()["quantity"], receipt_fields()["supplier.contact"], "suplier.name" in receipt_fields()
('quantity', 'sealed', False)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ledger.exchange.mapping_table import Table
from ledger.exchange.rules import Rule
from ledger.exchange.sheet_rows import did_you_mean
from ledger.messages import Message
from ledger_schemas import json_schema

KIND = "goods.received"

Schema = dict[str, Any]  # a JSON Schema is any JSON


@cache
def receipt_fields() -> dict[str, str]:
    """Dotted path of each field beside the lines, to what it holds: plain, quantity or sealed."""
    schema = json_schema(KIND)
    return dict(_leaves(schema, schema))


@cache
def line_fields() -> dict[str, str]:
    """The fields of one line."""
    return _members("lines")


@cache
def document_fields() -> dict[str, str]:
    """The fields of one document."""
    return _members("documents")


def check_field(table: Table, rule: Rule, fields: dict[str, str]) -> None:
    """The rule's path is a field, and the rule makes what it holds. Raises SheetError."""
    holds = fields.get(rule.path)
    if holds is None:
        raise table.error(
            "",
            Message(
                "there is no field {field}",
                field=did_you_mean(rule.path, fields),
            ),
        )
    if (holds == "quantity") != (rule.unit is not None):
        raise table.error("unit", Message("a quantity needs a unit, and nothing else has one"))
    if holds == "sealed" and not rule.sealed:
        raise table.error(
            "sealed", Message("this is about a person: it must be sealed = true, or left out under ignore")
        )
    if holds != "sealed" and rule.sealed:
        raise table.error("sealed", Message("{path} stands in clear and cannot be sealed", path=rule.path))


def _members(field: str) -> dict[str, str]:
    schema = json_schema(KIND)
    items = _resolved(schema["properties"][field], schema)["items"]
    return dict(_leaves(_resolved(items, schema), schema))


def _leaves(schema: Schema, root: Schema, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, member in schema["properties"].items():
        resolved = _resolved(member, root)
        properties = resolved.get("properties")
        if properties is None:
            if resolved.get("type") != "array":
                yield prefix + name, "plain"
        elif set(properties) == {"value", "unit"}:
            yield prefix + name, "quantity"
        elif set(properties) == {"sealed"}:
            yield prefix + name, "sealed"
        else:
            yield from _leaves(resolved, root, f"{prefix}{name}.")


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema itself: without "or null", and looked up where it is only named."""
    while True:
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        else:
            return schema
