"""What the commands of supervision share: the check and the finding that an act is about, deadlines, two words of help.

    about = finding(draft, merchant, inspection=None, code="stock_differs", subject=None)
    about                        # {"inspection": "0199…", "code": "stock_differs", "subject": "B1"}

Nothing is judged here: the ledger says whether the finding stands. What can be looked up need not be typed.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.custody.authoring import instant
from ledger.custody.matters import all_of
from ledger.custody.supervision.cards import standing_cards
from ledger.custody.supervision.rectification import orders_of
from ledger.errors import UsageError
from ledger.log.times import local_date, parse_instant
from ledger.messages import Message
from ledger_cli import inputs
from ledger_cli.language import N_

if TYPE_CHECKING:
    from ledger.custody.facts import Ruleset
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

HOUR_MS = 3_600_000
ORDER_STATES = {
    "ordered": N_("ordered"),
    "reported": N_("reported"),
    "rejected": N_("rejected"),
    "confirmed": N_("confirmed"),
}

Inspection = Annotated[
    str | None,
    typer.Option(
        "--inspection",
        metavar="ID",
        help=N_("Check it rests on, id or entry number. Default: the merchant's latest."),
    ),
]
Code = Annotated[
    str | None,
    typer.Option("--code", metavar="CODE", help=N_("Code of the finding, see `custody inspect`.")),
]
Subject = Annotated[
    str | None,
    typer.Option(
        "--subject", metavar="TEXT", help=N_("What the finding is about; found if it is the only one.")
    ),
]
Recheck = Annotated[
    str | None,
    typer.Option("--inspection", metavar="ID", help=N_("Check that looked again, id or entry number.")),
]


def finding(
    draft: Draft, merchant: str, *, inspection: str | None, code: str | None, subject: str | None
) -> Json:
    """The check and finding an act is about, as far as options or the ledger say. Raises: UsageError."""
    if draft.frame.recording.body is not None and inspection is None and code is None:
        return {}
    identity = latest_check(draft, merchant) if inspection is None else check(draft, inspection)
    found = [one.value for one in all_of(draft.facts, "finding", identity, draft.as_of)]
    fitting = [one for one in found if one["code"] == code and (subject is None or one["subject"] == subject)]
    if len(fitting) == 1:
        chosen = fitting[0]["subject"]
        return {"inspection": identity, "code": code} | ({"subject": chosen} if chosen else {})
    if code is None or not fitting:
        wrong = (
            Message("name the finding with --code")
            if code is None
            else Message("the check has no finding {finding}", finding=_named(code, subject))
        )
        listed = ", ".join(_named(one["code"], one["subject"]) for one in found if one["stands"]) or Message(
            "none"
        )
        raise UsageError("{wrong}; its findings: {listed}", wrong=wrong, listed=listed, field="--code")
    listed = ", ".join(repr(one["subject"]) for one in fitting)
    raise UsageError(
        "the check has several findings {code}: choose one of {listed} with --subject",
        code=code,
        listed=listed,
        field="--subject",
    )


def latest_check(draft: Draft, merchant: str) -> str:
    """Id of the merchant's latest check that stands. Raises: UsageError, UnknownReference."""
    draft.enrolment(merchant)
    last = draft.facts.last_check(merchant, draft.as_of)
    if last is None:
        raise UsageError(
            "merchant {merchant} has not been checked: `custody inspect` first",
            merchant=merchant,
            field="--inspection",
        )
    return draft.ledger.entry(last.index).statement.id


def check(draft: Draft, text: str) -> str:
    """Id of a check named by id or entry number. Raises: UsageError."""
    return draft.stated(text, "inspection.recorded", "--inspection")[0]


def order(draft: Draft, text: str) -> tuple[str, str]:
    """Id and merchant of an order, named by id, entry number, or a merchant with one open order. Raises: UsageError."""
    if draft.facts.merchant(text, draft.as_of) is None:
        return draft.stated(text, "rectification.ordered", "ORDER")
    found = [one for one in orders_of(draft.facts, text, draft.as_of) if one.open]
    if len(found) == 1:
        return found[0].id, text
    listed = ", ".join(str(one.index) for one in found) or Message("none")
    raise UsageError(
        "open orders of merchant {text}: {listed}; name one by its entry",
        text=text,
        listed=listed,
        field="ORDER",
    )


def card(draft: Draft, text: str) -> tuple[str, str]:
    """Id and merchant of a card, named by id, entry number, or a merchant with one standing. Raises: UsageError."""
    if draft.facts.merchant(text, draft.as_of) is None:
        return draft.stated(text, "card.issued", "CARD")
    found = standing_cards(draft.facts, text, draft.as_of)
    if len(found) == 1:
        return str(found[0].value["id"]), text
    listed = ", ".join(str(one.index) for one in found) or Message("none")
    raise UsageError(
        "cards standing of merchant {text}: {listed}; name one by its entry",
        text=text,
        listed=listed,
        field="CARD",
    )


def deadline(draft: Draft, text: str | None, rulesets: list[Ruleset]) -> str:
    """A deadline: as told, with a time alone meant for today; else the end of the day, or the hours the rules give."""
    now = draft.now()
    today = local_date(now)
    if text is not None:
        alone = re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", text.strip())
        return inputs.instant(f"{today} {text.strip():0>5}" if alone else text, "--deadline") or text
    hours = [one.body.rectification_hours for one in rulesets if one.body.rectification_hours is not None]
    same_day = any(one.body.rectification_same_day for one in rulesets)
    evening = parse_instant(f"{today}T23:59:59{'Z' if now.endswith(('Z', 'z')) else now[-6:]}")
    allowed = [parse_instant(now) + min(hours) * HOUR_MS] if hours else []
    return instant(min([evening, *allowed]) if same_day or not hours else allowed[0])


def confirmed(draft: Draft, question: str) -> None:
    """At a terminal, ask before something grave is signed; elsewhere it has been said by running the command."""
    options = draft.frame.recording
    if sys.stdin.isatty() and not draft.frame.json and not options.dry_run:
        typer.confirm(question, abort=True)


def local(ms: int) -> str:
    """A time for people: day, hour and minute at +08:00."""
    return instant(ms)[:16].replace("T", " ")


def _named(code: str, subject: str | None) -> str:
    return f"{code} ({subject})" if subject else code
