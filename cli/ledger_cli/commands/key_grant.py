"""`custody key grant`: an operator, or for a merchant's key its supervisor, lets a public key speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.store.keyring import Keyring
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = """
custody key grant shop --role merchant --scope 92410104MACU00014Y --name "二里岗冷库 Erligang cold store"
custody key grant officer-a --role supervisor --scope erligang/3 --name "张三" --holder officer-017
custody key grant MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik= --role auditor
"""

PERSONS = ("operator", "supervisor", "auditor")
EVERYWHERE = ("operator", "auditor")
PEM_HEAD = "-----BEGIN PUBLIC KEY-----"


def command(
    context: typer.Context,
    public_key: Annotated[
        str,
        typer.Argument(
            metavar="PUBKEY", help=N_("Base64 of the public key, a .pub or PEM file, or a key's name here.")
        ),
    ],
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help=N_("operator, supervisor, merchant, office, device or auditor.")),
    ],
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="SCOPE", help=N_("Credit code of the merchant, grid, office, or * (operator, auditor).")
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help=N_("Name of whoever holds it. Of a person it is sealed, of a firm it is not."),
        ),
    ] = None,
    holder: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=N_("Pseudonym of the person, the same when the key changes.")),
    ] = None,
    sealed: Annotated[
        bool,
        typer.Option("--sealed", help=N_("Seal the name whatever the role: a merchant can be a person.")),
    ] = False,
) -> None:
    """The key may speak from this entry on, until it is revoked.

    Names of operators, supervisors and auditors are always sealed: they stand beside the ledger and can be erased.
    """
    from ledger_cli.draft import Draft

    frame = Frame.of(context)
    with Draft(frame) as draft:
        hidden = sealed or role in PERSONS
        body = draft.body(
            {
                "public_key": _public_key(public_key, frame.home.keyring),
                "role": role,
                "scope": scope or ("*" if role in EVERYWHERE else None),
                "name": draft.seal("name", name) if hidden else name,
                "holder": holder,
            }
        )
        record_about_key(draft, "key.granted", body, str(body.get("role")), str(body.get("scope")))


def record_about_key(draft: Draft, kind: str, body: Json, role: str, scope: str) -> None:
    """State it with an operator's key if there is one here, or else with a supervisor's that may."""
    from ledger.custody.authority import over_keys

    grants = {keyid: draft.facts.grant(keyid, draft.as_of) for keyid in draft.keyids.values()}
    operators = [keyid for keyid, grant in grants.items() if grant is not None and grant.role == "operator"]
    _, grid = over_keys(draft.facts, role, scope, draft.as_of)
    draft.record(kind, None, body, grid=grid, prefer=operators)


def _public_key(text: str, keyring: Keyring) -> str:
    """Base64 of the SubjectPublicKeyInfo, wherever it stands. Raises: UsageError, SourceError."""
    from pathlib import Path

    from ledger_cli import inputs

    if text.startswith(("MCow", "MFkw")):
        return text.strip()
    if "/" in text or "." in text or Path(text).is_file():
        read = inputs.read(text, "PUBKEY").decode("ascii", "replace").strip()
        if read.startswith(PEM_HEAD):
            return "".join(line for line in read.splitlines() if not line.startswith("-----"))
        return read
    return keyring.public(text)
