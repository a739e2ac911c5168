"""Who may read what.

    reader.may_see_merchant("92410104MACU00014Y")
    reader.require_batch(batch)                     # NotThere, in the words for a batch that is not there

    role                 sees
    operator, auditor    everything
    supervisor           the merchants enrolled in its grid, and batches that were ever with one of them
    office               the merchants it has a duty for, and the checks and notices it was told of
    merchant, device     that merchant, and batches that came from it, went to it or are on the way to it
    public               nothing here: what is public (checkpoint, hash tiles) asks for no reader

Of a batch one sees where it came from and the movements on one's own side; not what others did with the rest. A
supervisor sees all of them, also outside its grid: bad goods are followed wherever they went. An
office does not see a whole grid: its work begins with being told (双通报) or being made responsible (包保责任).
Plans are for those who check: a merchant that could read them would know when nobody comes.

What may not be seen is answered like what is not there, in the same words, so that guessing ids teaches nothing. All is
as of now: a duty that ended, a merchant that moved or a key that was revoked counts from the next request on.

What it leaves to others: who is asking (`sessions`), and the answers themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from ledger.custody.authority import covers
from ledger.custody.facts import Facts
from ledger.custody.matters import all_of
from ledger.custody.supervision.duty import duty_of, fetch_duties
from ledger.log import Entry, Statement, entry
from ledger.messages import Message
from ledger.store.facts import GrantFact, MerchantFact, MovementFact
from ledger.store.reader import FactReader
from ledger_web.faults import NotThere, SignInNeeded

PUBLIC = "public"
EVERYTHING = frozenset({"operator", "auditor"})
OF_ONE_MERCHANT = frozenset({"merchant", "device"})
RULES_OF_ALL = frozenset({"ledger.opened", "ruleset.published"})
"""What everybody's statements are judged by."""
OF_A_BATCH = frozenset({"goods.sealed", "recall.ordered"})
"""What binds every holder of a batch, whoever's chain it stands in."""

Parties = Callable[[str], Collection[str]]
"""Merchants that had a batch or were to get it."""


def parties_of(reader: FactReader, as_of: int) -> Parties:
    """The same, from the store, as of an index."""

    def parties(batch: str) -> set[str]:
        return parties_in(reader.movements_by_batch([batch], before=as_of))

    return parties


def parties_in(rows: Iterable[MovementFact]) -> set[str]:
    """Merchants that had a batch or were to get it, by its movements."""
    found = set()
    for row in rows:
        found.add(row.merchant)
        if row.other is not None and row.action == "handed_over":
            found.add(row.other)
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks, as of now; `role` is `public` for somebody unknown."""

    role: str
    scope: str
    holder: str | None
    keyid: str | None
    facts: Facts
    as_of: int
    parties: Parties
    _seen: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, grant: GrantFact | None, facts: Facts, as_of: int, parties: Parties) -> Reader:
        """Whoever holds the key of this grant, which is in force; None for somebody unknown."""
        if grant is None:
            return cls(PUBLIC, "", None, None, facts, as_of, parties)
        return cls(grant.role, grant.scope, grant.holder, grant.keyid, facts, as_of, parties)

    @property
    def is_public(self) -> bool:
        return self.role == PUBLIC

    @property
    def sees_everything(self) -> bool:
        return self.role in EVERYTHING

    @property
    def grids(self) -> tuple[str, ...]:
        """Grids all of which may be seen, ``*`` for all; () for those who see single merchants."""
        if self.sees_everything:
            return ("*",)
        return (self.scope,) if self.role == "supervisor" else ()

    @property
    def merchant(self) -> str | None:
        """The merchant that the reader speaks for."""
        return self.scope if self.role in OF_ONE_MERCHANT else None

    @property
    def may_see_plans(self) -> bool:
        return self.sees_everything or self.role == "supervisor"

    # ------------------------------------------------------------------ what may be seen

    def may_see_grid(self, grid: str) -> bool:
        """Whether everything about a grid and below it may be seen."""
        return any(covers(scope, grid) for scope in self.grids)

    def may_see_merchant(self, merchant: str) -> bool:
        if merchant not in self._seen:  # a page of entries asks for few merchants, thousands of times
            self._seen[merchant] = self._may_see_merchant(merchant)
        return self._seen[merchant]

    def _may_see_merchant(self, merchant: str) -> bool:
        if self.merchant is not None and merchant != self.merchant:
            return False
        enrolment = self.facts.merchant(merchant, self.as_of)
        return enrolment is not None and self._may_see_enrolled(enrolment)

    def _may_see_enrolled(self, enrolment: MerchantFact) -> bool:
        if self.role == "office":
            duty = duty_of(self.facts, enrolment, self.as_of)
            return self.scope in (duty.regulator, duty.unit)
        return enrolment.merchant == self.merchant or self.may_see_grid(enrolment.grid)

    def sight(self) -> list[str] | None:
        """The merchants that may be seen, in the order of their enrolment; None for every one."""
        if "*" in self.grids:
            return None
        if self.merchant is not None:
            return self.visible([self.merchant])
        enrolled = self.facts.enrolled(self.as_of)
        if self.role == "office":
            fetch_duties(self.facts, enrolled)
        for one in enrolled:
            if one.merchant not in self._seen:
                self._seen[one.merchant] = self._may_see_enrolled(one)
        return [one.merchant for one in enrolled if self._seen[one.merchant]]

    def may_see_batch(self, batch: str) -> bool:
        """Whether the batch is there and may be seen."""
        if self.is_public:
            return False
        found = self.parties(batch)
        return bool(found) and (self.sees_everything or any(map(self.may_see_merchant, found)))

    def may_see_movement(self, merchant: str, other: str | None) -> bool:
        """Whether a movement of a batch that may be seen is on the reader's side; its receipt always may be."""
        return self.may_see_merchant(merchant) or (other is not None and self.may_see_merchant(other))

    def may_see_check(self, check: str, merchant: str) -> bool:
        """A check by the id of its statement; an office may have been told of it."""
        return self.may_see_merchant(merchant) or (
            self.role == "office"
            and any(
                self.may_see_notice(one.value["office"])
                for one in all_of(self.facts, "notice", check, self.as_of)
            )
        )

    def may_see_notice(self, office: str, merchant: str | None = None) -> bool:
        """A notice to an office about a merchant."""
        if self.role == "office" and office == self.scope:
            return True
        return merchant is not None and self.may_see_merchant(merchant)

    def may_see_statement(self, statement: Statement) -> bool:
        """Whether the words of an entry may be seen: its proof, its envelope, its bytes."""
        if self.is_public or self.sees_everything:
            return not self.is_public
        if statement.merchant is None:
            return self._may_see_ledger_statement(statement.kind, statement.body)
        return self.may_see_merchant(statement.merchant) or self._concerns(statement)

    def _concerns(self, statement: Statement) -> bool:
        """Whether an entry about a merchant that may not be seen is the reader's affair all the same."""
        kind, body = statement.kind, statement.body
        found = False
        if kind == "inspection.recorded":
            found = self.may_see_check(statement.id, statement.merchant or "")
        elif kind == "notice.sent":
            found = self.may_see_notice(str(body.get("office")))
        elif kind == "goods.handed_over":
            found = self.may_see_merchant(str(body.get("to")))
        elif kind == "goods.accepted":
            found = self._sent(str(body.get("handover")))
        elif kind in OF_A_BATCH:
            found = isinstance(batch := body.get("batch"), str) and self.may_see_batch(batch)
        return found

    def _may_see_ledger_statement(self, kind: str, body: object) -> bool:
        if kind in RULES_OF_ALL:
            return True
        if kind.startswith("plan."):
            return self.may_see_plans
        if kind == "duty.assigned":
            return self.role in ("supervisor", "office")
        if kind in ("key.granted", "key.revoked") and isinstance(body, dict):
            key = self.facts.grant(str(body.get("keyid")), self.as_of)
            role, scope = (body.get("role"), body.get("scope")) if key is None else (key.role, key.scope)
            # Keys of those who check are for everybody they check; keys of other merchants are no one else's affair.
            return role not in OF_ONE_MERCHANT or self.may_see_merchant(str(scope))
        return False

    def _sent(self, handover: str) -> bool:
        """Whether this handover came from somebody who may be seen."""
        try:
            found = self.facts.handover(UUID(handover).bytes, self.as_of)
        except ValueError:
            return False
        return found is not None and self.may_see_merchant(found.sender)

    # ------------------------------------------------------------------ what must be seen

    def require_signed_in(self) -> None:
        """Raises: SignInNeeded."""
        if self.is_public:
            raise SignInNeeded(Message("sign in with a granted key to read this"))

    def require_merchant(self, merchant: str) -> None:
        """Raises: SignInNeeded, NotThere."""
        self.require_signed_in()
        if not self.may_see_merchant(merchant):
            raise NotThere(Message("there is no such merchant here"), field="merchant")

    def require_batch(self, batch: str) -> None:
        """Raises: SignInNeeded, NotThere."""
        self.require_signed_in()
        if not self.may_see_batch(batch):
            raise NotThere(Message("there is no such batch here"), field="batch")

    def require_statement(self, statement: Statement | None) -> Statement:
        """The statement of an entry, None where there is none. Raises: SignInNeeded, NotThere."""
        self.require_signed_in()
        if statement is None or not self.may_see_statement(statement):
            raise NotThere(Message("there is no such entry here"), field="index")
        return statement

    # ------------------------------------------------------------------ many at once

    def visible(self, merchants: Iterable[str]) -> list[str]:
        """Those that may be seen, in the order given."""
        merchants = list(merchants)
        self.expect(merchants)
        return [merchant for merchant in merchants if self.may_see_merchant(merchant)]

    def sift(self, found: Iterable[tuple[int, bytes]], page: int) -> Iterator[tuple[Entry, bool]]:
        """Each entry, and whether its words may be seen; `page` entries at a time are looked up together."""
        left = iter(found)
        while entries := [entry.parse(data) for _, data in islice(left, page)]:
            self.expect(name for one in entries if (name := one.statement.merchant) is not None)
            yield from ((one, self.may_see_statement(one.statement)) for one in entries)

    def expect(self, merchants: Iterable[str]) -> None:
        """Fetch in a few queries what tells whether these may be seen, where there are many."""
        if self.merchant is not None:
            return
        merchants = list(merchants)
        self.facts.fetch_merchants(merchants)
        if self.role == "office":
            enrolled = (self.facts.merchant(merchant, self.as_of) for merchant in merchants)
            fetch_duties(self.facts, (one for one in enrolled if one is not None))
