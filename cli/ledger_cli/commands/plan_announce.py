"""`custody plan announce`: how the checks of a week will be drawn, before anybody can know the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger_cli.draft import Draft

EXAMPLES = """
custody plan announce --officer officer-017 --officer officer-018 --extra 5 --seed-after 1
custody plan announce --week 2099-W20 --officer officer-017 --day 1 --day 3 --weight-card 10 --dry-run
"""


def command(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help=N_("ISO week; this week by default."))
    ] = None,
    officers: Annotated[
        list[str] | None,
        typer.Option("--officer", metavar="HOLDER", help=N_("Pseudonym of who will check; repeat.")),
    ] = None,
    grid: Annotated[
        str | None, typer.Option(metavar="PATH", help=N_("Grid and all below it; * (all) by default."))
    ] = None,
    days: Annotated[
        list[int] | None,
        typer.Option("--day", metavar="1..7", help=N_("Day of checks, Monday 1; repeat. Default: 1 to 5.")),
    ] = None,
    seed_after: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help=N_("Entries after this announcement until the seed; 20 by default."),
        ),
    ] = None,
    extra: Annotated[
        int | None, typer.Option(metavar="N", help=N_("Checks beyond those due; none by default."))
    ] = None,
    weight_card: Annotated[
        int | None, typer.Option(metavar="N", help=N_("What a recent card adds to the odds; 3."))
    ] = None,
    weight_finding: Annotated[
        int | None, typer.Option(metavar="N", help=N_("What findings at the last check add; 2."))
    ] = None,
    weight_cold_chain: Annotated[
        int | None, typer.Option(metavar="N", help=N_("What cold-chain goods add; 1."))
    ] = None,
) -> None:
    """Fixes week, officers, days and odds, and binds you to a secret of which only the digest is shown.

    The secret is kept beside the keys (keys/ID.secret) until `custody plan draw` shows it: without that file nobody can
    draw, so back it up with the keys. The seed is the root of the first N entries after this one, and the secret.
    """
    from ledger_cli.draft import Draft

    with Draft(Frame.of(context)) as draft:
        flags = {
            "week": week,
            "grid": grid,
            "officers": officers or None,
            "days": sorted(days) if days else None,
            "extra_checks": extra,
            "weight_card": weight_card,
            "weight_finding": weight_finding,
            "weight_cold_chain": weight_cold_chain,
            "seed_size": None if seed_after is None else draft.as_of + 1 + seed_after,
        }
        _announce(draft, draft.body(flags))


def _announce(draft: Draft, body: dict[str, object]) -> None:
    """Fill in what was left open, and record; a commitment of one's own (--body) has its secret elsewhere."""
    import hashlib
    import os

    from ledger.custody.authoring import uuid7
    from ledger_cli.frame import now_ms
    from ledger_cli.in_force import this_week

    usual = {
        "week": this_week(),
        "grid": "*",
        "extra_checks": 0,
        "weight_card": 3,
        "weight_finding": 2,
        "weight_cold_chain": 1,
        "seed_size": draft.as_of + 21,
    }
    body = usual | body
    body.setdefault("days", _to_come(str(body["week"])))
    identity = uuid7(now_ms(), os.urandom(10))
    if "commitment" not in body:
        secret = draft.keep_secret(identity)
        body["commitment"] = hashlib.sha256(bytes.fromhex(secret)).hexdigest()
    receipt = draft.record(
        "plan.announced", None, body, id=identity, more={"week": body["week"], "seed_size": body["seed_size"]}
    )
    if receipt is not None:
        draft.frame.note(
            _(
                "The seed is the root of {size} entries; then {command}. The secret is in {path}",
                size=body["seed_size"],
                command=f"`custody plan draw --week {body['week']}`",
                path=draft.frame.home.secrets.path(identity),
            )
        )


def _to_come(week: str) -> list[int]:
    """Monday to Friday, without the days of the week that are over; all of them where none is left, to be refused."""
    from datetime import date, datetime

    from ledger.custody.authoring import CHINA
    from ledger.custody.coverage import parse_week

    number, today = parse_week(week), datetime.now(CHINA).date()
    usual = [1, 2, 3, 4, 5]
    return [day for day in usual if date.fromisocalendar(*divmod(number, 100), day) >= today] or usual
