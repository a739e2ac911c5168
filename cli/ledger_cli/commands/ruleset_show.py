"""`custody ruleset show`: one rule set in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger_schemas import RulesetPublished

EXAMPLES = """
custody ruleset show ha-2022-07-non-cold-chain
custody ruleset show ha-2022-cold-chain --json
"""


def command(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("Code of the rule set."))],
) -> None:
    """One that the ledger holds, else one that comes with the program. With --json it is the body of a statement."""
    from ledger_schemas import RulesetPublished, parse_body

    frame = Frame.of(context)
    body, index = _find(frame, code)
    ruleset = parse_body("ruleset.published", body)
    assert isinstance(ruleset, RulesetPublished)  # noqa: S101 - parse_body returns the model of its kind
    frame.answer(body, lambda: _show(ruleset, index))


def _find(frame: Frame, code: str) -> tuple[dict[str, Any], int | None]:
    from ledger.errors import NotALedger, UsageError
    from ledger_schemas import default_rulesets

    known = [body["code"] for body in default_rulesets()]
    try:
        with frame.reading() as ledger:
            found = ledger.facts().ruleset(code, ledger.store.head().size)
            if found is not None:
                return dict(ledger.entry(found.index).statement.body), found.index
            known = [one.body.code for one in ledger.facts().rulesets(ledger.store.head().size)] + known
    except NotALedger:
        pass  # those that come with the program can be read anywhere
    for body in default_rulesets():
        if body["code"] == code:
            return body, None
    raise UsageError(
        "there is no rule set {code}; there are {known}",
        code=code,
        known=", ".join(dict.fromkeys(known)),
        field="CODE",
    )


def _show(body: RulesetPublished, index: int | None) -> None:
    _head(body, index)
    _items(body)


def _head(body: RulesetPublished, index: int | None) -> None:
    from ledger_cli import show

    limits = body.limits
    show.print_line(f"{body.title} {body.code}")
    show.pairs(
        [
            (_("Entry"), _("not published") if index is None else index),
            (_("Jurisdiction"), body.jurisdiction),
            (_("Goods class"), show.label("goods_class", body.goods_class)),
            (_("Valid"), f"{body.valid_from} – {body.valid_to or '…'}"),
            (_("Replaces"), body.replaces),
            (_("Legal basis"), "；".join(body.legal_basis)),
            (
                _("Documents required"),
                show.labels("document_type", [d.type for d in body.documents if d.required]),
            ),
            (
                _("Checks a week"),
                _(
                    "{count}, at least {days} days apart",
                    count=body.checks_per_week,
                    days=body.min_days_between,
                ),
            ),
            (_("Disinfection, hours"), body.disinfection_hours),
            (_("Frozen ℃"), limits.frozen_max and f"≤ {limits.frozen_max}"),
            (_("Chilled ℃"), limits.chilled_min and f"{limits.chilled_min} – {limits.chilled_max}"),
            (_("On arrival ℃"), limits.arrival_max and f"≤ {limits.arrival_max}"),
            (_("Gap, minutes"), body.temperature_gap_minutes),
            (_("Late after, hours"), body.late_hours),
            (_("Handover, hours"), body.handover_hours),
            (_("Attestation, days"), body.attestation_days),
            (_("Commitment"), body.commitment and f"{body.commitment.title} {body.commitment.version}"),
            (_("Briefing"), body.briefing and f"{body.briefing.title} {body.briefing.version}"),
        ]
    )


def _items(body: RulesetPublished) -> None:
    from ledger_cli import show

    show.table(
        _("Items"),
        [_("Code"), _("Type"), _("Title"), _("Contradicted by")],
        [
            (
                item.code,
                show.label("item_type", item.type),
                item.title,
                show.labels("finding_code", item.contradicted_by),
            )
            for item in body.items
        ],
    )
    show.table(
        _("Checklist"),
        [_("Code"), _("Title")],
        [(item.code, item.title) for item in body.checklist],
    )
