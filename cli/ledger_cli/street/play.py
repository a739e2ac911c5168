"""Saying things to a ledger with the clock of a story: statements are queued, signed against the newest checkpoint, and
committed together.

    player = Player(ledger, clock, randomness=Random(7).randbytes)
    player.say([key], "disinfection.logged", merchant, body, at_ms)
    player.commit(now_ms)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ledger.custody.authoring import Author, instant, seen_of
from ledger.custody.ledger import Ledger
from ledger.errors import LedgerError
from ledger.log import Envelope, SigningKey


class Clock:
    """A clock that is told the time (milliseconds since 1970)."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms


class Player:
    """See the module docstring."""

    def __init__(self, ledger: Ledger, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self.ledger = ledger
        self.clock = clock
        self.accepted = 0
        self._randomness = randomness
        self._seen = seen_of(ledger.store.head())
        self._queue: list[Envelope] = []

    @property
    def seen_size(self) -> int:
        """Entries that a device sees now."""
        return self._seen.size if self._seen else 0

    @property
    def next_index(self) -> int:
        """The index of what is said next, if all that is queued is taken in."""
        return self.seen_size + len(self._queue)

    def say(
        self, keys: Sequence[SigningKey], kind: str, merchant: str | None, body: dict[str, Any], at_ms: int
    ) -> str:
        """Queue a signed statement and return its id."""
        author = Author(self.ledger.store.origin, keys, clock=lambda: at_ms, randomness=self._randomness)
        identifier = author.new_id()
        envelope = author.state(
            kind, merchant, body, seen=self._seen, occurred_at=instant(at_ms), id=identifier
        )
        self._queue.append(envelope)
        return identifier

    def commit(self, now_ms: int) -> None:
        """Append everything queued. Raises: the refusal, if the story says something the ledger does not take."""
        self.clock.ms = now_ms
        queue, self._queue = self._queue, []
        if not queue:
            return
        for answer in self.ledger.append(queue):
            if isinstance(answer, LedgerError):
                raise answer
        self.accepted += len(queue)
        self._seen = seen_of(self.ledger.store.head())
