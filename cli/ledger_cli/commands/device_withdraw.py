"""`custody device withdraw`: a code that was given out, and the key it has brought, count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger_web.invitations import Invitation

EXAMPLES = """
custody device withdraw 7K4MQ2
custody device withdraw "7093 6893 6578 6431 8499"
"""


def command(
    context: typer.Context,
    device: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help=N_("The code, its first six characters, or the fingerprint of the device.")
        ),
    ],
) -> None:
    """Before the device is granted. After that its key is revoked: `custody key revoke`."""
    from ledger_cli import show
    from ledger_web.invitations import Invitations

    frame = Frame.of(context)
    with frame.reading() as ledger, Invitations(frame.ledger, clock=now_ms) as invitations:
        found = invitations.find(device)
        state = None if found is None else found.state(ledger.facts(), ledger.store.head().size, now_ms())
        found = _withdrawable(found, state, device)
        invitations.withdraw(found.name)

    def people() -> None:
        show.pairs(
            [
                (_("Code begins"), found.name),
                (_("Role"), show.label("role", found.role)),
                (_("Scope"), found.scope),
                (_("State"), _("withdrawn")),
            ]
        )

    frame.answer({"name": found.name, "state": "withdrawn"}, people)


def _withdrawable(found: Invitation | None, state: str | None, text: str) -> Invitation:
    """The invitation, which has not become a key yet; one that was withdrawn before is. Raises: UsageError."""
    from ledger.errors import UsageError

    if found is None:
        raise UsageError(
            "no code begins with or has brought {text!r}: see `custody device list`", text=text, field="CODE"
        )
    if state in ("granted", "revoked"):
        raise UsageError(
            "this device was granted: end its key with `custody key revoke {keyid}`",
            keyid=(found.keyid or "")[:16],
            field="CODE",
        )
    return found
