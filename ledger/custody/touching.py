"""Which facts judging a statement is going to ask for, so that a batch fetches them together.

    asked = Touched()
    about_lines(asked, "92410104MACU00014Y", body)
    facts.prefetch(asked)

Nothing depends on this but time: what was not fetched ahead is fetched when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from ledger_schemas import (
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsReceived,
    GoodsSold,
    InspectionRecorded,
)


@dataclass
class Touched:
    """Keys of facts, by the question they are for."""

    ids: set[bytes] = field(default_factory=set)
    keyids: set[str] = field(default_factory=set)
    merchants: set[str] = field(default_factory=set)
    balances: set[tuple[str, str]] = field(default_factory=set)
    """Batches, each with the merchant who moves it."""
    handovers: set[bytes] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    """Merchants of whom a check asks everything."""
    matters: set[tuple[str, str]] = field(default_factory=set)
    """Matters of supervision, by topic and key."""


Touch: TypeAlias = Callable[[Touched, str, Any], None]
"""Adds what a statement about this merchant with this body will ask for. Any: the body, the model of its kind."""


def nothing(asked: Touched, merchant: str, body: object) -> None:
    """Nothing beyond what every statement asks for."""


def about_lines(
    asked: Touched,
    merchant: str,
    body: GoodsReceived | GoodsHandedOver | GoodsSold | GoodsDisposed | GoodsAdjusted,
) -> None:
    asked.balances.update([(line.batch, merchant) for line in body.lines])


def handover(asked: Touched, merchant: str, body: GoodsHandedOver) -> None:
    about_lines(asked, merchant, body)
    asked.merchants.add(body.to)


def acceptance(asked: Touched, merchant: str, body: GoodsAccepted) -> None:
    asked.balances.update([(line.batch, merchant) for line in body.lines])
    asked.handovers.add(UUID(body.handover).bytes)


def about_merchant(asked: Touched, merchant: str, body: object) -> None:
    asked.matters.add(("order", merchant))


def about_check(asked: Touched, merchant: str, body: InspectionRecorded) -> None:
    asked.checked.add(merchant)
    asked.balances.update([(line.batch, merchant) for line in body.observed.stock])
