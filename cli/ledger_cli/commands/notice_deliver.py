"""`custody notice deliver`: what waits in the outbox goes to the offices."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_, _, language
from ledger_cli.noticing import Earlier

if TYPE_CHECKING:
    from ledger.custody.ledger import Ledger
    from ledger.exchange.addresses import Addresses
    from ledger.exchange.delivery import Channel, Message, Outcome
    from ledger.exchange.outbox import Outbox, Waiting

EXAMPLES = """
custody notice deliver
custody notice deliver --now --json
custody notice deliver --watch --every 30
"""

WAITING = 3


def command(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help=N_("Keep delivering until interrupted."))] = False,
    every: Annotated[
        int,
        typer.Option("--every", metavar="SECONDS", min=1, help=N_("Pause between two rounds.")),
    ] = 60,
    at_once: Annotated[
        bool, typer.Option("--now", help=N_("Try again now what waits after a failure."))
    ] = False,
    arrived: Annotated[
        str | None,
        typer.Option("--arrived", metavar="NOTICE", help=N_("An interrupted notice did arrive.")),
    ] = None,
    again: Annotated[
        str | None,
        typer.Option("--again", metavar="NOTICE", help=N_("Send an interrupted notice again.")),
    ] = None,
    earlier: Earlier = None,
) -> None:
    """Sends through the addresses in `notices.toml` of the ledger's folder, tries again later what failed.

    Notices that an office has answered are not sent to it any more. Leaves with 3 while something still waits; says
    for each what, where and why. NOTICE is an id or an entry index.
    """
    from ledger.errors import LedgerError
    from ledger.exchange.delivery import AppriseChannel
    from ledger_cli.boundary import report

    frame = Frame.of(context)
    channel = AppriseChannel()
    asked = Asked(arrived, again, earlier, at_once)
    outcomes = _round(frame, channel, asked)
    _answer(frame, outcomes)
    while watch:
        time.sleep(every)
        before = outcomes
        try:
            outcomes = _round(frame, channel, Asked())
        except LedgerError as error:  # told, and tried again: it may be the disk, or a file being edited
            report(error, as_json=frame.json)
        if outcomes not in ([], before):
            _answer(frame, outcomes)
    if not all(one.delivered for one in outcomes):
        raise typer.Exit(WAITING)


class Asked(NamedTuple):
    """What the options ask of the first round."""

    arrived: str | None = None
    again: str | None = None
    earlier: str | None = None
    at_once: bool = False


def _round(frame: Frame, channel: Channel, asked: Asked) -> list[Outcome]:
    from ledger.exchange.delivery import deliver
    from ledger_cli.noticing import outbox_of

    with ExitStack() as stack:
        ledger = stack.enter_context(frame.reading())
        addresses = _addresses(frame, ledger, channel)  # before anything is decided about the outbox
        outbox = stack.enter_context(outbox_of(frame, ledger, earlier=asked.earlier))
        stack.enter_context(outbox.alone())
        for text, came in ((asked.arrived, True), (asked.again, False)):
            if text is not None:
                _resolve(ledger, outbox, text, arrived=came)
        return deliver(
            outbox,
            addresses,
            channel,
            _wording(ledger),
            now=now_ms,
            random=random.SystemRandom().random,
            at_once=asked.at_once,
        )


def _answer(frame: Frame, outcomes: list[Outcome]) -> None:
    frame.answer(_as_json(outcomes), lambda: _show(outcomes))
    sys.stdout.flush()  # --watch is read while it runs


def _addresses(frame: Frame, ledger: Ledger, channel: Channel) -> Addresses:
    from ledger.custody.supervision.telling import offices
    from ledger.exchange import addresses

    known = offices(ledger.store.facts, as_of=ledger.store.head().size)
    return addresses.read(frame.ledger, offices=known, understands=channel.understands)


def _wording(ledger: Ledger) -> Callable[[Waiting], Message]:
    from ledger.exchange.delivery import Message
    from ledger_cli import show

    def word(notice: Waiting) -> Message:
        entry = ledger.entry(notice.index)
        body = entry.statement.body
        about = _(
            "{merchant}, {ledger}, entry {entry}, {id}",
            merchant=entry.statement.merchant,
            ledger=ledger.store.origin,
            entry=entry.index,
            id=entry.statement.id,
        )
        answer = _("To answer: {command}", command=f"custody notice acknowledge {entry.index} --answer …")
        title = _("Notice of a finding: {finding}", finding=show.label("finding_code", str(body["code"])))
        return Message(title, f"{body['text']}\n{about}\n{answer}")

    return word


def _resolve(ledger: Ledger, outbox: Outbox, text: str, *, arrived: bool) -> None:
    from ledger.errors import UsageError

    identity = (
        ledger.entry(int(text)).statement.id if text.isascii() and text.isdigit() and len(text) < 16 else text
    )
    if not outbox.resolve(identity, arrived=arrived):
        raise UsageError(
            "{text} was not interrupted while it was sent: `custody notice deliver` says what waits and why",
            text=text,
            field="--arrived" if arrived else "--again",
        )


def _as_json(outcomes: list[Outcome]) -> dict[str, Any]:
    from ledger.custody.authoring import instant

    return {
        "delivered": [one.notice._asdict() for one in outcomes if one.delivered],
        "waiting": [
            one.notice._asdict()
            | {
                "reasons": [
                    {
                        "address": reason.place.number or None,
                        "reason": reason.text,
                        "next_at": None if reason.next_ms is None else instant(reason.next_ms),
                    }
                    for reason in one.reasons
                ]
            }
            for one in outcomes
            if not one.delivered
        ],
    }


def _show(outcomes: list[Outcome]) -> None:
    from ledger.custody.authoring import instant
    from ledger_cli import show

    done = [one for one in outcomes if one.delivered]
    show.print_line(_("Delivered: {count}", count=len(done)))
    waiting = [(one, reason) for one in outcomes for reason in one.reasons]
    if waiting:
        show.table(
            _("Still waiting"),
            [show.Number(_("Entry")), _("Office"), show.Number(_("Address")), _("Why"), _("Next")],
            [
                (
                    one.notice.index,
                    one.notice.office,
                    reason.place.number or "",
                    language().told(reason.text),
                    "" if reason.next_ms is None else instant(reason.next_ms)[:19],
                )
                for one, reason in waiting
            ],
        )
