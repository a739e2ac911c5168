"""Random values and random damage, and the question whether both programs accept the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from ledger.errors import LedgerError
from tests.web.js.modules import Modules

LETTERS = 'abzAZ09 _-+/"\\\n\t\x01\x7f\x85\xa0\u200b\u2028\u3000\ufeff含氯🧊é'


def accepted(work: Callable[[], object]) -> bool:
    try:
        work()
    except LedgerError:
        return False
    return True


def agree(
    js: Modules, name: str, inputs: Sequence[bytes], python: Callable[[bytes], object], **context: Any
) -> int:
    """Both accept the same inputs. Returns how many."""
    answers = js.each(name, inputs, **context)
    mine = [accepted(lambda one=one: python(one)) for one in inputs]  # type: ignore[misc]  # bound now
    differing = [
        (one, answer, judged)
        for one, answer, judged in zip(inputs, answers, mine, strict=True)
        if ("ok" in answer) != judged
    ]
    assert not differing, (len(differing), differing[:5])
    return sum(mine)


def some_text(rng: Random) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randrange(8)))


def some_value(rng: Random, depth: int = 0) -> object:
    choice = rng.randrange(9 if depth < 4 else 7)
    if choice == 7:
        return [some_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if choice == 8:
        keys = ("".join(rng.choices("abz_9", k=rng.randrange(5))) for _ in range(rng.randrange(4)))
        return {f"{rng.choice('abz')}{key}": some_value(rng, depth + 1) for key in keys}
    integer = rng.randrange(-(2**53) + 1, 2**53)
    return (None, True, False, integer, rng.randrange(-9, 9), some_text(rng), some_text(rng))[choice]


def damaged(rng: Random, data: bytes) -> bytes:
    """One to three small changes."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        piece = data[rng.randrange(len(data) + 1) :][: rng.randrange(12)]
        change = rng.randrange(5)
        if change == 0 and data:
            at %= len(data)
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif change == 1:
            data = data[:at] + data[at + rng.randrange(1, 4) :]
        elif change == 2:
            data = data[:at] + piece + data[at:]
        elif change == 3:
            data = data[:at] + rng.choice(WEDGES) + data[at:]
        else:
            data = data.replace(rng.choice(WEDGES), rng.choice(WEDGES), 1)
    return data


WEDGES = [
    *(
        b" ",
        b"\n",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u0041",
        b"\\ud800",
        b"\\u0000",
        b"\\/",
        b"0",
        b"-0",
        b"1e2",
        b"1.0",
        b"null",
    ),
    *(
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xc0\x80",
        b"[",
        b"]",
        b"{",
        b"}",
        b'"a":1',
        b'"a":1,',
        b"9007199254740993",
    ),
    *(b"a", b"A", b"_", b"=", b"+", b"-", b"/", b"\xe2\x80\x94", b"\r", b"\0", b"\x7f"),
]
