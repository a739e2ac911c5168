"""Every statement judged where it stands, by the rules that admission applies (`custody.admission`).

    judging = Judging(outcome, tree, known, origin=…, entry_at=…)
    rows = judging.judge(1041, entry, id_)       # its facts, None when they cannot be told

What it does: makes the checks `schema`, `authority`, `seen`, `custody` and `inspection`, each step by itself
so that one broken rule does not hide another. What it leaves to others: bytes, hashes, signatures, and
comparing the facts.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from ledger.audit.outcome import Outcome
from ledger.audit.plans import Plans
from ledger.audit.recomputed import RecomputedTree
from ledger.audit.spill import Spill
from ledger.custody.admission import (
    Candidate,
    check_authority,
    check_frame,
    check_seen,
    checked_body,
    statement_fact,
    take_effect,
)
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.custody.partition import Rows
from ledger.custody.rules import RULES
from ledger.errors import (
    BodyInvalid,
    KeyInvalid,
    LedgerError,
    NotAuthorised,
    SeenMismatch,
    SourceError,
    TimeRefused,
    WrongLedger,
)
from ledger.log.entry import Entry
from ledger.log.times import instant_ms, parse_instant
from ledger.messages import Message
from ledger.store.facts import FactRow, GrantFact, RevocationFact, StatementFact
from ledger_schemas import Body, LedgerOpened

_CHECK_OF: Final[dict[type[Exception], str]] = {
    BodyInvalid: "schema",
    KeyInvalid: "authority",
    NotAuthorised: "authority",
    SeenMismatch: "seen",
}
_NO_SETTING: Final = ("", date.min)


class KnownStatements(Rows[bytes, StatementFact]):
    """Statements by id, found through the scratch file and read again from the source: corrections are rare."""

    __slots__ = ("_entry_at", "_index_of")

    def __init__(self, index_of: Callable[[bytes], int | None], entry_at: Callable[[int], Entry]) -> None:
        super().__init__(lambda row: row.id, None)
        self._index_of, self._entry_at = index_of, entry_at

    def last(self, key: bytes, as_of: int) -> StatementFact | None:
        index = self._index_of(key)
        if index is None or index >= as_of:
            return None
        entry = self._entry_at(index)
        statement = entry.statement
        late = (parse_instant(entry.recorded_at) - parse_instant(statement.occurred_at)) // 60_000
        return StatementFact(index, key, statement.kind, statement.merchant, entry.merchant_seq, max(0, late))


class Witnessed(NamedTuple):
    """The greatest checkpoint that authors had seen who are not operators, and how many keys of theirs had."""

    size: int
    keys: int


class Judging:
    """See the module docstring."""

    def __init__(
        self,
        outcome: Outcome,
        tree: RecomputedTree,
        known: KnownStatements,
        *,
        origin: str,
        entry_at: Callable[[int], Entry],
        spill: Spill | None,
    ) -> None:
        """`spill` takes the facts that memory has no room for."""
        self._spill = spill
        self.facts = Facts(spill)
        self.facts.statements = known
        self._outcome = outcome
        self._root_at = tree.root_at
        self._setting = Setting(origin, *_NO_SETTING, entry_at, tree.root_at)
        self._recorded = ("", 0)
        self._day = ("", date.min)
        self._signed: dict[str, array[int]] = {}  # entries by the keys that signed them
        self._disputed = 0
        self._unknown: Counter[str] = Counter()
        self._plans = Plans()
        self._newest_seen = 0
        self._seen_by: set[str] = set()
        self._judged = self._entitled = self._pinned = self._inspected = 0

    def judge(self, index: int, entry: Entry, id_: bytes) -> list[FactRow] | None:
        """The facts that the entry adds, the statement's own first; None when a rule that they rest on is broken."""
        self._judged += 1
        candidate = self._candidate(index, entry, id_)
        if candidate is None:
            return None
        recorded_ms = self._recorded_ms(entry.recorded_at)
        stands = self._check_frame(index, candidate, recorded_ms)
        signers = self._check_authority(index, candidate)
        self._check_seen(index, candidate, signers)
        if not stands:
            return None
        rows = self._take_effect(index, candidate, signers, recorded_ms)
        if rows is None:
            return None
        fact = statement_fact(
            candidate, index=index, merchant_seq=entry.merchant_seq, recorded_ms=recorded_ms
        )
        try:
            self.facts.add(fact, rows, remember_id=False)
        except Exception as error:  # hostile entries may add up to what no fact can hold
            self._outcome.fault(
                "custody",
                index,
                Message("cannot be judged: {type}: {error}", type=type(error).__name__, error=error),
            )
            return None
        if self._spill is not None:
            self._spill.take(fact, rows)
        self._plans.take(rows)
        for row in rows:
            if type(row) is RevocationFact and row.compromised_from is not None:
                self._dispute(row.keyid, row.compromised_from)
        rows.insert(0, fact)
        return rows

    def settle(self) -> None:
        """Between two chunks: facts may go to disk."""
        if self._spill is not None:
            self._spill.settle(self.facts)

    def finish(self) -> Witnessed:
        """Report what was looked at. Returns what authors had seen."""
        for check, count in (
            ("schema", self._judged),
            ("custody", self._judged),
            ("authority", self._entitled),
            ("seen", self._pinned),
            ("inspection", self._inspected),
        ):
            self._outcome.looked(check, count)
        if self._unknown:
            listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self._unknown.items())[:20])
            self._outcome.not_made(
                "schema",
                Message(
                    "kinds unknown to this version of the program: {listed}; use a newer one", listed=listed
                ),
                asked=True,
            )
        for remark in self._plans.remarks():
            self._outcome.remark("custody", remark)
        if self._disputed:
            self._outcome.remark(
                "authority",
                Message(
                    "disputed: {disputed:,} of the signatures, by keys that were revoked later "
                    "as compromised by then",
                    disputed=self._disputed,
                ),
            )
        return Witnessed(self._newest_seen, len(self._seen_by))

    # ------------------------------------------------------------------ the single steps

    def _candidate(self, index: int, entry: Entry, id_: bytes) -> Candidate | None:
        statement = entry.statement
        if statement.kind not in RULES:
            self._unknown[statement.kind] += 1
            return None
        try:
            body = checked_body(statement.kind, statement.body)
        except BodyInvalid as error:
            self._outcome.fault("schema", index, error.placed)
            return None
        if index == 0:
            self._open(body)
        day = statement.occurred_at[:10]
        if day != self._day[0]:
            self._day = day, date.fromisoformat(day)
        return Candidate(
            statement, entry.signatures, body, id_, instant_ms(statement.occurred_at), self._day[1]
        )

    def _open(self, body: Body) -> None:
        if isinstance(body, LedgerOpened):
            self._setting = Setting.of(self._setting.origin, body, self._setting.entry_at, self._root_at)
        else:
            self._outcome.fault(
                "authority",
                0,
                Message("a ledger begins with ledger.opened, not with {body_kind}", body_kind=body.kind),
            )

    def _recorded_ms(self, text: str) -> int:
        if text != self._recorded[0]:  # one for a whole commit
            self._recorded = text, parse_instant(text)
        return self._recorded[1]

    def _check_frame(self, index: int, candidate: Candidate, recorded_ms: int) -> bool:
        """Whether the statement can be judged further."""
        try:
            check_frame(self.facts, self._setting, candidate, index=index, recorded_ms=recorded_ms)
        except (WrongLedger, TimeRefused) as error:
            self._outcome.fault("custody", index, error.placed)
        except LedgerError as error:
            self._fault("custody", index, error)
            return False
        return True

    def _check_seen(self, index: int, candidate: Candidate, signers: tuple[GrantFact, ...]) -> None:
        seen = candidate.statement.seen
        if seen is None:
            return
        self._pinned += 1
        try:
            check_seen(seen, index=index, root_at=self._root_at)
        except SeenMismatch as error:
            self._outcome.fault("seen", index, error.placed)
            return
        # Whoever runs the ledger does not vouch for its end: the operator could pin what it has just cut off.
        others = [grant.keyid for grant in signers if grant.role != "operator"]
        if others and seen.size > self._newest_seen:
            self._newest_seen = seen.size
            self._seen_by.clear()
        if seen.size == self._newest_seen:
            self._seen_by.update(others)

    def _check_authority(self, index: int, candidate: Candidate) -> tuple[GrantFact, ...]:
        """The grants of the signers; where they are not entitled, those there are all the same."""
        self._entitled += 1
        for signature in candidate.signatures:
            indexes = self._signed.get(signature.keyid)
            if indexes is None:
                indexes = self._signed[signature.keyid] = array("q")
            indexes.append(index)
        try:
            return check_authority(self.facts, candidate, index=index)
        except NotAuthorised as error:
            self._outcome.fault("authority", index, error.placed)
        grants = (self.facts.grant(signature.keyid, index) for signature in candidate.signatures)
        return tuple(grant for grant in grants if grant is not None)

    def _take_effect(
        self, index: int, candidate: Candidate, signers: tuple[GrantFact, ...], recorded_ms: int
    ) -> list[FactRow] | None:
        inspection = candidate.statement.kind == "inspection.recorded"
        if inspection:
            self._inspected += 1
        try:
            return take_effect(
                self.facts, self._setting, candidate, signers, index=index, recorded_ms=recorded_ms
            )
        except LedgerError as error:
            self._fault("inspection" if inspection else "custody", index, error)
        except Exception as error:  # hostile entries may meet rules that rely on what admission had made sure
            check = "inspection" if inspection else "custody"
            self._outcome.fault(
                check,
                index,
                Message("cannot be judged: {type}: {error}", type=type(error).__name__, error=error),
            )
        return None

    def _fault(self, check: str, index: int, error: LedgerError) -> None:
        if isinstance(error, SourceError) and error.index is None:
            raise error  # the source has gone, which says nothing about the entry
        if check != "inspection":
            check = _CHECK_OF.get(type(error), check)
        self._outcome.fault(check, index, error.placed)

    def _dispute(self, keyid: str, start: int) -> None:
        indexes = self._signed.get(keyid)
        if indexes is not None:
            self._disputed += len(indexes) - bisect_left(indexes, start)
