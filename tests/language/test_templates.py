"""Texts for people are templates with their values: whoever makes one says it in a way that a translator can handle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

import ledger
from ledger import errors

ROOT: Final = Path(ledger.__file__).parent
KINDS: Final = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.LedgerError)
}
PLACES: Final = {"field", "index", "row"}
"""What an error takes besides the values of its text."""
TEXT_AT: Final = (
    dict.fromkeys((*KINDS, "Message", "_", "N_", "NotOfTypeError"), 0)
    | dict.fromkeys(("RowFault", "BadCell", "remark", "not_made", "error"), 1)
    | dict.fromkeys(("fault", "Fault", "Flaw", "Place"), 2)
)
"""Which argument of a call is text for people."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            yield node, name


def composed(text: ast.expr) -> bool:
    """Whether a text is put together on the spot, so that no catalogue can have it."""
    if isinstance(text, ast.IfExp):
        return composed(text.body) or composed(text.orelse)
    if isinstance(text, ast.BoolOp):
        return any(map(composed, text.values))
    if isinstance(text, ast.Call):
        name = text.func.attr if isinstance(text.func, ast.Attribute) else getattr(text.func, "id", "")
        return name in ("format", "join", "replace", "strip", "str", "repr")
    return isinstance(text, ast.JoinedStr | ast.BinOp)


def faulty(source: str) -> list[int]:
    """Lines at which text for people is composed, or a template and its values do not fit."""
    tree = ast.parse(source)
    found = []
    for call, name in calls(tree):
        at = TEXT_AT.get(name)
        if at is None or len(call.args) <= at:
            continue
        text = call.args[at]
        plain = isinstance(text, ast.Constant) and isinstance(text.value, str)
        if composed(text) or (plain and at > 0) or (name in (*KINDS, "Message") and not fits(call)):
            found.append(call.lineno)
    return found


def fits(call: ast.Call) -> bool:
    """The values of a constant template are those that it names."""
    text = call.args[0]
    given = {one.arg for one in call.keywords}
    if not isinstance(call.func, ast.Name) or call.func.id != "Message":
        given -= PLACES
    if not isinstance(text, ast.Constant) or not given or None in given:
        return True
    return given == {name for _, name, _, _ in Formatter().parse(str(text.value)) if name is not None}


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_texts_for_people_are_constant_templates(file: Path) -> None:
    assert faulty(file.read_text()) == [], "give a constant template and its values (ledger/messages.py)"


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused(f"batch {batch} is not held")',
        'raise Refused("batch " + batch)',
        'raise Refused("batch {}".format(batch))',
        'raise Refused("a" if one else f"{b}")',
        'raise Refused("batch {batch} is not held", bach=batch)',
        'Message("{a} and {b}", a=1)',
        'outcome.fault("seen", 1, str(error))',
        'outcome.remark("seen", "; ".join(parts))',
        'outcome.not_made("seen", "plain words", asked=True)',
        'RowFault(None, "plain words")',
    ],
)
def test_what_cannot_be_translated_is_found(source: str) -> None:
    assert faulty(source) == [1]
