"""`custody rectification list`: orders, what became of them, and 日产日清 per day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ledger_cli.asking import AsOf, limit
from ledger_cli.frame import Frame
from ledger_cli.language import N_, _

if TYPE_CHECKING:
    from ledger.custody.supervision.rectification import Day, Order

EXAMPLES = """
custody rectification list
custody rectification list --open --overdue
custody rectification list --merchant 92410104MACU00014Y --json
"""


def command(
    context: typer.Context,
    open_: Annotated[bool, typer.Option("--open", help=N_("Only those not confirmed."))] = False,
    overdue: Annotated[
        bool,
        typer.Option("--overdue", help=N_("Only those behind their deadline, or confirmed after it.")),
    ] = False,
    merchant: Annotated[
        str | None, typer.Option("--merchant", "-m", metavar="CODE", help=N_("Only this merchant."))
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Overdue is judged now, or with --as-of when the last of those entries was recorded."""
    from ledger.custody.authoring import CHINA
    from ledger.custody.supervision.rectification import days_of, orders
    from ledger.exchange.answers.supervision import orders_json
    from ledger_cli.asking import moment

    frame = Frame.of(context)
    with frame.reading() as ledger:
        size = limit(ledger, as_of)
        now = moment(ledger, as_of)
        reader = ledger.store.facts
        found = orders(
            reader.matters_of_topic("order", before=size), reader.matters_of_topic("order_step", before=size)
        )
        names = {one.merchant: one.name for one in ledger.facts().enrolled(size)}
    found = [one for one in found if merchant in (None, one.merchant)]
    days = days_of(found, now, CHINA)
    listed = [one for one in found if (not open_ or one.open) and (not overdue or one.overdue(now))]
    answer = orders_json(listed, days, as_of=size, now_ms=now)
    frame.answer(answer, lambda: _show(listed, days, names, now, size))


def _show(listed: list[Order], days: list[Day], names: dict[str, str], now: int, size: int) -> None:
    from ledger_cli import show
    from ledger_cli.acting import ORDER_STATES, local

    show.table(
        _("Orders (as of {size})", size=size),
        [
            show.Number(_("Entry")),
            _("Merchant"),
            _("Code"),
            _("Finding"),
            _("Subject"),
            _("Ordered"),
            _("Deadline"),
            _("State"),
            "",
        ],
        [
            (
                one.index,
                names.get(one.merchant),
                one.merchant,
                show.label("finding_code", one.code, typed=True),
                one.subject,
                local(one.ordered_ms),
                local(one.deadline_ms),
                _(ORDER_STATES[one.state]),
                _("overdue") if one.overdue(now) else "",
            )
            for one in listed
        ],
    )
    for day in days:
        show.print_line(
            _(
                "{day}: ordered {ordered}, confirmed the same day {same_day}, later {later}, open {open}, "
                "overdue {overdue}",
                **day._asdict(),
            )
        )
