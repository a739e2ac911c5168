"""The columns of a goods ledger (进货查验台账) as people keep it, and the plain row they are filled from.

Who puts the rows together decides what is in them; `goods_ledger` writes them to a file. Words of closed
lists (actions, units, documents, buyers) are shown in both languages.

>>> row = GoodsLedgerRow(
...     merchant="92410104MACU00014Y", merchant_name="示例商行", index=7, action="received", batch="B-7",
...     occurred_at="2022-03-02T08:15:00+08:00", recorded_at="2022-03-02T00:15:02.123Z", name="冻虾",
...     quantity="12.5", unit="kg", held="12.5", leaf_hash="00" * 32,
...     entry_id="0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55")
>>> [column.text(row) for column in COLUMNS if column.en in ("Action", "Quantity", "Unit")]
['进货 received', '12.5', '千克 kg']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ledger_schemas import LABELS

ACTIONS: Final = {
    "received": "进货",
    "handed_over": "移交",
    "accepted": "验收",
    "returned": "退回",
    "missing": "短少",
    "sold": "销售",
    "disposed": "处置",
    "adjusted": "盘点",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLedgerRow:
    """One movement of one batch. Amounts are decimal text, days ``YYYY-MM-DD``, times RFC 3339 with offset.

    `quantity` is what the statement says; which way it goes is in `action`, only a stock-take is signed.
    `held` is what the merchant held of the batch after it. `counterparty` is the supplier, or the merchant
    at the other end of a handover. `documents` are pairs of type and number. `corrected` tells that the
    statement was taken back.
    """

    merchant: str
    merchant_name: str
    index: int
    action: str
    occurred_at: str
    recorded_at: str
    batch: str
    name: str
    quantity: str
    unit: str
    held: str
    entry_id: str
    leaf_hash: str
    """64 hex digits."""
    goods_class: str | None = None
    number: str | None = None
    specification: str | None = None
    brand: str | None = None
    hs: str | None = None
    gtin: str | None = None
    lot: str | None = None
    production_date: str | None = None
    shelf_life_days: int | None = None
    best_before: str | None = None
    origin_country: str | None = None
    counterparty: str | None = None
    counterparty_code: str | None = None
    counterparty_country: str | None = None
    counterparty_address: str | None = None
    overseas_exporter: str | None = None
    documents: tuple[tuple[str, str], ...] = field(default=())
    trace_code: str | None = None
    transport: str | None = None
    unloading: str | None = None
    arrival_temperature: str | None = None
    zone: str | None = None
    buyer_type: str | None = None
    destination: str | None = None
    reason: str | None = None
    corrected: bool = False


Kind: TypeAlias = Literal["text", "number", "day", "local", "utc"]
"""How a spreadsheet program is to treat a column; `local` is a time in the author's own offset."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its words in both languages, its width in characters, and what of a row stands in it."""

    zh: str
    en: str
    width: int
    kind: Kind
    text: Callable[[GoodsLedgerRow], str | None]

    @property
    def heading(self) -> str:
        return f"{self.zh} {self.en}"


def labelled(choice: str, value: str | None) -> str | None:
    """A word of a closed list in both languages; the word alone if it is not in the list."""
    label = LABELS[choice].get(value) if value is not None else None
    return f"{label.zh} {value}" if label is not None else value


def _action(row: GoodsLedgerRow) -> str:
    zh = ACTIONS.get(row.action)
    return f"{zh} {row.action}" if zh else row.action


def _document(kind: str) -> Callable[[GoodsLedgerRow], str | None]:
    return lambda row: _joined(number for one, number in row.documents if one == kind)


def _other_documents(row: GoodsLedgerRow) -> str | None:
    others = ((kind, number) for kind, number in row.documents if kind not in _OWN_COLUMN)
    return _joined(f"{labelled('document_type', kind)} {number}" for kind, number in others)


def _joined(words: Iterable[str]) -> str | None:
    return "; ".join(words) or None


_OWN_COLUMN: Final = (
    "customs_declaration",
    "quarantine_certificate",
    "nucleic_acid_report",
    "disinfection_certificate",
)

COLUMNS: Final = (
    Column("进货日期（发生时间）", "Occurred", 19, "local", lambda row: row.occurred_at),
    Column("时区", "UTC offset", 8, "text", lambda row: offset_of(row.occurred_at)),
    Column("动作", "Action", 16, "text", _action),
    Column("批次号", "Batch", 18, "text", lambda row: row.batch),
    Column("品名", "Name", 28, "text", lambda row: row.name),
    Column("规格", "Specification", 18, "text", lambda row: row.specification),
    Column("品牌", "Brand", 14, "text", lambda row: row.brand),
    Column("数量", "Quantity", 12, "number", lambda row: row.quantity),
    Column("单位", "Unit", 12, "text", lambda row: labelled("unit", row.unit)),
    Column("结存数量", "Held after", 12, "number", lambda row: row.held),
    Column("生产日期", "Production date", 12, "day", lambda row: row.production_date),
    Column("批号", "Lot", 16, "text", lambda row: row.lot),
    Column("保质期（天）", "Shelf life, days", 10, "number", lambda row: _number(row.shelf_life_days)),
    Column("保质期至", "Best before", 12, "day", lambda row: row.best_before),
    Column("供货者名称（对方）", "Supplier or counterparty", 28, "text", lambda row: row.counterparty),
    Column("对方信用代码", "Its credit code", 21, "text", lambda row: row.counterparty_code),
    Column("供货者国家", "Its country", 10, "text", lambda row: row.counterparty_country),
    Column("供货者地址", "Its address", 28, "text", lambda row: row.counterparty_address),
    Column("境外出口商", "Overseas exporter", 24, "text", lambda row: row.overseas_exporter),
    Column("原产国", "Origin", 8, "text", lambda row: row.origin_country),
    Column("货物类别", "Goods class", 24, "text", lambda row: labelled("goods_class", row.goods_class)),
    Column("单号", "Number", 16, "text", lambda row: row.number),
    Column("报关单号", "Customs declaration", 21, "text", _document("customs_declaration")),
    Column("检验检疫证明编号", "Quarantine certificate", 20, "text", _document("quarantine_certificate")),
    Column("核酸检测报告", "Nucleic-acid report", 18, "text", _document("nucleic_acid_report")),
    Column("消毒证明", "Disinfection certificate", 18, "text", _document("disinfection_certificate")),
    Column("其他单证", "Other documents", 24, "text", _other_documents),
    Column("追溯码", "Trace code", 20, "text", lambda row: row.trace_code),
    Column("商品编码", "HS code", 12, "text", lambda row: row.hs),
    Column("商品条码", "GTIN", 16, "text", lambda row: row.gtin),
    Column("运输", "Transport", 20, "text", lambda row: row.transport),
    Column("卸货", "Unloading", 20, "text", lambda row: row.unloading),
    Column("到货温度（℃）", "Arrival temperature", 10, "number", lambda row: row.arrival_temperature),
    Column("存放位置", "Zone", 12, "text", lambda row: row.zone),
    Column("去向", "Destination", 20, "text", lambda row: row.destination),
    Column("购买方类型", "Type of buyer", 18, "text", lambda row: labelled("buyer_type", row.buyer_type)),
    Column("原因", "Reason", 20, "text", lambda row: row.reason),
    Column("已更正", "Taken back", 10, "text", lambda row: "是 yes" if row.corrected else None),
    Column("商户信用代码", "Merchant", 21, "text", lambda row: row.merchant),
    Column("商户名称", "Merchant's name", 24, "text", lambda row: row.merchant_name),
    Column("登记时间（UTC）", "Recorded (UTC)", 19, "utc", lambda row: row.recorded_at),
    Column("台账序号", "Entry index", 10, "number", lambda row: str(row.index)),
    Column("记录号", "Statement id", 38, "text", lambda row: row.entry_id),
    Column("叶哈希", "Leaf hash", 66, "text", lambda row: row.leaf_hash),
)
"""In the order of a goods ledger on paper, with the proof at the end. A running number stands before them."""


def offset_of(instant: str) -> str:
    """The UTC offset written in an RFC 3339 time.

    >>> offset_of("2022-03-02T08:15:00+08:00"), offset_of("2022-03-02T00:15:02.123Z")
    ('+08:00', 'Z')
    """
    return "Z" if instant.endswith(("Z", "z")) else instant[-6:]


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
