"""Canonical JSON against the reference: what one accepts the other accepts, with the same value and bytes."""

from __future__ import annotations

import enum
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import EncodingError
from ledger.log import canonical
from tests.reference import slow
from tests.reference.trees import WrongError

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.sampled_from([0, -1, 2**53 - 1, -(2**53) + 1, 2**31])
SCALARS = st.none() | st.booleans() | INTEGERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def fast(data: bytes) -> bytes | None:
    """The accepted value, in Python's own words so that 1 and True differ; None if refused."""
    try:
        return repr(canonical.decode(data)).encode("unicode_escape")
    except EncodingError as error:
        assert error.message
        return None


def judge(data: bytes) -> bytes | None:
    try:
        return repr(slow.decode(data)).encode("unicode_escape")
    except WrongError:
        return None


@given(VALUES)
@example({"b": "\u2028\u2029\x7f", "a": "é ≠ e\u0301", "c_1": ["🧊", '"\\/\b\f\n\r\t\x01\x1f']})
def test_any_value_encodes_as_rfc_8785_says_and_comes_back(value: slow.Json) -> None:
    data = canonical.encode(value)
    assert data == slow.encode(value)
    assert repr(canonical.decode(data)) == repr(json.loads(data))
    assert canonical.decode(data) == value
    canonical.check(value)


@given(VALUES, st.data())
def test_changed_bytes_are_judged_alike(value: slow.Json, data: st.DataObject) -> None:
    good = slow.encode(value)
    start = data.draw(st.integers(0, len(good)), "start")
    stop = data.draw(st.integers(start, min(len(good), start + 3)), "stop")
    patch = data.draw(
        st.binary(max_size=3) | st.sampled_from([b" ", b"\n", b"0", b".0", b"e1", b"\\u0061", b"-"])
    )
    bad = good[:start] + patch + good[stop:]
    assert fast(bad) == judge(bad)
    if fast(bad) is not None:
        assert canonical.encode(canonical.decode(bad)) == bad


@given(st.binary(max_size=40) | st.text('{}[]",:01-.eE\\u 9ntfal', max_size=25).map(str.encode))
@example(b'{"a":1,"a":1}')
@example(b"\xef\xbb\xbf{}")
@example(b"18446744073709551615")
@example(b"-9223372036854775808")
@example(b"1e1")
@example(b"-0")
@example(b'"\\\\u0000"')
@example(b'"\\u0000"')
def test_any_bytes_are_judged_alike(data: bytes) -> None:
    assert fast(data) == judge(data)


@st.composite
def loose_json(draw: st.DrawFn) -> str:
    """JSON as others write it: white space, any order, twins, escapes, fractions, large numbers, any keys."""
    space = st.sampled_from(["", "", "", " ", "\n"])
    number = st.sampled_from(
        ["1", "-1", "1.0", "0.1", "1e3", "-0", "1E-7", "9007199254740992", "123456789" * 30]
    )
    string = st.sampled_from(
        ['"a"', '"\\u0061"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\u0000"', '"\\/"', '"中"', '"\\u001f"']
    )
    key = st.sampled_from(['"a"', '"b"', '"a"', '"\\u0061"', '"A"', '""', '"a-b"', '"z_9"', '"é"'])

    def value(depth: int) -> str:
        kind = draw(st.integers(0, 4 if depth else 2))
        if kind < 3:
            return draw((number, string, st.sampled_from(["null", "true", "false"]))[kind])
        items = [value(depth - 1) + draw(space) for _ in range(draw(st.integers(0, 3)))]
        if kind == 3:
            return "[" + draw(space) + ",".join(items) + "]"
        return "{" + draw(space) + ",".join(draw(key) + ":" + draw(space) + item for item in items) + "}"

    return value(3)


@given(loose_json())
def test_json_as_others_write_it_is_judged_alike(text: str) -> None:
    data = text.encode()
    json.loads(data)  # it is JSON
    assert fast(data) == judge(data)


DEEP = canonical.MAX_DEPTH


@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_an_end(left: str, right: str) -> None:
    """The format sets no depth; the program stops at one, and says so, in both directions."""
    for depth in (1, DEEP - 1, DEEP):
        data = (left * depth + "1" + right * depth).encode()
        assert canonical.encode(canonical.decode(data)) == data
    for depth in (DEEP + 1, 255, 1025, 10_000):
        data = (left * depth + "1" + right * depth).encode()
        with pytest.raises(EncodingError):
            canonical.decode(data, limit=10**6)
    value: slow.Json = 1
    for depth in range(DEEP + 40):
        if depth <= DEEP:
            assert canonical.encode(value) == slow.encode(value)
        else:
            with pytest.raises(EncodingError, match="nested"):
                canonical.encode(value)
        value = [value] if left == "[" else {"a": value}


def test_length_has_an_end() -> None:
    fits = b'"' + b"a" * 65_533 + b'"'
    assert canonical.decode(fits) == "a" * 65_533
    with pytest.raises(EncodingError, match="65536"):
        canonical.decode(fits[:-1] + b'a"')
    assert canonical.decode(b"12", limit=2) == 12
    with pytest.raises(EncodingError):
        canonical.decode(b"123", limit=2)


class Text(str):
    __slots__ = ()


class Number(enum.IntEnum):
    ONE = 1


LOOP: list[object] = []
LOOP.append(LOOP)


OUTSIDE: list[object] = [
    *(1.0, float("nan"), float("inf"), 1j, 2**53, -(2**53), 10**400, Number.ONE),
    *(b"a", (1,), {1}, object, LOOP),
    *("\0", "a\0", "\ud83d", "\ude00\ud83d", Text("a")),
    *({1: 2}, {None: 1}, {"A": 1}, {"": 1}, {"a b": 1}, {"a\n": 1}, {"é": 1}, {"_a": 1}, {"1": 1}),
    *({"\ud83d": 1}, {"a\0": 1}, {Text("a"): 1}),
]


@pytest.mark.parametrize("value", OUTSIDE, ids=ascii)
def test_values_outside_the_profile_are_refused(value: object) -> None:
    for wrapped in (value, [value], {"a": [{"b": value}]}):
        with pytest.raises(EncodingError):
            canonical.encode(wrapped)
        with pytest.raises(EncodingError):
            canonical.check(wrapped)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"a": [1, {"b": 0.5}]}, "a[1].b"),
        ([[], [2**53]], "[1][0]"),
        ({"a": {"b": "x\0"}}, "a.b"),
        ({"a": {"B": 1}}, "a"),
        ({"lines": [{"name": "\ud83d"}]}, "lines[0].name"),
    ],
)
def test_errors_name_the_place(value: object, field: str) -> None:
    with pytest.raises(EncodingError) as caught:
        canonical.encode(value)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b'{"a": 1}', 5),
        (b'{"b":1,"a":2}', 2),
        (b'{"a":1}\n', 7),
        (b'{"n":"\xc3\xa9" }', 9),
        (b'{"a":\xff}', 5),
    ],
)
def test_errors_name_the_byte(data: bytes, offset: int) -> None:
    with pytest.raises(EncodingError, match=rf"at byte {offset}\b"):
        canonical.decode(data)
