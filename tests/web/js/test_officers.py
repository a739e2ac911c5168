"""What a second officer signs is shown whole: the page knows every member of the bodies that two officers sign."""

from __future__ import annotations

from typing import Any

import pytest

from ledger_schemas import KINDS, LABELS
from tests.web.js.modules import Modules

SHAPES = "return (await import('/static/js/app/officers.js')).SHAPES;"
UNSHOWN = """
    const { unshown } = await import('/static/js/app/officers.js');
    return x.bodies.map(([kind, body]) => unshown(kind, body));
"""


def shape(schema: dict[str, Any], named: dict[str, Any]) -> Any:
    """A JSON schema as the page writes it: 1 for a single value, a list for many, a dictionary for members."""
    if "$ref" in schema:
        return shape(named[schema["$ref"].rsplit("/", 1)[1]], named)
    if "anyOf" in schema:
        (one,) = (choice for choice in schema["anyOf"] if choice.get("type") != "null")
        return shape(one, named)
    if schema.get("type") == "array":
        return [shape(schema["items"], named)]
    if "properties" in schema:
        return {name: shape(one, named) for name, one in schema["properties"].items()}
    return 1


def test_all_that_bodies_of_two_officers_hold_is_shown(js: Modules) -> None:
    schemas = {kind: KINDS[kind].model_json_schema() for kind in (*LABELS["act"], "plan.voided")}
    assert js.run(SHAPES) == {kind: shape(one, one.get("$defs", {})) for kind, one in schemas.items()}


@pytest.mark.parametrize(("kind", "body", "place"), [
    ("goods.sealed", {"batch": "B1", "reason": "r", "inspection": None}, None),
    ("goods.sealed", {"batch": "B1", "reason": "r", "until": "x"}, "body.until"),
    ("goods.sealed", {"batch": {"id": "B1"}, "reason": "r"}, "body.batch"),
    ("goods.sealed", {"batch": "B1", "reason": ["r"]}, "body.reason"),
    ("goods.sealed", {"batch": "B1", "constructor": 1}, "body.constructor"),
    ("goods.released", {"seal": "x"}, ""),
    ("constructor", {}, ""),
    ("inspection.recorded", {"rulesets": "r-1"}, "body.rulesets"),
    ("inspection.recorded", {"observed": []}, "body.observed"),
    ("inspection.recorded", {"observed": {"stock": [{"batch": "B", "quantity": {"value": "1", "unit": "kg"}}]}}, None),
    ("inspection.recorded", {"findings": [{"code": "a"}, {"code": "b", "said": 1}]}, "body.findings[1].said"),
    ("inspection.recorded", {"findings": [{"code": "a"}, ["b"]]}, "body.findings[1]"),
])  # fmt: skip
def test_what_is_not_shown_is_named(js: Modules, kind: str, body: dict[str, Any], place: str | None) -> None:
    assert js.run(UNSHOWN, {"bodies": [[kind, body]]}) == [place]
