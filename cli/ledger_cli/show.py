"""Tables for people, in both languages. Rich is imported only when something is shown.

    table("商户 Merchants", [("代码", "Code"), ("名称", "Name")], [("92410104MACU00014Y", "二里岗冷库")])

On a terminal a table fits its width; in a pipe each cell stands whole on its line.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence

WIDE = 10_000
"""Cells a table may take in a pipe, where nothing is wrapped."""

Column = tuple[str, str]
"""Heading in Chinese and English; an English one that ends in ``#`` is of numbers, set to the right."""


def table(title: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print one table on stdout; nothing but a line when there are no rows."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = [[Text("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not found:
        print_line(f"{title}: 无 none")
        return
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for zh, en in columns:
        number = en.endswith("#")
        shown.add_column(
            f"{zh}\n{en.rstrip('#')}",
            justify="right" if number else "left",
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


def label(choice: str, value: str) -> str:
    """A value of a closed list with its Chinese name."""
    from ledger_schemas import LABELS

    found = LABELS.get(choice, {}).get(value)
    return f"{found.zh} {value}" if found else value


def _terminal() -> bool:
    return sys.stdout.isatty()
