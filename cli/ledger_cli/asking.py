"""What the commands that ask share: as of which entry, and merchants that must be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import MAX_INDEX
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.custody.ledger import Ledger

AsOf = Annotated[
    int | None,
    typer.Option(
        "--as-of",
        metavar="N",
        min=0,
        max=MAX_INDEX,
        help=N_("As of the first N entries; all by default."),
    ),
]


def limit(ledger: Ledger, as_of: int | None) -> int:
    """How many entries to look at. Raises: UsageError for more than there are."""
    from ledger.exchange.answers import asking

    return asking.limit(ledger, as_of, field="--as-of")


def require_merchant(ledger: Ledger, merchant: str, as_of: int) -> str:
    """The name of an enrolled merchant. Raises: UsageError."""
    from ledger.errors import UsageError

    found = ledger.facts().merchant(merchant, as_of)
    if found is None:
        raise UsageError(
            "merchant {merchant} is not enrolled as of entry {as_of}: see `custody merchant list`",
            merchant=merchant,
            as_of=as_of,
            field="MERCHANT",
        )
    return found.name


def amount(micro: int, unit: str) -> dict[str, str]:
    """Micro-units as the statements write quantities."""
    from ledger.custody.goods import plain

    return {"value": plain(micro), "unit": unit}


def plain_json(value: Any) -> Any:
    """NamedTuples, reports, hashes and dates as JSON."""
    if hasattr(value, "as_json"):
        return value.as_json()
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "_asdict"):
        return {name: plain_json(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [plain_json(part) for part in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def moment(ledger: Ledger, as_of: int | None) -> int:
    """Milliseconds since 1970: now, or when the last of the first `as_of` entries was recorded."""
    from ledger.exchange.answers import asking
    from ledger_cli.frame import now_ms

    return asking.moment(ledger, as_of, now_ms())
