"""Who may say what about whom: roles, kinds and scopes (format, section 4).

    role        scope                     may state
    operator    *                         keys, rule sets, enrolments
    supervisor  * or a grid               enrolments and checks of merchants in the grid, corrections of its own checks,
                                          keys of these merchants and of their devices
    merchant    a credit code             that merchant's goods, care, attestations and corrections
    device      a credit code             that merchant's temperatures
    office      an office                 (answers to notices)
    auditor     *                         nothing: it reads and verifies

A grid covers itself and what is below it: ``erligang/3`` covers ``erligang/3/07``.
"""

from __future__ import annotations

from ledger.custody.facts import Facts
from ledger.errors import NotAuthorised
from ledger.log import Signature
from ledger.messages import Message
from ledger.store.facts import GrantFact

EVERYWHERE = "*"
HANDED_OUT = frozenset({"merchant", "device"})
"""Roles of keys that a supervisor may grant and revoke, for merchants enrolled in its grid."""


def covers(grid_scope: str, grid: str) -> bool:
    """Whether a supervisor's scope covers a grid.

    >>> covers("erligang/3", "erligang/3/07"), covers("erligang/3", "erligang/30")
    (True, False)
    """
    return grid_scope == EVERYWHERE or f"{grid}/".startswith(f"{grid_scope}/")


def over_keys(facts: Facts, role: str, scope: str, as_of: int) -> tuple[frozenset[str], str | None]:
    """Roles that may grant or revoke a key of this role and scope, and the grid that a supervisor needs for it.

    Whoever could grant other roles could make itself an operator, or a second officer; so they stay with operators.
    """
    enrolment = facts.merchant(scope, as_of) if role in HANDED_OUT else None
    if enrolment is None:
        return frozenset({"operator"}), None
    return frozenset({"operator", "supervisor"}), enrolment.grid


def signers(
    facts: Facts,
    signatures: tuple[Signature, ...],
    *,
    kind: str,
    by: frozenset[str],
    merchant: str | None,
    grid: str | None,
    as_of: int,
    anywhere: bool = False,
) -> tuple[GrantFact, ...]:
    """The grants of the keys that signed, each of which may say `kind` about `merchant` (in `grid`) as of an index.

    `anywhere`: the effect of the kind looks at a supervisor's grid itself.

    Raises: NotAuthorised, naming the key and what would have to be granted.
    """
    return tuple([_signer(facts, sig.keyid, kind, by, merchant, grid, as_of, anywhere) for sig in signatures])


def may_state(
    facts: Facts,
    keyid: str,
    *,
    by: frozenset[str],
    merchant: str | None,
    grid: str | None,
    as_of: int,
    anywhere: bool = False,
) -> bool:
    """Whether one key may say about `merchant` what keys of the roles `by` may say, as of an index."""
    try:
        _signer(facts, keyid, "this", by, merchant, grid, as_of, anywhere)
    except NotAuthorised:
        return False
    return True


def _signer(
    facts: Facts,
    keyid: str,
    kind: str,
    by: frozenset[str],
    merchant: str | None,
    grid: str | None,
    as_of: int,
    anywhere: bool,
) -> GrantFact:
    grant = facts.grant(keyid, as_of)
    if grant is None:
        raise NotAuthorised(
            "key {keyid}… has not been granted anything: an operator grants it with `custody key grant`",
            keyid=keyid[:16],
            field="signatures",
        )
    revoked = facts.revocation(keyid, as_of)
    if revoked is not None:
        raise NotAuthorised(
            "key {keyid}… was revoked by entry {entry}: sign with a key that is in force",
            keyid=keyid[:16],
            entry=revoked.index,
            field="signatures",
        )
    if grant.role not in by:
        able = ", ".join(sorted(by))
        raise NotAuthorised(
            "key {keyid}… is a key of role {role}, which may not state {kind}: {able} may",
            keyid=keyid[:16],
            role=grant.role,
            kind=kind,
            able=able,
            field="signatures",
        )
    _require_scope(grant, merchant, grid, anywhere=anywhere)
    return grant


def _require_scope(grant: GrantFact, merchant: str | None, grid: str | None, *, anywhere: bool) -> None:
    if grant.role in ("merchant", "device") and grant.scope != merchant:
        raise NotAuthorised(
            "key {keyid}… speaks for merchant {scope}, not for {merchant}",
            keyid=grant.keyid[:16],
            scope=grant.scope,
            merchant=merchant or Message("the whole ledger"),
            field="merchant",
        )
    if (
        grant.role == "supervisor"
        and not anywhere
        and grant.scope != EVERYWHERE
        and (grid is None or not covers(grant.scope, grid))
    ):
        if grid is None:
            raise NotAuthorised(
                "key {keyid}… is for grid {scope}, this is about the whole ledger",
                keyid=grant.keyid[:16],
                scope=grant.scope,
                field="merchant",
            )
        raise NotAuthorised(
            "key {keyid}… is for grid {scope}, the merchant is in {grid}",
            keyid=grant.keyid[:16],
            scope=grant.scope,
            grid=grid,
            field="merchant",
        )


def is_author(
    facts: Facts, grants: tuple[GrantFact, ...], original: tuple[GrantFact, ...], as_of: int
) -> bool:
    """Whether those who sign now are the authors of the original, all of them and nobody else.

    The same author signs with the same key; with another key of the same holder once the first has been revoked
    (otherwise an operator could grant itself an officer's name); or, for a merchant, with another of its keys. What a
    device has measured nobody else takes back: a supervisor waives what does not apply.
    """

    def same(grant: GrantFact, was: GrantFact) -> bool:
        if grant.keyid == was.keyid:
            return True
        if grant.role != was.role or was.role == "device":
            return False
        if was.role == "merchant":
            return grant.scope == was.scope
        return (
            grant.holder is not None
            and grant.holder == was.holder
            and facts.revocation(was.keyid, as_of) is not None
        )

    return all(any(same(grant, was) for was in original) for grant in grants) and all(
        any(same(grant, was) for grant in grants) for was in original
    )
