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
from ledger.messages import Message, joined
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

    def remarks(self) -> list[Message]:
        """What a reader of the report should know, nothing where all were drawn."""
        voided = [
            Message(_VOIDED[void.seed_known], **_named(self._announced[identity]), entry=void.index)
            for identity, void in self._voided.items()
            if identity in self._announced
        ]
        waiting = [
            Message("{week} {grid} (announced by entry {announced})", **_named(one))
            for identity, one in self._announced.items()
            if identity not in self._voided
        ]
        found = []
        if voided:
            found.append(Message("plans voided: {listed}", listed=_listed(voided)))
        if waiting:
            found.append(Message("plans announced and not drawn: {listed}", listed=_listed(waiting)))
        return found


_VOIDED: Final = (
    Message(
        "{week} {grid} (announced by entry {announced}, voided by entry {entry} before its seed was known)"
    ),
    Message(
        "{week} {grid} (announced by entry {announced}, voided by entry {entry} after its seed was known)"
    ),
)


def _named(announced: Matter) -> dict[str, object]:
    return {"week": announced.value["week"], "grid": announced.value["grid"], "announced": announced.index}


def _listed(found: list[Message]) -> Message:
    more = len(found) - MAX_NAMED
    return joined([*found[:MAX_NAMED], *([Message("{count:,} more", count=more)] if more > 0 else [])])
