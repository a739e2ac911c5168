"""Making the file of `merchant_chain`, and reading checks off it.

    data = make(store, "92410104MACU00014Y", signer)
    [(one.week, one.index) for one in checks(merchant_chain.check(data, signer.verifier))]

Making it, the log signs a claim about what is *not* in the ledger. Therefore it goes through the entries themselves and
not through derived tables, which somebody may have edited, and checks the file as any reader would before it hands it
out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ledger import log
from ledger.custody import merchant_chain
from ledger.custody.inspection import iso_week
from ledger.custody.merchant_chain import Holder, MerchantChain, Placed
from ledger.errors import ProofError, StoreCorrupt, UsageError
from ledger.log import Entry, NoteSigner, TileTree
from ledger.log import entry as entries
from ledger.log.times import local_date
from ledger.store.base import Readable
from ledger_schemas import BodyError, InspectionRecorded, StatementCorrected, UnknownKind, parse_body

_GIVES_KEYS = b'"kind":"key.granted"'


class Listed(NamedTuple):
    """A check in a merchant's chain."""

    index: int  # type: ignore[assignment]  # hides tuple.index, as in facts.py
    merchant_seq: int
    id: str
    week: int
    day: str
    findings: int
    """How many stand, not waived."""
    recorded_at: str
    officers: tuple[Holder, ...]
    taken_back: int | None
    """The entry that takes it back."""


def make(store: Readable, merchant: str, size: int, checkpoint_note: bytes, signer: NoteSigner) -> bytes:
    """The file for a merchant, against the checkpoint of this size.

    Raises: UsageError when the merchant has no entry; StoreCorrupt when the entries do not bear it out.
    """
    chain, keys = _find(store, merchant, size)
    if not chain:
        raise UsageError(
            "merchant {merchant} has no entry: see `custody merchant list`",
            merchant=merchant,
            field="--prove",
        )
    signed_by = {keyid for entry in chain for keyid, _ in entry.signatures}
    granting = sorted((keys[keyid] for keyid in signed_by & keys.keys()), key=lambda entry: entry.index)
    read = lru_cache(maxsize=4096)(lambda level, number: store.tile(level, number) or b"")
    tree = TileTree(lambda level, number, _: read(level, number), size)
    checkpoint = log.checkpoint.open(checkpoint_note, signer.verifier)
    data = merchant_chain.encode(
        merchant,
        [Placed(entry.data, tuple(tree.inclusion(entry.index))) for entry in granting],
        [Placed(entry.data, tuple(tree.inclusion(entry.index))) for entry in chain],
        log.note.sign(merchant_chain.claim_text(merchant, chain[-1], checkpoint), [signer]),
        checkpoint_note,
    )
    try:
        merchant_chain.check(data, signer.verifier)
    except ProofError as error:
        raise StoreCorrupt(
            "the entries of {merchant} do not bear out that they are all ({problem}): nothing was written. "
            "Run `custody verify`",
            merchant=merchant,
            problem=error.placed,
        ) from error
    return data


def _find(store: Readable, merchant: str, size: int) -> tuple[list[Entry], dict[str, Entry]]:
    """The merchant's entries, and the entries that gave out keys, by key id."""
    about = f'"merchant":"{merchant}"'.encode()
    chain: list[Entry] = []
    keys: dict[str, Entry] = {}
    for index, data in store.entries(0, size):
        if index == 0 or _GIVES_KEYS in data:
            entry = entries.parse(data)
            given = merchant_chain.given_key(entry)
            if given is not None:
                keys.setdefault(given[0].keyid, entry)
        if about in data:
            entry = entries.parse(data)
            if entry.statement.merchant == merchant:
                chain.append(entry)
    return chain, keys


def checks(proved: MerchantChain) -> list[Listed]:
    """All checks in the chain, in its order. Raises: ProofError for an entry that no ledger would have taken in."""
    found: list[Listed] = []
    taken_back: dict[str, int] = {}
    for entry in proved.entries:
        try:
            body = parse_body(entry.statement.kind, entry.statement.body)
        except (BodyError, UnknownKind) as error:
            raise ProofError(
                "is no {kind} that the ledger takes",
                kind=entry.statement.kind,
                index=entry.index,
            ) from error
        if isinstance(body, StatementCorrected):
            taken_back[body.statement] = entry.index
        if isinstance(body, InspectionRecorded):
            found.append(_listed(proved, entry, body))
    return [one._replace(taken_back=taken_back.get(one.id)) for one in found]


def _listed(proved: MerchantChain, entry: Entry, body: InspectionRecorded) -> Listed:
    day = local_date(body.started_at)
    return Listed(
        entry.index,
        entry.merchant_seq or 0,
        entry.statement.id,
        iso_week(day),
        day.isoformat(),
        len(body.findings) - len(body.waivers),
        entry.recorded_at,
        tuple(proved.holders[keyid] for keyid, _ in entry.signatures),
        None,
    )
