"""Effects of statements about the ledger and its people: keys, rule sets, merchants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ledger.custody.authority import EVERYWHERE
from ledger.custody.care import document_subject
from ledger.custody.context import Context
from ledger.custody.facts import Facts
from ledger.custody.matters import matter
from ledger.errors import Conflict, CustodyRefused, KeyInvalid, UnknownReference
from ledger.log import PublicKey, require_grantable
from ledger.log.canonical import encode
from ledger.messages import Message
from ledger.store.facts import FactRow, GrantFact, MerchantFact, RevocationFact, RulesetFact
from ledger_schemas import KeyGranted, KeyRevoked, LedgerOpened, MerchantEnrolled, RulesetPublished
from ledger_schemas.identifiers import CREDIT_CODE

_CREDIT_CODE = re.compile(CREDIT_CODE)

MAX_SUBJECT = 200
"""Characters a finding's subject may have."""


def ledger_opened(at: Context, body: LedgerOpened) -> Iterator[FactRow]:
    """Entry 0: the operator's key is granted by the statement it signs."""
    if at.index != 0:
        raise Conflict("the ledger is open already: ledger.opened is entry 0 and nothing else", field="kind")
    key = _public_key(body.operator_key, "body.operator_key")
    _public_key(body.log_key, "body.log_key")
    yield GrantFact(0, key.keyid, "operator", EVERYWHERE, None, key.text)


def key_granted(at: Context, body: KeyGranted) -> Iterator[FactRow]:
    key = _public_key(body.public_key, "body.public_key")
    if at.facts.grant(key.keyid, at.index) is not None:
        raise Conflict(
            "key {keyid}… has been granted before: a key is granted once, make a new one for another role",
            keyid=key.keyid[:16],
            field="body.public_key",
        )
    if body.role in ("operator", "auditor") and body.scope != EVERYWHERE:
        raise CustodyRefused(
            "the scope of an {role} key is *, not {scope!r}",
            role=body.role,
            scope=body.scope,
            field="body.scope",
        )
    yield GrantFact(at.index, key.keyid, body.role, body.scope, body.holder, key.text)
    name = body.scope if body.role == "office" else body.holder
    if name is not None:
        yield matter(at, 0, "holder", f"{body.role}:{name}", {"keyid": key.keyid, "scope": body.scope})


def key_revoked(at: Context, body: KeyRevoked) -> Iterator[FactRow]:
    if at.facts.grant(body.keyid, at.index) is None:
        raise UnknownReference(
            "key {keyid}… has never been granted", keyid=body.keyid[:16], field="body.keyid"
        )
    before = at.facts.revocation(body.keyid, at.index)
    if before is not None:
        raise Conflict(
            "key {keyid}… was revoked by entry {entry} already",
            keyid=body.keyid[:16],
            entry=before.index,
            field="body.keyid",
        )
    if any(signer.keyid == body.keyid for signer in at.signers):
        raise CustodyRefused(
            "a key cannot revoke itself, or nobody might be left to run the ledger: sign with another operator key",
            field="body.keyid",
        )
    if body.compromised_from is not None and body.compromised_from > at.index:
        raise CustodyRefused(
            "{compromised_from} is in the future, the ledger has {entry} entries",
            compromised_from=body.compromised_from,
            entry=at.index,
            field="body.compromised_from",
        )
    yield RevocationFact(at.index, body.keyid, body.compromised_from)


def ruleset_published(at: Context, body: RulesetPublished) -> Iterator[FactRow]:
    require_publishable(at.facts, body, at.index)
    yield RulesetFact(at.index, body.code, encode(at.statement.body).decode())


def require_publishable(facts: Facts, body: RulesetPublished, as_of: int) -> None:
    """Beside the others, and possible in itself. Raises: a Refused that names the field."""
    if facts.ruleset(body.code, as_of) is not None:
        raise Conflict(
            "rule set {body_code} exists: publish changes under a new code that replaces it",
            body_code=body.code,
            field="body.code",
        )
    if body.replaces is not None and facts.ruleset(body.replaces, as_of) is None:
        raise UnknownReference(
            "there is no rule set {replaces} to replace", replaces=body.replaces, field="body.replaces"
        )
    _one_at_a_time(facts, body, as_of)
    _require_possible(body)
    for name, paper in (("commitment", body.commitment), ("briefing", body.briefing)):
        if paper is not None and len(document_subject(paper.title, paper.version)) > MAX_SUBJECT:
            raise CustodyRefused(
                "title and version of a paper have at most {max_subject} characters together, or no finding could "
                "name it: shorten the title",
                max_subject=MAX_SUBJECT - 1,
                field=f"body.{name}.title",
            )


def _require_possible(body: RulesetPublished) -> None:
    """What it asks for can be done: its checks fit into a week, and no later step of the cards is softer."""
    apart = body.min_days_between
    if apart and body.checks_per_week > (fitting := 1 + 6 // apart):
        raise CustodyRefused(
            "{checks_per_week} checks a week at least {apart} days apart cannot be made: a week has room for "
            "{fitting}; ask for fewer, or closer together",
            checks_per_week=body.checks_per_week,
            apart=apart,
            fitting=fitting,
            field="body.checks_per_week",
        )
    for number, (before, step) in enumerate(zip(body.card_steps, body.card_steps[1:], strict=False), start=1):
        if (before.card == "red" and step.card == "yellow") or (before.closes and not step.closes):
            raise CustodyRefused(
                "step {step} is softer than step {before_step}: a further violation never gets less",
                step=step.step,
                before_step=before.step,
                field=f"body.card_steps[{number}]",
            )


def _one_at_a_time(facts: Facts, body: RulesetPublished, as_of: int) -> None:
    """Of one place and class of goods one rule set is in force on a day, unless the later replaces the earlier."""
    published = [ruleset.body for ruleset in facts.rulesets(as_of)]
    replaced = {before.replaces for before in published}
    mine = (body.jurisdiction, body.goods_class)
    for before in published:
        if before.code == body.replaces:
            _require_successor(before, body, replaced)
    for before in published:
        if (
            (before.jurisdiction, before.goods_class) == mine
            and before.code != body.replaces
            and before.code not in replaced
            and body.valid_from <= (before.valid_to or body.valid_from)
            and before.valid_from <= (body.valid_to or before.valid_from)
        ):
            raise Conflict(
                "rule set {ruleset} holds from {valid_from} to {valid_to} for "
                "the same goods and place: say that this one replaces it, or choose another period",
                ruleset=before.code,
                valid_from=before.valid_from,
                valid_to=before.valid_to or Message("further notice"),
                field="body.valid_from",
            )


def _require_successor(before: RulesetPublished, body: RulesetPublished, replaced: set[str | None]) -> None:
    if (before.jurisdiction, before.goods_class) != (body.jurisdiction, body.goods_class):
        raise CustodyRefused(
            "rule set {ruleset} is for {goods_class} in {jurisdiction}, this one is not",
            ruleset=before.code,
            goods_class=before.goods_class,
            jurisdiction=before.jurisdiction,
            field="body.replaces",
        )
    if before.code in replaced:
        raise Conflict(
            "rule set {ruleset} has been replaced already: replace the newest",
            ruleset=before.code,
            field="body.replaces",
        )
    if body.valid_from < before.valid_from:
        raise CustodyRefused(
            "rule set {ruleset} holds from {valid_from} on: what replaces it cannot hold earlier",
            ruleset=before.code,
            valid_from=before.valid_from,
            field="body.valid_from",
        )


def merchant_enrolled(at: Context, body: MerchantEnrolled) -> Iterator[FactRow]:
    """A later enrolment of the same merchant replaces the earlier one from its index on."""
    if not _CREDIT_CODE.match(at.merchant):
        raise CustodyRefused(
            "{merchant!r} is not a unified social credit code: 18 characters of 0-9 and A-Z without I, O, S, V, Z",
            merchant=at.merchant,
            field="merchant",
        )
    zones = [
        {
            "code": zone.code,
            "dedicated": zone.dedicated,
            "goods_class": zone.goods_class,
            "storage": zone.storage,
        }
        for zone in body.zones
    ]
    yield MerchantFact(
        at.index,
        at.merchant,
        body.name,
        body.grid,
        body.place_kind,
        ",".join(body.goods_classes),
        body.supervisor,
        encode(zones).decode(),
        at.occurred_on.toordinal(),
    )


def _public_key(text: str, field: str) -> PublicKey:
    try:
        key = PublicKey.from_base64(text)
        require_grantable(key)
    except KeyInvalid as error:
        raise KeyInvalid(error.message, field=field) from error
    return key
