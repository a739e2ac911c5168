"""The language in which people are told: Chinese or English.

    chinese = Language.of("zh")
    chinese("Checks made")                     # '已查次数'
    chinese.told(error.placed)                 # a message with its values, and messages among them
    chinese.code("card", "yellow")             # '黄牌'

Texts are English in the program; ``locale/LANGUAGE/LC_MESSAGES/*.po`` beside a package has them in another language. A
front door hands in its own folder besides. English needs no catalogue. Where a compiled ``.mo`` stands beside, it is
used if it was made of the very ``.po`` that is there. What it leaves to others: which language a
reader wants (the front doors), numbers and dates (`exchange.report.words`), keeping the catalogues (`upkeep`).
"""

from __future__ import annotations

import gettext
import hashlib
import struct
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ledger.messages import Message

if TYPE_CHECKING:
    from ledger.errors import LedgerError

LANGUAGES: Final = {"zh": "zh_CN", "en": "en"}
"""What people ask for, and the locale it means."""
SOURCE: Final = "en"
"""The language of the program's own texts."""

_SOURCE: Final = "(SHA-256 of the source)"  # as in `compiling`, which is not imported for it
_HERE: Final = Path(__file__).parent / "locale"


class Language:
    """See the module docstring."""

    def __init__(self, name: str, *folders: Path) -> None:
        self.name = name
        self.locale = LANGUAGES[name]
        self._catalogues = (
            []
            if name == SOURCE
            else [
                _catalogue(file)
                for folder in folders
                for file in sorted((folder / self.locale / "LC_MESSAGES").glob("*.po"))
            ]
        )

    @classmethod
    def of(cls, name: str, *more: Path) -> Self:
        """`more` are folders ``locale`` of further packages. Raises: UsageError for a language that is not there."""
        if name not in LANGUAGES:
            from ledger.errors import UsageError  # noqa: PLC0415 - `custody --help` speaks and needs no more than this

            raise UsageError(
                "there is no language {name!r} here: choose {languages}",
                name=name,
                languages=", ".join(LANGUAGES),
                field="--lang",
            )
        return cls(name, _HERE, *more)

    @property
    def tag(self) -> str:
        """The language as HTML and HTTP name it (BCP 47)."""
        return self.locale.replace("_", "-")

    def __call__(self, text: str, /, **values: object) -> str:
        """A text of the program in this language, its placeholders filled if there are values."""
        said = self._said(text)
        if not values:
            return said
        return said.format_map({name: self._value(value) for name, value in values.items()})

    def told(self, text: str) -> str:
        """A message, and the messages among its values, in this language; any other text as it is known or as it is."""
        if not isinstance(text, Message):
            return self._said(text)
        return text.worded.get(self.name) or self(text.template, **text.values)

    def error(self, error: LedgerError) -> str:
        """What is wrong, where, and what to do."""
        return self.told(error.placed)

    def code(self, choice: str, value: str) -> str:
        """The name of a code of the schemas; the code itself where there is none."""
        from ledger_schemas import LABELS  # noqa: PLC0415 - as above

        label = LABELS.get(choice, {}).get(value)
        if label is None:
            return value
        return label.zh if self.name == "zh" else label.en

    def _value(self, value: object) -> object:
        return self.told(value) if isinstance(value, Message) else value

    def _said(self, text: str) -> str:
        for catalogue in self._catalogues:
            said = catalogue.gettext(text) if text else text  # "" is a catalogue's own header
            if said != text:
                return said
        return text


@cache
def _catalogue(file: Path) -> gettext.NullTranslations:
    """A catalogue, compiled when the package was built; or now, where it is of another source."""
    source = file.read_bytes()
    try:
        with file.with_suffix(".mo").open("rb") as stream:
            found = gettext.GNUTranslations(stream)
    except (OSError, UnicodeDecodeError, struct.error):
        found = None
    if found is not None and found.gettext(_SOURCE) == hashlib.sha256(source).hexdigest():
        return found
    from ledger.language.compiling import compiled  # noqa: PLC0415 - Babel takes 60 ms, and is seldom needed

    return gettext.GNUTranslations(BytesIO(compiled(source)))
