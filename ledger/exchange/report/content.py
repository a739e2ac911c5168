"""What a weekly report says, made of the query's numbers and the words of a language.

    report = content(week, about, Words.of("zh"))

Tables come whole: how many rows fit on a page is for the form to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.custody.supervision.weekly import GridWeek, Weekly
from ledger.exchange.report.content_follow import notices_section, plan_section
from ledger.exchange.report.parts import (
    About,
    Cell,
    Column,
    Degrees,
    Figure,
    Minutes,
    Moment,
    Report,
    Section,
    Table,
)
from ledger.exchange.report.words import Words


def content(week: Weekly, about: About, words: Words) -> Report:
    """The report of a week."""
    _ = words
    scope = _("All grids") if week.grid == "*" else _("Grid {grid}").format(grid=week.grid)
    return Report(
        week,
        about,
        words,
        _("Weekly report of supervision {week}").format(week=week.week),
        f"{words.day(week.first_day)} – {words.day(week.last_day)} · {scope} · {about.origin}",
        _figures(week, words),
        (
            _coverage(week, words),
            _findings(week, words),
            _cards(week, words),
            _rectification(week, words),
            plan_section(week, words),
            _temperatures(week, words),
            notices_section(week, words),
            _late(week, words),
        ),
        (
            _("As of entry {size}, recorded {when}.").format(
                size=words.number(about.size), when=words.moment(week.at_ms // 1000)
            ),
            _("What is overdue is so at that time. Days are those of China (UTC+8)."),
            _("Root {root}").format(root=about.root),
            _(
                "A view of the ledger; the ledger is the record. Anyone can verify it offline: custody verify."
            ),
        ),
    )


def _figures(week: Weekly, _: Words) -> tuple[Figure, ...]:
    return (*_figures_of_checks(week, _), *_figures_of_what_followed(week, _))


def _figures_of_checks(week: Weekly, _: Words) -> tuple[Figure, ...]:
    yellow = sum(1 for one in week.cards if one.card == "yellow")
    red = len(week.cards) - yellow
    due = _("{counted} of {required} due").format(
        counted=_.number(week.counted), required=_.number(week.required)
    )
    return (
        Figure("checks", _("Checks made"), _.number(week.checks), due, bad=week.counted < week.required),
        Figure(
            "missed",
            _("Merchants missed"),
            _.number(len(week.missed)),
            _("of {due} due").format(due=_.number(week.due)),
            bool(week.missed),
        ),
        Figure(
            "findings",
            _("Findings standing"),
            _.number(sum(one.standing for one in week.findings)),
            _("in {checks} checks").format(checks=_.number(week.with_findings)),
            bad=False,
        ),
        Figure(
            "cards",
            _("Cards, yellow and red"),
            f"{_.number(yellow)} / {_.number(red)}",
            f"{_.share(yellow, week.checks)} / {_.share(red, week.checks)}",
            bool(red),
        ),
    )


def _figures_of_what_followed(week: Weekly, _: Words) -> tuple[Figure, ...]:
    orders, plan = week.rectification, week.plan
    sent, answered = sum(one.sent for one in week.notices), sum(one.answered for one in week.notices)
    return (
        Figure(
            "same_day",
            _("Put right the same day"),
            _.share(orders.same_day, orders.ordered),
            _("{done} of {ordered} orders").format(
                done=_.number(orders.same_day), ordered=_.number(orders.ordered)
            ),
            bool(orders.overdue),
        ),
        Figure(
            "plan",
            _("Plan done"),
            _.share(plan.done, plan.planned),
            _("{done} of {planned} checks drawn").format(
                done=_.number(plan.done), planned=_.number(plan.planned)
            ),
            bool(plan.undone),
        ),
        Figure(
            "excursions",
            _("Temperature excursions"),
            _.number(len(week.excursions)),
            _("of {readings} records").format(readings=_.number(week.readings)),
            bool(week.excursions),
        ),
        Figure(
            "notices",
            _("Notices answered"),
            _.share(answered, sent),
            _("{answered} of {sent} sent").format(answered=_.number(answered), sent=_.number(sent)),
            answered < sent or bool(week.unsent),
        ),
    )


def _coverage(week: Weekly, _: Words) -> Section:
    days = tuple(Column(f"{_.weekday(day)} {_.short_day(day)}", True) for day in _days(week))
    columns = (
        Column(_("Grid")),
        *days,
        Column(_("Checks made"), True),
        Column(_("Counted"), True),
        Column(_("Due"), True),
        Column(_("Merchants due"), True),
        Column(_("Missed"), True),
    )
    rows = tuple(_grid_row(one) for one in week.grids)
    heads = tuple(
        Column(name, number)
        for name, number in (
            (_("Grid"), False),
            (_("Merchant"), False),
            (_("Credit code"), False),
            (_("Responsible supervisor"), False),
            (_("Counted"), True),
            (_("Due"), True),
        )
    )
    missed = tuple(
        (one.grid, one.name, one.merchant, one.supervisor, one.counted, one.required) for one in week.missed
    )
    lead = _(
        "{checked} of {due} merchants due were checked; {counted} of {required} checks due were made. "
        "A check counts if it keeps the distance to the one before that the rule set asks for."
    ).format(
        checked=_.number(week.checked),
        due=_.number(week.due),
        counted=_.number(week.counted),
        required=_.number(week.required),
    )
    return Section(
        "coverage",
        _("Coverage"),
        lead,
        (
            Table("grids", _("Checks by grid and weekday"), columns, rows, _("No merchant was due.")),
            Table("missed", _("Merchants missed"), heads, missed, _("Nobody was missed.")),
        ),
    )


def _days(week: Weekly) -> list[date]:
    return [one.day for one in week.rectification.days]


def _grid_row(one: GridWeek) -> tuple[Cell, ...]:
    return (one.grid, *one.made, sum(one.made), one.counted, one.required, one.merchants, one.missed)


def _findings(week: Weekly, _: Words) -> Section:
    columns = (Column(_("Finding")), Column(_("Standing"), True), Column(_("Waived"), True))
    rows = tuple((_.code("finding_code", one.code), one.standing, one.waived) for one in week.findings)
    table = Table("findings", _("Findings by kind"), columns, rows, _("Nothing was found."))
    lead = _("In {found} of {checks} checks a finding stands ({share}).").format(
        found=_.number(week.with_findings),
        checks=_.number(week.checks),
        share=_.share(week.with_findings, week.checks),
    )
    return Section("findings", _("Findings"), lead, (table,))


def _cards(week: Weekly, _: Words) -> Section:
    columns = tuple(
        Column(name)
        for name in (
            _("Day"),
            _("Card"),
            _("Grid"),
            _("Merchant"),
            _("Credit code"),
            _("Finding"),
            _("Shop closed"),
            _("State"),
        )
    )
    rows = tuple(
        (
            one.day,
            _.code("card", one.card),
            one.grid,
            one.name,
            one.merchant,
            _.code("finding_code", one.code),
            _("yes") if one.closes else _("no"),
            _("lifted") if one.lifted else _("stands"),
        )
        for one in week.cards
    )
    yellow = sum(1 for one in week.cards if one.card == "yellow")
    lead = _("{yellow} yellow ({yellow_share} of checks), {red} red ({red_share}).").format(
        yellow=_.number(yellow),
        yellow_share=_.share(yellow, week.checks),
        red=_.number(len(week.cards) - yellow),
        red_share=_.share(len(week.cards) - yellow, week.checks),
    )
    table = Table("cards", _("Cards of the week"), columns, rows, _("No card was issued."))
    return Section("cards", _("Yellow and red cards"), lead, (table,))


def _rectification(week: Weekly, _: Words) -> Section:
    done = week.rectification
    columns = (
        Column(_("Day")),
        *(
            Column(name, True)
            for name in (_("Ordered"), _("Confirmed the same day"), _("Later"), _("Open"), _("Overdue"))
        ),
    )
    rows = tuple(tuple[Cell, ...](one) for one in done.days)
    heads = tuple(
        Column(name)
        for name in (_("Grid"), _("Merchant"), _("Credit code"), _("Finding"), _("Deadline"), _("State"))
    )
    states = {
        "ordered": _("ordered"),
        "reported": _("reported"),
        "rejected": _("rejected"),
        "confirmed": _("confirmed"),
    }
    late = tuple(
        (
            one.grid,
            one.name,
            one.merchant,
            _.code("finding_code", one.code),
            Moment(one.deadline_ms // 1000),
            states[one.state],
        )
        for one in done.late
    )
    lead = _(
        "{ordered} ordered, {same_day} confirmed the same day ({share}), {open} open, {overdue} overdue. From order to "
        "confirmation: median {median}, longest {longest}. Open from earlier weeks: {carried}."
    ).format(
        ordered=_.number(done.ordered),
        same_day=_.number(done.same_day),
        share=_.share(done.same_day, done.ordered),
        open=_.number(done.open),
        overdue=_.number(done.overdue),
        median=_.minutes(done.median_minutes),
        longest=_.minutes(done.longest_minutes),
        carried=_.number(done.carried),
    )
    return Section(
        "rectification",
        _("Rectification, same day"),
        lead,
        (
            Table("orders", _("Orders by day"), columns, rows, ""),
            Table("overdue", _("Orders overdue"), heads, late, _("No order is overdue.")),
        ),
    )


def _temperatures(week: Weekly, _: Words) -> Section:
    columns = (
        *(
            Column(name)
            for name in (
                _("Grid"),
                _("Merchant"),
                _("Credit code"),
                _("Zone"),
                _("Storage"),
                _("From"),
                _("To"),
            )
        ),
        *(Column(name, True) for name in (_("Lowest"), _("Highest"), _("At least"), _("At most"))),
    )
    rows = tuple(
        (
            one.grid,
            one.name,
            one.merchant,
            one.zone,
            _.code("storage", one.storage),
            Moment(one.started),
            Moment(one.ended),
            Degrees(one.low),
            Degrees(one.high),
            Degrees(one.lower_limit),
            Degrees(one.upper_limit),
        )
        for one in week.excursions
    )
    lead = _("{outside} of {readings} records of cooled zones went beyond the limits in force.").format(
        outside=_.number(len(rows)), readings=_.number(week.readings)
    )
    table = Table(
        "excursions", _("Temperature excursions"), columns, rows, _("No temperature was out of limits.")
    )
    return Section("temperatures", _("Temperatures"), lead, (table,))


def _late(week: Weekly, _: Words) -> Section:
    columns = (
        Column(_("Grid")),
        Column(_("Merchant")),
        Column(_("Credit code")),
        Column(_("Late entries"), True),
        Column(_("Latest by"), True),
    )
    rows: Sequence[tuple[Cell, ...]] = [
        (one.grid, one.name, one.merchant, one.entries, Minutes(one.longest_minutes)) for one in week.late
    ]
    late = sum(one.entries for one in week.late)
    lead = _("{late} of {logged} entries of merchants were recorded later than allowed ({share}).").format(
        late=_.number(late), logged=_.number(week.logged), share=_.share(late, week.logged)
    )
    table = Table(
        "late", _("Late entries by merchant"), columns, tuple(rows), _("Nothing was recorded late.")
    )
    return Section("late", _("Lateness"), lead, (table,))
