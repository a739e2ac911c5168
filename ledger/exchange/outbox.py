"""What has still to be delivered: notices on their way to the offices, beside the ledger and no part of it.

What it does: keeps, in `outbox.db` of the ledger's folder, which notice waits, and for each address how often it was
tried, when next, and why it failed. The key is the id of the statement `notice.sent`: what the ledger says comes first
and is never repeated from here. What it leaves to others: what a notice says (the ledger), where it goes
(`addresses`), sending (`delivery`).

    1. `notice.sent` is committed to the ledger        it can be said once: a second one is refused
    2. `put` makes it wait here                        after a crash before this, `put` gets it again on the next start
    3. `trying` is committed, then the message leaves  after a crash here nobody knows whether it arrived: it is not
    4. `arrived` or `failed` is committed              sent again by itself, it waits for somebody to say so

Addresses hold passwords, so only their digests are kept, and the file is readable by its owner only.

>>> from tempfile import mkdtemp
>>> with Outbox(mkdtemp()) as outbox:
...     outbox.put([Waiting("0199d0a4-7c1e-7d3a-9b1f-3f2f6a1c0d55", 41, "office-1")], now_ms=0)
...     [one.index for one in outbox.waiting()]
1
[41]
"""

# No `from __future__ import annotations`: SQLModel reads the types.
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import insert, select, update
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from ledger.errors import StoreBusy
from ledger.messages import Message
from ledger.store.beside import Beside
from ledger.store.faults import translated
from ledger.store.tables import Big, table_of

_AGAIN: Final = Message("to be sent again")

try:
    import fcntl
except ImportError:  # a system without such locks
    fcntl = None  # type: ignore[assignment]

FILE_NAME = "outbox.db"
APPLICATION_ID = 0x434C4F42  # "CLOB": custody ledger outbox
SCHEMA_VERSION = 1


class _Table(SQLModel, registry=registry()):
    """Tables of this file, apart from those of the ledger."""


class NoticeTable(_Table, table=True):
    """A notice of the ledger; `done_ms` and `outcome` are null while it waits."""

    __tablename__ = "notice"

    id: str = Field(primary_key=True)
    index: int = Field(sa_type=Big)
    office: str
    put_ms: int = Field(sa_type=Big)
    done_ms: int | None = Field(default=None, sa_type=Big)
    outcome: str | None = None


class TryTable(_Table, table=True):
    """What became of a notice at one address, known by its digest."""

    __tablename__ = "try"

    notice: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    state: str
    tries: int
    tried_ms: int = Field(sa_type=Big)
    next_ms: int | None = Field(default=None, sa_type=Big)
    reason: str | None = None


class Waiting(NamedTuple):
    """A notice that is not delivered yet, by its statement's id and entry."""

    id: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a notice
    office: str


class Tried(NamedTuple):
    """What became of a notice at an address: `arrived`, `failed` or `trying`."""

    state: str
    tries: int
    tried_ms: int
    next_ms: int | None
    reason: str | None


class Done(NamedTuple):
    """When a notice was done with, and how: `delivered`, `answered` or `earlier`."""

    at_ms: int
    outcome: str


def digest_of(address: str) -> str:
    """How an address is known in the outbox."""
    return sha256(address.encode()).hexdigest()


class Outbox:
    """See the module docstring. For one thread."""

    def __init__(self, directory: Path | str, *, busy_timeout: float = 30.0) -> None:
        """`directory`: the ledger's; the file is made by the first `put`. Raises NotALedger, StoreTooNew."""
        self.path = Path(directory) / FILE_NAME
        self._file = Beside(
            self.path,
            application_id=APPLICATION_ID,
            version=SCHEMA_VERSION,
            tables=_Table.metadata,
            busy_timeout=busy_timeout,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def exists(self) -> bool:
        """Whether anything was ever put here."""
        return self._file.exists()

    # ------------------------------------------------------------------ notices

    def put(self, notices: Iterable[Waiting], *, now_ms: int, done: Mapping[str, str] | None = None) -> int:
        """Make these wait unless they are here already; how many are new. `done`: outcomes of what need not wait."""
        outcomes = done or {}
        with self._file.session(make=True) as session:
            known = set(session.execute(select(table_of(NoticeTable).c.id)).scalars())
            rows = [
                one._asdict()
                | {"put_ms": now_ms, "outcome": outcomes.get(one.id)}
                | {"done_ms": now_ms if one.id in outcomes else None}
                for one in notices
                if one.id not in known
            ]
            if rows:
                session.execute(insert(NoticeTable), rows)
            return len(rows)

    def waiting(self) -> list[Waiting]:
        """What is not done with, in the order of the ledger."""
        columns = table_of(NoticeTable).c
        question = select(columns.id, columns["index"], columns.office).where(columns.done_ms.is_(None))
        return [Waiting(*row) for row in self._rows(question.order_by(columns["index"]))]

    def done(self) -> dict[str, Done]:
        """What is done with, by id."""
        columns = table_of(NoticeTable).c
        question = select(columns.id, columns.done_ms, columns.outcome).where(columns.done_ms.is_not(None))
        return {row[0]: Done(row[1], row[2]) for row in self._rows(question)}

    def finish(self, ids: Iterable[str], outcome: str, *, now_ms: int) -> int:
        """These are done with; how many still waited. What was done stays as it was done."""
        columns = table_of(NoticeTable).c
        with self._file.session(make=True) as session:
            found: list[Any] = [  # Any: SQLAlchemy's results of an update
                session.execute(
                    update(NoticeTable)
                    .where(columns.id == one, columns.done_ms.is_(None))
                    .values(done_ms=now_ms, outcome=outcome)
                )
                for one in ids
            ]
            return sum(one.rowcount for one in found)

    # ------------------------------------------------------------------ tries

    def tried(self, notice: str) -> dict[str, Tried]:
        """What became of a notice, by digest of the address."""
        columns = table_of(TryTable).c
        names = [columns[name] for name in ("address", *Tried._fields)]
        return {row[0]: Tried(*row[1:]) for row in self._rows(select(*names).where(columns.notice == notice))}

    def trying(self, notice: str, address: str, *, now_ms: int) -> int:
        """The message is about to leave; the how manieth time this is."""
        with self._file.session(make=True) as session:
            row = session.get(TryTable, (notice, address))
            if row is None:
                row = TryTable(notice=notice, address=address, state="trying", tries=0, tried_ms=now_ms)
            row.state, row.tries, row.tried_ms, row.next_ms = "trying", row.tries + 1, now_ms, None
            session.add(row)
            return row.tries

    def arrived(self, notice: str, address: str) -> None:
        """The message has been taken in there."""
        self._set(notice, address, state="arrived", next_ms=None, reason=None)

    def failed(self, notice: str, address: str, reason: str, *, next_ms: int) -> None:
        """The message was not taken in, and is to be tried again then."""
        self._set(notice, address, state="failed", next_ms=next_ms, reason=reason)

    def resolve(self, notice: str, *, arrived: bool) -> int:
        """Somebody has looked whether what was interrupted arrived; how many addresses that settles."""
        columns = table_of(TryTable).c
        values = {"state": "arrived"} if arrived else {"state": "failed", "next_ms": 0, "reason": str(_AGAIN)}
        with self._file.session(make=True) as session:
            done: Any = session.execute(  # Any: SQLAlchemy's result of an update
                update(TryTable).where(columns.notice == notice, columns.state == "trying").values(**values)
            )
            return int(done.rowcount)

    def _set(self, notice: str, address: str, **values: object) -> None:
        columns = table_of(TryTable).c
        with self._file.session(make=True) as session:
            session.execute(
                update(TryTable).where(columns.notice == notice, columns.address == address).values(**values)
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this block runs, nobody else delivers from this outbox. Raises: StoreBusy."""
        if fcntl is None:
            yield
            return
        with translated(self.path):
            # SQLite locks the database file itself, so this lock is on a file of its own.
            descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreBusy(
                    "another process is delivering from {path}: wait until it has ended, or end it",
                    path=self.path,
                ) from None
            yield
        finally:
            os.close(descriptor)

    # ------------------------------------------------------------------ the file

    def _rows(self, question: Any) -> list[Any]:  # Any: SQLAlchemy's selects and rows of any columns
        if not self.exists:
            return []
        with self._file.session() as session:
            return list(session.execute(question).all())
