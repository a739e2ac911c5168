"""The closed lists of choices, each value with a Chinese and an English label.

`LABELS` maps the name of a choice to its values and their labels; forms, spreadsheets and findings show them.
A new choice is a new line in the `Literal` and one in its labels (a test compares the two).

    >>> LABELS["goods_class"]["cold_chain"].zh
    '进口冷链货物'
"""

from typing import Annotated, Literal

from ledger_schemas.units import UNIT_LABELS
from ledger_schemas.words import Choice, Label

LABELS: dict[str, dict[str, Label]] = {
    "goods_class": {
        "cold_chain": Label("进口冷链货物", "Imported cold-chain goods"),
        "non_cold_chain": Label("进口非冷链货物", "Imported non-cold-chain goods"),
    },
    "role": {
        "operator": Label("运行人员", "Operator"),
        "supervisor": Label("市场监管人员", "Supervisor"),
        "merchant": Label("商户", "Merchant"),
        "office": Label("科室或属地单位", "Office"),
        "device": Label("设备", "Device"),
        "auditor": Label("审计人员", "Auditor"),
    },
    "place_kind": {
        "shop": Label("临街商铺", "Shop"),
        "stall": Label("摊位", "Stall"),
        "supermarket": Label("超市", "Supermarket"),
        "market": Label("农贸市场", "Produce market"),
        "cold_store": Label("冷库", "Cold store"),
        "warehouse": Label("仓库", "Warehouse"),
        "restaurant": Label("餐饮单位", "Restaurant"),
        "other": Label("其他", "Other"),
    },
    "storage": {
        "frozen": Label("冷冻", "Frozen"),
        "chilled": Label("冷藏", "Chilled"),
        "ambient": Label("常温", "Ambient"),
    },
    "document_type": {
        "customs_declaration": Label("报关单", "Customs declaration"),
        "quarantine_certificate": Label("检验检疫证明", "Inspection and quarantine certificate"),
        "nucleic_acid_report": Label("核酸检测报告", "Nucleic-acid test report"),
        "disinfection_certificate": Label("消毒证明", "Disinfection certificate"),
        "trace_code": Label("追溯码", "Trace code"),
        "inspection_report": Label("检验报告", "Inspection report"),
        "certificate_of_origin": Label("原产地证", "Certificate of origin"),
        "health_certificate": Label("卫生证书", "Health certificate"),
        "invoice": Label("发票", "Invoice"),
        "packing_list": Label("装箱单", "Packing list"),
        "bill_of_lading": Label("提单", "Bill of lading"),
        "purchase_voucher": Label("进货凭证", "Purchase voucher"),
        "other": Label("其他", "Other"),
    },
    "test_result": {
        "passed": Label("合格", "Passed"),
        "failed": Label("不合格", "Failed"),
    },
    "transport_mode": {
        "road": Label("公路", "Road"),
        "rail": Label("铁路", "Rail"),
        "sea": Label("海运", "Sea"),
        "inland_water": Label("内河", "Inland water"),
        "air": Label("空运", "Air"),
        "courier": Label("快递", "Courier"),
        "multimodal": Label("多式联运", "Multimodal"),
        "own": Label("自提", "Collected by the buyer"),
        "other": Label("其他", "Other"),
    },
    "buyer_type": {
        "consumers": Label("消费者", "Consumers"),
        "business": Label("经营单位", "Business"),
        "person": Label("实名个人", "Person by real name"),
    },
    "disposal_manner": {
        "destroyed": Label("销毁", "Destroyed"),
        "returned": Label("退回", "Returned"),
        "consumed": Label("自用", "Consumed"),
    },
    "disinfection_target": {
        "premises": Label("场所", "Premises"),
        "shelf": Label("货架柜台", "Shelf or counter"),
        "goods": Label("货物", "Goods"),
        "vehicle": Label("车辆", "Vehicle"),
        "packaging": Label("外包装", "Packaging"),
        "tools": Label("工具", "Tools"),
    },
    "item_type": {
        "clear": Label("清", "Must be clear"),
        "no": Label("不", "Must not happen"),
        "document": Label("证", "Document"),
        "practice": Label("做法", "Practice"),
    },
    "card": {
        "yellow": Label("黄牌", "Yellow card"),
        "red": Label("红牌", "Red card"),
    },
    "finding_code": {
        "stock_differs": Label("账实不符", "Stock differs from the ledger"),
        "unlisted_goods": Label("台账外货物", "Goods not in the ledger"),
        "document_missing": Label("缺少证明", "Document missing"),
        "document_expired": Label("证明过期", "Document expired"),
        "supplier_unknown": Label("来源不明", "Supplier unknown"),
        "transport_unstated": Label("运输方式未说明", "Transport not stated"),
        "unloading_unstated": Label("卸货方式未说明", "Unloading not stated"),
        "clearance_missing": Label("未作三清声明", "Clearance not attested"),
        "clearance_expired": Label("三清声明已过期", "Clearance expired"),
        "clearance_contradicted": Label("三清声明与台账矛盾", "Clearance contradicted by the ledger"),
        "disinfection_overdue": Label("消毒逾期", "Disinfection overdue"),
        "temperature_out_of_limits": Label("温度超限", "Temperature out of limits"),
        "temperature_gap": Label("温度记录中断", "Gap in temperature readings"),
        "commitment_unsigned": Label("未签承诺书", "Commitment letter unsigned"),
        "briefing_unacknowledged": Label("未签收明白卡", "Briefing card unacknowledged"),
        "no_dedicated_zone": Label("无专柜专区", "No dedicated counter or area"),
        "late_entry": Label("补录过晚", "Recorded late"),
        "handover_open": Label("交接未确认", "Handover left open"),
        "checklist_failed": Label("检查项不合格", "Checklist item failed"),
        "other": Label("其他问题", "Other"),
    },
    "finding_source": {
        "computed": Label("系统得出", "Computed"),
        "added": Label("人工补充", "Added by the supervisor"),
    },
    "capacity": {
        "regulator": Label("行业主管部门", "Regulator of the industry"),
        "unit": Label("属地单位", "Territorial unit"),
    },
    "act": {
        "inspection.recorded": Label("检查记录", "Inspection recorded"),
        "rectification.ordered": Label("责令整改", "Rectification ordered"),
        "card.issued": Label("亮红黄牌", "Card issued"),
        "suspension.decided": Label("停业决定", "Suspension decided"),
        "goods.sealed": Label("查封货物", "Goods sealed"),
        "recall.ordered": Label("责令召回", "Recall ordered"),
    },
    "correction_reason": {
        "did_not_happen": Label("事实上没有发生", "Did not happen"),
        "wrong_data": Label("内容填错", "Wrong data"),
    },
    "unit": UNIT_LABELS,
}

GoodsClass = Annotated[Literal["cold_chain", "non_cold_chain"], Choice("goods_class", LABELS["goods_class"])]
Role = Annotated[
    Literal["operator", "supervisor", "merchant", "office", "device", "auditor"],
    Choice("role", LABELS["role"]),
]
PlaceKind = Annotated[
    Literal["shop", "stall", "supermarket", "market", "cold_store", "warehouse", "restaurant", "other"],
    Choice("place_kind", LABELS["place_kind"]),
]
Storage = Annotated[Literal["frozen", "chilled", "ambient"], Choice("storage", LABELS["storage"])]
DocumentType = Annotated[
    Literal[
        "customs_declaration",
        "quarantine_certificate",
        "nucleic_acid_report",
        "disinfection_certificate",
        "trace_code",
        "inspection_report",
        "certificate_of_origin",
        "health_certificate",
        "invoice",
        "packing_list",
        "bill_of_lading",
        "purchase_voucher",
        "other",
    ],
    Choice("document_type", LABELS["document_type"]),
]
TestResult = Annotated[Literal["passed", "failed"], Choice("test_result", LABELS["test_result"])]
TransportMode = Annotated[
    Literal["road", "rail", "sea", "inland_water", "air", "courier", "multimodal", "own", "other"],
    Choice("transport_mode", LABELS["transport_mode"]),
]
BuyerType = Annotated[Literal["consumers", "business", "person"], Choice("buyer_type", LABELS["buyer_type"])]
DisposalManner = Annotated[
    Literal["destroyed", "returned", "consumed"], Choice("disposal_manner", LABELS["disposal_manner"])
]
DisinfectionTarget = Annotated[
    Literal["premises", "shelf", "goods", "vehicle", "packaging", "tools"],
    Choice("disinfection_target", LABELS["disinfection_target"]),
]
ItemType = Annotated[Literal["clear", "no", "document", "practice"], Choice("item_type", LABELS["item_type"])]
Card = Annotated[Literal["yellow", "red"], Choice("card", LABELS["card"])]
FindingCode = Annotated[
    Literal[
        "stock_differs",
        "unlisted_goods",
        "document_missing",
        "document_expired",
        "supplier_unknown",
        "transport_unstated",
        "unloading_unstated",
        "clearance_missing",
        "clearance_expired",
        "clearance_contradicted",
        "disinfection_overdue",
        "temperature_out_of_limits",
        "temperature_gap",
        "commitment_unsigned",
        "briefing_unacknowledged",
        "no_dedicated_zone",
        "late_entry",
        "handover_open",
        "checklist_failed",
        "other",
    ],
    Choice("finding_code", LABELS["finding_code"]),
]
"""What can be found wrong. ``other`` is only ever added by a supervisor, never computed."""
FindingSource = Annotated[Literal["computed", "added"], Choice("finding_source", LABELS["finding_source"])]
Capacity = Annotated[Literal["regulator", "unit"], Choice("capacity", LABELS["capacity"])]
Act = Annotated[
    Literal[
        "inspection.recorded",
        "rectification.ordered",
        "card.issued",
        "suspension.decided",
        "goods.sealed",
        "recall.ordered",
    ],
    Choice("act", LABELS["act"]),
]
"""Kinds of statement for which a rule set may ask for two officers."""
CorrectionReason = Annotated[
    Literal["did_not_happen", "wrong_data"], Choice("correction_reason", LABELS["correction_reason"])
]
