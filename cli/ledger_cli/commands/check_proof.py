"""`custody check-proof`: is this proof true?"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from ledger.custody.merchant_chain import Holder
    from ledger.log import Entry, NoteVerifier, PublicKey

EXAMPLES = """
custody prove 3 -o entry-3.tlog-proof && custody check-proof entry-3.tlog-proof --vkey "$(custody checkpoint --vkey)"
"""

LARGEST = 1 << 20
INCOMPLETE = 3


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("A .tlog-proof file."))],
    vkey: Annotated[
        str,
        typer.Option(
            "--vkey",
            metavar="V",
            help=N_("The log's verifier key, from a source you trust."),
        ),
    ],
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="PUBLIC",
            help=N_(
                "An author's public key, base64 as `custody key list --json` shows it; repeat. "
                "Default: what a ledger in this folder (--ledger) knows."
            ),
        ),
    ] = None,
    grant: Annotated[
        list[Path] | None,
        typer.Option(
            "--grant",
            metavar="FILE",
            help=N_("A .tlog-proof of the entry that granted an author's key; repeat."),
        ),
    ] = None,
) -> None:
    """Checks path, checkpoint and log signature offline, and authors' signatures where their public keys are known.

    The log's signature shows that the ledger holds the entry; that its authors signed it, only their own signatures do.
    With --grant it is also shown that the ledger had given them their keys before.

    Exit 0 the proof holds, 1 it does not, 3 it holds but not all signatures could be verified with the keys given.
    """
    from ledger import log
    from ledger.errors import LedgerError, NoteError, ProofError, UsageError
    from ledger_cli.inputs import contents

    frame = Frame.of(context)
    try:
        verifier = log.NoteVerifier.from_vkey(vkey)
    except NoteError as error:
        raise UsageError(error.message, field="--vkey") from error
    given = _given(key or [])

    def read(path: Path, field: str) -> bytes:
        try:
            return contents(path, LARGEST, field)
        except OSError as error:
            raise UsageError(
                "{file} cannot be read: {reason}", file=path, reason=why(error), field=field
            ) from error

    data, grants = read(file, "FILE"), [(path, read(path, "--grant")) for path in grant or []]
    try:
        if not data:
            raise ProofError("{file} is empty", file=file)
        entry, head = log.proof.check(data, verifier)
        granted = _granted(grants, entry, verifier)
        known = given | {keyid: one for keyid, (one, _) in granted.items()}
        known = known or _at_hand(frame, entry)
        unverified = _unverified(entry, known)
    except LedgerError as error:
        answer: dict[str, Any] = {"valid": False, "code": error.code, "message": str(error)}
        answer["signatures_verified"] = False if error.code == "SignatureInvalid" else None
        told = _("The proof does not hold: {why}", why=language().error(error))
        frame.answer(answer, lambda: typer.echo(told))
        raise typer.Exit(1) from error
    answer = {
        "valid": True,
        "signatures_verified": None if unverified else True,
        "unverified": unverified,
        "granted": [{"keyid": keyid} | holder._asdict() for keyid, (_, holder) in granted.items()],
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "index": entry.index,
        "leaf_hash": entry.leaf_hash.hex(),
        "recorded_at": entry.recorded_at,
        "signed_by": [sig.keyid for sig in entry.signatures],
        "statement": entry.statement._asdict()
        | {"seen": entry.statement.seen and entry.statement.seen._asdict()},
    }
    frame.answer(answer, lambda: _show(answer))
    if (key or grant) and unverified:
        raise typer.Exit(INCOMPLETE)


def _granted(
    files: list[tuple[Path, bytes]], entry: Entry, verifier: NoteVerifier
) -> dict[str, tuple[PublicKey, Holder]]:
    """The keys that proved entries gave to this entry's signers before it, by keyid. Raises: FormatError."""
    from ledger import log
    from ledger.custody.merchant_chain import given_key
    from ledger.errors import ProofError

    found: dict[str, tuple[PublicKey, Holder]] = {}
    for file, data in files:
        granting, _ = log.proof.check(data, verifier)
        given = given_key(granting)
        if given is None:
            raise ProofError(
                "{file} proves entry {entry}, which gives out no key", file=file, entry=granting.index
            )
        if granting.index >= entry.index > 0:
            raise ProofError(
                "the key in {file} was given out only by entry {entry}", file=file, entry=granting.index
            )
        found[given[0].keyid] = given
    return found


def _given(texts: list[str]) -> dict[str, PublicKey]:
    """The keys of the command line by keyid. Raises: UsageError."""
    from ledger.errors import KeyInvalid, UsageError
    from ledger.log import PublicKey

    try:
        keys = [PublicKey.from_base64(text.strip()) for text in texts]
    except KeyInvalid as error:
        raise UsageError(error.message, field="--key") from error
    return {key.keyid: key for key in keys}


def _at_hand(frame: Frame, entry: Entry) -> dict[str, PublicKey]:
    """The signers' keys as the ledger in this folder knows them, if there is one. It need not be trusted: a keyid is
    the hash of its key.
    """
    from ledger.errors import LedgerError
    from ledger.log import PublicKey

    found: dict[str, PublicKey] = {}
    with suppress(LedgerError), frame.reading() as ledger:
        size = ledger.store.head().size
        for sig in entry.signatures:
            grant = ledger.facts().grant(sig.keyid, size)
            if grant is not None:
                found[sig.keyid] = PublicKey.from_base64(grant.public_key)
    return {keyid: key for keyid, key in found.items() if key.keyid == keyid}


def _unverified(entry: Entry, known: dict[str, PublicKey]) -> list[str]:
    """Keyids whose key is not known; the others' signatures have been verified. Raises: SignatureInvalid."""
    from ledger.errors import SignatureInvalid
    from ledger.log.statement import pae

    message = pae(entry.envelope.payload)
    for keyid, signature in entry.signatures:
        if keyid in known and not known[keyid].verify(signature, message):
            raise SignatureInvalid(
                "the ledger holds this entry, but key {keyid} has not signed what it says", keyid=keyid
            )
    return [keyid for keyid, _ in entry.signatures if keyid not in known]


def _show(answer: dict[str, Any]) -> None:
    from ledger_cli import show

    statement, unverified = answer["statement"], answer["unverified"]
    show.print_line(_("The proof holds."))
    show.pairs(
        [
            (_("Ledger"), answer["origin"]),
            (_("Checkpoint"), f"{answer['size']} {answer['root']}"),
            (_("Entry"), answer["index"]),
            (_("Recorded"), answer["recorded_at"]),
            (_("Kind"), show.label("kind", statement["kind"])),
            (_("Merchant"), statement["merchant"]),
            (_("Occurred"), statement["occurred_at"]),
            (_("Signed by"), ", ".join(k for k in answer["signed_by"] if k not in unverified)),
            (_("Said to be signed by"), ", ".join(unverified)),
            *(
                (
                    _("Key given by entry {entry} to", entry=one["entry"]),
                    one["holder"] or f"{show.label('role', one['role'])} {one['scope']}",
                )
                for one in answer["granted"]
            ),
        ]
    )
    if unverified:
        show.print_line(
            _(
                "Authors' signatures were NOT verified: only the log's key vouches for this entry. "
                "Give the author's public key with --key, or the proof of its grant with --grant."
            )
        )
    show.print_line(_("Whether the author was entitled: custody verify"))
