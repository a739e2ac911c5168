"""Notices on their way to the offices: each to every address of its office, tried until it is there, never twice.

    found = deliver(outbox, addresses, AppriseChannel(), message, now=now_ms, random=Random().random)
    [(one.office, one.reasons) for one in found if not one.delivered]

What it does: sends what waits in the outbox, waits longer after each failure, and says what still waits and why.
What it leaves to others: what there is to send (`outbox`, and the ledger behind it), where to (`addresses`), and how a
service is spoken to (the `apprise` library, behind `Channel`).

A message counts as delivered at an address once the service has answered that it took it. A service that takes a
message and fails to say so gets it again, with the same id in it: that much nobody can rule out from this side. Where
this program itself was interrupted in between, it does not guess: the notice waits until somebody says whether it
arrived.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from ledger import messages
from ledger.exchange.addresses import Addresses, Place
from ledger.exchange.outbox import Outbox, Tried, Waiting, digest_of

FIRST_PAUSE_MS: Final = 60_000
LONGEST_PAUSE_MS: Final = 6 * 3_600_000
MAX_REASON: Final = 200


class Message(NamedTuple):
    """What is sent."""

    title: str
    text: str


class ChannelFailed(Exception):
    """The message was not taken in; the reason, with nothing secret in it."""


class Channel(Protocol):
    """A way to reach addresses. Tests have their own."""

    def understands(self, address: str) -> bool:
        """Whether this is an address at all."""
        ...

    def send(self, address: str, message: Message) -> None:
        """Send one message. Raises: ChannelFailed unless it was taken in."""
        ...


class Reason(NamedTuple):
    """Why a notice still waits: at which address, what went wrong, and when it is tried again."""

    place: Place
    text: str
    next_ms: int | None
    """None where somebody has to do something first."""


class Outcome(NamedTuple):
    """What became of a notice in this round."""

    notice: Waiting
    delivered: bool
    reasons: tuple[Reason, ...] = ()


def deliver(
    outbox: Outbox,
    addresses: Addresses,
    channel: Channel,
    message: Callable[[Waiting], Message],
    *,
    now: Callable[[], int],
    random: Callable[[], float],
    at_once: bool = False,
) -> list[Outcome]:
    """One round through what waits. With `at_once`, pauses after failures are cut short. The caller is `alone`."""
    return [
        _deliver(outbox, one, addresses.get(one.office, ()), channel, message, now, random, at_once)
        for one in outbox.waiting()
    ]


def pause_ms(tries: int, random: Callable[[], float]) -> int:
    """How long to wait after so many failures: twice as long each time, up to a limit, at random within its half.

    >>> [pause_ms(tries, lambda: 1.0) // 1000 for tries in (1, 2, 3, 99)]
    [60, 120, 240, 21600]
    """
    longest = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(tries - 1, 20))
    return int(longest * (0.5 + 0.5 * random()))


def _deliver(
    outbox: Outbox,
    notice: Waiting,
    addresses: tuple[str, ...],
    channel: Channel,
    message: Callable[[Waiting], Message],
    now: Callable[[], int],
    random: Callable[[], float],
    at_once: bool,
) -> Outcome:
    if not addresses:
        why = messages.Message("notices.toml has no address of this office: add one")
        return Outcome(notice, False, (Reason(Place(notice.office, 0), why, None),))
    tried = outbox.tried(notice.id)
    reasons = []
    for number, address in enumerate(addresses, 1):
        place, key = Place(notice.office, number), digest_of(address)
        reason = _standing(place, tried.get(key), now(), at_once)
        if reason is None and not _arrived(tried, key):
            reason = _send(outbox, notice, place, address, channel, message(notice), now, random)
        if reason is not None:
            reasons.append(reason)
    if not reasons:
        outbox.finish([notice.id], "delivered", now_ms=now())
    return Outcome(notice, not reasons, tuple(reasons))


def _arrived(tried: Mapping[str, Tried], address: str) -> bool:
    return address in tried and tried[address].state == "arrived"


def _standing(place: Place, tried: Tried | None, now_ms: int, at_once: bool) -> Reason | None:
    """Why nothing is to be sent to an address now, if there is a reason."""
    if tried is not None and tried.state == "trying":
        why = messages.Message(
            "interrupted while sending: look there whether it arrived, then say so with --arrived, "
            "or send it again with --again"
        )
        return Reason(place, why, None)
    if tried is not None and tried.next_ms is not None and tried.next_ms > now_ms and not at_once:
        return Reason(place, tried.reason or "", tried.next_ms)
    return None


def _send(
    outbox: Outbox,
    notice: Waiting,
    place: Place,
    address: str,
    channel: Channel,
    message: Message,
    now: Callable[[], int],
    random: Callable[[], float],
) -> Reason | None:
    key = digest_of(address)
    tries = outbox.trying(notice.id, key, now_ms=now())
    try:
        channel.send(address, message)
    except ChannelFailed as failure:
        reason = messages.shortened(messages.said_by(failure), MAX_REASON - 1)
        next_ms = now() + pause_ms(tries, random)
        outbox.failed(notice.id, key, str(reason), next_ms=next_ms)
        return Reason(place, reason, next_ms)
    outbox.arrived(notice.id, key)
    return None


class AppriseChannel:
    """Whatever the `apprise` library can send to: e-mail, WeCom, DingTalk, webhooks and many others."""

    def __init__(self, *, timeout: float = 30.0) -> None:
        with warnings.catch_warnings():
            # Loading its services touches modules of Python that are about to go.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise  # noqa: PLC0415 - it takes half a second to import

            apprise.Apprise.instantiate("json://localhost")
        self._apprise: Any = apprise  # Any: parts of the library have no types
        # Nothing of the library's own name, pictures and addresses goes out, and nothing is kept on disk.
        self._asset = apprise.AppriseAsset(
            app_id="custody", app_desc="custody", app_url="", image_url_mask="", image_url_logo="",
            storage_mode=apprise.PersistentStoreMode.MEMORY, service_timeout=timeout,
        )  # fmt: skip

    def understands(self, address: str) -> bool:
        with self._apprise.LogCapture(level=30):
            return self._service(address) is not None

    def send(self, address: str, message: Message) -> None:
        # Warnings say what failed; what is below them repeats addresses, with the secrets in them.
        with self._apprise.LogCapture(level=30, fmt="%(message)s") as log:
            service = self._service(address)
            if service is None:
                raise ChannelFailed(messages.Message("apprise does not know such an address"))
            try:
                taken = service.notify(
                    title=message.title, body=message.text, body_format=self._apprise.NotifyFormat.TEXT
                )
            except Exception as error:  # a service of the library that raises has not delivered
                raise ChannelFailed(
                    messages.Message("apprise failed with {type}", type=type(error).__name__)
                ) from error
            said = log.getvalue().strip().splitlines()
        if not taken:
            if said:
                raise ChannelFailed(said[-1])
            raise ChannelFailed(messages.Message("the service did not take it and did not say why"))

    def _service(self, address: str) -> Any:  # Any: one of the library's many classes
        return self._apprise.Apprise.instantiate(address, asset=self._asset)
