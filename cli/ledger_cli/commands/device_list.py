"""`custody device list`: which codes are out, and which devices wait to be granted."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame, now_ms

EXAMPLES = """
custody device list
custody device list --pending --json
"""

STATES = {
    "open": "未使用",
    "pending": "待授权",
    "granted": "已授权",
    "revoked": "已撤销",
    "withdrawn": "已撤回",
    "expired": "已过期",
}


def command(
    context: typer.Context,
    pending: Annotated[bool, typer.Option("--pending", help="只列待授权 Only devices that wait.")] = False,
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
            "设备 Devices",
            [
                ("编号", "Code begins"),
                ("状态", "State"),
                ("身份", "Role"),
                ("范围", "Scope"),
                ("指纹", "Fingerprint"),
                ("别的设备", "Others tried#"),
                ("有效至", "Until"),
            ],
            [
                (
                    one.name,
                    f"{STATES[state]} {state}",
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
