"""A merchant's chain and what is proved of it, for `custody coverage --prove` and `custody check-coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_cli import show

if TYPE_CHECKING:
    from ledger.custody.chain_making import Listed
    from ledger.custody.merchant_chain import Holder, MerchantChain


def as_json(proved: MerchantChain, listed: list[Listed], *, by_all: str | None) -> dict[str, Any]:
    """What is proved, and the checks; `by_all`: the bundle whose entries prove that the last is the last."""
    from ledger.custody.coverage import week_text

    last, point = proved.entries[-1], proved.checkpoint
    return {
        "merchant": proved.merchant,
        "origin": point.origin,
        "size": point.size,
        "root": point.root.hex(),
        "entries": len(proved.entries),
        "last_entry": {
            "index": last.index,
            "merchant_seq": last.merchant_seq,
            "recorded_at": last.recorded_at,
        },
        "last_is_last": "claimed by the log" if by_all is None else "proved from all entries",
        "bundle": by_all,
        "checks": [
            one._asdict()
            | {"week": week_text(one.week), "officers": [holder._asdict() for holder in one.officers]}
            for one in listed
        ],
    }


def show_checks(proved: MerchantChain, listed: list[Listed]) -> None:
    """The checks as a table, then how far the chain goes."""
    from ledger.custody.coverage import week_text

    last, point = proved.entries[-1], proved.checkpoint
    show.table(
        f"{proved.merchant} 检查 Checks",
        [
            ("周", "Week"),
            ("日期", "Day"),
            ("条目", "Entry#"),
            ("监管员", "Officers"),
            ("问题", "Findings#"),
            ("入账", "Recorded"),
            ("", ""),
        ],
        [
            (
                week_text(one.week),
                one.day,
                one.index,
                ", ".join(_officer(holder) for holder in one.officers),
                one.findings,
                one.recorded_at,
                "" if one.taken_back is None else f"已被条目 {one.taken_back} 更正 taken back",
            )
            for one in listed
        ],
    )
    show.pairs(
        [
            ("台账 Ledger", point.origin),
            ("检查点 Checkpoint", f"{point.size} {point.root.hex()}"),
            ("该商户条目 Entries of the merchant", len(proved.entries)),
            ("最后一条 Last", f"{last.index} ({last.recorded_at})"),
        ]
    )


def _officer(holder: Holder) -> str:
    return f"{holder.holder or holder.scope} ({holder.role}, 授予条目 granted by entry {holder.entry})"
