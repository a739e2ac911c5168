"""What an officer's phone needs for a check, and the findings of one, computed by the ledger's own code.

    GET  /api/checks/{merchant}?as_of=N             what the ledger says as of the checkpoint the phone has verified
    POST /api/checks/{merchant}/findings            {as_of, started_at, observed} → what the ledger would compute

The first is kept on the phone, so that a check can be made without network: it foresees what the ledger alone gives for
the hours to come. The second is asked when there is a connection, before anything is signed. Neither is trusted:
admission computes the findings again, and so does every verifier.

What it leaves to others: rules (`ledger.custody`), the shape of answers (`ledger.exchange.answers.checking`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.custody.admission import checked_body
from ledger.custody.authoring import instant
from ledger.custody.foresight import SECOND_MS, foresee
from ledger.custody.preparing import findings, look, outlook
from ledger.errors import UsageError
from ledger.exchange.answers.asking import limit
from ledger.exchange.answers.checking import check_json, found_json
from ledger.log import Seen
from ledger.messages import Message
from ledger_schemas import InspectionRecorded
from ledger_web.asked import MAX_INDEX, Asked, Code, Json, Question
from ledger_web.faults import NotYours

router = APIRouter(prefix="/api/checks", tags=["views"])

AHEAD_MS: Final = 30 * 60 * 60 * SECOND_MS
"""How far ahead findings are foreseen: a checkpoint serves a check for a day, and phones are loaded in the evening."""


class Observation(BaseModel):
    """What was seen, when, and as of which entry; `observed` as in `inspection.recorded`."""

    model_config = ConfigDict(extra="forbid")

    as_of: Annotated[int, Field(ge=1, le=MAX_INDEX)]
    started_at: Annotated[str, Field(max_length=40)]
    observed: dict[str, Any]


@router.get("/{merchant}")
def facts_for_a_check(ask: Question, merchant: Code, response: Response) -> Json:
    """检查所需 What the ledger says of a merchant, and what a check needs that is made without network."""
    response.headers["cache-control"] = "no-store"
    _require_officer(ask, merchant)
    ledger, size = ask.ledger, ask.size
    began_ms = ask.service.clock() // SECOND_MS * SECOND_MS
    picture = look(ask.facts, ledger.setting, merchant, started_at=instant(began_ms), as_of=size)
    return check_json(
        ledger,
        ask.facts,
        picture,
        outlook(ask.facts, picture),
        foresee(ask.facts, ledger.setting, picture, began_ms + AHEAD_MS),
        Seen(ledger.root_at(size).hex(), size),
    )


@router.post("/{merchant}/findings")
def findings_of_a_check(ask: Question, merchant: Code, asked: Observation) -> Json:
    """检查结论 The findings that ledger and observation give, as a check states them."""
    _require_officer(ask, merchant)
    size = limit(ask.ledger, asked.as_of)
    stated = {
        "rulesets": ["any"],
        "started_at": asked.started_at,
        "ended_at": asked.started_at,
        "place": "-",
        "observed": asked.observed,
    }
    body = checked_body("inspection.recorded", stated)
    assert isinstance(body, InspectionRecorded)  # noqa: S101 - checked_body returns the model of its kind
    picture = look(ask.facts, ask.ledger.setting, merchant, started_at=body.started_at, as_of=size)
    return {
        "as_of": size,
        "rulesets": [one.body.code for one in picture.rulesets],
        "findings": found_json(findings(ask.facts, picture, body.observed)),
    }


def _require_officer(ask: Asked, merchant: str) -> None:
    """Raises: SignInNeeded, NotYours, NotThere, UsageError."""
    ask.reader.require_signed_in()
    if not ask.reader.may_see_plans:
        raise NotYours(Message("checks are prepared by those who check"))
    ask.reader.require_merchant(merchant)
    if ask.size == 0:
        raise UsageError("a check is made as of at least one entry", field="as_of")
