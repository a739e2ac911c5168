"""Whatever is handed to a module, nothing but its own error comes out; and each error has words in both languages."""

from __future__ import annotations

import re

from ledger.custody.rules import RULES
from tests.web.browser import STATIC
from tests.web.js.modules import Modules

JS = STATIC / "js"


def test_nothing_but_our_own_error(js: Modules) -> None:
    answers = js.run("return (await import('/tests/js/odd.js')).throwAnything()")
    assert len(answers) > 30
    crashed = {name: [one["crash"][:200] for one in all_ if "crash" in one] for name, all_ in answers.items()}
    assert {name: found for name, found in crashed.items() if found} == {}
    for name, all_ in answers.items():
        assert any("code" in one for one in all_), name
        assert all(
            re.search("[\u4e00-\u9fff]", one["zh"]) and one["en"].isascii() is not None
            for one in all_
            if "zh" in one
        )


def test_every_key_has_words_and_every_word_is_used(js: Modules) -> None:
    messages = js.run("return m.messages.MESSAGES")
    sources = {path.name: path.read_text(encoding="utf-8") for path in JS.glob("*.js")}
    code = "\n".join(text for name, text in sources.items() if name != "messages.js")
    used = {key for key in messages if f"'{key}'" in code}
    assert set(messages) == used
    thrown = set(
        re.findall(
            r"(?:fail\((?:CODE|'\w+'), |refuse\('\w[\w.]*', |key: |(?<![.\w])fault\()'([a-z_.0-9]+)'", code
        )
    )
    assert thrown - set(messages) == set()
    assert len(thrown) > 80
    for zh, en in messages.values():
        assert re.search("[\u4e00-\u9fff]", zh)
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en))


def test_who_may_state_what_is_what_the_ledger_lets_in(js: Modules) -> None:
    table = js.run("return m.authority.MAY_STATE")
    assert {
        kind: (about, set(roles)) for kind, (about, *roles) in ((k, v.split()) for k, v in table.items())
    } == {kind: (rule.about, set(rule.by)) for kind, rule in RULES.items()}


def test_the_modules_need_nothing_else() -> None:
    """No packages, no other hosts, nothing of a page: they load each other only, and so run in a worker."""
    for path in JS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("/**\n"), path.name
        imported = re.findall(r"from '([^']+)'", text)
        assert all((JS / one).is_file() for one in imported), path.name
        assert not re.search(r"\b(document|window|localStorage|eval)\b[.(]", text), path.name
        assert len(text.splitlines()) < 400
