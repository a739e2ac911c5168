"""What a report is made of, in one language and no form yet: figures, and sections of tables.

    report.figures[0]                 # Figure(key='checks', name='检查次数', value='4 210', note='应查 4 210 次')
    report.shown(report.sections[0].tables[0].rows[0][0])

Cells are the numbers of the query as they are, so that a workbook can calculate with them; `shown` says how a person
reads one. What stands in them is `content`, how they look `html`, `pdf` and `workbook`.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, TypeAlias

from ledger.custody.supervision.weekly import Weekly
from ledger.exchange.report.words import Words


class Moment(NamedTuple):
    """Unix seconds."""

    seconds: int


class Degrees(NamedTuple):
    """Hundredths of a degree Celsius; None where there is no limit."""

    hundredths: int | None


class Minutes(NamedTuple):
    """A length of time; None where there is none."""

    minutes: int | None


Cell: TypeAlias = str | int | date | Moment | Degrees | Minutes | None


class Column(NamedTuple):
    name: str
    number: bool = False
    """Numbers stand at the right."""


class Table(NamedTuple):
    """`key` names it whatever the language."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    """What to say where there are no rows."""


class Section(NamedTuple):
    key: str
    title: str
    lead: str
    tables: tuple[Table, ...]


class Figure(NamedTuple):
    """A number that stands large at the head; `bad` where somebody has to act."""

    key: str
    name: str
    value: str
    note: str
    bad: bool


class About(NamedTuple):
    """Of which ledger and state this is a picture: values of its checkpoint."""

    origin: str
    size: int
    root: str


class Report(NamedTuple):
    week: Weekly
    about: About
    words: Words
    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]

    def shown(self, cell: Cell) -> str:
        """A cell as people read it."""
        return shown(self.words, cell)


def shown(words: Words, cell: Cell) -> str:
    """A cell as people read it."""
    match cell:
        case None:
            text = "–"
        case int():
            text = words.number(cell)
        case date():
            text = words.day(cell)
        case Moment(seconds):
            text = words.moment(seconds)
        case Degrees(hundredths):
            text = words.degrees(hundredths)
        case Minutes(minutes):
            text = words.minutes(minutes)
        case str():
            text = cell
    return text
