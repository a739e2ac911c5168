"""One question to the ledger: by whom, as of when, and what of it the asker may see.

    def orders(ask: Question) -> Json:
        ask.signed_in()
        return {"as_of": ask.size, "orders": [one.id for one in ask.orders()]}

What is kept by merchant is asked for the merchants in sight and for no others: a shop's question costs the same in a
street of two thousand. What it leaves to others: who sees what (`access`), the answers (`views` and its neighbours).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Protocol, TypeVar

from fastapi import Depends, Path, Query
from starlette.requests import Request

from ledger.custody.coverage import parse_week
from ledger.custody.facts import Facts
from ledger.custody.inspection import iso_week
from ledger.custody.ledger import Ledger
from ledger.custody.matters import Matter, read
from ledger.custody.supervision.cards import Standing, cards
from ledger.custody.supervision.rectification import Order, orders
from ledger.exchange.answers import asking
from ledger.messages import Message
from ledger.store.facts import MatterFact, MerchantFact, MovementFact
from ledger_web.access import Reader, parties_in
from ledger_web.faults import NotYours
from ledger_web.service import Service

Json = dict[str, Any]

MAX_INDEX: Final = 2**53 - 1
AsOf = Annotated[
    int | None, Query(ge=0, le=MAX_INDEX, description="截至第 N 条 As of the first N entries; all by default")
]
Week = Annotated[
    str | None, Query(max_length=8, description="ISO 周 ISO week, 2026-W17; this week by default")
]
Code = Annotated[str, Path(max_length=64, description="统一社会信用代码 Credit code")]
Name = Annotated[str | None, Query(max_length=200)]


class _Named(Protocol):
    @property
    def merchant(self) -> str: ...


OfMerchant = TypeVar("OfMerchant", bound=_Named)


class Asked:
    """One question: by whom, of which ledger, as of when."""

    def __init__(self, request: Request, as_of: AsOf = None) -> None:
        self.service = Service.of(request)
        self.reader: Reader = self.service.reader(request)
        self.ledger: Ledger = self.service.ledger
        self.facts: Facts = self.reader.facts  # nothing is fetched twice for one answer
        self.given = as_of
        self.size = asking.limit(self.ledger, as_of)
        self.now_ms = asking.moment(self.ledger, as_of, self.service.clock())
        self.store = self.ledger.store.facts

    def signed_in(self) -> Reader:
        """Raises: SignInNeeded."""
        self.reader.require_signed_in()
        return self.reader

    def official(self) -> Reader:
        """Whoever supervises. Raises: SignInNeeded, NotYours."""
        reader = self.signed_in()
        if reader.merchant is not None:
            raise NotYours(Message("for supervisors, offices and auditors"))
        return reader

    def matters(self, topic: str, merchant: str | None = None) -> list[MatterFact]:
        """Of a topic that is kept by merchant, what the reader may see: nothing else is asked for."""
        asked = self.reader.sight() if merchant is None else self.reader.visible([merchant])
        if asked is None:
            return self.store.matters_of_topic(topic, before=self.size)
        return self.store.matters([(topic, one) for one in asked], before=self.size)

    def about(self, topic: str, ids: Iterable[str]) -> list[MatterFact]:
        """Of a topic that is kept by statement, what is there about these."""
        return self.store.matters([(topic, one) for one in ids], before=self.size)

    def orders(self, merchant: str | None = None) -> list[Order]:
        """Orders to merchants in sight, oldest first."""
        ordered = self.matters("order", merchant)
        steps = self.about("order_step", (str(read(one).value["id"]) for one in ordered))
        return orders(ordered, steps)

    def cards(self, merchant: str | None = None) -> list[Standing]:
        """Cards of merchants in sight, oldest first."""
        issued = self.matters("card", merchant)
        return cards(issued, self.about("card_lifted", (str(read(one).value["id"]) for one in issued)))

    def recalls(self) -> list[Matter]:
        """Recalls of batches that the reader may see, oldest first."""
        found = list(map(read, self.store.matters_of_topic("recall_id", before=self.size)))
        if self.reader.sees_everything:
            return found
        moved: dict[str, list[MovementFact]] = {}
        for row in self.store.movements_by_batch([one.value["batch"] for one in found], before=self.size):
            moved.setdefault(row.batch, []).append(row)
        seen = {
            batch for batch, rows in moved.items() if any(map(self.reader.may_see_merchant, parties_in(rows)))
        }
        return [one for one in found if one.value["batch"] in seen]

    def names(self) -> dict[str, str]:
        """Names of the merchants that the reader may see."""
        return {one.merchant: one.name for one in self.enrolled()}

    def enrolled(self) -> list[MerchantFact]:
        """The merchants that the reader may see."""
        found, sight = self.facts.enrolled(self.size), self.reader.sight()
        seen = set(sight or ())
        return found if sight is None else [one for one in found if one.merchant in seen]

    def visible(self, found: Iterable[OfMerchant]) -> list[OfMerchant]:
        """What is about merchants that the reader may see, in the order given."""
        found = list(found)
        seen = set(self.reader.visible({one.merchant for one in found}))
        return [one for one in found if one.merchant in seen]

    def week(self, text: str | None) -> int:
        """Raises: UsageError for what is no week."""
        return iso_week(asking.day_of(self.now_ms)) if text is None else parse_week(text)


Question = Annotated[Asked, Depends(Asked)]
