"""What the ledger answers for a statement, for programs and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_cli import show
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.custody.batch import Receipt


def as_json(receipt: Receipt) -> dict[str, object]:
    """The receipt as one object; `again` when the ledger had the statement before."""
    return {
        "status": "accepted",
        "index": receipt.index,
        "id": receipt.id,
        "leaf_hash": receipt.leaf_hash,
        "recorded_at": receipt.recorded_at,
        "checkpoint_size": receipt.size,
        "again": receipt.again,
    }


def for_people(receipt: Receipt, *, kind: str, batches: Sequence[str]) -> None:
    """The receipt on stdout."""
    show.print_line(
        _(
            N_("Recorded before: {kind}") if receipt.again else N_("Recorded: {kind}"),
            kind=show.label("kind", kind),
        )
    )
    show.pairs(
        [
            (_("Entry"), receipt.index),
            (_("Id"), receipt.id),
            (_("Leaf hash"), receipt.leaf_hash),
            (_("Recorded at"), receipt.recorded_at),
            (_("Checkpoint size"), receipt.size),
            (_("Batches"), ", ".join(batches)),
        ]
    )
