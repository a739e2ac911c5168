"""Which rule sets hold for a merchant today, and which papers they ask for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ledger.custody.authoring import instant
from ledger.custody.context import rulesets_in_force
from ledger.errors import UsageError
from ledger.messages import Message
from ledger_cli.frame import now_ms

if TYPE_CHECKING:
    from ledger.custody.facts import Ruleset
    from ledger_cli.draft import Draft
    from ledger_schemas import Paper


def today() -> date:
    """The day at +08:00."""
    return date.fromisoformat(instant(now_ms())[:10])


def this_week() -> str:
    """The ISO week at +08:00."""
    year, week, _ = today().isocalendar()
    return f"{year}-W{week:02d}"


def today_in_force(draft: Draft, merchant: str, day: date | None = None) -> list[Ruleset]:
    """The rule set of each of the merchant's goods classes, as far as there is one; of another `day` than today if
    given. Raises: UnknownReference.
    """
    enrolment = draft.enrolment(merchant)
    classes = enrolment.goods_classes.split(",") if enrolment.goods_classes else []
    return rulesets_in_force(
        draft.facts, draft.ledger.setting.jurisdiction, classes, day or today(), draft.as_of
    )


def paper(draft: Draft, merchant: str, which: str) -> Paper:
    """The letter or card that the rule sets in force ask for. Raises: UsageError for none or several."""
    asked = {getattr(ruleset.body, which) for ruleset in today_in_force(draft, merchant)} - {None}
    if len(asked) == 1:
        found: Paper = asked.pop()
        return found
    listed = ", ".join(sorted(f"{one.title} {one.version}" for one in asked))
    raise UsageError(
        "the rule sets in force ask for {listed}: say which with --title and --version",
        listed=listed or Message("none"),
        field="--title",
    )
