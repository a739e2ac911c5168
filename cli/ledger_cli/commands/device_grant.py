"""`custody device grant`: a device that has brought its key may speak from now on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger_cli.draft import Draft
    from ledger_web.invitations import Invitation

EXAMPLES = """
custody device grant "7093 6893 6578 6431 8499"
custody device grant "2637 7450 2980 5444 2434" --name "城东超市 Chengdong market"
"""


def command(
    context: typer.Context,
    device: Annotated[
        str,
        typer.Argument(metavar="DEVICE", help=N_("Fingerprint that the device shows, or its code.")),
    ],
    name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=N_("Name of whoever holds it. Of a person it is sealed.")),
    ] = None,
) -> None:
    """Whoever saw the code may have been quicker, so look at the device: it shows the fingerprint of its key.

    Named by its code, it is granted only after you have said at the terminal that the fingerprint is the same.
    """
    from ledger_cli import show
    from ledger_cli.commands.key_grant import PERSONS, record_about_key
    from ledger_cli.draft import Draft
    from ledger_web.invitations import Invitations, normal

    frame = Frame.of(context)
    with Draft(frame) as draft:
        draft.ledger  # noqa: B018 - opened first: where there is none, that is what is wrong
        with Invitations(frame.ledger, clock=now_ms) as invitations:
            found = _waiting(draft, invitations.find(device), device)
        compared = normal(device) == normal(found.fingerprint or "")
        if not compared and (frame.json or not _somebody_there() or found.contested):
            _refuse_unseen(found)
        if not frame.json:
            show.pairs(
                [
                    (_("Role"), show.label("role", found.role)),
                    (_("Scope"), found.scope),
                    (_("Fingerprint"), found.fingerprint),
                ]
            )
        if not compared:
            typer.confirm(_("Does the device show the same fingerprint?"), abort=True)
        body = draft.body(
            {
                "public_key": found.public_key,
                "role": found.role,
                "scope": found.scope,
                "name": draft.seal("name", name) if found.role in PERSONS else name,
                "holder": found.holder,
            }
        )
        record_about_key(draft, "key.granted", body, found.role, found.scope)


def _waiting(draft: Draft, found: Invitation | None, text: str) -> Invitation:
    """The device, which waits. Raises: UsageError."""
    from ledger.errors import UsageError

    if found is None:
        raise UsageError(
            "no device with the fingerprint or code {text!r} has asked: see `custody device list`",
            text=text,
            field="DEVICE",
        )
    state = found.state(draft.facts, draft.as_of, now_ms())
    if state == "open":
        raise UsageError("no device has brought this code yet: open it on the device first", field="DEVICE")
    if state != "pending":
        raise UsageError(
            "this device does not wait ({state}): make a new code with `custody device invite`",
            state=state,
            field="DEVICE",
        )
    return found


def _refuse_unseen(found: Invitation) -> None:
    from ledger.errors import UsageError

    why = (
        "several devices have brought this code" if found.contested else "nobody has compared the fingerprint"
    )
    raise UsageError(
        '{why}: if the device shows {fingerprint}, run `custody device grant "{fingerprint}"`',
        why=why,
        fingerprint=found.fingerprint,
        field="DEVICE",
    )


def _somebody_there() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()
