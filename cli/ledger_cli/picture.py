"""What the ledger says about a merchant before anybody looks: for the supervisor on the spot, and for programs.

show_picture(picture, outlook, names)
as_json(picture, outlook, seen)["orders"]
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ledger.custody.authoring import instant
from ledger.custody.goods import plain
from ledger_cli import show
from ledger_cli.acting import local
from ledger_cli.asking import amount

if TYPE_CHECKING:
    from ledger.custody.preparing import Outlook, Picture, ZoneReadings
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


def as_json(picture: Picture, outlook: Outlook, seen: Seen) -> dict[str, Any]:
    """The picture as one object; `check` is the beginning of a file for `custody inspect --from`."""
    enrolment, last = picture.enrolment, picture.last_check
    return {
        "merchant": enrolment.merchant,
        "name": enrolment.name,
        "grid": enrolment.grid,
        "seen": seen._asdict(),
        "rulesets": [one.body.code for one in picture.rulesets],
        "checklist": [{"code": item.code, "title": item.title} for item in picture.checklist],
        "last_check": None
        if last is None
        else {"index": last.index, "day": str(date.fromordinal(last.day)), "findings": last.findings},
        "disinfected_at": None if picture.disinfected is None else instant(picture.disinfected.end * 1000),
        "attested": [
            {
                "goods_class": one.subject.partition(":")[0],
                "period_start": str(date.fromordinal(one.start)),
                "period_end": str(date.fromordinal(one.end)),
                "index": one.index,
            }
            for one in picture.attested
        ],
        "holdings": [
            {
                "batch": one.batch,
                "name": one.name,
                "quantity": amount(one.amount, one.unit),
                "index": one.since,
            }
            for one in picture.holdings
        ],
        "handovers": [
            {"id": str(UUID(bytes=one.id)), "from": one.sender, "at": instant(one.occurred * 1000)}
            for one in picture.handovers
        ],
        "temperatures": [_zone_json(one) for one in outlook.temperatures],
        "documents_due": [one._asdict() for one in outlook.documents],
        "orders": [
            {
                "index": one.index,
                "id": one.id,
                "code": one.code,
                "subject": one.subject,
                "deadline": instant(one.deadline_ms),
                "state": one.state,
            }
            for one in outlook.orders
        ],
        "cards": [
            {
                "index": one.index,
                **{name: one.value[name] for name in ("id", "card", "step", "closes", "code")},
            }
            for one in outlook.cards
        ],
        "suspension": None if outlook.suspension is None else outlook.suspension.value["document_number"],
        "check": {
            "merchant": enrolment.merchant,
            "seen": seen._asdict(),
            "observed": {"stock": [], "unlisted": [], "temperatures": [], "checklist": []},
        },
    }


def _zone_json(one: ZoneReadings) -> dict[str, Any]:
    return {
        "zone": one.zone,
        "readings": one.readings,
        "low": _celsius(one.low),
        "high": _celsius(one.high),
        "missing_minutes": one.missing,
        "until": None if one.until is None else instant(one.until * 1000),
    }


def _celsius(hundredths: int | None) -> str | None:
    return None if hundredths is None else plain(hundredths * 10_000)
