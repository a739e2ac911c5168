"""Every text of the program stands in every catalogue, translated, with the same placeholders; nothing is left over."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from ledger.language.upkeep import DOMAINS, TRANSLATED, Domain, updated, written


@pytest.mark.parametrize("locale", TRANSLATED)
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_catalogue_has_the_texts_of_the_program_translated(domain: Domain, locale: str) -> None:
    catalogue = updated(domain, locale)
    assert domain.file(locale).read_bytes() == written(catalogue, locale), (
        "run python -m ledger.language.upkeep"
    )
    texts = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert [text for text, said in texts.items() if not said] == []
    assert [text for text, said in texts.items() if not _fields(said) <= _fields(text) | {"title"}] == []
    assert [text for text, said in texts.items() if not _CHINESE.search(said)] == []


_CHINESE = re.compile("[\\u3000-\\u303f\\u3400-\\u9fff\\uff00-\\uffef]")
"""Characters that only Chinese texts have, a colon of full width among them."""


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
