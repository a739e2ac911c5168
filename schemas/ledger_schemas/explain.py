"""From what pydantic found to what a person should do, in English and Chinese.

Each sentence begins with the title of the field, so that it reads alone; the path says which of several is
meant. Nothing of pydantic's own wording gets through. This runs only when something is wrong, so it may
take its time.

    >>> from ledger_schemas import BodyError, parse_body
    >>> try:
    ...     parse_body("goods.sold", {"buyer": {"type": "consumers"}, "lines": [{"batch": "B-7"}]})
    ... except BodyError as error:
    ...     print(*error.problems, sep="\\n")
    Problem(field='lines[0].quantity', message='Quantity is missing: enter it', zh='缺少数量，请填写')
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ledger_schemas.base import SEALED_TAG, TEXT_TAG, Record
from ledger_schemas.problems import RULE, Problem, join
from ledger_schemas.words import SENTENCES, Choice, Label, title_of

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _Place(NamedTuple):
    """Where an error stands: the record, the field, and its title with a row number if it is in a list."""

    record: type[Record]
    info: FieldInfo | None
    title: Label


def explain(model: type[Record], error: ValidationError) -> tuple[Problem, ...]:
    """All problems of a body of this model, with paths from its root."""
    return tuple(
        problem for details in error.errors(include_url=False) for problem in _problems(model, details)
    )


def _problems(model: type[Record], details: ErrorDetails) -> Iterator[Problem]:
    loc = [part for part in details["loc"] if part not in (TEXT_TAG, SEALED_TAG)]
    path = _path(loc)
    context: Mapping[str, Any] = details.get("ctx") or {}  # Any: pydantic's own values
    if details["type"] == RULE:
        for problem in context["problems"]:
            yield Problem(join(path, problem.field), problem.message, problem.zh)
        return
    if details["type"] == "too_short" and len(details["input"]) >= context["min_length"]:
        return  # only good members were counted; the bad ones have been reported
    place = _place(model, loc)
    if details["type"] in {"extra_forbidden", "invalid_key"}:
        yield _unknown_field(path, loc[-1], place.record)
        return
    if details["type"] == "missing":
        zh, en = place.title
        yield Problem(path, f"{en} is missing: enter it", f"缺少{zh}，请填写")
        return
    zh, en = _predicate(details, context, place)
    yield Problem(path, f"{place.title.en} {en}", f"{place.title.zh}{zh}")


def _path(loc: Sequence[int | str]) -> str:
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif _NAME.fullmatch(part):
            path = join(path, part)
        else:
            path += f"[{json.dumps(part, ensure_ascii=True)}]"
    return path


def _place(model: type[Record], loc: Sequence[int | str]) -> _Place:
    record: type[Record] = model
    info: FieldInfo | None = None
    title = Label("内容", "The body")
    inner: type[Record] | None = None
    for part in loc:
        if isinstance(part, int):
            title = Label(f"{title.zh}第 {part + 1} 项", f"{title.en}, item {part + 1},")
            continue
        record = inner or record
        if part not in record.model_fields:
            break
        info = record.model_fields[part]
        title = title_of(info)
        inner = _record_in(info.annotation)
    return _Place(record, info, title)


def _record_in(annotation: object) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _record_in(argument))), None)


def _choice_in(annotation: object) -> Choice | None:
    if isinstance(annotation, Choice):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _choice_in(argument))), None)


def _unknown_field(path: str, name: int | str, record: type[Record]) -> Problem:
    fields = list(record.model_fields)
    near = difflib.get_close_matches(str(name), fields, n=1)
    if near:
        zh_title, en_title = title_of(record.model_fields[near[0]])
        return Problem(
            path,
            f"there is no field {name!r} here: did you mean {near[0]} ({en_title})?",
            f"没有“{name}”这个字段，是否为 {near[0]}（{zh_title}）？",
        )
    known = ", ".join(fields)
    return Problem(
        path,
        f"there is no field {name!r} here: leave it out; the fields are {known}",
        f"没有“{name}”这个字段，请删去",
    )


def _predicate(details: ErrorDetails, context: Mapping[str, Any], place: _Place) -> Label:
    """What is wrong with a value, and what to enter: the part of the sentence after the title."""
    value = details["input"]
    if details["type"] == "string_pattern_mismatch":
        return SENTENCES[context["pattern"]](value)
    if details["type"] == "literal_error":
        return _not_a_choice(value, place)
    if details["type"] == "int_type" and isinstance(value, float):
        return Label("必须是整数，不能有小数", "must be a whole number, not one with a decimal point")
    says = _SENTENCES.get(details["type"])
    if says is None:
        return Label("的内容不合要求", "is not what is expected here")
    return says(value, context)


def _not_a_choice(value: object, place: _Place) -> Label:
    info = place.info
    around = (info.annotation, *info.metadata) if info else ()
    choice = next((found for one in around if (found := _choice_in(one))), None)
    labels = choice.labels if choice else {}
    zh = "、".join(f"{label.zh}（{code}）" for code, label in labels.items())
    near = difflib.get_close_matches(str(value).lower(), labels, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Label(f"只能是：{zh}", f"must be one of {', '.join(labels)}{hint}")


def _kind_of(value: object) -> Label:
    names = (
        (bool, "是否", "true or false"),
        (int, "数字", "a number"),
        (float, "数字", "a number"),
        (str, "文本", "text"),
        (list, "列表", "a list"),
        (dict, "对象", "an object"),
    )
    found = next((Label(zh, en) for python, zh, en in names if isinstance(value, python)), None)
    return found or (Label("空值", "null") if value is None else Label("其他类型", "something else"))


def _must_be(zh: str, en: str) -> Callable[[object, Mapping[str, Any]], Label]:
    def says(value: object, _context: Mapping[str, Any]) -> Label:
        given = _kind_of(value)
        return Label(f"必须是{zh}，现为{given.zh}", f"must be {en}, not {given.en}")

    return says


def _fixed(zh: str, en: str) -> Callable[[object, Mapping[str, Any]], Label]:
    def says(value: object, context: Mapping[str, Any]) -> Label:
        size = len(value) if isinstance(value, str | list | tuple) else 0
        words = {"limit": "", "size": size} | dict(context)
        return Label(zh.format_map(words), en.format_map(words))

    return says


_SENTENCES: dict[str, Callable[[object, Mapping[str, Any]], Label]] = {
    "string_type": _must_be("文本（加引号）", "text in quotes"),
    "string_unicode": _fixed("含有无效字符，请重新输入", "contains half a character: type it again"),
    "string_too_long": _fixed(
        "最多 {max_length} 个字，现有 {size} 个", "has {size} characters: shorten it to at most {max_length}"
    ),
    "int_type": _must_be("整数（不加引号）", "a whole number without quotes"),
    "bool_type": _must_be("是或否（true 或 false）", "true or false without quotes"),
    "tuple_type": _must_be("列表", "a list"),
    "model_type": _must_be("对象（若干字段）", "an object with fields"),
    "too_long": _fixed(
        "最多 {max_length} 项，请分开登记", "has more than {max_length} entries: split it in two statements"
    ),
    "too_short": _fixed("至少填 {min_length} 项", "is empty: enter at least {min_length}"),
    "greater_than_equal": _fixed("不能小于 {ge}", "must be at least {ge}"),
    "less_than_equal": _fixed("不能大于 {le}", "must be at most {le}"),
    "int_parsing_size": _fixed("数字过大", "is too large a number"),
}
