"""One-time codes by which new devices come to their key: made here, brought once, granted in the ledger.

    with Invitations(folder, clock=now_ms) as invitations:
        made = invitations.invite(role="merchant", scope="92410104MACU00014Y", holder=None, by=keyid)
        made.code                                     # 7K4MQ2-XC9DT-… : shown once, as QR, and kept nowhere
        invitations.redeem(made.code, public_key)     # pending: nobody else can bring this code any more

    open ── code and key brought ──▶ pending ── key.granted in the ledger ──▶ granted ── key.revoked ──▶ revoked
      └── half an hour, or withdrawn ──▶ expired, withdrawn ◀── a day, or withdrawn ──┘

A code is six characters to find it by and 26 that are secret: 130 random bits, of which only the SHA-256 is kept, so a
stolen `web.db` lets nobody in. Whether a key *is* granted says the ledger alone; from here comes only who has asked.

Whoever saw the code can bring a key of its own before the device it was meant for does. That is why people compare:
the fingerprint of the key, on the device and where it is granted. It is 20 digits (66 bits), for which nobody finds a
second key in the day that a key may wait. A second device with the same code is refused and counted (`contested`).

What it leaves to others: who may invite whom (`authority.over_keys`), HTTP (`enrolment`), granting (`key.granted`).
"""

# No `from __future__ import annotations`: SQLModel reads the types.
import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, Self

from sqlalchemy import delete, func, select
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel

from ledger.custody.facts import Facts
from ledger.errors import UsageError
from ledger.log import PublicKey, require_grantable
from ledger.messages import Message
from ledger.store.beside import Beside
from ledger.store.tables import Big, table_of
from ledger_web.denials import InvitationRefused
from ledger_web.faults import Busy

FILE_NAME: Final = "web.db"
APPLICATION_ID: Final = 0x434C5742  # "CLWB": custody ledger web
SCHEMA_VERSION: Final = 1
CODE_LIFE_MS: Final = 30 * 60_000
PENDING_LIFE_MS: Final = 24 * 3_600_000
KEPT_MS: Final = 7 * PENDING_LIFE_MS
"""How long an invitation is listed after it was made."""
MOST_OPEN: Final = 200
"""Codes of one inviter that may be out at a time."""
MOST: Final = 10_000
"""Codes that are out, and keys that wait to be granted."""

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it looks like something else; what was misread is read right again."""
_LOOKS_LIKE = str.maketrans("ILO", "110", " -\t\r\n")
_NAME, _SECRET = 6, 26


class _Table(SQLModel, registry=registry()):
    """Tables of this file, apart from those of the ledger."""


class InvitationTable(_Table, table=True):
    """One code: the digest of its secret part, what it is for, and the key that was brought."""

    __tablename__ = "invitation"

    name: str = Field(primary_key=True)
    digest: str
    role: str
    scope: str
    holder: str | None
    inviter: str | None = Field(index=True)
    made_ms: int = Field(sa_type=Big, index=True)
    expires_ms: int = Field(sa_type=Big)
    withdrawn: bool = False
    keyid: str | None = Field(default=None, index=True)
    public_key: str | None = None
    brought_ms: int | None = Field(default=None, sa_type=Big)
    contested: int = 0


class Made(NamedTuple):
    """A new invitation; `code` is said this once."""

    name: str
    code: str
    expires_ms: int


class Invitation(NamedTuple):
    """What is known of an invitation; `inviter` is the keyid of whoever made it, None at the desk."""

    name: str
    role: str
    scope: str
    holder: str | None
    inviter: str | None
    made_ms: int
    expires_ms: int
    withdrawn: bool
    keyid: str | None
    public_key: str | None
    brought_ms: int | None
    contested: int
    """Other devices that brought the same code later. Then the code was seen by somebody: do not grant."""

    @property
    def fingerprint(self) -> str | None:
        return None if self.public_key is None else fingerprint(PublicKey.from_base64(self.public_key))

    def state(self, facts: Facts, as_of: int, now_ms: int) -> str:
        """`open`, `pending`, `granted`, `revoked`, `withdrawn` or `expired`; of a granted key the ledger says it."""
        if self.keyid is not None and facts.grant(self.keyid, as_of) is not None:
            return "granted" if facts.revocation(self.keyid, as_of) is None else "revoked"
        if self.withdrawn:
            return "withdrawn"
        if self.expires_ms <= now_ms:
            return "expired"
        return "open" if self.keyid is None else "pending"


def fingerprint(key: PublicKey) -> str:
    """The last 20 digits of the key id read as a number, for eyes.

    >>> fingerprint(PublicKey.from_base64("MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="))
    '7093 6893 6578 6431 8499'
    """
    digits = f"{int(key.keyid, 16) % 10**20:020}"
    return " ".join(digits[at : at + 4] for at in range(0, 20, 4))


def normal(code: str) -> str:
    """A code as it was made, however it was typed.

    >>> normal("7k4mq2-xc9dt o")
    '7K4MQ2XC9DT0'
    """
    return code.upper().translate(_LOOKS_LIKE)


def digest_of(code: str) -> str:
    """How a code is known where it is not kept: hex SHA-256 of the code as it was made."""
    return sha256(b"custody invitation v1\0" + normal(code).encode()).hexdigest()


class Invitations:
    """See the module docstring. May be shared by threads and processes: each piece of work is one transaction."""

    def __init__(
        self, directory: Path | str, *, clock: Callable[[], int], busy_timeout: float = 30.0
    ) -> None:
        """`directory`: the ledger's; the file is made by the first invitation. Raises NotALedger, StoreTooNew."""
        self.path = Path(directory) / FILE_NAME
        self._clock = clock
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

    def invite(
        self,
        *,
        role: str,
        scope: str,
        holder: str | None,
        by: str | None,
        life_ms: int = CODE_LIFE_MS,
    ) -> Made:
        """A new code. Raises: UsageError, Busy when too many wait."""
        if not 60_000 <= life_ms <= PENDING_LIFE_MS:
            raise UsageError("a code lasts from a minute to a day", field="minutes")
        now = self._clock()
        columns = table_of(InvitationTable).c
        with self._session(make=True) as session:
            session.execute(delete(InvitationTable).where(columns.made_ms < now - KEPT_MS))
            waiting = select(func.count()).where(columns.expires_ms > now, columns.withdrawn.is_(False))
            own = waiting.where(columns.inviter.is_not_distinct_from(by), columns.keyid.is_(None))
            mine = session.execute(own).scalar_one()
            if mine >= MOST_OPEN or session.execute(waiting).scalar_one() >= MOST:
                raise Busy(
                    Message("too many invitations wait: grant or withdraw some"),
                )
            name = _letters(_NAME)
            while session.get(InvitationTable, name) is not None:
                name = _letters(_NAME)
            code = name + _letters(_SECRET)
            session.add(
                InvitationTable(
                    name=name,
                    digest=digest_of(code),
                    role=role,
                    scope=scope,
                    holder=holder,
                    inviter=by,
                    made_ms=now,
                    expires_ms=now + life_ms,
                )
            )
        return Made(name, _grouped(code), now + life_ms)

    def opened(self, code: str) -> Invitation:
        """The invitation of a code, in whatever state. Raises: InvitationRefused for a code that is not one."""
        with self._session() as session:
            return _invitation(self._row(session, code))

    def redeem(self, code: str, key: PublicKey) -> Invitation:
        """Bring the key of a device, which must have shown that it holds it. The same key again changes nothing.

        Raises: InvitationRefused in the same words whether the code is wrong, used, withdrawn or too old; KeyInvalid.
        """
        require_grantable(key)
        now = self._clock()
        with self._session() as session:
            row = self._row(session, code)
            late = row.withdrawn or row.expires_ms <= now
            if not late and row.keyid is None:
                row.keyid, row.public_key, row.brought_ms = key.keyid, key.text, now
                row.expires_ms = now + PENDING_LIFE_MS
                session.add(row)
            contested = row.keyid is not None and row.keyid != key.keyid
            if contested:
                row.contested += 1
                session.add(row)
            found = _invitation(row)
        if late or contested:
            raise _refused()
        return found

    def find(self, text: str) -> Invitation | None:
        """By the whole code, its name (the first six characters), or the fingerprint of the key brought."""
        wanted = normal(text)
        if len(wanted) == _NAME + _SECRET:
            return self.opened(wanted)
        return next(
            (one for one in self.listed() if wanted in (one.name, normal(one.fingerprint or "-"))), None
        )

    def listed(self, *, limit: int = 1_000) -> list[Invitation]:
        """Those made within `KEPT_MS`, newest first."""
        columns = table_of(InvitationTable).c
        if not self._file.exists():
            return []
        with self._session() as session:
            rows = session.execute(
                select(InvitationTable)
                .where(columns.made_ms >= self._clock() - KEPT_MS)
                .order_by(columns.made_ms.desc(), columns.name)
                .limit(limit)
            ).scalars()
            return [_invitation(row) for row in rows]

    def withdraw(self, name: str) -> None:
        """The code, and the key it brought, count no more."""
        with self._session() as session:
            row = session.get(InvitationTable, name)
            if row is not None:
                row.withdrawn = True
                session.add(row)

    def _row(self, session: Session, code: str) -> InvitationTable:
        row = session.get(InvitationTable, normal(code)[:_NAME])
        # The same work whether there is a row or not, so time does not tell which names there are.
        if (
            not hmac.compare_digest(row.digest if row is not None else "0" * 64, digest_of(code))
            or row is None
        ):
            raise _refused()
        return row

    @contextmanager
    def _session(self, *, make: bool = False) -> Iterator[Session]:
        """One transaction; `make`: the file too, should there be none. Without a file no code is one."""
        if not make and not self._file.exists():
            raise _refused()
        with self._file.session(make=make) as session:
            yield session


def _letters(many: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(many))


def _grouped(code: str) -> str:
    rest = code[_NAME:]
    return "-".join([code[:_NAME], *(rest[at : at + 5] for at in range(0, len(rest), 5))])


def _refused() -> InvitationRefused:
    return InvitationRefused(
        Message("this code is unknown, used, withdrawn or too old: ask for a new one"),
        field="code",
    )


def _invitation(row: InvitationTable) -> Invitation:
    return Invitation(*(getattr(row, field) for field in Invitation._fields))
