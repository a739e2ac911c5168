"""`custody card issue`: the yellow or red card that the rules ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.acting import Code, Inspection, Subject
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.facts import Ruleset
    from ledger_cli.draft import Draft
    from ledger_schemas import CardStep

EXAMPLES = """
custody card issue 92410104MACU00014Y --code temperature_gap --reason "温度记录中断 No readings" --key officer-a
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code."))],
    inspection: Inspection = None,
    code: Code = None,
    subject: Subject = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What the violation was."))] = None,
    ruleset: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=N_("Rule set, where several in force have cards.")),
    ] = None,
) -> None:
    """Colour, step and closing are those of the rule set: first violation yellow, second red. No step is skipped.

    They are shown first; at a terminal you are asked before it is signed.
    """
    from ledger_cli.acting import confirmed, finding
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        if draft.frame.recording.body is not None:
            draft.record("card.issued", merchant, draft.body({}))
            return
        flags = finding(draft, merchant, inspection=inspection, code=code, subject=subject)
        chosen, step = _step(draft, merchant, ruleset, flags.get("subject"))
        flags |= {
            "reason": reason,
            "ruleset": chosen.body.code,
            "step": step.step,
            "card": step.card,
            "closes": step.closes,
        }
        _show(draft, merchant, chosen, step)
        confirmed(draft, _("Issue it?"))
        shown = {name: flags[name] for name in ("card", "step", "closes", "ruleset")}
        draft.record("card.issued", merchant, draft.body(flags), more=shown)


def _step(draft: Draft, merchant: str, code: str | None, subject: str | None) -> tuple[Ruleset, CardStep]:
    """The rule set and its next step for this merchant. Raises: UsageError."""
    from ledger.custody.supervision.cards import next_step
    from ledger.errors import UsageError
    from ledger.log.times import local_date
    from ledger_cli.in_force import today_in_force

    day = local_date(draft.now())
    in_force = today_in_force(draft, merchant, day)
    fitting = [one for one in in_force if one.body.card_steps and code in (None, one.body.code)]
    batch = (
        draft.facts.batch(subject.partition(":")[0], draft.as_of) if subject and len(fitting) > 1 else None
    )
    if batch is not None:
        fitting = [one for one in fitting if one.body.goods_class == batch.goods_class] or fitting
    if len(fitting) == 1:
        step = next_step(draft.facts, fitting[0], merchant, day, draft.as_of)
        if step is not None:
            return fitting[0], step
    listed = ", ".join(one.body.code for one in in_force if one.body.card_steps)
    if fitting:
        raise UsageError(
            "several rule sets have cards: choose one of {listed} with --ruleset",
            listed=listed,
            field="--ruleset",
        )
    raise UsageError(
        "rule sets with cards in force for this merchant on {day}: {listed}",
        day=day,
        listed=listed or Message("none"),
        field="--ruleset",
    )


def _show(draft: Draft, merchant: str, ruleset: Ruleset, step: CardStep) -> None:
    from ledger_cli import show

    window = _("within {days} days", days=step.window_days) if step.window_days else _("counted for good")
    draft.frame.note(
        _(
            "{name} ({merchant}): violation {step} ({window}): {card}, {closes} ({ruleset})",
            name=draft.enrolment(merchant).name,
            merchant=merchant,
            step=step.step,
            window=window,
            card=show.label("card", step.card),
            closes=_("closes the shop until it is lifted") if step.closes else _("does not close the shop"),
            ruleset=ruleset.body.code,
        )
    )
