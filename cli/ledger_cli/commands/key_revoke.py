"""`custody key revoke`: an operator, or for a merchant's key its supervisor, ends what a key may say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.frame import Frame
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger_cli.draft import Draft

EXAMPLES = """
custody key revoke phone --reason "手机遗失 Phone lost"
custody key revoke old-phone --reason "可能泄露 May have been copied" --compromised-from 3
"""


def command(
    context: typer.Context,
    keyid: Annotated[
        str,
        typer.Argument(metavar="KEYID", help=N_("Key id, its first 8 digits or more, or a key's name here.")),
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help=N_("Why."))],
    compromised_from: Annotated[
        int | None,
        typer.Option(metavar="N", help=N_("First entry from which the key is not to be trusted.")),
    ] = None,
) -> None:
    """What the key signed before stays; from this entry on nothing more is taken in from it."""
    from ledger_cli.commands.key_grant import record_about_key
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        body = draft.body(
            {"keyid": _keyid(draft, keyid), "reason": reason, "compromised_from": compromised_from}
        )
        grant = draft.facts.grant(str(body.get("keyid")), draft.as_of)
        role, scope = ("", "") if grant is None else (grant.role, grant.scope)
        record_about_key(draft, "key.revoked", body, role, scope)


def _keyid(draft: Draft, text: str) -> str:
    """The whole key id. Raises: UsageError when the beginning fits none or several."""
    from ledger.errors import UsageError
    from ledger.store.facts import GrantFact

    if text in draft.keyids:
        return draft.keyids[text]
    if not re.fullmatch(r"[0-9a-f]{8,64}", text):
        known = ", ".join(draft.keyids) or Message("none")
        raise UsageError(
            "{text!r} is no key id (8 to 64 hex digits) and no key in this folder ({known})",
            text=text,
            known=known,
            field="KEYID",
        )
    fitting = sorted(
        {grant.keyid for grant in draft.ledger.store.facts.rows(GrantFact) if grant.keyid.startswith(text)}
    )
    if len(fitting) != 1:
        shown = ", ".join(keyid[:16] for keyid in fitting) or Message("none")
        raise UsageError(
            "{text} is the beginning of {count} granted keys: {shown}",
            text=text,
            count=len(fitting),
            shown=shown,
            field="KEYID",
        )
    return fitting[0]
