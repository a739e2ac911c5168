"""One custody ledger: admission in front of a store; every commit extends both chains and the tree and signs
a checkpoint.

    ledger = Ledger(store, log_key=key, clock=now_ms)
    for answer in ledger.append([envelope, …]):         # one durable commit
        match answer:
            case Receipt(): …                           # index, leaf hash, checkpoint
            case LedgerError(): …                       # says what to do; the others are in all the same

Questions (`holdings`, `trace`, `coverage`) have modules of their own. The clock and the keys are handed in. A
ledger may be shared
by threads; appends take turns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import TracebackType

from ledger import log
from ledger.custody import chain_making
from ledger.custody.admission import Candidate, checked_body
from ledger.custody.batch import Batch, Link, Receipt, Tail
from ledger.custody.context import Setting
from ledger.custody.facts import Facts
from ledger.custody.loading import StoreLoader, touched
from ledger.custody.signatures import Checking, Signatures
from ledger.errors import LedgerError, NotAuthorised, Refused, StoreCorrupt, StoreReadOnly
from ledger.log import Entry, Envelope, NoteSigner, SigningKey, TileTree, TileWriter
from ledger.log.tiles import right_edge
from ledger.store.base import Store, Transaction
from ledger.workers.crew import Crew
from ledger.workers.memory import uncollected
from ledger_schemas import KeyGranted, LedgerOpened

Answer = Receipt | LedgerError

REMEMBERED_ROOTS = 4096
REMEMBERED_FACTS = 50_000
"""Rows of facts after which those not asked for lately are forgotten; a process keeps at most twice as many."""
REMEMBERED_CHAINS = 10_000


class Ledger:
    """See the module docstring."""

    def __init__(self, store: Store, *, log_key: SigningKey | None, clock: Callable[[], int]) -> None:
        self.store = store
        self._clock = clock
        self._signer = NoteSigner(store.origin, log_key) if log_key is not None else None
        self._lock = threading.RLock()
        self._signatures = Signatures(Crew())
        self._tail: Tail | None = None
        self._setting: Setting | None = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._signatures.close()
        self.store.close()

    # ------------------------------------------------------------------ reading

    @property
    def setting(self) -> Setting:
        """What entry 0 fixed."""
        if self._setting is None:
            self._setting = self._read_setting(self.entry(0).statement.body)
        return self._setting

    def entry(self, index: int) -> Entry:
        """One entry. Raises: UsageError when there is none at that index."""
        return log.entry.parse(self.store.entry(index))

    def entries_at(self, indexes: Iterable[int]) -> dict[int, Entry]:
        """Entries by index, read together; those that are not there are left out."""
        found = self.store.entries_at(list(indexes))
        return {index: log.entry.parse(data) for index, data in found.items()}

    def root_at(self, size: int) -> bytes:
        """Root of the history of the first `size` entries."""
        return self.tree(self.store.head().size).root_at(size)

    def tree(self, size: int) -> TileTree:
        """The tree of the first `size` entries, read from the stored tiles."""
        return TileTree(lambda level, number, _: self.store.tile(level, number) or b"", size)

    def facts(self) -> Facts:
        """Facts of everything committed, fetched as they are asked for."""
        return Facts(StoreLoader(self.store.facts))

    def prove(self, index: int) -> bytes:
        """A tlog-proof of one entry against the newest checkpoint, from O(log n) tiles read in one query."""
        head = self.store.head()
        data = self.store.entry(index)
        tiles = self.store.tiles(
            [(tile.level, tile.number) for tile in TileTree.needed(head.size, index=index)]
        )
        tree = TileTree(lambda level, number, _: tiles.get((level, number), b""), head.size)
        return log.proof.make(data, index, tree.inclusion(index), head.checkpoint_note)

    def prove_chain(self, merchant: str) -> bytes:
        """All entries of a merchant against the newest checkpoint (`merchant_chain`), with the log's claim to that.

        Raises: StoreReadOnly without the log key; UsageError when the merchant has no entry.
        """
        if self._signer is None:
            raise StoreReadOnly("this ledger was opened without its log key, so it can claim nothing")
        head = self.store.head()
        return chain_making.make(self.store, merchant, head.size, head.checkpoint_note, self._signer)

    # ------------------------------------------------------------------ appending

    def append(self, envelopes: Sequence[Envelope]) -> list[Answer]:
        """Judge the statements in order and commit those that stand, durably, as one transaction.

        Each answer stands at the place of its envelope: a receipt, or the error that says what to do. A statement that
        is in the ledger already gets its first receipt again. Raises: StoreError when the commit itself fails; then
        nothing of this call is in the ledger. NotAuthorised when an empty ledger is not opened first.
        """
        if self._signer is None:
            raise StoreReadOnly(
                "this ledger was opened without its log key, so it can be read but not written"
            )
        with self._lock, uncollected():
            # Whatever fails below, the tail is read anew next time.
            tail, self._tail = self._tail or self._read_tail(), None
            tail.facts.age(REMEMBERED_FACTS)
            if len(tail.links) > REMEMBERED_CHAINS:
                tail.links.clear()
            with self._signatures.checking(envelopes, tail.facts, tail.head.size) as check:
                stated = [_candidate(envelope) for envelope in envelopes]
                answers, self._tail = self._answer(tail, envelopes, stated, check)
        return answers

    def _answer(
        self,
        tail: Tail,
        envelopes: Sequence[Envelope],
        stated: Sequence[Candidate | LedgerError],
        check: Checking,
    ) -> tuple[list[Answer], Tail]:
        """Many statements are judged and written while their signatures are being verified, and thrown away and judged
        again in the rare case that some do not verify. A beginning is judged afterwards: it decides about all.
        """
        if check.takes_long and tail.head.size:
            try:
                return self._record(tail, envelopes, stated, check)
            except _Unverified as found:
                refused, tail = found.refused, self._read_tail()
        else:
            refused = check.refused(_keys_stated(stated))
        return self._record(
            tail, envelopes, [refused.get(place, statement) for place, statement in enumerate(stated)]
        )

    def _record(
        self,
        tail: Tail,
        envelopes: Sequence[Envelope],
        stated: Sequence[Candidate | LedgerError],
        check: Checking | None = None,
    ) -> tuple[list[Answer], Tail]:
        """Judge and commit, durably: the answers, and the new tail.

        Raises: _Unverified when `check`, asked last of all before the commit, refuses some; then nothing is recorded.
        """
        candidates = [candidate for candidate in stated if isinstance(candidate, Candidate)]
        if not candidates:
            return [answer for answer in stated if not isinstance(answer, Candidate)], tail
        with self.store.writing() as transaction:
            if transaction.head != tail.head:
                tail = self._read_tail()
            batch = self._begin(tail, candidates)
            answers = [_offer(batch, *pair) for pair in zip(envelopes, stated, strict=True)]
            tail = self._write(transaction, tail, batch)
            if check is not None and (refused := check.refused(_keys_stated(stated))):
                raise _Unverified(refused)
        tail.facts.settle()
        size = tail.head.size
        return [a._replace(size=size) if isinstance(a, Receipt) and a.size < 0 else a for a in answers], tail

    def _read_tail(self) -> Tail:
        """The end of the ledger from the database, its tiles checked against its checkpoint before anything is
        built on it.
        """
        head = self.store.head()
        edge = right_edge(head.size)
        stored = self.store.tiles([(tile.level, tile.number) for tile in edge])
        tiles = TileWriter(head.size, {level: data for (level, _), data in stored.items()})
        if head.size and tiles.root() != head.root:
            raise StoreCorrupt(
                "the stored tiles do not give the root of the checkpoint at size {head_size}: nothing is appended and "
                "nothing signed. Keep the files, run `custody verify`, and restore from a published bundle",
                head_size=head.size,
            )
        last = self.tree(head.size).leaf(head.size - 1) if head.size else None
        return Tail(head, tiles, self.facts(), self._roots(head.size, head.root), self.entry, last=last)

    def _roots(self, size: int, root: bytes) -> Callable[[int], bytes]:
        """Past roots of the tree, remembered."""
        known = {size: root}

        def root_at(past: int) -> bytes:
            found = known.get(past)
            if found is None:
                if len(known) > REMEMBERED_ROOTS:
                    known.clear()
                found = known[past] = self.tree(size).root_at(past)
            return found

        return root_at

    def _begin(self, tail: Tail, candidates: Sequence[Candidate]) -> Batch:
        """An empty batch at the end of the ledger, with all fetched that judging these statements will ask for."""
        tail.facts.prefetch(touched(candidates))
        self._link(tail, {c.statement.merchant for c in candidates if c.statement.merchant is not None})
        setting = self._setting
        if setting is None:
            setting = self.setting if tail.head.size else _first_setting(self, candidates)
        return Batch(tail, setting, max(self._clock(), tail.head.recorded_at_ms))

    def _link(self, tail: Tail, merchants: set[str]) -> None:
        """Learn the latest entry of each merchant's chain."""
        missing = sorted(merchants - tail.links.keys())
        for merchant in missing:
            tail.links[merchant] = None
        read = cache(
            lambda level, number: self.store.tile(level, number) or b""
        )  # many stand in the same tiles
        tree = TileTree(lambda level, number, _: read(level, number), tail.head.size)
        for merchant, head in self.store.facts.chain_heads(missing).items():
            tail.links[merchant] = Link(head.merchant_seq, tree.leaf(head.index))

    def _write(self, transaction: Transaction, tail: Tail, batch: Batch) -> Tail:
        """Hash the batch into the tree, sign the checkpoint and write it all. Without new entries nothing is
        written.
        """
        if not batch.entries or self._signer is None:
            return tail
        tiles = tail.tiles.append([entry.leaf_hash for entry in batch.entries])
        root = tail.tiles.root()
        note = log.checkpoint.sign(self.store.origin, batch.size, root, self._signer)
        rows = [(entry.index, entry.data) for entry in batch.entries]
        transaction.append(rows, tiles, batch.facts, (batch.size, note))
        tail.head = transaction.head
        tail.root_at = self._roots(tail.head.size, root)
        return tail

    def _read_setting(self, body: object) -> Setting:
        opened = checked_body("ledger.opened", body)
        assert isinstance(opened, LedgerOpened)  # noqa: S101 - checked_body returns the model of its kind
        return Setting.of(self.store.origin, opened, self.entry, self.root_at)


class _Unverified(Exception):
    """Statements that were judged already turn out not to be their authors'."""

    def __init__(self, refused: dict[int, LedgerError]) -> None:
        super().__init__()
        self.refused = refused


def _candidate(envelope: Envelope) -> Candidate | LedgerError:
    try:
        return Candidate.of(log.statement.parse_statement(envelope.payload), envelope.signatures)
    except LedgerError as error:
        return error


def _offer(batch: Batch, envelope: Envelope, stated: Candidate | LedgerError) -> Answer:
    if isinstance(stated, LedgerError):
        return stated
    size = batch.size
    try:
        return batch.offer(envelope, stated)
    except LedgerError as error:
        return error
    except Exception as error:
        if batch.size != size:  # half taken in: better no commit than that one
            raise
        return _not_judged(error)


def _keys_stated(stated: Sequence[Candidate | LedgerError]) -> dict[int, tuple[str, ...]]:
    """Public keys that each well-formed statement itself brings in: a key may be granted in the very batch that uses
    it.
    """
    found: dict[int, tuple[str, ...]] = {}
    for place, candidate in enumerate(stated):
        if isinstance(candidate, Candidate):
            match candidate.body:
                case LedgerOpened(operator_key=key) | KeyGranted(public_key=key):
                    found[place] = (key,)
                case _:
                    found[place] = ()
    return found


def _not_judged(error: Exception) -> Refused:
    """A mistake of this program stops the statement that brings it to light, not those beside it."""
    return Refused(
        "the statement cannot be judged ({type}: {error}), so it is not taken in: this is a mistake "
        "of the program. Keep the statement, and report it",
        type=type(error).__name__,
        error=error,
    )


def _first_setting(ledger: Ledger, candidates: Sequence[Candidate]) -> Setting:
    """The setting of a ledger whose entry 0 is about to be written."""
    first = candidates[0] if candidates else None
    if first is None or not isinstance(first.body, LedgerOpened):
        raise NotAuthorised("an empty ledger begins with ledger.opened", field="kind")
    return Setting.of(ledger.store.origin, first.body, ledger.entry, ledger.root_at)
