"""A table of a TOML file, read strictly: every key must be known and of its kind. Used by `mapping`.

table = Table({"header_row": 2, "sheeet": "台账"}, "source")
table.whole("header_row", 1)       # 2
table.done()                       # SheetError: source.sheeet: this setting is not known
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ledger.errors import SheetError
from ledger.exchange.sheet_rows import near
from ledger.log.canonical import JSON
from ledger.messages import Message, either

REQUIRED: Final = "\0required"
"""Stands for "no default", so that None can be one."""


class Table:
    """One table. Reading a key takes it; `done` refuses what is left."""

    def __init__(self, data: Mapping[str, Any], path: str = "") -> None:  # Any: TOML holds anything
        self._left = dict(data)
        self._taken: list[str] = []
        self._path = path

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def path(self, key: str) -> str:
        """Where a key stands in the file, such as ``receipt.supplier.name``."""
        return ".".join(part for part in (self._path, key) if part)

    def error(self, key: str, message: Message) -> SheetError:
        return SheetError(message, field=self.path(key) or None)

    def keys_left(self) -> list[str]:
        return list(self._left)

    def done(self) -> None:
        """Raises SheetError if a key has not been taken: it is not known."""
        for key in self._left:
            raise self.error(key, _unknown(key, self._taken))

    def is_text(self, key: str) -> bool:
        return isinstance(self._left.get(key), str)

    def is_table(self, key: str) -> bool:
        return isinstance(self._left.get(key), dict)

    def text(self, key: str, default: Any = REQUIRED) -> Any:  # str, or the default
        """A string that is not empty."""
        value = self._take(key, default)
        if value is not default and (not isinstance(value, str) or not value):
            raise self.error(key, Message("must be text in quotes"))
        return value

    def texts(self, key: str, default: Sequence[str] | str = REQUIRED) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise self.error(key, Message('must be a list of texts such as ["a", "b"]'))
        return tuple(value)

    def whole(self, key: str, default: int) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, Message("must be a whole number from 1"))
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.error(key, Message("must be true or false"))
        return value

    def decimal(self, key: str) -> Decimal | None:
        """A number above zero, also in quotes."""
        value = self._take(key, None)
        if value is None:
            return None
        try:
            number = Decimal(value)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise self.error(key, Message("must be a number such as 0.001")) from error
        if isinstance(value, bool) or not number.is_finite() or number <= 0:
            raise self.error(key, Message("must be a number above zero"))
        return number

    def scalar(self, key: str, default: JSON) -> JSON:
        """Text or a whole number, as records hold them."""
        value = self._take(key, default)
        if value is not default:
            self._check_scalar(key, value)
        checked: JSON = value
        return checked

    def scalars(self, key: str) -> dict[str, JSON] | None:
        """A table of such values, or None."""
        value = self._take(key, None)
        if value is None:
            return None
        if not isinstance(value, dict) or not value:
            raise self.error(key, Message('must be a table such as { Vietnam = "VN" }'))
        for name, one in value.items():
            self._check_scalar(f"{key}.{name}", one)
        return value

    def _check_scalar(self, key: str, value: object) -> None:
        if isinstance(value, Decimal):
            raise self.error(key, Message("records hold decimals as text: put it in quotes"))
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.error(key, Message("must be text in quotes or a whole number"))

    def table(self, key: str, default: Any = REQUIRED) -> Table:  # a dict, as for `__init__`
        value = self._take(key, default)
        if not isinstance(value, dict):
            raise self.error(key, Message('must be a table such as { column = "…" }'))
        return Table(value, self.path(key))

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of a list, ``[[…]]``; none if there is no such key."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, Message("must be tables, each below [[{key}]]", key=self.path(key)))
        for number, one in enumerate(value):
            yield Table(one, f"{self.path(key)}[{number}]")

    def texts_or_tables(self, key: str) -> Iterator[str | Table]:
        """The members of a list of strings and tables; none if there is no such key."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(one, str | dict) for one in value):
            raise self.error(key, Message('must be a list such as ["a", { column = "b", name = "c" }]'))
        for number, one in enumerate(value):
            yield one if isinstance(one, str) else Table(one, f"{self.path(key)}[{number}]")

    def leaves(self, marks: Sequence[str], prefix: str = "") -> Iterator[tuple[str, Table]]:
        """All keys left, with the tables inside them that have one of the `marks`, by dotted path.

        So ``"supplier.name" = {…}``, ``supplier.name = {…}`` and ``supplier = { name = {…} }`` are the same.
        """
        for key in self.keys_left():
            table = self.table(key)
            path = f"{prefix}{key}"
            if table._left and not any(mark in table for mark in marks):
                yield from table.leaves(marks, f"{path}.")
            else:
                yield path, table

    def _take(self, key: str, default: object) -> Any:
        self._taken.append(key)
        if key in self._left:
            return self._left.pop(key)
        if default is REQUIRED:
            raise self.error(key, Message("this setting is missing"))
        return default


def _unknown(key: str, known: Sequence[str]) -> Message:
    close = near(key, known)
    if not close:
        return Message("this setting is not known")
    return Message("this setting is not known (is it {near}?)", near=either([f"“{one}”" for one in close]))
