"""`custody inspect`: a supervisor checks a merchant against the ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.messages import Message
from ledger_cli.asking import AsOf
from ledger_cli.frame import Frame, Recording
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.findings import Found
    from ledger.custody.preparing import Picture
    from ledger.errors import LedgerError
    from ledger.log import Seen
    from ledger_cli.draft import Draft
    from ledger_cli.inputs import Json

EXAMPLES = r"""
custody inspect 92410104MACU00014Y --show
custody inspect 92410104MACU00014Y --count B1=4.5kg --temperature 冷库-1=-19.5 --all-ok --key officer-a
custody inspect 92410104MACU00014Y --all-ok --waive "temperature_gap=探头检修 Probe under repair" \
  --key officer-a --dry-run
custody inspect 92410104MACU00014Y --show --json > picture.json
"""


def command(
    context: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help=N_("Credit code of the merchant."))],
    counts: Annotated[
        list[str] | None,
        typer.Option(
            "--count", metavar="BATCH=QUANTITY", help=N_("What was counted, such as B1=11.5kg; repeat.")
        ),
    ] = None,
    unlisted: Annotated[
        list[str] | None,
        typer.Option("--unlisted", metavar="MEMBERS", help=N_("name=…,quantity=…,note=…; repeat.")),
    ] = None,
    temperatures: Annotated[
        list[str] | None,
        typer.Option("--temperature", metavar="ZONE=CELSIUS", help=N_("Read on the spot; repeat.")),
    ] = None,
    checks: Annotated[
        list[str] | None,
        typer.Option(
            "--check", metavar="CODE=ok|fail[:NOTE]", help=N_("Answer to a checklist item; repeat.")
        ),
    ] = None,
    all_ok: Annotated[
        bool, typer.Option("--all-ok", help=N_("The checklist items not named are all right."))
    ] = False,
    photos: Annotated[
        list[Path] | None, typer.Option("--photo", metavar="FILE", help=N_("Picture; repeat."))
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="CODE:SUBJECT:DETAIL", help=N_("Add a finding; repeat.")),
    ] = None,
    waived: Annotated[
        list[str] | None,
        typer.Option(
            "--waive", metavar="CODE[:SUBJECT]=REASON", help=N_("Waive a computed finding; repeat.")
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help=N_(
                "A check prepared without network, JSON or TOML: observed, started_at, ended_at, seen; "
                "or the fields of `observed` alone."
            ),
        ),
    ] = None,
    only_show: Annotated[
        bool,
        typer.Option(
            "--show",
            help=N_("Only show what the ledger says; with --json also the beginning of a --from file."),
        ),
    ] = False,
    as_of: AsOf = None,
    place: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Where. Default: the merchant's address."))
    ] = None,
    started_at: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When it began. Default: now."))
    ] = None,
    ended_at: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("When it ended. Default: now."))
    ] = None,
) -> None:
    """Shows what the ledger says, takes what was seen, computes the findings, signs and records them.

    On a terminal, counts and checklist answers that are not given are asked for; elsewhere the ledger is only shown
    when nothing at all is said. A finding can be waived with a reason and never left out: the ledger computes them
    again. The check is pinned to the ledger as it was shown, and stated as of its end, however late it is sent.
    """
    from ledger.custody.authoring import instant
    from ledger.custody.preparing import look, outlook
    from ledger_cli import inputs
    from ledger_cli.draft import Draft
    from ledger_cli.frame import now_ms
    from ledger_cli.observing import Notes, observe
    from ledger_cli.picture import show_picture
    from ledger_cli.prepared import pinned, read_prepared

    frame = Frame.of(context)
    with Draft(frame) as draft:
        if frame.recording.body is not None:
            draft.record("inspection.recorded", merchant, draft.body({}))
            return
        given = read_prepared(source, merchant)
        seen = pinned(draft, given, as_of)
        if seen is None:
            raise _empty()
        began = inputs.instant(started_at, "--started-at") or given.started_at or instant(now_ms())
        picture = look(draft.facts, draft.ledger.setting, merchant, started_at=began, as_of=seen.size)
        notes = Notes(
            counts or [], unlisted or [], temperatures or [], checks or [], all_ok, dict(given.observed)
        )
        ask = _ask if sys.stdin.isatty() and not frame.json else None
        said = not notes.empty or photos or added or waived or source or ask or frame.recording != Recording()
        if only_show or not said:
            _only_show(draft, picture, seen, said=only_show)
            return
        if not picture.rulesets:
            _no_rules(picture)
        if not frame.json:
            show_picture(picture, outlook(draft.facts, picture), seen)
        observed = observe(picture, notes, ask)
        if photos:
            observed["photos"] = [
                *observed.get("photos", []),
                *(draft.attach(path, "--photo") for path in photos),
            ]
        ended = inputs.instant(ended_at, "--ended-at") or given.ended_at
        body = {
            "rulesets": [ruleset.body.code for ruleset in picture.rulesets],
            "started_at": began,
            "ended_at": ended or max(began, instant(now_ms()), key=_moment),
            "place": place
            or given.place
            or draft.ledger.entry(picture.enrolment.index).statement.body["address"],
            "observed": observed,
            "findings": [*given.added, *(_added(text) for text in added or [])],
            "waivers": [*given.waivers],
        }
        _judge(draft, picture, body, waived or [], seen)


def _only_show(draft: Draft, picture: Picture, seen: Seen, *, said: bool) -> None:
    """What the ledger says, and nothing recorded."""
    from ledger.custody.preparing import outlook
    from ledger.exchange.answers.checking import picture_json
    from ledger_cli.picture import show_picture

    found = outlook(draft.facts, picture)
    draft.frame.answer(picture_json(picture, found, seen), lambda: show_picture(picture, found, seen))
    if not said:
        draft.frame.note(
            _("Nothing was observed, so nothing is recorded: --all-ok, --count, --check, --from …")
        )


def _judge(draft: Draft, picture: Picture, body: Json, waived: list[str], seen: Seen) -> None:
    """Compute the findings, show them, and record the check."""
    from ledger.custody.admission import checked_body
    from ledger.custody.preparing import findings
    from ledger.exchange.answers.checking import found_json
    from ledger_schemas import InspectionRecorded

    checked = checked_body("inspection.recorded", body | {"waivers": []})
    assert isinstance(checked, InspectionRecorded)  # noqa: S101 - checked_body returns the model of its kind
    found = findings(draft.facts, picture, checked.observed)
    body["findings"] = found_json(found) + body["findings"]
    body["waivers"] += [_waiver(text, found) for text in waived]
    if not draft.frame.json:
        _show_findings(body)
    draft.record(
        "inspection.recorded",
        picture.enrolment.merchant,
        body,
        more={"findings": body["findings"], "waivers": body["waivers"]},
        seen=seen,
        occurred_at=body["ended_at"],
    )


def _empty() -> LedgerError:
    from ledger.errors import UsageError

    return UsageError("the ledger is empty: there is nothing to check against", field="--ledger")


def _moment(text: str) -> int:
    from ledger.log.times import parse_instant

    return parse_instant(text)


def _no_rules(picture: Picture) -> None:
    from ledger.errors import UnknownReference

    raise UnknownReference(
        "no rule set is in force on {started_at} for {classes}: "
        "an operator publishes one with `custody ruleset publish`",
        started_at=picture.started_at[:10],
        classes=picture.enrolment.goods_classes or Message("no goods"),
        field="rulesets",
    )


def _added(text: str) -> Json:
    code, subject, detail = ([part.strip() for part in text.split(":", 2)] + ["", ""])[:3]
    optional = {"subject": subject, "detail": detail}
    return {"code": code, "source": "added"} | {name: value for name, value in optional.items() if value}


def _waiver(text: str, found: list[Found]) -> Json:
    """A waiver of one computed finding. Raises: UsageError when it fits none or several."""
    from ledger.errors import UsageError
    from ledger_cli import inputs

    name, reason = inputs.named(text, "--waive", "CODE=reason or CODE:SUBJECT=reason")
    code, colon, subject = name.partition(":")
    fitting = [one for one in found if one.code == code and (not colon or one.subject == subject)]
    if len(fitting) != 1:
        listed = ", ".join(
            f"{one.code}:{one.subject}" if one.subject else one.code for one in fitting or found
        )
        raise UsageError(
            "{name} names {count} of the findings: {listed}",
            name=name,
            count=len(fitting),
            listed=listed or Message("there are none"),
            field="--waive",
        )
    waiver: Json = {"code": code, "reason": reason}
    return waiver | ({"subject": fitting[0].subject} if fitting[0].subject else {})


def _ask(question: str) -> str:
    from ledger.errors import UsageError

    typer.echo(question, nl=False)
    answer = sys.stdin.readline()
    if not answer:
        raise UsageError("the answers ended before the questions", field="stdin")
    return answer.strip()


def _show_findings(body: Json) -> None:
    from ledger_cli import show

    waived = {(one["code"], one.get("subject")) for one in body["waivers"]}
    show.table(
        _("Findings"),
        [
            _("Finding"),
            _("Subject"),
            _("Detail"),
            _("Source"),
            _("Waived"),
        ],
        [
            (
                show.label("finding_code", one["code"], typed=True),
                one.get("subject"),
                one.get("detail"),
                show.label("finding_source", one["source"]),
                _("yes") if (one["code"], one.get("subject")) in waived else "",
            )
            for one in body["findings"]
        ],
    )
