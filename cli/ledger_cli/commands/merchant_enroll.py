"""`custody merchant enroll`: a merchant comes under supervision, or something about it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _
from ledger_cli.options import Contact

if TYPE_CHECKING:
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = r"""
custody merchant enroll 92410104MACU00014Y --name "二里岗冷库" --address "城东路 1 号" --grid erligang/3/07 \
  --kind cold_store --class cold_chain \
  --zone code=冷库-1,name=一号冷库,class=cold_chain,storage=frozen,dedicated=yes
custody merchant enroll 92410104MACU00022R --name "城东超市" --address "城东路 9 号" --grid erligang/3/08 \
  --kind supermarket --class cold_chain --class non_cold_chain --contact "李四 13800000000"
custody merchant enroll 92410104MACU00022R --address "城东路 11 号"
"""

YES = {"yes": True, "true": True, "1": True, "是": True, "no": False, "false": False, "0": False, "否": False}


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="CODE", help=N_("Credit code of the merchant."))],
    name: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Name on the licence."))] = None,
    address: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Where it does business."))] = None,
    grid: Annotated[str | None, typer.Option(metavar="PATH", help=N_("Grid, such as erligang/3/07."))] = None,
    place_kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help=N_("shop, stall, supermarket, market, cold_store, warehouse, restaurant, other."),
        ),
    ] = None,
    goods_classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="CLASS", help=N_("cold_chain or non_cold_chain; repeat.")),
    ] = None,
    zones: Annotated[
        list[str] | None,
        typer.Option(
            "--zone",
            metavar="MEMBERS",
            help=N_("code=…,name=…,class=…,storage=frozen|chilled|ambient,dedicated=yes|no; repeat."),
        ),
    ] = None,
    staff: Annotated[int | None, typer.Option(metavar="N", help=N_("People who handle the goods."))] = None,
    supervisor: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=N_("Pseudonym of the responsible supervisor.")),
    ] = None,
    contact: Contact = None,
) -> None:
    """The latest enrolment holds. For a merchant enrolled before, give only what has changed."""
    from ledger_cli import inputs
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        flags = {
            "name": name,
            "address": address,
            "grid": grid,
            "place_kind": place_kind,
            "goods_classes": goods_classes or None,
            "zones": [_zone(text) for text in zones] if zones else None,
            "staff_count": staff,
            "supervisor": supervisor,
            "contact": draft.seal("contact", contact),
        }
        body = inputs.merged(_before(draft, merchant), draft.body(flags))
        _warn(draft, merchant)
        where = body.get("grid")
        draft.record("merchant.enrolled", merchant, body, grid=where if isinstance(where, str) else None)


def _before(draft: Draft, merchant: str) -> Json:
    """The body of the enrolment so far, unless a whole body is given."""
    found = draft.facts.merchant(merchant, draft.as_of)
    if found is None or draft.frame.recording.body is not None:
        return {}
    return dict(draft.ledger.entry(found.index).statement.body)


def _warn(draft: Draft, merchant: str) -> None:
    """A wrong check character is no reason to refuse: published codes exist that fail it."""
    from ledger_cli.boundary import said
    from ledger_schemas import credit_code_problem

    flaw = credit_code_problem(merchant)
    if flaw is not None and flaw.severity == "warning":
        draft.frame.note(_("Note: {text}", text=f"{merchant}: {said(flaw)}"))


def _zone(text: str) -> Json:
    from ledger.errors import UsageError
    from ledger_cli import inputs

    zone: Json = dict(inputs.members(text, "--zone"))
    if "class" in zone:
        zone["goods_class"] = zone.pop("class")
    dedicated = str(zone.get("dedicated", "no")).lower()
    if dedicated not in YES:
        raise UsageError("dedicated is yes or no, not {dedicated!r}", dedicated=dedicated, field="--zone")
    return {"name": zone.get("code"), **zone, "dedicated": YES[dedicated]}
