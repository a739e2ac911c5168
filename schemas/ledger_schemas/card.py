"""Yellow and red cards (红黄牌), and the suspension that is a decision of its own.

A card is a step that the rule set lays down for a first, second, third violation; a red one may close the
shop until things are put right. A legal suspension is none of these steps: it has its own document number
and its own legal basis.

    >>> CardLifted.model_validate({"card": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "reason": "已改好"}).reason
    '已改好'
"""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import Attachment, Body, Lines, Problems, Ruled, days_in_order
from ledger_schemas.inspection import CodeOfFinding, InspectionId, InspectionIdOrNone, SubjectOfFinding
from ledger_schemas.text import Code, Day, LongText, StatementId, Text
from ledger_schemas.vocabulary import Card
from ledger_schemas.words import field


class CardIssued(
    Body, kind="card.issued", zh="亮红黄牌", en="Card issued", about_zh="按规则对一项问题亮黄牌或红牌"
):
    """A yellow or red card for a finding, as the rule set's steps ask."""

    card: Annotated[Card, field("牌", "Card", "黄牌或红牌", "Yellow or red")]
    ruleset: Annotated[
        Code, field("规则代码", "Rule set", "依据哪套规则", "Code of the rule set whose step it is")
    ]
    step: Annotated[
        Annotated[int, Field(ge=1, le=20)], field("第几次", "Step", "第几次违规", "1 for the first violation")
    ]
    inspection: InspectionId
    code: CodeOfFinding
    subject: SubjectOfFinding = None
    reason: Annotated[LongText, field("亮牌原因", "Reason", "违规的事实", "What the violation was")]
    closes: Annotated[
        bool,
        field("是否停业", "Closes", "停业整改", "Whether the shop closes until the card is lifted"),
    ]


class CardLifted(Body, kind="card.lifted", zh="摘牌", en="Card lifted", about_zh="改好后摘去红黄牌"):
    """A card no longer stands, because things were put right."""

    card: Annotated[StatementId, field("亮牌记录号", "Card", "哪一次亮牌", "Id of the card's statement")]
    reason: Annotated[LongText, field("摘牌原因", "Reason", "怎样改好的", "Why it is lifted")]
    inspection: InspectionIdOrNone = None


class SuspensionDecided(
    Ruled,
    Body,
    kind="suspension.decided",
    zh="停业决定",
    en="Suspension decided",
    about_zh="有文号的停业决定，不是红牌",
):
    """A legal decision that the merchant stops doing business, under a document number of its own."""

    document_number: Annotated[
        Text, field("文号", "Document number", "决定书的文号", "Number of the written decision")
    ]
    legal_basis: Annotated[
        Lines[LongText], field("法律依据", "Legal basis", "法律条款", "Articles of law it rests on")
    ]
    reason: Annotated[LongText, field("事实和理由", "Reason", "违法的事实", "What the merchant did")]
    starts_on: Annotated[Day, field("开始日期", "Starts on", "从哪一天起停业", "First day")]
    ends_on: Annotated[
        Day | None, field("结束日期", "Ends on", "最后一天，不填为未定", "Last day; open if left out")
    ] = None
    attachment: Annotated[
        Attachment | None, field("决定书", "Attachment", "扫描件或照片", "Scan or picture of the decision")
    ] = None

    def rules(self) -> Problems:
        """Days in order."""
        return days_in_order(self, "starts_on", "ends_on")
