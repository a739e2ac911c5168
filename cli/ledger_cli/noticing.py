"""What the commands about notices share: the ledger's notices, and an outbox that knows all of them.

    with outbox_of(frame, ledger, earlier=None) as outbox:       # whatever was interrupted before is put there now
        …

The ledger is what counts: the outbox only knows what has been delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.custody.supervision.notices import Notice, notices
from ledger.errors import UsageError
from ledger.exchange.outbox import Outbox, Waiting
from ledger_cli.frame import Frame, now_ms
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.custody.ledger import Ledger

Earlier = Annotated[
    str | None,
    typer.Option(
        "--earlier",
        metavar="deliver|done",
        help=N_("What to do with notices from before there was an outbox here."),
    ),
]


def all_notices(ledger: Ledger, as_of: int) -> list[Notice]:
    """Every notice as of an index, oldest first."""
    reader = ledger.store.facts
    return notices(
        reader.matters_of_topic("notice", before=as_of),
        reader.matters_of_topic("notice_answer", before=as_of),
    )


@contextmanager
def outbox_of(frame: Frame, ledger: Ledger, *, earlier: str | None) -> Iterator[Outbox]:
    """The outbox beside the ledger, brought up to date with it. Raises: UsageError, StoreError."""
    if earlier not in (None, "deliver", "done"):
        raise UsageError("{earlier!r} should be deliver or done", earlier=earlier, field="--earlier")
    with Outbox(frame.ledger) as outbox:
        found = all_notices(ledger, ledger.store.head().size)
        unanswered = [one for one in found if one.answered is None]
        done = {one.id: "answered" for one in found if one.answered is not None}
        if outbox.exists:
            if earlier is not None:
                raise UsageError(
                    "{outbox} is there and knows what was delivered: leave --earlier out",
                    outbox=outbox.path.name,
                    field="--earlier",
                )
        else:
            if unanswered and earlier is None:
                raise UsageError(
                    "the ledger has {count} notices without an answer, and there is no {outbox} "
                    "beside it that knows whether they were delivered (a ledger restored, or its first delivery): say "
                    "--earlier deliver to deliver them, --earlier done if they were",
                    count=len(unanswered),
                    outbox=outbox.path.name,
                    field="--earlier",
                )
            if earlier == "done":
                done |= {one.id: "earlier" for one in unanswered}
        outbox.put([Waiting(one.id, one.index, one.office) for one in found], now_ms=now_ms(), done=done)
        outbox.finish([one.id for one in outbox.waiting() if one.id in done], "answered", now_ms=now_ms())
        yield outbox


def finding(notice: Notice) -> str:
    """Which finding a notice is about, for people."""
    from ledger_cli import show

    return show.label("finding_code", notice.code, typed=True) + (
        f" ({notice.subject})" if notice.subject else ""
    )
