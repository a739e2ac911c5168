"""What the ledger answers for a statement, for people; for programs see `ledger.exchange.answers.receipts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_cli import show
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.custody.batch import Receipt


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
