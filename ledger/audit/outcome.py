"""Faults, counts and remarks gathered while a verification goes on, made into a report at its end.

    outcome = Outcome()
    outcome.looked("chain", 256)
    outcome.fault("chain", 17, Message("prev names entry {before}, which is missing", before=16))
    outcome.report(size, root, warnings=[]).verdict          # "tampered"

What it does: keeps the first faults of every check and counts the rest, so that a ledger damaged throughout
is reported in bounded memory. What it leaves to others: deciding what a fault is.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from ledger.audit.report import CHECKS, Check, Fault, Report, Status, Verdict
from ledger.messages import Message, joined, shortened

MAX_LISTED: Final = 1_000
"""Faults listed of each check; the others are counted."""
MAX_DETAIL: Final = 1_000
"""Characters of a detail; a body may have hundreds of problems."""

_LOOKED_AT: Final = {
    "encoding": Message("{count:,} entries read"),
    "index": Message("{count:,} entries in their place, no statement twice"),
    "chain": Message("{count:,} links to the entry before"),
    "merchant_chain": Message("{count:,} links in merchants' own chains"),
    "tree": Message("{count:,} checkpoints and hash tiles compared with the entries"),
    "checkpoint_signature": Message("{count:,} signed checkpoints"),
    "statement_signature": Message("{count:,} signatures by authors"),
    "authority": Message("{count:,} entries whose signers had to be entitled"),
    "seen": Message("{count:,} checkpoints that authors had seen"),
    "schema": Message("{count:,} bodies"),
    "custody": Message("{count:,} entries judged by the rules of custody"),
    "inspection": Message("{count:,} checks whose findings were computed again"),
    "facts": Message("{count:,} rows of derived tables"),
    "attachments": Message("{count:,} attachments named by entries"),
    "witness": Message("{count:,} cosignatures"),
}


class Outcome:
    """See the module docstring."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._faults: dict[str, list[Fault]] = {name: [] for name in CHECKS}
        self._unlisted: Counter[str] = Counter()
        self._remarks: dict[str, list[Message]] = {name: [] for name in CHECKS}
        self._unmade: set[str] = set()
        self._incomplete = False

    def looked(self, check: str, count: int = 1) -> None:
        """`count` more things were looked at."""
        self._counts[check] += count

    def fault(self, check: str, index: int | None, detail: Message) -> None:
        """Something is not as it must be; `index` is the entry it was found at, None where it is no entry's."""
        faults = self._faults[check]
        if len(faults) < MAX_LISTED:
            faults.append(Fault(check, index, shortened(detail, MAX_DETAIL)))
        else:
            self._unlisted[check] += 1

    def remark(self, check: str, text: Message) -> None:
        """Something a reader of the report should know about a check, whatever it found."""
        self._remarks[check].append(text)

    def not_made(self, check: str, reason: Message, *, asked: bool) -> None:
        """A check that could not be made. One that was asked for leaves the verdict incomplete."""
        self._unmade.add(check)
        self._incomplete |= asked
        self.remark(check, reason)

    def report(self, size: int, root: bytes, warnings: list[Message]) -> Report:
        """The report over all that was gathered: faults in the order of the checks, then of the entries."""
        faults = [
            fault
            for name in CHECKS
            for fault in sorted(self._faults[name], key=lambda found: found.index or 0)
        ]
        verdict: Verdict = "tampered" if faults else "incomplete" if self._incomplete else "intact"
        return Report(verdict, size, root, tuple(map(self._check, CHECKS)), tuple(faults), tuple(warnings))

    def _check(self, name: str) -> Check:
        found = len(self._faults[name]) + self._unlisted[name]
        status: Status = "failed" if found else "not_checked" if name in self._unmade else "passed"
        parts = []
        if self._unlisted[name]:
            parts.append(
                Message("{found:,} faults, the first {listed:,} are listed", found=found, listed=MAX_LISTED)
            )
        elif found:
            parts.append(Message("1 fault") if found == 1 else Message("{found:,} faults", found=found))
        if name not in self._unmade:
            parts.append(Message(_LOOKED_AT[name], count=self._counts[name]))
        return Check(name, status, self._counts[name], joined(parts + self._remarks[name]))
