"""Keeps the catalogues in step with the program: `python -m ledger.language.upkeep` after texts were changed.

Texts are found where they are made: the first argument of an error, of `Message`, `_`, `N_` and `words`; and the
docstrings of functions named ``command``, which the command line shows as help. What is new comes
into the catalogue without a translation, which a test refuses; what is gone is taken out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from ledger import errors
from ledger.language import LANGUAGES, SOURCE

_MARKS: Final = ("_", "N_", "words", "Message")
_COMMAND: Final = "command"


_PYTHON: Final = (("**.py", "python"),)
_PROGRAM: Final = (("**.py", "python"), ("**/templates/**.j2", "jinja2.ext:babel_extract"))
_PAGES: Final = (("**.js", "javascript"), ("**/templates/**.j2", "jinja2.ext:babel_extract"))


class Domain(NamedTuple):
    """The texts of some packages, the folder of their catalogues, and how texts are found in which files."""

    name: str
    packages: tuple[Path, ...]
    locale: Path
    methods: tuple[tuple[str, str], ...] = _PROGRAM
    marks: tuple[str, ...] = ()
    """Names of what is called with a text; none for those of Python (`keywords`)."""

    def file(self, locale: str) -> Path:
        return self.locale / locale / "LC_MESSAGES" / f"{self.name}.po"


_ROOT: Final = Path(__file__).parents[2]
DOMAINS: Final = (
    Domain("ledger", (_ROOT / "ledger",), _ROOT / "ledger/language/locale"),
    Domain("custody", (_ROOT / "cli/ledger_cli",), _ROOT / "cli/ledger_cli/locale"),
    Domain("web", (_ROOT / "web/ledger_web",), _ROOT / "web/ledger_web/locale", _PAGES, ("_",)),
    Domain("server", (_ROOT / "web/ledger_web",), _ROOT / "web/ledger_web/locale", _PYTHON),
)
TRANSLATED: Final = tuple(locale for name, locale in LANGUAGES.items() if name != SOURCE)


def keywords() -> dict[str, None]:
    """Names of what is called with a text for people."""
    kinds = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.LedgerError)
    ]
    return dict.fromkeys((*_MARKS, *kinds))


def texts(domain: Domain) -> Iterator[tuple[str, str, int]]:
    """Each text with its file, below the root, and line."""
    for package in domain.packages:
        marks = dict.fromkeys(domain.marks) or keywords()
        found = extract_from_dir(package, domain.methods, keywords=marks, strip_comment_tags=True)
        for name, line, text, _comments, _context in found:
            if isinstance(text, str) and text:
                yield text, str((package / name).relative_to(_ROOT)), line
        for file in sorted(package.glob("commands/*.py")):
            for node in ast.parse(file.read_bytes()).body:
                if isinstance(node, ast.FunctionDef) and node.name == _COMMAND and ast.get_docstring(node):
                    yield ast.get_docstring(node) or "", str(file.relative_to(_ROOT)), node.lineno


def updated(domain: Domain, locale: str) -> Catalog:
    """The catalogue as it should be: every text of the program, with the translations there are."""
    path = domain.file(locale)
    before = read_po(BytesIO(path.read_bytes()), locale=locale) if path.exists() else Catalog(locale=locale)
    after = Catalog(
        locale=locale,
        domain=domain.name,
        project="custody-ledger",
        fuzzy=False,
    )
    for text in sorted({text for text, _, _ in texts(domain)}):
        known = before.get(text)
        after.add(text, known.string if known is not None else "", flags=_flags(text))
    return after


def written(catalogue: Catalog, locale: str) -> bytes:
    """The bytes of a catalogue, without dates, so that the same texts give the same file."""
    out = BytesIO()
    write_po(out, catalogue, width=0, no_location=True, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return (head + "\n").encode() + out.getvalue()


def _flags(text: str) -> tuple[str, ...]:
    return ("python-brace-format",) if "{" in text else ()


def main() -> None:
    """Bring all catalogues up to date."""
    for domain in DOMAINS:
        for locale in TRANSLATED:
            path = domain.file(locale)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(updated(domain, locale), locale))


if __name__ == "__main__":
    main()
