"""What people state: one frozen model per kind of statement, identifiers and quantities.

This package knows nothing of hashes, signatures or the database, and decides nothing about custody: it says
what a well-formed body is, in words a shopkeeper understands, and gives programs typed values.

    >>> body = parse_body("goods.sold", {
    ...     "buyer": {"type": "consumers"},
    ...     "lines": [{"batch": "B-7", "quantity": {"value": "2.5", "unit": "kg"}}],
    ... })
    >>> body.lines[0].quantity.micro
    2500000

`parse_body` refuses with `BodyError`, which carries every problem with its path; `json_schema` gives what
forms are made from; `LABELS` names every choice in Chinese and English.
"""

from ledger_schemas.base import Attachment, Body, Record, Reference, Sealed
from ledger_schemas.card import CardIssued, CardLifted, SuspensionDecided
from ledger_schemas.care import (
    BriefingAcknowledged,
    ClearanceAttested,
    ClearanceItem,
    CommitmentSigned,
    DisinfectionLogged,
    TemperatureLogged,
)
from ledger_schemas.correction import StatementCorrected
from ledger_schemas.digital_link import DigitalLink, DigitalLinkError, digital_link, parse_digital_link
from ledger_schemas.goods import (
    AcceptanceLine,
    AdjustmentLine,
    GoodsAccepted,
    GoodsAdjusted,
    GoodsDisposed,
    GoodsHandedOver,
    GoodsLine,
    GoodsReceived,
    GoodsSold,
    ReceiptLine,
)
from ledger_schemas.hold import GoodsReleased, GoodsSealed, RecallAnswered, RecallOrdered
from ledger_schemas.identifiers import (
    Flaw,
    countries,
    country_problem,
    credit_code_problem,
    customs_declaration_problem,
    gln_problem,
    gs1_check_digit,
    gtin_problem,
    sscc_problem,
)
from ledger_schemas.inspection import (
    ChecklistAnswer,
    Finding,
    InspectionRecorded,
    Observed,
    StockCount,
    TemperatureReading,
    UnlistedGoods,
    Waiver,
)
from ledger_schemas.kinds import KINDS, body_warnings, json_schema, parse_body
from ledger_schemas.notice import NoticeAcknowledged, NoticeSent
from ledger_schemas.papers import Document, Transport, Unloading
from ledger_schemas.party import Buyer, Supplier
from ledger_schemas.plan import OfficerLoad, PlanAnnounced, PlanDrawn, PlanVoided
from ledger_schemas.problems import BodyError, Problem, UnknownKind
from ledger_schemas.quantities import PositiveQuantity, Quantity, SignedQuantity, decimal_text
from ledger_schemas.rectification import (
    RectificationConfirmed,
    RectificationOrdered,
    RectificationRejected,
    RectificationReported,
)
from ledger_schemas.registry import KeyGranted, KeyRevoked, LedgerOpened, MerchantEnrolled, Zone
from ledger_schemas.ruleset import (
    CardStep,
    ChecklistItem,
    DocumentRule,
    Limits,
    Paper,
    RuleItem,
    RulesetPublished,
    default_rulesets,
)
from ledger_schemas.supervision import DutyAssigned
from ledger_schemas.text import centi
from ledger_schemas.units import REC20, UNIT_OF_REC20
from ledger_schemas.vocabulary import LABELS
from ledger_schemas.words import Label

__all__ = [
    "KINDS",
    "LABELS",
    "REC20",
    "UNIT_OF_REC20",
    "AcceptanceLine",
    "AdjustmentLine",
    "Attachment",
    "Body",
    "BodyError",
    "BriefingAcknowledged",
    "Buyer",
    "CardIssued",
    "CardLifted",
    "CardStep",
    "ChecklistAnswer",
    "ChecklistItem",
    "ClearanceAttested",
    "ClearanceItem",
    "CommitmentSigned",
    "DigitalLink",
    "DigitalLinkError",
    "DisinfectionLogged",
    "Document",
    "DocumentRule",
    "DutyAssigned",
    "Finding",
    "Flaw",
    "GoodsAccepted",
    "GoodsAdjusted",
    "GoodsDisposed",
    "GoodsHandedOver",
    "GoodsLine",
    "GoodsReceived",
    "GoodsReleased",
    "GoodsSealed",
    "GoodsSold",
    "InspectionRecorded",
    "KeyGranted",
    "KeyRevoked",
    "Label",
    "LedgerOpened",
    "Limits",
    "MerchantEnrolled",
    "NoticeAcknowledged",
    "NoticeSent",
    "Observed",
    "OfficerLoad",
    "Paper",
    "PlanAnnounced",
    "PlanDrawn",
    "PlanVoided",
    "PositiveQuantity",
    "Problem",
    "Quantity",
    "RecallAnswered",
    "RecallOrdered",
    "ReceiptLine",
    "Record",
    "RectificationConfirmed",
    "RectificationOrdered",
    "RectificationRejected",
    "RectificationReported",
    "Reference",
    "RuleItem",
    "RulesetPublished",
    "Sealed",
    "SignedQuantity",
    "StatementCorrected",
    "StockCount",
    "Supplier",
    "SuspensionDecided",
    "TemperatureLogged",
    "TemperatureReading",
    "Transport",
    "UnknownKind",
    "UnlistedGoods",
    "Unloading",
    "Waiver",
    "Zone",
    "body_warnings",
    "centi",
    "countries",
    "country_problem",
    "credit_code_problem",
    "customs_declaration_problem",
    "decimal_text",
    "default_rulesets",
    "digital_link",
    "gln_problem",
    "gs1_check_digit",
    "gtin_problem",
    "json_schema",
    "parse_body",
    "parse_digital_link",
    "sscc_problem",
]
