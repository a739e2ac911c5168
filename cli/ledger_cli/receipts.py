"""What the ledger answers for a statement, for people; for programs see `ledger.exchange.answers.receipts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_cli import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.custody.batch import Receipt


def for_people(receipt: Receipt, *, kind: str, batches: Sequence[str]) -> None:
    """The receipt on stdout."""
    show.print_line(
        f"{'早已入账 Recorded before' if receipt.again else '已入账 Recorded'}: {show.label('kind', kind)}"
    )
    show.pairs(
        [
            ("条目 Entry", receipt.index),
            ("记录号 Id", receipt.id),
            ("叶哈希 Leaf hash", receipt.leaf_hash),
            ("入账时间 Recorded at", receipt.recorded_at),
            ("检查点 Checkpoint size", receipt.size),
            ("批次 Batches", ", ".join(batches)),
        ]
    )
