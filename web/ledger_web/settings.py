"""Limits of the server, in one place: how much it takes at once, how long it waits, under which names it answers.

    Settings(hosts=("ledger.example",))

Nothing is read from the environment here; `serving` puts what the command line says into one of these.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

MIB = 1 << 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """See the module docstring; sizes in bytes, times in seconds."""

    hosts: tuple[str, ...] = ()
    """Names under which the server answers beside those of the loopback address."""
    secure: bool = False
    """Whether readers come over TLS: then browsers are told never to come without."""

    queue_statements: int = 4096
    queue_bytes: int = 64 * MIB
    per_commit: int = 1000
    per_request: int = 1000
    retry_after: int = 2
    bad_signatures: int = 100
    """Statements refused for their signature from one address at once, then one a second."""

    body_bytes: int = MIB
    statements_bytes: int = 16 * MIB
    attachment_bytes: int = 32 * MIB
    picture_bytes: int = 12 * MIB
    """A photograph whose codes are to be read; phones take 2 to 8 MiB."""
    attachments_waiting: int = 1024 * MIB
    """All unfinished uploads together."""
    uploads_each: int = 8
    """Unfinished uploads of one key; with a further one the oldest goes."""
    unnamed_bytes: int = 256 * MIB
    """Whole attachments of one key that no entry names: what a day of photographs without signal may come to."""
    unnamed_days: int = 30
    """They go when nobody has sent them or asked for them for that long."""
    sweep_seconds: float = 3600.0
    upload_hours: int = 48
    """An unfinished upload is swept when nothing has come for that long."""

    connections: int = 2_000
    head_seconds: float = 10.0
    """Longest wait for the whole head of a request."""
    unread_seconds: float = 60.0
    """Longest wait for a reader who takes nothing more of an answer."""
    idle: float = 15.0
    """Longest wait for the next piece of a request."""
    patience: float = 30.0
    """A body may take that long whatever its size; beyond, it must have come at `slowest`."""
    slowest: int = 512
    longest: float = 300.0
    """No body that is kept in memory may take longer; attachments go to disk and may."""
    bulk_bytes: int = 256 * MIB
    """What bodies may hold in memory, all together, beyond `always_bytes` of each."""
    always_bytes: int = 131_072
    """So much of a body is always taken, whatever others send: a statement of one shop is no longer."""
    readers_at_once: int = 8
    """Questions that are worked on at a time; each has a thread."""
    questions_each: int = 3
    """Of them of one reader; `questions_waiting` more wait, each for `questions_patience`."""
    questions_waiting: int = 16
    questions_patience: float = 15.0
    drain: float = 20.0
    """How long an ending server waits for what is under way."""

    longer_bodies: tuple[tuple[str, int], ...] = field(default=())
    """Path prefixes, each with the bytes that a body may have there."""

    @staticmethod
    def to_disk(path: str) -> bool:
        """Whether a body under this path is written out while it comes, and not kept in memory."""
        return path.startswith("/blobs/")

    def limit(self, path: str) -> int:
        """Bytes that a body may have under a path."""
        for prefix, size in (
            *self.longer_bodies,
            ("/statements", self.statements_bytes),
            ("/blobs", self.attachment_bytes),
            ("/api/scan", self.picture_bytes),
        ):
            if path == prefix or path.startswith(f"{prefix}/"):
                return size
        return self.body_bytes


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server there.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
