"""`custody serve`: the ledger over HTTP, for phones, programs and auditors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger_web.serving import Tls

EXAMPLES = """
custody serve
custody serve --port 0
custody serve --host 0.0.0.0 --public-host ledger.example --tls-cert cert.pem --tls-key key.pem
custody serve --behind-proxy --public-host ledger.example
"""


def command(
    context: typer.Context,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help=N_("Address to listen on; this machine only.")),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help=N_("Port; 0 for any free one."))
    ] = 8420,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help=N_("Certificate and chain, PEM."))
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help=N_("Its private key, PEM."))
    ] = None,
    public_host: Annotated[
        list[str] | None,
        typer.Option(
            "--public-host", metavar="NAME", help=N_("Name under which it is reached; may stand again.")
        ),
    ] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help=N_("A proxy in front of it speaks TLS and says who asks."),
        ),
    ] = False,
) -> None:
    """Takes signed statements and answers questions until it is ended (Ctrl-C, SIGTERM); then it finishes first.

    The passphrase of the log key is asked for at the start. Without TLS it listens on this machine only: browsers give
    pages no keys and no offline storage otherwise, and what readers see would travel in the open.
    """
    from ledger_web.app import make_app
    from ledger_web.authority_page import serve_authority
    from ledger_web.metrics import log_to_stderr
    from ledger_web.serving import listen, serve
    from ledger_web.settings import Settings, is_loopback

    frame = Frame.of(context)
    tls = _tls(tls_cert, tls_key)
    _require_safe(host, tls=tls is not None, behind_proxy=behind_proxy, public=public_host or [])
    names = (*(public_host or ()), *(() if is_loopback(host) else (host,)))
    settings = Settings(hosts=names, secure=tls is not None or behind_proxy)
    bound = listen(host, port)
    with bound, frame.writing() as ledger:
        app = make_app(
            frame.home, open_ledger=lambda: ledger, settings=settings, clock=now_ms, randomness=os.urandom
        )
        if tls is not None:
            serve_authority(app, tls.cert.parent)
        log_to_stderr()
        serve(
            app,
            bound,
            settings=settings,
            tls=tls,
            behind_proxy=behind_proxy,
            started=lambda url: frame.note(_("Serving {url} (Ctrl-C ends it)", url=url)),
        )
    frame.note(_("Ended"))


def _tls(cert: Path | None, key: Path | None) -> Tls | None:
    from ledger.errors import UsageError
    from ledger_web.serving import Tls, require_usable

    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UsageError("give both: --tls-cert and --tls-key", field="--tls-cert")
    found = Tls(cert, key)
    require_usable(found)
    return found


def _require_safe(host: str, *, tls: bool, behind_proxy: bool, public: list[str]) -> None:
    """Raises: UsageError for a server that others could reach in the open, or under no name it knows."""
    from ledger.errors import UsageError
    from ledger_web.settings import is_loopback

    if is_loopback(host):
        return
    if not tls and not behind_proxy:
        raise UsageError(
            "{host} can be reached from other machines, and without TLS: give --tls-cert and --tls-key, or say "
            "--behind-proxy if a proxy in front speaks TLS, or leave --host out",
            host=host,
            field="--host",
        )
    if host in ("0.0.0.0", "::", "") and not public:  # noqa: S104 - compared, not listened on
        raise UsageError(
            "{host} stands for every address of this machine: name the one that people use with --public-host",
            host=host,
            field="--public-host",
        )
