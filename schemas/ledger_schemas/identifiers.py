"""Identifiers of the trade: what each looks like, and what is wrong with one that does not fit.

Every ``…_problem(text)`` gives None or a `Flaw` whose message says what to enter. A wrong shape or a wrong
GS1 check digit is an error. A wrong check character of a credit code is only a warning, because published
codes exist that fail it. Whether a code belongs to a real company is for no program to say.

    >>> gtin_problem("6291041500214").message
    'the check digit of 6291041500214 should be 3'
    >>> credit_code_problem("92410104MACU00014Y") is None
    True
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator

from ledger_schemas.problems import Problem, broken
from ledger_schemas.text import LETTER
from ledger_schemas.words import Label, shaped


class Flaw(NamedTuple):
    """Why an identifier does not fit. A warning may stand; an error may not."""

    severity: Literal["error", "warning"]
    message: str
    zh: str


def _shape_flaw(says: Label) -> Flaw:
    return Flaw("error", says.en, says.zh)


# --- Unified Social Credit Code, GB 32100-2015 ---

CREDIT_CODE = r"^[0-9A-HJ-NP-RTUW-Y]{18}$"


def _why_not_credit_code(text: str) -> Label:
    if re.fullmatch(CREDIT_CODE, text.strip().upper()):
        good = text.strip().upper()
        return Label(f"须用大写字母、不留空格：{good}", f"must be in capitals without blanks: {good}")
    letters = sorted(set(re.findall("[IOSVZiosvz]", text)))
    if letters and len(text) == 18:
        found = ", ".join(letters)
        return Label(
            f"不会有字母 I O S V Z，请核对 {found}", f"never has the letters I, O, S, V, Z: check {found}"
        )
    return Label(
        f"必须是 18 位统一社会信用代码，现为 {len(text)} 位",
        f"must be a Unified Social Credit Code of 18 digits and capitals, this has {len(text)} characters",
    )


CreditCode = Annotated[str, shaped(CREDIT_CODE, _why_not_credit_code)]
"""Unified Social Credit Code, shape only."""

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _organisation_check(code: str) -> str:
    """Check character of the organisation code, characters 9 to 17: 11 − Σ mod 11, 10 is X, 11 is 0."""
    total = sum(
        int(char, 36) * weight for char, weight in zip(code[8:16], _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def credit_code_problem(text: str) -> Flaw | None:
    """Error for a wrong shape, warning for a wrong check character (17th or 18th), else None."""
    if not re.fullmatch(CREDIT_CODE, text):
        return _shape_flaw(_why_not_credit_code(text))
    from stdnum.cn import uscc  # noqa: PLC0415 - only enrolment asks, every command imports this module

    expected = {17: _organisation_check(text), 18: uscc.calc_check_digit(text[:17])}
    wrong = {place: good for place, good in expected.items() if text[place - 1] != good}
    if not wrong:
        return None
    places = " and ".join(f"character {place} should be {good}" for place, good in wrong.items())
    zh = "，".join(f"第 {place} 位应为 {good}" for place, good in wrong.items())
    return Flaw("warning", f"{places} by GB 32100-2015: compare with the licence", f"{zh}，请核对营业执照")


# --- GS1 keys ---


def gs1_check_digit(digits: str) -> str:
    """Check digit of a GS1 key without it (GS1 General Specifications 7.9.1): from the right ×3, ×1, ×3 …"""
    near, far = (
        digits[::-2].encode(),
        digits[-2::-2].encode(),
    )  # sums of ASCII codes, 48 too many for each digit
    return str(-(3 * (sum(near) - 48 * len(near)) + sum(far) - 48 * len(far)) % 10)


def _gs1_problem(name: str, pattern: str, shape: Label) -> Callable[[str], Flaw | None]:
    matches = re.compile(pattern).fullmatch

    def problem(text: str) -> Flaw | None:
        if not matches(text):
            return _shape_flaw(shape)
        good = gs1_check_digit(text[:-1])
        if text[-1] == good:
            return None
        return Flaw("error", f"the check digit of {text} should be {good}", f"{text} 的校验位应为 {good}")

    problem.__name__ = f"{name}_problem"
    return problem


GTIN = r"^(?:[0-9]{8}|[0-9]{12,14})$"
GLN = r"^[0-9]{13}$"
SSCC = r"^[0-9]{18}$"
_GTIN_SHAPE = Label(
    "必须是 8、12、13 或 14 位数字的商品条码",
    "must be a GTIN, the digits under the bar code: 8, 12, 13 or 14 of them",
)
_GLN_SHAPE = Label("必须是 13 位数字的位置码", "must be a GLN of 13 digits")
_SSCC_SHAPE = Label("必须是 18 位数字的物流单元码", "must be an SSCC of 18 digits")
gtin_problem = _gs1_problem("gtin", GTIN, _GTIN_SHAPE)
gln_problem = _gs1_problem("gln", GLN, _GLN_SHAPE)
sscc_problem = _gs1_problem("sscc", SSCC, _SSCC_SHAPE)


def _refuse(problem: Callable[[str], Flaw | None], text: str) -> str:
    flaw = problem(text)
    if flaw:
        raise broken((Problem("", flaw.message, flaw.zh),))
    return text


def _is_gtin(text: str) -> str:
    # The quick way for every line of every receipt: with its check digit a key adds up to a multiple of 10.
    odd, even = text[::-2].encode(), text[-2::-2].encode()
    if (sum(odd) + 3 * sum(even) - 48 * (len(odd) + 3 * len(even))) % 10:
        return _refuse(gtin_problem, text)
    return text


Gtin = Annotated[str, shaped(GTIN, _GTIN_SHAPE), AfterValidator(_is_gtin)]
"""GTIN-8, -12, -13 or -14 with a right check digit."""

# --- customs, countries, batches ---

CUSTOMS_DECLARATION = r"^[0-9]{4}20[0-9]{2}1[0-9]{9}$"


_is_customs_declaration = re.compile(CUSTOMS_DECLARATION).fullmatch


def customs_declaration_problem(text: str) -> Flaw | None:
    """Error unless `text` is a number of an import declaration: office 4, year 4, 1 = import, serial 9."""
    if _is_customs_declaration(text):
        return None
    if not re.fullmatch(r"[0-9]{18}", text):
        return Flaw(
            "error",
            "a customs declaration number has 18 digits: office 4, year 4, 1 for import, serial 9",
            f"报关单号为 18 位数字（关区 4、年份 4、进口标志 1、流水号 9），现为“{text}”",
        )
    if text[8] != "1":
        return Flaw(
            "error",
            f"digit 9 of a customs declaration number is 1 for import, here it is {text[8]}",
            f"进口报关单号第 9 位应为 1，现为 {text[8]}",
        )
    return Flaw(
        "error",
        f"digits 5 to 8 of a customs declaration number are the year, here {text[4:8]}",
        f"报关单号第 5 至 8 位应为年份，现为 {text[4:8]}",
    )


HS = r"^[0-9]{6}(?:[0-9]{4})?$"
HsCode = Annotated[
    str,
    shaped(
        HS,
        Label(
            "必须是 6 位或 10 位数字的商品编码，不含点",
            "must be an HS code of 6 digits, or the 10 that China declares, without dots",
        ),
    ),
]
_COUNTRY_SHAPE = Label(
    "必须是两位大写国家代码，例如 CN、NO",
    "must be a country code of two capitals (ISO 3166-1), such as CN or NO",
)


@cache
def countries() -> Mapping[str, str]:
    """Codes of ISO 3166-1 alpha-2 with their English short names."""
    import pycountry  # noqa: PLC0415 - reads its tables from disk; most bodies name no country

    return {country.alpha_2: country.name for country in pycountry.countries}


def country_problem(text: str) -> Flaw | None:
    """Error unless `text` is a code of ISO 3166-1 alpha-2."""
    if text in countries():
        return None
    if not re.fullmatch("[A-Z]{2}", text):
        return _shape_flaw(_COUNTRY_SHAPE)
    return Flaw("error", f"there is no country {text} in ISO 3166-1", f"ISO 3166-1 中没有国家代码 {text}")


def _is_country(text: str) -> str:
    return text if text in countries() else _refuse(country_problem, text)


Country = Annotated[str, shaped(r"^[A-Z]{2}$", _COUNTRY_SHAPE), AfterValidator(_is_country)]

# The order inside the class differs from that of `ZoneCode`, because sentences are found by pattern.
BATCH_ID = rf"^[.:#\(\)+\-0-9{LETTER}]{{1,64}}$"
BatchId = Annotated[
    str,
    shaped(
        BATCH_ID,
        Label(
            "只能用文字、数字和 _ . : # ( ) + -，不能有空格，最多 64 个",
            "must be 1 to 64 letters, digits or _ . : # ( ) + - without blanks",
        ),
    ),
]
"""Name of a batch, the same for everyone who ever holds part of it."""
