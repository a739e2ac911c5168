"""What people are told: both languages, what to enter, and nothing of pydantic's own wording."""

from __future__ import annotations

import re

import pytest

from ledger_schemas import BodyError, Problem, parse_body
from tests.schemas.examples import EXAMPLES, LEAST
from tests.schemas.mutations import places, replaced

JARGON = re.compile(
    r"pydantic|https?://(?!id\.gs1)|Input should|validation|valid (string|integer|dict|tuple|bool)|regex|pattern|"
    r"NoneType|expected here|<text>|<sealed>|Extra inputs|Field required|ValueError",
    re.IGNORECASE,
)
CHINESE = re.compile("[\u4e00-\u9fff]")
WRONG: list[object] = [
    None, True, 1, -1, 10**40, 0.5, float("inf"), "", " ", "x y", "\x00", "\ud800", "a" * 2001,
    "2022-02-30", "2022-02-30T00:00:00Z", [], [1], ["x"] * 201, {}, {"x": 1}, {1: 2}, {"x y": 1}, {"\ud800": 1},
    b"", object(),
]  # fmt: skip


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_sentence_reads_well_in_both_languages(kind: str) -> None:
    for loc, _ in places(EXAMPLES[kind]):
        for wrong in WRONG:
            try:
                parse_body(kind, replaced(EXAMPLES[kind], loc, wrong))
            except BodyError as error:
                for problem in error.problems:
                    assert not JARGON.search(problem.message), problem
                    assert CHINESE.search(problem.zh), problem
                    assert not JARGON.search(problem.zh), problem
                    assert not re.search(r"[{}]", problem.message + problem.zh), problem


def only(kind: str, body: object) -> Problem:
    with pytest.raises(BodyError) as caught:
        parse_body(kind, body)
    (problem,) = caught.value.problems
    return problem


def test_sentences() -> None:
    signed = LEAST["commitment.signed"]
    assert only("commitment.signed", {"title": "承诺书"}) == Problem(
        "version", "Version is missing: enter it", "缺少版本，请填写"
    )
    assert only("commitment.signed", {**signed, "titel": "x"}) == Problem(
        "titel",
        "there is no field 'titel' here: did you mean title (Title)?",
        "没有“titel”这个字段，是否为 title（承诺书名称）？",
    )
    assert only("commitment.signed", {**signed, "title": "a\x07"}).message == (
        "Title contains the control character U+0007: remove it"
    )
    assert only("commitment.signed", {**signed, "title": "a\nb"}).message == (
        "Title must be a single line: remove the line break"
    )
    assert only("commitment.signed", {**signed, "title": "  "}).zh == "承诺书名称只有空白，请填写内容"
    assert only("commitment.signed", {**signed, "title": "a" * 201}).message == (
        "Title has 201 characters: shorten it to at most 200"
    )
    assert (
        only("commitment.signed", {**signed, "title": 7}).message
        == "Title must be text in quotes, not a number"
    )
    assert only("key.revoked", {**LEAST["key.revoked"], "compromised_from": 1.0}).message == (
        "Compromised from must be a whole number, not one with a decimal point"
    )
    attested = LEAST["clearance.attested"]
    assert only("clearance.attested", {**attested, "period_end": "2022-06-31"}).message == (
        "Period end 2022-06-31 is not a day of the calendar between 1900 and 2199"
    )
    assert only("clearance.attested", {**attested, "period_end": "2022-06-30"}) == Problem(
        "period_end",
        "Period end (2022-06-30) is before Period start (2022-07-01): correct one of the two",
        "结束日期（2022-06-30）早于开始日期（2022-07-01），请改正",
    )
    logged = LEAST["temperature.logged"]
    assert (
        "has no UTC offset: add +08:00"
        in only("temperature.logged", {**logged, "started_at": "2022-07-01T00:00:00"}).message
    )
    assert (
        "not a day of the calendar"
        in only("temperature.logged", {**logged, "started_at": "2022-02-30T00:00:00Z"}).message
    )
    sold = LEAST["goods.sold"]
    line = {"batch": "B", "quantity": {"value": "0", "unit": "kg"}}
    assert only("goods.sold", {**sold, "lines": [line]}).message == "Value must not be zero"
    line = {"batch": "B", "quantity": {"value": "-2", "unit": "kg"}}
    assert only("goods.sold", {**sold, "lines": [line]}).zh == "数值不能是负数"
    line = {"batch": "B", "quantity": {"value": "1", "unit": "cartons"}}
    problem = only("goods.sold", {**sold, "lines": [line]})
    assert problem.field == "lines[0].quantity.unit"
    assert problem.message.endswith("did you mean carton?")
    assert "纸箱（carton）" in problem.zh


def test_the_exception_reads_well_too() -> None:
    with pytest.raises(BodyError) as caught:
        parse_body("commitment.signed", {"version": 1})
    assert str(caught.value) == (
        "commitment.signed: title: Title is missing: enter it; version: Version must be text in quotes, not a number"
    )
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
