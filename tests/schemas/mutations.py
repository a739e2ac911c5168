"""Every place of a JSON value, and copies of it with one place changed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Loc = tuple[str | int, ...]


def leaves(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    """Places of strings, numbers, booleans and nulls, with what stands there."""
    for where, found in places(value, loc):
        if not isinstance(found, dict | list):
            yield where, found


def objects(value: object) -> Iterator[Loc]:
    """Places of objects."""
    return (where for where, found in places(value) if isinstance(found, dict))


def places(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    yield loc, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from places(member, (*loc, key))
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from places(member, (*loc, position))


def replaced(value: Any, loc: Loc, new: object) -> Any:  # Any: JSON
    """A copy with `new` at `loc`."""
    changed = copy.deepcopy(value)
    if not loc:
        return new
    _holder(changed, loc)[loc[-1]] = new
    return changed


def without(value: Any, loc: Loc) -> Any:  # Any: JSON
    """A copy without the member at `loc`."""
    changed = copy.deepcopy(value)
    del _holder(changed, loc)[loc[-1]]
    return changed


def _holder(value: Any, loc: Loc) -> Any:  # Any: JSON
    for part in loc[:-1]:
        value = value[part]
    return value


def path(loc: Loc) -> str:
    """The place as problems name it: ``lines[0].quantity.value``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
