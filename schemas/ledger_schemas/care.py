"""What a merchant does to keep goods and people safe, and what it promises.

Temperature summaries, disinfection, the attestation of the three clears (三清), the commitment letter
(承诺书) and the briefing card (明白卡). Limits and intervals are in the rule sets, not here.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from ledger_schemas.base import (
    Attachment,
    Body,
    Lines,
    Many,
    Problems,
    Record,
    Ruled,
    Sealed,
    days_in_order,
    in_order,
    unique,
)
from ledger_schemas.identifiers import BatchId
from ledger_schemas.problems import Problem
from ledger_schemas.text import Celsius, Code, Day, Instant, LongText, Sha256, Text, ZoneCode
from ledger_schemas.vocabulary import DisinfectionTarget, GoodsClass
from ledger_schemas.words import field


class TemperatureLogged(
    Ruled,
    Body,
    kind="temperature.logged",
    zh="温度记录",
    en="Temperature logged",
    about_zh="一段时间的温度汇总",
):
    """Summary of the readings of one probe over a span of time."""

    zone: Annotated[
        ZoneCode | None,
        field("区域", "Zone", "冷库、冷柜的编号", "Counter, cabinet or store that was measured"),
    ] = None
    batches: Annotated[
        Many[BatchId], field("涉及批次", "Batches", "直接测量的批次", "Batches that were measured directly")
    ] = ()
    probe: Annotated[Text, field("探头编号", "Probe", "哪个温度计", "Which thermometer")]
    started_at: Annotated[Instant, field("开始时间", "Started at", "第一个读数之前", "Start of the span")]
    ended_at: Annotated[Instant, field("结束时间", "Ended at", "最后一个读数之后", "End of the span")]
    count: Annotated[
        Annotated[int, Field(ge=1, le=10_000_000)],
        field("读数个数", "Count", "这段时间的读数个数", "Number of readings"),
    ]
    minimum: Annotated[Celsius, field("最低温度（℃）", "Minimum (℃)", "最低的读数", "Lowest reading")]
    maximum: Annotated[Celsius, field("最高温度（℃）", "Maximum (℃)", "最高的读数", "Highest reading")]
    mean: Annotated[Celsius, field("平均温度（℃）", "Mean (℃)", "读数的平均值", "Mean of the readings")]
    minutes_missing: Annotated[
        Annotated[int, Field(ge=0, le=10_000_000)],
        field("缺测分钟", "Minutes missing", "没有读数的分钟数", "Minutes without readings"),
    ]
    raw: Annotated[
        Attachment | None, field("原始文件", "Raw file", "探头导出的文件", "File the probe exported")
    ] = None

    def rules(self) -> Problems:
        """A zone or batches; span in order and not shorter than what is missing; minimum ≤ mean ≤ maximum."""
        problems = in_order(self, "started_at", "ended_at")
        if self.batches:
            problems += unique(self, "batches")
        elif self.zone is None:
            problems += (Problem("zone", "enter the zone or the batches measured", "请填写区域或涉及批次"),)
        if self.minutes_missing and not problems:
            problems += self._missing_too_long()
        # Decimals of few digits become floats in their own order, so floats may compare them.
        if not float(self.minimum) <= float(self.mean) <= float(self.maximum):
            problems += (
                Problem(
                    "mean",
                    f"minimum {self.minimum}, mean {self.mean} and maximum {self.maximum} are not in order",
                    f"最低 {self.minimum}、平均 {self.mean}、最高 {self.maximum} 次序不对",
                ),
            )
        return problems

    def _missing_too_long(self) -> Problems:
        span = datetime.fromisoformat(self.ended_at) - datetime.fromisoformat(self.started_at)
        # A part of a minute counts as a whole one, because that is how a probe's report may round.
        if self.minutes_missing <= span.total_seconds() / 60 + 1:
            return ()
        return (
            Problem(
                "minutes_missing",
                f"{self.minutes_missing} minutes are more than the span from started_at to ended_at",
                f"缺测 {self.minutes_missing} 分钟，超过了起止时间的长度",
            ),
        )


class DisinfectionLogged(
    Ruled,
    Body,
    kind="disinfection.logged",
    zh="消毒记录",
    en="Disinfection logged",
    about_zh="消毒的对象、药剂和时间",
):
    """What was disinfected, where, with what and for how long."""

    target: Annotated[
        DisinfectionTarget, field("消毒对象", "Target", "场所、货架、货物等", "What was disinfected")
    ]
    place: Annotated[Text, field("地点", "Place", "在哪里消毒", "Where it was done")]
    batches: Annotated[
        Many[BatchId], field("涉及批次", "Batches", "被消毒的货物批次", "Batches that were disinfected")
    ] = ()
    agent: Annotated[
        Text, field("消毒剂", "Agent", "药剂名称，或紫外线等", "Name of the agent, or ultraviolet light")
    ]
    concentration: Annotated[
        Text | None, field("浓度", "Concentration", "例如 500 mg/L", "For example 500 mg/L")
    ] = None
    method: Annotated[
        Text, field("方式", "Method", "喷洒、擦拭、浸泡等", "Spraying, wiping, soaking and so on")
    ]
    contact_minutes: Annotated[
        Annotated[int, Field(ge=1, le=10_080)],
        field("作用时间（分钟）", "Contact time (minutes)", "药剂作用多久", "How long the agent acted"),
    ]
    who: Annotated[
        Sealed | None, field("消毒人员", "Who", "姓名，密封保存", "Name of who did it, sealed")
    ] = None
    photos: Annotated[Many[Attachment], field("照片", "Photos", "消毒时的照片", "Pictures taken then")] = ()

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "batches")


class ClearanceItem(Record, zh="声明事项", en="Attested item", about_zh="逐项声明是否清楚"):
    """One item of a rule set, and whether it is clear."""

    code: Annotated[Code, field("事项代码", "Item code", "规则中的事项", "Code of the item in the rule set")]
    clear: Annotated[bool, field("是否清楚", "Clear", "清为是，不清为否", "Whether it is clear")]
    note: Annotated[LongText | None, field("说明", "Note", "需要说明的情况", "Anything to add")] = None
    evidence: Annotated[Many[Attachment], field("凭证", "Evidence", "照片或单据", "Pictures or papers")] = ()


class ClearanceAttested(
    Ruled,
    Body,
    kind="clearance.attested",
    zh="三清声明",
    en="Clearance attested",
    about_zh="来源清、运输方式清、卸货方式清",
):
    """The merchant attests, item by item, that source, transport and unloading are clear."""

    ruleset: Annotated[Code, field("规则代码", "Rule set", "按哪套规则", "Code of the rule set")]
    period_start: Annotated[Day, field("开始日期", "Period start", "从哪一天起", "First day attested")]
    period_end: Annotated[Day, field("结束日期", "Period end", "到哪一天止", "Last day attested")]
    goods_class: Annotated[GoodsClass, field("货物类别", "Goods class", "冷链或非冷链", "Cold chain or not")]
    items: Annotated[
        Lines[ClearanceItem], field("声明事项", "Items", "逐项声明", "One for each item of the rule set")
    ]

    def rules(self) -> Problems:
        """Days in order, no item twice."""
        return days_in_order(self, "period_start", "period_end") + unique(self, "items", "code")


class CommitmentSigned(
    Body, kind="commitment.signed", zh="签承诺书", en="Commitment signed", about_zh="商户签署承诺书"
):
    """The merchant signed the commitment letter."""

    title: Annotated[Text, field("承诺书名称", "Title", "承诺书的标题", "Title of the letter")]
    version: Annotated[Text, field("版本", "Version", "承诺书的版本", "Version of the letter")]
    text_sha256: Annotated[
        Sha256 | None, field("文本摘要", "Digest of the text", "承诺书全文的摘要", "SHA-256 of the full text")
    ] = None
    signer: Annotated[
        Sealed | None, field("签署人", "Signer", "姓名，密封保存", "Name of who signed, sealed")
    ] = None


class BriefingAcknowledged(
    Body, kind="briefing.acknowledged", zh="签收明白卡", en="Briefing acknowledged", about_zh="商户签收明白卡"
):
    """The merchant received the briefing card and understood it."""

    title: Annotated[Text, field("明白卡名称", "Title", "明白卡的标题", "Title of the card")]
    version: Annotated[Text, field("版本", "Version", "明白卡的版本", "Version of the card")]
    text_sha256: Annotated[
        Sha256 | None, field("文本摘要", "Digest of the text", "明白卡全文的摘要", "SHA-256 of the full text")
    ] = None
    signer: Annotated[
        Sealed | None, field("签收人", "Signer", "姓名，密封保存", "Name of who signed, sealed")
    ] = None
    issued_by: Annotated[
        Text | None,
        field("发放单位", "Issued by", "哪个单位发放，不写个人", "The office that issued it, no person"),
    ] = None
    issued_on: Annotated[Day | None, field("发放日期", "Issued on", "何时发放", "Day it was issued")] = None
