"""Putting a finding right (整改): ordered by a supervisor, reported by the merchant, confirmed or sent back.

Each statement names the one it answers. Whether a deadline was kept, and whether it must fall on the day of
the order (日产日清), is for the ledger and the rule set to say.

    >>> RectificationReported.model_validate(
    ...     {"order": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "what": "已分柜存放"}
    ... ).evidence
    ()
"""

from typing import Annotated

from ledger_schemas.base import Attachment, Body, Many
from ledger_schemas.inspection import CodeOfFinding, InspectionId, InspectionIdOrNone, SubjectOfFinding
from ledger_schemas.text import Instant, LongText, StatementId
from ledger_schemas.words import field

_Order = Annotated[StatementId, field("整改通知记录号", "Order", "哪一次责令整改", "Id of the order")]


class RectificationOrdered(
    Body,
    kind="rectification.ordered",
    zh="责令整改",
    en="Rectification ordered",
    about_zh="现场交办，限期改正一项问题",
):
    """A finding is to be put right by a deadline."""

    inspection: InspectionId
    code: CodeOfFinding
    subject: SubjectOfFinding = None
    what: Annotated[LongText, field("整改要求", "What", "要做什么", "What is to be done")]
    deadline: Annotated[Instant, field("整改期限", "Deadline", "何时之前改好", "When it must be done")]


class RectificationReported(
    Body,
    kind="rectification.reported",
    zh="整改报告",
    en="Rectification reported",
    about_zh="商户报告已经改好",
):
    """The merchant says what it did to put the finding right."""

    order: _Order
    what: Annotated[LongText, field("整改情况", "What", "做了什么", "What was done")]
    evidence: Annotated[Many[Attachment], field("凭证", "Evidence", "照片或单据", "Pictures or papers")] = ()


class RectificationConfirmed(
    Body,
    kind="rectification.confirmed",
    zh="整改销号",
    en="Rectification confirmed",
    about_zh="监管人员确认已经改好",
):
    """The finding was put right, and the order is done."""

    order: _Order
    inspection: InspectionIdOrNone = None
    note: Annotated[LongText | None, field("说明", "Note", "核实的情况", "What was seen")] = None


class RectificationRejected(
    Body,
    kind="rectification.rejected",
    zh="整改退回",
    en="Rectification rejected",
    about_zh="没有改好，另定期限",
):
    """The finding was not put right; the order stands, with a new deadline."""

    order: _Order
    reason: Annotated[LongText, field("退回原因", "Reason", "还差什么", "What is still wrong")]
    deadline: Annotated[Instant, field("新的期限", "Deadline", "何时之前改好", "The new deadline")]
    inspection: InspectionIdOrNone = None
