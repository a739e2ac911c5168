"""A page, and how it is rendered: Jinja, in the language of the reader.

    Page("/trace/{batch}", "trace.html.j2")          # one document for all batches: the script reads the address
    render(page, "zh", version="4f1c…")

In templates `_("English text", name=value)` says a text in the reader's language and `choices("unit")` gives the codes
of a choice with their names. What it leaves to others: addresses and headers (`site`), everything that moves
(`static/js/app`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ledger_schemas import LABELS
from ledger_web.languages import spoken as language

if TYPE_CHECKING:
    from ledger_web.languages import LanguageName

HERE: Final = Path(__file__).parents[1]
TEMPLATES: Final = HERE / "templates"


class Page(NamedTuple):
    """An address, in which ``{name}`` stands for whatever comes there, and the template behind it."""

    path: str
    template: str


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
