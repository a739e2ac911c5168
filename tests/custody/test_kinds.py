"""Every kind of statement has a rule, and the tables that speak of kinds speak of all of them."""

from __future__ import annotations

from ledger.custody.rules import RULES
from ledger.custody.shelves import LOGGED
from ledger_schemas import KINDS
from ledger_schemas.vocabulary import LABELS


def test_every_kind_has_its_rule() -> None:
    assert list(RULES) == list(KINDS)


def test_every_role_is_one_that_can_be_granted() -> None:
    assert {role for rule in RULES.values() for role in rule.by} <= set(LABELS["role"])


def test_what_is_logged_is_said_by_merchants_and_nobody_else() -> None:
    assert set(LOGGED) <= set(RULES)
    for kind in LOGGED:
        assert RULES[kind].by <= {"merchant", "device"}
