"""Whether two signed checkpoints that a device has kept as evidence are states of one history.

    found = judge(data, verifier)                 # the file alone decides where both are of one size
    found = judge(data, verifier, source)         # else all entries of a published ledger do
    found.verdict                                 # "tampered": the log has shown two histories

    {"evidence": "custody-ledger/evidence@v1", "remembered": "custody.example/x\\n1040\\n…", "shown": "…", …}

A checkpoint that the log has not signed proves nothing against it. Of two sizes the file decides nothing: that one does
not lead to the other shows only from what lies between. Then the entries of the ledger are read; their own checkpoint
has to be signed by the log and to have their root, so whichever of the two is not on the way to it contradicts it.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from ledger import log
from ledger.audit.report import Verdict
from ledger.audit.source import Source
from ledger.errors import NoteError, SourceError
from ledger.log import Checkpoint, CompactRange, NoteVerifier
from ledger.messages import Message

MAGIC: Final = "custody-ledger/evidence@v1"
MAX_BYTES: Final = 1 << 20


class Judged(NamedTuple):
    """What a file of evidence shows; None for a checkpoint that the log has not signed."""

    remembered: Checkpoint | None
    shown: Checkpoint | None
    verdict: Verdict
    why: Message


def judge(data: bytes, verifier: NoteVerifier, source: Source | None = None) -> Judged:
    """See the module docstring. Raises: SourceError for what is no such file, or a ledger that cannot be read."""
    try:
        told = json.loads(data)
        notes = [str(told[name]).encode() for name in ("remembered", "shown")]
        known = told["evidence"] == MAGIC
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise SourceError("this is no file of evidence: save it anew on the device that raised the alarm")
    remembered, shown = (_opened(note, verifier) for note in notes)
    if remembered is None or shown is None:
        why = Message("only one of the two is signed by this log, or neither: that proves nothing against it")
        return Judged(remembered, shown, "incomplete", why)
    if remembered.size == shown.size:
        if remembered.root == shown.root:
            return Judged(remembered, shown, "intact", Message("both are the same state"))
        why = Message("two roots for {size} entries, both signed: two histories", size=shown.size)
        return Judged(remembered, shown, "tampered", why)
    if source is None:
        why = Message("both are signed, of different sizes: only the ledger's entries decide, give --bundle")
        return Judged(remembered, shown, "incomplete", why)
    return Judged(remembered, shown, *_held_against(source, verifier, (remembered, shown)))


def _held_against(
    source: Source, verifier: NoteVerifier, both: tuple[Checkpoint, Checkpoint]
) -> tuple[Verdict, Message]:
    head = log.checkpoint.open(source.checkpoint(), verifier)
    if head.size < max(one.size for one in both):
        return "incomplete", Message(
            "the ledger given has only {size} entries: give a newer copy", size=head.size
        )
    tree, roots = CompactRange(), {}
    for _, data in source.entries(0, head.size):
        tree.append(log.leaf_hash(data))
        if any(one.size == tree.size for one in both):
            roots[tree.size] = tree.root()
    if (tree.size, tree.root()) != (head.size, head.root):
        return "incomplete", Message("the ledger given is damaged itself: run `custody verify` on it")
    for one in both:
        if one.size and roots[one.size] != one.root:
            return "tampered", Message(
                "the signed state of {size} entries is not one of the ledger given, whose own state is signed too: "
                "two histories",
                size=one.size,
            )
    return "intact", Message("both are states of the ledger given: one history")


def _opened(note: bytes, verifier: NoteVerifier) -> Checkpoint | None:
    try:
        return log.checkpoint.open(note, verifier)
    except NoteError:
        return None
