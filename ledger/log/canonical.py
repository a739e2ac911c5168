"""Canonical JSON: RFC 8785 inside the profile of format version 1, section 1.

The profile: objects, arrays, strings, `true`, `false`, `null` and integers within ±(2^53−1). Keys match
`[a-z][a-z0-9_]*`. Strings are Unicode without U+0000 and without lone surrogates. In this profile the bytes that
orjson writes with sorted keys are those of RFC 8785: they part ways only over floats and over keys beyond ASCII.

    {"batches":["B-7"],"note":"含氯消毒剂","ppm":500}

Bytes that do not encode back to themselves are refused, which also refuses white space, another order of keys,
needless escapes and a key that stands twice. Nesting stops at `MAX_DEPTH` (RFC 8259 section 9 lets a parser set a
limit). What the fields mean is left to others.

>>> encode({"unit": "kg", "amount": "12.5"})
b'{"amount":"12.5","unit":"kg"}'
>>> decode(b'{"amount": 12.5}')
Traceback (most recent call last):
ledger.errors.EncodingError: amount: a fraction is not allowed; write a decimal as a string, such as "12.5"
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import orjson

from ledger.errors import EncodingError
from ledger.messages import Message

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"

MAX_INT: Final = 2**53 - 1
"""The greatest integer that every JSON reader keeps exactly (RFC 8785 section 3.2.2.3, RFC 7493 section 2.2)."""
MAX_BYTES: Final = 65_535
"""What an entry may weigh: its length must fit the 16 bits that stand before it in an entry bundle."""
MAX_DEPTH: Final = 64
"""How deep objects and arrays may nest: far beyond any record, and within what orjson can write again."""

_SORTED = orjson.OPT_SORT_KEYS
_KEY = re.compile(r"[a-z][a-z0-9_]*").fullmatch

# A ledger uses few keys, over and over: one set test per object instead of one pattern match per key. Bounded,
# because a hostile author can make up keys; a key that finds no place is matched against the pattern each time.
_accepted_keys: set[str] = set()
_MAX_ACCEPTED_KEYS = 4096


def encode(value: object) -> bytes:
    """The canonical bytes of a JSON value made of exactly `dict`, `list`, `str`, `int`, `bool` and `None`.

    Raises `EncodingError`, naming the field, for anything outside the profile.
    """
    if not in_profile([value], MAX_DEPTH + 1):
        raise _explain(value)
    try:
        data = orjson.dumps(value, option=_SORTED)
    except TypeError as error:  # a lone surrogate
        raise _explain(value) from error
    if _may_hold_nul(data):
        _refuse_fault(value)
    return data


def decode(data: bytes, *, limit: int = MAX_BYTES) -> JSON:
    """The value of canonical JSON bytes, at most `limit` of them. Refuses all that `encode` would not write.

    Raises `EncodingError`, naming the field or the byte offset.
    """
    value = load(data, limit=limit)
    if not in_profile([value], MAX_DEPTH + 1):
        raise _explain(value)
    return value


def check(value: object) -> None:
    """Raise `EncodingError`, naming the field, unless the value is in the profile."""
    encode(value)


def load(data: bytes, *, limit: int = MAX_BYTES) -> JSON:
    """The value of bytes that encode back to themselves and hold no U+0000.

    That is `decode` without the walk over types, ranges and keys: for a caller that looks at every value itself,
    or hands the rest to `require_profile`.
    """
    if len(data) > limit:
        raise _too_long(data, limit)
    try:
        value: JSON = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _not_json(data, error) from error
    try:
        canonical = orjson.dumps(value, option=_SORTED) == data
    except TypeError:  # nested beyond what orjson writes
        canonical = False
    if not canonical:
        _refuse_fault(value)
        raise _not_canonical(value, data)
    if _may_hold_nul(data):
        _refuse_fault(value)
    return value


def load_any_layout(data: bytes, *, limit: int) -> JSON:
    """The value of JSON bytes in any layout and order, provided that no key of an object stands twice in it.

    For what is not itself hashed or signed as it stands: envelopes and disclosures. The profile is not checked.
    """
    if len(data) > limit:
        raise _too_long(data, limit)
    try:
        value: JSON = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _not_json(data, error) from error
    try:
        if orjson.dumps(value, option=_SORTED) != data:  # else canonical: no key can stand twice
            json.loads(data, object_pairs_hook=_distinct)
    except (TypeError, ValueError, RecursionError) as error:
        raise EncodingError("nested too deep, or a number too long: write plain JSON") from error
    return value


def require_profile(value: object, at: str, depth: int) -> None:
    """Raise `EncodingError` unless types, ranges and keys are in the profile and nesting is within `depth`.

    For a part of what `load` has returned; `at` is where it stands, such as `statement.body`.
    """
    if not in_profile(value, depth):
        raise _fault(value, at, depth) or EncodingError("outside the profile of canonical JSON", field=at)


def in_profile(container: object, depth: int = MAX_DEPTH) -> bool:
    """Whether an object or array has types, ranges and keys of the profile, and nesting within `depth`.

    Strings are not looked into. Walks level by level, so that counting depth costs nothing and hostile nesting cannot
    exhaust the stack.
    """
    level: list[object] = [container]
    while level:
        depth -= 1
        if depth < 0:
            return False
        below: list[object] = []
        for node in level:
            items: Iterable[object] = node  # type: ignore[assignment]  # only dict and list are put into `level`
            if type(node) is dict:
                if not (_accepted_keys.issuperset(node) or _keys_match(node)):
                    return False
                items = node.values()
            for item in items:
                kind = type(item)
                if kind is str:
                    continue
                if kind is int:
                    if not -MAX_INT <= item <= MAX_INT:  # type: ignore[operator]
                        return False
                elif kind is dict or kind is list:
                    below.append(item)
                elif item is not None and kind is not bool:
                    return False
        level = below
    return True


def is_key(name: str) -> bool:
    """Whether this may be the key of an object."""
    return _KEY(name) is not None


def _may_hold_nul(data: bytes) -> bool:
    """U+0000 is written as an escape, as is an ordinary backslash before the letters u0000.

    Looking for any backslash first is much faster, and most records have none.
    """
    return b"\\" in data and rb"\u0000" in data


def _keys_match(node: dict[object, object]) -> bool:
    for key in node:
        if type(key) is not str or _KEY(key) is None:
            return False
        if len(_accepted_keys) < _MAX_ACCEPTED_KEYS:
            _accepted_keys.add(key)
    return True


def _too_long(data: bytes, limit: int) -> EncodingError:
    return EncodingError(
        "{count} bytes, at most {limit} are allowed; put large content into an attachment",
        count=len(data),
        limit=limit,
    )


def _not_json(data: bytes, error: orjson.JSONDecodeError) -> EncodingError:
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        return EncodingError("not valid UTF-8 at byte {start}", start=bad.start)
    # orjson counts characters of the text; people look for bytes of the file
    offset = len(error.doc[: error.pos].encode())
    return EncodingError("not valid JSON at byte {offset}: {msg}", offset=offset, msg=error.msg)


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise EncodingError("stands twice in one object; keep one", field=twice)
    return value


def _not_canonical(value: object, data: bytes) -> EncodingError:
    wanted = orjson.dumps(value, option=_SORTED)
    offset = next(
        (i for i, (a, b) in enumerate(zip(data, wanted, strict=False)) if a != b),
        min(len(data), len(wanted)),
    )
    return EncodingError(
        "not canonical JSON (RFC 8785) at byte {offset}: expected {wanted!r}, "
        "found {data!r}; encode with sorted keys, each once, and no spaces",
        offset=offset,
        wanted=wanted[offset : offset + 16],
        data=data[offset : offset + 16],
    )


def _explain(value: object) -> EncodingError:
    """The first fault, on the slow way that remembers where it is."""
    return _fault(value, "", MAX_DEPTH) or EncodingError("outside the profile of canonical JSON")


def _refuse_fault(value: object) -> None:
    fault = _fault(value, "", MAX_DEPTH)
    if fault is not None:
        raise fault


def _fault(value: object, at: str, depth: int) -> EncodingError | None:
    if type(value) is dict or type(value) is list:
        return _fault_inside(value, at, depth)
    if value is None or type(value) is bool:
        return None
    if type(value) is str:
        return _fault_of_text(value, at)
    if type(value) is int:
        if -MAX_INT <= value <= MAX_INT:
            return None
        reason = Message("an integer must be within ±(2^53−1); write a longer number as a string")
    elif type(value) is float:
        reason = Message('a fraction is not allowed; write a decimal as a string, such as "12.5"')
    else:
        reason = Message(
            "{type} is not a JSON type; use dict, list, str, int, bool or None", type=type(value).__name__
        )
    return EncodingError(reason, field=at or None)


def _fault_inside(node: dict[object, object] | list[object], at: str, depth: int) -> EncodingError | None:
    if depth == 0:
        return EncodingError("nested too deep; flatten the objects and arrays", field=at or None)
    if isinstance(node, list):
        inside = ((f"{at}[{n}]", item) for n, item in enumerate(node))
    else:
        for key in node:
            if type(key) is not str or _KEY(key) is None:
                return EncodingError(
                    "key {key!a} is not lower-case letters, digits and _ after a letter",
                    key=str(key)[:80],
                    field=at or None,
                )
        inside = ((f"{at}.{key}" if at else str(key), item) for key, item in node.items())
    return next((fault for path, item in inside if (fault := _fault(item, path, depth - 1))), None)


def _fault_of_text(text: str, at: str) -> EncodingError | None:
    if "\0" in text:
        return EncodingError("text must not contain the character U+0000; remove it", field=at or None)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return EncodingError(
            "text contains half a surrogate pair at character {start}; remove it",
            start=error.start,
            field=at or None,
        )
    return None
