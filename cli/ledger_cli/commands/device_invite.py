"""`custody device invite`: a one-time code by which a new device brings its key."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _

EXAMPLES = """
custody device invite --role merchant --subject 92410104MACU00014Y
custody device invite --role supervisor --subject erligang/3 --holder officer-019 --url https://192.168.1.20:8420
"""


def command(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help=N_("merchant, device, supervisor, office, auditor or operator.")),
    ],
    subject: Annotated[
        str,
        typer.Option(metavar="SCOPE", help=N_("Credit code of the merchant, grid, office, or *.")),
    ],
    holder: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Pseudonym of the person who holds it."))
    ] = None,
    minutes: Annotated[
        int, typer.Option(metavar="N", min=1, max=24 * 60, help=N_("How long the code lasts."))
    ] = 30,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help=N_("Address of the server, for a QR that opens its page.")),
    ] = None,
) -> None:
    """The code is shown once and kept nowhere. When the device has brought its key: `custody device grant`."""
    from ledger_cli import show
    from ledger_web import qr
    from ledger_web.invitations import Invitations

    frame = Frame.of(context)
    _require_possible(frame, role, subject, holder)
    with Invitations(frame.ledger, clock=now_ms) as invitations:
        made = invitations.invite(role=role, scope=subject, holder=holder, by=None, life_ms=minutes * 60_000)
    address = f"{url.rstrip('/')}/enrol#{made.code}" if url else None

    def people() -> None:
        show.pairs([(_("Code"), made.code), (_("Until"), local(made.expires_ms)), (_("Address"), address)])
        show.print_line(qr.terminal(address or made.code))

    frame.answer(
        {"name": made.name, "code": made.code, "expires_ms": made.expires_ms, "url": address}, people
    )


def local(ms: int) -> str:
    """A time for people: day, hour and minute at +08:00."""
    from ledger.custody.authoring import instant

    return instant(ms)[:16].replace("T", " ")


def _require_possible(frame: Frame, role: str, scope: str, holder: str | None) -> None:
    """Raises: BodyInvalid, UsageError for a key that could not be granted."""
    from ledger.custody.admission import checked_body
    from ledger.custody.authority import HANDED_OUT
    from ledger.errors import UsageError
    from ledger.log import NoteVerifier

    with frame.reading() as ledger:
        some_key = NoteVerifier.from_vkey(ledger.store.vkey).key.text
        checked_body("key.granted", {"public_key": some_key, "role": role, "scope": scope, "holder": holder})
        if role in HANDED_OUT and ledger.facts().merchant(scope, ledger.store.head().size) is None:
            raise UsageError(
                "merchant {scope} is not enrolled: `custody merchant enroll` first",
                scope=scope,
                field="--subject",
            )
