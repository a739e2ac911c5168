"""`custody card issue`: the yellow or red card that the rules ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.acting import Code, Inspection, Subject
from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger.custody.facts import Ruleset
    from ledger_cli.draft import Draft
    from ledger_schemas import CardStep

EXAMPLES = """
custody card issue 92410104MACU00014Y --code temperature_gap --reason "温度记录中断 No readings" --key officer-a
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help="统一社会信用代码 Credit code.")],
    inspection: Inspection = None,
    code: Code = None,
    subject: Subject = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="亮牌原因 What the violation was.")
    ] = None,
    ruleset: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="依据的规则集 Rule set, where several in force have cards."),
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
        confirmed(draft, "签发？ Issue it?")
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
        listed=listed or "none",
        field="--ruleset",
    )


def _show(draft: Draft, merchant: str, ruleset: Ruleset, step: CardStep) -> None:
    from ledger_cli import show

    window = f"{step.window_days} 天内 days" if step.window_days else "一直累计 counted for good"
    draft.frame.note(
        f"{draft.enrolment(merchant).name}（{merchant}）: 第 {step.step} 次违规 violation {step.step} ({window}) → "
        f"{show.label('card', step.card)}, "
        f"{'停业整改，摘牌前不得进货销售 closes the shop' if step.closes else '不停业 does not close'} "
        f"({ruleset.body.code})"
    )
