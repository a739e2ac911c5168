"""Tables for people. Rich is imported only when something is shown.

    table(_("Merchants"), [_("Code"), _("Name"), Number(_("Entry"))], [("92410104MACU00014Y", "二里岗冷库", 7)])

What is handed in is said already, in the language spoken; names of codes are looked up here (`label`).

On a terminal a table fits its width; in a pipe each cell stands whole on its line.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger_cli.language import CHINESE, _, language

WIDE = 10_000
"""Cells a table may take in a pipe, where nothing is wrapped."""


class Number(NamedTuple):
    """The heading of a column of numbers, which are set to the right."""

    heading: str


def table(title: str, columns: Sequence[str | Number], rows: Iterable[Sequence[object]]) -> None:
    """Print one table on stdout; nothing but a line when there are no rows."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = [[Text("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not found:
        print_line(_("{title}: none", title=title))
        return
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(
            column.heading if isinstance(column, Number) else column,
            justify="right" if isinstance(column, Number) else "left",
            overflow="fold",
            no_wrap=not _terminal(),
        )
    for row in found:
        shown.add_row(*row)
    out = io.StringIO()  # rich would leave with 1 when the reader of stdout has gone
    console = Console(file=out, highlight=False, emoji=False, force_terminal=_terminal())
    if not _terminal():
        wide = console.options.update(width=WIDE)
        console.width = max(console.measure(shown, options=wide).maximum, 80)
    console.print(shown)
    sys.stdout.write(out.getvalue())


def pairs(items: Iterable[tuple[str, object]]) -> None:
    """Print names and values, a line each; those without a value are left out."""
    from rich.cells import cell_len

    found = [(name, str(value)) for name, value in items if value is not None and value != ""]
    width = max((cell_len(name) for name, _ in found), default=0)
    for name, value in found:
        print_line(f"{name}{' ' * (width - cell_len(name))}  {value}")


def print_line(text: str = "") -> None:
    """One line on stdout."""
    sys.stdout.write(f"{text}\n")


def label(choice: str, value: str, *, typed: bool = False) -> str:
    """The name of a value of a closed list; with the value itself where people type it in other commands."""
    name = language().code(choice, value)
    return f"{name} ({value})" if typed and name != value else name


def unit(code: str) -> str:
    """A unit as people write it: by its Chinese name, which statements take too, or by its sign."""
    return label("unit", code) if language().name == CHINESE else code


def labels(choice: str, values: Iterable[str]) -> str:
    """The names of several values of a closed list."""
    return ", ".join(label(choice, value) for value in values)


def _terminal() -> bool:
    return sys.stdout.isatty()
