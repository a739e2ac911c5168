"""What a supervisor saw, from options, a file, or answers at the terminal.

    observed = observe(picture, notes, ask=ask_at_terminal)

Every question of the checklist gets an answer here, or the command says which are missing. Nothing is judged: that is
done by the findings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.custody.goods import plain
from ledger.custody.preparing import Picture
from ledger.errors import UsageError
from ledger.messages import Message
from ledger_cli import inputs, show
from ledger_cli.inputs import Json
from ledger_cli.language import _

OK = {"ok", "yes", "y", "是", "合格", "pass", "passed"}
NOT_OK = {"fail", "no", "n", "否", "不合格", "failed"}

Ask = Callable[[str], str]
"""Puts a question to the person at the terminal and gives the answer."""


@dataclass
class Notes:
    """The options of `custody inspect` that say what was seen."""

    counts: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    temperatures: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    all_ok: bool = False
    prepared: Json = field(default_factory=dict)
    """What a file says was seen."""

    @property
    def empty(self) -> bool:
        """Whether nothing was seen, as far as the options say."""
        return not (
            self.counts or self.unlisted or self.temperatures or self.checks or self.all_ok or self.prepared
        )


def observe(picture: Picture, notes: Notes, ask: Ask | None) -> Json:
    """The `observed` of the body. Raises: UsageError for wrong notation and for unanswered questions."""
    observed = dict(notes.prepared)
    _add(observed, "stock", [_count(text) for text in notes.counts])
    _add(observed, "unlisted", [_unlisted(text) for text in notes.unlisted])
    _add(observed, "temperatures", [_temperature(picture, text) for text in notes.temperatures])
    _add(observed, "checklist", [_check(picture, text) for text in notes.checks])
    if ask is not None and not observed.get("stock"):
        _add(observed, "stock", _ask_counts(picture, ask))
    _add(observed, "checklist", _rest_of_checklist(picture, observed, notes, ask))
    return observed


def _add(observed: Json, name: str, members: list[Json]) -> None:
    if members:
        there: Any = observed.get(name)  # Any: from a file, the schemas look at it later
        observed[name] = (there if isinstance(there, list) else []) + members


def _count(text: str) -> Json:
    batch, amount = inputs.batch_quantity(text, "--count")
    return {"batch": batch, "quantity": amount}


def _unlisted(text: str) -> Json:
    goods: Json = dict(inputs.members(text, "--unlisted")) if "=" in text else {"name": text}
    if "quantity" in goods:
        goods["quantity"] = inputs.quantity(goods["quantity"], "--unlisted")
    return goods


def _temperature(picture: Picture, text: str) -> Json:
    zone, value = inputs.named(text, "--temperature", "ZONE=-19.5")
    known = [one.code for one in picture.zones]
    if zone not in known:
        raise UsageError(
            "{zone} is no zone of this merchant; it has {known}",
            zone=zone,
            known=", ".join(known) or Message("none"),
            field="--temperature",
        )
    return {"zone": zone, "value": value.removesuffix("℃").removesuffix("C").strip()}


def _check(picture: Picture, text: str) -> Json:
    code, answer = inputs.named(text, "--check", "CODE=ok or CODE=fail:note")
    known = [item.code for item in picture.checklist]
    if code not in known:
        raise UsageError(
            "{code} is not on the checklist; it has {known}",
            code=code,
            known=", ".join(known) or Message("nothing"),
            field="--check",
        )
    given = _answer(code, answer)
    if given is None:
        raise UsageError(
            "{text!r} should be {code}=ok or {code}=fail:note", text=text, code=code, field="--check"
        )
    return given


def _answer(code: str, text: str) -> Json | None:
    word, _, note = text.partition(":")
    word = word.strip().lower()
    if word not in OK | NOT_OK:
        return None
    return {"code": code, "passed": word in OK} | ({"note": note.strip()} if note.strip() else {})


def _ask_counts(picture: Picture, ask: Ask) -> list[Json]:
    """One question for each batch held: a number in the batch's unit, = for what the ledger says, or nothing."""
    counts = []
    for held in picture.holdings:
        should = plain(held.amount)
        question = _(
            "Counted of {batch} {name} (ledger: {amount} {unit}; = the same; Enter: not counted): ",
            batch=held.batch,
            name=held.name,
            amount=should,
            unit=show.unit(held.unit),
        )
        while answer := ask(question).strip():
            value = (
                should
                if answer in ("=", "＝")
                else answer.removesuffix(held.unit).removesuffix(show.unit(held.unit)).strip()
            )
            if value.replace(".", "", 1).isascii() and value.replace(".", "", 1).isdigit():
                counts.append({"batch": held.batch, "quantity": {"value": value, "unit": held.unit}})
                break
    return counts


def _rest_of_checklist(picture: Picture, observed: Json, notes: Notes, ask: Ask | None) -> list[Json]:
    """Answers to the questions that have none yet: all ok, asked for, or an error that names them."""
    there = observed.get("checklist")
    answered = (
        {one.get("code") for one in there if isinstance(one, dict)} if isinstance(there, list) else set()
    )
    open_ = [item for item in picture.checklist if item.code not in answered]
    if notes.all_ok:
        return [{"code": item.code, "passed": True} for item in open_]
    if ask is not None:
        return [_ask_check(item.code, item.title, ask) for item in open_]
    if open_:
        listed = ", ".join(f"{item.code} ({item.title})" for item in open_)
        raise UsageError(
            "answer with --check CODE=ok or CODE=fail:note, or --all-ok: {listed}",
            listed=listed,
            field="--check",
        )
    return []


def _ask_check(code: str, title: str, ask: Ask) -> Json:
    while True:
        given = _answer(code, ask(_("{title} ({code}) ok or fail[:note]: ", title=title, code=code)))
        if given is not None:
            return given
