"""What the ledger says about a merchant before anybody looks: for the supervisor on the spot.

show_picture(picture, outlook, seen)

As JSON it is `ledger.exchange.answers.checking`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from ledger.custody.authoring import instant
from ledger.custody.goods import plain
from ledger_cli import show
from ledger_cli.acting import local

if TYPE_CHECKING:
    from ledger.custody.preparing import Outlook, Picture
    from ledger.log import Seen


def show_picture(picture: Picture, outlook: Outlook, seen: Seen) -> None:
    """The whole picture as tables."""
    _head(picture, outlook, seen)
    show.table(
        "应有货物 Held by the ledger",
        [("批次", "Batch"), ("品名", "Name"), ("数量", "Quantity#"), ("单位", "Unit"), ("条目", "Entry#")],
        [(one.batch, one.name, plain(one.amount), one.unit, one.since) for one in picture.holdings],
    )
    if picture.handovers:
        show.table(
            "未确认的移交 Handovers not answered",
            [("记录号", "Id"), ("来自", "From"), ("时间", "At")],
            [(UUID(bytes=one.id), one.sender, instant(one.occurred * 1000)) for one in picture.handovers],
        )
    if outlook.temperatures:
        show.table(
            "冷藏冷冻区温度 Temperatures since the last check",
            [
                ("区域", "Zone"),
                ("最低", "Lowest#"),
                ("最高", "Highest#"),
                ("记录数", "Readings#"),
                ("缺测分钟", "Missing minutes#"),
                ("最近", "Latest"),
            ],
            [
                (
                    one.zone,
                    _celsius(one.low),
                    _celsius(one.high),
                    one.readings,
                    one.missing,
                    local(one.until * 1000) if one.until is not None else "无 none",
                )
                for one in outlook.temperatures
            ],
        )
    if outlook.documents:
        show.table(
            "待补单据 Documents due",
            [("问题", "Finding"), ("单据", "Document"), ("详情", "Detail")],
            [(show.label("finding_code", one.code), one.subject, one.detail) for one in outlook.documents],
        )
    if outlook.orders:
        show.table(
            "未销号整改 Open orders",
            [
                ("条目", "Entry#"),
                ("问题", "Finding"),
                ("对象", "Subject"),
                ("期限", "Deadline"),
                ("状态", "State"),
            ],
            [
                (
                    one.index,
                    show.label("finding_code", one.code),
                    one.subject,
                    local(one.deadline_ms),
                    one.state,
                )
                for one in outlook.orders
            ],
        )


def _head(picture: Picture, outlook: Outlook, seen: Seen) -> None:
    last = picture.last_check
    done = picture.disinfected
    show.print_line(f"{picture.enrolment.name}（{picture.enrolment.merchant}）")
    show.pairs(
        [
            ("台账 Ledger", f"{seen.size} 条 entries, {seen.root[:16]}…"),
            ("网格 Grid", picture.enrolment.grid),
            ("规则集 Rule sets", ", ".join(ruleset.body.code for ruleset in picture.rulesets) or "无 none"),
            ("上次检查 Last check", f"{date.fromordinal(last.day)} ({last.findings})" if last else "无 none"),
            ("上次消毒 Last disinfection", instant(done.end * 1000) if done else "无 none"),
        ]
    )
    for reading in picture.attested:
        period = f"{date.fromordinal(reading.start)} – {date.fromordinal(reading.end)}"
        show.pairs([("三清声明 Attested", f"{reading.subject.partition(':')[0]} {period}")])
    for card in outlook.cards:
        closes = "，停业 closed" if card.value["closes"] else ""
        show.pairs(
            [("未摘的牌 Card standing", f"{show.label('card', card.value['card'])} ({card.index}){closes}")]
        )
    if outlook.suspension is not None:
        decision = outlook.suspension
        show.pairs([("停业 Suspended", f"{decision.value['document_number']} ({decision.index})")])


def _celsius(hundredths: int | None) -> str | None:
    return None if hundredths is None else plain(hundredths * 10_000)
