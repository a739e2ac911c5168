"""Values that fit a JSON Schema of ours: just the keywords that these schemas use."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]  # a JSON Schema is any JSON


def matching(schema: Schema) -> st.SearchStrategy[Any]:
    """Values accepted by `schema`, with lists of at most two members."""
    return _node(schema, schema.get("$defs", {}))


def _node(node: Schema, definitions: dict[str, Schema]) -> st.SearchStrategy[Any]:
    if "$ref" in node:
        return _node(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    members = node.get("anyOf", node.get("oneOf"))
    if members is not None:
        return st.one_of([_node(member, definitions) for member in members])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node["type"] == "object":
        properties = {name: _node(member, definitions) for name, member in node["properties"].items()}
        required = {name: properties.pop(name) for name in node.get("required", ())}
        return st.fixed_dictionaries(required, optional=properties)
    if node["type"] == "array":
        return st.lists(_node(node["items"], definitions), min_size=node.get("minItems", 0), max_size=2)
    return _plain(node)


def _plain(node: Schema) -> st.SearchStrategy[Any]:
    if node["type"] == "string":
        return _text(node["pattern"], node.get("maxLength", 10_000))
    if node["type"] == "integer":
        return st.integers(node["minimum"], node["maximum"])
    return {"boolean": st.booleans(), "null": st.none()}[node["type"]]


@cache
def _text(pattern: str, longest: int) -> st.SearchStrategy[str]:
    # Anchors are taken off, because "$" lets Python's `re` end before a line break.
    return st.from_regex(pattern.removeprefix("^").removesuffix("$"), fullmatch=True).filter(
        lambda text: len(text) <= longest and not any("\ud800" <= c <= "\udfff" for c in text)
    )
