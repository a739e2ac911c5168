"""`custody key list`: the keys of the ledger and of this folder, and what they may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import _

if TYPE_CHECKING:
    from ledger.custody.ledger import Ledger

EXAMPLES = """
custody key list
custody key list --json
"""

LOG = "log"
"""The role shown of the log's own key, which is granted none."""


def command(context: typer.Context) -> None:
    """Every key that was ever granted, with role and scope, and the keys in this folder that were not.

    A folder that holds keys but no ledger lists those alone.
    """
    from ledger.errors import NotALedger

    frame = Frame.of(context)
    rows = _local(frame)
    try:
        with frame.reading() as ledger:
            rows = _granted(ledger, rows)
    except NotALedger:
        if not rows:
            raise
    frame.answer(list(rows.values()), lambda: _show(list(rows.values())))


def _local(frame: Frame) -> dict[str, dict[str, Any]]:
    from ledger.log import PublicKey

    rows = {}
    ring = frame.home.keyring
    for name in ring.names():
        key = PublicKey.from_base64(ring.public(name))
        rows[key.keyid] = {
            "name": name,
            "keyid": key.keyid,
            "algorithm": key.algorithm,
            "role": None,
            "scope": None,
            "holder": None,
            "granted_at": None,
            "revoked_at": None,
            "compromised_from": None,
            "public_key": key.text,
        }
    return rows


def _granted(ledger: Ledger, rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add what the ledger says; the log's own key is named as such."""
    from ledger.exchange.answers.registry import keys_json
    from ledger.log import NoteVerifier

    granted = {one["keyid"]: rows.pop(one["keyid"], {"name": None}) | one for one in keys_json(ledger)}
    log_key = NoteVerifier.from_vkey(ledger.store.vkey).key.keyid
    if log_key in rows:
        rows[log_key] |= {"role": LOG, "scope": ledger.store.origin}
    return granted | rows


def _show(rows: list[dict[str, Any]]) -> None:
    from ledger_cli import show

    show.table(
        _("Keys"),
        [
            _("Name here"),
            _("Key id"),
            _("Algorithm"),
            _("Role"),
            _("Scope"),
            _("Holder"),
            show.Number(_("Granted")),
            show.Number(_("Revoked")),
        ],
        [
            (
                row["name"],
                row["keyid"][:16],
                row["algorithm"],
                _role(row["role"]),
                row["scope"],
                row["holder"],
                row["granted_at"],
                row["revoked_at"],
            )
            for row in rows
        ],
    )


def _role(role: str | None) -> str:
    from ledger_cli import show

    if role is None:
        return _("not granted")
    return _("log key") if role == LOG else show.label("role", role)
