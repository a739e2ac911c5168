"""What a device signs to be let in by a server: that it holds a key, and was asked for it there, now and once.

    payload   {"challenge":"…","expires":1790000000000,"host":"ledger.example:8443","keyid":"…64 hex…",
               "ledger":"custody.example/erligang","purpose":"session"}
    signed    DSSEv1 46 application/vnd.custody-ledger.session.v1+json <length> <payload>

The payload is canonical JSON. Its type keeps it apart from statements, which are signed under another type, and from
checkpoints, which never begin with ``DSSEv1``: a signature of one cannot be used as one of the other. `host` is the
name under which the *device* reached the server, put in by the device itself, so a page elsewhere that passes a
challenge on gets a signature that is worth nothing here.

>>> session_message(ledger="l", host="h", challenge=Challenge("c", 1), keyid="k")[:53]
b'DSSEv1 46 application/vnd.custody-ledger.session.v1+j'
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ledger.log import canonical
from ledger.log.statement import pae_of

SESSION_TYPE: Final = "application/vnd.custody-ledger.session.v1+json"


class Challenge(NamedTuple):
    """A challenge as it travels, and when it ends (milliseconds since 1970)."""

    text: str
    expires_ms: int


def session_message(*, ledger: str, host: str, challenge: Challenge, keyid: str) -> bytes:
    """The bytes that open a session when signed."""
    payload = {
        "challenge": challenge.text,
        "expires": challenge.expires_ms,
        "host": host,
        "keyid": keyid,
        "ledger": ledger,
        "purpose": "session",
    }
    return pae_of(SESSION_TYPE, canonical.encode(payload))
