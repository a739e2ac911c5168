"""Who is responsible for a merchant (包保责任): one supervisor, one industry regulator, one territorial unit.

    duty_of(facts, "92410104MACU00014Y", as_of=1040).supervisor        # "officer-3"
    [one.merchant for one in duties(facts, as_of=1040) if one.missing]

A duty is assigned for merchants by name or for a grid and all below it. For each of the three the most specific
assignment counts, and of those for the same target the newest: assigning again ends the old duty. Where no
supervisor has been assigned, the one named at enrolment is responsible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.custody.authority import EVERYWHERE, covers
from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.custody.matters import all_of, matter
from ledger.errors import NotAuthorised, UnknownReference
from ledger.store.facts import FactRow, MerchantFact
from ledger_schemas import DutyAssigned

ROLES = ("supervisor", "regulator", "unit")


class Duty(NamedTuple):
    """Who is responsible for a merchant, None where nobody is; `assigned` are the entries that say so."""

    merchant: str
    name: str
    grid: str
    supervisor: str | None
    regulator: str | None
    unit: str | None
    assigned: tuple[int, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the three nobody has; one office in both capacities is one too few."""
        return tuple(
            role
            for role in ROLES
            if getattr(self, role) is None or (role == "unit" and self.unit == self.regulator)
        )


def duty_assigned(at: Context, body: DutyAssigned) -> Iterator[FactRow]:
    """Targets and those made responsible must be known to the ledger."""
    for number, merchant in enumerate(body.merchants or ()):
        if at.facts.merchant(merchant, at.index) is None:
            raise UnknownReference(
                "merchant {merchant} is not enrolled: enrol it first",
                merchant=merchant,
                field=f"body.merchants[{number}]",
            )
    people = {"supervisor": body.supervisor, "regulator": body.regulator, "unit": body.unit}
    given = {role: who for role, who in people.items() if who is not None}
    for role, who in given.items():
        kind = "supervisor" if role == "supervisor" else "office"
        if not scopes_of(at.facts, kind, who, at.index):
            raise UnknownReference(
                "{who!r} has no key of role {kind} in force: an operator grants one with `custody key grant`",
                who=who,
                kind=kind,
                field=f"body.{role}",
            )
    if body.supervisor is not None:
        _require_scope(at, body, scopes_of(at.facts, "supervisor", body.supervisor, at.index))
    targets = [f"merchant:{merchant}" for merchant in body.merchants or ()] or [f"grid:{body.grid}"]
    for line, target in enumerate(targets):
        yield matter(at, line, "duty", target, given)


def _require_scope(at: Context, body: DutyAssigned, scopes: Sequence[str]) -> None:
    """Whoever answers for a shop must be able to check it."""
    named = [
        (grid_of.grid, f"body.merchants[{number}]")
        for number, merchant in enumerate(body.merchants or ())
        if (grid_of := at.facts.merchant(merchant, at.index)) is not None
    ]
    for grid, field in named or [(body.grid or EVERYWHERE, "body.grid")]:
        if not any(covers(scope, grid) for scope in scopes):
            raise NotAuthorised(
                "the keys of {who} are for {scopes}, which does not cover {grid}: grant one that does, or name another",
                who=body.supervisor,
                scopes=", ".join(scopes),
                grid=grid,
                field=field,
            )


def scopes_of(facts: Facts, role: str, who: str, as_of: int) -> list[str]:
    """Scopes of the keys in force of somebody named by holder, or of an office."""
    keys = all_of(facts, "holder", f"{role}:{who}", as_of)
    return [one.value["scope"] for one in keys if facts.revocation(one.value["keyid"], as_of) is None]


def duty_of(facts: Facts, enrolment: MerchantFact, as_of: int) -> Duty:
    """Who is responsible for an enrolled merchant as of an index."""
    found: dict[str, str] = {}
    assigned: list[int] = []
    for target in _targets(enrolment):
        for one in reversed(all_of(facts, "duty", target, as_of)):
            new = {role: who for role, who in one.value.items() if role not in found}
            if new:
                found |= new
                assigned.append(one.index)
    return Duty(
        enrolment.merchant,
        enrolment.name,
        enrolment.grid,
        found.get("supervisor", enrolment.supervisor),
        found.get("regulator"),
        found.get("unit"),
        tuple(assigned),
    )


def fetch_duties(facts: Facts, enrolled: Iterable[MerchantFact]) -> None:
    """Fetch in a few queries what `duty_of` asks about these merchants."""
    facts.fetch_matters(("duty", target) for one in enrolled for target in _targets(one))


def duties(facts: Facts, as_of: int) -> list[Duty]:
    """Of every merchant enrolled, in the order of grid and credit code: nobody is left out."""
    enrolled = facts.enrolled(as_of)
    fetch_duties(facts, enrolled)
    found = [duty_of(facts, enrolment, as_of) for enrolment in enrolled]
    return sorted(found, key=lambda duty: (duty.grid, duty.merchant))


def _targets(enrolment: MerchantFact) -> list[str]:
    """Under what a duty for this merchant may stand, the most specific first."""
    levels = enrolment.grid.split("/")
    grids = ["/".join(levels[:depth]) for depth in range(len(levels), 0, -1)]
    return [f"merchant:{enrolment.merchant}", *(f"grid:{grid}" for grid in grids), f"grid:{EVERYWHERE}"]
