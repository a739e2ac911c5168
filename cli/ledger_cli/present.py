"""The ledger as it is now, for a command that states something: its head, and what people name in it.

    with Present(frame) as present:
        merchant = present.merchant(None)              # the only one that keys here speak for
        identity, about = present.stated("1041", "card.issued", "card")

It is read once; what others append meanwhile is not seen. What it leaves to others: stating (`draft`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cached_property
from types import TracebackType
from typing import Self
from uuid import UUID

from ledger.custody.authoring import instant
from ledger.custody.facts import Facts
from ledger.custody.home import LOG_KEY
from ledger.custody.ledger import Ledger
from ledger.errors import UnknownReference, UsageError
from ledger.log import PublicKey
from ledger.messages import Message
from ledger.store.base import Head
from ledger.store.facts import MerchantFact
from ledger_cli import inputs
from ledger_cli.frame import Frame, now_ms

LETTERS = "23456789ABCDEFGHJKMNPQRTUVWXY"
"""For ids that people read aloud: nothing that looks like something else."""


class Present:
    """See the module docstring."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "ledger" in self.__dict__:
            self.ledger.close()

    @cached_property
    def ledger(self) -> Ledger:
        return self.frame.reading()

    @cached_property
    def head(self) -> Head:
        return self.ledger.store.head()

    @cached_property
    def facts(self) -> Facts:
        return self.ledger.facts()

    @property
    def as_of(self) -> int:
        return self.head.size

    @cached_property
    def keyids(self) -> dict[str, str]:
        """Key id of each key in this folder, by name. The log's own key states nothing."""
        ring = self.frame.home.keyring
        return {
            name: PublicKey.from_base64(ring.public(name)).keyid for name in ring.names() if name != LOG_KEY
        }

    def merchant(self, given: str | None) -> str:
        """The merchant meant: the one given, or the only one that keys here speak for. Raises: UsageError."""
        if given is not None:
            return given
        names = self.frame.recording.keys or list(self.keyids)
        grants = [self.facts.grant(self.keyids[name], self.as_of) for name in names if name in self.keyids]
        scopes = {
            grant.scope for grant in grants if grant is not None and grant.role in ("merchant", "device")
        }
        if len(scopes) == 1:
            return scopes.pop()
        raise UsageError(
            "say which merchant; keys here speak for {scopes}",
            scopes=", ".join(sorted(scopes)) or Message("none"),
            field="--merchant",
        )

    def enrolment(self, merchant: str) -> MerchantFact:
        """The enrolment of a merchant. Raises: UnknownReference."""
        found = self.facts.merchant(merchant, self.as_of)
        if found is None:
            raise UnknownReference(
                "merchant {merchant} is not enrolled: `custody merchant enroll` first",
                merchant=merchant,
                field="merchant",
            )
        return found

    def statement_id(self, text: str, field: str) -> str:
        """A statement named by its id or by its entry index."""
        if text.isascii() and text.isdigit() and len(text) < 16:
            return self.ledger.entry(int(text)).statement.id
        return text.lower()

    def stated(self, text: str, kind: str, field: str) -> tuple[str, str]:
        """Id of a statement of a kind, named by id or entry index, and the merchant it is about. Raises: UsageError."""
        identity = self.statement_id(text, field)
        try:
            fact = self.facts.statements.last(UUID(identity).bytes, self.as_of)
        except ValueError:
            fact = None
        if fact is None:
            raise UsageError(
                "there is no entry with the id {text!r}: give the id or the number of the entry",
                text=text,
                field=field,
            )
        if fact.kind != kind:
            raise UsageError(
                "entry {entry} is {fact_kind}, not {kind}",
                entry=fact.index,
                fact_kind=fact.kind,
                kind=kind,
                field=field,
            )
        return identity, fact.merchant or ""

    def now(self) -> str:
        """When what is stated happened: --occurred-at, or now."""
        return inputs.instant(self.frame.recording.occurred_at, "--occurred-at") or instant(now_ms())

    def new_batch(self, taken: Iterable[str]) -> str:
        """A short batch id that nothing has yet: the day and some letters."""
        day = instant(now_ms())[2:10].replace("-", "")
        while True:
            made = f"B{day}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"
            if made not in taken and self.facts.batch(made, self.as_of) is None:
                return made
