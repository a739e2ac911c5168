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

from ledger_web.faults import RequestFault


class ChallengeRefused(RequestFault):
    zh, en, status = "身份验证未通过", "Sign-in refused", 401


class KeyRevoked(RequestFault):
    zh, en, status = "密钥已撤销", "Key revoked", 401


class InvitationRefused(RequestFault):
    zh, en, status = "邀请码无效", "Invitation not valid", 410


class TooMany(RequestFault):
    zh, en, status = "尝试过于频繁", "Too many tries", 429

    @classmethod
    def after(cls, seconds: int) -> Self:
        """May be tried again after that many seconds."""
        return cls(
            f"too many tries from this address: wait {seconds} s",
            zh=f"此地址尝试过于频繁，请 {seconds} 秒后再试",
            retry_after=seconds,
        )
