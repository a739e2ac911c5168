"""The exported JSON Schemas: words in both languages everywhere, and the same verdict as the models."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # brings no types
from pydantic import ValidationError

from ledger_schemas import KINDS, LABELS, json_schema, vocabulary
from ledger_schemas.export import differing, main
from ledger_schemas.problems import RULE
from ledger_schemas.words import Choice
from tests.schemas.examples import EXAMPLES, LEAST
from tests.schemas.mutations import leaves, objects, replaced, without
from tests.schemas.schema_strategy import matching

every_kind = pytest.mark.parametrize("kind", KINDS)
FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "json"
Schema = dict[str, Any]  # a JSON Schema is any JSON


def described(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every object type and every property of it."""
    for name, node in [("", schema), *schema.get("$defs", {}).items()]:
        yield name, node
        for field, member in node.get("properties", {}).items():
            yield f"{name}.{field}", member


@every_kind
def test_every_field_has_words_in_both_languages(kind: str) -> None:
    for name, node in described(json_schema(kind)):
        zh, en = node["x-title-zh"], node["x-title-en"]
        about_zh, about_en = node["x-description-zh"], node["x-description-en"]
        assert re.search("[\u4e00-\u9fff]", zh), name
        assert re.search("[\u4e00-\u9fff]", about_zh), name
        assert re.search("[A-Za-z]", en), name
        assert re.search("[A-Za-z]", about_en), name
        assert not re.search("[\u4e00-\u9fff]", en + about_en), name
        assert node["title"] == f"{zh} {en}"
        assert node["description"] == f"{about_zh}。{about_en}."
        assert not about_zh.endswith("。"), name
        assert not about_en.endswith("."), name


@every_kind
def test_every_choice_has_labels_in_both_languages(kind: str) -> None:
    def choices(node: object) -> Iterator[Schema]:
        if isinstance(node, dict):
            if "enum" in node:
                yield node
            for key, member in node.items():
                if key != "x-labels":
                    yield from choices(member)
        elif isinstance(node, list):
            for member in node:
                yield from choices(member)

    for node in choices(json_schema(kind)):
        assert list(node["x-labels"]) == node["enum"]
        assert all(label["zh"] and label["en"] for label in node["x-labels"].values())
        assert node["x-choice"] in LABELS


def test_labels_are_just_the_values() -> None:
    seen = set()
    for alias in vars(vocabulary).values():
        choice = next((part for part in get_args(alias) if isinstance(part, Choice)), None)
        if choice is not None:
            values = get_args(get_args(alias)[0])
            assert list(choice.labels) == list(values), choice.name
            assert LABELS[choice.name] is choice.labels
            seen.add(choice.name)
    assert seen | {"kind", "unit"} == set(LABELS)
    assert list(LABELS["kind"]) == list(KINDS)
    for name, labels in LABELS.items():
        assert len({label.zh for label in labels.values()}) == len(labels), name


def verdict(kind: str, body: object) -> bool:
    return bool(Draft202012Validator(json_schema(kind)).is_valid(body))


@every_kind
def test_schemas_are_schemas_and_accept_the_examples(kind: str) -> None:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:custody-ledger:body:{kind}"
    assert schema["additionalProperties"] is False
    assert verdict(kind, EXAMPLES[kind])
    assert verdict(kind, LEAST[kind])


@every_kind
def test_schemas_refuse_what_models_refuse(kind: str) -> None:
    validator = Draft202012Validator(json_schema(kind))
    for name in json_schema(kind).get("required", ()):
        assert not validator.is_valid(without(EXAMPLES[kind], (name,)))
    for loc in objects(EXAMPLES[kind]):
        assert not validator.is_valid(replaced(EXAMPLES[kind], (*loc, "colour"), "red"))
    for loc, _ in leaves(EXAMPLES[kind]):
        wrongs: tuple[object, ...] = (1.5, "", "\x00", [], {})
        for wrong in wrongs:
            assert not validator.is_valid(replaced(EXAMPLES[kind], loc, wrong)), (loc, wrong)


@every_kind
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_a_schema_accepts_a_model_takes_or_knows_a_rule_against(kind: str, data: st.DataObject) -> None:
    body = data.draw(matching(json_schema(kind)))
    try:
        model = KINDS[kind].model_validate(body)
    except ValidationError as error:
        # A list whose members break rules counts as too short as well.
        assert {details["type"] for details in error.errors()} - {"too_short"} == {RULE}
        return
    assert model.model_dump(mode="json", exclude_unset=True) == body
    assert verdict(kind, body)


def test_each_call_gives_its_own_copy() -> None:
    json_schema("goods.sold")["properties"]["lines"].clear()
    assert json_schema("goods.sold")["properties"]["lines"]


def test_the_files_are_those_of_the_program() -> None:
    assert differing(FOLDER) == []
    assert {path.name for path in FOLDER.iterdir()} == {f"{kind}.schema.json" for kind in KINDS}


def test_export_writes_and_check_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path / "json")]
    assert main(["--check", *folder]) == 1
    assert main(folder) == 0
    assert main(["--check", *folder]) == 0
    capsys.readouterr()
    stale = tmp_path / "json" / "goods.eaten.schema.json"
    stale.write_text("{}")
    (tmp_path / "json" / "goods.sold.schema.json").write_text("{}")
    assert main(["--check", *folder]) == 1
    said = capsys.readouterr().out
    assert "goods.eaten.schema.json" in said
    assert "goods.sold.schema.json" in said
    assert main(folder) == 0
    assert not stale.exists()


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ledger_schemas.export"]
    assert subprocess.run([*command, "--check"], check=False).returncode == 0
    done = subprocess.run(
        [*command, "--check", "--folder", tmp_path], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "python -m ledger_schemas.export" in done.stdout
