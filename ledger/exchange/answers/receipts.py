"""What the ledger answers for a statement it holds, as JSON."""

from __future__ import annotations

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
