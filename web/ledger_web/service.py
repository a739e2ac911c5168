"""What the pages of one server have in common: the open ledger, the queue in front of it, the limits, who reads.

    service = Service.of(request)
    answers = await service.queue.submit(envelopes)
    reader = service.reader(request)

Made by `app.make_app`, opened when the server starts, closed when it ends. Clock, randomness, ledger and the knowledge
of who reads are handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from starlette.requests import HTTPConnection

from ledger.custody.ledger import Answer
from ledger_web.languages import LanguageName, chosen_language
from ledger_web.queue import CommitQueue
from ledger_web.refusals import Refusals
from ledger_web.unnamed import Unnamed
from ledger_web.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from ledger.custody.home import Home
    from ledger.custody.ledger import Ledger
    from ledger.custody.supervision.draw import Assignment
    from ledger.log import Envelope
    from ledger_web.access import Reader
    from ledger_web.metrics import Metrics
    from ledger_web.settings import Settings


DRAWS_KEPT: Final = 8
ReaderOf = Callable[["Request"], "Reader"]
"""Who makes a request."""


class Draws(dict[tuple[str, bytes], tuple["Assignment", ...]]):
    """The newest draws, which many ask for all week; a new one pushes out the oldest."""

    def __setitem__(self, name: tuple[str, bytes], checks: tuple[Assignment, ...]) -> None:
        while len(self) >= DRAWS_KEPT:
            self.pop(next(iter(self)), None)
        super().__setitem__(name, checks)


class Service:
    """See the module docstring."""

    def __init__(
        self,
        home: Home,
        *,
        open_ledger: Callable[[], Ledger],
        settings: Settings,
        reader_of: ReaderOf,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        metrics: Metrics,
    ) -> None:
        self.home = home
        self.settings = settings
        self.clock = clock
        self.randomness = randomness
        self.metrics = metrics
        self.uploads = Uploads(home.directory, hours=settings.upload_hours, clock=clock)
        self.unnamed = Unnamed(
            home.directory, home.blobs, most=settings.unnamed_bytes, days=settings.unnamed_days, clock=clock
        )
        self.refusals = Refusals(granted=self._was_granted, clock=clock, burst=settings.bad_signatures)
        self.draws = Draws()
        self._open_ledger = open_ledger
        self._reader_of = reader_of
        self._ledger: Ledger | None = None
        self.queue = CommitQueue(
            self._append,
            most=settings.queue_statements,
            most_bytes=settings.queue_bytes,
            per_commit=settings.per_commit,
            retry_after=settings.retry_after,
            committed=metrics.committed,
        )

    @classmethod
    def of(cls, connection: HTTPConnection) -> Service:
        """The service that a request has come to."""
        return cast("Service", connection.app.state.service)

    @property
    def ledger(self) -> Ledger:
        """The open ledger; readers never wait for the writer."""
        if self._ledger is None:
            raise RuntimeError("the server has not started")
        return self._ledger

    def reader(self, request: Request) -> Reader:
        """Who makes a request. Raises: RequestFault for a session that is no good."""
        return self._reader_of(request)

    def open(self) -> None:
        """Open the ledger and begin to commit. Raises: StoreError, KeyInvalid."""
        self._ledger = self._open_ledger()
        self.metrics.watch(self)
        self.uploads.sweep()
        self.queue.start()

    def sweep(self) -> None:
        """Remove attachments that were left behind, whole or not. Raises: StoreError, Busy."""
        self.uploads.sweep()
        self.unnamed.sweep(self.ledger.store)

    def close(self) -> None:
        """Commit what waits, then let go of the ledger."""
        self.unnamed.stop()
        if self.queue.close(self.settings.drain) and self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def _was_granted(self, keyid: str) -> bool:
        return self.ledger.facts().grant(keyid, self.ledger.store.head().size) is not None

    def _append(self, envelopes: Sequence[Envelope]) -> list[Answer]:
        return self.ledger.append(envelopes)


def language_of(connection: HTTPConnection) -> LanguageName:
    """The language that the reader asks for."""
    return chosen_language(connection.cookies, connection.headers.get("accept-language"))
