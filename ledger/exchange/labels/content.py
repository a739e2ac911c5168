"""What stands on the label of a batch: only what may be public.

    label = label_of(trace_batch(store, facts, "B1", as_of=size), Base.of("https://custody.example"))
    label.name, label.link

Name, brand, GTIN, lot, days and country stand on the goods themselves, and the batch is what everybody calls them by.
Who supplied, bought or holds them, papers, quantities and temperatures are not taken from the receipt: whoever may
see them finds them behind the link.
"""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale

from ledger.custody.trace import Trace
from ledger.errors import UsageError
from ledger.exchange.labels.link import Base
from ledger_schemas.words import Label as Said

COLD_CHAIN = Said("进口冷链", "Cold chain")
PURPOSE = Said("扫码查来源、验台账", "Scan for origin and ledger proof")


@dataclass(frozen=True)
class Label:
    """One label. `facts` are names and values in the order in which they are printed."""

    batch: str
    name: str
    cold_chain: bool
    link: str
    facts: tuple[tuple[Said, str], ...]


def label_of(trace: Trace, base: Base) -> Label:
    """The label of a batch. Raises: UsageError when the receipt was taken back."""
    if trace.taken_back:
        raise UsageError(
            "the receipt of batch {batch} was taken back (entry {entry}): label the batch that replaces it",
            batch=trace.batch,
            entry=trace.origin.entry.index,
            field="BATCH",
        )
    line = trace.origin.line
    facts = (
        (Said("批次", "Batch"), trace.batch),
        (Said("原产国", "Origin"), _country(line.origin_country)),
        (Said("品牌", "Brand"), line.brand),
        (Said("规格", "Specification"), line.specification),
        (Said("生产日期", "Produced"), line.production_date),
        (Said("保质期至", "Best before"), line.best_before),
        (Said("生产批号", "Lot"), line.lot),
        (Said("商品条码", "GTIN"), line.gtin),
    )
    return Label(
        trace.batch,
        line.name,
        line.goods_class == "cold_chain",
        base.link(trace.batch, gtin=line.gtin, lot=line.lot),
        tuple((name, value) for name, value in facts if value),
    )


def _country(code: str | None) -> str | None:
    """A country in both languages, as CLDR calls it."""
    if code is None:
        return None
    names = [Locale.parse(locale).territories.get(code) for locale in ("zh_CN", "en")]
    return " ".join(name for name in names if name) or code
