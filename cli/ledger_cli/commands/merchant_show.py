"""`custody merchant show`: what is known of one merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame

if TYPE_CHECKING:
    pass

EXAMPLES = """
custody merchant show 92410104MACU00014Y
"""


def command(
    context: typer.Context,
    merchant: Annotated[
        str, typer.Argument(metavar="CODE", help="统一社会信用代码 Credit code of the merchant.")
    ],
) -> None:
    """Its latest enrolment, its zones and the keys that speak for it. A contact is shown if it has not been erased."""
    from ledger.errors import UsageError
    from ledger.exchange.answers.registry import merchant_json

    frame = Frame.of(context)
    with frame.reading() as ledger:
        found = ledger.facts().merchant(merchant, ledger.store.head().size)
        if found is None:
            raise UsageError(
                "merchant {merchant} is not enrolled: see `custody merchant list`",
                merchant=merchant,
                field="CODE",
            )
        answer = merchant_json(ledger, frame.home, found)
    frame.answer(answer, lambda: _show(answer))


def _show(answer: dict[str, Any]) -> None:
    from ledger_cli import show

    show.print_line(f"{answer['name']}（{answer['merchant']}）")
    show.pairs(
        [
            ("条目 Entry", answer["index"]),
            ("地址 Address", answer["address"]),
            ("网格 Grid", answer["grid"]),
            ("场所 Place", show.label("place_kind", answer["place_kind"])),
            ("货物类别 Goods", ", ".join(answer["goods_classes"])),
            ("从业人数 Staff", answer.get("staff_count")),
            ("监管员 Supervisor", answer.get("supervisor")),
            ("联系方式 Contact", answer["contact"]),
        ]
    )
    show.table(
        "专柜专区 Zones",
        [
            ("代码", "Code"),
            ("名称", "Name"),
            ("货物类别", "Goods class"),
            ("储存", "Storage"),
            ("专用", "Dedicated"),
        ],
        [
            (
                zone["code"],
                zone["name"],
                zone.get("goods_class"),
                show.label("storage", zone["storage"]),
                "是 yes" if zone["dedicated"] else "否 no",
            )
            for zone in answer.get("zones") or []
        ],
    )
    show.table(
        "密钥 Keys",
        [("编号", "Key id"), ("身份", "Role"), ("授予", "Granted#"), ("状态", "State")],
        [
            (
                key["keyid"][:16],
                show.label("role", key["role"]),
                key["granted_at"],
                "已撤销 revoked" if key["revoked"] else "",
            )
            for key in answer["keys"]
        ],
    )
