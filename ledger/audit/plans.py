"""Plans that were announced and not drawn: no fault, and nothing that a verification may pass over in silence.

    plans = Plans()
    plans.take(rows)                 # the facts of each entry
    plans.remarks()                  # ['plans voided: 2026-W18 * (announced by entry 16, voided by entry 40 …)']

Whether a void or a draw is right has been judged by then (`judging`); this names what stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.custody.matters import Matter, read
from ledger.custody.supervision.voiding import Void
from ledger.store.facts import FactRow, MatterFact

MAX_NAMED: Final = 20
"""Plans named in each remark; the others are counted."""


class Plans:
    """See the module docstring."""

    def __init__(self) -> None:
        self._announced: dict[str, Matter] = {}
        self._voided: dict[str, Void] = {}

    def take(self, rows: Iterable[FactRow]) -> None:
        """Of one entry, in order."""
        for row in rows:
            if type(row) is not MatterFact:
                continue
            if row.topic == "plan":
                one = read(row)
                self._announced[one.value["id"]] = one
            elif row.topic == "plan_drawn":
                self._announced.pop(row.key, None)
            elif row.topic == "plan_void":
                value = read(row).value
                self._voided[row.key] = Void(row.index, value["reason"], value["seed_known"])

    def remarks(self) -> list[str]:
        """What a reader of the report should know, nothing where all were drawn."""
        voided = [
            f"{_name(self._announced[identity])}, voided by entry {void.index} "
            f"{'after' if void.seed_known else 'before'} its seed was known)"
            for identity, void in self._voided.items()
            if identity in self._announced
        ]
        waiting = [
            f"{_name(one)})" for identity, one in self._announced.items() if identity not in self._voided
        ]
        return [
            f"{what}: {_listed(names)}"
            for what, names in (("plans voided", voided), ("plans announced and not drawn", waiting))
            if names
        ]


def _name(announced: Matter) -> str:
    return f"{announced.value['week']} {announced.value['grid']} (announced by entry {announced.index}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
