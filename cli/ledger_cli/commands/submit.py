"""`custody submit`: signed envelopes come in, receipts go out."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _
from ledger_cli.reasons import why

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ledger.custody.ledger import Ledger
    from ledger.errors import LedgerError
    from ledger.log import Envelope
    from ledger_cli.lines import Line

EXAMPLES = r"""
custody log disinfection -m 92410104MACU00014Y --target shelf --place "货架 Shelf" --agent "酒精 Alcohol 75%" \
  --method "擦拭 wiping" --minutes 5 --out today.dsse && custody submit today.dsse
cat today.dsse | custody submit -
"""

PER_COMMIT = 1000


def command(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help=N_("File of DSSE envelopes, one a line; - for stdin.")),
    ],
) -> None:
    """One JSON receipt a line on stdout: accepted with index and leaf hash, or refused with line number and reason.

    Receipts are written after the commit that holds their statements, at most 1,000 a commit. A statement that the
    ledger has already gets its first receipt again, so a file can be submitted twice. Leaves with 1 if any was
    refused.
    """
    from ledger.log.statement import MAX_ENVELOPE_BYTES
    from ledger_cli.lines import batches

    frame = Frame.of(context)
    accepted = refused = 0
    with _opened(source) as stream, frame.writing() as ledger:
        for batch in batches(stream, size=PER_COMMIT, limit=MAX_ENVELOPE_BYTES):
            good = _submit(ledger, batch)
            accepted, refused = accepted + good, refused + len(batch) - good
    typer.echo(_("accepted {accepted}, refused {refused}", accepted=accepted, refused=refused), err=True)
    if refused:
        raise typer.Exit(1)


def _opened(source: str) -> AbstractContextManager[BinaryIO]:
    from pathlib import Path

    from ledger.errors import SourceError

    if source == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise SourceError(
            "{source} cannot be read: {reason}",
            source=source,
            reason=why(error),
            field="FILE",
        ) from error


def _submit(ledger: Ledger, batch: list[Line]) -> int:
    """Append one batch and answer each of its lines, in order; how many were accepted."""
    from ledger.custody.batch import Receipt
    from ledger.exchange.answers import receipts
    from ledger_cli.boundary import described
    from ledger_cli.frame import dumps

    parsed = [(number, _envelope(line)) for number, line in batch]
    envelopes = [one for _, one in parsed if isinstance(one, tuple)]
    answers = iter(ledger.append(envelopes) if envelopes else [])
    accepted = 0
    for number, one in parsed:
        answer = next(answers) if isinstance(one, tuple) else one
        if isinstance(answer, Receipt):
            accepted += 1
            shown = receipts.as_json(answer)
        else:
            shown = {"status": "refused", "code": answer.code, **described(answer)}
        sys.stdout.write(f"{dumps({'line': number} | shown)}\n")
    sys.stdout.flush()
    return accepted


def _envelope(line: bytes | None) -> Envelope | LedgerError:
    """The envelope of a line, or why it is none."""
    from ledger.errors import EnvelopeError, LedgerError
    from ledger.log.statement import MAX_ENVELOPE_BYTES, parse_envelope

    if line is None:
        return EnvelopeError(
            "the line is longer than {max_envelope_bytes} bytes: it is no envelope",
            max_envelope_bytes=MAX_ENVELOPE_BYTES,
        )
    try:
        return parse_envelope(line.strip())
    except LedgerError as error:
        return error
