"""What the offices are to be told (双反馈、双通报): notices that are due, written out.

    checks = checks_with_findings(reader, as_of=1040, week=202617)
    for due in due_notices(facts, setting, checks, 1040):                # `notices`
        body = body_of(due, facts.merchant(due.merchant, 1040).name, day)

Which notices are due is decided in `notices`; this module finds the checks to ask about and words the notice.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ledger.custody.facts import Facts
from ledger.custody.supervision.notices import DueNotice
from ledger.custody.touching import Touched
from ledger.store.facts import CheckFact
from ledger.store.reader import FactReader
from ledger_schemas import LABELS

MAX_NAME = 120
"""Characters of a name or subject that a notice repeats; the entry it points at has all of it."""


def checks_with_findings(
    reader: FactReader, *, as_of: int, week: int | None = None
) -> list[tuple[CheckFact, str]]:
    """Checks with a finding that stands, each with the id of its statement: of an ISO week, or all."""
    found = (
        reader.rows(CheckFact, 0, as_of) if week is None else reader.checks_by_week(week, week, before=as_of)
    )
    checks = [check for check in found if check.findings]
    rows = reader.statements_by_index([check.index for check in checks], before=as_of)
    ids = {row.index: str(UUID(bytes=row.id)) for row in rows}
    return [(check, ids[check.index]) for check in checks]


def fetch(facts: Facts, checks: list[tuple[CheckFact, str]]) -> None:
    """Fetch in a few queries what `due_notices` asks about these checks."""
    facts.prefetch(
        Touched(
            merchants={check.merchant for check, _ in checks},
            matters={(topic, identity) for _, identity in checks for topic in ("finding", "notice")},
        )
    )


def offices(reader: FactReader, *, as_of: int) -> set[str]:
    """Offices that a key has been granted to."""
    names = (row.key for row in reader.matters_of_topic("holder", before=as_of))
    return {name.removeprefix("office:") for name in names if name.startswith("office:")}


def body_of(due: DueNotice, name: str, checked_on: date) -> dict[str, Any]:
    """The body of `notice.sent` for an office. Precondition: somebody has that duty."""
    label = LABELS["finding_code"][due.code]
    finding = f"{label.zh} {label.en}" + (f" ({_short(due.subject)})" if due.subject else "")
    text = "\n".join(
        [
            "检查发现问题，请跟进处理并反馈。A check found what is named below; please see to it and answer.",
            f"商户 Merchant: {_short(name)} ({due.merchant})",
            f"问题 Finding: {finding}",
            f"检查 Check: {checked_on}, {due.inspection}",
        ]
    )
    subject = {"subject": due.subject} if due.subject is not None else {}
    return {
        "inspection": due.inspection,
        "code": due.code,
        **subject,
        "office": due.office,
        "capacity": due.capacity,
        "text": text,
    }


def _short(text: str) -> str:
    return text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}…"
