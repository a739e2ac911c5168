"""`custody tls make`: an authority and a certificate, so that phones on a local network trust the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

EXAMPLES = """
custody tls make 192.168.1.20 ledger.local
custody tls make 192.168.1.20 --port 443 --json
"""


def command(
    context: typer.Context,
    hosts: Annotated[
        list[str], typer.Argument(metavar="HOST…", help=N_("Names and addresses that phones will use."))
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=N_("Where to put it; tls/ in the ledger's.")),
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help=N_("Port of the server, for the QR."))
    ] = 8420,
) -> None:
    """Install the authority once on each phone (docs/phones.md). It is used again, and can speak for these hosts alone.

    Whoever has authority.key can show phones a false server under these names: keep it, and give it to nobody.
    """
    from datetime import UTC, datetime

    from ledger.errors import UsageError
    from ledger_cli import show
    from ledger_web import qr, tls

    frame = Frame.of(context)
    if out is None and not frame.ledger.is_dir():
        raise UsageError(
            "there is no folder {ledger}: name another with --ledger or --out",
            ledger=frame.ledger,
            field="--ledger",
        )
    made = tls.make(out or frame.ledger / "tls", hosts, now=datetime.now(UTC))
    first = f"[{made.hosts[0]}]" if ":" in made.hosts[0] else made.hosts[0]
    url = f"https://{first}:{port}/tls"

    def people() -> None:
        show.pairs(
            [
                (
                    _("Authority"),
                    _("{path} (used again)", path=made.authority) if made.reused else made.authority,
                ),
                (_("SHA-256"), made.fingerprint),
                (_("Certificate"), made.certificate),
                (_("Key"), made.key),
                (_("Until"), f"{made.until:%Y-%m-%d}"),
                (_("Hosts"), ", ".join(made.hosts)),
                (_("On phones"), url),
            ]
        )
        show.print_line(qr.terminal(url))

    answer = {name: str(getattr(made, name)) for name in ("authority", "certificate", "key", "fingerprint")}
    frame.answer(
        {**answer, "hosts": made.hosts, "reused": made.reused, "until": f"{made.until:%Y-%m-%d}", "url": url},
        people,
    )
