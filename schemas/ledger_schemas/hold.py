"""Goods that must not move: sealed where they are, or recalled from everyone who has some.

A seal (查封) holds a batch at one merchant until it is released. A recall (召回) is ordered of the merchant who
brought the batch in; who else has had some of it, the ledger knows, and each of them answers.

    >>> kg = {"value": "2", "unit": "kg"}
    >>> RecallAnswered.model_validate(
    ...     {"recall": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "found": kg, "sold": kg}
    ... ).found.micro
    2000000
"""

from typing import Annotated

from ledger_schemas.base import Attachment, Body, Many, Problems, Ruled, title
from ledger_schemas.identifiers import BatchId
from ledger_schemas.inspection import InspectionIdOrNone
from ledger_schemas.problems import Problem
from ledger_schemas.quantities import Quantity
from ledger_schemas.text import Instant, LongText, StatementId, Text
from ledger_schemas.words import field


class GoodsSealed(
    Body, kind="goods.sealed", zh="查封货物", en="Goods sealed", about_zh="封存一个批次，解除前不得动用"
):
    """What the merchant holds of a batch must not move until it is released."""

    batch: Annotated[BatchId, field("批次号", "Batch id", "被查封的批次", "The batch that is sealed")]
    document_number: Annotated[
        Text | None, field("文号", "Document number", "决定书的文号", "Number of the written decision")
    ] = None
    reason: Annotated[LongText, field("查封原因", "Reason", "为什么查封", "Why it is sealed")]
    inspection: InspectionIdOrNone = None


class GoodsReleased(
    Body, kind="goods.released", zh="解除查封", en="Goods released", about_zh="被查封的货物可以动用"
):
    """Sealed goods may move again."""

    seal: Annotated[StatementId, field("查封记录号", "Seal", "哪一次查封", "Id of the seal's statement")]
    reason: Annotated[LongText, field("解除原因", "Reason", "为什么解除", "Why it is released")]


class RecallOrdered(
    Body, kind="recall.ordered", zh="责令召回", en="Recall ordered", about_zh="召回一个批次，无论在谁手中"
):
    """A batch is called back from everyone who has had some of it."""

    batch: Annotated[BatchId, field("批次号", "Batch id", "被召回的批次", "The batch that is recalled")]
    number: Annotated[
        Text | None, field("召回编号", "Number", "通知书的编号", "Number of the recall notice")
    ] = None
    reason: Annotated[LongText, field("召回原因", "Reason", "为什么召回", "Why it is recalled")]
    answer_by: Annotated[
        Instant, field("答复期限", "Answer by", "各商户何时之前答复", "When merchants must have answered")
    ]


class RecallAnswered(
    Ruled, Body, kind="recall.answered", zh="召回答复", en="Recall answered", about_zh="还有多少，卖了多少"
):
    """What a merchant still has of a recalled batch, and what it has sold."""

    recall: Annotated[StatementId, field("召回记录号", "Recall", "哪一次召回", "Id of the recall")]
    found: Annotated[
        Quantity, field("现存数量", "Found", "清点后现有多少", "What is still there, may be zero")
    ]
    sold: Annotated[Quantity, field("已售数量", "Sold", "已经卖出多少", "What was sold, may be zero")]
    note: Annotated[LongText | None, field("说明", "Note", "追回和处置情况", "What was got back")] = None
    evidence: Annotated[Many[Attachment], field("凭证", "Evidence", "照片或单据", "Pictures or papers")] = ()

    def rules(self) -> Problems:
        """One unit for both."""
        if self.sold.unit == self.found.unit:
            return ()
        sold, found = title(self, "sold"), title(self, "found")
        return (
            Problem(
                "sold.unit",
                f"{sold.en} is in {self.sold.unit}, {found.en} in {self.found.unit}: use one unit",
                f"{sold.zh}的单位与{found.zh}不同，请统一单位",
            ),
        )
