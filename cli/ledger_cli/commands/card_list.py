"""`custody card list`: cards and suspensions, and which of them stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from datetime import date

    from ledger.custody.supervision.cards import Standing, Suspension

EXAMPLES = """
custody card list
custody card list --standing --json
"""


def command(
    context: typer.Context,
    standing: Annotated[
        bool, typer.Option("--standing", help="只列未摘的牌和现行停业 Only what stands today.")
    ] = False,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help="只列此商户 Only this merchant.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Cards stand until they are lifted; suspensions have days. Standing means today, or on the day of --as-of."""
    from datetime import UTC, datetime

    from ledger.custody.authoring import CHINA
    from ledger.custody.supervision.cards import cards, suspensions
    from ledger.exchange.answers.supervision import cards_json
    from ledger_cli.asking import moment

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        day = datetime.fromtimestamp(moment(ledger, as_of) / 1000, UTC).astimezone(CHINA).date()
        reader = ledger.store.facts
        issued = cards(*(reader.matters_of_topic(topic, before=size) for topic in ("card", "card_lifted")))
        decided = suspensions(reader.matters_of_topic("suspension", before=size))
        names = {one.merchant: one.name for one in ledger.facts().enrolled(size)}
    issued = [
        one
        for one in issued
        if merchant in (None, one.merchant) and not (standing and one.lifted is not None)
    ]
    decided = [
        one for one in decided if merchant in (None, one.merchant) and (not standing or one.covers(day))
    ]
    answer = cards_json(issued, decided, as_of=size, day=day)
    frame.answer(answer, lambda: _show(issued, decided, names, day, size))


def _show(
    issued: list[Standing], decided: list[Suspension], names: dict[str, str], day: date, size: int
) -> None:
    from ledger_cli import show
    from ledger_cli.acting import local

    show.table(
        f"红黄牌 Cards (as of {size})",
        [
            ("条目", "Entry#"),
            ("商户", "Merchant"),
            ("代码", "Code"),
            ("牌", "Card"),
            ("第几次", "Step#"),
            ("停业", "Closes"),
            ("问题", "Finding"),
            ("时间", "Issued"),
            ("状态", "State"),
        ],
        [
            (
                one.index,
                names.get(one.merchant),
                one.merchant,
                show.label("card", one.card),
                one.step,
                "是 yes" if one.closes else "否 no",
                show.label("finding_code", one.code),
                local(one.at_ms),
                "未摘 standing" if one.lifted is None else f"已摘 lifted by {one.lifted}",
            )
            for one in issued
        ],
    )
    show.table(
        "停业决定 Suspensions",
        [
            ("条目", "Entry#"),
            ("商户", "Merchant"),
            ("代码", "Code"),
            ("文号", "Document number"),
            ("期间", "Days"),
            ("状态", "State"),
        ],
        [
            (
                one.index,
                names.get(one.merchant),
                one.merchant,
                one.document_number,
                f"{one.starts} – {one.ends or '…'}",
                "现行 in force" if one.covers(day) else "",
            )
            for one in decided
        ],
    )
