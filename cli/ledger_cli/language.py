"""The language this run of the command speaks, chosen once at its start.

    speak(wanted(arguments, os.environ))
    _("Cards (as of {size})", size=17)         # '红黄牌（截至第 17 条）'
    HELP = N_("Only this merchant.")           # marked here, said when help is shown

`custody` speaks the language of ``--lang``, of CUSTODY_LANG, of the locale, and otherwise Chinese. Programs read
--json, whose names and messages are English whatever is spoken.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.language import Language

CHINESE, ENGLISH = "zh", "en"
VARIABLE = "CUSTODY_LANG"

_spoken = CHINESE
_loaded: dict[tuple[str, bool], Language] = {}
"""By its name, and whether with the texts of the server: only what uses the server has errors of it to tell."""


def N_(text: str) -> str:  # noqa: N802 - the name gettext gives to marking a text without translating it
    """The text itself: marked for the catalogue, said by whoever shows it."""
    return text


def _(text: str, /, **values: object) -> str:
    """A text of the command line in the language spoken, its placeholders filled."""
    return language()(text, **values)


def speak(name: str) -> None:
    """From now on this language. Raises: UsageError for one that there is not."""
    global _spoken  # noqa: PLW0603 - a process speaks one language, as with gettext's own textdomain
    language(name)
    _spoken = name


def language(name: str | None = None) -> Language:
    """The language spoken, or the one named, with the texts of the command line. Raises: UsageError."""
    from ledger.language import Language

    chosen = _spoken if name is None else name
    web = sys.modules.get("ledger_web")
    key = chosen, web is not None
    if key not in _loaded:
        packages = [__file__, *([] if web is None or web.__file__ is None else [web.__file__])]
        _loaded[key] = Language.of(chosen, *(Path(one).parent / "locale" for one in packages))
    return _loaded[key]


def wanted(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak, by the arguments, whatever command they are for, and the environment."""
    for place, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return ENGLISH if environment[name].startswith(ENGLISH) else CHINESE
    return CHINESE
