"""Identifiers against published examples and, where python-stdnum knows them, against it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean
from stdnum.cn import uscc

from ledger_schemas import (
    BodyError,
    Flaw,
    body_warnings,
    countries,
    country_problem,
    credit_code_problem,
    customs_declaration_problem,
    gln_problem,
    gs1_check_digit,
    gtin_problem,
    parse_body,
    sscc_problem,
)
from tests.schemas.examples import EXAMPLES, LEAST, MERCHANT, OTHER_MERCHANT

CHARSET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def slow_credit_code_checks(code: str) -> tuple[str, str]:
    """Characters 17 and 18 as GB 32100-2015 and GB 11714 define them, term by term."""
    total = 0
    for char, weight in zip(code[8:16], [3, 7, 9, 10, 5, 8, 4, 2], strict=True):
        total += (int(char) if char.isdigit() else ord(char) - ord("A") + 10) * weight
    rest = 11 - total % 11
    organisation = {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(CHARSET.index(char) * (3**i % 31) for i, char in enumerate(code[:17]))
    return organisation, CHARSET[(31 - total % 31) % 31]


@pytest.mark.parametrize("code", [MERCHANT, OTHER_MERCHANT])
def test_published_credit_codes(code: str) -> None:
    assert credit_code_problem(code) is None
    assert uscc.is_valid(code)


def test_every_wrong_last_character_of_a_credit_code_is_a_warning() -> None:
    for char in set(CHARSET) - {"Y"}:
        flaw = credit_code_problem(MERCHANT[:-1] + char)
        assert flaw is not None
        assert flaw.severity == "warning"
        assert "character 18 should be Y" in flaw.message
        assert "第 18 位应为 Y" in flaw.zh


@given(st.text(CHARSET, min_size=18, max_size=18))
def test_credit_code_checks_against_the_standard_term_by_term(code: str) -> None:
    organisation, last = slow_credit_code_checks(code)
    flaw = credit_code_problem(code)
    if (organisation, last) == (code[16], code[17]):
        assert flaw is None
    else:
        assert flaw is not None
        assert flaw.severity == "warning"
        assert (f"character 17 should be {organisation}" in flaw.message) == (organisation != code[16])
        assert (f"character 18 should be {last}" in flaw.message) == (last != code[17])
    good = code[:16] + organisation
    assert credit_code_problem(good + slow_credit_code_checks(good + "0")[1]) is None


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (MERCHANT.lower(), MERCHANT),
        (f" {MERCHANT} ", MERCHANT),
        (MERCHANT[:-1], "17 characters"),
        ("", "0 characters"),
        ("9241O104MACU00014Y", "check O"),
        ("*", "18 digits"),
    ],
)
def test_a_wrong_shape_of_a_credit_code_is_an_error(code: str, hint: str) -> None:
    flaw = credit_code_problem(code)
    assert flaw is not None
    assert flaw.severity == "error"
    assert hint in flaw.message


def test_a_body_with_a_failing_credit_code_is_good_and_warned_about() -> None:
    wrong = MERCHANT[:-1] + "0"
    body = parse_body("goods.handed_over", {**LEAST["goods.handed_over"], "to": wrong})
    assert [(p.field, "should be Y" in p.message) for p in body_warnings(body)] == [("to", True)]
    receipt = EXAMPLES["goods.received"]
    receipt = {**receipt, "supplier": {**receipt["supplier"], "credit_code": wrong}}
    assert [p.field for p in body_warnings(parse_body("goods.received", receipt))] == ["supplier.credit_code"]
    key = parse_body("key.granted", {**EXAMPLES["key.granted"], "scope": wrong})
    assert [p.field for p in body_warnings(key)] == ["scope"]
    duty = parse_body("duty.assigned", {"merchants": [MERCHANT, wrong], "supervisor": "officer-3"})
    assert [p.field for p in body_warnings(duty)] == ["merchants[1]"]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_nothing_is_odd_about_the_examples(kind: str) -> None:
    assert body_warnings(parse_body(kind, EXAMPLES[kind])) == ()


@pytest.mark.parametrize("gtin", ["6291041500213", "40170725", "614141000036", "10614141543219"])
def test_published_gtins(gtin: str) -> None:
    assert gtin_problem(gtin) is None


@pytest.mark.parametrize("gln", ["7300011000017", "8904000210037"])
def test_published_glns(gln: str) -> None:
    assert gln_problem(gln) is None


def test_a_published_sscc() -> None:
    assert sscc_problem("106141412345678908") is None
    assert sscc_problem("106141412345678909") == Flaw(
        "error", "the check digit of 106141412345678909 should be 8", "106141412345678909 的校验位应为 8"
    )


@given(st.text("0123456789", min_size=1, max_size=17))
def test_gs1_check_digit_against_stdnum(digits: str) -> None:
    assert gs1_check_digit(digits) == ean.calc_check_digit(digits)


@pytest.mark.parametrize("length", [8, 12, 13, 14])
def test_a_receipt_takes_just_the_gtins_that_add_up(length: int) -> None:
    chance = random.Random(length)
    line = LEAST["goods.received"]["lines"][0]
    for _ in range(40):
        gtin = "".join(chance.choices("0123456789", k=length))
        body = {"lines": [{**line, "gtin": gtin}]}
        if ean.calc_check_digit(gtin[:-1]) == gtin[-1]:
            parse_body("goods.received", body)
            continue
        with pytest.raises(BodyError) as caught:
            parse_body("goods.received", body)
        (problem,) = caught.value.problems
        assert problem.field == "lines[0].gtin"
        assert f"should be {ean.calc_check_digit(gtin[:-1])}" in problem.message


@pytest.mark.parametrize(
    "wrong", ["", "1", "123456789", "629104150021x", "６２９１０４１５００２１３", "6291041500213 "]
)
def test_gtins_of_another_shape(wrong: str) -> None:
    flaw = gtin_problem(wrong)
    assert flaw is not None
    assert "8, 12, 13 or 14" in flaw.message


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("460420221000000017", None),
        ("46042022100000001", "18 digits"),
        ("46042022100000001A", "18 digits"),
        ("460420220000000017", "1 for import"),
        ("460419221000000017", "the year, here 1922"),
    ],
)
def test_customs_declaration_numbers(number: str, hint: str | None) -> None:
    flaw = customs_declaration_problem(number)
    assert (flaw is None) if hint is None else (flaw is not None and hint in flaw.message)


def test_countries_are_those_of_iso_3166() -> None:
    assert len(countries()) > 240
    assert country_problem("CN") is country_problem("NO") is None
    for wrong, hint in [
        ("XX", "no country XX"),
        ("cn", "two capitals"),
        ("CHN", "two capitals"),
        ("", "two capitals"),
    ]:
        flaw = country_problem(wrong)
        assert flaw is not None
        assert hint in flaw.message


@pytest.mark.parametrize(
    ("hs", "good"), [("030311", True), ("0303110000", True), ("03031100", False), ("0303.11", False)]
)
def test_hs_codes(hs: str, good: bool) -> None:
    body = {"lines": [{**LEAST["goods.received"]["lines"][0], "hs": hs}]}
    if good:
        parse_body("goods.received", body)
        return
    with pytest.raises(BodyError) as caught:
        parse_body("goods.received", body)
    assert caught.value.problems[0].field == "lines[0].hs"
