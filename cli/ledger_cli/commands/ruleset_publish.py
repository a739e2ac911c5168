"""`custody ruleset publish`: an operator publishes a rule set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = """
custody ruleset publish ha-2022-non-cold-chain
custody ruleset publish ha-2022-07-non-cold-chain
custody ruleset show ha-2022-cold-chain --json > cold-chain.json && custody ruleset publish cold-chain.json
"""


def command(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help=N_("JSON or TOML file, or the code of a rule set that comes with the program."),
        ),
    ] = None,
) -> None:
    """A rule set holds for a place, a class of goods and a period; a later one replaces it under a new code.

    `custody ruleset list --defaults` lists those that come with the program, `custody ruleset show CODE --json`
    writes one out as the beginning of your own.
    """
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        body = _body(draft, source)
        draft.record("ruleset.published", None, body)


def _body(draft: Draft, source: str | None) -> Json:
    from ledger.errors import UsageError
    from ledger_cli import inputs
    from ledger_schemas import default_rulesets

    if source is None:
        if draft.frame.recording.body is None:
            raise UsageError("name the file of the rule set", field="FILE")
        return draft.body({})
    for body in default_rulesets():
        if body["code"] == source and not Path(source).exists():
            return body
    return inputs.load(source, "FILE")
