"""Every kind: good bodies become models and come back the same, and every single fault is refused at its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from ledger_schemas import KINDS, Body, BodyError, Problem, UnknownKind, json_schema, parse_body
from ledger_schemas.base import Record
from tests.schemas.examples import EXAMPLES, LEAST
from tests.schemas.mutations import leaves, objects, path, places, replaced, without

NAMES = [
    "ledger.opened",
    "key.granted",
    "key.revoked",
    "ruleset.published",
    "merchant.enrolled",
    "duty.assigned",
    "commitment.signed",
    "briefing.acknowledged",
    "goods.received",
    "goods.handed_over",
    "goods.accepted",
    "goods.sold",
    "goods.disposed",
    "goods.adjusted",
    "temperature.logged",
    "disinfection.logged",
    "clearance.attested",
    "plan.announced",
    "plan.drawn",
    "plan.voided",
    "inspection.recorded",
    "rectification.ordered",
    "rectification.reported",
    "rectification.confirmed",
    "rectification.rejected",
    "card.issued",
    "card.lifted",
    "suspension.decided",
    "goods.sealed",
    "goods.released",
    "recall.ordered",
    "recall.answered",
    "notice.sent",
    "notice.acknowledged",
    "statement.corrected",
]
every_kind = pytest.mark.parametrize("kind", NAMES)


def problems(kind: str, body: object) -> tuple[Problem, ...]:
    with pytest.raises(BodyError) as caught:
        parse_body(kind, body)
    assert caught.value.kind == kind
    return caught.value.problems


def plain(body: Body) -> Any:  # Any: JSON
    return body.model_dump(mode="json", exclude_unset=True)


def test_the_kinds_are_those_of_the_design() -> None:
    assert list(KINDS) == NAMES
    assert all(model.kind == kind for kind, model in KINDS.items())
    assert set(EXAMPLES) == set(LEAST) == set(NAMES)


@every_kind
def test_examples_become_models_and_come_back_the_same(kind: str) -> None:
    for example in (EXAMPLES[kind], LEAST[kind]):
        before = copy.deepcopy(example)
        body = parse_body(kind, example)
        assert type(body) is KINDS[kind]
        assert plain(body) == example == before


@every_kind
def test_the_full_example_has_every_field(kind: str) -> None:
    """Otherwise the tests below would miss some."""

    def unset(record: Record) -> set[str]:
        missing = set(type(record).model_fields) - record.model_fields_set
        for _, value in record:
            for member in value if isinstance(value, tuple) else (value,):
                if isinstance(member, Record):
                    missing |= unset(member)
        return missing

    assert unset(parse_body(kind, EXAMPLES[kind])) == set()


@every_kind
def test_a_field_that_must_be_there_is_missed_at_its_place(kind: str) -> None:
    schema = json_schema(kind)
    assert set(schema.get("required", ())) <= set(LEAST[kind])
    for name in LEAST[kind]:
        found = problems(kind, without(LEAST[kind], (name,)))
        assert name in {problem.field for problem in found}


@every_kind
def test_removing_any_member_is_fine_or_reported_at_its_place(kind: str) -> None:
    whole = parse_body(kind, EXAMPLES[kind])
    for loc, _ in places(EXAMPLES[kind]):
        if not loc or isinstance(loc[-1], int):
            continue
        body = without(EXAMPLES[kind], loc)
        if type(_record_at(whole, loc[:-1])).model_fields[loc[-1]].is_required():
            assert {problem.field for problem in problems(kind, body)} == {path(loc)}
            continue
        try:
            assert plain(parse_body(kind, body)) == body
        except BodyError as error:  # a rule wants it after all, and says so in its own words
            assert all("is missing" not in problem.message for problem in error.problems)


def _record_at(value: Any, loc: tuple[str | int, ...]) -> Any:  # Any: walks through models and tuples
    for part in loc:
        value = value[part] if isinstance(part, int) else getattr(value, part)
    return value


@every_kind
@pytest.mark.parametrize(
    "wrong", [1.5, float("nan"), "", "\x00", " ", "\ud800", [], {}, 10**30, -(10**30), b"x", object()]
)
def test_nothing_is_taken_for_something_else(kind: str, wrong: object) -> None:
    for loc, _ in leaves(EXAMPLES[kind]):
        found = problems(kind, replaced(EXAMPLES[kind], loc, wrong))
        assert all(problem.field.startswith(path(loc)) for problem in found), (loc, found)


@every_kind
def test_strings_numbers_and_booleans_are_not_mixed_up(kind: str) -> None:
    for loc, value in leaves(EXAMPLES[kind]):
        other: list[object] = [7, True] if isinstance(value, str) else ["7", "true", None]
        if isinstance(value, bool):
            other += [0, 1]
        elif isinstance(value, int):
            other += [True, 1.0]
        for wrong in other:
            body = replaced(EXAMPLES[kind], loc, wrong)
            if wrong is None and _may_be_null(kind, loc):
                parse_body(kind, body)
                continue
            found = problems(kind, body)
            assert all(problem.field.startswith(path(loc)) for problem in found), (loc, wrong, found)


def _may_be_null(kind: str, loc: tuple[str | int, ...]) -> bool:
    """Null stands for what is left out where that is no value: not in a list, not for a default such as false."""
    *way, name = loc
    record = _record_at(parse_body(kind, EXAMPLES[kind]), tuple(way))
    if isinstance(name, int) or type(record).model_fields[name].default is not None:
        return False
    try:
        parse_body(kind, without(EXAMPLES[kind], loc))
    except BodyError:
        return False
    return True


@every_kind
def test_lists_and_objects_are_not_mixed_up(kind: str) -> None:
    for loc, value in places(EXAMPLES[kind]):
        wrongs: tuple[object, ...] = ()
        if isinstance(value, dict):
            wrongs = ([], "x", 1, [value])
        elif isinstance(value, list):
            wrongs = ({}, "x", 1, {"0": value})
        for wrong in wrongs:
            if isinstance(wrong, str) and loc == ("name",):
                continue  # a name in clear instead of a sealed one
            found = problems(kind, replaced(EXAMPLES[kind], loc, wrong))
            assert {problem.field for problem in found} == {path(loc)}, (loc, wrong, found)


@every_kind
def test_unknown_fields_are_refused_wherever_they_stand(kind: str) -> None:
    for loc in objects(EXAMPLES[kind]):
        unknown = (*loc, "colour")
        (found,) = problems(kind, replaced(EXAMPLES[kind], unknown, "red"))
        assert found.field == path(unknown)
        assert "'colour'" in found.message


@every_kind
def test_null_stands_for_what_is_left_out(kind: str) -> None:
    for name, info in KINDS[kind].model_fields.items():
        if info.default is None and not info.is_required() and name not in LEAST[kind]:
            body = parse_body(kind, {**LEAST[kind], name: None})
            assert getattr(body, name) is None


@every_kind
def test_models_are_frozen_and_hashable(kind: str) -> None:
    body = parse_body(kind, EXAMPLES[kind])
    for name in type(body).model_fields:
        with pytest.raises(ValidationError):
            setattr(body, name, None)
    assert hash(body) == hash(parse_body(kind, EXAMPLES[kind]))
    assert body == parse_body(kind, EXAMPLES[kind])


@pytest.mark.parametrize("body", [None, [], "x", 1, True, [{}]])
def test_a_body_that_is_no_object(body: object) -> None:
    assert [problem.field for problem in problems("goods.sold", body)] == [""]


def test_all_problems_come_at_once() -> None:
    body = {
        "buyer": {"type": "nobody"},
        "lines": [
            {"batch": "a b", "quantity": {"value": "1,5", "unit": "kgs"}},
            {"quantity": {"value": "1", "unit": "kg"}},
            7,
        ],
        "lines_": 1,
    }
    assert {problem.field for problem in problems("goods.sold", body)} == {
        "buyer.type",
        "lines[0].batch",
        "lines[0].quantity.value",
        "lines[0].quantity.unit",
        "lines[1].batch",
        "lines[2]",
        "lines_",
    }


def test_two_hundred_lines_and_not_one_more() -> None:
    lines = [{"batch": f"B-{i}", "quantity": {"value": "1", "unit": "kg"}} for i in range(201)]
    body = {"buyer": {"type": "consumers"}, "lines": lines[:200]}
    parse_body("goods.sold", body)
    (found,) = problems("goods.sold", {**body, "lines": lines})
    assert (found.field, "200" in found.message) == ("lines", True)
    (found,) = problems("goods.sold", {**body, "lines": []})
    assert found.field == "lines"


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UnknownKind, match=r"no kind of statement 'goods\.eaten'") as caught:
        parse_body("goods.eaten", {})
    assert "goods.sold" in str(caught.value)
    with pytest.raises(UnknownKind):
        json_schema("goods.eaten")


def test_a_key_may_carry_its_name_in_clear_or_sealed() -> None:
    body = {**LEAST["key.granted"], "name": "二里岗市场监管所"}
    assert plain(parse_body("key.granted", body)) == body
    (found,) = problems("key.granted", {**body, "name": {"sealed": "short"}})
    assert found.field == "name.sealed"
    (found,) = problems("key.granted", {**body, "name": " "})
    assert found.field == "name"
