"""Goods in and out: what a merchant receives, hands over, accepts, sells, disposes of and adjusts.

A body only says what moved. Whether the merchant held that much is for the ledger to decide.

    >>> line = {"batch": "B-7", "quantity": {"value": "2.5", "unit": "kg"}}
    >>> GoodsHandedOver.model_validate({"to": "92410104MACU00022R", "lines": [line]}).lines[0].quantity.micro
    2500000
"""

from typing import Annotated

from pydantic import Field

from ledger_schemas.base import (
    Attachment,
    Body,
    Lines,
    Many,
    Problems,
    Record,
    Reference,
    Ruled,
    days_in_order,
    title,
    unique,
)
from ledger_schemas.identifiers import BatchId, Country, CreditCode, Gtin, HsCode
from ledger_schemas.papers import Document, Transport, Unloading
from ledger_schemas.party import Buyer, Supplier
from ledger_schemas.problems import Problem
from ledger_schemas.quantities import PositiveQuantity, Quantity, SignedQuantity
from ledger_schemas.text import Celsius, Day, LongText, StatementId, Text, ZoneCode
from ledger_schemas.vocabulary import DisposalManner, GoodsClass
from ledger_schemas.words import field

_Batch = Annotated[
    BatchId, field("批次号", "Batch id", "本批货物的编号", "Names this batch, whoever holds it")
]
_Zone = Annotated[
    ZoneCode | None, field("存放区域", "Zone", "存放的专柜专区编号", "Counter or area where it is kept")
]
_ArrivalTemperature = Annotated[
    Celsius | None,
    field("到货温度（℃）", "Arrival temperature (℃)", "卸货时测得的货温", "Measured on the goods on arrival"),
]


class ReceiptLine(Ruled, Record, zh="进货明细", en="Receipt line", about_zh="一个批次的货物"):
    """One batch of goods that came in."""

    batch: _Batch
    goods_class: Annotated[
        GoodsClass,
        field("货物类别", "Goods class", "冷链或非冷链", "Cold chain or not, decides the rule set"),
    ]
    name: Annotated[Text, field("品名", "Name", "货物名称", "Name of the goods")]
    specification: Annotated[
        Text | None, field("规格", "Specification", "包装规格或等级", "Size, packing or grade")
    ] = None
    brand: Annotated[Text | None, field("品牌", "Brand", "商标或品牌", "Trade mark")] = None
    hs: Annotated[
        HsCode | None,
        field("商品编码", "HS code", "6 位，或申报的 10 位", "6 digits, or the 10 declared in China"),
    ] = None
    gtin: Annotated[
        Gtin | None, field("商品条码", "GTIN", "条码下的数字", "The digits under the bar code")
    ] = None
    lot: Annotated[
        Text | None, field("生产批号", "Lot", "厂家或进口批号", "Lot of the maker or of the import")
    ] = None
    production_date: Annotated[
        Day | None, field("生产日期", "Production date", "生产或屠宰日期", "Day of production or slaughter")
    ] = None
    shelf_life_days: Annotated[
        Annotated[int, Field(ge=1, le=36_500)] | None,
        field("保质期（天）", "Shelf life (days)", "标签上的保质期", "Shelf life on the label"),
    ] = None
    best_before: Annotated[
        Day | None, field("保质期至", "Best before", "标签上的到期日", "Best-before day on the label")
    ] = None
    origin_country: Annotated[
        Country | None, field("原产国", "Country of origin", "原产国代码", "ISO 3166-1 alpha-2 code")
    ] = None
    quantity: Annotated[PositiveQuantity, field("数量", "Quantity", "实收数量", "Quantity that came in")]
    zone: _Zone = None
    arrival_temperature: _ArrivalTemperature = None
    trace_code: Annotated[
        Text | None, field("追溯码", "Trace code", "扫码得到的内容", "What the trace code says when scanned")
    ] = None
    references: Annotated[
        Many[Reference], field("其他编号", "References", "其他平台上的编号", "Numbers in other systems")
    ] = ()

    def rules(self) -> Problems:
        """Nothing is best before the day it was made."""
        return days_in_order(self, "production_date", "best_before")


class GoodsReceived(
    Ruled,
    Body,
    kind="goods.received",
    zh="进货登记",
    en="Goods received",
    about_zh="来源清、运输方式清、卸货方式清",
):
    """Goods came in from outside the ledger: from whom, with which papers, how they travelled."""

    number: Annotated[
        Text | None, field("单号", "Number", "送货单或进货单号", "Number of the delivery note")
    ] = None
    supplier: Annotated[
        Supplier | None, field("供货方", "Supplier", "来源清：从谁那里来", "The source: from whom they came")
    ] = None
    documents: Annotated[
        Many[Document],
        field("证明单据", "Documents", "随货的各种证明", "Certificates that came with the goods"),
    ] = ()
    transport: Annotated[
        Transport | None, field("运输", "Transport", "运输方式清：怎样运来", "How they travelled")
    ] = None
    unloading: Annotated[
        Unloading | None, field("卸货", "Unloading", "卸货方式清：怎样卸货", "How they were unloaded")
    ] = None
    purchased_on: Annotated[
        Day | None, field("进货日期", "Purchased on", "购进的日期", "Day of purchase")
    ] = None
    delivered_on: Annotated[
        Day | None,
        field("交货日期", "Delivered on", "进口商交货的日期", "Day of delivery, stated by importers"),
    ] = None
    lines: Annotated[
        Lines[ReceiptLine], field("货物明细", "Lines", "每个批次一行", "One line for each batch")
    ]
    references: Annotated[
        Many[Reference], field("其他编号", "References", "其他平台上的编号", "Numbers in other systems")
    ] = ()

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")


class GoodsLine(Record, zh="货物明细", en="Line", about_zh="批次和数量"):
    """A batch and how much of it."""

    batch: _Batch
    quantity: Annotated[PositiveQuantity, field("数量", "Quantity", "本次数量", "How much of the batch")]


_GoodsLines = Annotated[
    Lines[GoodsLine], field("货物明细", "Lines", "每个批次一行", "One line for each batch")
]


class GoodsHandedOver(
    Ruled,
    Body,
    kind="goods.handed_over",
    zh="移交货物",
    en="Goods handed over",
    about_zh="交给另一商户，待其确认",
):
    """Goods left for another merchant of this ledger, who confirms what arrived."""

    to: Annotated[
        CreditCode, field("接收商户", "To", "接收方统一社会信用代码", "Credit code of the receiving merchant")
    ]
    document_number: Annotated[
        Text | None, field("单据号", "Document number", "出库单或送货单号", "Number of the delivery note")
    ] = None
    transport: Annotated[Transport | None, field("运输", "Transport", "怎样运去", "How the goods travel")] = (
        None
    )
    lines: _GoodsLines

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")


class AcceptanceLine(
    Ruled, Record, zh="验收明细", en="Acceptance line", about_zh="实收、拒收、短少，合计等于移交数量"
):
    """What of a batch was accepted, refused or missing; together they are what was handed over."""

    batch: _Batch
    accepted: Annotated[
        Quantity, field("实收数量", "Accepted", "验收合格的数量", "Quantity taken over, may be zero")
    ]
    refused: Annotated[
        Quantity | None, field("拒收数量", "Refused", "退回对方的数量", "Quantity sent back")
    ] = None
    missing: Annotated[
        Quantity | None, field("短少数量", "Missing", "没有到的数量", "Quantity that did not arrive")
    ] = None

    def rules(self) -> Problems:
        """One unit for all three, and not all of them zero."""
        problems: Problems = ()
        total = self.accepted.micro
        for name, part in (("refused", self.refused), ("missing", self.missing)):
            if part is None:
                continue
            total += part.micro
            if part.unit != self.accepted.unit:
                zh, en = title(self, name)
                problems += (
                    Problem(
                        f"{name}.unit",
                        f"{en} is in {part.unit}, accepted in {self.accepted.unit}: use one unit",
                        f"{zh}的单位与实收数量不同，请统一单位",
                    ),
                )
        if total == 0:
            problems += (
                Problem(
                    "accepted",
                    "accepted, refused and missing are all zero: enter what was handed over",
                    "实收、拒收、短少不能都为零",
                ),
            )
        return problems


class GoodsAccepted(
    Ruled, Body, kind="goods.accepted", zh="验收货物", en="Goods accepted", about_zh="确认另一商户移交的货物"
):
    """What arrived of the goods another merchant handed over."""

    handover: Annotated[
        StatementId, field("移交记录号", "Handover", "对应的移交记录", "Id of the statement that handed over")
    ]
    lines: Annotated[
        Lines[AcceptanceLine], field("验收明细", "Lines", "每个批次一行", "One line for each batch")
    ]
    zone: _Zone = None
    arrival_temperature: _ArrivalTemperature = None

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")


class GoodsSold(Ruled, Body, kind="goods.sold", zh="销售登记", en="Goods sold", about_zh="卖出的货物和去向"):
    """Goods were sold: to whom, and how much of each batch."""

    buyer: Annotated[Buyer, field("购买方", "Buyer", "卖给了谁", "To whom")]
    lines: _GoodsLines

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")


class GoodsDisposed(
    Ruled, Body, kind="goods.disposed", zh="处置登记", en="Goods disposed of", about_zh="销毁、退回或自用"
):
    """Goods were destroyed, returned or consumed."""

    manner: Annotated[
        DisposalManner, field("处置方式", "Manner", "销毁、退回或自用", "Destroyed, returned or consumed")
    ]
    reason: Annotated[LongText, field("原因", "Reason", "为什么处置", "Why")]
    lines: _GoodsLines
    evidence: Annotated[Many[Attachment], field("凭证", "Evidence", "照片或单据", "Pictures or papers")] = ()

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")


class AdjustmentLine(Record, zh="盘点明细", en="Adjustment line", about_zh="批次和盘盈盘亏"):
    """A batch and the difference found in stock-taking."""

    batch: _Batch
    difference: Annotated[
        SignedQuantity,
        field("差额", "Difference", "盘盈为正，盘亏为负", "More is positive, less is negative"),
    ]


class GoodsAdjusted(
    Ruled, Body, kind="goods.adjusted", zh="盘点调整", en="Goods adjusted", about_zh="盘点后使账实相符"
):
    """Stock-taking found more or less than the ledger holds."""

    reason: Annotated[LongText, field("原因", "Reason", "为什么有差额", "Why there is a difference")]
    lines: Annotated[
        Lines[AdjustmentLine], field("盘点明细", "Lines", "每个批次一行", "One line for each batch")
    ]

    def rules(self) -> Problems:
        """No batch stands twice."""
        return unique(self, "lines", "batch")
