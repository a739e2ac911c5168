"""Who may say what about whom: roles, kinds and scopes (format, section 4).

    role        scope                     may state
    operator    *                         keys, rule sets, enrolments
    supervisor  * or a grid               enrolments and checks of merchants in the grid, corrections of its own checks
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
from ledger.store.facts import GrantFact

EVERYWHERE = "*"

_MERCHANT = frozenset(
    {
        "goods.received",
        "goods.handed_over",
        "goods.accepted",
        "goods.sold",
        "goods.disposed",
        "goods.adjusted",
        "temperature.logged",
        "disinfection.logged",
        "clearance.attested",
        "commitment.signed",
        "briefing.acknowledged",
        "statement.corrected",
    }
)
MAY: dict[str, frozenset[str]] = {
    "operator": frozenset(
        {"ledger.opened", "key.granted", "key.revoked", "ruleset.published", "merchant.enrolled"}
    ),
    "supervisor": frozenset({"merchant.enrolled", "inspection.recorded", "statement.corrected"}),
    "merchant": _MERCHANT,
    "device": frozenset({"temperature.logged"}),
    "office": frozenset(),
    "auditor": frozenset(),
}
ABOUT_LEDGER = frozenset({"ledger.opened", "key.granted", "key.revoked", "ruleset.published"})
"""Kinds whose statements belong to no merchant."""


def covers(grid_scope: str, grid: str) -> bool:
    """Whether a supervisor's scope covers a grid.

    >>> covers("erligang/3", "erligang/3/07"), covers("erligang/3", "erligang/30")
    (True, False)
    """
    return grid_scope == EVERYWHERE or f"{grid}/".startswith(f"{grid_scope}/")


def signers(
    facts: Facts,
    signatures: tuple[Signature, ...],
    *,
    kind: str,
    merchant: str | None,
    grid: str | None,
    as_of: int,
) -> tuple[GrantFact, ...]:
    """The grants of the keys that signed, each of which may say `kind` about `merchant` (in `grid`) as of an index.

    Raises: NotAuthorised, naming the key and what would have to be granted.
    """
    return tuple([_signer(facts, sig.keyid, kind, merchant, grid, as_of) for sig in signatures])


def may_state(
    facts: Facts, keyid: str, *, kind: str, merchant: str | None, grid: str | None, as_of: int
) -> bool:
    """Whether one key may say `kind` about `merchant` as of an index."""
    try:
        _signer(facts, keyid, kind, merchant, grid, as_of)
    except NotAuthorised:
        return False
    return True


def _signer(
    facts: Facts, keyid: str, kind: str, merchant: str | None, grid: str | None, as_of: int
) -> GrantFact:
    grant = facts.grant(keyid, as_of)
    if grant is None:
        raise NotAuthorised(
            f"key {keyid[:16]}… has not been granted anything: an operator grants it with `custody key grant`",
            field="signatures",
        )
    revoked = facts.revocation(keyid, as_of)
    if revoked is not None:
        raise NotAuthorised(
            f"key {keyid[:16]}… was revoked by entry {revoked.index}: sign with a key that is in force",
            field="signatures",
        )
    if kind not in MAY[grant.role]:
        able = ", ".join(sorted(role for role, kinds in MAY.items() if kind in kinds)) or "nobody"
        raise NotAuthorised(
            f"key {keyid[:16]}… is a key of role {grant.role}, which may not state {kind}: {able} may",
            field="signatures",
        )
    if grant.role in ("merchant", "device") and grant.scope != merchant:
        raise NotAuthorised(
            f"key {keyid[:16]}… speaks for merchant {grant.scope}, not for {merchant}", field="merchant"
        )
    if grant.role == "supervisor" and (grid is None or not covers(grant.scope, grid)):
        raise NotAuthorised(
            f"key {keyid[:16]}… is for grid {grant.scope}, the merchant is in {grid or 'no grid'}",
            field="merchant",
        )
    return grant


def is_author(grants: tuple[GrantFact, ...], original: tuple[GrantFact, ...]) -> bool:
    """Whether those who sign now are the authors of the original: the same key, holder, or merchant."""
    return all(
        any(
            grant.keyid == was.keyid
            or (grant.holder is not None and grant.holder == was.holder)
            or (grant.role == "merchant" and was.role in ("merchant", "device") and grant.scope == was.scope)
            for was in original
        )
        for grant in grants
    )
