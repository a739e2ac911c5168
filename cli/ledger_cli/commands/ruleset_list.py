"""`custody ruleset list`: the rule sets of the ledger, or those that come with the program."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody ruleset list
custody ruleset list --defaults
"""

FIELDS = ("code", "title", "jurisdiction", "goods_class", "valid_from", "valid_to", "replaces")


def command(
    context: typer.Context,
    defaults: Annotated[
        bool,
        typer.Option("--defaults", help=N_("Those that come with the program, published or not.")),
    ] = False,
) -> None:
    """Code, place, class of goods and period of each."""
    from ledger_schemas import default_rulesets

    frame = Frame.of(context)
    if defaults:
        rows = [{"index": None} | {name: body.get(name) for name in FIELDS} for body in default_rulesets()]
    else:
        with frame.reading() as ledger:
            rulesets = ledger.facts().rulesets(ledger.store.head().size)
            rows = [
                {"index": found.index} | {name: getattr(found.body, name) for name in FIELDS}
                for found in rulesets
            ]
    frame.answer(rows, lambda: _show(rows))


def _show(rows: list[dict[str, object]]) -> None:
    from ledger_cli import show

    show.table(
        _("Rule sets"),
        [
            _("Code"),
            _("Title"),
            _("Jurisdiction"),
            _("Goods class"),
            _("Valid from"),
            _("Valid to"),
            show.Number(_("Entry")),
        ],
        [
            (
                row["code"],
                row["title"],
                row["jurisdiction"],
                show.label("goods_class", str(row["goods_class"])),
                row["valid_from"],
                row["valid_to"],
                row["index"],
            )
            for row in rows
        ],
    )
