"""`custody ruleset show`: one rule set in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_cli.frame import Frame

if TYPE_CHECKING:
    from ledger_schemas import RulesetPublished

EXAMPLES = """
custody ruleset show ha-2022-07-non-cold-chain
custody ruleset show ha-2022-cold-chain --json
"""


def command(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="规则代码 Code of the rule set.")],
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
    show.print_line(f"{body.title}（{body.code}）")
    show.pairs(
        [
            ("条目 Entry", "未发布 not published" if index is None else index),
            ("地区 Place", body.jurisdiction),
            ("货物类别 Goods class", show.label("goods_class", body.goods_class)),
            ("有效期 Valid", f"{body.valid_from} – {body.valid_to or '…'}"),
            ("代替 Replaces", body.replaces),
            ("依据 Legal basis", "；".join(body.legal_basis)),
            ("必需单据 Documents required", ", ".join(d.type for d in body.documents if d.required)),
            ("每周检查 Checks a week", f"{body.checks_per_week}, ≥ {body.min_days_between} d"),
            ("消毒 Disinfection, hours", body.disinfection_hours),
            ("冷冻 Frozen ℃", limits.frozen_max and f"≤ {limits.frozen_max}"),
            ("冷藏 Chilled ℃", limits.chilled_min and f"{limits.chilled_min} – {limits.chilled_max}"),
            ("到货 On arrival ℃", limits.arrival_max and f"≤ {limits.arrival_max}"),
            ("温度中断 Gap, minutes", body.temperature_gap_minutes),
            ("补录时限 Late after, hours", body.late_hours),
            ("交接时限 Handover, hours", body.handover_hours),
            ("声明有效 Attestation, days", body.attestation_days),
            ("承诺书 Commitment", body.commitment and f"{body.commitment.title} {body.commitment.version}"),
            ("明白卡 Briefing", body.briefing and f"{body.briefing.title} {body.briefing.version}"),
        ]
    )


def _items(body: RulesetPublished) -> None:
    from ledger_cli import show

    show.table(
        "事项 Items",
        [("代码", "Code"), ("类型", "Type"), ("标题", "Title"), ("矛盾", "Contradicted by")],
        [
            (item.code, show.label("item_type", item.type), item.title, ", ".join(item.contradicted_by))
            for item in body.items
        ],
    )
    show.table(
        "检查清单 Checklist",
        [("代码", "Code"), ("标题", "Title")],
        [(item.code, item.title) for item in body.checklist],
    )
