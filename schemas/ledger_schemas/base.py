"""What all bodies are made of: frozen records that refuse unknown fields, and rules across fields.

A `Record` is checked inside pydantic-core. One that has rules between its fields (an end not before its
start, no batch twice) also derives from `Ruled` and says them in `rules`. Validators are built when a
record is first used.

    class Stay(Ruled, Record, zh="停留", en="Stay", about_zh="一段时间"):
        \"""A span of time.\"""
        started_at: Annotated[Instant, field("开始", "Start", "何时开始", "When it began")]
        ended_at: Annotated[Instant, field("结束", "End", "何时结束", "When it ended")]

        def rules(self) -> Problems:
            return in_order(self, "started_at", "ended_at")
"""

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Strict, Tag, model_validator

from ledger_schemas.problems import Problem, broken
from ledger_schemas.text import FileName, MediaType, SealedDigest, Sha256, Text
from ledger_schemas.words import Label, Words, field, title_of

Problems = tuple[Problem, ...]
T = TypeVar("T")
MAX_LINES = 200
Many = Annotated[tuple[T, ...], Strict(False), Field(max_length=MAX_LINES)]
"""A list of at most 200. Strictness is off for the sequence alone: the list of JSON becomes a tuple."""
Lines = Annotated[tuple[T, ...], Strict(False), Field(min_length=1, max_length=MAX_LINES)]
"""A list of 1 to 200."""
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


def _put_words(schema: dict[str, Any], model: type) -> None:  # Any: a JSON Schema is any JSON
    if issubclass(model, Record):
        schema.update(model.words.as_schema())


class Record(BaseModel):
    """A frozen object with words in both languages."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True, json_schema_extra=_put_words
    )
    words: ClassVar[Words]

    def __init_subclass__(cls, *, zh: str = "", en: str = "", about_zh: str = "", **_more: object) -> None:
        if zh:
            about_en = " ".join(inspect.cleandoc(cls.__doc__ or "").split()).rstrip(".")
            cls.words = Words(zh, en, about_zh, about_en)


class Body(Record):
    """What one kind of statement carries."""

    kind: ClassVar[str]

    def __init_subclass__(cls, *, kind: str = "", **more: Any) -> None:  # Any: passed on to Record
        super().__init_subclass__(**more)
        cls.kind = kind


class Ruled(Record):
    """Mixed into records with rules between fields, which are asked once every field is good by itself."""

    def rules(self) -> Problems:
        """Problems with paths relative to this record; () if there are none."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _keep_rules(self) -> Self:
        problems = self.rules()
        if problems:
            raise broken(problems)
        return self


class Sealed(Record, zh="密封值", en="Sealed value", about_zh="只存摘要，原值另存，可以擦除"):
    """Only a digest; the value is kept apart and can be erased."""

    sealed: Annotated[
        SealedDigest,
        field("摘要", "Digest", "披露的 SHA-256", "SHA-256 of the disclosure, RFC 9901 section 4.2.1"),
    ]


class Attachment(Record, zh="附件", en="Attachment", about_zh="文件按摘要另存"):
    """A file that is kept under its digest."""

    bytes: Annotated[
        Annotated[int, Field(ge=1, le=2**40)],
        field("大小（字节）", "Size in bytes", "文件的字节数", "Number of bytes of the file"),
    ]
    media_type: Annotated[
        MediaType, field("类型", "Media type", "文件类型", "Type of the file, such as image/jpeg")
    ]
    name: Annotated[
        FileName, field("文件名", "File name", "不要写个人姓名或电话", "Without names or phones of people")
    ]
    sha256: Annotated[Sha256, field("摘要", "SHA-256", "文件内容的摘要", "Digest of the content")]


class Reference(Record, zh="其他编号", en="Reference", about_zh="其他平台或单据上的编号"):
    """A number under which another system knows the same thing."""

    name: Annotated[Text, field("编号名称", "Name", "哪个平台或单据", "Which system or paper it belongs to")]
    value: Annotated[Text, field("编号", "Value", "编号本身", "The number itself")]


TEXT_TAG, SEALED_TAG = "<text>", "<sealed>"


def _text_or_sealed(value: object) -> str:
    return SEALED_TAG if isinstance(value, dict | Sealed) else TEXT_TAG


TextOrSealed = Annotated[
    Annotated[Text, Tag(TEXT_TAG)] | Annotated[Sealed, Tag(SEALED_TAG)], Discriminator(_text_or_sealed)
]
"""A name in clear (an organisation) or sealed (a person)."""


def title(record: Record, name: str) -> Label:
    """Both titles of one field of a record."""
    return title_of(type(record).model_fields[name])


def days_in_order(record: Record, first: str, last: str) -> Problems:
    """The day in field `last` must not be before the one in `first`; either may be None."""
    start, end = getattr(record, first), getattr(record, last)
    if start is None or end is None or start <= end:  # ISO days compare as text
        return ()
    return _out_of_order(record, first, last)


def in_order(record: Record, first: str, last: str) -> Problems:
    """The instant in field `last` must not be before the one in `first`; either may be None."""
    start, end = getattr(record, first), getattr(record, last)
    if start is None or end is None or not_after(start, end):
        return ()
    return _out_of_order(record, first, last)


def not_after(first: str, last: str) -> bool:
    """Whether instant `first` is at or before `last`. With one offset and fraction they compare as text."""
    if first[19:] == last[19:]:
        return first <= last
    return datetime.fromisoformat(first) <= datetime.fromisoformat(last)


def _out_of_order(record: Record, first: str, last: str) -> Problems:
    start, end = title(record, first), title(record, last)
    from_, to = getattr(record, first), getattr(record, last)
    return (
        Problem(
            last,
            f"{end.en} ({to}) is before {start.en} ({from_}): correct one of the two",
            f"{end.zh}（{to}）早于{start.zh}（{from_}），请改正",
        ),
    )


def unique(
    record: Record, name: str, key: Callable[[Any], object] | str | None = None
) -> Problems:  # Any: whatever the list holds
    """No two members of list `name` share a `key`: an attribute, a function, or the members themselves."""
    members: Sequence[object] = getattr(record, name)
    if len(members) < 2:
        return ()
    get = attrgetter(key) if isinstance(key, str) else key
    keys = list(members) if get is None else [get(member) for member in members]
    if len(set(keys)) == len(keys):
        return ()
    return _repeated(record, name, keys, key if isinstance(key, str) else "")


def _repeated(record: Record, name: str, keys: Sequence[object], attribute: str) -> Problems:
    seen: dict[object, int] = {}
    problems = []
    zh, en = title(record, name)
    for position, key in enumerate(keys):
        earlier = seen.setdefault(key, position)
        if earlier != position:
            shown = " ".join(str(part) for part in key if part) if isinstance(key, tuple) else str(key)
            path = f"{name}[{position}].{attribute}" if attribute else f"{name}[{position}]"
            problems.append(
                Problem(
                    path,
                    f"{en}: {shown} stands already at {name}[{earlier}]: put both together, or correct one",
                    f"{zh}：{shown} 与第 {earlier + 1} 项重复，请合并或改正",
                )
            )
    return tuple(problems)
