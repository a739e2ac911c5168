"""Values that fit a JSON Schema of ours: just the keywords that these schemas use."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]  # a JSON Schema is any JSON


def matching(schema: Schema) -> st.SearchStrategy[Any]:
    """Values accepted by `schema`, with lists of at most two members."""
    return _node(schema, schema["$defs"] if "$defs" in schema else {})


def _node(node: Schema, definitions: dict[str, Schema]) -> st.SearchStrategy[Any]:
    if "$ref" in node:
        return _node(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    for many in ("anyOf", "oneOf"):
        if many in node:
            return st.one_of([_node(member, definitions) for member in node[many]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    kind = node["type"]
    if kind == "object":
        required = {name: _node(node["properties"][name], definitions) for name in node.get("required", ())}
        optional = {
            n: _node(m, definitions) for n, m in node.get("properties", {}).items() if n not in required
        }
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "array":
        return st.lists(_node(node["items"], definitions), min_size=node.get("minItems", 0), max_size=2)
    if kind == "string":
        return _text(node)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "null": st.none(),
        "integer": st.integers(node.get("minimum"), node.get("maximum")),
    }
    return simple[kind]


def _text(node: Schema) -> st.SearchStrategy[str]:
    # Anchors are taken off, because "$" lets Python's `re` end before a line break.
    pattern = node["pattern"].removeprefix("^").removesuffix("$")
    return st.from_regex(pattern, fullmatch=True).filter(
        lambda text: (
            len(text) <= node.get("maxLength", 10_000) and not any("\ud800" <= c <= "\udfff" for c in text)
        )
    )
