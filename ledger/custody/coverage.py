"""Who was checked how often in an ISO week, and who was not: from the whole ledger, so that nobody can be left out.

Due is every merchant that had imported goods (one goods class at least) when the week ended and was enrolled
by then. The number of checks comes from the rule sets in force on the last day
of the week; two checks count when they are at least `min_days_between` days apart. Checks taken back do not count.

    report = coverage(reader, setting, week=202617, as_of=12_000)
    report.missed[0].merchant, report.missed[0].counted, report.missed[0].required
    [(group.name, group.missed) for group in by_supervisor(report)]

The supervisor of a merchant is the one responsible for it (`supervision.duty`) as of the index asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ledger.custody.context import Setting, rulesets_in_force
from ledger.custody.facts import Facts
from ledger.custody.supervision.duty import duty_of, fetch_duties
from ledger.errors import UsageError
from ledger.store.facts import CheckFact, MerchantFact
from ledger.store.reader import FactReader


class Covered(NamedTuple):
    """One merchant's week. `checks` are entry indexes; `counted` of them count towards `required`."""

    merchant: str
    name: str
    grid: str
    supervisor: str | None
    goods_classes: tuple[str, ...]
    required: int
    checks: tuple[int, ...]
    days: tuple[date, ...]
    counted: int
    findings: int
    officers: tuple[str, ...]

    @property
    def missing(self) -> int:
        return max(0, self.required - self.counted)


class Coverage(NamedTuple):
    """One ISO week as of an index."""

    week: int
    first_day: date
    last_day: date
    as_of: int
    merchants: tuple[Covered, ...]
    """Every merchant due or checked, in the order of grid and credit code."""

    @property
    def missed(self) -> tuple[Covered, ...]:
        return tuple(merchant for merchant in self.merchants if merchant.missing)

    @property
    def due(self) -> int:
        return sum(1 for merchant in self.merchants if merchant.required)


class Group(NamedTuple):
    """The merchants of a grid and all below it, or of a supervisor."""

    name: str | None
    """None for merchants that no supervisor is responsible for."""
    due: int
    covered: int
    checks: int
    """All checks made that week, whether they count or not."""
    missed: tuple[Covered, ...]


def by_grid(report: Coverage, levels: Sequence[int] = (2, 3)) -> list[Group]:
    """Sums of each grid at these levels (second and third of street, second, third), each above what is below it.

    A merchant whose grid ends above a level is in none of that level.
    """
    groups: dict[tuple[str, ...], list[Covered]] = defaultdict(list)
    for one in report.merchants:
        parts = tuple(one.grid.split("/"))
        for level in levels:
            if len(parts) >= level:
                groups[parts[:level]].append(one)
    return [_group("/".join(grid), groups[grid]) for grid in sorted(groups)]


def by_supervisor(report: Coverage) -> list[Group]:
    """Sums of each responsible supervisor, by name; last of all the merchants that nobody is responsible for."""
    groups: dict[str | None, list[Covered]] = defaultdict(list)
    for one in report.merchants:
        groups[one.supervisor].append(one)
    return [
        _group(name, groups[name]) for name in sorted(groups, key=lambda name: (name is None, name or ""))
    ]


def _group(name: str | None, merchants: list[Covered]) -> Group:
    due = [one for one in merchants if one.required]
    missed = tuple(one for one in due if one.missing)
    return Group(name, len(due), len(due) - len(missed), sum(len(one.checks) for one in merchants), missed)


def parse_week(text: str) -> int:
    """ISO 8601 week as a number.

    >>> parse_week("2026-W17")
    202617

    Raises: UsageError for anything that is no week.
    """
    year, _, week = text.partition("-W")
    try:
        date.fromisocalendar(int(year), int(week), 1)
    except ValueError as error:
        raise UsageError(
            "{week!r} is no ISO week: write it like 2026-W17", week=text, field="week"
        ) from error
    return int(year) * 100 + int(week)


def week_text(week: int) -> str:
    return f"{week // 100}-W{week % 100:02d}"


def coverage(reader: FactReader, facts: Facts, setting: Setting, *, week: int, as_of: int) -> Coverage:
    """Coverage of a week, from the facts of entries below `as_of`."""
    first, last = (date.fromisocalendar(week // 100, week % 100, day) for day in (1, 7))
    checks: dict[str, list[CheckFact]] = defaultdict(list)
    for check in reader.checks_by_week(week, week, before=as_of):
        checks[check.merchant].append(check)
    taken_back = {row.corrected for row in reader.corrections(before=as_of)} if checks else set()
    rules: dict[str, tuple[int, int]] = {}
    concerned: list[tuple[MerchantFact, int, int, list[CheckFact]]] = []
    for enrolment in _enrolled_by(last.toordinal(), reader.merchants(before=as_of)):
        classes = enrolment.goods_classes
        if classes not in rules:
            rules[classes] = _rule(facts, setting, classes, last, as_of)
        required, apart = rules[classes]
        if enrolment.day > last.toordinal():
            required = 0
        stand = [check for check in checks.get(enrolment.merchant, ()) if check.index not in taken_back]
        if required or stand:
            concerned.append((enrolment, required, apart, stand))
    fetch_duties(facts, [enrolment for enrolment, *_ in concerned])
    merchants = [
        _covered(enrolment, duty_of(facts, enrolment, as_of).supervisor, required, apart, stand)
        for enrolment, required, apart, stand in concerned
    ]
    merchants.sort(key=lambda covered: (covered.grid, covered.merchant))
    return Coverage(week, first, last, as_of, tuple(merchants))


def _enrolled_by(day: int, enrolments: Iterable[MerchantFact]) -> Iterable[MerchantFact]:
    """Each merchant's enrolment in force on a day, with the day of its first; of those enrolled later, the first."""
    found: dict[str, MerchantFact] = {}
    for enrolment in enrolments:
        before = found.get(enrolment.merchant)
        if before is None:
            found[enrolment.merchant] = enrolment
        elif enrolment.day <= day:
            found[enrolment.merchant] = enrolment._replace(day=min(before.day, enrolment.day))
    return found.values()


def _rule(facts: Facts, setting: Setting, classes: str, day: date, as_of: int) -> tuple[int, int]:
    """Checks a week and least distance in days, the stricter of the merchant's goods classes."""
    in_force = rulesets_in_force(
        facts, setting.jurisdiction, classes.split(",") if classes else [], day, as_of
    )
    if not in_force:
        return 0, 1
    return (
        max(ruleset.body.checks_per_week for ruleset in in_force),
        max(ruleset.body.min_days_between for ruleset in in_force),
    )


def _covered(
    enrolment: MerchantFact, responsible: str | None, required: int, apart: int, checks: list[CheckFact]
) -> Covered:
    counted, last = 0, None
    for day in sorted(check.day for check in checks):
        if last is None or day - last >= apart:
            counted, last = counted + 1, day
    return Covered(
        enrolment.merchant,
        enrolment.name,
        enrolment.grid,
        responsible,
        tuple(enrolment.goods_classes.split(",")) if enrolment.goods_classes else (),
        required,
        tuple(check.index for check in checks),
        tuple(date.fromordinal(check.day) for check in checks),
        counted,
        sum(check.findings for check in checks),
        tuple(sorted({officer for check in checks for officer in check.officers.split(",")})),
    )
