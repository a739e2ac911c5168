"""Notices of a week (双通报): sent and answered, and those that its checks ask for and nobody has sent.

    counts, unanswered, unsent = noticed(scope)

Sent and answered are those of the week's notices; due are those of the week's checks, as of the entry looked at.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ledger.custody.supervision.notices import due_notices, notices
from ledger.custody.supervision.telling import checks_with_findings, fetch
from ledger.custody.supervision.weekly_scope import Scope


class Noticed(NamedTuple):
    """Notices to offices of a capacity: sent in the week, how many are answered, and how many are due and not sent."""

    capacity: str
    sent: int
    answered: int
    unsent: int


class Unanswered(NamedTuple):
    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    merchant: str
    name: str
    office: str
    capacity: str
    code: str
    sent_ms: int


class Unsent(NamedTuple):
    """Findings of a merchant's checks in the week that an office has not been told of."""

    merchant: str
    name: str
    capacity: str
    office: str | None
    """None where no office has that duty for the merchant."""
    findings: int


def noticed(scope: Scope) -> tuple[tuple[Noticed, ...], tuple[Unanswered, ...], tuple[Unsent, ...]]:
    span, reader = scope.span, scope.reader
    sent = [
        one
        for one in notices(
            reader.matters_of_topic("notice", before=scope.as_of),
            reader.matters_of_topic("notice_answer", before=scope.as_of),
        )
        if one.merchant in scope.merchants and span.start_ms <= one.sent_ms < span.end_ms
    ]
    total = Counter(one.capacity for one in sent)
    answered = Counter(one.capacity for one in sent if one.answered is not None)
    unsent = _unsent(scope)
    due: Counter[str] = Counter()
    for told in unsent:
        due[told.capacity] += told.findings
    counts = tuple(
        Noticed(capacity, total[capacity], answered[capacity], due[capacity])
        for capacity in sorted(total.keys() | due.keys())
    )
    waiting = tuple(
        Unanswered(
            one.index,
            one.merchant,
            scope.merchants[one.merchant].name,
            one.office,
            one.capacity,
            one.code,
            one.sent_ms,
        )
        for one in sent
        if one.answered is None
    )
    return counts, waiting, unsent


def _unsent(scope: Scope) -> tuple[Unsent, ...]:
    checks = [
        (check, identity)
        for check, identity in checks_with_findings(scope.reader, as_of=scope.as_of, week=scope.span.week)
        if check.merchant in scope.merchants
    ]
    fetch(scope.facts, checks)
    counts = Counter(
        (one.merchant, one.capacity, one.office)
        for one in due_notices(scope.facts, scope.setting, checks, scope.as_of)
    )
    return tuple(
        Unsent(merchant, scope.merchants[merchant].name, capacity, office, findings)
        for (merchant, capacity, office), findings in counts.items()
    )
