"""What a supervisor saw on the spot, what is wrong, and what was let pass with a reason.

Findings marked ``computed`` follow from the ledger and the observation; the ledger computes them again and
compares. A supervisor may add findings and may waive a computed one, but never drops one.
"""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import Attachment, Body, Lines, Many, Problems, Record, Ruled, in_order, unique
from ledger_schemas.identifiers import BatchId
from ledger_schemas.problems import Problem
from ledger_schemas.quantities import PositiveQuantity, Quantity
from ledger_schemas.text import Celsius, Code, Instant, LongText, StatementId, Text, ZoneCode
from ledger_schemas.vocabulary import FindingCode, FindingSource
from ledger_schemas.words import field

InspectionId = Annotated[
    StatementId, field("检查记录号", "Inspection", "哪一次检查", "Id of the inspection with the finding")
]
InspectionIdOrNone = Annotated[
    StatementId | None,
    field("检查记录号", "Inspection", "据以作出的检查或复查", "Id of the check or re-check it rests on"),
]
CodeOfFinding = Annotated[
    FindingCode, field("问题代码", "Code", "检查发现的哪一种问题", "Code of the finding")
]
SubjectOfFinding = Annotated[
    Text | None, field("对象", "Subject", "与问题的对象相同", "Subject of the finding")
]
"""With `code` it says which finding of an inspection is meant."""


class StockCount(Record, zh="实盘数量", en="Stock count", about_zh="现场清点的一个批次"):
    """How much of a batch was counted."""

    batch: Annotated[BatchId, field("批次号", "Batch id", "清点的批次", "The batch that was counted")]
    quantity: Annotated[Quantity, field("数量", "Quantity", "清点的数量", "What was counted, may be zero")]


class UnlistedGoods(Record, zh="台账外货物", en="Unlisted goods", about_zh="现场有而台账没有的货物"):
    """Goods that stand on the shelf and not in the ledger."""

    name: Annotated[Text, field("品名", "Name", "货物名称", "What the goods are")]
    quantity: Annotated[
        PositiveQuantity | None, field("数量", "Quantity", "大约多少", "How much, if it was counted")
    ] = None
    note: Annotated[LongText | None, field("说明", "Note", "包装、产地等", "Packing, origin and so on")] = (
        None
    )


class TemperatureReading(Record, zh="现场测温", en="Temperature reading", about_zh="现场读到的温度"):
    """A temperature read on the spot."""

    zone: Annotated[ZoneCode, field("区域", "Zone", "哪个冷库或冷柜", "Which counter, cabinet or store")]
    value: Annotated[Celsius, field("温度（℃）", "Value (℃)", "读数", "What was read")]


class ChecklistAnswer(Record, zh="检查项回答", en="Checklist answer", about_zh="检查清单上的一项"):
    """The answer to one question of the checklist."""

    code: Annotated[
        Code, field("检查项代码", "Code", "规则中的检查项", "Code of the question in the rule set")
    ]
    passed: Annotated[bool, field("是否合格", "Passed", "合格为是", "Whether it was all right")]
    note: Annotated[LongText | None, field("说明", "Note", "看到的情况", "What was seen")] = None


class Observed(Ruled, Record, zh="现场所见", en="Observed", about_zh="检查时看到的"):
    """What was seen during the inspection."""

    stock: Annotated[Many[StockCount], field("实盘", "Stock", "清点的批次", "Batches that were counted")] = ()
    unlisted: Annotated[
        Many[UnlistedGoods], field("台账外货物", "Unlisted", "台账没有的货物", "Goods not in the ledger")
    ] = ()
    temperatures: Annotated[
        Many[TemperatureReading], field("现场测温", "Temperatures", "读到的温度", "Temperatures read")
    ] = ()
    checklist: Annotated[
        Many[ChecklistAnswer], field("检查清单", "Checklist", "逐项回答", "Answers to the checklist")
    ] = ()
    photos: Annotated[
        Many[Attachment], field("照片", "Photos", "现场照片", "Pictures taken on the spot")
    ] = ()

    def rules(self) -> Problems:
        """No batch and no question twice."""
        return unique(self, "stock", "batch") + unique(self, "checklist", "code")


class Finding(Ruled, Record, zh="问题", en="Finding", about_zh="一项不符合规则的情况"):
    """One thing that is not as the rules ask."""

    code: Annotated[FindingCode, field("问题代码", "Code", "哪一种问题", "Which kind of finding")]
    subject: Annotated[
        Text | None, field("对象", "Subject", "批次、区域或单据", "Batch, zone or document it is about")
    ] = None
    detail: Annotated[LongText | None, field("详情", "Detail", "具体情况", "What exactly")] = None
    source: Annotated[
        FindingSource, field("来源", "Source", "系统得出或人工补充", "Computed, or added by the supervisor")
    ]

    def rules(self) -> Problems:
        """`other` is added by a person, who says what it is."""
        if self.code != "other":
            return ()
        problems: Problems = ()
        if self.source == "computed":
            problems += (
                Problem("source", "other is never computed: choose added", "“其他问题”只能是人工补充"),
            )
        if self.detail is None:
            problems += (
                Problem("detail", "say what is wrong: other has no meaning of its own", "请写明是什么问题"),
            )
        return problems


class Waiver(Record, zh="免予追究", en="Waiver", about_zh="对系统得出的问题说明理由"):
    """Why a computed finding does not stand."""

    code: Annotated[FindingCode, field("问题代码", "Code", "哪一种问题", "Code of the finding")]
    subject: SubjectOfFinding = None
    reason: Annotated[LongText, field("理由", "Reason", "为什么免予追究", "Why it does not stand")]


def _code_and_subject(member: Finding | Waiver) -> tuple[str, str | None]:
    return member.code, member.subject


class InspectionRecorded(
    Ruled, Body, kind="inspection.recorded", zh="检查记录", en="Inspection recorded", about_zh="一次现场检查"
):
    """One inspection of one merchant, against the ledger as the statement's `seen` names it."""

    rulesets: Annotated[
        Lines[Code], field("规则代码", "Rule sets", "每类货物一套规则", "One for each class of goods")
    ]
    started_at: Annotated[Instant, field("开始时间", "Started at", "何时开始", "When it began")]
    ended_at: Annotated[Instant, field("结束时间", "Ended at", "何时结束", "When it ended")]
    place: Annotated[Text, field("地点", "Place", "在哪里检查", "Where it took place")]
    observed: Annotated[Observed, field("现场所见", "Observed", "看到的情况", "What was seen")] = Field(
        default_factory=Observed.model_construct
    )
    findings: Annotated[
        Many[Finding], field("问题", "Findings", "系统得出和人工补充的", "Computed and added findings")
    ] = ()
    waivers: Annotated[
        Many[Waiver], field("免予追究", "Waivers", "对系统得出的问题", "Of computed findings, with reasons")
    ] = ()

    def rules(self) -> Problems:
        """Times in order; rule sets, findings, waivers once each; a waiver names a computed finding."""
        problems = in_order(self, "started_at", "ended_at") + unique(self, "rulesets")
        if not (self.findings or self.waivers):
            return problems
        problems += unique(self, "findings", _code_and_subject) + unique(self, "waivers", _code_and_subject)
        sources = {_code_and_subject(finding): finding.source for finding in self.findings}
        for position, waiver in enumerate(self.waivers):
            source = sources.get(_code_and_subject(waiver))
            if source == "computed":
                continue
            about = f"{waiver.code} {waiver.subject}" if waiver.subject else waiver.code
            message, zh = (
                (f"there is no finding {about} to waive", f"没有“{about}”这一问题")
                if source is None
                else (
                    f"{about} was added, only computed findings are waived",
                    f"“{about}”是人工补充的，不能免予追究",
                )
            )
            problems += (Problem(f"waivers[{position}]", message, zh),)
        return problems
