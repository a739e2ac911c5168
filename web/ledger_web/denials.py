"""Why somebody is not let in: a part of the tree of `faults`.

    RequestFault
    ├── ChallengeRefused    401  unknown, expired, spent, for another host, or not signed by a key in force
    ├── KeyRevoked          401  signed by a key that was in force once
    ├── InvitationRefused   410  a code that is unknown, used, withdrawn or too old: the same answer for all
    └── TooMany             429  too many tries from one place

>>> TooMany.after(3).retry_after
3
"""

from __future__ import annotations

from typing import Self

from ledger.messages import Message
from ledger_web.faults import RequestFault


class ChallengeRefused(RequestFault):
    title, status = Message("Sign-in refused"), 401


class KeyRevoked(RequestFault):
    title, status = Message("Key revoked"), 401


class InvitationRefused(RequestFault):
    title, status = Message("Invitation not valid"), 410


class TooMany(RequestFault):
    title, status = Message("Too many tries"), 429

    @classmethod
    def after(cls, seconds: int) -> Self:
        """May be tried again after that many seconds."""
        return cls(
            Message("too many tries from this address: wait {seconds} s", seconds=seconds),
            retry_after=seconds,
        )
