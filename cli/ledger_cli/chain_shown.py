"""A merchant's chain and what is proved of it, for `custody coverage --prove` and `custody check-coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_cli import show
from ledger_cli.language import _

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
        _("Checks of {merchant}", merchant=proved.merchant),
        [
            _("Week"),
            _("Day"),
            show.Number(_("Entry")),
            _("Officers"),
            show.Number(_("Findings")),
            _("Recorded"),
            "",
        ],
        [
            (
                week_text(one.week),
                one.day,
                one.index,
                ", ".join(_officer(holder) for holder in one.officers),
                one.findings,
                one.recorded_at,
                "" if one.taken_back is None else _("taken back by entry {entry}", entry=one.taken_back),
            )
            for one in listed
        ],
    )
    show.pairs(
        [
            (_("Ledger"), point.origin),
            (_("Checkpoint"), f"{point.size} {point.root.hex()}"),
            (_("Entries of the merchant"), len(proved.entries)),
            (_("Last"), f"{last.index} ({last.recorded_at})"),
        ]
    )


def _officer(holder: Holder) -> str:
    return _(
        "{who} ({role}, granted by entry {entry})",
        who=holder.holder or holder.scope,
        role=show.label("role", holder.role),
        entry=holder.entry,
    )
