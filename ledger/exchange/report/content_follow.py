"""What a weekly report says of the plan and of the notices: what was to be done, and whether it was.

plan_section(week, Words.of("zh")).tables
"""

from __future__ import annotations

from ledger.custody.supervision.weekly import Weekly
from ledger.exchange.report.parts import Cell, Column, Moment, Section, Table
from ledger.exchange.report.words import Words


def plan_section(week: Weekly, _: Words) -> Section:
    plan = week.plan
    columns = (
        Column(_("Officer")),
        *(
            Column(name, True)
            for name in (
                _("Planned"),
                _("Done on the day"),
                _("On another day"),
                _("Not done"),
                _("Still to come"),
                _("Done by others"),
            )
        ),
    )
    rows = tuple(tuple[Cell, ...](one) for one in plan.officers)
    lead = _(
        "{planned} checks drawn: {on_day} done on the day, {other_day} on another day, {undone} not done, {to_come} "
        "still to come; {by_others} by another officer than drawn, {unplanned} checks beyond the plan."
    ).format(**{name: _.number(value) for name, value in plan._asdict().items() if isinstance(value, int)})
    table = Table("plan", _("Plan by officer"), columns, rows, _("No plan was drawn for this week."))
    heads = (
        Column(_("Grid")),
        Column(_("Announced by entry"), True),
        Column(_("Takes the place of")),
        Column(_("What became of it")),
        Column(_("By entry"), True),
        Column(_("Reason")),
    )
    states = {
        "drawn": _("Drawn"),
        "ready": _("Not drawn, though the seed is there"),
        "waiting": _("Not drawn, the seed is to come"),
        "voided_unknown": _("Voided before its seed was known"),
        "voided_known": _("Voided after its seed was known"),
    }
    announced = tuple(
        (
            one.grid,
            one.index,
            ", ".join(map(str, one.replaces)) or None,
            states[one.state],
            one.ended,
            one.reason,
        )
        for one in week.announced
    )
    plans = Table(
        "announced", _("Plans announced"), heads, announced, _("No plan was announced for this week.")
    )
    return Section("plan", _("Plan against done"), lead if plan.planned else table.empty, (plans, table))


def notices_section(week: Weekly, _: Words) -> Section:
    columns = (
        Column(_("Office as")),
        *(Column(name, True) for name in (_("Sent"), _("Answered"), _("Due, not sent"))),
    )
    rows = tuple(
        (_.code("capacity", one.capacity), one.sent, one.answered, one.unsent) for one in week.notices
    )
    heads = tuple(
        Column(name) for name in (_("Office"), _("Office as"), _("Merchant"), _("Finding"), _("Sent at"))
    )
    waiting = tuple(
        (
            one.office,
            _.code("capacity", one.capacity),
            one.name,
            _.code("finding_code", one.code),
            Moment(one.sent_ms // 1000),
        )
        for one in week.unanswered
    )
    due_heads = (
        *(Column(name) for name in (_("Merchant"), _("Credit code"), _("Office as"), _("Office"))),
        Column(_("Findings"), True),
    )
    due = tuple(
        (
            one.name,
            one.merchant,
            _.code("capacity", one.capacity),
            one.office or _("nobody"),
            one.findings,
        )
        for one in week.unsent
    )
    lead = _(
        "{sent} sent to regulators and territorial units, {waiting} not answered yet; {due} are due and not sent."
    ).format(
        sent=_.number(sum(one.sent for one in week.notices)),
        waiting=_.number(len(waiting)),
        due=_.number(sum(one.findings for one in week.unsent)),
    )
    return Section(
        "notices",
        _("Notices to both offices"),
        lead,
        (
            Table("notices", _("Notices"), columns, rows, _("No notice was sent.")),
            Table("unanswered", _("Notices not answered"), heads, waiting, _("All are answered.")),
            Table("unsent", _("Notices due and not sent"), due_heads, due, _("All that are due are sent.")),
        ),
    )
