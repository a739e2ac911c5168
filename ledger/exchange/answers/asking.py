"""As of which entry something is asked, and the small parts of answers: quantities, days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ledger.custody.authoring import CHINA
from ledger.custody.goods import plain
from ledger.custody.ledger import Ledger
from ledger.errors import UsageError
from ledger.log.times import parse_instant

Json = dict[str, Any]
Sees = Callable[[str], bool]
"""Whether whoever asks may see a merchant."""


def everybody(merchant: str) -> bool:
    """Nothing is kept from whoever asks."""
    return True


def limit(ledger: Ledger, as_of: int | None, field: str = "as_of") -> int:
    """How many entries to look at. Raises: UsageError for more than there are."""
    size = ledger.store.head().size
    if as_of is not None and as_of > size:
        raise UsageError(
            "the ledger has {size} entries, so nothing can be asked as of {as_of}",
            size=size,
            as_of=as_of,
            field=field,
        )
    return size if as_of is None else as_of


def moment(ledger: Ledger, as_of: int | None, now_ms: int) -> int:
    """Milliseconds since 1970: now, or when the last of the first `as_of` entries was recorded."""
    return parse_instant(ledger.entry(as_of - 1).recorded_at) if as_of else now_ms


def day_of(ms: int) -> date:
    """The day at +08:00."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(CHINA).date()


def amount(micro: int, unit: str) -> dict[str, str]:
    """Micro-units as the statements write quantities."""
    return {"value": plain(micro), "unit": unit}
