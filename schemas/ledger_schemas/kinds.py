"""All kinds of statement, and the one door through which a body becomes a model.

    >>> parse_body("commitment.signed", {"title": "承诺书", "version": "2022-01"}).version
    '2022-01'

Validators are built when a kind is first parsed: a command that touches one kind does not pay for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from threading import Lock
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from ledger_schemas.base import Body, Record
from ledger_schemas.card import CardIssued, CardLifted, SuspensionDecided
from ledger_schemas.care import (
    BriefingAcknowledged,
    ClearanceAttested,
    CommitmentSigned,
    DisinfectionLogged,
    TemperatureLogged,
)
from ledger_schemas.correction import StatementCorrected
from ledger_schemas.explain import explain
from ledger_schemas.goods import (
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsReceived,
    GoodsSold,
)
from ledger_schemas.hold import GoodsReleased, GoodsSealed, RecallAnswered, RecallOrdered
from ledger_schemas.identifiers import credit_code_problem
from ledger_schemas.inspection import InspectionRecorded
from ledger_schemas.notice import NoticeAcknowledged, NoticeSent
from ledger_schemas.plan import PlanAnnounced, PlanDrawn, PlanVoided
from ledger_schemas.problems import BodyError, Problem, UnknownKind, join
from ledger_schemas.rectification import (
    RectificationConfirmed,
    RectificationOrdered,
    RectificationRejected,
    RectificationReported,
)
from ledger_schemas.registry import KeyGranted, KeyRevoked, LedgerOpened, MerchantEnrolled
from ledger_schemas.ruleset import RulesetPublished
from ledger_schemas.supervision import DutyAssigned
from ledger_schemas.vocabulary import LABELS
from ledger_schemas.words import Label, Words

KINDS: dict[str, type[Body]] = {
    model.kind: model
    for model in (
        LedgerOpened,
        KeyGranted,
        KeyRevoked,
        RulesetPublished,
        MerchantEnrolled,
        DutyAssigned,
        CommitmentSigned,
        BriefingAcknowledged,
        GoodsReceived,
        GoodsHandedOver,
        GoodsAccepted,
        GoodsSold,
        GoodsDisposed,
        GoodsAdjusted,
        TemperatureLogged,
        DisinfectionLogged,
        ClearanceAttested,
        PlanAnnounced,
        PlanDrawn,
        PlanVoided,
        InspectionRecorded,
        RectificationOrdered,
        RectificationReported,
        RectificationConfirmed,
        RectificationRejected,
        CardIssued,
        CardLifted,
        SuspensionDecided,
        GoodsSealed,
        GoodsReleased,
        RecallOrdered,
        RecallAnswered,
        NoticeSent,
        NoticeAcknowledged,
        StatementCorrected,
    )
}
"""Kind to model, in the order in which a ledger meets them."""

LABELS["kind"] = {kind: Label(model.words.zh, model.words.en) for kind, model in KINDS.items()}

_validators: dict[str, Callable[[object], Body]] = {}
_building = Lock()


def parse_body(kind: str, body: object) -> Body:
    """The model of a body as decoded JSON; UnknownKind, or BodyError with every problem found.

    Rules between fields are only asked of records whose fields are all good.
    """
    validate = _validators.get(kind) or _build(kind)
    try:
        return validate(body)
    except ValidationError as error:
        problems = explain(KINDS[kind], error)
    raise BodyError(kind, problems)


def _build(kind: str) -> Callable[[object], Body]:
    model = KINDS.get(kind)
    if model is None:
        raise UnknownKind(kind, tuple(KINDS))
    with _building:
        model.model_rebuild()
        validate: Callable[[object], Body] = model.__pydantic_validator__.validate_python
        _validators[kind] = validate
    return validate


class _InOrder(GenerateJsonSchema):
    """Keeps the order of fields and choices, which is the order of the form."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        return value


_WORDS = tuple(Words("", "", "", "").as_schema())


@cache
def _schema(kind: str) -> dict[str, Any]:  # Any: a JSON Schema is any JSON
    if kind not in KINDS:
        raise UnknownKind(kind, tuple(KINDS))
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:custody-ledger:body:{kind}",
    }
    schema = head | KINDS[kind].model_json_schema(schema_generator=_InOrder)
    definitions = schema.get("$defs", {})
    for model in (schema, *definitions.values()):
        for name, node in model["properties"].items():
            # pydantic leaves out of a field what its model says as well, such as the same title
            if "$ref" in node:
                named = definitions[node["$ref"].removeprefix("#/$defs/")]
                model["properties"][name] = node | {key: node.get(key, named[key]) for key in _WORDS}
    return schema


def json_schema(kind: str) -> dict[str, Any]:  # Any: a JSON Schema is any JSON
    """JSON Schema (2020-12) of a body, to make forms from: a copy, with words as `words` describes.

    It says everything about single fields. Check digits, the list of countries and rules between fields need
    `parse_body`. UnknownKind if there is no such kind.
    """
    return deepcopy(_schema(kind))


def body_warnings(body: Body) -> tuple[Problem, ...]:
    """What is odd about a good body without being wrong: credit codes whose check characters do not fit."""
    return tuple(_credit_code_warnings(body, ""))


def _credit_code_warnings(value: object, path: str) -> Iterator[Problem]:
    if isinstance(value, tuple):
        for position, member in enumerate(value):
            yield from _credit_code_warnings(member, f"{path}[{position}]")
    elif isinstance(value, Record):
        for name, member in value:
            here = join(path, name)
            if name == "merchants" and isinstance(member, tuple):
                for position, code in enumerate(member):
                    yield from _credit_code_warning(code, f"{here}[{position}]")
            elif name in _CREDIT_CODE_FIELDS and isinstance(member, str):
                yield from _credit_code_warning(member, here)
            else:
                yield from _credit_code_warnings(member, here)


def _credit_code_warning(code: str, path: str) -> Iterator[Problem]:
    flaw = credit_code_problem(code)
    if flaw and flaw.severity == "warning":
        yield Problem(path, flaw.message, flaw.zh)


_CREDIT_CODE_FIELDS = frozenset({"credit_code", "to", "scope"})
