"""`custody cosign`: a second officer signs a statement that has not been submitted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from ledger.log import Envelope
    from ledger_cli.draft import Draft

EXAMPLES = r"""
custody goods seal 92410104MACU00014Y B1 --reason "无中文标签 No label" --key officer-a --out seal.dsse
custody cosign seal.dsse --key officer-b > signed.dsse && custody submit signed.dsse
"""


def command(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help=N_("File of DSSE envelopes, one a line; - for stdin.")),
    ],
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="NAME",
            help=N_("Key to sign with; repeat. Default: the only one here that may and has not."),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=N_("Write to a new file instead of stdout.")),
    ] = None,
) -> None:
    """Shows what is signed on stderr, and writes the same statements with one more signature each.

    A statement is written with --out on one device, carried to another and cosigned there, and taken in by `custody
    submit`. Signatures that are there are checked where their keys are known; of a file with a bad line nothing is
    signed.
    """
    from ledger.errors import LedgerError, SourceError
    from ledger.log.statement import encode_envelope, parse_envelope
    from ledger_cli.draft import Draft
    from ledger_cli.frame import dumps
    from ledger_cli.inputs import pretty

    frame = Frame.of(context)
    signed: list[bytes] = []
    with Draft(frame) as draft:
        for number, line in enumerate(_lines(source), start=1):
            if not line.strip():
                continue
            try:
                envelope, shown = _cosigned(draft, parse_envelope(line.strip()), keys or [])
            except LedgerError as error:
                error.row = number
                raise
            frame.note(pretty(shown) if not signed else dumps(shown))
            signed.append(encode_envelope(envelope) + b"\n")
    if not signed:
        raise SourceError("{source} holds no envelope: write one with --out", source=source, field="FILE")
    if out is None:
        sys.stdout.write(b"".join(signed).decode())
        return
    try:
        with out.open("xb") as file:
            file.write(b"".join(signed))
    except FileExistsError as error:
        raise SourceError("{out} is there already: choose another file", out=out, field="--out") from error


def _lines(source: str) -> list[bytes]:
    from ledger.errors import SourceError
    from ledger.log.statement import MAX_ENVELOPE_BYTES

    limit = 1000 * MAX_ENVELOPE_BYTES
    try:
        if source == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise SourceError(
            "{source} cannot be read: {reason}",
            source=source,
            reason=why(error),
            field="FILE",
        ) from error
    if len(data) > limit:
        raise SourceError(
            "{source} is too long to be read by a person before signing", source=source, field="FILE"
        )
    return data.split(b"\n")


def _cosigned(draft: Draft, envelope: Envelope, keys: list[str]) -> tuple[Envelope, object]:
    """The statement with one more signature, and the statement for people. Raises: LedgerError."""
    from ledger.errors import WrongLedger
    from ledger.log import canonical, statement

    parsed = statement.parse_statement(envelope.payload)
    origin = draft.ledger.store.origin
    if parsed.ledger != origin:
        raise WrongLedger(
            "this ledger is {origin}, the statement is for {ledger}",
            origin=origin,
            ledger=parsed.ledger,
            field="ledger",
        )
    _verify(draft, envelope)
    names = keys or _able(draft, parsed.kind, parsed.merchant, {one.keyid for one in envelope.signatures})
    added = statement.sign(envelope.payload, draft.unlocked(names))
    there = {one.keyid for one in envelope.signatures}
    new = [one for one in added.signatures if one.keyid not in there]
    if not new:
        from ledger.errors import UsageError

        raise UsageError(
            "{names} signed it already: another officer signs", names=", ".join(names), field="--key"
        )
    signatures = tuple(sorted([*envelope.signatures, *new]))
    return envelope._replace(signatures=signatures), canonical.decode(envelope.payload)


def _verify(draft: Draft, envelope: Envelope) -> None:
    """The signatures of known keys. Raises: SignatureInvalid."""
    from ledger.errors import SignatureInvalid
    from ledger.log import PublicKey, statement

    message = statement.pae(envelope.payload)
    for one in envelope.signatures:
        grant = draft.facts.grant(one.keyid, draft.as_of)
        if grant is not None and not PublicKey.from_base64(grant.public_key).verify(one.sig, message):
            raise SignatureInvalid(
                "the signature of key {keyid}… does not verify: the statement was changed, ask for it again",
                keyid=one.keyid[:16],
                field="signatures",
            )


def _able(draft: Draft, kind: str, merchant: str | None, there: set[str]) -> list[str]:
    """The one key here that may say this and has not. Raises: UsageError."""
    from ledger.custody.authoring import signing_keys
    from ledger.custody.rules import RULES
    from ledger.errors import BodyInvalid, UsageError

    if kind not in RULES:
        raise BodyInvalid(
            "{kind} is no kind of statement: see `custody schema --list`", kind=kind, field="kind"
        )
    able = signing_keys(draft.facts, draft.keyids.values(), kind=kind, merchant=merchant, as_of=draft.as_of)
    names = [name for name, keyid in draft.keyids.items() if keyid in able and keyid not in there]
    if len(names) == 1:
        return names
    listed = ", ".join(names) or Message("none that may and has not signed")
    raise UsageError("keys here: {listed}; choose with --key", listed=listed, field="--key")
