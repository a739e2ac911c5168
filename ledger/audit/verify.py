"""Whether a ledger is what it says: everything derived again from its entries (format, section 10).

    with open_source("backup.zip") as source:
        report = verify(source, vkey="custody.example/erligang+…", since=remembered)
    report.verdict                                   # "intact", "tampered" or "incomplete"

What it does: reads the entries once, makes every check of the format, and goes on after a fault. In a large ledger the
facts go to disk (`spill`); in memory stay keys, merchants, checks, and 48 bytes and more for each logged event. What it
leaves to others: reading a source (`live`, `exchange`), showing the report (`cli`).

    reading       entries by their place: encoding            chains        index, chain, merchant_chain
    recomputed    the tree of the entries                     tiles         tree: stored tiles
    checkpoints   tree: roots, checkpoint_signature           authors       statement_signature
    judging       schema, authority, seen, custody, inspection
    signatures    the arithmetic of both, on all cores (`workers`)
    derived       facts                                       attachments   attachments
    outcome       the report                                  scratch       what is remembered on disk
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from typing import Final

from ledger.audit.attachments import AttachmentChecks
from ledger.audit.authors import AuthorChecks
from ledger.audit.chains import Chains
from ledger.audit.checkpoints import Checkpoints, Since, claimed_size, log_verifier
from ledger.audit.derived import FactComparison
from ledger.audit.judging import Judging, KnownStatements, Witnessed
from ledger.audit.outcome import Outcome
from ledger.audit.reading import Chunk, read_chunks
from ledger.audit.recomputed import RecomputedTree
from ledger.audit.report import Report
from ledger.audit.scratch import Scratch
from ledger.audit.signatures import SignatureChecks
from ledger.audit.source import Source
from ledger.audit.spill import Spill
from ledger.audit.tiles import compare_leaves, compare_upper
from ledger.custody.context import FUTURE_MS
from ledger.errors import SourceError
from ledger.log.entry import Entry, parse
from ledger.log.note import NoteVerifier
from ledger.log.times import format_utc, parse_instant
from ledger.messages import Message, joined
from ledger.workers.crew import cores
from ledger.workers.memory import uncollected

ALONE: Final = 2_000
"""Ledgers of fewer entries are verified in the calling process: starting workers takes longer."""
IN_MEMORY: Final = 200_000
"""Ledgers of fewer entries are replayed in memory: some 350 bytes an entry."""
PROGRESS: Final = 4_096
"""Entries between two reports of progress."""
_REMEMBERED_ENTRIES: Final = 64

Progress = Callable[[int, int], None]
"""Called with entries done and entries in all."""


def _quiet(done: int, total: int) -> None:
    """No progress is shown."""


def verify(
    source: Source,
    *,
    vkey: str | None = None,
    since: bytes | None = None,
    signatures: bool = True,
    processes: int | None = None,
    progress: Progress = _quiet,
    attachments: bool = True,
    now_ms: int | None = None,
) -> Report:
    """Make every check of the format on a source.

    `vkey`: the log's verifier key as somebody knows it, rather than the source's own claim. `since`: a
    checkpoint that somebody remembers; what came before must still be there. `processes`: how many verify
    signatures; None for as many as there are cores, 0 for none but this one. Without `signatures` the verdict
    is at best "incomplete"; leaving out `attachments` is named in the report and does not touch the verdict.
    `now_ms`: the caller's clock, milliseconds since 1970; a ledger ahead of it is remarked on.

    Raises: SourceError when the source cannot be read at all; NoteError, KeyInvalid when `vkey` or `since` is
    none, or `since` is not by the log's key; LedgerError when a process that verifies signatures has died."""
    remembered = Since.of(since)
    newest = _newest(source)
    claimed = claimed_size(newest)
    outcome = Outcome()
    if (claimed or 0) < ALONE or not signatures:  # for checkpoints alone, workers are not worth their start
        processes = 0
    elif processes is None:
        processes = cores()
    with ExitStack() as stack:
        stack.enter_context(uncollected())
        scratch = stack.enter_context(Scratch())
        checks = stack.enter_context(SignatureChecks(outcome, processes=processes))
        chunks = read_chunks(source, claimed=claimed, outcome=outcome)
        first = next(chunks, None)
        verifier = log_verifier(source, vkey, first.entries[0] if first else None, outcome)
        if remembered is not None and verifier is not None:
            remembered.must_be_of(verifier)
        spill = stack.enter_context(Spill()) if (claimed or 0) >= IN_MEMORY else None
        run = _Run(
            source,
            scratch,
            checks,
            outcome,
            verifier,
            signatures=signatures,
            attachments=attachments,
            spill=spill,
        )
        shown = 0
        for chunk in chain((first,) if first else (), chunks):
            run.take(chunk)
            if run.tree.size - shown >= PROGRESS:
                shown = run.tree.size
                progress(shown, max(shown, claimed or 0))
        run.finish(newest, remembered)
        if now_ms is not None and run.recorded_ms > now_ms + FUTURE_MS:
            outcome.remark("index", _ahead(run.recorded_ms, now_ms))
        progress(run.tree.size, run.tree.size)
        return outcome.report(run.tree.size, run.tree.root(), source.warnings())


def _ahead(recorded_ms: int, now_ms: int) -> Message:
    return Message(
        "the last entry was recorded at {recorded}, the clock here says {now}: "
        "one of the two clocks is wrong, and what follows can only be recorded later still",
        recorded=format_utc(recorded_ms),
        now=format_utc(now_ms),
    )


def _unvouched(known: int, seen: Witnessed, size: int) -> Message:
    """What nobody outside bears witness to. `known`: entries of the checkpoint that somebody remembers."""
    if known:
        end = Message(
            "nothing from outside vouches for the end, from entry {known:,} on: a cut-off tail would not show "
            "(give a later --since CHECKPOINT)",
            known=known,
        )
    else:
        end = Message(
            "nothing from outside vouches for the end: a cut-off tail would not show (give --since CHECKPOINT)"
        )
    witnessed = Message(
        "authors who are not operators had seen the first {seen:,} of {size:,} entries, "
        "{keys:,} key(s) of them so much",
        seen=seen.size,
        size=size,
        keys=seen.keys,
    )
    return joined([end, witnessed])


def _newest(source: Source) -> bytes:
    """The newest checkpoint; no bytes where a database has lost it, which is a fault and not the end."""
    try:
        return source.checkpoint()
    except SourceError:
        if source.facts() is None:
            raise
        return b""


class _Run:
    """All checks of one verification, fed 256 entries at a time."""

    def __init__(
        self,
        source: Source,
        scratch: Scratch,
        checks: SignatureChecks,
        outcome: Outcome,
        verifier: NoteVerifier | None,
        *,
        signatures: bool,
        attachments: bool,
        spill: Spill | None,
    ) -> None:
        self.tree = RecomputedTree(scratch)
        self._source = source
        self._scratch = scratch
        self._outcome = outcome
        self._checks = checks
        self._pins = Checkpoints(source, verifier, checks, outcome)
        self._chains = Chains(outcome)
        known = KnownStatements(scratch.index_of, self._entry_at)
        origin = verifier.name if verifier else ""
        self._judging = Judging(
            outcome, self.tree, known, origin=origin, entry_at=self._entry_at, spill=spill
        )
        self._authors = AuthorChecks(checks, outcome, self._judging.facts) if signatures else None
        self._attachments = AttachmentChecks(source, outcome, wanted=attachments)
        facts = source.facts()
        self._facts = None if facts is None else FactComparison(facts, outcome)
        self._reread: OrderedDict[int, Entry] = OrderedDict()
        self._recorded_at = ""

    @property
    def recorded_ms(self) -> int:
        """When the last entry was recorded, milliseconds since 1970; 0 without entries."""
        return parse_instant(self._recorded_at) if self._recorded_at else 0

    def take(self, chunk: Chunk) -> None:
        """Make every check of the next entries that does not need those after them."""
        self.tree.extend(chunk.leaves)
        compare_leaves(self._source, chunk.start, chunk.leaves, self._outcome)
        self._chains.follow(chunk)
        ids = [
            b"" if entry is None else bytes.fromhex(entry.statement.id.replace("-", ""))
            for entry in chunk.entries
        ]
        repeated = self._repeated(chunk.start, ids)
        for index, (entry, id_) in enumerate(zip(chunk.entries, ids, strict=True), chunk.start):
            if entry is None:
                rows = None
            else:
                self._recorded_at = entry.recorded_at
                rows = None if index in repeated else self._judging.judge(index, entry, id_)
                if self._authors is not None:
                    self._authors.check(index, entry)
                self._attachments.look(index, entry)
            if self._facts is not None:
                if rows is None:
                    self._facts.skip(index)
                else:
                    self._facts.expect(rows)
        if self._facts is not None:
            self._facts.reach(self.tree.size)
        self._pins.follow(self.tree)
        self._judging.settle()

    def finish(self, newest: bytes, since: Since | None) -> None:
        """Make the checks that need all entries, and wait for signatures."""
        outcome, size = self._outcome, self.tree.size
        if size == 0:  # format, section 4: entry 0 is ledger.opened
            outcome.fault("index", 0, Message("there is no entry: a ledger begins with ledger.opened"))
        compare_upper(self._source, self.tree, outcome)
        for fault in self._source.flaws():
            outcome.fault(*fault)
        self._pins.finish(self.tree, newest, since)
        seen = self._judging.finish()
        known = since.checkpoint.size if since else 0
        if known != size:
            outcome.remark("tree", _unvouched(known, seen, size))
        if self._authors is None:
            outcome.not_made(
                "statement_signature",
                Message("left out, as asked: who said what is not proved"),
                asked=True,
            )
        self._checks.finish()
        if self._facts is None:
            outcome.not_made("facts", Message("the source has no derived tables"), asked=False)
        else:
            self._facts.finish(size)
        self._attachments.finish()
        outcome.not_made("witness", Message("no witness is known to this version"), asked=False)

    def _repeated(self, start: int, ids: list[bytes]) -> set[int]:
        """Places of statements that the ledger had before."""
        repeated = self._scratch.add_ids([(id_, index) for index, id_ in enumerate(ids, start) if id_])
        for index, first in repeated:
            self._outcome.fault("index", index, Message("has the statement id of entry {first}", first=first))
        return {index for index, _ in repeated}

    def _entry_at(self, index: int) -> Entry:
        """One earlier entry, read again. Raises: SourceError, EncodingError and others of its kind."""
        entry = self._reread.get(index)
        if entry is None:
            data = next((data for _, data in self._source.entries(index, index + 1)), None)
            if data is None:
                raise SourceError("the entry is missing", index=index)
            entry = self._reread[index] = parse(data)
            if len(self._reread) > _REMEMBERED_ENTRIES:
                self._reread.popitem(last=False)
        return entry
