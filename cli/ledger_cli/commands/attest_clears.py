"""`custody attest clears`: the three-clears attestation (三清)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.frame import Frame
from ledger_cli.language import N_
from ledger_cli.options import Merchant

if TYPE_CHECKING:
    from ledger.custody.facts import Ruleset
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = r"""
custody attest clears --merchant 92410104MACU00022R
custody attest clears --merchant 92410104MACU00022R --class non_cold_chain \
  --not-clear "unloading_clear:卸货未留记录 Unloading not on record"
"""


def command(
    context: typer.Context,
    merchant: Merchant = None,
    goods_class: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="CLASS", help=N_("cold_chain or non_cold_chain. Default: the merchant's.")
        ),
    ] = None,
    ruleset: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Rule set. Default: the one in force today."))
    ] = None,
    period_start: Annotated[
        str | None, typer.Option(metavar="DATE", help=N_("First day. Default: today."))
    ] = None,
    period_end: Annotated[
        str | None,
        typer.Option(metavar="DATE", help=N_("Last day. Default: as long as the rule set lets it hold.")),
    ] = None,
    not_clear: Annotated[
        list[str] | None,
        typer.Option(
            "--not-clear",
            metavar="CODE:NOTE",
            help=N_("Item that is not clear, and why; repeat."),
        ),
    ] = None,
    evidence: Annotated[
        list[str] | None,
        typer.Option("--evidence", metavar="CODE=FILE", help=N_("Picture or paper for an item; repeat.")),
    ] = None,
) -> None:
    """Every clear and every no of the rule set is attested clear, except those named with --not-clear."""
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        whose = draft.merchant(merchant)
        flags: Json = {"period_start": period_start, "period_end": period_end}
        if draft.frame.recording.body is None or ruleset is not None:
            chosen = _ruleset(draft, whose, goods_class, ruleset)
            flags = {
                "ruleset": chosen.body.code,
                "goods_class": chosen.body.goods_class,
                "items": _items(draft, chosen, not_clear or [], evidence or []),
                **_period(chosen, period_start, period_end),
            }
        draft.record("clearance.attested", whose, draft.body(flags))


def _ruleset(draft: Draft, merchant: str, goods_class: str | None, code: str | None) -> Ruleset:
    """The rule set named, or the one in force. Raises: UsageError, UnknownReference."""
    from ledger.errors import UnknownReference, UsageError
    from ledger_cli.in_force import today_in_force

    if code is not None:
        found = draft.facts.ruleset(code, draft.as_of)
        if found is None:
            raise UnknownReference(
                "there is no rule set {code}: see `custody ruleset list`", code=code, field="--ruleset"
            )
        return found
    in_force = [one for one in today_in_force(draft, merchant) if goods_class in (None, one.body.goods_class)]
    asking = [one for one in in_force if _asked(one)]
    if len(asking) == 1:
        return asking[0]
    if asking:
        classes = ", ".join(one.body.goods_class for one in asking)
        raise UsageError(
            "this merchant has {classes}: attest each, choose one with --class",
            classes=classes,
            field="--class",
        )
    silent = ", ".join(one.body.code for one in in_force)
    reason = (
        Message("{rulesets} asks for no attestation", rulesets=silent)
        if silent
        else Message("no rule set is in force today")
    )
    raise UnknownReference(
        "{reason} for {goods_class} of {merchant}: see `custody ruleset list`, or give --ruleset",
        reason=reason,
        goods_class=goods_class or Message("the goods"),
        merchant=merchant,
        field="--ruleset",
    )


def _asked(ruleset: Ruleset) -> list[str]:
    """Codes of the items to attest: the clears and the nos."""
    return [item.code for item in ruleset.body.items if item.type in ("clear", "no")]


def _items(draft: Draft, ruleset: Ruleset, not_clear: list[str], evidence: list[str]) -> list[Json]:
    from pathlib import Path

    from ledger.errors import UsageError
    from ledger_cli import inputs

    notes: dict[str, str | None] = {}
    for text in not_clear:
        code, _, note = text.partition(":")
        notes[code.strip()] = note.strip() or None
    files: dict[str, list[Json]] = {}
    for text in evidence:
        code, path = inputs.named(text, "--evidence", "CODE=FILE")
        files.setdefault(code, []).append(draft.attach(Path(path), "--evidence"))
    asked = _asked(ruleset)
    for option, codes in (("--not-clear", notes.keys()), ("--evidence", files.keys())):
        unknown = [code for code in codes if code not in asked]
        if unknown:
            raise UsageError(
                "rule set {ruleset} has no item {unknown}; it has {asked}",
                ruleset=ruleset.body.code,
                unknown=unknown[0],
                asked=", ".join(asked),
                field=option,
            )
    return [
        {"code": code, "clear": code not in notes}
        | ({"note": notes[code]} if notes.get(code) else {})
        | ({"evidence": files[code]} if code in files else {})
        for code in asked
    ]


def _period(ruleset: Ruleset, start: str | None, end: str | None) -> Json:
    """From today for as many days as an attestation holds, unless told otherwise."""
    from datetime import date, timedelta

    from ledger.errors import UsageError
    from ledger_cli.in_force import today

    if start is not None and end is None:
        try:
            first = date.fromisoformat(start)
        except ValueError as error:
            raise UsageError(
                "{start!r} is no day: write 2022-07-01", start=start, field="--period-start"
            ) from error
    else:
        first = today()
    last = first + timedelta(days=(ruleset.body.attestation_days or 1) - 1)
    return {"period_start": start or first.isoformat(), "period_end": end or last.isoformat()}
