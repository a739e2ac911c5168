"""`custody ruleset test`: what a draft would change for a merchant; nothing is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame

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
            help="规则草案 Draft as JSON or TOML, or the code of a rule set that comes with the program.",
        ),
    ],
    merchant: Annotated[
        str,
        typer.Option("--merchant", "-m", metavar="CODE", help="商户信用代码 Credit code of the merchant."),
    ],
    day: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="哪一天 Day to compare on. Default: today, or the draft's first day."
        ),
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
            f"提醒 Note: {body.code} was published by entry {taken.index}: a draft is published under a new code"
        )
    elif refused is not None:
        frame.note(f"提醒 Note: 照此不能发布 would be refused: {refused.field}: {refused.message}")


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
            f"{body.code} 在 {day} 不适用于该商户 does not apply to this merchant: {body.jurisdiction}, "
            f"{body.goods_class}, {body.valid_from} – {body.valid_to or '…'} (ledger {place})"
        )
    show.table(
        f"规则变化 What would change on {day}",
        [("", ""), ("现行", "Now"), ("草案", "Under the draft"), ("", "")],
        [
            (name, old, new, "变 changed" if old != new else "")
            for name, old, new in zip(_NAMES, _lines(trial.now), _lines(trial.then), strict=True)
        ],
    )
    for title, found in (("新增问题 New findings", trial.new), ("消失问题 Findings gone", trial.gone)):
        show.table(
            title,
            [("问题", "Finding"), ("对象", "Subject"), ("详情", "Detail")],
            [(show.label("finding_code", one.code), one.subject, one.detail) for one in found],
        )
    show.print_line(
        f"问题 findings: 现行 now {len(trial.now.findings)}，草案 draft {len(trial.then.findings)}；"
        "未发布 nothing published"
    )


_NAMES = ("规则集 Rule sets", "每周检查 Checks a week", "必需单据 Documents", "下一张牌 Next card")


def _lines(rules: Rules) -> tuple[str, ...]:
    from ledger_cli import show

    cards = [
        f"{goods}: {show.label('card', step.card)} ({step.step}{', 停业 closes' if step.closes else ''})"
        for goods, step in rules.next_cards
        if step is not None
    ]
    return (
        ", ".join(one.body.code for one in rules.rulesets) or "无 none",
        str(rules.checks_per_week),
        ", ".join(f"{goods}:{kind}" for goods, kind in rules.documents) or "无 none",
        ", ".join(cards) or "无 none",
    )
