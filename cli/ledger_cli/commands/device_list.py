"""`custody device list`: which codes are out, and which devices wait to be granted."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _

EXAMPLES = """
custody device list
custody device list --pending --json
"""

STATES = {
    "open": N_("not used"),
    "pending": N_("waiting for a grant"),
    "granted": N_("granted"),
    "revoked": N_("revoked"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("expired"),
}


def command(
    context: typer.Context,
    pending: Annotated[bool, typer.Option("--pending", help=N_("Only devices that wait."))] = False,
) -> None:
    """Codes of the last seven days. Compare the fingerprint with the one that the device shows before you grant it."""
    from ledger_cli import show
    from ledger_cli.commands.device_invite import local
    from ledger_web.invitations import Invitations

    frame = Frame.of(context)
    now = now_ms()
    with frame.reading() as ledger, Invitations(frame.ledger, clock=now_ms) as invitations:
        facts, as_of = ledger.facts(), ledger.store.head().size
        found = [(one, one.state(facts, as_of, now)) for one in invitations.listed()]
    if pending:
        found = [(one, state) for one, state in found if state == "pending"]

    def people() -> None:
        show.table(
            _("Devices"),
            [
                _("Code begins"),
                _("State"),
                _("Role"),
                _("Scope"),
                _("Fingerprint"),
                show.Number(_("Others tried")),
                _("Until"),
            ],
            [
                (
                    one.name,
                    _(STATES[state]),
                    show.label("role", one.role),
                    one.scope,
                    one.fingerprint,
                    one.contested or None,
                    local(one.expires_ms),
                )
                for one, state in found
            ],
        )

    frame.answer(
        [one._asdict() | {"state": state, "fingerprint": one.fingerprint} for one, state in found], people
    )
