"""Selects and inserts, compiled once to plain SQL.

What it does: takes statements written with SQLAlchemy on the SQLModel tables and compiles them for one
database, so that a look-up costs little more than the driver's own call (compiling costs some 300 µs,
SQLAlchemy's execution 50 µs, the driver's 12 µs). What it leaves to others: which questions there are
(`reader.py`, `reading.py`) and running them: a `Run` takes SQL and its arguments and gives all rows.

Key lists of any length go through statements of a few fixed lengths, the last one filled up with NULLs,
which equal nothing.

>>> list(chunks(["a", "b", "c", "d", "e"], (1, 4)))
[['a', 'b', 'c', 'd'], ['e']]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import ClauseElement

# A column may hold any of SQLite's types; the row types of `facts.py` say which.
Values = tuple[Any, ...]
#: SQL and positional arguments -> all rows.
Run = Callable[[str, Values], list[Values]]

#: Lengths of key lists for which statements are compiled.
LENGTHS = (1, 4, 16, 64, 256)


class Prepared(NamedTuple):
    """SQL with positional places, and how to lay out the named values for them."""

    sql: str
    arrange: Callable[[Values], Values]


def prepare(statement: ClauseElement, names: Sequence[str], dialect: Dialect) -> Prepared:
    """Compile a statement whose bind parameters are `names`; values are then given in the order of `names`.

    A parameter may stand in the statement several times. The dialect's parameter style must be positional.
    """
    compiled = statement.compile(dialect=dialect)
    places: list[str] = getattr(compiled, "positiontup", None) or []
    # Parameters without a name of ours are constants of the statement, such as its LIMIT.
    constants = {place: compiled.params[place] for place in places if place not in names}
    known = [*names, *constants]
    order = [known.index(place) for place in places]
    if order == list(range(len(names))):
        return Prepared(str(compiled), _as_given)
    fixed = tuple(constants.values())
    if len(order) == 1:
        only = order[0]
        return Prepared(str(compiled), lambda values: ((*values, *fixed)[only],))
    pick = itemgetter(*order)
    return Prepared(str(compiled), lambda values: pick((*values, *fixed)))


def _as_given(values: Values) -> Values:
    return values


def insert_sql(table: Table, dialect: Dialect) -> str:
    """INSERT of all columns in table order, for executemany with plain tuples.

    A row that is refused leaves those before it, in a transaction that is going to be rolled back: SQLite need not keep
    copies of pages to take back a single statement (see `triggers`).
    """
    return str(insert(table).prefix_with("OR FAIL", dialect="sqlite").compile(dialect=dialect))


def chunks(keys: Sequence[Any], lengths: Sequence[int] = LENGTHS) -> Iterator[Sequence[Any]]:
    """Cut a key list into pieces no longer than the longest statement."""
    longest = lengths[-1]
    for start in range(0, len(keys), longest):
        yield keys[start : start + longest]


class Question:
    """A statement with a fixed list of values, compiled when it is first asked."""

    def __init__(self, build: Callable[[], ClauseElement], names: Sequence[str], dialect: Dialect) -> None:
        self._build = build
        self._names = names
        self._dialect = dialect
        self._prepared: Prepared | None = None

    def prepared(self) -> Prepared:
        if self._prepared is None:
            self._prepared = prepare(self._build(), self._names, self._dialect)
        return self._prepared

    def rows(self, run: Run, *values: Any) -> list[Values]:
        """All rows; `values` in the order of `names`."""
        prepared = self._prepared or self.prepared()
        return run(prepared.sql, prepared.arrange(values))


class Lookup:
    """A question about a list of keys.

    `build(n)` gives the statement for n keys, with bind parameters ``k0``, ``k1`` … (for keys of several
    columns ``k0_0``, ``k0_1``, ``k1_0`` …) and ``before``, in any order.
    """

    def __init__(self, build: Callable[[int], ClauseElement], dialect: Dialect, *, width: int = 1) -> None:
        self._build = build
        self._dialect = dialect
        self._width = width
        self._prepared: dict[int, Prepared] = {}

    def prepared(self, length: int) -> Prepared:
        """The statement for `length` keys; one of `LENGTHS`."""
        prepared = self._prepared.get(length)
        if prepared is None:
            names = [*key_names(length, self._width), "before"]
            prepared = prepare(self._build(length), names, self._dialect)
            self._prepared[length] = prepared
        return prepared

    def rows(self, run: Run, keys: Sequence[Any], before: int) -> list[Values]:
        """All rows for all keys (single values, or tuples of `width`), each key asked for once.

        Rows come piece by piece, each piece in the statement's own order.
        """
        found: list[Values] = []
        for piece in chunks(list(dict.fromkeys(keys)) if len(keys) > 1 else keys):
            length = next(length for length in LENGTHS if length >= len(piece))
            flat = tuple(piece) if self._width == 1 else tuple(part for key in piece for part in key)
            prepared = self.prepared(length)
            padding = (None,) * (length * self._width - len(flat))
            found += run(prepared.sql, prepared.arrange((*flat, *padding, before)))
        return found


def key_names(length: int, width: int = 1) -> list[str]:
    """Names of the bind parameters for a key list.

    >>> key_names(2), key_names(2, 2)
    (['k0', 'k1'], ['k0_0', 'k0_1', 'k1_0', 'k1_1'])
    """
    if width == 1:
        return [f"k{number}" for number in range(length)]
    return [f"k{number}_{part}" for number in range(length) for part in range(width)]
