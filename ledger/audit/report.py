"""What a verification found: each check made or not made, and each fault with its entry (format, section 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ledger.messages import Message

CHECKS = (
    "encoding",
    "index",
    "chain",
    "merchant_chain",
    "tree",
    "checkpoint_signature",
    "statement_signature",
    "authority",
    "seen",
    "schema",
    "custody",
    "inspection",
    "facts",
    "attachments",
    "witness",
)
"""In the order of the format."""

Status = Literal["passed", "failed", "not_checked"]
Verdict = Literal["intact", "tampered", "incomplete"]
EXIT = {"intact": 0, "tampered": 1, "incomplete": 3}


class Fault(NamedTuple):
    """Something that is not as it must be. `index` is the entry it was found at, None where it is no entry's."""

    check: str
    index: int | None  # type: ignore[assignment]  # hides tuple.index, which nobody wants here
    detail: Message


class Check(NamedTuple):
    """One check: `count` is how many things it looked at."""

    name: str
    status: Status
    count: int  # type: ignore[assignment]  # hides tuple.count, likewise
    detail: Message


@dataclass(frozen=True)
class Report:
    """The outcome. `size` and `root` are those recomputed from the entries, not those claimed."""

    verdict: Verdict
    size: int
    root: bytes
    checks: tuple[Check, ...]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Message, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def as_json(self) -> dict[str, object]:
        """The object `custody verify --json` prints."""
        return {
            "verdict": self.verdict,
            "size": self.size,
            "root": self.root.hex(),
            "checks": [check._asdict() for check in self.checks],
            "faults": [fault._asdict() for fault in self.faults],
            "warnings": list(self.warnings),
        }
