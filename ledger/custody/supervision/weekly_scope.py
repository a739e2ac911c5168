"""What the parts of a weekly report ask of: the ledger, the week, and the merchants within the grid.

Span.of(202617).first        # date(2026, 4, 20)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ledger.custody.authoring import CHINA
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.store.facts import MerchantFact
from ledger.store.reader import FactReader

GRID_LEVELS = 3
"""Street, second and third level: the grids that people report by."""


class Span(NamedTuple):
    """An ISO week in days, which are those of China, and in milliseconds since 1970."""

    week: int
    first: date
    last: date
    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, week: int) -> Span:
        """Of a week as a number, 202617."""
        first = date.fromisocalendar(week // 100, week % 100, 1)
        start = int(datetime(first.year, first.month, first.day, tzinfo=CHINA).timestamp()) * 1000
        return cls(week, first, first + timedelta(days=6), start, start + 7 * 86_400_000)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(7)]

    @staticmethod
    def day(ms: int) -> date:
        """The day of an instant."""
        return datetime.fromtimestamp(ms // 1000, CHINA).date()


class Scope(NamedTuple):
    """See the module docstring."""

    reader: FactReader
    facts: Facts
    setting: Setting
    span: Span
    as_of: int
    at_ms: int
    """When the last entry looked at was recorded."""
    merchants: Mapping[str, MerchantFact]


def third_level(grid: str) -> str:
    """The street, second and third level of a grid.

    >>> third_level("erligang/3/07/east")
    'erligang/3/07'
    """
    return "/".join(grid.split("/")[:GRID_LEVELS])
