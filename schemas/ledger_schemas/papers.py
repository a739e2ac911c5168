"""Papers and journeys that come with goods: certificates, how they travelled, how they were unloaded."""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import Attachment, Problems, Record, Ruled, days_in_order, in_order
from ledger_schemas.identifiers import customs_declaration_problem
from ledger_schemas.problems import Problem
from ledger_schemas.text import Day, Instant, Text
from ledger_schemas.vocabulary import DocumentType, TestResult, TransportMode
from ledger_schemas.words import field


class Document(Ruled, Record, zh="证明单据", en="Document", about_zh="随货证明，写明编号或附上照片"):
    """A certificate that came with the goods, by its number or a picture of it."""

    type: Annotated[
        DocumentType,
        field("单据种类", "Type", "报关单、检验检疫证明等", "Customs declaration, certificate and so on"),
    ]
    number: Annotated[
        Text | None,
        field("编号", "Number", "单据上的编号，报关单为 18 位", "Number on the paper; 18 digits for customs"),
    ] = None
    issuer: Annotated[Text | None, field("出具单位", "Issuer", "由谁出具", "Who issued it")] = None
    issued_on: Annotated[Day | None, field("出具日期", "Issued on", "出具的日期", "Day of issue")] = None
    valid_to: Annotated[
        Day | None, field("有效期至", "Valid to", "最后有效日", "Last day on which it is valid")
    ] = None
    result: Annotated[
        TestResult | None, field("结论", "Result", "检测是否合格", "Whether a test was passed")
    ] = None
    attachment: Annotated[
        Attachment | None, field("附件", "Attachment", "扫描件或照片", "Scan or picture")
    ] = None

    def rules(self) -> Problems:
        """Days in order, a number or an attachment, and the shape of a customs declaration number."""
        problems = days_in_order(self, "issued_on", "valid_to")
        if self.number is None:
            if self.attachment is None:
                problems += (
                    Problem(
                        "number",
                        "a document needs its number or an attachment: enter one",
                        "请填写单据编号，或附上照片",
                    ),
                )
        elif self.type == "customs_declaration":
            flaw = customs_declaration_problem(self.number)
            if flaw:
                problems += (Problem("number", flaw.message, flaw.zh),)
        return problems


class Transport(Record, zh="运输", en="Transport", about_zh="货物怎样运来，即运输方式清"):
    """How the goods travelled."""

    mode: Annotated[TransportMode, field("运输方式", "Mode", "公路、空运等", "By road, by air and so on")]
    plate: Annotated[
        Text | None, field("车牌号", "Plate", "运输车辆的牌照", "Licence plate of the vehicle")
    ] = None
    carrier: Annotated[Text | None, field("承运单位", "Carrier", "由谁承运", "Firm that carried them")] = None
    container: Annotated[
        Text | None, field("集装箱号", "Container", "集装箱编号", "Number of the container")
    ] = None
    seal: Annotated[Text | None, field("铅封号", "Seal", "封志编号", "Number of the seal")] = None


class Unloading(Ruled, Record, zh="卸货", en="Unloading", about_zh="在哪里、怎样卸货，即卸货方式清"):
    """Where and how the goods were unloaded."""

    place: Annotated[Text, field("卸货地点", "Place", "在哪里卸货", "Where they were unloaded")]
    method: Annotated[
        Text,
        field(
            "卸货方式", "Method", "人工、叉车等，及防护措施", "By hand, fork-lift and so on, and protection"
        ),
    ]
    started_at: Annotated[Instant | None, field("开始时间", "Started at", "何时开始", "When it began")] = None
    ended_at: Annotated[Instant | None, field("结束时间", "Ended at", "何时结束", "When it ended")] = None
    workers: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        field("卸货人数", "Workers", "参加卸货的人数", "How many people unloaded"),
    ] = None

    def rules(self) -> Problems:
        """The end is not before the start."""
        return in_order(self, "started_at", "ended_at")
