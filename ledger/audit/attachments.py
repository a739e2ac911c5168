"""Files that entries name by digest: whether they are there and unchanged (format, section 9).

    checks = AttachmentChecks(source, outcome, wanted=True)
    checks.look(1041, entry)
    checks.finish()

A file that differs is a fault of the entry that names it; an absent one is counted, for not every attachment
may travel. Where none at all is there, nothing could be checked, and the report says so. What it leaves to
others: reading files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.audit.outcome import Outcome
from ledger.audit.source import Attached, Source
from ledger.log.entry import Entry
from ledger.messages import Message

_MARK: Final = b'"sha256":"'
_FIELDS: Final = {"bytes", "media_type", "name", "sha256"}
_REMEMBERED: Final = 16_384


class AttachmentChecks:
    """See the module docstring."""

    def __init__(self, source: Source, outcome: Outcome, *, wanted: bool) -> None:
        self._source = source
        self._outcome = outcome
        self._wanted = wanted
        self._known: dict[str, Attached] = {}  # the same file is often named by several entries
        self._named = self._absent = 0

    def look(self, index: int, entry: Entry) -> None:
        """Look for the files that one entry names."""
        if not self._wanted or _MARK not in entry.data:
            return
        for sha256 in _digests(entry.statement.body):
            self._named += 1
            found = self._state(sha256)
            if found is Attached.ABSENT:
                self._absent += 1
            elif found is Attached.DIFFERS:
                self._outcome.fault(
                    "attachments", index, Message("the file {sha256} differs from its digest", sha256=sha256)
                )

    def finish(self) -> None:
        """Report what was looked at."""
        if not self._wanted:
            self._outcome.not_made("attachments", Message("left out, as asked"), asked=False)
        elif self._named and self._absent == self._named:
            self._outcome.not_made(
                "attachments",
                Message("none of the {count:,} files named by entries is in the source", count=self._named),
                asked=True,
            )
        else:
            self._outcome.looked("attachments", self._named)
            if self._absent:
                self._outcome.remark(
                    "attachments",
                    Message("{count:,} of them are absent from the source", count=self._absent),
                )

    def _state(self, sha256: str) -> Attached:
        found = self._known.get(sha256)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[sha256] = self._source.attachment(sha256)
        return found


def _digests(value: object) -> Iterator[str]:
    """The digests of all attachments in a body."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            digest = value.get("sha256")
            if isinstance(digest, str) and value.keys() == _FIELDS and _is_digest(digest):
                yield digest
            else:
                waiting.extend(value.values())


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")
