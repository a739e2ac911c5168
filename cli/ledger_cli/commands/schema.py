"""`custody schema`: what a kind of statement carries."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody schema --list
custody schema goods.received
"""


def command(
    context: typer.Context,
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help=N_("Kind of statement."))] = None,
    every: Annotated[bool, typer.Option("--list", help=N_("List the kinds."))] = False,
) -> None:
    """The JSON Schema of a body, with Chinese and English titles on every field."""
    from ledger.errors import UsageError
    from ledger_schemas import KINDS, json_schema

    frame = Frame.of(context)
    if every or kind is None:
        from ledger_cli import show

        titles = {name: str(json_schema(name).get("title", "")) for name in KINDS}
        frame.answer(
            titles,
            lambda: show.table(
                _("Kinds"), [_("Kind"), _("Title")], [(name, show.label("kind", name)) for name in KINDS]
            ),
        )
        return
    if kind not in KINDS:
        raise UsageError(
            "{kind} is no kind of statement: {kinds}", kind=kind, kinds=", ".join(KINDS), field="KIND"
        )
    typer.echo(json.dumps(json_schema(kind), ensure_ascii=False, indent=None if frame.json else 2))
