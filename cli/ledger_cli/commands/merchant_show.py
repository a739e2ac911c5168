"""`custody merchant show`: what is known of one merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    pass

EXAMPLES = """
custody merchant show 92410104MACU00014Y
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="CODE", help=N_("Credit code of the merchant."))],
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

    show.print_line(f"{answer['name']} {answer['merchant']}")
    show.pairs(
        [
            (_("Entry"), answer["index"]),
            (_("Address"), answer["address"]),
            (_("Grid"), answer["grid"]),
            (_("Place"), show.label("place_kind", answer["place_kind"])),
            (_("Goods classes"), show.labels("goods_class", answer["goods_classes"])),
            (_("Staff"), answer.get("staff_count")),
            (_("Supervisor"), answer.get("supervisor")),
            (_("Contact"), answer["contact"]),
        ]
    )
    show.table(
        _("Zones"),
        [
            _("Code"),
            _("Name"),
            _("Goods class"),
            _("Storage"),
            _("Dedicated"),
        ],
        [
            (
                zone["code"],
                zone["name"],
                show.label("goods_class", zone.get("goods_class") or ""),
                show.label("storage", zone["storage"]),
                _("yes") if zone["dedicated"] else _("no"),
            )
            for zone in answer.get("zones") or []
        ],
    )
    show.table(
        _("Keys"),
        [_("Key id"), _("Role"), show.Number(_("Granted")), _("State")],
        [
            (
                key["keyid"][:16],
                show.label("role", key["role"]),
                key["granted_at"],
                _("revoked") if key["revoked"] else "",
            )
            for key in answer["keys"]
        ],
    )
