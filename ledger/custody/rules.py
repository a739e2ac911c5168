"""One rule for each kind of statement: who may say it, about what, what it does, and what taking it back undoes.

    RULES["goods.sold"].by            # frozenset({'merchant'})
    list(RULES["goods.sold"].effect(context, body))

An effect is a generator: it refuses by raising, and yields the facts that the statement adds. It only reads the facts
before its entry, so all of its checks are made before anything is taken in. Nothing here has a default that could be
forgotten: a test compares the rules with the kinds of `ledger_schemas`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from ledger.custody import care, correction, goods, inspection, registry
from ledger.custody.context import Context
from ledger.custody.correction import FINAL, MOVES_NOTHING, Undo
from ledger.custody.supervision import cards, duty, holds, notices, plan, rectification, voiding
from ledger.custody.touching import (
    Touch,
    about_check,
    about_lines,
    about_merchant,
    acceptance,
    handover,
    nothing,
)
from ledger.store.facts import FactRow

About = Literal["ledger", "merchant", "plan"]
Effect = Callable[[Context, Any], Iterator[FactRow]]  # the body is the model of its kind: KINDS pairs them


class Rule(NamedTuple):
    """See the module docstring."""

    about: About
    """Statements about the ledger itself and about plans belong to no merchant's chain. Of a plan the effect says which
    grids' supervisors may sign; about the whole ledger none of a grid may."""
    by: frozenset[str]
    """Roles whose keys may say it, within their scope (`authority`); of which keys, `authority.over_keys` says."""
    effect: Effect
    undo: Undo | None
    """What taking it back changes in holdings; None where it is not taken back."""
    touches: Touch
    """The facts that judging it asks for, worth fetching for a whole batch at once."""


def _rule(about: About, by: str, effect: Effect, undo: Undo | None, touches: Touch) -> Rule:
    return Rule(about, frozenset(by.split()), effect, undo, touches)


def _statement_corrected(at: Context, body: Any) -> Iterator[FactRow]:  # Any: as in Effect
    return correction.statement_corrected(at, body, lambda kind: RULES[kind].undo)


RULES: dict[str, Rule] = {
    "ledger.opened": _rule("ledger", "operator", registry.ledger_opened, FINAL, nothing),
    "key.granted": _rule("ledger", "operator supervisor", registry.key_granted, FINAL, nothing),
    "key.revoked": _rule("ledger", "operator supervisor", registry.key_revoked, FINAL, nothing),
    "ruleset.published": _rule("ledger", "operator", registry.ruleset_published, FINAL, nothing),
    "merchant.enrolled": _rule("merchant", "operator supervisor", registry.merchant_enrolled, FINAL, nothing),
    "duty.assigned": _rule("ledger", "operator supervisor", duty.duty_assigned, FINAL, nothing),
    "commitment.signed": _rule("merchant", "merchant", care.commitment_signed, MOVES_NOTHING, nothing),
    "briefing.acknowledged": _rule(
        "merchant", "merchant", care.briefing_acknowledged, MOVES_NOTHING, nothing
    ),
    "goods.received": _rule("merchant", "merchant", goods.goods_received, goods.undo_received, about_lines),
    "goods.handed_over": _rule(
        "merchant", "merchant", goods.goods_handed_over, goods.undo_handed_over, handover
    ),
    "goods.accepted": _rule("merchant", "merchant", goods.goods_accepted, goods.undo_accepted, acceptance),
    "goods.sold": _rule("merchant", "merchant", goods.goods_sold, goods.undo_given_away, about_lines),
    "goods.disposed": _rule("merchant", "merchant", goods.goods_disposed, goods.undo_given_away, about_lines),
    "goods.adjusted": _rule("merchant", "merchant", goods.goods_adjusted, goods.undo_adjusted, about_lines),
    "temperature.logged": _rule(
        "merchant", "merchant device", care.temperature_logged, MOVES_NOTHING, nothing
    ),
    "disinfection.logged": _rule("merchant", "merchant", care.disinfection_logged, MOVES_NOTHING, nothing),
    "clearance.attested": _rule("merchant", "merchant", care.clearance_attested, MOVES_NOTHING, nothing),
    "plan.announced": _rule("ledger", "operator supervisor", plan.plan_announced, FINAL, nothing),
    "plan.drawn": _rule("ledger", "operator supervisor", plan.plan_drawn, FINAL, nothing),
    "plan.voided": _rule("plan", "operator supervisor", voiding.plan_voided, FINAL, nothing),
    "inspection.recorded": _rule(
        "merchant", "supervisor", inspection.inspection_recorded, inspection.undo_check, about_check
    ),
    "rectification.ordered": _rule(
        "merchant", "supervisor", rectification.rectification_ordered, FINAL, about_merchant
    ),
    "rectification.reported": _rule(
        "merchant", "merchant", rectification.rectification_reported, FINAL, about_merchant
    ),
    "rectification.confirmed": _rule(
        "merchant", "supervisor", rectification.rectification_confirmed, FINAL, about_merchant
    ),
    "rectification.rejected": _rule(
        "merchant", "supervisor", rectification.rectification_rejected, FINAL, about_merchant
    ),
    "card.issued": _rule("merchant", "supervisor", cards.card_issued, FINAL, about_merchant),
    "card.lifted": _rule("merchant", "supervisor", cards.card_lifted, FINAL, about_merchant),
    "suspension.decided": _rule("merchant", "supervisor", cards.suspension_decided, FINAL, nothing),
    "goods.sealed": _rule("merchant", "supervisor", holds.goods_sealed, FINAL, nothing),
    "goods.released": _rule("merchant", "supervisor", holds.goods_released, FINAL, nothing),
    "recall.ordered": _rule("merchant", "supervisor", holds.recall_ordered, FINAL, nothing),
    "recall.answered": _rule("merchant", "merchant", holds.recall_answered, FINAL, nothing),
    "notice.sent": _rule("merchant", "operator supervisor", notices.notice_sent, FINAL, nothing),
    "notice.acknowledged": _rule("merchant", "office", notices.notice_acknowledged, FINAL, nothing),
    "statement.corrected": _rule("merchant", "merchant supervisor", _statement_corrected, FINAL, nothing),
}
"""Kind to rule."""
