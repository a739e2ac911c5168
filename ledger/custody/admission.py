"""The rules a statement must meet at the place where it stands: asked on the way in, and again by every verifier.

    candidate = Candidate.of(envelope)                       # strict parsing, body against its kind
    rows = judge(facts, setting, candidate, index=1041, recorded_ms=…, root_at=tree.root_at)

Signatures over the bytes are checked elsewhere (many at a time, on all cores); whose keys they are and what
those keys may
say is checked here. `judge` stops at the first rule broken; the single steps are public so that a verifier
can report each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.custody import authority
from ledger.custody.context import FUTURE_MS, Context, Setting
from ledger.custody.facts import Facts
from ledger.custody.rules import RULES
from ledger.errors import BodyInvalid, SeenMismatch, TimeRefused, UnknownReference, WrongLedger
from ledger.log import Seen, Signature, Statement
from ledger.log.times import format_utc, local_date, parse_instant
from ledger.messages import Message, joined
from ledger.store.facts import FactRow, GrantFact, StatementFact
from ledger_schemas import (
    Body,
    BodyError,
    KeyGranted,
    KeyRevoked,
    MerchantEnrolled,
    Problem,
    UnknownKind,
    parse_body,
)

RootAt = Callable[[int], bytes]
"""Root of this ledger's history at a past size."""


class Candidate(NamedTuple):
    """A statement whose bytes and body are well formed; what it says has not been judged yet."""

    statement: Statement
    signatures: tuple[Signature, ...]
    body: Body
    id: bytes
    occurred_ms: int
    occurred_on: date

    @classmethod
    def of(cls, statement: Statement, signatures: tuple[Signature, ...]) -> Candidate:
        """Parse the body. Raises: BodyInvalid with every problem of the body, each with its field."""
        return cls(
            statement,
            signatures,
            checked_body(statement.kind, statement.body),
            UUID(statement.id).bytes,
            parse_instant(statement.occurred_at),
            local_date(statement.occurred_at),
        )


def checked_body(kind: str, body: object) -> Body:
    """The body as the model of its kind. Raises: BodyInvalid."""
    try:
        return parse_body(kind, body)
    except UnknownKind as error:
        raise BodyInvalid(
            "{kind} is no kind of statement: see `custody schema --list`", kind=kind, field="kind"
        ) from error
    except BodyError as error:
        first, *others = error.problems
        if not others:
            raise BodyInvalid(
                Message.in_words(first.message, zh=first.zh), field=_body_field(first.field)
            ) from error
        raise BodyInvalid(joined([_placed(one) for one in error.problems])) from error


def _placed(problem: Problem) -> Message:
    said = Message.in_words(problem.message, zh=problem.zh)
    return Message("{place}: {problem}", place=_body_field(problem.field), problem=said)


def _body_field(field: str) -> str:
    return f"body.{field}" if field else "body"


def judge(
    facts: Facts, setting: Setting, candidate: Candidate, *, index: int, recorded_ms: int, root_at: RootAt
) -> list[FactRow]:
    """The facts that the statement adds at `index`.

    Raises: a Refused or KeyInvalid that names the field and what to do.
    """
    check_frame(facts, setting, candidate, index=index, recorded_ms=recorded_ms)
    check_seen(candidate.statement.seen, index=index, root_at=root_at)
    signers = check_authority(facts, candidate, index=index)
    return take_effect(facts, setting, candidate, signers, index=index, recorded_ms=recorded_ms)


def check_frame(
    facts: Facts, setting: Setting, candidate: Candidate, *, index: int, recorded_ms: int
) -> None:
    """A merchant where there must be one, the right ledger, a possible time; what others rely on comes first."""
    statement = candidate.statement
    if (statement.merchant is None) != (RULES[statement.kind].about != "merchant"):
        if statement.merchant:
            raise BodyInvalid(
                "{kind} is about the ledger: merchant must be null", kind=statement.kind, field="merchant"
            )
        raise BodyInvalid("{kind} needs the merchant it is about", kind=statement.kind, field="merchant")
    if (
        statement.merchant is not None
        and statement.kind != "merchant.enrolled"
        and facts.merchant(statement.merchant, index) is None
    ):
        raise UnknownReference(
            "merchant {merchant} is not enrolled: `custody merchant enroll` first",
            merchant=statement.merchant,
            field="merchant",
        )
    if statement.ledger != setting.origin:
        raise WrongLedger(
            "this ledger is {origin}, the statement is for {ledger}",
            origin=setting.origin,
            ledger=statement.ledger,
            field="ledger",
        )
    if candidate.occurred_ms > recorded_ms + FUTURE_MS:
        raise TimeRefused(
            "{occurred_at} is in the future, the ledger's clock says {recorded_ms}: check date, "
            "time and offset",
            occurred_at=statement.occurred_at,
            recorded_ms=format_utc(recorded_ms),
            field="occurred_at",
        )
    if candidate.occurred_on < setting.earliest:
        raise TimeRefused(
            "{occurred_at} is before {earliest}, the earliest this ledger records: check the year",
            occurred_at=statement.occurred_at,
            earliest=setting.earliest,
            field="occurred_at",
        )


def check_seen(seen: Seen | None, *, index: int, root_at: RootAt) -> None:
    """The checkpoint that the author had seen is one of this very history."""
    if seen is None:
        return
    if seen.size > index:
        raise SeenMismatch(
            "a checkpoint of {size} entries cannot have been seen when there were {entry}",
            size=seen.size,
            entry=index,
            field="seen.size",
        )
    root = root_at(seen.size).hex()
    if root != seen.root:
        raise SeenMismatch(
            "the author saw another history: root {root}… at size {size}, here it is {here}…. "
            "Keep both checkpoints and tell an auditor",
            root=seen.root[:16],
            size=seen.size,
            here=root[:16],
            field="seen.root",
        )


def check_authority(facts: Facts, candidate: Candidate, *, index: int) -> tuple[GrantFact, ...]:
    """The grants of all signers. At index 0 the operator's key is vouched for by the statement itself."""
    statement = candidate.statement
    if index == 0:
        return ()
    merchant, kind, signatures = statement.merchant, statement.kind, candidate.signatures
    by, anywhere = RULES[kind].by, RULES[kind].about == "plan"
    enrolment = None if merchant is None else facts.merchant(merchant, index)
    grid = None if enrolment is None else enrolment.grid
    if isinstance(candidate.body, MerchantEnrolled):
        if grid is not None:  # whoever moves a merchant needs both grids, the old and the new
            authority.signers(facts, signatures, kind=kind, by=by, merchant=merchant, grid=grid, as_of=index)
        grid = candidate.body.grid
    if isinstance(candidate.body, KeyGranted | KeyRevoked):
        kind, by, grid = _over_keys(facts, candidate.body, index)
    return authority.signers(
        facts, signatures, kind=kind, by=by, merchant=merchant, grid=grid, as_of=index, anywhere=anywhere
    )


def _over_keys(
    facts: Facts, body: KeyGranted | KeyRevoked, index: int
) -> tuple[str, frozenset[str], str | None]:
    """What is stated of which key, in words for an error; the roles that may, and the grid a supervisor needs."""
    key = body if isinstance(body, KeyGranted) else facts.grant(body.keyid, index)
    if key is None:  # of a key that never was the effect has more to say, to whoever may revoke all keys
        return body.kind, *authority.over_keys(facts, "", "", index)
    by, grid = authority.over_keys(facts, key.role, key.scope, index)
    if key.role in authority.HANDED_OUT and not grid:
        said = Message(
            "{kind} about a key of role {role} of {scope}, which is not enrolled",
            kind=body.kind,
            role=key.role,
            scope=key.scope,
        )
    else:
        said = Message("{kind} about a key of role {role}", kind=body.kind, role=key.role)
    return said, by, grid


def take_effect(
    facts: Facts,
    setting: Setting,
    candidate: Candidate,
    signers: tuple[GrantFact, ...],
    *,
    index: int,
    recorded_ms: int,
) -> list[FactRow]:
    """The facts the statement adds, by the rule of its kind."""
    context = Context(
        facts,
        setting,
        index,
        recorded_ms,
        candidate.occurred_ms,
        candidate.occurred_on,
        candidate.id,
        candidate.statement,
        candidate.signatures,
        signers,
    )
    return list(RULES[candidate.statement.kind].effect(context, candidate.body))


def statement_fact(
    candidate: Candidate, *, index: int, merchant_seq: int | None, recorded_ms: int
) -> StatementFact:
    """The fact that every entry has."""
    statement = candidate.statement
    late = max(0, (recorded_ms - candidate.occurred_ms) // 60_000)
    return StatementFact(index, candidate.id, statement.kind, statement.merchant, merchant_seq, late)
