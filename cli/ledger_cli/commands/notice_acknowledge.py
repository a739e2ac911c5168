"""`custody notice acknowledge`: an office answers a notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Attach

if TYPE_CHECKING:
    from ledger_cli.draft import Draft

EXAMPLES = """
custody notice acknowledge 42 --answer "已派人跟进 Somebody is on the way" --key office-a
"""


def command(
    context: typer.Context,
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help=N_("Id or entry index of the notice."))],
    answer: Annotated[
        str | None, typer.Option("--answer", metavar="TEXT", help=N_("What is done about it."))
    ] = None,
    attach: Attach = None,
) -> None:
    """Signed by a key of the office that was told; another office is refused, and so is a second answer."""
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        identity, merchant, office = _told(draft, notice)
        body = draft.body(
            {"notice": identity, "answer": answer, "evidence": draft.attachments(attach)},
        )
        draft.record("notice.acknowledged", merchant, body, prefer=_keys_of(draft, office))


def _told(draft: Draft, text: str) -> tuple[str, str, str]:
    """Id of the notice, merchant it is about, and office that was told. Raises: UsageError."""
    from uuid import UUID

    from ledger.custody.matters import latest
    from ledger.errors import UsageError

    identity = draft.statement_id(text, "NOTICE")
    try:
        found = draft.facts.statements.last(UUID(identity).bytes, draft.as_of)
    except ValueError:
        found = None
    sent = latest(draft.facts, "notice_id", identity, draft.as_of)
    if found is None or found.merchant is None or sent is None:
        raise UsageError(
            "{text} is no notice of this ledger: see `custody notice list --unanswered`",
            text=text,
            field="NOTICE",
        )
    return identity, found.merchant, sent.value["office"]


def _keys_of(draft: Draft, office: str) -> list[str]:
    grants = [draft.facts.grant(keyid, draft.as_of) for keyid in draft.keyids.values()]
    return [
        grant.keyid
        for grant in grants
        if grant is not None and grant.role == "office" and grant.scope == office
    ]
