"""`custody ruleset test`: what a draft would change for a merchant; nothing is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _, language

if TYPE_CHECKING:
    from datetime import date

    from ledger.custody.trial import Rules, Trial
    from ledger_schemas import RulesetPublished

EXAMPLES = """
custody ruleset test ha-2022-07-non-cold-chain --merchant 92410104MACU00022R
custody ruleset test cold-chain.json --merchant 92410104MACU00014Y --day 2027-01-04 --json
"""


def command(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help=N_("Draft as JSON or TOML, or the code of a rule set that comes with the program."),
        ),
    ],
    merchant: Annotated[
        str,
        typer.Option("--merchant", "-m", metavar="CODE", help=N_("Credit code of the merchant.")),
    ],
    day: Annotated[
        str | None,
        typer.Option(metavar="DAY", help=N_("Day to compare on. Default: today, or the draft's first day.")),
    ] = None,
) -> None:
    """Findings now and under the draft with nothing observed, checks per week, documents and card steps."""
    from ledger.custody.admission import checked_body
    from ledger.custody.trial import try_ruleset
    from ledger_cli.boundary import described
    from ledger_cli.frame import now_ms
    from ledger_schemas import RulesetPublished

    frame = Frame.of(context)
    body = checked_body("ruleset.published", _load(source))
    assert isinstance(body, RulesetPublished)  # noqa: S101 - checked_body returns the model of its kind
    with frame.reading() as ledger:
        on = _day(day, body)
        size = ledger.store.head().size
        facts = ledger.facts()
        taken = facts.ruleset(body.code, size)
        trial = try_ruleset(facts, ledger.setting, body, merchant, day=on, at_ms=now_ms(), as_of=size)
        place = ledger.setting.jurisdiction
    refused = trial.refusal
    refusal = None if refused is None else {"code": refused.code, **described(refused)}
    answer = {
        "ruleset": body.code,
        "merchant": merchant,
        "day": str(on),
        "as_of": size,
        "published_by": None if taken is None else taken.index,
        "applies": trial.applies,
        "refusal": refusal,
        "now": _as_json(trial.now),
        "then": _as_json(trial.then),
        "new_findings": [one._asdict() for one in trial.new],
        "gone_findings": [one._asdict() for one in trial.gone],
    }
    frame.answer(answer, lambda: _show(trial, body, on, place))
    if taken is not None:
        frame.note(
            _(
                "Note: {text}",
                text=_(
                    "{code} was published by entry {entry}: a draft is published under a new code",
                    code=body.code,
                    entry=taken.index,
                ),
            )
        )
    elif refused is not None:
        frame.note(_("Note: this would be refused: {reason}", reason=language().error(refused)))


def _load(source: str) -> dict[str, Any]:
    from ledger_cli import inputs
    from ledger_schemas import default_rulesets

    for body in default_rulesets():
        if body["code"] == source and not Path(source).exists():
            return body
    return inputs.load(source, "FILE")


def _day(text: str | None, body: RulesetPublished) -> date:
    from datetime import date

    from ledger.errors import UsageError
    from ledger_cli.in_force import today

    if text is None:
        return max(today(), date.fromisoformat(body.valid_from))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("{text!r} is no day: write 2026-11-23", text=text, field="--day") from error


def _as_json(rules: Rules) -> dict[str, Any]:
    return {
        "rulesets": [one.body.code for one in rules.rulesets],
        "checks_per_week": rules.checks_per_week,
        "documents": [{"goods_class": goods, "type": kind} for goods, kind in rules.documents],
        "next_cards": [
            {"goods_class": goods, "step": None if step is None else step.model_dump(mode="json")}
            for goods, step in rules.next_cards
        ],
        "findings": [one._asdict() for one in rules.findings],
    }


def _show(trial: Trial, body: RulesetPublished, day: date, place: str) -> None:
    from ledger_cli import show

    if not trial.applies:
        show.print_line(
            _(
                "{code} does not apply to this merchant on {day}: {jurisdiction}, {goods_class}, {start} – {end} "
                "(ledger: {place})",
                code=body.code,
                day=day,
                jurisdiction=body.jurisdiction,
                goods_class=show.label("goods_class", body.goods_class),
                start=body.valid_from,
                end=body.valid_to or "…",
                place=place,
            )
        )
    show.table(
        _("What would change on {day}", day=day),
        ["", _("Now"), _("Under the draft"), ""],
        [
            (_(name), old, new, _("changed") if old != new else "")
            for name, old, new in zip(_NAMES, _lines(trial.now), _lines(trial.then), strict=True)
        ],
    )
    for title, found in ((_("New findings"), trial.new), (_("Findings gone"), trial.gone)):
        show.table(
            title,
            [_("Finding"), _("Subject"), _("Detail")],
            [
                (
                    show.label("finding_code", one.code, typed=True),
                    one.subject,
                    language().told(one.detail or ""),
                )
                for one in found
            ],
        )
    show.print_line(
        _(
            "findings now {now}, under the draft {then}; nothing was published",
            now=len(trial.now.findings),
            then=len(trial.then.findings),
        )
    )


_NAMES = (N_("Rule sets"), N_("Checks a week"), N_("Documents required"), N_("Next card"))


def _lines(rules: Rules) -> tuple[str, ...]:
    from ledger_cli import show

    closes = ", " + _("closes the shop")
    cards = [
        f"{show.label('goods_class', goods)}: {show.label('card', step.card)} "
        f"({step.step}{closes if step.closes else ''})"
        for goods, step in rules.next_cards
        if step is not None
    ]
    return (
        ", ".join(one.body.code for one in rules.rulesets) or _("none"),
        str(rules.checks_per_week),
        ", ".join(
            f"{show.label('goods_class', goods)}: {show.label('document_type', kind)}"
            for goods, kind in rules.documents
        )
        or _("none"),
        ", ".join(cards) or _("none"),
    )
