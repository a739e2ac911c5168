"""Challenges for those who sign in, given out and opened; what is signed of them is in `ledger.log.session`.

A challenge is 32 random bytes, its end, and a MAC of both with ledger, host and purpose. So asking for many costs the
server no memory; only challenges that a granted key has answered are remembered, until they would have ended anyway.

>>> challenges = Challenges(bytes(32), ledger="custody.example/x", clock=lambda: 0, randomness=bytes)
>>> asked = challenges.issue("localhost:8000")
>>> challenges.opened(asked.text, "localhost:8000") == asked
True
"""

from __future__ import annotations

import hmac
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from ledger.custody.facts import Facts
from ledger.log import PublicKey, canonical
from ledger.log.session import Challenge
from ledger.log.statement import pae_of
from ledger.messages import Message
from ledger.store.facts import GrantFact
from ledger_web.denials import ChallengeRefused, KeyRevoked
from ledger_web.faults import Busy

ENROLMENT_TYPE: Final = "application/vnd.custody-ledger.enrolment.v1+json"
LIFE_MS: Final = 120_000
"""Long enough for a slow phone on a slow line, short enough that nobody collects them."""
MOST_SPENT: Final = 50_000
_NONCE, _END, _MAC = 32, 8, 32


def enrolment_message(*, ledger: str, host: str, invitation: str, keyid: str) -> bytes:
    """The bytes that show, when signed, that whoever brings a code holds the key; `invitation` is the code's digest.

    They need no challenge: a code counts once.
    """
    payload = {
        "host": host,
        "invitation": invitation,
        "keyid": keyid,
        "ledger": ledger,
        "purpose": "enrolment",
    }
    return pae_of(ENROLMENT_TYPE, canonical.encode(payload))


class Challenges:
    """See the module docstring. May be shared by threads; a new `secret` ends all challenges given out before."""

    def __init__(
        self,
        secret: bytes,
        *,
        ledger: str,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        life_ms: int = LIFE_MS,
        most_spent: int = MOST_SPENT,
    ) -> None:
        self._secret, self._ledger = secret, ledger
        self._clock, self._randomness = clock, randomness
        self._life, self._most = life_ms, most_spent
        self._spent: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def issue(self, host: str) -> Challenge:
        """A new challenge for devices that reach the server under this name."""
        expires = self._clock() + self._life
        head = self._randomness(_NONCE) + expires.to_bytes(_END, "big")
        return Challenge(urlsafe_b64encode(head + self._mac(head, host)).decode("ascii"), expires)

    def opened(self, text: str, host: str) -> Challenge:
        """The challenge of this text. Raises: ChallengeRefused unless given out here for this host, and lasting."""
        try:
            data = urlsafe_b64decode(text.encode("ascii"))
        except (UnicodeEncodeError, NoBase64):
            data = b""
        head, mac = data[: _NONCE + _END], data[_NONCE + _END :]
        # Base64 has several spellings of the same bytes; only the one given out is this challenge.
        given = len(data) == _NONCE + _END + _MAC and urlsafe_b64encode(data).decode("ascii") == text
        if not given or not hmac.compare_digest(mac, self._mac(head, host)):
            raise _refused(Message("not a challenge of this server under this name"))
        expires = int.from_bytes(head[_NONCE:], "big")
        if expires <= self._clock():
            raise _refused(Message("the challenge has ended"))
        return Challenge(text, expires)

    def spend(self, challenge: Challenge) -> None:
        """It has been answered, and counts no more. Raises: ChallengeRefused for one answered before; Busy."""
        now = self._clock()
        with self._lock:
            while self._spent and next(iter(self._spent.values())) <= now:
                self._spent.popitem(last=False)
            if challenge.text in self._spent:
                raise _refused(Message("the challenge has been answered already"))
            if len(self._spent) >= self._most:
                raise Busy(Message("too many devices sign in at once: try again"))
            self._spent[challenge.text] = now + self._life  # at least as long as it lasts, and in order

    def _mac(self, head: bytes, host: str) -> bytes:
        parts = (b"custody session challenge v1", self._ledger.encode(), host.encode(), head)
        return hmac.digest(
            self._secret, b"".join(len(part).to_bytes(4, "big") + part for part in parts), sha256
        )


def granted_signer(facts: Facts, keyid: str, signature: bytes, message: bytes, as_of: int) -> GrantFact:
    """The grant of the key that signed, in force as of an index.

    Raises: ChallengeRefused, in the same words for keys that are not known and for signatures that do not verify, so
    that nobody learns which keys there are; KeyRevoked to whoever holds the key.
    """
    grant = facts.grant(keyid, as_of)
    if grant is None or not PublicKey.from_base64(grant.public_key).verify(signature, message):
        raise _refused(Message("not signed by a key in force"))
    revoked = facts.revocation(keyid, as_of)
    if revoked is not None:
        raise KeyRevoked(
            Message("this key was revoked by entry {entry}: enrol the device again", entry=revoked.index),
        )
    return grant


def _refused(why: str) -> ChallengeRefused:
    return ChallengeRefused(Message("{why}: ask for a new challenge and sign it here", why=why))
