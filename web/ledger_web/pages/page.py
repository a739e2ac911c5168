"""A page, and how it is rendered: Jinja, in the language of the reader.

    Page("/trace/{batch}", "trace.html.j2")          # one document for all batches: the script reads the address
    render(page, "zh", version="4f1c…")

In templates `_("English text", name=value)` says a text in the reader's language and `choices("unit")` gives the codes
of a choice with their names. What it leaves to others: addresses and headers (`site`), everything that moves
(`static/js/app`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ledger.language import Language
from ledger_schemas import LABELS
from ledger_web.problems import reader_language

if TYPE_CHECKING:
    from ledger_web.problems import Language as LanguageName

HERE: Final = Path(__file__).parents[1]
TEMPLATES: Final = HERE / "templates"
LOCALE: Final = HERE / "locale"
COOKIE: Final = "lang"


class Page(NamedTuple):
    """An address, in which ``{name}`` stands for whatever comes there, and the template behind it."""

    path: str
    template: str


@cache
def language(name: LanguageName) -> Language:
    """The texts of the pages in a language."""
    return Language.of(name, LOCALE)


def chosen_language(cookies: Mapping[str, str], accepted: str | None) -> LanguageName:
    """What the reader chose on the page, else what the browser asks for.

    >>> chosen_language({"lang": "en"}, "zh-CN"), chosen_language({"lang": "fr"}, "zh-CN"), chosen_language({}, None)
    ('en', 'zh', 'zh')
    """
    cookie = cookies.get(COOKIE)
    return reader_language(cookie if cookie in ("zh", "en") else accepted)


def render(page: Page, name: LanguageName, *, version: str) -> bytes:
    """The document. `version` names the scripts and styles that belong to it."""
    said = language(name)
    text = _environment(name).get_template(page.template)
    return text.render(
        page=page, lang=said.tag, language=name, static=f"/static/{version}", version=version
    ).encode()


def choices(name: LanguageName, choice: str) -> list[tuple[str, str]]:
    """The codes of a choice of the schemas, each with its name."""
    return [(code, language(name).code(choice, code)) for code in LABELS[choice]]


@cache
def _environment(name: LanguageName) -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.globals["_"] = language(name)
    found.globals["choices"] = lambda choice: choices(name, choice)
    return found
