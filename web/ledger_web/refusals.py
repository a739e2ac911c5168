"""Statements with bad signatures, counted by where they come from, so that a flood of them does not busy the writer.

    refusals = Refusals(granted=lambda keyid: …, clock=now_ms)
    refusals.require(place, envelopes)              # TooMany: nothing of the request is looked at
    refusals.count(place, envelopes, answers)       # what the ledger said of them

Only what is refused for its signature counts: an unknown key, or a signature that does not verify. Many shops share one
address, and somebody beside them must not shut them out. So statements by granted keys pass whatever their address has
done, and are held back only where that very key was used wrongly from that very address.

What it leaves to others: whether a signature is good (`ledger.custody.signatures`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ledger.custody.ledger import Answer
from ledger.errors import NotAuthorised, SignatureInvalid
from ledger.log import Envelope
from ledger_web.denials import TooMany
from ledger_web.limits import Limiter

EVERY_MS: Final = 1_000
_KNOWN_KEPT: Final = 10_000


class Refusals:
    """See the module docstring. For one event loop."""

    def __init__(
        self,
        *,
        granted: Callable[[str], bool],
        clock: Callable[[], int],
        burst: int,
    ) -> None:
        self._granted = granted
        self._known: set[str] = set()
        self._limiter = Limiter(every_ms=EVERY_MS, burst=burst, clock=clock)

    def require(self, place: str, envelopes: Iterable[Envelope]) -> None:
        """Raises: TooMany when one of them is held back."""
        if not len(self._limiter):  # nearly always
            return
        try:
            self._limiter.require(place)
        except TooMany:
            if not all(self._is_known(keyid) for one in envelopes for keyid in _keyids(one)):
                raise
        for keyid in {keyid for one in envelopes for keyid in _keyids(one)}:
            self._limiter.require(_used_from(place, keyid))

    def count(self, place: str, envelopes: Sequence[Envelope], answers: Sequence[Answer]) -> None:
        """Count those of them that were refused for their signatures."""
        bad = 0
        for envelope, answer in zip(envelopes, answers, strict=True):
            if not isinstance(answer, SignatureInvalid | NotAuthorised):
                continue
            known = all(self._is_known(keyid) for keyid in _keyids(envelope))
            if known and isinstance(answer, NotAuthorised):  # an honest mistake about what a key may say
                continue
            bad += 1
            if known:
                for keyid in _keyids(envelope):
                    self._limiter.charge(_used_from(place, keyid))
        if bad:
            self._limiter.charge(place, bad)

    def _is_known(self, keyid: str) -> bool:
        """Whether the key was ever granted, which stays so."""
        if keyid in self._known:
            return True
        if not self._granted(keyid):
            return False
        if len(self._known) >= _KNOWN_KEPT:
            self._known.clear()
        self._known.add(keyid)
        return True


def _keyids(envelope: Envelope) -> list[str]:
    return [one.keyid for one in envelope.signatures]


def _used_from(place: str, keyid: str) -> str:
    return f"{place} {keyid}"
