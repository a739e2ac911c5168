"""How one field of a receipt is made from the cells of one row. Rules come from a mapping file (`mapping`).

    rule = Rule("supplier.country", columns=("原产国",), type="country_name")
    rule.read({"原产国": "越南"})          # Found(value='VN', reference=None)

A rule answers with a value, with nothing (the cell is empty or holds a word that means so), or raises
`RowFault` with column, reason and value. It never makes something up and never lets words fall under the
table: a value that is not of the type is a fault, unless the rule says by name where it is to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, Inexact
from typing import Final, NamedTuple

from ledger.exchange.sheet_rows import BadCell, Cell, cell_text
from ledger.exchange.values import DateFormats, NotOfTypeError, country_code, decimal_text, integer
from ledger.log.canonical import JSON
from ledger.messages import Message

TYPES: Final = ("text", "decimal", "integer", "date", "country_name")

Cells = Mapping[str, Cell]
"""A row: heading to cell."""


class RowFault(Exception):
    """Why a row is not taken in: the column, the reason in words, and what stands in the cell."""

    def __init__(self, column: str | None, reason: Message, value: str = "") -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.value = value


class Reference(NamedTuple):
    """Words of the source that are kept as they stand."""

    name: str
    value: str

    def json(self) -> JSON:
        return {"name": self.name, "value": self.value}


class Found(NamedTuple):
    """What a rule found in a row; both None when nothing stands there."""

    value: JSON
    reference: Reference | None = None


NOTHING: Final = Found(None)


@dataclass(frozen=True, slots=True)
class Rule:
    """One field. `path` is its place in the receipt or line, such as ``supplier.name``.

    Exactly one of `const`, `template`, or `columns` with or without `join` is used. `table` and `otherwise`
    are the mapping's `map` and `else`.
    """

    path: str
    columns: tuple[str, ...] = ()
    const: JSON = None
    template: tuple[str, ...] = ()
    """Alternately words and column names, beginning and ending with words."""
    join: str | None = None
    missing: frozenset[str] = frozenset()
    table: Mapping[str, JSON] | None = None
    otherwise: JSON = None
    type: str = "text"
    dates: DateFormats = field(default_factory=lambda: DateFormats(()))
    scale: Decimal | None = None
    thousands: str | None = None
    suffixes: tuple[str, ...] = ()
    unit: Rule | None = None
    keep_other_as: str | None = None
    other_is_absent: bool = False
    line_break: str | None = None
    sealed: bool = False

    @property
    def label(self) -> str | None:
        """The column to name when this field is at fault."""
        return self.columns[0] if self.columns else None

    def all_columns(self) -> tuple[str, ...]:
        """Every column the rule reads, its unit's too."""
        return self.columns + (self.unit.all_columns() if self.unit else ())

    def shown(self, cells: Cells) -> str:
        """What stands in the rule's columns, for a message."""
        return " | ".join(cell_text(cells[column]) for column in self.columns)

    def read(self, cells: Cells) -> Found:
        """The field in this row. Raises RowFault."""
        value: JSON
        if self.const is not None:
            value = self.const
        elif self.template:
            value = self._filled(cells)
        elif self.join is not None:
            words = [text for column in self.columns if (text := self._text(cells, column))]
            value = self.join.join(words) or None
        else:
            text = self._text(cells, self.columns[0])
            try:
                value = None if text is None else self._typed(cells[self.columns[0]], text)
            except NotOfTypeError as error:
                return self._other(error.reason, text or "")
        return self._with_unit(value, cells)

    def _other(self, reason: Message, text: str) -> Found:
        """What to do with words that are not of the type."""
        if self.keep_other_as is not None:
            return Found(None, Reference(self.keep_other_as, text))
        if self.other_is_absent:
            return NOTHING
        raise RowFault(self.label, reason, text)

    def _text(self, cells: Cells, column: str) -> str | None:
        """What stands in a cell without white space around it; None if that is nothing or means nothing."""
        text = readable(cells, column).strip()
        if text in self.missing:
            return None
        if self.line_break is not None:
            text = self.line_break.join(one.strip() for one in text.splitlines())
        return text or None

    def _filled(self, cells: Cells) -> str | None:
        parts = list(self.template)
        for place in range(1, len(parts), 2):
            text = self._text(cells, parts[place])
            if text is None:
                return None
            parts[place] = text
        return "".join(parts)

    def _typed(self, cell: Cell, text: str) -> JSON:
        if self.table is not None:
            found = self.table.get(text, self.otherwise)  # otherwise is None where none is stated
            if found is not None:
                return found
            if self.type == "text":
                raise NotOfTypeError(
                    Message("not one of {table}: add it to the mapping's map", table=", ".join(self.table))
                )
        for suffix in self.suffixes:
            if text.endswith(suffix):
                text = text.removesuffix(suffix).rstrip()
                break
        match self.type:
            case "decimal" | "integer":
                return self._number(text)
            case "date":
                return self.dates.read(cell if isinstance(cell, datetime) else text).date().isoformat()
            case "country_name":
                return country_code(text)
        return text

    def _number(self, text: str) -> JSON:
        read = integer if self.type == "integer" else decimal_text
        try:
            return read(text, thousands=self.thousands, scale=self.scale)
        except Inexact as error:
            raise NotOfTypeError(
                Message("cannot be multiplied by {scale} exactly", scale=self.scale)
            ) from error

    def _with_unit(self, value: JSON, cells: Cells) -> Found:
        if self.unit is None or value is None:
            return Found(value)
        unit = self.unit.read(cells).value
        if unit is None:
            raise RowFault(self.unit.label, Message("the unit is missing"))
        return Found({"value": value, "unit": unit})


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """A column kept word for word under a name; empty cells, and words that mean so, are left out."""

    column: str
    name: str
    missing: frozenset[str] = frozenset()
    line_break: str | None = None

    def read(self, cells: Cells) -> Reference | None:
        """The reference in this row. Raises RowFault."""
        text = readable(cells, self.column)
        if not text.strip() or text.strip() in self.missing:
            return None
        if self.line_break is not None:
            text = self.line_break.join(text.splitlines())
        return Reference(self.name, text)


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """One document of a receipt. It is there when any field taken from a column is."""

    rules: tuple[Rule, ...]


def readable(cells: Cells, column: str) -> str:
    """The words in a cell. Raises RowFault where the cell cannot be trusted."""
    cell = cells[column]
    if isinstance(cell, BadCell):
        raise RowFault(column, cell.reason, cell.text)
    return cell_text(cell)


_SLOT: Final = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")


def split_template(text: str) -> tuple[str, ...]:
    """A template such as ``SCMS-{ID}`` as words and column names in turn. ``{{`` stands for a brace.

    Raises NotOfTypeError.

    >>> split_template("SCMS-{ID}"), split_template("{{x}}")
    (('SCMS-', 'ID', ''), ('{x}',))
    """
    parts = [""]
    end = 0
    for match in _SLOT.finditer(text):
        parts[-1] += text[end : match.start()]
        end = match.end()
        if match[1] is not None:
            parts += [match[1], ""]
        elif match[0] in ("{{", "}}"):
            parts[-1] += match[0][0]
        else:
            raise NotOfTypeError(Message("a brace that stands for itself is doubled"))
    parts[-1] += text[end:]
    return tuple(parts)
