"""Which rule answers for which kind of statement.

An effect is a generator: it refuses by raising, and yields the facts that the statement adds. It only reads the facts
before its entry, so all of its checks are made before anything is taken in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ledger.custody import care, correction, goods, inspection, registry
from ledger.custody.context import Context
from ledger.store.facts import FactRow

Effect = Callable[[Context, Any], Iterator[FactRow]]  # the body is the model of its kind: KINDS pairs them

EFFECTS: dict[str, Effect] = {
    "ledger.opened": registry.ledger_opened,
    "key.granted": registry.key_granted,
    "key.revoked": registry.key_revoked,
    "ruleset.published": registry.ruleset_published,
    "merchant.enrolled": registry.merchant_enrolled,
    "goods.received": goods.goods_received,
    "goods.handed_over": goods.goods_handed_over,
    "goods.accepted": goods.goods_accepted,
    "goods.sold": goods.goods_sold,
    "goods.disposed": goods.goods_disposed,
    "goods.adjusted": goods.goods_adjusted,
    "temperature.logged": care.temperature_logged,
    "disinfection.logged": care.disinfection_logged,
    "clearance.attested": care.clearance_attested,
    "commitment.signed": care.commitment_signed,
    "briefing.acknowledged": care.briefing_acknowledged,
    "inspection.recorded": inspection.inspection_recorded,
    "statement.corrected": correction.statement_corrected,
}
