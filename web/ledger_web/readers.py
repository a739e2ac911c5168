"""Who reads, and what that reader may see.

    reader = Reader("merchant", scope="92410104MACU00014Y", keyid="…")
    sight = Sight(ledger, facts, size, reader)
    sight.require_merchant("92410104MACU00014Y")

    role                     sees
    operator, auditor        everything
    supervisor               the merchants of its grid, and what is about the whole ledger; with scope * everything
    office                   the merchants whose duty names it
    merchant                 itself, and of goods that came from or went to it: origin and its own movements
    device, anonymous        what is public

How a reader proves who it is (challenge, cookie, enrolment) is not decided here: the app is given a function from a
request to its `Reader`. What is beyond a reader's sight is refused in the same words whether it is there or not, so
that guessing names tells nothing.

>>> Reader.nobody().role
'anonymous'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from ledger.custody.authority import EVERYWHERE, covers
from ledger.custody.supervision.duty import duties
from ledger_web.faults import NotYours, SignInNeeded

if TYPE_CHECKING:
    from ledger.custody.facts import Facts
    from ledger.log import Entry

ANONYMOUS: Final = "anonymous"
_ALL: Final = ("operator", "auditor")
_FOR_ALL_READERS: Final = ("ledger.opened", "ruleset.published")


@dataclass(frozen=True, slots=True)
class Reader:
    """A granted key that has shown itself, or nobody."""

    role: str
    scope: str | None = None
    keyid: str | None = None
    holder: str | None = None

    @classmethod
    def nobody(cls) -> Reader:
        """A reader who has shown no key."""
        return cls(ANONYMOUS)

    @property
    def sees_all(self) -> bool:
        """Whether nothing of the ledger is kept from it."""
        return self.role in _ALL or (self.role == "supervisor" and self.scope == EVERYWHERE)


ReaderOf = Callable[[Request], Reader]
"""Who makes a request. Raises: RequestFault for a session that is no good."""


def anonymous(request: Request) -> Reader:
    """A `ReaderOf` that knows nobody."""
    return Reader.nobody()


class Sight:
    """What one reader may see of the first `size` entries."""

    def __init__(self, facts: Facts, size: int, reader: Reader) -> None:
        self._facts = facts
        self._size = size
        self.reader = reader
        self._named: frozenset[str] | None = None

    def require_signed_in(self) -> None:
        """Raises: SignInNeeded for a reader who has shown no key that reads."""
        if self.reader.role in (ANONYMOUS, "device"):
            raise SignInNeeded(
                "this is not public: sign in with a key that the ledger has granted",
                zh="此内容不公开：请用台账已授予的密钥验证身份",
                headers={"www-authenticate": 'Custody-Challenge realm="ledger"'},
            )

    def require_all(self) -> None:
        """Raises: NotYours unless nothing is kept from this reader."""
        self.require_signed_in()
        if not self.reader.sees_all:
            raise self._not_yours("this is of the whole ledger", "这是整个台账的内容")

    def require_official(self) -> None:
        """Raises: NotYours for merchants; whoever supervises may ask, and gets what is in its scope."""
        self.require_signed_in()
        if self.reader.role == "merchant":
            raise self._not_yours("this is for supervisors, offices and auditors", "仅供监管、主管部门和审计")

    def require_merchant(self, merchant: str) -> None:
        """Raises: NotYours for a merchant beyond the reader's sight, enrolled or not."""
        self.require_signed_in()
        if not self.sees(merchant):
            raise self._not_yours(
                f"{merchant[:64]} is not within your scope", f"{merchant[:64]} 不在您的范围内"
            )

    def sees(self, merchant: str | None) -> bool:
        """Whether this merchant is within the reader's sight."""
        reader = self.reader
        if reader.sees_all:
            return True
        if merchant is None:
            return False
        if reader.role == "merchant":
            return merchant == reader.scope
        if reader.role == "supervisor":
            enrolled = self._facts.merchant(merchant, self._size)
            return enrolled is not None and covers(reader.scope or "-", enrolled.grid)
        return reader.role == "office" and merchant in self._named_by_duty()

    def sees_grid(self, grid: str) -> bool:
        """Whether everything of a grid is within the reader's sight."""
        if self.reader.role == "supervisor":
            return covers(self.reader.scope or "-", grid)
        return self.reader.sees_all

    def sees_entry(self, entry: Entry) -> bool:
        """Whether the reader may read this entry: about whom it is, or to whom it hands goods over."""
        statement = entry.statement
        if self.reader.role in (ANONYMOUS, "device"):
            return False
        if statement.merchant is None:
            return (
                self.reader.sees_all or statement.kind in _FOR_ALL_READERS or self.reader.role == "supervisor"
            )
        receiver = statement.body.get("to") if statement.kind == "goods.handed_over" else None
        return self.sees(statement.merchant) or (isinstance(receiver, str) and self.sees(receiver))

    def sees_any(self, merchants: Iterable[str | None]) -> bool:
        """Whether one of these merchants is within the reader's sight."""
        return any(self.sees(one) for one in merchants)

    def _named_by_duty(self) -> frozenset[str]:
        if self._named is None:
            office = self.reader.scope
            self._named = frozenset(
                one.merchant
                for one in duties(self._facts, self._size)
                if office is not None and office in (one.regulator, one.unit)
            )
        return self._named

    def hidden(self, what: str, zh: str) -> NotYours:
        """What to raise for something that this reader may not see, or that is not there."""
        return self._not_yours(f"{what} is not within your scope", f"{zh} 不在您的范围内")

    def _not_yours(self, why: str, zh: str) -> NotYours:
        return NotYours(
            f"{why}, or there is nothing of that name: ask the operator for a key with the scope you need",
            zh=f"{zh}，或没有此内容：如需查看，请向管理员申请相应范围的密钥",
        )
