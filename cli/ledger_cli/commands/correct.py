"""`custody correct`: an author takes a statement back."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

EXAMPLES = """
custody correct 17 --reason wrong_data --explanation "数量填错 Wrong quantity"
"""


def command(
    context: typer.Context,
    statement: Annotated[
        str, typer.Argument(metavar="STATEMENT", help=N_("Id or entry index of the statement."))
    ],
    reason: Annotated[
        str | None, typer.Option(metavar="REASON", help=N_("did_not_happen or wrong_data."))
    ] = None,
    explanation: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("How the mistake came about."))
    ] = None,
    replacement: Annotated[
        str | None,
        typer.Option(metavar="STATEMENT", help=N_("Id or entry index of the one that is right.")),
    ] = None,
) -> None:
    """What the statement did is undone from here on; it stays readable. Only its author may do this, and only while
    nothing that came later rests on it.
    """
    from uuid import UUID

    from ledger.errors import UnknownReference, UsageError
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        named = draft.statement_id(statement, "STATEMENT")
        try:
            index = draft.ledger.store.index_of(UUID(named).bytes)
        except ValueError as error:
            raise UsageError(
                "{statement!r} is neither the id of a statement nor an entry index",
                statement=statement,
                field="STATEMENT",
            ) from error
        if index is None:
            raise UnknownReference(
                "there is no statement {statement}", statement=statement, field="STATEMENT"
            )
        entry = draft.ledger.entry(index)
        if entry.statement.merchant is None:
            raise UsageError(
                "entry {entry} is {kind}, about the ledger itself, and is not taken back: revoke the "
                "key, or publish a rule set that replaces it",
                entry=index,
                kind=entry.statement.kind,
                field="STATEMENT",
            )
        body = draft.body(
            {
                "statement": named,
                "reason": reason,
                "explanation": explanation,
                "replacement": draft.statement_id(replacement, "--replacement") if replacement else None,
            }
        )
        authors = [signature.keyid for signature in entry.signatures]
        draft.record("statement.corrected", entry.statement.merchant, body, prefer=authors)
