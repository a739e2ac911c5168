"""The command line speaks Chinese or English, and never both: help, and what is said of a ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.exchange import goods_columns
from ledger_cli.app import app
from ledger_cli.catalogue import CATALOGUE, Group
from ledger_cli.commands import trace
from ledger_cli.language import language, wanted
from ledger_schemas import LABELS
from tests.cli.runner import M1, M2, Custody
from tests.cli.test_frame import commands

CHINESE = re.compile(r"[一-鿿]")
WORD = re.compile(r"[A-Za-z]{3,}")
TYPED = {code for choice in LABELS.values() for code in choice} | {
    "deliver",
    "done",
    "yes",
    "log",
    "disinfection",
}
"""What people type and so read: codes of the schemas, of two options, and of a checklist."""
NAMES = set(re.findall(r"\w+", """
    JSON TOML CSV TSV XLSX HTML PDF PEM RFC ISO SHA DSSE URL zip http UTF ECDSA Ed25519 Ed Schema tlog proof checkpoint
    tiles base base64 shell custody toml notices keys docs https WxH Data Matrix WebP Ctrl
"""))  # fmt: skip
"""Names of formats and files, the same in every language."""
MEMBERS = set(re.findall(r"\w+", """
    accepted batch brand grid gtin lot observed origin produced seen signatures spec temperature trace zone
"""))  # fmt: skip
"""Members of what is written in options, and values of these."""


def _latin(text: str) -> list[str]:
    """Words of English prose that are left when what is typed, named or an example is taken away."""
    text = re.sub(r"`[^`]*`|<[a-z][^>]*>|'[^']*'", " ", text)
    text = re.sub(r"\S*\+[0-9a-f]{8}\+[\w/+=]+", " ", text)  # verifier keys
    text = re.sub(r"\b[0-9a-f]{8,}\b", " ", text)  # hashes, and their beginnings
    text = re.sub(r"--?[A-Za-z][-\w]*", " ", text)  # options
    text = re.sub(
        r"\bcustody [-a-z]+( [-a-z]+)?|custody\.example/\w+|erligang[\w/]*|demo-ledger|keys/\w+", " ", text
    )
    text = re.sub(
        r"[A-Za-z_]+=\S*|[a-z]+_[a-z_]+|[a-z_]+\.[a-z_]+\b|\.[a-z-]+", " ", text
    )  # members, kinds, endings
    text = re.sub(r"\b[A-Z][A-Z_-]+\b", " ", text)  # metavars and variables
    return [word for word in WORD.findall(text) if word not in TYPED | NAMES]


def _help(words: tuple[str, ...], spoken: str) -> str:
    """Help without its examples, each cell of a table on one line: the terminal is wide."""
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "2000", "CUSTODY_LANG": spoken})
    assert result.exit_code == 0, result.output
    return result.output.partition("Examples:" if spoken == "en" else "示例：")[0]


def _all_help() -> list[tuple[str, ...]]:
    groups = ((word,) for word, known in CATALOGUE.items() if isinstance(known, Group))
    return [(), *groups, *commands()]


@pytest.mark.parametrize("words", _all_help(), ids=" ".join)
def test_help_is_in_one_language(words: tuple[str, ...]) -> None:
    metavars = {"OPTIONS", "COMMAND", "ARGS"}
    spoken = _help(words, "zh")
    names = set(words) | set(CATALOGUE) | metavars | MEMBERS
    if len(words) == 1 and isinstance(CATALOGUE[words[0]], Group):
        names |= set(chain(*(word.split("-") for word in CATALOGUE[words[0]].commands)))  # type: ignore[union-attr]
    names |= set(chain(*(name.split("-") for name in names)))
    assert [word for word in _latin(spoken) if word not in names] == []
    assert CHINESE.search(spoken)
    assert CHINESE.findall(_help(words, "en")) == []


def test_no_help_is_cut_off_on_a_narrow_terminal() -> None:
    narrow = CliRunner().invoke(
        app, ["goods", "receive", "--help"], env={"COLUMNS": "80", "CUSTODY_LANG": "zh"}
    )
    said = re.sub(r"[│\s]", "", narrow.output.partition("示例：")[0])
    assert "默认：此处密钥所代表的商户。" in said and "不写batch时自动编号。" in said


UNIT, REGULATOR = "二里岗街道办", "市场科"
READS = (
    ("key", "list"),
    ("ruleset", "list"),
    ("ruleset", "list", "--defaults"),
    ("ruleset", "show", "ha-2022-cold-chain"),
    ("ruleset", "test", "ha-2022-07-non-cold-chain", "--merchant", M2),
    ("merchant", "list"),
    ("merchant", "show", M1),
    ("duty", "list"),
    ("plan", "show"),
    ("rectification", "list"),
    ("card", "list"),
    ("recall", "list"),
    ("recall", "status", "B1"),
    ("notice", "list"),
    ("holdings", M1),
    ("trace", "B1"),
    ("coverage",),
    ("coverage", "--by", "grid"),
    ("coverage", "--by", "supervisor"),
    ("inspect", M1, "--show"),
    ("verify",),
)


@pytest.fixture
def told(stocked: Custody) -> Custody:
    """A ledger with something to say for every command that reads."""
    officer = ("--key", "officer-a")
    for key, office in (("town", UNIT), ("trade", REGULATOR)):
        stocked.ok("key", "new", key, "--no-passphrase")
        stocked.ok("key", "grant", key, "--role", "office", "--scope", office)
    stocked.receipt(
        *("duty", "assign", "--grid", "erligang", "--regulator", REGULATOR),
        *("--unit", UNIT, "--key", "operator"),
    )
    stocked.receipt("goods", "hand-over", "-m", M1, "--to", M2, "-l", "B1=1kg")
    stocked.receipt("goods", "sell", "-m", M1, "-l", "B1=2kg")
    stocked.receipt("inspect", M1, "--all-ok", "--count", "B1=11kg", *officer)
    issue = ("--code", "commitment_unsigned")
    stocked.receipt("rectification", "order", M1, *issue, "--what", "签", *officer)
    stocked.receipt("card", "issue", M1, *issue, "--reason", "未签", *officer)
    stocked.ok("notice", "send", "--key", "operator")
    stocked.receipt("recall", "order", "B1", "--reason", "超标", "--answer-by", "2099-01-01 18:00", *officer)
    stocked.receipt("recall", "answer", "B1", "-m", M1, "--found", "9kg", "--sold", "2kg", "--key", "shop")
    return stocked


def _data(value: Any) -> Iterator[str]:
    """Every text of an answer in JSON that is not a mere code: names, details, notes are data."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _data(part)
    elif isinstance(value, list):
        for part in value:
            yield from _data(part)
    elif isinstance(value, str) and value and not re.fullmatch(r"[a-z_]+", value):
        yield value


def test_what_is_read_is_in_one_language(told: Custody) -> None:
    known = ["二里岗冷库", "城东超市", "冻虾 Frozen shrimp", "custody.example/erligang", UNIT, REGULATOR]
    known += ["officer-a", "officer-b", "shop", "market", "town", "trade"]
    for words in READS:
        as_json = told.run(*words, "--json")
        data = sorted(_data(as_json.json), key=len, reverse=True)
        for spoken in ("zh", "en"):
            answer = told.run(*words, "--lang", spoken)
            assert answer.code == as_json.code
            said = answer.out + answer.err
            for name in (*data, *known):
                said = said.replace(name, " ")
            assert (_latin(said) if spoken == "zh" else CHINESE.findall(said)) == [], (words, spoken, said)


def test_the_screen_says_what_the_workbook_says() -> None:
    spoken = language("zh")
    assert {name: spoken(word) for name, word in trace.ACTIONS.items()} == dict(goods_columns.ACTIONS)


@pytest.mark.parametrize(
    ("arguments", "environment", "spoken"),
    [
        (["verify"], {}, "zh"),
        (["verify"], {"LANG": "en_GB.UTF-8"}, "en"),
        (["verify"], {"LANG": "zh_CN.UTF-8"}, "zh"),
        (["verify"], {"LANG": "C"}, "zh"),
        (["verify"], {"LC_ALL": "en_US", "LANG": "zh_CN"}, "en"),
        (["verify"], {"CUSTODY_LANG": "zh", "LANG": "en_GB"}, "zh"),
        (["verify", "--lang", "en"], {"CUSTODY_LANG": "zh"}, "en"),
        (["--lang=en", "verify"], {"CUSTODY_LANG": "zh"}, "en"),
        (["correct", "--", "--lang", "en"], {}, "zh"),
    ],
)
def test_which_language_is_spoken(arguments: list[str], environment: dict[str, str], spoken: str) -> None:
    assert wanted(arguments, environment) == spoken


def test_the_language_can_stand_before_and_after_the_command(custody: Custody) -> None:
    before, after = custody.ok("--lang", "zh", "key", "list"), custody.ok("key", "list", "--lang", "zh")
    assert before.out == after.out and "市场监管人员" in after.out
    assert "Supervisor" in custody.ok("key", "list").out
    assert (
        "没有"
        in custody.refused("key", "list", "--lang", "fr", code="UsageError", field="--lang", exit_code=2)[
            "zh"
        ]
    )
