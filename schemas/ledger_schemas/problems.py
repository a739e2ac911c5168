"""What is wrong with a body, in words a shopkeeper can act on.

`Problem` is one fault with its place; `BodyError` carries all of them at once, so that a form can mark
every field in one go. Rules that look at several fields report through `broken`. Turning what pydantic
found into these sentences is the work of `explain`; refusing the statement is the ledger's.

    >>> print(BodyError("goods.sold", (Problem("lines", "Lines is missing: enter it", "缺少明细，请填写"),)))
    goods.sold: lines: Lines is missing: enter it
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic_core import PydanticCustomError

RULE = "ledger_rule"
"""Error type of our own rules inside pydantic's list of errors."""


class Problem(NamedTuple):
    """One fault: `field` is a path such as ``lines[2].quantity.value`` ("" for the body itself)."""

    field: str
    message: str
    zh: str


class BodyError(ValueError):
    """A body that is not what its kind asks for: every problem that was found."""

    def __init__(self, kind: str, problems: tuple[Problem, ...]) -> None:
        self.kind = kind
        self.problems = problems
        super().__init__(
            f"{kind}: " + "; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in problems)
        )


class UnknownKind(KeyError):
    """There is no such kind of statement."""

    def __init__(self, kind: object, known: tuple[str, ...]) -> None:
        self.kind = kind
        self.message = f"there is no kind of statement {kind!r}; the kinds are {', '.join(known)}"
        self.zh = f"没有“{kind}”这种记录"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


def broken(problems: tuple[Problem, ...]) -> PydanticCustomError:
    """What a pydantic validator raises for problems of ours; paths are relative to where it stands."""
    return PydanticCustomError(RULE, "{summary}", {"problems": problems, "summary": problems[0].message})


def join(*parts: str) -> str:
    """One path from several, any of them empty: ``join("lines[2]", "quantity", "value")``."""
    return ".".join(part for part in parts if part)
