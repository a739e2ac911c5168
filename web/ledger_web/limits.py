"""How often somebody may try, in bounded memory.

    limiter = Limiter(every_ms=1_000, burst=30, most=4_096, clock=now_ms)
    limiter.take("192.0.2.7")           # TooMany when there were too many
    limiter.charge("192.0.2.7", 3)      # for tries that count only when they turn out to be bad: `require` asks first

One number for each place: when it will be as if nothing had been asked (generic cell rate algorithm, as in ATM traffic
control). Beyond `most` places, the one that has been quiet for longest is forgotten; somebody with so many addresses is
held back by nothing here but by what is asked for costing little.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from ledger_web.denials import TooMany


class Limiter:
    """See the module docstring. May be shared by threads."""

    def __init__(self, *, every_ms: int, burst: int, most: int = 4_096, clock: Callable[[], int]) -> None:
        self._every, self._burst, self._most, self._clock = every_ms, burst, most, clock
        self._free_at: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._free_at)

    def take(self, place: str) -> None:
        """One more try. Raises: TooMany."""
        with self._lock:
            self._require(place)
            self._charge(place, 1)

    def require(self, place: str) -> None:
        """There is room for a try, which is not counted yet. Raises: TooMany."""
        with self._lock:
            self._require(place)

    def charge(self, place: str, tries: int = 1) -> None:
        """Count tries that were made already; what goes beyond twice the burst is forgiven."""
        with self._lock:
            self._charge(place, tries)

    def _require(self, place: str) -> None:
        now = self._clock()
        wait = self._before(place, now) + self._every - now - self._every * self._burst
        if wait > 0:
            raise TooMany.after(-(-wait // 1000))

    def _charge(self, place: str, tries: int) -> None:
        now = self._clock()
        free_at = self._before(place, now) + self._every * tries
        self._free_at[place] = min(free_at, now + 2 * self._every * self._burst)
        self._free_at.move_to_end(place)
        if len(self._free_at) > self._most:
            self._free_at.popitem(last=False)

    def _before(self, place: str, now: int) -> int:
        """When it will be as if nothing had been asked."""
        before = self._free_at.get(place, now)
        if before > now + 2 * self._every * self._burst:  # the clock was set back: that shuts nobody out
            return now
        return max(now, before)


def place_of(address: str | None) -> str:
    """What counts as one place: an IPv4 address, or the network of an IPv6 address, which one household has whole.

    >>> place_of("192.0.2.7"), place_of("2001:db8:1:2:aaaa::1"), place_of(None)
    ('192.0.2.7', '2001:db8:1:2::', '')
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return (address or "")[:64]
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
