"""A small ledger made by the reference: the same bytes on every run, for tests that bend and break them.

Six entries: opening, two keys granted, a statement by an Ed25519 key, one by a P-256 key, one by both. Keys
are SHA-256 of their names. Bodies are shaped for the bytes, not after the kinds that they name.

>>> small = SmallLedger()
>>> len(small.entries), small.payload(5)[:8]
(6, b'{"body":')
"""

from __future__ import annotations

import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.reference import slow
from tests.reference.trees import Tree, leaf_hash

ORIGIN = "custody.example/small"
MERCHANT = "92410104MACU00014Y"


def seed(name: str) -> bytes:
    return hashlib.sha256(b"custody-ledger small ledger: " + name.encode()).digest()


def ed25519_key(name: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed(name))


def p256_scalar(name: str) -> int:
    return int.from_bytes(seed(name), "big") % (slow.P256_ORDER - 1) + 1


def p256_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(p256_scalar(name), ec.SECP256R1())


class SmallLedger:
    """Keys, entries, envelopes, tree and checkpoint of the sample."""

    def __init__(self) -> None:
        self.origin = ORIGIN
        self.log = ed25519_key("log")
        self.operator = ed25519_key("operator")
        self.merchant = ed25519_key("merchant")
        self.phone = p256_key("phone")
        self.public = slow.raw_public(self.log)
        self.vkey = slow.vkey(ORIGIN, self.public)
        self.entries: list[bytes] = []
        self.envelopes: list[bytes] = []
        opened: dict[str, slow.Json] = {
            "log_key": slow.b64(slow.spki(self.log)),
            "operator_key": slow.b64(slow.spki(self.operator)),
            "title": "小台账 “small”",
        }
        self._add("ledger.opened", opened, None, [self.operator])
        for key in (self.merchant, self.phone):
            granted: dict[str, slow.Json] = {
                "public_key": slow.b64(slow.spki(key)),
                "role": "merchant",
                "scope": MERCHANT,
            }
            self._add("key.granted", granted, None, [self.operator])
        agent: dict[str, slow.Json] = {"agent": "含氯 500 mg/L\n", "list": [1, -1, {}, [], None], "yes": True}
        self._add("disinfection.logged", agent, MERCHANT, [self.merchant])
        self._add(
            "disinfection.logged", {"big": 2**53 - 1, "s": '\u2028\x7f"\\ 🧊 e\u0301'}, MERCHANT, [self.phone]
        )
        self._add("disinfection.logged", {}, MERCHANT, [self.merchant, self.phone])
        self.tree = Tree(self.entries)
        self.size = len(self.entries)
        self.checkpoint = slow.checkpoint(ORIGIN, self.size, self.tree.root(), self.log)

    def _add(self, kind: str, body: dict[str, slow.Json], merchant: str | None, keys: list[slow.Key]) -> None:
        index = len(self.entries)
        payload = slow.statement(
            body=body,
            id=f"0199d0a4-7c1e-7d3a-9b1f-{index:012x}",
            kind=kind,
            ledger=ORIGIN,
            merchant=merchant,
            occurred_at=f"2026-11-23T08:15:{index:02d}+08:00",
            seen=(Tree(self.entries).root(), index) if index else None,
        )
        at = f"2026-11-23T00:15:{index:02d}.12{index}Z"
        self.entries.append(slow.entry(self.entries, at, payload, slow.signatures(payload, keys)))
        self.envelopes.append(slow.envelope(payload, keys))

    def payload(self, index: int) -> bytes:
        """Canonical statement bytes of an entry."""
        return slow.encode(json.loads(self.entries[index])["statement"])

    def leaf(self, index: int) -> bytes:
        return leaf_hash(self.entries[index])

    def proof(self, index: int) -> bytes:
        """The tlog-proof file of an entry in the newest checkpoint."""
        return slow.tlog_proof(self.entries, index, self.size, self.checkpoint)

    def spki_of(self, keyid: str) -> bytes | None:
        """The public key that a keyid names, among those of the sample."""
        known = [slow.spki(key) for key in (self.operator, self.merchant, self.phone)]
        return {slow.keyid(public): public for public in known}.get(keyid)
