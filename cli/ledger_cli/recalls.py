"""Which recall is meant: by its id, by its entry, or by the batch it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.custody.matters import latest

if TYPE_CHECKING:
    from ledger.custody.facts import Facts
    from ledger.custody.ledger import Ledger


def recall_id(ledger: Ledger, facts: Facts, text: str, as_of: int) -> str:
    """The id of the recall meant; what is none is left to whoever asks for its status to refuse."""
    by_batch = latest(facts, "recall", text, as_of)
    if by_batch is not None:
        return str(by_batch.value["id"])
    if text.isascii() and text.isdigit() and len(text) < 16:
        return ledger.entry(int(text)).statement.id
    return text.lower()
