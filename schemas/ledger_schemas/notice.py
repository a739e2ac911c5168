"""Findings go to two offices, and both answer (双反馈、双通报): the industry's regulator and the territorial unit.

Which findings are sent is in the rule set, to which offices in the duty assigned for the merchant.

    >>> NoticeAcknowledged.model_validate(
    ...     {"notice": "0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", "answer": "已派人跟进"}
    ... ).answer
    '已派人跟进'
"""

from typing import Annotated

from ledger_schemas.base import Attachment, Body, Many
from ledger_schemas.inspection import CodeOfFinding, InspectionId, SubjectOfFinding
from ledger_schemas.text import LongText, StatementId, Text
from ledger_schemas.vocabulary import Capacity
from ledger_schemas.words import field


class NoticeSent(
    Body, kind="notice.sent", zh="问题通报", en="Notice sent", about_zh="把检查发现的问题通报一个单位"
):
    """An office is told of a finding."""

    inspection: InspectionId
    code: CodeOfFinding
    subject: SubjectOfFinding = None
    office: Annotated[
        Text,
        field("通报单位", "Office", "与其密钥的范围相同", "Who is told, as in the scope of its key"),
    ]
    capacity: Annotated[
        Capacity,
        field(
            "以何身份", "Capacity", "行业主管部门或属地单位", "Regulator of the industry, or territorial unit"
        ),
    ]
    text: Annotated[LongText, field("通报内容", "Text", "什么问题，请求什么", "What is wrong, what is asked")]


class NoticeAcknowledged(
    Body, kind="notice.acknowledged", zh="通报反馈", en="Notice acknowledged", about_zh="被通报单位的答复"
):
    """An office answers a notice."""

    notice: Annotated[StatementId, field("通报记录号", "Notice", "哪一次通报", "Id of the notice")]
    answer: Annotated[LongText, field("答复", "Answer", "怎样处理", "What is done about it")]
    evidence: Annotated[Many[Attachment], field("凭证", "Evidence", "照片或文件", "Pictures or papers")] = ()
