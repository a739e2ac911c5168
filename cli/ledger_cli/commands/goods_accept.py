"""`custody goods accept`: a merchant answers a handover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Merchant

if TYPE_CHECKING:
    from ledger.store.facts import HandoverFact
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = """
custody goods accept --merchant 92410104MACU00022R --line B1=2.0kg,refused=0.3kg,missing=0.2kg
"""


def command(
    context: typer.Context,
    handover: Annotated[
        str | None,
        typer.Argument(
            metavar="HANDOVER", help=N_("Id or entry index of the handover. Default: the only open one.")
        ),
    ] = None,
    merchant: Merchant = None,
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            "-l",
            metavar="BATCH=ACCEPTED[,…]",
            help=N_("B1=2.0kg,refused=0.3kg,missing=0.2kg; repeat. Batches not named: all accepted as sent."),
        ),
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help=N_("Where they are kept."))] = None,
    temperature: Annotated[
        str | None, typer.Option(metavar="CELSIUS", help=N_("Measured on the goods on arrival."))
    ] = None,
) -> None:
    """What is refused goes back to the sender, what is missing stays visible.

    Accepted, refused and missing add up to what was handed over.
    """
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        if handover is None and draft.frame.recording.body is not None:
            whose, answered = draft.merchant(merchant), None
        else:
            fact = _handover(draft, handover, merchant)
            whose, answered = merchant or fact.receiver, _lines(draft, fact, lines or [])
            handover = _uuid(fact)
        body = draft.body(
            {"handover": handover, "lines": answered, "zone": zone, "arrival_temperature": temperature}
        )
        draft.record("goods.accepted", whose, body)


def _uuid(fact: HandoverFact) -> str:
    from uuid import UUID

    return str(UUID(bytes=fact.id))


def _handover(draft: Draft, text: str | None, merchant: str | None) -> HandoverFact:
    """The handover named, or the only one that waits for this merchant. Raises: UsageError, UnknownReference."""
    from uuid import UUID

    from ledger.errors import UnknownReference, UsageError

    if text is None:
        whose = draft.merchant(merchant)
        waiting = draft.facts.open_handovers_to(whose, draft.as_of)
        if len(waiting) == 1:
            return waiting[0]
        listed = ", ".join(f"{fact.index} ({_uuid(fact)}, {fact.sender})" for fact in waiting)
        raise UsageError(
            "{count} handovers wait for {whose}: {listed}",
            count=len(waiting),
            whose=whose,
            listed=listed or Message("none"),
            field="HANDOVER",
        )
    named = draft.statement_id(text, "HANDOVER")
    try:
        fact = draft.facts.handover(UUID(named).bytes, draft.as_of)
    except ValueError as error:
        raise UsageError(
            "{text!r} is neither the id of a statement nor an entry index", text=text, field="HANDOVER"
        ) from error
    if fact is None:
        raise UnknownReference("there is no handover {text}", text=text, field="HANDOVER")
    return fact


def _lines(draft: Draft, fact: HandoverFact, texts: list[str]) -> list[Json]:
    """The answer for each line of the handover: as told, else all accepted as sent."""
    sent = {
        line.batch: _as_sent(draft, line.batch, line.amount)
        for line in draft.facts.handover_lines(fact.index)
    }
    told = dict(_told(text) for text in texts)  # of a batch that was not sent, the ledger will say so
    return [{"batch": batch, **answer} for batch, answer in (sent | told).items()]


def _told(text: str) -> tuple[str, Json]:
    from ledger.errors import UsageError
    from ledger_cli import inputs

    first, comma, rest = text.partition(",")
    batch, accepted = inputs.batch_quantity(first, "--line")
    others = inputs.members(rest, "--line") if comma else {}
    unknown = sorted(others.keys() - {"refused", "missing"})
    if unknown:
        raise UsageError(
            "a line says accepted, refused and missing, not {unknown}", unknown=unknown[0], field="--line"
        )
    return batch, {"accepted": accepted} | {
        name: inputs.quantity(value, "--line") for name, value in others.items()
    }


def _as_sent(draft: Draft, batch: str, amount: int) -> Json:
    from ledger_schemas import decimal_text

    known = draft.facts.batch(batch, draft.as_of)
    return {"accepted": {"value": decimal_text(amount), "unit": known.unit if known else ""}}
