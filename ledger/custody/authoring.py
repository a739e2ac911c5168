"""Making statements: body, id, time and `seen` put together and signed.

    author = Author(ledger_origin, keys, clock=now_ms, randomness=os.urandom)
    envelope = author.state("disinfection.logged", merchant, body, seen=seen)

The id is a UUIDv7 (RFC 9562 section 5.7) of the clock and the randomness handed in. Whether the keys may say
this is for the
ledger to decide; `signing_keys` helps to choose among the keys at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from ledger import log
from ledger.custody import authority
from ledger.custody.admission import checked_body
from ledger.custody.facts import Facts
from ledger.custody.rules import RULES
from ledger.log import Envelope, Seen, SigningKey
from ledger.store.base import Head

CHINA = timezone(timedelta(hours=8))


def seen_of(head: Head) -> Seen | None:
    """The pin to put into a statement by whoever has verified this head."""
    return Seen(head.root.hex(), head.size) if head.size else None


def uuid7(ms: int, random: bytes) -> str:
    """UUIDv7 of a time in milliseconds and 10 random bytes.

    >>> uuid7(1_700_000_000_000, bytes(10))
    '018bcfe5-6800-7000-8000-000000000000'
    """
    number = (ms & (2**48 - 1)) << 80 | int.from_bytes(random[:10], "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=number))


def instant(ms: int, offset: timezone = CHINA) -> str:
    """RFC 3339 text of a time, with the author's own offset.

    >>> instant(1_700_000_000_000)
    '2023-11-15T06:13:20+08:00'
    """
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(offset).isoformat()


class Author:
    """Somebody with a key (or two officers with one each) stating things to one ledger."""

    def __init__(
        self,
        ledger: str,
        keys: Sequence[SigningKey],
        *,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        offset: timezone = CHINA,
    ) -> None:
        self.ledger = ledger
        self.keys = tuple(keys)
        self._clock = clock
        self._randomness = randomness
        self._offset = offset

    def new_id(self) -> str:
        """A fresh statement id."""
        return uuid7(self._clock(), self._randomness(10))

    def compose(
        self,
        kind: str,
        merchant: str | None,
        body: dict[str, Any],
        *,
        seen: Seen | None,
        occurred_at: str | None = None,
        id: str | None = None,
    ) -> bytes:
        """The canonical bytes of a statement, ready to sign. Raises: BodyInvalid."""
        checked_body(kind, body)
        now = self._clock()
        return log.statement.build_statement(
            body=body,
            id=id or self.new_id(),
            kind=kind,
            ledger=self.ledger,
            merchant=merchant,
            occurred_at=occurred_at or instant(now, self._offset),
            seen=seen,
        )

    def state(
        self,
        kind: str,
        merchant: str | None,
        body: dict[str, Any],
        *,
        seen: Seen | None,
        occurred_at: str | None = None,
        id: str | None = None,
    ) -> Envelope:
        """A signed statement. Raises: BodyInvalid before anything is signed."""
        statement = self.compose(kind, merchant, body, seen=seen, occurred_at=occurred_at, id=id)
        return log.statement.sign(statement, self.keys)


def signing_keys(
    facts: Facts,
    keyids: Iterable[str],
    *,
    kind: str,
    merchant: str | None,
    as_of: int,
    grid: str | None = None,
) -> list[str]:
    """Those of `keyids` that may state `kind` about `merchant` now, in the order given.

    `grid`: where an enrolment puts the merchant; whoever moves one needs the old grid and the new.
    """
    rule = RULES[kind]
    enrolment = None if merchant is None else facts.merchant(merchant, as_of)
    grids = {place for place in (enrolment.grid if enrolment else None, grid) if place is not None}
    return [
        keyid
        for keyid in keyids
        if all(
            authority.may_state(
                facts,
                keyid,
                by=rule.by,
                merchant=merchant,
                grid=place,
                as_of=as_of,
                anywhere=rule.about == "plan",
            )
            for place in grids or (None,)
        )
    ]
