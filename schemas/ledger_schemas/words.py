"""Words for people: Chinese and English titles of fields, records and choices, and sentences for wrong input.

A form or a spreadsheet heading can be made from the exported JSON Schema in either language: each property
carries `title` (Chinese first), `description`, and both again apart as ``x-title-zh``, ``x-title-en``,
``x-description-zh`` and ``x-description-en``; each choice carries ``x-labels``. Which words belong to which
field stands at the field; this module only says how they are attached.

    batch: Annotated[BatchId, field("批次号", "Batch id", "本批货物的编号", "Names this batch of goods")]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, StringConstraints

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import CoreSchema


class Label(NamedTuple):
    """The same thing said in both languages."""

    zh: str
    en: str


class Words(NamedTuple):
    """Title and description in both languages."""

    zh: str
    en: str
    about_zh: str
    about_en: str

    def as_schema(self) -> dict[str, str]:
        """The members of a JSON Schema that carry these words."""
        return {
            "title": f"{self.zh} {self.en}",
            "description": f"{self.about_zh}。{self.about_en}.",
        } | self.apart()

    def apart(self) -> dict[str, str]:
        """The same words, one language each, under names of our own."""
        return {
            "x-title-zh": self.zh,
            "x-title-en": self.en,
            "x-description-zh": self.about_zh,
            "x-description-en": self.about_en,
        }


def field(zh: str, en: str, about_zh: str, about_en: str) -> FieldInfo:
    """Annotation of one field with its words. Descriptions are sentences without the full stop."""
    words = Words(zh, en, about_zh, about_en)
    info: FieldInfo = Field(
        title=f"{zh} {en}",
        description=f"{about_zh}。{about_en}.",
        json_schema_extra=dict(words.apart()),
    )
    return info


def title_of(info: FieldInfo) -> Label:
    """Chinese and English title of a field made with `field`."""
    extra = info.json_schema_extra
    if isinstance(extra, dict):
        return Label(str(extra.get("x-title-zh", "")), str(extra.get("x-title-en", "")))
    return Label("", "")


@dataclass(frozen=True)
class Choice:
    """Annotation of a `Literal`: the labels of its values go into the JSON Schema as ``x-labels``."""

    name: str
    labels: Mapping[str, Label]

    def __hash__(self) -> int:
        return hash(self.name)

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        schema["x-choice"] = self.name
        schema["x-labels"] = {value: {"zh": label.zh, "en": label.en} for value, label in self.labels.items()}
        return schema


Sentence = Callable[[str], Label]
"""For a text that does not fit: what is wrong and what to enter, as the predicate after the title."""

SENTENCES: dict[str, Sentence] = {}
"""Pattern to its sentence. Patterns run inside pydantic-core; a sentence is looked for when one fails."""


def shaped(pattern: str, says: Label | Sentence, *, max_length: int | None = None) -> StringConstraints:
    """Constraint of a text by `pattern`, with what to tell the user when it does not fit.

    Patterns keep to what Rust's `regex`, Python's `re` and ECMAScript (flags `u` and `v`) have in common,
    because the exported schema is read by all three: no look-around, no ``\\d``, ``\\w`` or ``\\s``.
    """
    SENTENCES[pattern] = says if callable(says) else lambda _text: says
    return StringConstraints(pattern=pattern, max_length=max_length)
