"""Every stored or given checkpoint against the entries: signed by the log, and of this very history.

    verifier = log_verifier(source, vkey, first_entry, outcome)
    pins = Checkpoints(source, verifier, checks, outcome)
    pins.follow(tree)                    # after every 256 entries
    pins.finish(tree, since)

What it does: makes the check `checkpoint_signature`, and `tree` as far as roots go. What it leaves to others:
stored tiles (`tiles`), and doing the arithmetic of signatures (`signatures`).
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.audit.outcome import Outcome
from ledger.audit.recomputed import RecomputedTree
from ledger.audit.signatures import Place, SignatureChecks
from ledger.audit.source import Source, StoredNote
from ledger.errors import FormatError, NoteError
from ledger.log import checkpoint as checkpoints
from ledger.log import note as notes
from ledger.log.checkpoint import Checkpoint
from ledger.log.entry import Entry
from ledger.log.keys import PublicKey
from ledger.log.note import NoteVerifier
from ledger.messages import Message


def log_verifier(
    source: Source, given: str | None, first: Entry | None, outcome: Outcome
) -> NoteVerifier | None:
    """The key that signs checkpoints: the one given, else the source's own claim, else that of entry 0. They
    must agree.

    Raises: NoteError, KeyInvalid when the given one is no verifier key.
    """
    stated = _stated_in(first)
    claimed = None
    if source.vkey is not None:
        try:
            claimed = NoteVerifier.from_vkey(source.vkey)
        except FormatError as error:
            outcome.fault(
                "checkpoint_signature",
                None,
                Message("the source's own verifier key is none: {problem}", problem=error.placed),
            )
    chosen = NoteVerifier.from_vkey(given) if given is not None else claimed or stated
    if chosen is None:
        outcome.not_made(
            "checkpoint_signature",
            Message("there is no verifier key: give the log's with --vkey"),
            asked=True,
        )
        return None
    if given is None:
        taken = Message("source") if claimed else Message("first entry")
        outcome.remark(
            "checkpoint_signature",
            Message(
                "the log's key {vkey} was taken from the {taken} itself; give the one you know with --vkey",
                vkey=chosen.vkey,
                taken=taken,
            ),
        )
    elif claimed is not None and claimed != chosen:
        outcome.fault(
            "checkpoint_signature",
            None,
            Message(
                "the source says that its log key is {vkey}, given was {chosen}",
                vkey=claimed.vkey,
                chosen=chosen.vkey,
            ),
        )
    if stated is not None and stated.key != chosen.key:
        outcome.fault(
            "checkpoint_signature",
            0,
            Message(
                "ledger.opened names another log key ({vkey}) than {chosen}",
                vkey=stated.vkey,
                chosen=chosen.vkey,
            ),
        )
    return chosen


def _stated_in(first: Entry | None) -> NoteVerifier | None:
    """The log key that `ledger.opened` names, under the ledger's origin."""
    key = None if first is None else first.statement.body.get("log_key")
    if first is None or first.statement.kind != "ledger.opened" or not isinstance(key, str):
        return None
    try:
        return NoteVerifier.from_key(first.statement.ledger, PublicKey.from_base64(key))
    except FormatError:
        return None  # the body is checked where the entry is judged


def claimed_size(note: bytes) -> int | None:
    """The size in the second line of a checkpoint, whatever else is wrong with it; None where there is no number."""
    text = note.split(b"\n", 2)[1:2]
    return int(text[0]) if text and text[0].isdigit() and len(text[0]) < 19 else None


class Since(NamedTuple):
    """A checkpoint that somebody remembers."""

    checkpoint: Checkpoint

    @classmethod
    def of(cls, note: bytes | None) -> Since | None:
        """Raises: NoteError when the note is no checkpoint."""
        try:
            return None if note is None else cls(checkpoints.parse(note))
        except NoteError as error:
            raise NoteError(
                "the checkpoint to begin from is none: {problem}", problem=error.message, field="since"
            ) from error

    def must_be_of(self, verifier: NoteVerifier) -> None:
        """What the log has not signed says nothing about it: no fault of the ledger. Raises: NoteError."""
        try:
            checkpoints.open(self.checkpoint.note, verifier)
        except NoteError as error:
            raise NoteError(
                "the checkpoint to begin from is not by the log's key {vkey}: {problem}. If you are "
                "sure of the checkpoint, give the log's key that you know with --vkey",
                vkey=verifier.vkey,
                problem=error.message,
                field="since",
            ) from error


class Checkpoints:
    """See the module docstring."""

    def __init__(
        self, source: Source, verifier: NoteVerifier | None, checks: SignatureChecks, outcome: Outcome
    ) -> None:
        self._verifier = verifier
        self._checks = checks
        self._outcome = outcome
        self._stored = source.checkpoints()
        self._waiting: Checkpoint | None = None  # read, but of more entries than there are yet
        self._last: bytes | None = None
        self._good = 0  # the greatest size whose root was right
        self._mismatches = 0  # in a row

    def follow(self, tree: RecomputedTree) -> None:
        """Compare every stored checkpoint that the tree has reached."""
        while (pin := self._waiting or self._next()) is not None:
            if pin.size > tree.size:
                self._waiting = pin
                return
            self._waiting = None
            self._compare(pin, tree)

    def finish(self, tree: RecomputedTree, newest: bytes, since: Since | None) -> None:
        """The tree has all entries: compare what is left, the newest checkpoint and the one given."""
        while (pin := self._waiting or self._next()) is not None:
            self._waiting = None
            self._compare(pin, tree)
        pin = self._opened(StoredNote(None, newest)) if newest != self._last else _parsed(newest)
        if pin is not None:
            if newest != self._last:
                self._compare(pin, tree)
            if pin.size < tree.size:
                self._outcome.fault(
                    "tree",
                    pin.size,
                    Message(
                        "no checkpoint covers the entries from {first} to {last}",
                        first=pin.size,
                        last=tree.size - 1,
                    ),
                )
        if self._mismatches > 1:
            self._outcome.remark(
                "tree",
                Message("{count:,} later checkpoints differ likewise", count=self._mismatches - 1),
            )
        if since is not None:
            self._finish_since(tree, since.checkpoint)

    def _next(self) -> Checkpoint | None:
        """The next stored checkpoint that can be read at all."""
        for stored in self._stored:
            self._last = stored.note
            pin = self._opened(stored)
            if pin is not None:
                return pin
        return None

    def _opened(self, stored: StoredNote) -> Checkpoint | None:
        """The checkpoint of a note; its signature goes to be verified."""
        try:
            pin = checkpoints.parse(stored.note)
        except NoteError as error:
            at = stored.size - 1 if stored.size else None
            self._outcome.looked("checkpoint_signature")
            self._outcome.fault(
                "checkpoint_signature",
                at,
                Message(
                    "{checkpoint} cannot be read: {problem}",
                    checkpoint=_named(stored.size),
                    problem=error.placed,
                ),
            )
            return None
        size = pin.size if stored.size is None else stored.size
        at = size - 1 if size else None
        if size != pin.size:
            detail = Message(
                "the checkpoint filed under size {filed} is one of size {size}", filed=size, size=pin.size
            )
            self._outcome.fault("checkpoint_signature", at, detail)
        self._check_signature(pin, at, _named(size))
        return pin

    def _check_signature(self, pin: Checkpoint, at: int | None, name: Message) -> None:
        verifier = self._verifier
        if verifier is None:
            return
        if pin.origin != verifier.name:
            detail = Message(
                "{checkpoint} is of {origin}, not of {expected}",
                checkpoint=name,
                origin=pin.origin,
                expected=verifier.name,
            )
            self._outcome.fault("checkpoint_signature", at, detail)
        text, signatures = notes.split(pin.note)
        by_log = [sig for sig in signatures if (sig.name, sig.key_id) == (verifier.name, verifier.key_id)]
        if not by_log:
            self._outcome.looked("checkpoint_signature")
            detail = Message(
                "{checkpoint} is not signed by the log's key {vkey}", checkpoint=name, vkey=verifier.vkey
            )
            self._outcome.fault("checkpoint_signature", at, detail)
        for sig in by_log:
            place = Place(
                "checkpoint_signature",
                at,
                Message("the signature on {checkpoint} does not verify", checkpoint=name),
            )
            self._checks.submit(verifier.key.spki, sig.signature, text.encode(), place)

    def _compare(self, pin: Checkpoint, tree: RecomputedTree) -> None:
        self._outcome.looked("tree")
        if pin.size <= tree.size and tree.root_at(pin.size) == pin.root:
            self._good, self._mismatches = max(self._good, pin.size), 0
            return
        self._mismatches += 1
        if self._mismatches > 1:
            return
        if pin.size > tree.size:
            detail = Message(
                "{checkpoint} covers more than the {count} entries there are: the end was cut off",
                checkpoint=_named(pin.size),
                count=tree.size,
            )
            self._outcome.fault("tree", tree.size, detail)
        else:
            first = max(0, min(self._good, pin.size - 1))
            detail = Message(
                "{checkpoint} has another root than the entries: something at or after entry {first} was changed",
                checkpoint=_named(pin.size),
                first=first,
            )
            self._outcome.fault("tree", first, detail)

    def _finish_since(self, tree: RecomputedTree, pin: Checkpoint) -> None:
        self._outcome.looked("tree")
        if pin.size > tree.size:
            self._outcome.fault(
                "tree",
                tree.size,
                Message(
                    "cut-off tail: the checkpoint given covers {covered} entries, there are {count}",
                    covered=pin.size,
                    count=tree.size,
                ),
            )
        elif tree.root_at(pin.size) != pin.root:
            self._outcome.fault(
                "tree",
                0,
                Message(
                    "the first {count} entries are not those of the checkpoint given: history was changed",
                    count=pin.size,
                ),
            )


def _parsed(note: bytes) -> Checkpoint | None:
    try:
        return checkpoints.parse(note)
    except NoteError:
        return None


def _named(size: int | None) -> Message:
    if size is None:
        return Message("the newest checkpoint")
    return Message("the checkpoint of size {size}", size=size)
